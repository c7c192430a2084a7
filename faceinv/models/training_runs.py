"""Training runs: one trained network of a design, described by value, trained once and kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import torch

from faceinv.data.sources import Source, load
from faceinv.data.tasks import Split, split
from faceinv.errors import InputError
from faceinv.models.architectures import Network, Specification, build, duplicate
from faceinv.models.training import TrainingConfig, evaluate, fit, fit_head, single_thread
from faceinv.models.transfer import transfer
from faceinv.models.weights import identify, pretrained
from faceinv.runtime.cache import disk_cached, folder

Strategy = Literal["scratch", "finetuned", "frozen"]
STRATEGIES: tuple[Strategy, ...] = ("scratch", "finetuned", "frozen")


@dataclass(frozen=True)
class TrainingRun:
    """What a trained network depends on.

    Attributes
    ----------
    source : the stimuli; how they are split does not depend on the seed, so that all networks of a task are
        tested on the same images
    task : name of a column of the stimuli's table, see `faceinv.data.tasks.split`
    architecture, width : see `Specification`
    seed : of the initial weights, the order of the images and their augmentation
    recipes : candidates, of which the one that is best on the validation split is kept; where classes are
        called left and right, no image is mirrored
    pretraining : what the network begins with, by name or file (see `faceinv.models.weights.pretrained`)
    strategy : ``"scratch"`` (from random weights: no pretraining), ``"finetuned"`` (all weights go on
        learning, under a new output layer) or ``"frozen"`` (only the head learns, see `fit_head`)
    stages : how many stages of the base are taken over (see `faceinv.models.transfer`); None for all, and
        what of the head fits
    shots : images of each identity that are learned from, and that choose the weights; None for all
    weights : hash of the file that the pretraining is read from: results of other weights are other results

    Raises
    ------
    InputError
        If strategy and pretraining do not go together, or there is nothing to learn from.
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
    weights: str = field(init=False, repr=False, default="")

    def __post_init__(self) -> None:
        if self.strategy not in STRATEGIES:
            raise InputError(f"strategy is {self.strategy!r}; expected one of {', '.join(STRATEGIES)}")
        if (self.strategy == "scratch") != (self.pretraining == "none"):
            raise InputError(
                f"strategy is {self.strategy} and pretraining {self.pretraining}; expected scratch with "
                "none, or finetuned or frozen with something to begin from"
            )
        if self.stages is not None and self.strategy == "scratch":
            raise InputError(f"stages are {self.stages}; expected none where there is no base to take from")
        if self.shots is not None and self.shots < 1:
            raise InputError(f"shots are {self.shots}; expected at least 1 image an identity")
        if self.strategy != "scratch":
            begun = Specification(self.architecture, ("a", "b"), self.width, self.source.size, seed=self.seed)
            object.__setattr__(self, "weights", identify(self.pretraining, begun))


@dataclass(frozen=True)
class Trained:
    """A trained network with its learning curves, one for each candidate recipe (see `fit`)."""

    network: Network
    curves: pd.DataFrame


def splits(run: TrainingRun) -> Split:
    """The training, validation and test stimuli of a training run."""
    parts = split(load(run.source), run.task)
    if run.shots is None:
        return parts
    return Split(
        parts.train.first_per_identity(run.shots), parts.validation.first_per_identity(run.shots), parts.test
    )


def train(run: TrainingRun) -> Trained:
    """The network of a training run, from what was kept, or trained now."""
    known = _trained(run, folder())
    return Trained(duplicate(known.network), known.curves.copy())


@lru_cache(maxsize=2)  # a worker is asked for many results of one network in a row
def _trained(run: TrainingRun, _: Path) -> Trained:
    specification, weights, curves = _train(run)
    network = build(specification)
    network.module.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    return Trained(network, curves)


@disk_cached
def answers(run: TrainingRun) -> pd.DataFrame:
    """The answers of a training run's network to all its test images; see `evaluate`."""
    with single_thread():
        return evaluate(train(run).network, splits(run).test)


@disk_cached
def _train(run: TrainingRun) -> tuple[Specification, Mapping[str, np.ndarray], pd.DataFrame]:
    parts = splits(run)
    specification = Specification(
        run.architecture,
        parts.train.classes(run.task),
        width=run.width,
        size=run.source.size,
        task=run.task,
        strategy=run.strategy,
        seed=run.seed,
    )
    fresh, _ = pretrained(run.pretraining, specification)
    if run.stages is not None:
        fresh = transfer(fresh, run.stages)
    learn = fit_head if run.strategy == "frozen" else fit
    flipped = not {"left", "right"} <= set(
        specification.classes
    )  # a mirrored image would be of the other class
    fits = [learn(fresh, parts, replace(recipe, flip=recipe.flip and flipped)) for recipe in run.recipes]
    best = int(np.argmax([curve["validation"].max() for _, curve in fits]))
    curves = pd.concat(
        [
            curve.assign(rate=recipe.rate, chosen=i == best)
            for i, (recipe, (_, curve)) in enumerate(zip(run.recipes, fits, strict=True))
        ],
        ignore_index=True,
    )
    network = fits[best][0]
    weights = {name: value.numpy() for name, value in network.module.state_dict().items()}
    return network.specification, weights, curves
