"""Weights: networks that begin with what another training learned, by name or from a file.

Weights are read from safetensors, or from PyTorch files with ``weights_only=True``: a file that would need
anything else to be unpickled is refused. Nothing is downloaded; where a file is missing, the message says
which one, where it can be had, and where to put it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from faceinv.errors import InputError
from faceinv.models.architectures import Network, Specification, build, output_layer
from faceinv.models.pretraining import BASES, SETS, Pretraining
from faceinv.runtime.torchvision_import import without_dynamo

with without_dynamo():
    import torchvision

Triple = tuple[float, float, float]

VGGFACE_MEAN = (129.186279296875, 104.76238250732422, 93.59396362304688)
"""Mean of the red, green and blue of VGG-Face's training images, 0-255, from the file's own description."""


@dataclass(frozen=True)
class LoadReport:
    """What became of each tensor when weights were put into a network.

    Attributes
    ----------
    source : name or file of the weights
    loaded : tensors of the network that come from the file
    head : tensors of the output layer that are new, because the classes differ or the file has none
    missing : other tensors of the network that the file lacks; they are new
    reshaped : other tensors that differ in shape: name, shape in the file, shape in the network; they are new
    unexpected : tensors of the file that the network has no place for
    """

    source: str
    loaded: tuple[str, ...]
    head: tuple[str, ...]
    missing: tuple[str, ...]
    reshaped: tuple[tuple[str, tuple[int, ...], tuple[int, ...]], ...]
    unexpected: tuple[str, ...]

    def __str__(self) -> str:
        counts = (
            f"{len(self.head)} of the output layer new",
            f"{len(self.missing)} missing",
            f"{len(self.reshaped)} of another shape",
            f"{len(self.unexpected)} not used",
        )
        return f"{self.source}: {len(self.loaded)} tensors loaded, {', '.join(counts)}"


@dataclass(frozen=True)
class Published:
    """Weights that somebody published for one architecture.

    Attributes
    ----------
    file : its name; a hash in it (``-<first digits of SHA-256>.``) is checked
    origin : where it can be had, for the message when it is missing
    mean, std : of the input that the weights expect, as in `Specification`
    width : factor on the channel counts that the weights are of
    classes : of the output layer (None: unknown, so the layer is never taken over)
    rename : name of a tensor in the file -> its name in torchvision's module
    """

    file: str
    origin: str
    mean: Triple
    std: Triple
    width: float = 1.0
    classes: tuple[str, ...] | None = None
    rename: Callable[[str], str] = str


def pretrained(source: str | Path, specification: Specification) -> tuple[Network, LoadReport]:
    """A network of `specification` that begins with the weights of `source`.

    Parameters
    ----------
    source : ``"none"``, a name (see `find_pretraining`), or a file: a network that faceinv saved
        (.safetensors), or the state dict of a torchvision module (.pth, .pt or .safetensors)
    specification : what to build; `pretraining` becomes the name, or the file's name without its ending, and
        `mean` and `std` those that the weights expect, if that is known

    Returns
    -------
    Network
        Its output layer is new, drawn from the specification's seed, unless the classes are the same (for a
        state dict, which does not name them: unless there are as many).
    LoadReport
        What was loaded and what was not.

    Raises
    ------
    InputError
        If the weights are not there, damaged, not tensors alone, or of another architecture or width.
    """
    if source == "none":
        network = build(replace(specification, pretraining="none"))
        return network, _transfer(network, {}, False, "none")
    published = find_pretraining(str(source))
    if published:
        return _from_published(str(source), published(specification), specification)
    path = Path(source)
    if not path.is_file():
        raise InputError(
            f"pretraining is {str(source)!r}; expected none, {', '.join(PRETRAININGS)} or a file that exists"
        )
    return _from_file(path, specification)


def _imagenet(specification: Specification) -> Published:
    """Torchvision's ImageNet weights, of its first recipe, by which the seven were trained alike."""
    name = specification.architecture
    enum = torchvision.models.get_model_weights(name)
    if "IMAGENET1K_V1" not in enum.__members__:
        raise InputError(f"torchvision publishes no IMAGENET1K_V1 weights of {name}")
    weights = enum["IMAGENET1K_V1"]
    scale = weights.transforms()
    mean, std = tuple(scale.mean), tuple(scale.std)
    if name in ("googlenet", "inception_v3"):
        # Torchvision's modules turn the usual scale into this one first (`transform_input`); ours do not.
        mean = std = (0.5, 0.5, 0.5)
    return Published(
        weights.url.rpartition("/")[2],
        weights.url,
        mean,
        std,
        classes=tuple(weights.meta["categories"]),
        # Published before module names could not hold dots: norm.1 is norm1 today.
        rename=lambda tensor: re.sub(r"(denselayer\d+\.(?:norm|conv))\.([12])\.", r"\1\2.", tensor),
    )


def _vggface(specification: Specification) -> Published:
    """VGG-Face (Parkhi, Vedaldi & Zisserman 2015), as Samuel Albanie converted it to PyTorch."""
    if specification.architecture != "vgg16":
        raise InputError(f"vggface weights are of vgg16; the architecture is {specification.architecture}")
    return Published(
        "vgg_face_dag.pth",
        "www.robots.ox.ac.uk/~albanie/pytorch-models.html",
        tuple(value / 255 for value in VGGFACE_MEAN),  # type: ignore[arg-type]
        (1 / 255,) * 3,
        rename=_vggface_names().__getitem__,
    )


def _base(specification: Specification, set_: str, seed: int | None = None, share: int = 1) -> Published:
    """A base that ships with the package (see `faceinv.models.pretraining`).

    Networks of different seeds begin with bases of different seeds, as far as there are any: what is said of
    a set is then not of one base alone.
    """
    if seed is None:
        there = base_seeds(set_, specification.architecture) or [0]
        seed = there[specification.seed % len(there)]
    made = Pretraining(specification.architecture, set_, seed, share)
    usual = Specification(specification.architecture, ("a", "b"))
    return Published(f"{made.name}.safetensors", made.command, usual.mean, usual.std, made.width)


PRETRAININGS: dict[str, Callable[[Specification], Published]] = {
    **{name: partial(_base, set_=name) for name in SETS},
    "imagenet": _imagenet,
    "vggface": _vggface,
}
"""Pretrainings by name: the weights that each has for a specification, or an `InputError`."""


def find_pretraining(name: str) -> Callable[[Specification], Published] | None:
    """The pretraining called `name`, if there is one.

    That is one of `PRETRAININGS`, or ``<set>-<seed>`` and ``<set>-<seed>-<share>`` for the base of one seed,
    or one made with one part in `share` of the images.
    """
    found = re.fullmatch(rf"({'|'.join(SETS)})-(\d+)(?:-(\d+))?", name)
    if found:
        return partial(_base, set_=found[1], seed=int(found[2]), share=int(found[3] or 1))
    return PRETRAININGS.get(name)


def is_available(name: str, architecture: str) -> bool:
    """Whether the weights of a pretraining (see `find_pretraining`) are there for an architecture."""
    found = find_pretraining(name)
    if found is None:
        return False
    file = found(Specification(architecture, ("a", "b"))).file
    return any((folder / file).is_file() for folder in _folders())


def identify(name: str, specification: Specification) -> str:
    """Hash of the file that a pretraining's weights are read from; empty where there is none to read."""
    published = find_pretraining(name)
    try:
        path = _locate(published(specification), name) if published else Path(name)
        return _hash(path, path.stat().st_mtime_ns)
    except (InputError, OSError):
        return ""


@cache
def _hash(path: Path, changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]


def base_seeds(set_: str, architecture: str) -> list[int]:
    """The seeds of which a whole-set base of an architecture is at hand."""
    pattern = re.compile(rf"{set_}-{architecture}-(\d+)\.safetensors")
    names = (
        pattern.fullmatch(file.name) for folder in _folders() if folder.is_dir() for file in folder.iterdir()
    )
    return sorted({int(name[1]) for name in names if name})


def shares(set_: str, architecture: str) -> list[int]:
    """The series of a set's bases of one architecture that is at hand: one part in so many, fewest first.

    Of seed 0; each is the pretraining ``<set>-0-<share>``, and 1, which is last, the whole set.
    """
    prefix = f"{set_}-{architecture}-0"
    files = {file.stem for folder in _folders() for file in folder.glob(f"{prefix}*.safetensors")}
    parts = (re.fullmatch(rf"{prefix}(?:-(\d+))?", name) for name in files)
    return sorted({int(part[1] or 1) for part in parts if part}, reverse=True)


def _vggface_names() -> dict[str, str]:
    """Name of each tensor of VGG-Face -> its name in torchvision's vgg16."""
    layers, place = {}, 0
    for block, count in enumerate((2, 2, 3, 3, 3), 1):
        for layer in range(1, count + 1):
            layers[f"conv{block}_{layer}"] = f"features.{place}"
            place += 2  # a convolution and its ReLU
        place += 1  # the pooling
    layers |= {"fc6": "classifier.0", "fc7": "classifier.3", "fc8": "classifier.6"}
    return {
        f"{theirs}.{part}": f"{ours}.{part}" for theirs, ours in layers.items() for part in ("weight", "bias")
    }


def _from_published(
    name: str, published: Published, specification: Specification
) -> tuple[Network, LoadReport]:
    spec = replace(specification, pretraining=name, mean=published.mean, std=published.std)
    if spec.width != published.width:
        raise InputError(
            f"{name} weights are of width {published.width:g}; "
            f"the width of {spec.architecture} is {spec.width}"
        )
    path = _locate(published, f"the {name} weights of {spec.architecture}")
    _check_hash(path)
    try:
        tensors = {published.rename(key): value for key, value in _read(path)[0].items()}
    except KeyError as error:
        raise InputError(f"{path} has a tensor {error}; expected {name} weights") from error
    network = build(spec)
    report = _transfer(network, tensors, published.classes == spec.classes, name)
    # The hidden layer of a narrow VGG or AlexNet fits one size of image; for others it begins anew.
    narrow = published.width < 1
    reshaped = [name for name, _, _ in report.reshaped if not (narrow and name.startswith("classifier."))]
    wrong = [*report.missing, *reshaped]
    if wrong:
        raise InputError(
            f"{path} does not fit {spec.architecture}: {len(wrong)} tensors, the first {wrong[0]!r}, are "
            "missing or of another shape"
        )
    return network, report


def _from_file(path: Path, specification: Specification) -> tuple[Network, LoadReport]:
    tensors, saved = _read(path)
    spec = replace(specification, pretraining=path.stem)
    same_classes = True
    if saved:
        for field in ("architecture", "width"):
            if saved[field] != getattr(spec, field):
                raise InputError(
                    f"{path} is of {field} {saved[field]}; the network to build has {getattr(spec, field)}"
                )
        spec = replace(spec, mean=tuple(saved["mean"]), std=tuple(saved["std"]))
        same_classes = tuple(saved["classes"]) == spec.classes
    network = build(spec)
    report = _transfer(network, tensors, same_classes, str(path))
    if not report.loaded:
        raise InputError(
            f"none of the {len(tensors)} tensors of {path} fits {spec.architecture} at width {spec.width}"
        )
    return network, report


def _transfer(
    network: Network, tensors: Mapping[str, torch.Tensor], same_classes: bool, source: str
) -> LoadReport:
    """Copy what fits of `tensors` into the network, in place."""
    own = network.module.state_dict()
    output = output_layer(network.module)
    loaded, head, missing, reshaped = [], [], [], []
    for name, value in own.items():
        theirs = tensors.get(name)
        fits = theirs is not None and theirs.shape == value.shape
        if name.rpartition(".")[0] == output and not (fits and same_classes):
            head.append(name)
        elif theirs is not None and fits:
            value.copy_(theirs)
            loaded.append(name)
        elif theirs is not None:
            reshaped.append((name, tuple(theirs.shape), tuple(value.shape)))
        elif not name.endswith("num_batches_tracked"):
            # A counter that nothing here reads; files from before 2018 lack it.
            missing.append(name)
    unexpected = tuple(name for name in tensors if name not in own)
    return LoadReport(source, tuple(loaded), tuple(head), tuple(missing), tuple(reshaped), unexpected)


def _folders() -> list[Path]:
    """Where weights are looked for: FACEINV_WEIGHTS, the folder of torch.hub, the package's bases."""
    own = os.environ.get("FACEINV_WEIGHTS")
    places = [Path(torch.hub.get_dir()) / "checkpoints", BASES]
    return [Path(own), *places] if own else places


def _locate(published: Published, what: str) -> Path:
    for folder in _folders():
        if (folder / published.file).is_file():
            return folder / published.file
    raise InputError(
        f"there is no file {published.file}, {what}; it comes from {published.origin} and belongs in "
        f"{' or '.join(map(str, _folders()))}"
    )


def _check_hash(path: Path) -> None:
    """Compare the hash in a file's name, where it has one, with its content, as torch.hub does."""
    named = re.search(r"-([0-9a-f]{8,})\.", path.name)
    if named:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if not digest.startswith(named[1]):
            raise InputError(
                f"{path} is damaged, its SHA-256 beginning with {digest[: len(named[1])]}; fetch it again"
            )


def _read(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """Tensors of a file by name, and the specification that faceinv saved with them, if it did."""
    try:
        if path.suffix == ".safetensors":
            with safe_open(path, framework="pt") as file:
                saved = json.loads((file.metadata() or {}).get("faceinv", "{}"))
                return {name: file.get_tensor(name) for name in file.keys()}, saved  # noqa: SIM118
        content = torch.load(path, map_location="cpu", weights_only=True)
    except UnpicklingError as error:
        raise InputError(
            f"{path} is damaged or holds more than tensors, which is not read from a file of unknown make"
        ) from error
    except (SafetensorError, RuntimeError, OSError, EOFError, ValueError, LookupError) as error:
        raise InputError(f"{path} is truncated or damaged ({type(error).__name__})") from error
    if isinstance(content, Mapping) and isinstance(content.get("state_dict"), Mapping):
        content = content["state_dict"]
    if not isinstance(content, Mapping) or not all(isinstance(v, torch.Tensor) for v in content.values()):
        raise InputError(f"{path} holds no state dict; expected tensors by name")
    # Networks that were trained on several devices carry this prefix.
    return {str(name).removeprefix("module."): value for name, value in content.items()}, {}
