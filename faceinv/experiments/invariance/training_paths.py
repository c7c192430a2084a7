"""Training paths: what a network tolerates against what it knows, at checkpoints along its training.

A strategy that makes networks more accurate may seem to make them more tolerant, and the other way round. Two
strategies whose networks follow the same path of (untransformed accuracy, tolerance) differ in how far they
have come on it: one knows more. If the path of one lies above that of the other, it tolerates more of what it
knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd

from faceinv.errors import InputError
from faceinv.experiments.invariance.tolerance import (
    UNKNOWN_INTERVAL,
    Interval,
    Tolerance,
    answers_of_network,
    by_level,
    images_to_transform,
    interval_of,
    measure,
    summaries,
    summary,
)
from faceinv.metrics.bootstrap import ALONE, Bootstrap
from faceinv.models.training import single_thread
from faceinv.models.training_runs import TrainingRun, checkpoint
from faceinv.perturbations.transformations import PUBLISHED
from faceinv.runtime import parallel
from faceinv.runtime.cache import disk_cached

ALL = "all architectures"
NOT_COMMON = "no common accuracy"
"""Note where one path never rises through the highest accuracy of the other."""
END = 1.0
"""Share of the exposures at which a path ends: the network with the weights that validation chose."""


@disk_cached
def measure_path(run: TrainingRun, images: int, transformations: Sequence[str] = PUBLISHED) -> pd.DataFrame:
    """Classification of transformed test images at every checkpoint of a training run.

    Returns
    -------
    DataFrame
        The columns of `faceinv.experiments.invariance.tolerance.measure`, and share (of the exposures).
    """
    tables = []
    with single_thread():
        for share in run.checkpoints:
            network = checkpoint(run, share)
            for name in transformations:
                plan = Tolerance(run, name, images=images)
                answers = answers_of_network(network, plan, images_to_transform(plan))
                tables.append(answers.assign(share=share))
    if not tables:
        raise InputError("a training path needs checkpoints, and the training run has none")
    return pd.concat(tables, ignore_index=True)


def with_end(run: TrainingRun, path: pd.DataFrame, images: int) -> pd.DataFrame:
    """A result of `measure_path` with the trained network itself as its last point, `END`."""
    names = list(dict.fromkeys(path["transformation"]))
    last = [measure(Tolerance(run, name, images=images)).assign(share=END) for name in names]
    return pd.concat([path, *last], ignore_index=True)


def measured_paths(
    runs: Sequence[TrainingRun], images: int, name: Callable[[TrainingRun], str]
) -> pd.DataFrame:
    """Paths of networks to their ends, on all cores, with the column strategy: a name for each network."""
    paths = parallel.parallel_map(partial(measure_path, images=images), runs, "measuring paths")
    tables = [
        with_end(run, path, images).assign(strategy=name(run)) for run, path in zip(runs, paths, strict=True)
    ]
    return pd.concat(tables, ignore_index=True)


def path_table(points: Mapping[str, Bootstrap], value: str = "tolerance") -> pd.DataFrame:
    """Accuracy and another measure at each point of each path, side by side.

    Returns
    -------
    DataFrame
        The conditions of `points`, estimate, low and high of accuracy (``_x``) and of `value` (``_y``), and
        seeds.
    """
    keys = list(points[value].estimate.index.names)
    accuracy, other = (points[name].interval() for name in ("untransformed", value))
    columns = [*keys, "estimate", "low", "high"]
    return accuracy[columns].merge(other[[*columns, "seeds"]], on=keys, suffixes=("_x", "_y"))


def path_curves(
    table: pd.DataFrame, by: Sequence[str] = ("architecture", "strategy"), draws: int = 2000, seed: int = 0
) -> Bootstrap:
    """Tolerance curves at each share of the exposures.

    Parameters
    ----------
    table : concatenated results of `with_end`, with the columns `by`
    by : columns that distinguish paths
    """
    return by_level(table, [*by, "share"], draws, seed)


def path_points(curves: Bootstrap, chance: float) -> dict[str, Bootstrap]:
    """Untransformed accuracy, area and tolerance at each point of paths, means over transformations.

    Parameters
    ----------
    curves : see `path_curves`
    """
    found = summaries(curves, chance)
    return {name: found[name].average("transformation") for name in ("untransformed", "area", "tolerance")}


def at_matched_accuracy(curves: Bootstrap, chance: float, strategy: str, reference: str) -> pd.DataFrame:
    """Tolerance of two strategies where their networks know equally much, by architecture.

    The common accuracy is the highest that both paths reach. On each path, accuracy and area (means over
    transformations) are interpolated linearly between the checkpoints where accuracy first rises to it (see
    `interpolated`); tolerance is the area there, divided by the chance-corrected accuracy.

    Parameters
    ----------
    curves : see `path_curves`, by architecture and strategy; paths of architectures that do not have both
        strategies are left out
    chance : accuracy at chance
    strategy, reference : strategies to compare

    Returns
    -------
    DataFrame
        One row per architecture, and one for `ALL`, their mean: the columns of `Bootstrap.interval` for the
        tolerance of `strategy` minus that of `reference`, note, and accuracy (the common one). NaN where one
        path never rises through the accuracy, which the note says; the mean is NaN if one architecture is,
        and its note says which are not: a mean over some of them is not that over all.
    """
    conditions = curves.estimate.index.to_frame(index=False)
    of_two = conditions["strategy"].isin([strategy, reference])
    counts = conditions[of_two].groupby("architecture", sort=False)["strategy"].nunique()
    architectures = list(counts.index[counts == 2])
    if not architectures:
        raise InputError(f"no architecture was trained both by {strategy!r} and by {reference!r}")

    def gain(frame: pd.DataFrame, architecture: str) -> tuple[np.ndarray, np.ndarray]:
        path, base = (_path(frame, architecture, name, chance) for name in (strategy, reference))
        common = np.minimum(path[0].max(axis=1), base[0].max(axis=1))
        corrected = (common - chance) / (1 - chance)
        with np.errstate(invalid="ignore", divide="ignore"):
            found = (interpolated(*path, common) - interpolated(*base, common)) / corrected
        return np.where(corrected > 0, found, np.nan), common

    estimates = curves.estimate.to_frame().T
    known = [name for name in architectures if not np.isnan(gain(estimates, name)[0][0])]
    compared = f"{NOT_COMMON} but in {len(known)} of {len(architectures)} ({', '.join(known) or 'none'})"
    rows = []
    for label, names in [*((name, [name]) for name in architectures), (ALL, architectures)]:
        here = of_two & conditions["architecture"].isin(names)

        def mean_gain(frame: pd.DataFrame, names: Sequence[str] = names) -> pd.Series:
            return pd.Series(np.mean([gain(frame, name)[0] for name in names], axis=0))

        mean = curves.take(np.flatnonzero(here)).combine(mean_gain)
        accuracy = float(np.mean([gain(estimates, name)[1][0] for name in names]))
        found = mean.interval().drop(columns=ALONE).assign(architecture=label, accuracy=accuracy)
        if not set(names) <= set(known):
            found["note"] = compared if label == ALL else NOT_COMMON
        rows.append(found.assign(note=found.get("note", "")))
    return pd.concat(rows, ignore_index=True)


def over_all(gains: pd.DataFrame) -> Interval:
    """The interval of the mean over all architectures in a result of `at_matched_accuracy`; NaN if none."""
    mean = gains[gains["architecture"] == ALL]
    return UNKNOWN_INTERVAL if mean.empty else interval_of(mean.iloc[0])


def uncompared(gains: Mapping[str, pd.DataFrame]) -> str:
    """Which architectures no accuracy is common to, in a sentence for each strategy; empty if there are none.

    Parameters
    ----------
    gains : results of `at_matched_accuracy` by strategy
    """
    said = []
    for strategy, table in gains.items():
        missing = table[table["estimate"].isna() & (table["architecture"] != ALL)]
        if len(missing):
            said.append(
                f"{strategy} is not compared at the same accuracy in {', '.join(missing['architecture'])}: "
                "one path never rises through the highest accuracy of the other."
            )
    return " ".join(said)


def _path(
    frame: pd.DataFrame, architecture: str, strategy: str, chance: float
) -> tuple[np.ndarray, np.ndarray]:
    """Untransformed accuracy and area (rows x points) along a path, means over transformations.

    Parameters
    ----------
    frame : a column for each condition of `path_curves`
    """
    part = frame.loc[:, (architecture, strategy)]
    names = list(dict.fromkeys(part.columns.get_level_values("transformation")))
    points = []
    for share in sorted(set(part.columns.get_level_values("share"))):
        of_point = [part[(share, name)] for name in names]
        points.append(
            [
                np.mean(
                    [
                        summary(measure, name, each.columns.to_numpy(dtype=float), each.to_numpy(), chance)
                        for name, each in zip(names, of_point, strict=True)
                    ],
                    axis=0,
                )
                for measure in ("untransformed", "area")
            ]
        )
    accuracy, area = (np.stack([point[k] for point in points], axis=1) for k in (0, 1))
    return accuracy, area


def interpolated(accuracy: np.ndarray, values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Values along paths where each first rises to a wanted accuracy (n), linearly between its points.

    A network that starts from a base may know more at its first checkpoint than at the next: the learning
    rate warms up, and what was known is lost before it is learned again. Its path is then read where it
    rises to the wanted accuracy after that.

    Parameters
    ----------
    accuracy, values : n x points, in the order of training
    wanted : n

    Returns
    -------
    ndarray, n
        NaN where a path is never below the wanted accuracy before it reaches it, unless it begins there.
    """
    reached = accuracy >= wanted[:, None] - 1e-12
    begins = np.isclose(accuracy[:, :1], wanted[:, None])
    rises = np.concatenate([begins, ~reached[:, :-1] & reached[:, 1:]], axis=1)
    after = rises.argmax(axis=1)
    rows = np.arange(len(accuracy))
    before = np.maximum(after - 1, 0)
    low, high = accuracy[rows, before], accuracy[rows, after]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(high > low, (wanted - low) / (high - low), 1.0)
    found = values[rows, before] + np.clip(share, 0, 1) * (values[rows, after] - values[rows, before])
    return np.where(rises.any(axis=1), found, np.nan)
