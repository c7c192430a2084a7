"""Tolerance: accuracy for faces that are shifted, scaled, rotated, blurred or reduced in resolution.

Accuracy by level is a tolerance curve. It is summarised by three measures of chance-corrected accuracy (0 at
chance, 1 if all are correct) along the strength of the transformation: its *area*, its area relative to the
untransformed accuracy (*tolerance*), and its *half-width*.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import isnan, nan
from typing import Any

import numpy as np
import pandas as pd
import torch

from faceinv.data.stimuli import Stimuli, join
from faceinv.data.tasks import Split
from faceinv.errors import InputError
from faceinv.experiments.sizes import LONGER
from faceinv.metrics.bootstrap import Bootstrap, bootstrap
from faceinv.metrics.tolerance_curve import transformed_answers
from faceinv.metrics.variance_components import OF_PEOPLE, WITHOUT_PERSON
from faceinv.models.architectures import Network, Specification, build
from faceinv.models.footprints import FLOAT
from faceinv.models.training import fit, single_thread
from faceinv.models.training_runs import TrainingRun, splits, train
from faceinv.perturbations.transformations import PUBLISHED, TRANSFORMATIONS, Transformation, named
from faceinv.runtime import parallel
from faceinv.runtime.cache import disk_cached
from faceinv.runtime.large_arrays import large_empty, row_blocks

TOLERANCE_MEASURES = ("untransformed", "area", "tolerance", "half-width")
"""Summaries of a curve: see `summary`."""

Interval = tuple[float, float, float, float]
"""Estimate, low, high and degrees of freedom."""
UNKNOWN_INTERVAL: Interval = (nan, nan, nan, nan)

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
    augmented : whether to measure a network trained on transformed images instead, see `versatile`
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
        One row per level and image: task, architecture, pretraining, base, seed, transformation, level, image
        (its index in the set), identity, correct.
    """
    with single_thread():
        network = versatile(plan.run) if plan.augmented else train(plan.run).network
        return answers_of_network(network, plan, images_to_transform(plan))


def answers_of_network(network: Network, plan: Tolerance, stimuli: Stimuli) -> pd.DataFrame:
    """Classification of stimuli by any network of a plan's run at every level of the plan; see `measure`."""
    labels = stimuli.labels(plan.run.task, network.specification.classes)
    inputs = network.prepare(stimuli.images)
    answers = [transformed_answers(network, inputs, plan.transformation, level) for level in plan.levels]
    return answer_table(plan, stimuli, [answer == labels for answer in answers])


def answer_table(plan: Tolerance, stimuli: Stimuli, correct: Sequence[np.ndarray]) -> pd.DataFrame:
    """The table of `measure`: whether each image is classified correctly, by level of the plan."""
    n = len(stimuli)
    return pd.DataFrame(
        {
            "task": plan.run.task,
            "architecture": plan.run.architecture,
            "pretraining": plan.run.pretraining,
            "base": plan.run.base,
            "seed": plan.run.seed,
            "transformation": plan.transformation,
            "level": np.repeat(plan.levels, n),
            "image": np.tile(np.arange(n), len(plan.levels)),
            "identity": np.tile(stimuli.table["identity"].to_numpy(), len(plan.levels)),
            "correct": np.concatenate(correct),
        }
    )


def transformed(
    runs: Sequence[TrainingRun], images: int, augmented: bool = False
) -> dict[Tolerance, pd.DataFrame]:
    """Results of `measure` for every network and transformation, computed on all cores.

    Parameters
    ----------
    runs : networks
    images, augmented : see `Tolerance`
    """
    plans = [
        tuple(Tolerance(run, name, images=images, augmented=augmented) for name in TRANSFORMATIONS)
        for run in runs
    ]
    found = parallel.parallel_map(_of_network, plans, "upper bound" if augmented else "transforming")
    return {
        plan: table
        for of, tables in zip(plans, found, strict=True)
        for plan, table in zip(of, tables, strict=True)
    }


def _of_network(plans: tuple[Tolerance, ...]) -> list[pd.DataFrame]:
    """Results of one network, which a worker then loads once."""
    return [measure(plan) for plan in plans]


def labelled(
    answers: Mapping[Tolerance, pd.DataFrame], name: Callable[[TrainingRun], object], column: str = "strategy"
) -> pd.DataFrame:
    """Results by network and transformation as one table, with a name for each network."""
    tables = [table.assign(**{column: name(plan.run)}) for plan, table in answers.items()]
    return pd.concat(tables, ignore_index=True)


@lru_cache(maxsize=1)  # a worker measures all transformations of one network in a row
def versatile(run: TrainingRun) -> Network:
    """The network of a run trained from scratch, and `LONGER`, on images moved in all published ways.

    It is an upper bound: no network is expected to be more tolerant than one that was trained on the
    transformations themselves, at all their levels equally often.
    """
    specification, weights = _versatile(run)
    network = build(specification)
    network.module.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    return network


@disk_cached
def _versatile(run: TrainingRun) -> tuple[Specification, dict[str, np.ndarray]]:
    parts = splits(run)
    spec = replace(train(run).network.specification, pretraining="none", strategy="augmented")
    moved = Split(transformed_stimuli(parts.train), transformed_stimuli(parts.validation, 1), parts.test)
    recipe = run.recipes[0]
    network, _ = fit(build(spec), moved, replace(recipe, exposures=LONGER * recipe.exposures))
    return spec, {name: value.cpu().numpy() for name, value in network.module.state_dict().items()}


def transformed_stimuli(stimuli: Stimuli, copies: int = 3) -> Stimuli:
    """Every image several times in each published transformation, each time at another level.

    Levels are dealt out in turn, so that over the set all levels, the identity among them, are equally
    frequent.
    """
    parts = (
        replace(stimuli, images=_moved_images(stimuli.images, named(name), copy, copies))
        for name in PUBLISHED
        for copy in range(copies)
    )
    return join(parts, len(PUBLISHED) * copies * len(stimuli))


def _moved_images(images: np.ndarray, transform: Transformation, copy: int, copies: int) -> np.ndarray:
    """One of several copies of images (uint8, N x H x W x 3), transformed at levels that take turns."""
    levels = transform.levels_at(images.shape[1])
    found = large_empty(images.shape)
    for part in row_blocks(FLOAT * images[0].size, len(images)):
        pixels = torch.from_numpy(images[part]).permute(0, 3, 1, 2).float()
        turn = torch.arange(part.start, part.stop)
        moved = pixels.clone()
        for place, level in enumerate(levels):
            here = (turn + copy * (1 + len(levels) // copies)) % len(levels) == place
            if here.any():
                moved[here] = transform(pixels[here], level, turn[here])
        found[part] = moved.round().clamp(0, 255).byte().permute(0, 2, 3, 1).numpy()
    return found


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
    untransformed = replace(untransformed, bounds=(0.0, 1.0))
    area = replace(area, bounds=(-chance / (1 - chance), 1.0))
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


def interval_of_mean(boot: Bootstrap) -> Interval:
    """The interval of the mean over all conditions; `UNKNOWN_INTERVAL` if one of them is unknown."""
    row = boot.combine(lambda frame: frame.mean(axis=1, skipna=False)).interval().iloc[0]
    return interval_of(row)


def interval_of(row: pd.Series) -> Interval:
    """The interval in a row of a table of intervals; without an estimate, as of a network at chance, none."""
    if isnan(row["estimate"]):
        return UNKNOWN_INTERVAL
    return float(row["estimate"]), float(row["low"]), float(row["high"]), float(row["df"])


def by_network(table: pd.DataFrame, chance: float, by: Sequence[str] = ("architecture",)) -> pd.DataFrame:
    """Each of `TOLERANCE_MEASURES` for each network.

    Returns
    -------
    DataFrame
        One row per network and transformation: the columns `by`, base (if the table has it), seed,
        transformation and `TOLERANCE_MEASURES`.
    """
    keys = _network_keys(table, by)
    accuracy = table.groupby([*keys, "level"], observed=True, sort=False)["correct"].mean().reset_index()
    rows = []
    for key, curve in accuracy.groupby(keys, observed=True, sort=False):
        levels, values = curve["level"].to_numpy(), curve["correct"].to_numpy()[None]
        rows.append(
            (*key, *(summary(name, key[-1], levels, values, chance)[0] for name in TOLERANCE_MEASURES))
        )
    return pd.DataFrame(rows, columns=[*keys, *TOLERANCE_MEASURES])


def by_network_without_each(
    table: pd.DataFrame, chance: float, by: Sequence[str] = ("architecture",), measure: str = "tolerance"
) -> pd.DataFrame:
    """One of `TOLERANCE_MEASURES` for each network, without the images of each person in turn.

    Returns
    -------
    DataFrame
        One row per network, transformation and person: the columns of `by_network` that tell networks apart,
        `WITHOUT_PERSON` and `measure`.
    """
    keys = _network_keys(table, by)
    cells = table.groupby([*keys, "level", OF_PEOPLE], observed=True, sort=False)["correct"]
    sums, sizes = (each.unstack(OF_PEOPLE, fill_value=0) for each in (cells.sum(), cells.size()))
    rest = (-sums).add(sums.sum(axis=1), axis=0) / (-sizes).add(sizes.sum(axis=1), axis=0)
    found = []
    for key, curves in rest.groupby(level=keys, observed=True, sort=False):
        levels = curves.index.get_level_values("level").to_numpy()
        values = summary(measure, key[-1], levels, curves.to_numpy(dtype=float).T, chance)
        part = pd.DataFrame({WITHOUT_PERSON: rest.columns, measure: values})
        found.append(part.assign(**dict(zip(keys, key, strict=True))))
    return pd.concat(found, ignore_index=True)[[*keys, WITHOUT_PERSON, measure]]


def _network_keys(table: pd.DataFrame, by: Sequence[str]) -> list[str]:
    return [*by, *(["base"] if "base" in table else []), "seed", "transformation"]


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
