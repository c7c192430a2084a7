"""First layer: measures of the filters of trained networks, compared with those of untrained ones.

See `faceinv.metrics.filters` for the measures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtrit
from scipy.stats import rankdata

from faceinv.errors import InputError
from faceinv.metrics.bootstrap import Bootstrap, bootstrap
from faceinv.metrics.filters import FILTER_MEASURES, first_filters, measure_filters, shared
from faceinv.metrics.intervals import LEVEL
from faceinv.metrics.resampling import BASE, NO_BASE
from faceinv.models.architectures import untrained
from faceinv.models.training_runs import TrainingRun, train
from faceinv.runtime.cache import disk_cached


@disk_cached
def kernels(run: TrainingRun) -> pd.DataFrame:
    """Measures of the first-layer filters of a trained network and its untrained counterpart.

    Frequency, orientation, bandwidth and selectivity are those of the mean of each filter over the colour
    channels, the only part that acts on grey images; colourfulness and norm are those of the whole filter.

    Returns
    -------
    DataFrame
        One row per filter: task, architecture, base (``"none"`` of what is untrained), seed, state
        (``"trained"`` or ``"untrained"``), and the columns of `measure_filters`.
    """
    network = train(run).network
    tables = [
        measure_filters(first_filters(each), network.specification.size, tuning_of=shared).assign(state=state)
        for state, each in (("trained", network), ("untrained", untrained(network)))
    ]
    table = pd.concat(tables, ignore_index=True)
    # before training, a network has nothing of the base from which it will start
    base = np.where(table["state"] == "trained", run.base, NO_BASE)
    return table.assign(task=run.task, architecture=run.architecture, base=base, seed=run.seed)


def compare_filters(
    table: pd.DataFrame, value: str, by: Sequence[str] = ("architecture",), draws: int = 2000, seed: int = 0
) -> Bootstrap:
    """Mean of a measure over the filters of a network, by state, with intervals over bases or seeds.

    The effect of training is its ``contrast("state", "trained", "untrained")``.

    Parameters
    ----------
    table : concatenated results of `kernels`, with the columns `by`
    value : one of `FILTER_MEASURES`; networks without a filter that has it are left out
    by : columns that distinguish networks, besides the seed
    """
    if value not in FILTER_MEASURES:
        raise InputError(f"the measure of filters is {value!r}; expected one of {', '.join(FILTER_MEASURES)}")
    # each network counts once, however many of its filters have the measure
    networks = [*by, "state", *([BASE] if BASE in table else []), "seed"]
    means = table.groupby(networks, observed=True)[value].mean().dropna().reset_index()
    if means.empty:
        raise InputError(f"no filter of these networks has a {value}")
    return bootstrap(means.assign(identity="all"), value, [*by, "state"], draws, seed)


FEWEST_ARCHITECTURES = 4
"""Architectures with which an association over networks has an interval."""


@dataclass(frozen=True)
class Association:
    """Rank correlation of two measures over networks, with its interval.

    Attributes
    ----------
    estimate, low, high : Spearman's coefficient, and its 95 % interval over architectures; nan if fewer
        than `FEWEST_ARCHITECTURES`
    df : degrees of freedom of the interval
    networks, architectures : their number
    """

    estimate: float
    low: float
    high: float
    df: int
    networks: int
    architectures: int


def rank_association(table: pd.DataFrame, x: str, y: str, within: Sequence[str] = ()) -> Association:
    """Rank correlation of two measures of networks, over all networks or within groups of them.

    Within groups, ranks are taken in each group and centred, so that differences between groups count for
    nothing; the coefficient is that of all centred ranks together. Networks of one architecture are alike in
    both measures, and are no independent cases. Architectures are therefore left out in turn, and the
    interval is Student's on the scale of the inverse hyperbolic tangent (Fisher 1915).

    Parameters
    ----------
    table : one row per network: architecture, `x`, `y` and the columns `within`; networks without one of the
        measures are left out
    within : columns that define the groups; none for a single group

    Raises
    ------
    InputError
        If there are fewer than four networks, or no group has two that differ.
    """
    known = table.dropna(subset=[x, y])
    if len(known) < 4:
        raise InputError(
            f"the rank correlation of {x} and {y} needs at least four networks, and has {len(known)}"
        )
    estimate = _centred_correlation(known, x, y, within)
    if np.isnan(estimate):
        raise InputError(f"{x} or {y} is the same for all networks of each group")
    architectures = known["architecture"].unique()
    n, low, high = len(architectures), np.nan, np.nan
    if n >= FEWEST_ARCHITECTURES:
        rest = [known[known["architecture"] != name] for name in architectures]
        left_out = np.arctanh(_inside([_centred_correlation(part, x, y, within) for part in rest]))
        error = np.sqrt((n - 1) * np.var(left_out))
        low, high = np.tanh(
            np.arctanh(_inside(estimate)) + np.array([-1, 1]) * stdtrit(n - 1, ONE_SIDED) * error
        )
    return Association(float(estimate), float(low), float(high), n - 1, len(known), n)


ONE_SIDED = (1 + LEVEL) / 2
"""Quantile of Student's t for one side of an interval."""
CLOSEST = 1 - 1e-6
"""Correlation that stands for one, whose inverse hyperbolic tangent is infinite."""


def _inside(correlation: float | list[float]) -> np.ndarray:
    """Correlations whose inverse hyperbolic tangent is finite."""
    return np.clip(correlation, -CLOSEST, CLOSEST)


def _centred_correlation(table: pd.DataFrame, x: str, y: str, within: Sequence[str]) -> float:
    """Correlation of the ranks of two measures, centred in each group; nan if one of them does not vary."""
    groups = [part for _, part in table.groupby(list(within), observed=True)] if within else [table]
    ranks = np.concatenate([rankdata(part[[x, y]], axis=0) - (len(part) + 1) / 2 for part in groups])
    with np.errstate(invalid="ignore", divide="ignore"):
        return float((ranks[:, 0] * ranks[:, 1]).sum() / np.sqrt((ranks**2).sum(0).prod()))
