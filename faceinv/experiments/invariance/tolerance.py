"""Tolerance: accuracy for faces that are shifted, scaled, rotated, blurred or reduced in resolution.

Accuracy by level is a tolerance curve. It is summarised by three measures of chance-corrected accuracy (0 at
chance, 1 if all are correct) along the strength of the transformation: its *area*, its area relative to the
untransformed accuracy (*tolerance*), and its *half-width*.
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
from faceinv.metrics.tolerance_curve import transformed_answers
from faceinv.models.architectures import Network, build
from faceinv.models.training import fit, single_thread
from faceinv.models.training_runs import TrainingRun, splits, train
from faceinv.perturbations.transformations import TRANSFORMATIONS, named
from faceinv.runtime.cache import disk_cached

TOLERANCE_MEASURES = ("untransformed", "area", "tolerance", "half-width")
"""Summaries of a curve: see `summary`."""

NEAR_CHANCE = "near chance"
"""Note where untransformed accuracy is not safely above chance."""


@dataclass(frozen=True)
class Tolerance:
    """A trained network under one transformation.

    Attributes
    ----------
    run : the trained network, whose test images are transformed
    transformation : its name (see `faceinv.perturbations.transformations.TRANSFORMATIONS`)
    levels : levels to measure, the identity first; by default those of the transformation
    images : maximum number of test images, evenly spaced in the test set
    augmented : whether to train the network on images transformed in this way, as an upper bound
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
                f"levels of {self.transformation} are {levels}; expected {own[0]} and then one or more "
                "of increasing strength"
            )
        object.__setattr__(self, "levels", tuple(map(float, levels)))


def images_to_transform(plan: Tolerance) -> Stimuli:
    """The test images that are transformed."""
    return splits(plan.run).test.evenly(plan.images)


@disk_cached
def measure(plan: Tolerance) -> pd.DataFrame:
    """Classification of the test images by the network at every level.

    Returns
    -------
    DataFrame
        One row per level and image: task, architecture, seed, transformation, level, image (its index in the
        set), identity, correct.
    """
    with single_thread():
        network, stimuli = (augmented if plan.augmented else trained)(plan), images_to_transform(plan)
        labels = stimuli.labels(plan.run.task, network.specification.classes)
        inputs = network.prepare(stimuli.images)
        correct = [
            transformed_answers(network, inputs, plan.transformation, level) == labels
            for level in plan.levels
        ]
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
    """The network of the training run."""
    return train(plan.run).network


def augmented(plan: Tolerance) -> Network:
    """The same network, trained from scratch and `LONGER` on images at all levels, equally often.

    It is an upper bound: no network is expected to be more tolerant than one trained on the transformation.
    """
    parts = splits(plan.run)
    spec = replace(trained(plan).specification, pretraining="none", strategy="augmented")
    moved = Split(
        transformed_stimuli(parts.train, plan), transformed_stimuli(parts.validation, plan), parts.test
    )
    recipe = plan.run.recipes[0]
    return fit(build(spec), moved, replace(recipe, exposures=LONGER * recipe.exposures))[0]


def transformed_stimuli(stimuli: Stimuli, plan: Tolerance) -> Stimuli:
    """Every image at every level of the plan."""
    pixels = torch.from_numpy(stimuli.images).permute(0, 3, 1, 2).float()
    transform, places = named(plan.transformation), torch.arange(len(stimuli))
    moved = [transform(pixels, level, places).round().clamp(0, 255).byte() for level in plan.levels]
    return join([replace(stimuli, images=each.permute(0, 2, 3, 1).numpy()) for each in moved])


def by_level(
    table: pd.DataFrame, by: Sequence[str] = ("architecture",), draws: int = 2000, seed: int = 0
) -> Bootstrap:
    """Accuracy by level, with bootstrap draws over seeds and identities shared by all curves.

    Parameters
    ----------
    table : concatenated results of `measure`, with the columns `by`
    by : columns that distinguish curves, besides the transformation
    """
    return bootstrap(table, "correct", [*by, "transformation", "level"], draws, seed)


def summaries(curves: Bootstrap, chance: float) -> dict[str, Bootstrap]:
    """Each of `TOLERANCE_MEASURES` of tolerance curves; see `summary`.

    Tolerance and half-width are nan, with the note `NEAR_CHANCE`, unless the whole interval of untransformed
    accuracy is above chance: what is divided by it would be anything.
    """

    def reduced(measure: str) -> Bootstrap:
        def of_curve(labels: dict[str, Any], levels: np.ndarray, accuracy: np.ndarray) -> np.ndarray:
            return summary(measure, labels["transformation"], levels, accuracy, chance)

        return curves.reduce("level", of_curve)

    untransformed, area, half_width = (reduced(name) for name in ("untransformed", "area", "half-width"))
    start = untransformed.map(lambda accuracy: (accuracy - chance) / (1 - chance))
    tolerance = area.ratio(start, NEAR_CHANCE)
    known = tolerance.estimate.notna().to_numpy()
    found = (untransformed, area, tolerance, half_width.where(known, NEAR_CHANCE))
    return dict(zip(TOLERANCE_MEASURES, found, strict=True))


def relative(curves: Bootstrap, chance: float) -> Bootstrap:
    """Tolerance curves relative to the untransformed accuracy, both corrected for chance.

    NaN, with the note `NEAR_CHANCE`, unless the whole interval of untransformed accuracy is above chance.
    """
    corrected = curves.map(lambda accuracy: (accuracy - chance) / (1 - chance))
    conditions = curves.estimate.index.to_frame(index=False)
    strength = [named(t).strength(level) for t, level in conditions[["transformation", "level"]].to_numpy()]
    curve = [name for name in conditions if name != "level"]
    start = conditions.assign(strength=strength).groupby(curve, sort=False)["strength"].transform("idxmin")
    return corrected.ratio(corrected.take(start.to_numpy(), corrected.estimate.index), NEAR_CHANCE)


def by_network(table: pd.DataFrame, chance: float, by: Sequence[str] = ("architecture",)) -> pd.DataFrame:
    """Each of `TOLERANCE_MEASURES` for each network.

    Returns
    -------
    DataFrame
        One row per network and transformation: the columns `by`, base (if the table has it), seed,
        transformation and `TOLERANCE_MEASURES`.
    """
    keys = [*by, *(["base"] if "base" in table else []), "seed", "transformation"]
    accuracy = table.groupby([*keys, "level"], observed=True, sort=False)["correct"].mean().reset_index()
    rows = []
    for key, curve in accuracy.groupby(keys, observed=True, sort=False):
        levels, values = curve["level"].to_numpy(), curve["correct"].to_numpy()[None]
        rows.append(
            (*key, *(summary(name, key[-1], levels, values, chance)[0] for name in TOLERANCE_MEASURES))
        )
    return pd.DataFrame(rows, columns=[*keys, *TOLERANCE_MEASURES])


def summary(
    measure: str, transformation: str, levels: np.ndarray, accuracy: np.ndarray, chance: float
) -> np.ndarray:
    """A summary measure of each tolerance curve.

    Parameters
    ----------
    measure : one of `TOLERANCE_MEASURES`
        ``untransformed`` is the accuracy at the identity level. The others are computed from chance-corrected
        accuracy by strength: ``area`` is its mean over the range of strengths (trapezoidal rule),
        ``tolerance`` the area divided by the value at the identity, and ``half-width`` the level at which it
        first falls to half of that value, interpolated linearly in strength; if it never does, the strongest
        level measured, which is then a lower bound.
    transformation : its name
    levels : n, in any order; the weakest is the identity
    accuracy : curves x n
    chance : accuracy at chance

    Returns
    -------
    ndarray, one value per curve
        NaN for ``tolerance`` and ``half-width`` if untransformed accuracy is not above chance.
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
    """Results for the images that all compared networks classify correctly when untransformed.

    Tolerance relative to untransformed accuracy increases as that accuracy decreases, because a network that
    classifies few images correctly does so for the easy ones. Here only images are used that every network of
    the comparison classifies correctly when untransformed: the same images, and an untransformed accuracy of
    1, for all. Nothing is extrapolated, unlike a regression on accuracy between networks without overlap. The
    cost is that these images are easier than average, which favours all networks, and that a weak network
    leaves few of them: report how many. Lucky guesses are lost first, so any bias is against weak networks.

    Parameters
    ----------
    table : concatenated results of `measure`
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
    correct = untransformed.groupby(within, observed=True)["correct"].agg(["all", "size"])
    compared = correct.groupby(within[:-1], observed=True)["size"].transform("max")
    images = correct.index[correct["all"] & (correct["size"] == compared)]
    if images.empty:
        raise InputError(
            f"no untransformed image is classified correctly by all networks across {', '.join(across)}"
        )
    return table[pd.MultiIndex.from_frame(table[within]).isin(images)].reset_index(drop=True)


def ordered(table: pd.DataFrame, **orders: Sequence[str]) -> pd.DataFrame:
    """Rows sorted by the given orders of column values, and then by transformation in the order of the study.

    ``ordered(table, architecture=["vgg16_bn", "alexnet_bn"])`` puts all of vgg16_bn first.
    """
    places = {"transformation": list(TRANSFORMATIONS), **orders}
    for column, values in places.items():
        if column in table:
            place = {value: i for i, value in enumerate(values)}
            table = table.sort_values(column, key=lambda each, place=place: each.map(place), kind="stable")
    return table.reset_index(drop=True)


def _first_below(x: np.ndarray, y: np.ndarray, threshold: float) -> np.ndarray:
    """The x at which each curve (curves x n) first falls to `threshold`, by linear interpolation."""
    below = y <= threshold
    reached = below.any(axis=1)
    after = np.where(reached, below.argmax(axis=1), len(x) - 1)
    before = np.maximum(after - 1, 0)
    rows = np.arange(len(y))
    high, low = y[rows, before], y[rows, after]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (high - threshold) / (high - low)
    crossing = np.where(reached, x[before] + share * (x[after] - x[before]), x[-1])
    return np.where(np.isnan(y[:, 0]), np.nan, crossing)
