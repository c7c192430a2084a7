"""Training runs: the networks of a design, each described by value, trained once and cached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal

import numpy as np
import pandas as pd
import torch
from torch import nn

from faceinv.data.source_splits import split_source
from faceinv.data.sources import Source, describe
from faceinv.data.tasks import Split
from faceinv.errors import InputError
from faceinv.models.architectures import Network, Specification, build, duplicate
from faceinv.models.training import evaluate, fit, fit_head, single_thread
from faceinv.models.training_config import TrainingConfig
from faceinv.models.transfer import transfer
from faceinv.models.weights import base_of, identify, pretrained
from faceinv.runtime.cache import disk_cached, is_cached
from faceinv.runtime.locations import cache_folder

Strategy = Literal["scratch", "finetuned", "frozen"]
SCRATCH: Final = "scratch"
WeightArrays = Mapping[str, np.ndarray]
STRATEGIES: tuple[Strategy, ...] = (SCRATCH, "finetuned", "frozen")


@dataclass(frozen=True)
class TrainingRun:
    """Everything that a trained network depends on.

    Attributes
    ----------
    source : the stimuli; their split does not depend on the seed, so that all networks of a task are tested
        on the same images
    task : a column of the table of the stimuli, see `faceinv.data.tasks.split`
    architecture, width : see `Specification`
    seed : of the initial weights, the order of the images and their augmentation
    recipes : candidate configurations, of which the best on the validation split is chosen; images are not
        mirrored if classes are called left and right
    pretraining : initial weights, by name or file (see `faceinv.models.weights.pretrained`)
    strategy : ``"scratch"`` (from random weights, without pretraining), ``"finetuned"`` (all weights are
        trained further, with a new output layer) or ``"frozen"`` (only the head is trained, see `fit_head`)
    stages : number of stages transferred from the base (see `faceinv.models.transfer`); None for all, and the
        tensors of the head that fit
    shots : training images and validation images per identity; None for all
    hidden : units of a hidden layer before the output layer, see `Specification`
    checkpoints : shares of the exposures after which the weights are kept as well, increasing, for
        `checkpoint`
    weights : hash of the file of the pretraining, so that results are computed anew when the file changes
    base : name of the base in tables, ``"none"`` without pretraining (see `base_of`); networks that begin
        with the same one are not independent

    Raises
    ------
    InputError
        If strategy and pretraining do not match, a number is out of range, or a frozen network, whose head
        alone is trained, is to have checkpoints.
    """

    source: Source
    task: str
    seed: int
    recipes: tuple[TrainingConfig, ...]
    architecture: str = "vgg16_bn"
    width: float = 0.25
    pretraining: str = "none"
    strategy: Strategy = "scratch"
    stages: int | None = None
    shots: int | None = None
    checkpoints: tuple[float, ...] = ()
    hidden: int | None = None
    weights: str = field(init=False, repr=False, default="")
    base: str = field(init=False, repr=False, default="none")

    def __post_init__(self) -> None:
        if self.strategy not in STRATEGIES:
            raise InputError(f"strategy is {self.strategy!r}; expected one of {', '.join(STRATEGIES)}")
        if (self.strategy == "scratch") != (self.pretraining == "none"):
            raise InputError(
                f"strategy is {self.strategy} and pretraining {self.pretraining}; expected scratch with "
                "none, or finetuned or frozen with a pretraining"
            )
        if self.stages is not None and self.strategy == "scratch":
            raise InputError(f"stages are {self.stages}; expected none for scratch, which has no base")
        if self.shots is not None and self.shots < 1:
            raise InputError(f"shots are {self.shots}; expected at least 1 image per identity")
        shares = (0.0, *self.checkpoints, 1.0)
        if any(after <= before for before, after in pairwise(shares)) or (
            self.checkpoints and self.strategy == "frozen"
        ):
            raise InputError(
                f"checkpoints of a {self.strategy} network are {self.checkpoints}; expected increasing "
                "shares between 0 and 1, and none for a frozen network"
            )
        if self.strategy != "scratch":
            initial = Specification(
                self.architecture, ("a", "b"), self.width, self.source.size, seed=self.seed
            )
            object.__setattr__(self, "weights", identify(self.pretraining, initial))
            object.__setattr__(self, "base", base_of(self.pretraining, initial))


@dataclass(frozen=True)
class Trained:
    """A trained network and its learning curves, one for each candidate recipe (see `fit`)."""

    network: Network
    curves: pd.DataFrame


def splits(run: TrainingRun) -> Split:
    """The training, validation and test stimuli of a training run."""
    parts = split_source(run.source, run.task)
    if run.shots is None:
        return parts
    return Split(
        parts.train.first_per_identity(run.shots), parts.validation.first_per_identity(run.shots), parts.test
    )


def train(run: TrainingRun) -> Trained:
    """The network of a training run: from the cache, or trained now."""
    cached = _trained(run, cache_folder())
    return Trained(duplicate(cached.network), cached.curves.copy())


def is_trained(run: TrainingRun) -> bool:
    """Whether the network of a training run is in the cache."""
    return is_cached(_train, run)


def ensure_trained(run: TrainingRun) -> None:
    """Train the network of a training run, unless it is in the cache; nothing is built or returned."""
    _train(run)


def learning_curves(run: TrainingRun) -> pd.DataFrame:
    """The learning curves of a training run, see `Trained`, without building its network."""
    return _loaded(run, cache_folder())[2].copy()


def checkpoint(run: TrainingRun, share: float) -> Network:
    """The network of a training run as it was after a share of its exposures, one of ``run.checkpoints``."""
    if share not in run.checkpoints:
        kept = ", ".join(f"{each:g}" for each in run.checkpoints) or "none"
        raise InputError(f"there is no checkpoint at {share:g} of the exposures; expected one of {kept}")
    specification, _, _, checkpoints = _loaded(run, cache_folder())
    return _with_weights(specification, checkpoints[run.checkpoints.index(share)])


@lru_cache(maxsize=2)  # a worker computes many results of the same network in a row
def _trained(run: TrainingRun, folder: Path) -> Trained:
    specification, weights, curves, _ = _loaded(run, folder)
    return Trained(_with_weights(specification, weights), curves)


@lru_cache(maxsize=1)
def _loaded(
    run: TrainingRun, _: Path
) -> tuple[Specification, WeightArrays, pd.DataFrame, tuple[WeightArrays, ...]]:
    return _train(run)


def _with_weights(specification: Specification, weights: WeightArrays) -> Network:
    network = build(specification)
    network.module.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    return network


def may_flip(classes: Sequence[str]) -> bool:
    """Whether training images may be mirrored: the mirrored image of one class may belong to another."""
    return not {"left", "right"} <= set(classes)


@disk_cached
def answers_of(run: TrainingRun) -> pd.DataFrame:
    """Classification of all test images by the network of a training run; see `evaluate`."""
    with single_thread():
        return evaluate(train(run).network, splits(run).test)


@disk_cached
def _train(run: TrainingRun) -> tuple[Specification, WeightArrays, pd.DataFrame, tuple[WeightArrays, ...]]:
    parts = splits(run)
    specification = Specification(
        run.architecture,
        parts.train.classes(run.task),
        width=run.width,
        size=run.source.size,
        task=run.task,
        strategy=run.strategy,
        seed=run.seed,
        stimuli=describe(run.source),
        hidden=run.hidden,
    )
    fresh, _ = pretrained(run.pretraining, specification)
    if run.stages is not None:
        fresh = transfer(fresh, run.stages)
    flip = may_flip(specification.classes)
    keepers = [_Checkpoints(run.checkpoints) for _ in run.recipes]
    fits = [
        fit_head(fresh, parts, recipe)
        if run.strategy == "frozen"
        else fit(fresh, parts, recipe, after_step=keeper)
        for recipe, keeper in zip(
            (replace(recipe, flip=recipe.flip and flip) for recipe in run.recipes), keepers, strict=True
        )
    ]
    best = int(np.argmax([curve["validation"].max() for _, curve in fits]))
    curves = pd.concat(
        [
            curve.assign(rate=recipe.rate, chosen=i == best)
            for i, (recipe, (_, curve)) in enumerate(zip(run.recipes, fits, strict=True))
        ],
        ignore_index=True,
    )
    network = fits[best][0]
    return network.specification, _weights_of(network.module), curves, tuple(keepers[best].kept)


class _Checkpoints:
    """Keeps the weights of a module after the first step at which each share of the training is done."""

    def __init__(self, shares: tuple[float, ...]) -> None:
        self.shares = shares
        self.kept: list[WeightArrays] = []

    def __call__(self, module: nn.Module, done: float) -> None:
        while len(self.kept) < len(self.shares) and done >= self.shares[len(self.kept)] - 1e-9:
            self.kept.append({name: value.copy() for name, value in _weights_of(module).items()})


def _weights_of(module: nn.Module) -> WeightArrays:
    return {name: value.cpu().numpy() for name, value in module.state_dict().items()}
