"""Classifiers: any PyTorch module that classifies images, with its classes and normalisation."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from faceinv.errors import InputError
from faceinv.models.architectures import Network
from faceinv.models.pixels import Images, ValueRange, is_uint8, normalize, to_unit_range
from faceinv.runtime.devices import device_of, in_batches

Labels: TypeAlias = np.ndarray | Tensor | pd.Series | Sequence[int] | Sequence[str]
"""True classes, as numbers or as names."""


@dataclass(frozen=True)
class Classifier:
    """A PyTorch module that classifies images, with the names of its classes and its normalisation.

    Where images are floats as the module takes them, the module itself can be given instead.

    Parameters
    ----------
    module : nn.Module
        It takes float images, N x channels x H x W, and returns logits, N x classes.
    classes : names of the classes in the order of the logits; by default their numbers
    mean, std : mean and standard deviation of the input, by channel, on the scale 0-1; the input is
        (pixel / 255 - mean) / std. They are needed for uint8 images; for a module that takes pixels from 0 to
        1 they are zeros and ones
    size : height and width to which images are resized, in pixels; None leaves their size unchanged

    Raises
    ------
    InputError
        If `mean` and `std` do not have the same number of channels.

    Examples
    --------
    >>> model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 30 * 30, 2))
    >>> classifier = faceinv.Classifier(model, ("cat", "dog"), mean=(0.5,) * 3, std=(0.25,) * 3, size=32)
    >>> photographs = np.full((2, 300, 200, 3), 255, np.uint8)
    >>> inputs = classifier.inputs(photographs)
    >>> inputs.shape, round(float(inputs.max()), 3)
    (torch.Size([2, 3, 32, 32]), 2.0)
    >>> classifier.logits(inputs).shape
    torch.Size([2, 2])
    """

    module: nn.Module
    classes: tuple[str, ...] = ()
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    size: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.module, nn.Module):
            raise InputError(
                f"the module is of type {type(self.module).__name__}; expected a torch.nn.Module"
            )
        counts = [None if v is None else len(v) for v in (self.mean, self.std)]
        if counts[0] != counts[1] or counts[0] == 0:
            raise InputError(
                f"mean is {self.mean} and std is {self.std}; expected both, with one number per channel"
            )
        if self.std is not None and not min(self.std) > 0:
            raise InputError(f"std is {self.std}; expected numbers above 0")
        if len(set(self.classes)) < len(self.classes):
            raise InputError("two classes have the same name; expected a different name for each")

    def inputs(self, images: Images, value_range: ValueRange | None = None) -> Tensor:
        """Images as the module takes them: float, N x channels x H x W.

        Parameters
        ----------
        images : ndarray, N x H x W x channels or N x H x W; or Tensor, N x channels x H x W
            uint8 or floats with a range are resized and normalised with `mean` and `std`. Floats without a
            range, N x channels x H x W even as an array, are taken to be inputs already, and not changed.
        value_range : values of black and white in float images, such as ``(0, 1)``; without `mean` and
            `std`, also in the module's input

        Raises
        ------
        InputError
            If the images have another shape, are outside their range, or are uint8 and `mean` and `std` are
            not known.
        """
        if not isinstance(images, np.ndarray | Tensor):
            raise InputError(f"the images are of type {type(images).__name__}; expected an array or a tensor")
        if is_uint8(images) or value_range is not None:
            inputs = self.normalized(to_unit_range(images, value_range), value_range)
        else:
            array = isinstance(images, np.ndarray)
            inputs = torch.from_numpy(np.ascontiguousarray(images)) if array else images  # type: ignore[assignment]
            channels = "channels" if self.mean is None else len(self.mean)
            if (
                inputs.ndim != 4
                or not inputs.is_floating_point()
                or channels not in ("channels", inputs.shape[1])
            ):
                raise InputError(
                    f"the images are {images.dtype} of shape {tuple(images.shape)}; expected uint8, floats "
                    f"with their value_range, or floats N x {channels} x H x W as the model takes them"
                )
        weights = next((value for value in self.module.parameters() if value.is_floating_point()), inputs)
        if weights.dtype not in (torch.float32, torch.float64):
            raise InputError(f"the weights are {weights.dtype}; expected float32 or float64")
        if not bool(inputs.isfinite().all()):
            raise InputError("the images contain infinite values or nan; expected finite values")
        return inputs.to(weights.dtype)

    @torch.no_grad()
    def logits(self, inputs: Tensor, batch: int = 64) -> Tensor:
        """Logits (float, N x classes) of inputs, computed in batches of `batch` in evaluation mode.

        Raises
        ------
        InputError
            If the module cannot process the inputs, or does not return logits.
        """
        device = device_of(self.module)
        with _evaluation(self.module):
            try:
                parts = in_batches(lambda part: self.module(inputs[part].to(device)), len(inputs), batch)
            except InputError:
                raise
            except (RuntimeError, ValueError) as error:
                shape = " x ".join(map(str, inputs.shape[1:]))
                reason = " ".join(str(error).split())
                raise InputError(f"the model cannot take images of {shape}: {reason}") from error
        for part in parts:
            if not isinstance(part, Tensor) or part.ndim != 2:
                found = tuple(part.shape) if isinstance(part, Tensor) else type(part).__name__
                raise InputError(f"the model returns {found}; expected logits, N x classes")
        logits = torch.cat([part.cpu() for part in parts]) if parts else torch.empty(0, len(self.classes))
        if self.classes and logits.shape[1] != len(self.classes):
            raise InputError(
                f"there are {len(self.classes)} names of classes and the model returns {logits.shape[1]} "
                "logits; expected a name for each"
            )
        return logits

    @property
    def bounds(self) -> tuple[Tensor, Tensor] | None:
        """Values of black and of white in the input, each 1 x channels x 1 x 1, if they are known."""
        if self.mean is None or self.std is None:
            return None
        mean, std = (torch.tensor(v).view(1, -1, 1, 1) for v in (self.mean, self.std))
        return (0 - mean) / std, (1 - mean) / std

    def with_classes(self, inputs: Tensor) -> Classifier:
        """This classifier; if its classes have no names, with their numbers as names."""
        count = self.logits(inputs[:1]).shape[1]
        return self if self.classes else replace(self, classes=tuple(map(str, range(count))))

    def class_numbers(self, labels: Labels, count: int) -> np.ndarray:
        """True classes of `count` images as indices (int64), from indices or names.

        Raises
        ------
        InputError
            If there is not one for each image, or one is not a class.
        """
        found, classes = np.asarray(labels), len(self.classes)
        if found.shape != (count,):
            raise InputError(f"labels are of shape {found.shape}; expected one for each of {count} images")
        if found.dtype.kind in "iu":
            if not 0 <= found.min() <= found.max() < classes:
                raise InputError(
                    f"labels range from {found.min()} to {found.max()}; expected indices of the {classes} "
                    "classes, from 0"
                )
            return found.astype(np.int64)
        numbers = {name: i for i, name in enumerate(self.classes)}
        unknown = [str(name) for name in found if name not in numbers]
        if unknown:
            shown = ", ".join(self.classes[:5]) + (", ..." if classes > 5 else "")
            raise InputError(
                f"the label {unknown[0]!r} is not a class; expected one of the {classes} classes {shown}"
            )
        return np.array([numbers[name] for name in found], dtype=np.int64)

    def normalized(self, pixels: Tensor, value_range: ValueRange | None = None) -> Tensor:
        """Resize and normalise pixels (float, 0-1, N x channels x H x W) for the module; see `inputs`."""
        if self.mean is not None and self.std is not None:
            return normalize(pixels, self.mean, self.std, self.size)
        if value_range is None:
            raise InputError(
                "the images are pixels and the model's mean and std are not known; expected floats as it "
                "takes them, with their value_range, or a Classifier(model, mean=..., std=...)"
            )
        low, high = value_range
        scale, channels = 1 / (high - low), pixels.shape[1]
        return normalize(pixels, [-low * scale] * channels, [scale] * channels, self.size)


Model = nn.Module | Network | Classifier
"""Models that can be explained: a module, a `Network` of this package, or a `Classifier`."""


def as_classifier(model: Model, classes: Sequence[str] | None = None) -> Classifier:
    """A model as a classifier, with other names of classes if they are given.

    Raises
    ------
    InputError
        If `model` is of another type.
    """
    if isinstance(model, Network):
        spec = model.specification
        model = Classifier(model.module, spec.classes, spec.mean, spec.std, spec.size)
    elif isinstance(model, nn.Module):
        model = Classifier(model)
    elif not isinstance(model, Classifier):
        raise InputError(
            f"the model is of type {type(model).__name__}; expected a torch.nn.Module, a Classifier or a "
            "Network"
        )
    return model if classes is None else replace(model, classes=tuple(map(str, classes)))


def given(model: Model, images: Images, value_range: ValueRange | None = None) -> tuple[Classifier, Tensor]:
    """A model as a classifier with named or numbered classes, and its inputs, at least one.

    Parameters
    ----------
    model, images, value_range : see `Classifier.inputs`

    Raises
    ------
    InputError
        If `model` is of another type, cannot take the images, or there are none.
    """
    classifier = as_classifier(model)
    inputs = classifier.inputs(images, value_range)
    if not len(inputs):
        raise InputError("there are no images; expected at least one")
    return classifier.with_classes(inputs), inputs


Kind = TypeVar("Kind", nn.Module, Network, Classifier, Network | Classifier, Model)


def copied(model: Kind) -> Kind:
    """A deep copy of a model, which further training of the original does not change."""
    return copy.deepcopy(model)


@contextmanager
def _evaluation(module: nn.Module) -> Iterator[None]:
    """Set evaluation mode in this context, and restore the mode of every submodule."""
    modes = [(child, child.training) for child in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for child, mode in modes:
            child.training = mode
