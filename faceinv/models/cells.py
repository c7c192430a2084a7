"""Cells: one trained network of a design, described by value, trained once and kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from faceinv.cache import kept
from faceinv.data import Split, split
from faceinv.data.sources import Source, load
from faceinv.data.stimuli import Task
from faceinv.models.architectures import Network, Specification, build
from faceinv.models.training import Recipe, fit


@dataclass(frozen=True)
class Cell:
    """What a trained network depends on.

    Attributes
    ----------
    source : the stimuli; how they are split does not depend on the seed, so that all networks of a task are
        tested on the same images
    task, architecture, width : see `Specification`
    seed : of the initial weights, the order of the images and their augmentation
    recipes : candidates, of which the one that is best on the validation split is kept
    """

    source: Source
    task: Task
    seed: int
    recipes: tuple[Recipe, ...]
    architecture: str = "vgg16_bn"
    width: float = 0.25


@dataclass(frozen=True)
class Trained:
    """A trained network with its learning curves, one for each candidate recipe (see `fit`)."""

    network: Network
    curves: pd.DataFrame


def splits(cell: Cell) -> Split:
    """The training, validation and test stimuli of a cell."""
    return split(load(cell.source), cell.task)


def train(cell: Cell) -> Trained:
    """The network of a cell, from what was kept, or trained now."""
    specification, weights, curves = _train(cell)
    network = build(specification)
    network.module.load_state_dict({name: torch.from_numpy(value.copy()) for name, value in weights.items()})
    return Trained(network, curves)


@kept
def _train(cell: Cell) -> tuple[Specification, Mapping[str, np.ndarray], pd.DataFrame]:
    parts = splits(cell)
    fresh = build(
        Specification(
            cell.architecture,
            parts.train.classes(cell.task),
            width=cell.width,
            size=cell.source.size,
            task=cell.task,
            seed=cell.seed,
        )
    )
    fits = [fit(fresh, parts, recipe) for recipe in cell.recipes]
    best = int(np.argmax([curve["validation"].max() for _, curve in fits]))
    curves = pd.concat(
        [
            curve.assign(rate=recipe.rate, chosen=i == best)
            for i, (recipe, (_, curve)) in enumerate(zip(cell.recipes, fits, strict=True))
        ],
        ignore_index=True,
    )
    network = fits[best][0]
    weights = {name: value.numpy() for name, value in network.module.state_dict().items()}
    return network.specification, weights, curves
