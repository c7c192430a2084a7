"""Classifiers: any PyTorch module that classifies images, with what has to be known to explain it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from faceinv.errors import InputError
from faceinv.models.architectures import Network
from faceinv.models.pixels import Images, ValueRange, is_uint8, normalize, to_unit_range


@dataclass(frozen=True)
class Classifier:
    """A PyTorch module that classifies images, with what the module itself does not say.

    A bare module can be given in its place wherever images are floats as the module takes them.

    Parameters
    ----------
    module : nn.Module
        It takes float images, N x channels x H x W, and returns logits, N x classes.
    classes : names of the classes in the order of the logits; without them they are numbered
    mean, std : of the input, by channel, on the scale 0-1: the input is (pixel / 255 - mean) / std. With them
        uint8 images can be given; zeros and ones are for a module that takes pixels from 0 to 1
    size : height and width that images are resized to, in pixels; None leaves them as they are

    Raises
    ------
    InputError
        If `mean` and `std` are not both for one channel or three.

    Examples
    --------
    >>> classifier = Classifier(resnet18(), mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225), size=224)
    >>> inputs = classifier.inputs(np.zeros((2, 300, 200, 3), np.uint8))
    >>> classifier.logits(inputs).shape
    torch.Size([2, 1000])
    """

    module: nn.Module
    classes: tuple[str, ...] = ()
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    size: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.module, nn.Module):
            raise InputError(f"the module is a {type(self.module).__name__}; expected a torch.nn.Module")
        counts = [None if v is None else len(v) for v in (self.mean, self.std)]
        if counts not in ([None, None], [1, 1], [3, 3]):
            raise InputError(
                f"mean is {self.mean} and std is {self.std}; expected both, with one number a channel"
            )
        if self.std is not None and not min(self.std) > 0:
            raise InputError(f"std is {self.std}; expected numbers above 0")
        if len(set(self.classes)) < len(self.classes):
            raise InputError("two classes have the same name; expected a name of its own for each")

    def inputs(self, images: Images, value_range: ValueRange | None = None) -> Tensor:
        """Images as the module takes them: float, N x channels x H x W.

        Parameters
        ----------
        images : ndarray, N x H x W x channels or N x H x W; or Tensor, N x channels x H x W
            uint8 or floats with a range are resized and normalised by `mean` and `std`. Floats without a
            range, N x channels x H x W even as an array, are inputs already and stay what they are.
        value_range : values of black and white, such as ``(0, 1)``, in float images; where the module has no
            `mean` and `std`, in its input too

        Raises
        ------
        InputError
            If the images are of another shape, outside their range, or uint8 where `mean` and `std` are not
            known.
        """
        if not isinstance(images, np.ndarray | Tensor):
            raise InputError(f"the images are a {type(images).__name__}; expected an array or a tensor")
        if is_uint8(images) or value_range is not None:
            return self.normalized(to_unit_range(images, value_range), value_range)
        inputs = torch.from_numpy(images) if isinstance(images, np.ndarray) else images
        if inputs.ndim != 4 or not inputs.is_floating_point():
            raise InputError(
                f"the images are {images.dtype} of shape {tuple(images.shape)}; expected uint8, floats with "
                "their value_range, or floats N x channels x H x W as the model takes them"
            )
        return inputs.float() if isinstance(images, np.ndarray) else inputs

    @torch.no_grad()
    def logits(self, inputs: Tensor, batch: int = 64) -> Tensor:
        """Logits (float, N x classes) of inputs, computed `batch` images at a time in evaluation mode.

        Raises
        ------
        InputError
            If the module cannot take such inputs, or returns anything but logits.
        """
        device = next((value.device for value in self.module.parameters()), inputs.device)
        with _evaluation(self.module):
            try:
                parts = [self.module(part.to(device)) for part in inputs.split(batch)]
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

    def with_classes(self, inputs: Tensor) -> Classifier:
        """The same with numbered classes where they have no names, as many as there are logits."""
        count = self.logits(inputs[:1]).shape[1]
        return self if self.classes else replace(self, classes=tuple(map(str, range(count))))

    def normalized(self, pixels: Tensor, value_range: ValueRange | None = None) -> Tensor:
        """Pixels (float, 0-1, N x channels x H x W) as the module takes them; see `inputs`."""
        if self.mean is not None and self.std is not None:
            return normalize(pixels, self.mean, self.std, self.size)
        if value_range is None:
            raise InputError(
                "the images are pixels and the model does not say how it takes them; expected floats as it "
                "takes them, with their value_range, or a Classifier(model, mean=..., std=...)"
            )
        low, high = value_range
        scale, channels = 1 / (high - low), pixels.shape[1]
        return normalize(pixels, [-low * scale] * channels, [scale] * channels, self.size)


Model = nn.Module | Network | Classifier
"""What can be explained: a module, a `Network` of this package, or a `Classifier` that says more."""


def as_classifier(model: Model, classes: Sequence[str] | None = None) -> Classifier:
    """The classifier that a model is, with other names of classes if there are some.

    Raises
    ------
    InputError
        If it is no model.
    """
    if isinstance(model, Network):
        spec = model.specification
        model = Classifier(model.module, spec.classes, spec.mean, spec.std, spec.size)
    elif isinstance(model, nn.Module):
        model = Classifier(model)
    elif not isinstance(model, Classifier):
        raise InputError(
            f"the model is a {type(model).__name__}; expected a torch.nn.Module, a Classifier or a Network"
        )
    return model if classes is None else replace(model, classes=tuple(map(str, classes)))


@contextmanager
def _evaluation(module: nn.Module) -> Iterator[None]:
    """Evaluate, and put every part of the module back into the mode that it was in."""
    modes = [(child, child.training) for child in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for child, mode in modes:
            child.training = mode
