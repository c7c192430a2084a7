"""Tolerance: how far a network still knows faces that are moved, scaled, turned, blurred or coarsened.

Accuracy by level is the curve that everything else is made of. It is shown as it is, and in three summaries,
all of chance-corrected accuracy (0 at chance, 1 when all is right) along the transformation's strength: its
*area*, its area relative to the untransformed accuracy (*tolerance*), and its *half-width*.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import torch

from faceinv.data.stimuli import Stimuli, join
from faceinv.data.tasks import Split
from faceinv.errors import InputError
from faceinv.experiments.profiles import LONGER
from faceinv.metrics.bootstrap import Bootstrap, bootstrap
from faceinv.models.architectures import Network, build
from faceinv.models.training import fit, single_thread
from faceinv.models.training_runs import TrainingRun, splits, train
from faceinv.perturbations.transformations import TRANSFORMATIONS, named
from faceinv.runtime.cache import disk_cached

MEASURES = ("untransformed", "area", "tolerance", "half-width")
"""Summaries of a curve: see `summary`."""

BATCH = 64


@dataclass(frozen=True)
class Tolerance:
    """A trained network under one transformation.

    Attributes
    ----------
    run : the trained network, which brings its test images
    transformation : its name (see `faceinv.perturbations.transformations.TRANSFORMATIONS`)
    levels : levels to measure, the identity first; by default the transformation's own
    images : test images at most, spread evenly over the test set
    augmented : whether the network was trained on images that were so transformed, as an upper bound
    """

    run: TrainingRun
    transformation: str
    levels: tuple[float, ...] = ()
    images: int = 300
    augmented: bool = False

    def __post_init__(self) -> None:
        transformation = named(self.transformation)
        own = transformation.levels_at(self.run.source.size)
        levels = self.levels or own
        strengths = [transformation.strength(level) for level in levels]
        if len(levels) < 2 or levels[0] != own[0] or np.any(np.diff(strengths) <= 0):
            raise InputError(
                f"levels of {self.transformation} are {levels}; expected {own[0]} and then one or more that "
                "are ever stronger"
            )
        object.__setattr__(self, "levels", tuple(map(float, levels)))


def test_images(plan: Tolerance) -> Stimuli:
    """The test images that are transformed."""
    return splits(plan.run).test.evenly(plan.images)


@disk_cached
def measure(plan: Tolerance) -> pd.DataFrame:
    """Answers of the network to its test images at every level.

    Returns
    -------
    DataFrame
        One row a level and image: task, architecture, seed, transformation, level, image (its place in the
        set), identity, correct.
    """
    with single_thread():
        network, stimuli = (augmented if plan.augmented else trained)(plan), test_images(plan)
        labels = stimuli.labels(plan.run.task, network.specification.classes)
        inputs = network.prepare(stimuli.images)
        correct = [answers(network, inputs, plan.transformation, level) == labels for level in plan.levels]
    n = len(labels)
    return pd.DataFrame(
        {
            "task": plan.run.task,
            "architecture": plan.run.architecture,
            "seed": plan.run.seed,
            "transformation": plan.transformation,
            "level": np.repeat(plan.levels, n),
            "image": np.tile(np.arange(n), len(plan.levels)),
            "identity": np.tile(stimuli.table["identity"].to_numpy(), len(plan.levels)),
            "correct": np.concatenate(correct),
        }
    )


def trained(plan: Tolerance) -> Network:
    """The network of the plan's training run."""
    return train(plan.run).network


def augmented(plan: Tolerance) -> Network:
    """A network like that of the plan's training run, trained from scratch, `LONGER`, on images at every
    level alike.

    No network can be expected to tolerate a transformation better than one that has learned from it.
    """
    parts = splits(plan.run)
    spec = replace(trained(plan).specification, pretraining="none", strategy="augmented")
    moved = Split(transformed(parts.train, plan), transformed(parts.validation, plan), parts.test)
    recipe = plan.run.recipes[0]
    return fit(build(spec), moved, replace(recipe, exposures=LONGER * recipe.exposures))[0]


def transformed(stimuli: Stimuli, plan: Tolerance) -> Stimuli:
    """Every image at every level of the plan."""
    pixels = torch.from_numpy(stimuli.images).permute(0, 3, 1, 2).float()
    transform, places = named(plan.transformation), torch.arange(len(stimuli))
    moved = [transform(pixels, level, places).round().clamp(0, 255).byte() for level in plan.levels]
    return join([replace(stimuli, images=each.permute(0, 2, 3, 1).numpy()) for each in moved])


def answers(network: Network, inputs: torch.Tensor, transformation: str, level: float) -> np.ndarray:
    """The class (index, N) that a network sees in each prepared image when it is transformed."""
    transform, places = named(transformation), torch.arange(len(inputs))
    parts = [
        network.logits(transform(batch, level, place)).argmax(1)
        for batch, place in zip(inputs.split(BATCH), places.split(BATCH), strict=True)
    ]
    return torch.cat(parts).numpy()


def by_level(
    table: pd.DataFrame, by: Sequence[str] = ("architecture",), draws: int = 2000, seed: int = 0
) -> Bootstrap:
    """Accuracy by level, with draws over seeds and identities that all curves share.

    Parameters
    ----------
    table : as `measure` makes it; several joined, with any columns that tell them apart
    by : columns that tell curves apart, besides the transformation
    """
    return bootstrap(table, "correct", [*by, "transformation", "level"], draws, seed)


def summaries(curves: Bootstrap, chance: float) -> dict[str, Bootstrap]:
    """Each of `MEASURES` of curves of accuracy by level, with draws; see `summary`."""

    def reduced(measure: str) -> Bootstrap:
        def of_curve(labels: dict[str, Any], levels: np.ndarray, accuracy: np.ndarray) -> np.ndarray:
            return summary(measure, labels["transformation"], levels, accuracy, chance)

        return curves.reduce("level", of_curve)

    return {measure: reduced(measure) for measure in MEASURES}


def relative(curves: Bootstrap, chance: float) -> Bootstrap:
    """Curves of accuracy by level as shares of what is known untransformed, both corrected for chance.

    Draws in which a network is at chance untransformed have no such share (NaN).
    """
    corrected = Bootstrap(
        (curves.estimate - chance) / (1 - chance), (curves.draws - chance) / (1 - chance), curves.seeds
    )
    conditions = curves.estimate.index.to_frame(index=False)
    strength = [named(t).strength(level) for t, level in conditions[["transformation", "level"]].to_numpy()]
    curve = [name for name in conditions if name != "level"]
    start = conditions.assign(strength=strength).groupby(curve, sort=False)["strength"].transform("idxmin")
    known = Bootstrap(
        pd.Series(corrected.estimate.to_numpy()[start], curves.estimate.index),
        pd.DataFrame(corrected.draws.to_numpy()[:, start], columns=curves.draws.columns),
        curves.seeds,
    )
    known.estimate[known.estimate <= 0] = np.nan
    return corrected.ratio(Bootstrap(known.estimate, known.draws.where(known.draws > 0), curves.seeds))


def networks(table: pd.DataFrame, chance: float, by: Sequence[str] = ("architecture",)) -> pd.DataFrame:
    """Each of `MEASURES` for every single network.

    Returns
    -------
    DataFrame
        One row a network and transformation: the columns `by`, seed, transformation and `MEASURES`.
    """
    keys = [*by, "seed", "transformation"]
    accuracy = table.groupby([*keys, "level"], observed=True, sort=False)["correct"].mean().reset_index()
    rows = []
    for key, curve in accuracy.groupby(keys, observed=True, sort=False):
        levels, values = curve["level"].to_numpy(), curve["correct"].to_numpy()[None]
        rows.append((*key, *(summary(name, key[-1], levels, values, chance)[0] for name in MEASURES)))
    return pd.DataFrame(rows, columns=[*keys, *MEASURES])


def summary(
    measure: str, transformation: str, levels: np.ndarray, accuracy: np.ndarray, chance: float
) -> np.ndarray:
    """One number for each curve of accuracy by level.

    Parameters
    ----------
    measure : one of `MEASURES`
        ``untransformed`` is accuracy itself at the identity level. The others are of chance-corrected
        accuracy along strength: ``area`` is its mean over the range of strengths (trapezoids), ``tolerance``
        the area divided by the value at the identity, ``half-width`` the level where it first falls to half
        of that value, between levels on a straight line in strength; where it never does, the strongest level
        measured, which is then a lower bound.
    transformation : its name
    levels : n, in any order; the weakest is the identity
    accuracy : curves x n
    chance : accuracy of guessing

    Returns
    -------
    ndarray, one a curve
        NaN for ``tolerance`` and ``half-width`` where untransformed accuracy is not above chance.
    """
    transform = named(transformation)
    strength = np.array([transform.strength(level) for level in levels])
    order = np.argsort(strength)
    strength, accuracy = strength[order], accuracy[:, order]
    if measure == "untransformed":
        return accuracy[:, 0]
    corrected = (accuracy - chance) / (1 - chance)
    start = np.where(corrected[:, 0] > 0, corrected[:, 0], np.nan)
    if measure == "half-width":
        return np.vectorize(transform.level)(_first_below(strength, corrected / start[:, None], 0.5))
    area = np.trapezoid(corrected, strength, axis=1) / (strength[-1] - strength[0])
    return area if measure == "area" else area / start


def matched(table: pd.DataFrame, across: Sequence[str]) -> pd.DataFrame:
    """The part of the answers in which all compared networks know every untransformed image.

    Tolerance relative to untransformed accuracy rises when that accuracy falls, because a network that knows
    few images knows the easy ones. Here only those images are kept that, untransformed, every network of the
    comparison answers rightly: the same images for all, and an untransformed accuracy of one for all. Nothing
    is extrapolated, as it would be by a regression on accuracy where networks share no accuracy. The price is
    that these are easier images, which flatter all networks, and that a weak network leaves few of them: say
    how many. Right answers that were luck are lost first, so the comparison leans, if at all, against weak
    networks.

    Parameters
    ----------
    table : as `measure` makes it; several joined
    across : columns whose values are compared, such as ``["strategy"]``; images are matched within each
        combination of the others (task, architecture, seed, transformation)

    Returns
    -------
    DataFrame
        Rows of `table`.
    """
    missing = set(across) - set(table.columns)
    if missing:
        raise InputError(f"the answers have no column {', '.join(sorted(missing))} to be matched across")
    units = ["task", "architecture", "seed", "transformation", "image"]
    within = [name for name in units if name not in across]
    identity = {
        name: min(part["level"], key=named(name).strength) for name, part in table.groupby("transformation")
    }
    untransformed = table[table["level"] == table["transformation"].map(identity)]
    known = untransformed.groupby(within, observed=True)["correct"].agg(["all", "size"])
    compared = known.groupby(within[:-1], observed=True)["size"].transform("max")
    images = known.index[known["all"] & (known["size"] == compared)]
    if images.empty:
        raise InputError(
            f"no untransformed image is known to all networks that differ in {', '.join(across)}"
        )
    return table[pd.MultiIndex.from_frame(table[within]).isin(images)].reset_index(drop=True)


def ordered(table: pd.DataFrame, **orders: Sequence[str]) -> pd.DataFrame:
    """Rows in the study's order of transformations, and before that in the order of values of other columns.

    ``ordered(table, architecture=["vgg16_bn", "alexnet_bn"])`` puts all of vgg16_bn first.
    """
    places = {"transformation": list(TRANSFORMATIONS), **orders}
    for column, values in places.items():
        if column in table:
            place = {value: i for i, value in enumerate(values)}
            table = table.sort_values(column, key=lambda each, place=place: each.map(place), kind="stable")
    return table.reset_index(drop=True)


def _first_below(x: np.ndarray, y: np.ndarray, threshold: float) -> np.ndarray:
    """Where each curve (curves x n) first falls to `threshold`, between points on a straight line."""
    below = y <= threshold
    reached = below.any(axis=1)
    after = np.where(reached, below.argmax(axis=1), len(x) - 1)
    before = np.maximum(after - 1, 0)
    rows = np.arange(len(y))
    high, low = y[rows, before], y[rows, after]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (high - threshold) / (high - low)
    found = np.where(reached, x[before] + share * (x[after] - x[before]), x[-1])
    return np.where(np.isnan(y[:, 0]), np.nan, found)
