"""Pretraining: what a network learns of objects, or of faces, before it is given a task.

It is done once, by ``faceinv pretrain``, and its networks ship with the package as bases (`BASES`), each
with its provenance; `faceinv.models.weights.pretrained` finds them by name.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import torch

from faceinv.data.faces.face_set import FaceSet
from faceinv.data.objects.object_set import ObjectSet
from faceinv.data.sources import Source, load
from faceinv.data.stimuli import Stimuli
from faceinv.data.tasks import Split, split
from faceinv.errors import InputError
from faceinv.models.architectures import Network, Specification, build
from faceinv.models.architectures import load as load_network
from faceinv.models.training import TrainingConfig, evaluate, fastest, fit
from faceinv.models.zoo import architecture
from faceinv.runtime.cache import LIBRARIES, fingerprint

BASES = Path(__file__).parent / "bases"
"""Where the bases that ship are."""

SETS: Mapping[str, Source] = {
    "objects": ObjectSet(images=400),
    "faces": FaceSet(identities=600, views=60, first=100_000, max_yaw=60.0, jitter=0.03),
}
"""What is learned from; nobody in the faces is in any other set."""

HELD_OUT = (0.9, 0.05, 0.05)
"""Shares of every class that are trained on, that choose the epoch, and that are reported on."""

_OBJECTS = TrainingConfig(batch=64, shift=4, rotation=15.0, scale=0.2, contrast=0.3)
RECIPES: Mapping[str, TrainingConfig] = {
    "objects": _OBJECTS,
    "faces": replace(_OBJECTS, warped=0.5, smoothing=0.1),
}
"""With strong augmentation, because each image is shown often; people differ in finer detail than kinds of
objects do, and are shown unblurred as well."""

EXPOSURES = 1_500_000
SAMPLE = 128
"""Held-out images of each set that ship, so that an accuracy can be checked without rendering the set."""


@dataclass(frozen=True)
class Pretraining:
    """One pretraining.

    Attributes
    ----------
    architecture : one of `faceinv.models.zoo.ARCHITECTURES`, or any other that `Specification` takes
    set : one of `SETS`
    seed : of the initial weights, the order of the images and their augmentation
    share : one part in so many of the training images of every class is learned from
    exposures : images shown in all, whatever the share
    width : factor on the channel counts
    """

    architecture: str
    set: str
    seed: int = 0
    share: int = 1
    exposures: int = EXPOSURES
    width: float = 0.25

    def __post_init__(self) -> None:
        Specification(self.architecture, ("a", "b"), self.width)  # what cannot be built is told at once
        if self.set not in SETS:
            raise InputError(f"there is no set {self.set!r} to pretrain on; expected {' or '.join(SETS)}")
        if self.share < 1:
            raise InputError(f"share is 1/{self.share}; expected 1, 1/2, 1/4 and so on")
        if self.exposures < 1:
            raise InputError(f"exposures are {self.exposures}; expected at least 1")

    @property
    def name(self) -> str:
        """``<set>-<architecture>-<seed>``, and ``-<share>`` where not all was learned from."""
        return base_name(self.set, self.architecture, self.seed, self.share)

    @property
    def command(self) -> str:
        """The command that repeats it."""
        options = f" --seed {self.seed} --share 1/{self.share} --exposures {self.exposures}"
        return f"faceinv pretrain {self.architecture} {self.set}{options}"

    @property
    def recipe(self) -> TrainingConfig:
        """How the network is trained."""
        rate = architecture(self.architecture).pretraining_rate
        return replace(RECIPES[self.set], rate=rate, exposures=self.exposures)


def base_name(set_: str, architecture: str, seed: int = 0, share: int = 1) -> str:
    """Name of a base, which is also that of its files."""
    return f"{set_}-{architecture}-{seed}" + (f"-{share}" if share > 1 else "")


def parse_share(text: str) -> int:
    """The number of parts of which one is taken: 16 for ``1/16``, 1 for ``1``."""
    found = re.fullmatch(r"1(?:/([1-9]\d*))?", text)
    if not found:
        raise InputError(f"share is {text!r}; expected 1, 1/4, 1/16 and the like")
    return int(found[1] or 1)


def pretrain(
    pretraining: Pretraining, folder: Path, device: str | None = None, progress: bool = False
) -> Path:
    """Pretrain a network, or go on where a stopped run was, and write the base; returns its file.

    Beside ``<name>.safetensors``, the whole network in half precision, are ``<name>.json``, its provenance,
    and ``<set>-sample.npz``, held-out images by which its accuracy can be checked.

    Parameters
    ----------
    pretraining : Pretraining
    folder : where to write
    device : as PyTorch names it; by default a GPU, if there is one
    progress : whether to show bars
    """
    began, started = monotonic(), datetime.now(UTC)
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    parts = split(load(SETS[pretraining.set]), "identity", HELD_OUT)
    train = thin(parts.train, pretraining.share)
    recipe = replace(pretraining.recipe, precision=fastest(device))
    fresh = build(
        Specification(
            pretraining.architecture,
            parts.train.classes("identity"),
            width=pretraining.width,
            size=SETS[pretraining.set].size,
            task="identity",
            seed=pretraining.seed,
        )
    )
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    state = folder / f"{pretraining.name}.state"
    network, curve = fit(
        fresh,
        Split(train, parts.validation, parts.test),
        recipe,
        progress,
        pretraining.name,
        state,
        device,
    )
    path = folder / f"{pretraining.name}.safetensors"
    network.save(path, half=True)
    network = load_network(path)  # what is reported is of the rounded weights
    sample = parts.test.evenly(SAMPLE)
    write_sample(sample, folder / f"{pretraining.set}-sample.npz")
    record = {
        **provenance(pretraining, recipe, started, device),
        "seconds": round(monotonic() - began),
        "images": {"train": len(train), "validation": len(parts.validation), "test": len(parts.test)},
        "chance": 1 / len(network.specification.classes),
        "accuracy": accuracy(network, parts.test),
        "sample_accuracy": accuracy(network, sample),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "curve": json.loads(curve.round(4).to_json(orient="records")),
    }
    partial = path.with_suffix(".json.partial")
    partial.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    partial.replace(path.with_suffix(".json"))
    state.unlink(missing_ok=True)
    return path


def shipped(folder: Path = BASES) -> list[dict[str, Any]]:
    """Provenance of every base in a folder, by name: what `pretrain` wrote beside it."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]


def thin(stimuli: Stimuli, share: int) -> Stimuli:
    """The first of every `share` parts of each class, at least one image of each."""
    rank = stimuli.table.groupby("identity").cumcount()
    count = stimuli.table.groupby("identity")["view"].transform("size")
    return stimuli.select(np.flatnonzero(rank < (count / share).round().clip(lower=1)))


def accuracy(network: Network, stimuli: Stimuli) -> float:
    """Share of the images that the network calls by the name of their class."""
    return float(evaluate(network, stimuli)["correct"].mean())


def write_sample(sample: Stimuli, path: Path) -> None:
    """Write grey images and the names of their classes, atomically."""
    partial = path.with_suffix(".partial.npz")
    np.savez_compressed(
        partial, images=sample.images[..., 0], identity=sample.table["identity"].to_numpy(dtype=np.str_)
    )
    partial.replace(path)


def provenance(
    pretraining: Pretraining, recipe: TrainingConfig, started: datetime, device: str
) -> dict[str, object]:
    """What it takes to make the same base again."""
    source = SETS[pretraining.set]
    return {
        "command": pretraining.command,
        "pretraining": asdict(pretraining),
        "data": {"kind": type(source).__name__, **asdict(source)},
        "recipe": asdict(recipe),
        "versions": {name: version(name) for name in ("faceinv", *LIBRARIES)},
        "source": fingerprint("models"),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {device}",
        "started": started.isoformat(timespec="seconds"),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
    }
