"""Pretrained weights: build networks with the weights of another training, by name or from a file.

Weights are read from safetensors, or from PyTorch files with ``weights_only=True``: a file that contains
anything else is refused. Nothing is downloaded; if a file is missing, the message says which one, where to
get it, and where to put it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from faceinv.errors import InputError
from faceinv.models.architectures import Network, Specification, build, load
from faceinv.models.heads import head_path, output_layer
from faceinv.models.pretraining import (
    BASE_WIDTH,
    BASES,
    PORTIONS,
    PRETRAINING_SETS,
    WHOLE,
    Portion,
    Pretraining,
    width_suffix,
)
from faceinv.models.weight_files import check_name, check_record, file_hash, read_tensors
from faceinv.runtime.torchvision_import import without_dynamo

with without_dynamo():
    import torchvision

Triple = tuple[float, float, float]

VGGFACE_MEAN = (129.186279296875, 104.76238250732422, 93.59396362304688)
"""Mean red, green and blue of the training images of VGG-Face, 0-255, from the description of the file."""


@dataclass(frozen=True)
class LoadReport:
    """What happened to each tensor when weights were loaded into a network.

    Attributes
    ----------
    source : name or file of the weights
    loaded : tensors of the network that come from the file
    head : tensors of the output layer that are new, because the classes differ or the file lacks them, and
        those of a hidden layer that takes the place of the head (``hidden`` of the specification)
    missing : other tensors of the network that the file lacks; they are new
    reshaped : other tensors that differ in shape: name, shape in the file, shape in the network; they are new
    unexpected : tensors of the file that the network does not have
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
    """Published weights of one architecture.

    Attributes
    ----------
    file : its name; a hash in the name (``-<first digits of SHA-256>.``) is checked
    origin : where to get it, for the message when it is missing
    mean, std : of the input normalisation, as in `Specification`
    width : factor on the channel counts
    classes : of the output layer (None: unknown, so the layer is never loaded)
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
    """Build the network of `specification` with the weights of `source`.

    Parameters
    ----------
    source : ``"none"``, a name (see `find_pretraining`), or a file: a network that faceinv saved
        (.safetensors), or the state dict of a torchvision module (.pth, .pt or .safetensors)
    specification : the network to build; `pretraining` becomes the name, or the stem of the file name, and
        `mean` and `std` become those of the weights, if known

    Returns
    -------
    Network
        The output layer is new, initialised with the seed of the specification, unless the classes are the
        same (for a state dict, which has no class names: unless their number is the same).
    LoadReport
        What was loaded and what was not.

    Raises
    ------
    InputError
        If the weights are missing, damaged, contain more than tensors, or have another architecture or width.
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
    """Torchvision's ImageNet weights (V1), which were trained in the same way for all seven architectures."""
    name = specification.architecture
    enum = torchvision.models.get_model_weights(name)
    if "IMAGENET1K_V1" not in enum.__members__:
        raise InputError(f"torchvision publishes no IMAGENET1K_V1 weights of {name}")
    weights = enum["IMAGENET1K_V1"]
    scale = weights.transforms()
    mean, std = tuple(scale.mean), tuple(scale.std)
    if name in ("googlenet", "inception_v3"):
        # Torchvision's modules first convert their input to this one (`transform_input`); ours do not.
        mean = std = (0.5, 0.5, 0.5)
    return Published(
        weights.url.rpartition("/")[2],
        weights.url,
        mean,
        std,
        classes=tuple(weights.meta["categories"]),
        # Published when module names could still contain dots: norm.1 is norm1 today.
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


def _base(
    specification: Specification, set_: str, seed: int | None = None, part: Portion = WHOLE
) -> Published:
    """A base of the width of a network (see `faceinv.models.pretraining`).

    Networks with different seeds start from bases with different seeds, as far as these are available, so
    that results about a set do not depend on a single base.
    """
    if seed is None:
        seeds = base_seeds(set_, specification.architecture, specification.width) or [0]
        seed = seeds[specification.seed % len(seeds)]
    made = Pretraining(specification.architecture, set_, seed, width=specification.width, **asdict(part))
    default = Specification(specification.architecture, ("a", "b"))
    return Published(f"{made.name}.safetensors", made.command, default.mean, default.std, made.width)


PRETRAININGS: dict[str, Callable[[Specification], Published]] = {
    **{name: partial(_base, set_=name) for name in PRETRAINING_SETS},
    "imagenet": _imagenet,
    "vggface": _vggface,
}
"""Pretrainings by name: functions that return the weights for a specification, or raise `InputError`."""


def find_pretraining(name: str) -> Callable[[Specification], Published] | None:
    """The pretraining called `name`, if there is one.

    Names are those of `PRETRAININGS`, ``<set>-<seed>`` for the base with one seed, and
    ``<set>-<seed>-<part>`` for one that was pretrained on less (see `faceinv.models.pretraining.Portion`).
    """
    match = re.fullmatch(rf"({'|'.join(PRETRAINING_SETS)})-(\d+)(?:-([cx]?)(\d+))?", name)
    if match:
        part = Portion(**{PORTIONS[match[3]]: int(match[4])}) if match[4] else WHOLE
        return partial(_base, set_=match[1], seed=int(match[2]), part=part)
    return PRETRAININGS.get(name)


def is_available(name: str, architecture: str, width: float = BASE_WIDTH) -> bool:
    """Whether there is a file with the weights of a pretraining for a network.

    Parameters
    ----------
    name : see `find_pretraining`; or a file, which fits or not when it is read
    architecture, width : of the network
    """
    published = find_pretraining(name)
    if published is None:
        return Path(name).is_file()
    try:
        made = published(Specification(architecture, ("a", "b"), width))
    except InputError:  # there are no such weights of this architecture
        return False
    return made.width == width and any((folder / made.file).is_file() for folder in _folders())


def identify(name: str, specification: Specification) -> str:
    """Hash of the file with the weights of a pretraining; empty if there is no file."""
    published = find_pretraining(name)
    try:
        path = _locate(published(specification), name) if published else Path(name)
        return file_hash(path)[:12]
    except (InputError, OSError):
        return ""


def base_of(name: str, specification: Specification) -> str:
    """Name in tables of the weights with which a network begins, such as ``objects-resnet18 #1``.

    Networks that share a base are not independent. What bases of this project have in common with those of
    other seeds stands before the number, which is the seed (see `faceinv.metrics.resampling`).
    """
    published = find_pretraining(name)
    if published is None:
        return str(name)
    made = f"{name}-{specification.architecture}{width_suffix(specification.width)}"
    try:
        match = re.fullmatch(r"(.+?)-(\d+)(-[cx]?\d+)?\.safetensors", published(specification).file)
    except InputError:  # there are no such weights of this architecture, as loading them will say
        return made
    return f"{match[1]}{match[3] or ''} #{match[2]}" if match else made


def base_seeds(set_: str, architecture: str, width: float = BASE_WIDTH) -> list[int]:
    """Seeds for which a base of an architecture and width, trained on the whole set, is available."""
    made = re.escape(f"{set_}-{architecture}{width_suffix(width)}")
    pattern = re.compile(rf"{made}-(\d+)\.safetensors")
    names = (
        pattern.fullmatch(file.name) for folder in _folders() if folder.is_dir() for file in folder.iterdir()
    )
    return sorted({int(name[1]) for name in names if name})


def base_records(architecture: str, width: float = BASE_WIDTH) -> list[dict[str, Any]]:
    """Provenance of the available bases of an architecture and width, each with its ``name``."""
    records: dict[str, dict[str, Any]] = {}
    for folder in _folders():
        for path in sorted(folder.glob(f"*-{architecture}{width_suffix(width)}-[0-9]*.json")):
            if path.with_suffix(".safetensors").is_file():
                record = json.loads(path.read_text(encoding="utf-8"))
                records.setdefault(path.stem, {**record, "name": path.stem})
    return list(records.values())


def load_base(architecture: str, set_: str, seed: int = 0) -> Network:
    """A base with the output layer for the classes of its own set.

    Raises
    ------
    InputError
        If there is no such base.
    """
    name = f"{set_}-{seed}"
    published = _base(Specification(architecture, ("a", "b")), set_, seed)
    return load(_locate(published, f"the base of {architecture} called {name}"))


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
    check_name(path)
    check_record(path)
    try:
        tensors = {published.rename(key): value for key, value in read_tensors(path)[0].items()}
    except KeyError as error:
        raise InputError(f"{path} has a tensor {error}; expected {name} weights") from error
    network = build(spec)
    report = _transfer(network, tensors, published.classes == spec.classes, name)
    # The hidden layer of a narrow VGG or AlexNet fits one image size; for others it is initialised at random.
    is_narrow = published.width < 1
    reshaped = [name for name, _, _ in report.reshaped if not (is_narrow and name.startswith("classifier."))]
    wrong = [*report.missing, *reshaped]
    if wrong:
        raise InputError(
            f"{path} does not fit {spec.architecture}: {len(wrong)} tensors, the first {wrong[0]!r}, are "
            "missing or of another shape"
        )
    return network, report


def _from_file(path: Path, specification: Specification) -> tuple[Network, LoadReport]:
    tensors, saved = read_tensors(path)
    spec = replace(specification, pretraining=path.stem)
    same_classes = True
    if saved:
        for field in ("architecture", "width"):
            if getattr(saved, field) != getattr(spec, field):
                raise InputError(
                    f"{path} is of {field} {getattr(saved, field)}; "
                    f"the network to build has {getattr(spec, field)}"
                )
        spec = replace(spec, mean=saved.mean, std=saved.std)
        same_classes = saved.classes == spec.classes
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
    """Copy the `tensors` that fit into the network, in place."""
    own = network.module.state_dict()
    output = output_layer(network.module)
    replaced, head_name = network.specification.hidden is not None, head_path(network.module)
    loaded, head, missing, reshaped = [], [], [], []
    for name, value in own.items():
        theirs = tensors.get(name)
        fits = theirs is not None and theirs.shape == value.shape
        is_new = name.partition(".")[0] == head_name if replaced else name.rpartition(".")[0] == output
        if is_new and not (fits and same_classes):
            head.append(name)
        elif theirs is not None and fits:
            value.copy_(theirs)
            loaded.append(name)
        elif theirs is not None:
            reshaped.append((name, tuple(theirs.shape), tuple(value.shape)))
        elif not name.endswith("num_batches_tracked"):
            # Counters that are not used here; files from before 2018 lack them.
            missing.append(name)
    unexpected = tuple(name for name in tensors if name not in own)
    return LoadReport(source, tuple(loaded), tuple(head), tuple(missing), tuple(reshaped), unexpected)


def _folders() -> list[Path]:
    """Folders searched for weights: FACEINV_WEIGHTS, the cache of torch.hub, the bases of the package."""
    own = os.environ.get("FACEINV_WEIGHTS")
    places = [Path(torch.hub.get_dir()) / "checkpoints", BASES]
    return [Path(own), *places] if own else places


def _locate(published: Published, what: str) -> Path:
    for folder in _folders():
        if (folder / published.file).is_file():
            return folder / published.file
    raise InputError(
        f"there is no file {published.file}, {what}; get it from {published.origin} and put it in "
        f"{' or '.join(map(str, _folders()))}"
    )
