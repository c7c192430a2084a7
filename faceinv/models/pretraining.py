"""Pretraining of networks on objects, faces, textures or everything, before training on a task.

It is done once, by ``faceinv pretrain``, and the networks ship with the package as bases (`BASES`), each with
its provenance; `faceinv.models.weights.pretrained` loads them by name.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from types import MappingProxyType
from typing import Any

import numpy as np

from faceinv import __version__
from faceinv.data.faces.face_set import FaceSet
from faceinv.data.mixed_set import MixedSet
from faceinv.data.objects.object_set import ObjectSet
from faceinv.data.sources import Rendered, load_stimuli
from faceinv.data.stimuli import Stimuli
from faceinv.data.tasks import Split, split
from faceinv.data.textures.texture_set import TextureSet
from faceinv.errors import InputError
from faceinv.models.architectures import Network, Specification, build
from faceinv.models.architectures import load as load_network
from faceinv.models.training import evaluate, fit
from faceinv.models.training_config import TrainingConfig, fastest
from faceinv.models.zoo import architecture
from faceinv.runtime.atomic import atomic_path, write_atomically
from faceinv.runtime.devices import current_device
from faceinv.runtime.fingerprints import fingerprint, versions
from faceinv.runtime.json_files import read_object

BASES = Path(__file__).parent / "bases"
"""Folder of the bases that ship with the package."""

HELD_OUT = (0.9, 0.05, 0.05)
"""Shares of every class for training, validation (to choose the epoch) and test."""


@dataclass(frozen=True)
class PretrainingSet:
    """A training set, and how networks are trained on it.

    Attributes
    ----------
    source : the stimuli; their classes are the values of the column identity
    recipe : training settings; exposures are those of a `Pretraining`, the rate is that of the architecture
    """

    source: Rendered
    recipe: TrainingConfig


# With strong augmentation, because each image is shown often.
_AUGMENTED = TrainingConfig(batch=64, shift=4, rotation=15.0, scale=0.2, contrast=0.3)

IMAGES = 48_000
"""Number of images of every set: sets that are compared are equally large."""
PEOPLE, EVERYBODY = 100_000, 300_000
"""Index of the first person of the faces, and of everything: nobody is in two sets, or in a test."""

PRETRAINING_SETS: Mapping[str, PretrainingSet] = MappingProxyType(
    {
        "objects": PretrainingSet(ObjectSet(classes=384, images=125), _AUGMENTED),
        # Identities differ in finer detail than classes of objects do, so half of the faces are shown without
        # the blur of warping. The people are in no other set.
        "faces": PretrainingSet(
            FaceSet(identities=640, views=75, first=PEOPLE, max_yaw=60.0, jitter=0.03),
            replace(_AUGMENTED, warped=0.5, smoothing=0.1),
        ),
        "textures": PretrainingSet(TextureSet(classes=384, images=125), _AUGMENTED),
        "everything": PretrainingSet(
            MixedSet(
                ObjectSet(classes=384, images=50),
                TextureSet(classes=384, images=50),
                FaceSet(identities=192, views=50, first=EVERYBODY, max_yaw=60.0, jitter=0.03),
            ),
            replace(_AUGMENTED, warped=0.5),
        ),
    }
)
"""Training sets by name, all of `IMAGES` images."""

EXPOSURES = 1_500_000
SAMPLE = 128
"""Number of test images of each set that ship, to check an accuracy without rendering the set."""


@dataclass(frozen=True)
class Portion:
    """How much of a set a network is pretrained on: denominators of shares, of which at most one is not 1.

    Attributes
    ----------
    share : of the training images of every class
    classes : of the classes, with all their images
    shorter : of the exposures
    """

    share: int = 1
    classes: int = 1
    shorter: int = 1

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value < 1:
                raise InputError(f"{name} is 1/{value}; expected 1, 1/2, 1/4 and so on")
        if sum(value > 1 for value in asdict(self).values()) > 1:
            raise InputError(
                "a pretraining is on a share of images, classes or exposures at once; expected one of them, "
                "so that bases differ in one thing only"
            )

    @property
    def suffix(self) -> str:
        """What it adds to the name of a base: ``-4``, ``-c4`` or ``-x4`` for a quarter; nothing for all."""
        parts = (
            f"-{letter}{getattr(self, name)}" for letter, name in PORTIONS.items() if getattr(self, name) > 1
        )
        return "".join(parts)


PORTIONS: Mapping[str, str] = MappingProxyType({"": "share", "c": "classes", "x": "shorter"})
"""Fields of a `Portion` by the letter in front of their number in the name of a base."""
WHOLE: Portion = Portion()


@dataclass(frozen=True)
class Pretraining:
    """One pretraining.

    Attributes
    ----------
    architecture : one of `faceinv.models.zoo.ARCHITECTURES`, or any other that `Specification` takes
    set : one of `PRETRAINING_SETS`
    seed : of the initial weights, the order of the images and their augmentation
    share, classes, shorter : see `Portion`
    exposures : training images shown in total, whatever the share, to a network that is not trained shorter
    width : factor on the channel counts
    """

    architecture: str
    set: str
    seed: int = 0
    share: int = 1
    exposures: int = EXPOSURES
    width: float = 0.25
    classes: int = 1
    shorter: int = 1

    def __post_init__(self) -> None:
        Specification(self.architecture, ("a", "b"), self.width)  # raises if the network cannot be built
        if self.set not in PRETRAINING_SETS:
            *names, last = PRETRAINING_SETS
            raise InputError(
                f"there is no set {self.set!r} to pretrain on; expected {', '.join(names)} or {last}"
            )
        self.portion  # noqa: B018 - raises if it is none
        if self.exposures < 1:
            raise InputError(f"exposures are {self.exposures}; expected at least 1")

    @property
    def name(self) -> str:
        """``<set>-<architecture>-<seed>``, followed by the suffix of the `Portion`."""
        return base_name(self.set, self.architecture, self.seed, self.portion)

    @property
    def portion(self) -> Portion:
        """How much of the set the network is pretrained on."""
        return Portion(self.share, self.classes, self.shorter)

    @property
    def sample(self) -> str:
        """Name of the file with test images, which all bases with the same classes share."""
        return f"{self.set}{Portion(classes=self.classes).suffix}-sample.npz"

    @property
    def command(self) -> str:
        """The command that repeats this pretraining."""
        options = f" --seed {self.seed} --share 1/{self.share} --exposures {self.exposures}"
        options += f" --classes 1/{self.classes}" if self.classes > 1 else ""
        options += f" --shorter 1/{self.shorter}" if self.shorter > 1 else ""
        return f"faceinv pretrain {self.architecture} {self.set}{options}"

    @property
    def recipe(self) -> TrainingConfig:
        """The training configuration."""
        rate = architecture(self.architecture).pretraining_rate
        return replace(PRETRAINING_SETS[self.set].recipe, rate=rate, exposures=self.exposures // self.shorter)


def base_name(set_: str, architecture: str, seed: int = 0, part: Portion = WHOLE) -> str:
    """Name of a base and of its files."""
    return f"{set_}-{architecture}-{seed}{part.suffix}"


def parse_share(text: str) -> int:
    """The denominator of a share: 16 for ``1/16``, 1 for ``1``."""
    match = re.fullmatch(r"1(?:/([1-9]\d*))?", text)
    if not match:
        raise InputError(f"share is {text!r}; expected 1, 1/4, 1/16 and the like")
    return int(match[1] or 1)


def pretrain(
    pretraining: Pretraining, folder: Path, device: str | None = None, progress: bool = False
) -> Path:
    """Pretrain a network, or resume an interrupted run, write the base, and return its file.

    Next to ``<name>.safetensors``, the whole network in half precision, it writes ``<name>.json``, the
    provenance, and `Pretraining.sample`, test images to check the accuracy with.

    Parameters
    ----------
    pretraining : Pretraining
    folder : where to write
    device : PyTorch device; by default that of this process
    progress : whether to show progress bars
    """
    start_seconds, started = monotonic(), datetime.now(UTC)
    device = device or current_device()
    parts = split(load_stimuli(PRETRAINING_SETS[pretraining.set].source), "identity", HELD_OUT)
    parts = with_classes(parts, pretraining.classes)
    train = thin(parts.train, pretraining.share)
    recipe = replace(pretraining.recipe, precision=fastest(device))
    initial = build(
        Specification(
            pretraining.architecture,
            parts.train.classes("identity"),
            width=pretraining.width,
            size=PRETRAINING_SETS[pretraining.set].source.size,
            task="identity",
            seed=pretraining.seed,
        )
    )
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    state = folder / f"{pretraining.name}.state"
    network, curve = fit(
        initial,
        Split(train, parts.validation, parts.test),
        recipe,
        progress,
        pretraining.name,
        state,
        device,
    )
    path = folder / f"{pretraining.name}.safetensors"
    network.save(path, half=True)
    network = load_network(path)  # the reported accuracy is that of the rounded weights
    sample = parts.test.evenly(SAMPLE)
    write_sample(sample, folder / pretraining.sample)
    record = {
        **base_provenance(pretraining, recipe, started, device),
        "seconds": round(monotonic() - start_seconds),
        "images": {"train": len(train), "validation": len(parts.validation), "test": len(parts.test)},
        "chance": 1 / len(network.specification.classes),
        "accuracy": accuracy(network, parts.test),
        "sample_accuracy": accuracy(network, sample),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "curve": json.loads(curve.round(4).to_json(orient="records")),
    }
    write_atomically(path.with_suffix(".json"), json.dumps(record, indent=1) + "\n")
    state.unlink(missing_ok=True)
    return path


def shipped(folder: Path = BASES) -> list[dict[str, Any]]:
    """Provenance of every base in a folder, sorted by name: the JSON files written by `pretrain`.

    Raises
    ------
    InputError
        If a file is damaged.
    """
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            found.append(read_object(path))
        except ValueError as error:
            raise InputError(f"{path} is damaged: expected the record of a pretraining") from error
    return found


def thin(stimuli: Stimuli, share: int) -> Stimuli:
    """The first 1 / share of the images of each class, at least one."""
    rank = stimuli.table.groupby("identity").cumcount()
    count = stimuli.table.groupby("identity")["view"].transform("size")
    return stimuli.select(np.flatnonzero(rank < (count / share).round().clip(lower=1)))


def with_classes(parts: Split, share: int) -> Split:
    """The images of every share-th class, so that all kinds of class remain; all of them if `share` is 1."""
    kept = set(parts.train.classes("identity")[::share])
    train, validation, test = (
        stimuli.select(np.flatnonzero([name in kept for name in stimuli.names("identity")]))
        for stimuli in (parts.train, parts.validation, parts.test)
    )
    return Split(train, validation, test)


def accuracy(network: Network, stimuli: Stimuli) -> float:
    """Share of the images that are classified correctly."""
    return float(evaluate(network, stimuli)["correct"].mean())


def write_sample(sample: Stimuli, path: Path) -> None:
    """Write grey images and their class names, atomically."""
    identity = sample.table["identity"].to_numpy(dtype=np.str_)
    with atomic_path(path) as partial:
        np.savez_compressed(partial, images=sample.images[..., 0], identity=identity)


def base_provenance(
    pretraining: Pretraining, recipe: TrainingConfig, started: datetime, device: str
) -> dict[str, object]:
    """Everything needed to repeat a pretraining."""
    source = PRETRAINING_SETS[pretraining.set].source
    return {
        "command": pretraining.command,
        "pretraining": asdict(pretraining),
        "data": {"kind": type(source).__name__, **asdict(source)},
        "recipe": asdict(recipe),
        "versions": {"faceinv": __version__, **versions(__name__)},
        "source": fingerprint(__name__),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {device}",
        "started": started.isoformat(timespec="seconds"),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
    }
