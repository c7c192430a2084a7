"""Networks: torchvision's architectures at any width; build, run, save and load them."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn
from torch.overrides import TorchFunctionMode

from faceinv.errors import InputError
from faceinv.models.heads import output_layer, replace_head, replace_output, shorten_head
from faceinv.models.pixels import Images, ValueRange, normalize, to_unit_range
from faceinv.models.zoo import architecture
from faceinv.runtime.atomic import atomic_path
from faceinv.runtime.devices import device_of, in_batches, place

LARGEST_SIZE = 4096
"""Largest height and width of the input of a network, in pixels."""
LARGEST_HIDDEN = 65_536
"""Largest number of units of a hidden layer before the output layer."""


@dataclass(frozen=True)
class Specification:
    """All that defines a network, apart from its weights.

    Attributes
    ----------
    architecture : name of a torchvision classifier, such as ``"vgg16_bn"``, or one of
        `faceinv.models.zoo.ARCHITECTURES`
    classes : names of the classes, in the order of the logits
    width : factor on every channel count of the architecture
    size : height and width of the input, in pixels
    mean, std : mean and standard deviation of the input, by channel, on the scale 0-1; the input is
        (pixel / 255 - mean) / std
    task, pretraining, strategy, seed : how the network was trained, as in
        `faceinv.models.training_runs.TrainingRun`; they label results
    stimuli : the training images, as described by `faceinv.data.sources.describe`; empty if not known
    hidden : units of one hidden layer before the output layer, in place of the architecture's own head; None
        for the head of the architecture
    """

    architecture: str
    classes: tuple[str, ...]
    width: float = 0.25
    size: int = 64
    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    std: tuple[float, float, float] = (0.25, 0.25, 0.25)
    task: str = "gender"
    pretraining: str = "none"
    strategy: str = "scratch"
    seed: int = 0
    stimuli: str = ""
    hidden: int | None = None

    def __post_init__(self) -> None:
        for name in ("architecture", "task", "pretraining", "strategy", "stimuli"):
            if not isinstance(getattr(self, name), str):
                raise InputError(f"{name} of a network is {getattr(self, name)!r}; expected a text")
        architecture(self.architecture)
        if not _is_number(self.width) or not 0 < self.width <= 1:
            raise InputError(f"width is {self.width!r}; expected a factor above 0 and at most 1")
        limits = {"size": (1, LARGEST_SIZE), "seed": (0, 2**63 - 1)}
        if self.hidden is not None:
            limits["hidden"] = 1, LARGEST_HIDDEN
        for name, (least, most) in limits.items():
            value = getattr(self, name)
            if not _is_number(value) or not isinstance(value, int) or not least <= value <= most:
                raise InputError(
                    f"{name} of a network is {value!r}; expected a whole number from {least} to {most}"
                )
        names = self.classes
        if not isinstance(names, tuple) or not all(isinstance(name, str) for name in names):
            raise InputError(f"classes of a network are {names!r}; expected names")
        if len(names) < 2:
            raise InputError(f"a network needs at least two classes; got {list(names)}")
        if len(set(names)) < len(names):
            raise InputError(f"classes of a network are {list(names)}; expected names that differ")
        for name, lowest in (("mean", -math.inf), ("std", 0.0)):
            values = getattr(self, name)
            numbers = isinstance(values, tuple) and all(map(_is_number, values))
            if not numbers or len(values) != 3 or not all(lowest < value < math.inf for value in values):
                kind = "positive numbers" if name == "std" else "numbers"
                raise InputError(f"{name} of a network is {values!r}; expected three {kind}, one per channel")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@dataclass(frozen=True)
class Network:
    """A specification and its PyTorch module.

    `module` takes float images, N x 3 x H x W, as returned by `prepare`, and returns logits, N x classes. It
    is in evaluation mode, and none of its activations works in place, so that it can be explained.
    """

    specification: Specification
    module: nn.Module

    def prepare(self, images: Images, value_range: ValueRange | None = None) -> torch.Tensor:
        """Resize and normalise images for the network (float32, N x 3 x size x size).

        Parameters
        ----------
        images : uint8 or floats with a `value_range`; ndarray, N x H x W x 3, or Tensor, N x 3 x H x W
        value_range : values of black and white in float images, such as ``(0, 1)``

        Raises
        ------
        InputError
            If the images have another shape, or are floats without a range or outside it.
        """
        spec = self.specification
        return normalize(to_unit_range(images, value_range), spec.mean, spec.std, spec.size)

    @torch.no_grad()
    def logits(self, inputs: torch.Tensor, batch: int = 64) -> torch.Tensor:
        """Logits (float32, N x classes) of prepared inputs, computed `batch` images at a time."""
        self.module.eval()
        device = device_of(self.module)
        return torch.cat(
            in_batches(lambda part: self.module(inputs[part].to(device)).cpu(), len(inputs), batch)
        )

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled: the network on the CPU, so that a machine without its device can read it."""
        elsewhere = device_of(self.module).type != "cpu"
        return {**vars(self), "module": copy.deepcopy(self.module).to("cpu") if elsewhere else self.module}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state | {"module": place(state["module"])})

    def save(self, path: str | Path, half: bool = False) -> None:
        """Write weights (`half`: in half precision) and specification to a safetensors file, atomically."""
        tensors = {name: value.cpu().contiguous() for name, value in self.module.state_dict().items()}
        if half:
            tensors = {
                name: value.half() if value.is_floating_point() else value for name, value in tensors.items()
            }
        with atomic_path(Path(path)) as partial:
            save_file(tensors, partial, metadata={"faceinv": json.dumps(asdict(self.specification))})


def build(specification: Specification) -> Network:
    """A network with random weights, drawn with the specification's seed, on the device of this process.

    Weights of convolutions are drawn from Kaiming's normal distribution (He et al. 2015). Below full width,
    the three fully connected layers of VGG and AlexNet, which would contain nine tenths of the weights, are
    replaced by one hidden layer of `faceinv.models.heads.HEAD_UNITS` units after the last pooling, and the
    output layer.
    """
    spec = specification
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(spec.seed)
        if spec.width == 1:
            module = architecture(spec.architecture).module()
        else:
            # Layers are replaced when scaled, so those of full width need no memory: drawing takes seconds.
            with torch.device("meta"), _SkipInit():
                module = architecture(spec.architecture).module()
            _scale(module, spec.width)
            if any(value.is_meta for value in (*module.parameters(), *module.buffers())):
                raise InputError(
                    f"{spec.architecture} has layers whose width cannot be scaled; use it at width 1"
                )
            try:
                shorten_head(module, spec.size)
            except RuntimeError as error:
                raise InputError(
                    f"{spec.architecture} cannot take images of {spec.size} pixels; they must be larger"
                ) from error
        if spec.hidden is None:
            replace_output(module, len(spec.classes))
        else:
            replace_head(module, spec.hidden, len(spec.classes))
        _initialise(module)
    for child in module.modules():
        if hasattr(child, "inplace"):
            child.inplace = False  # type: ignore[assignment]
    return Network(spec, place(module.to(memory_format=torch.channels_last).eval()))


@cache
def check_size(architecture: str, width: float, size: int) -> None:
    """Raise `InputError` if an architecture cannot take images of a size, before any network is trained.

    Raises
    ------
    InputError
        If it cannot be built at the width, or cannot process images of the size.
    """
    network = build(Specification(architecture, ("a", "b"), width, size))
    try:
        network.logits(torch.zeros(1, 3, size, size))
    except (RuntimeError, AssertionError, ValueError) as error:
        reason = " ".join(str(error).split()).rstrip(".")
        raise InputError(
            f"{architecture} cannot take images of {size} pixels ({reason}); expected another architecture, "
            "or a profile with another size of images"
        ) from error


class _SkipInit(TorchFunctionMode):
    """In this context, random initialisation of tensors is skipped.

    On the meta device it has no effect, but would make PyTorch load its compiler.
    """

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if getattr(func, "__name__", "") in ("normal_", "uniform_"):
            return args[0] if args else kwargs["tensor"]
        return func(*args, **kwargs)


def load(path: str | Path) -> Network:
    """Read a network that `Network.save` wrote.

    Raises
    ------
    InputError
        If the file is missing, truncated, not written by faceinv, or has weights of another architecture.

    Examples
    --------
    >>> from faceinv.models.architectures import Specification, build
    >>> made = build(Specification("resnet18", ("cat", "dog"), width=0.0625, size=32))
    >>> made.save("pets.safetensors")
    >>> faceinv.load("pets.safetensors").specification.classes
    ('cat', 'dog')
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"there is no network file {path}; expected a .safetensors file written by faceinv")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise InputError(f"{path} is truncated or not a safetensors file ({error})") from error
    if "faceinv" not in metadata:
        raise InputError(f"{path} contains no specification; expected a network written by faceinv")
    try:
        network = build(parse_specification(metadata["faceinv"]))
    except InputError as error:
        raise InputError(f"the specification in {path} cannot be used: {error}") from error
    own = {name: value.shape for name, value in network.module.state_dict().items()}
    wrong = sorted(
        set(own).symmetric_difference(tensors)
        | {name for name in own.keys() & tensors if own[name] != tensors[name].shape}
    )
    if wrong:
        raise InputError(
            f"{path} is specified as {network.specification.architecture} at width "
            f"{network.specification.width}, but {len(wrong)} of its tensors do not fit that, the first is "
            f"{wrong[0]!r}"
        )
    check_finite(tensors, path)
    network.module.load_state_dict(tensors)
    return network


def check_finite(tensors: Mapping[str, torch.Tensor], path: Path) -> None:
    """Raise `InputError` if a tensor of a file has values that are infinite or not numbers."""
    for name, value in tensors.items():
        if not value.isfinite().all():
            raise InputError(f"{path} is damaged: its tensor {name!r} has values that are not finite numbers")


def parse_specification(text: str) -> Specification:
    """The specification that `Network.save` wrote as text; raises `InputError` if it is none."""
    try:
        values = json.loads(text)
    except ValueError as error:
        raise InputError(f"it is not JSON ({error})") from error
    known = {field.name for field in fields(Specification)}
    if not isinstance(values, dict) or not {"architecture", "classes"} <= set(values) <= known:
        raise InputError(f"expected an object with the keys {', '.join(sorted(known))}")
    lists: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }
    return Specification(**lists)


def untrained(network: Network) -> Network:
    """The same network before training, with its random initialisation: a control."""
    return build(replace(network.specification, pretraining="none", strategy="untrained"))


def duplicate(network: Network) -> Network:
    """A copy with weights of its own."""
    return Network(network.specification, copy.deepcopy(network.module))


def _scale(module: nn.Module, width: float) -> None:
    """Multiply every channel count of a torchvision module by `width`, in place."""

    def scaled(count: int) -> int:
        return count if count == 3 else max(1, int(count * width))

    for parent, name, child in _children(module):
        if isinstance(child, nn.Conv2d):
            groups = child.groups if child.groups == 1 else scaled(child.groups)
            new: nn.Module = nn.Conv2d(
                scaled(child.in_channels),
                scaled(child.out_channels),
                child.kernel_size,  # type: ignore[arg-type]
                child.stride,  # type: ignore[arg-type]
                child.padding,  # type: ignore[arg-type]
                child.dilation,  # type: ignore[arg-type]
                groups,
                child.bias is not None,
            )
        elif isinstance(child, nn.BatchNorm2d):
            new = nn.BatchNorm2d(scaled(child.num_features), child.eps, child.momentum)
        elif isinstance(child, nn.Linear):
            new = nn.Linear(scaled(child.in_features), scaled(child.out_features), child.bias is not None)
        else:
            continue
        setattr(parent, name, new)


def _initialise(module: nn.Module) -> None:
    output = module.get_submodule(output_layer(module))
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(layer, nn.Linear):
            # The weights of the output layer are small, so that all classes are equally likely at first.
            nn.init.normal_(layer.weight, 0, 0.01 if layer is output else (2 / layer.in_features) ** 0.5)
        if isinstance(layer, nn.Conv2d | nn.Linear) and layer.bias is not None:
            nn.init.zeros_(layer.bias)


def _children(module: nn.Module) -> Iterator[tuple[nn.Module, str, nn.Module]]:
    for parent in list(module.modules()):
        for name, child in list(parent.named_children()):
            yield parent, name, child
