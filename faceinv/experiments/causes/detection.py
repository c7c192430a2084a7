"""Detection: how well maps alone tell networks that rely on a cue from others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import expit, logit, stdtrit

from faceinv.experiments.causes.map_makers import MapMaker
from faceinv.experiments.causes.planted_cues import (
    CUE_MEASURES,
    RELIES,
    Planting,
    answers_with_cue,
    conditions_of,
    reliance,
    score_cue,
)
from faceinv.metrics.bootstrap import Bootstrap
from faceinv.metrics.intervals import LEVEL, SHARE

FEWEST_SEEDS = 5
"""Seeds with which groups that do not overlap have an interval: with fewer, networks whose true area is .8
are apart in more than one case of forty."""


def networks_with_cue(
    plantings: Sequence[Planting], answers: Sequence[pd.DataFrame], scores: Sequence[pd.DataFrame]
) -> pd.DataFrame:
    """One row per network and method: what it relies on, and what its maps show.

    Parameters
    ----------
    plantings : the networks
    answers : of each of them (see `answers_with_cue`)
    scores : of each of them, of any number of methods (see `cue_scores`)

    Returns
    -------
    DataFrame
        architecture, cue, agreement, seed, reliance, relies (whether it is at least `RELIES`), method, and
        the mean over images of each of `CUE_MEASURES`.
    """
    rows = []
    for planting, own, maps in zip(plantings, answers, scores, strict=True):
        found = reliance(own)
        means = maps.groupby("method", sort=False)[list(CUE_MEASURES)].mean().reset_index()
        rows.append(means.assign(**conditions_of(planting), reliance=found, relies=found >= RELIES))
    return pd.concat(rows, ignore_index=True)


def detection(
    networks: pd.DataFrame,
    measure: str = "mass",
    by: Sequence[str] = ("method",),
    draws: int = 2000,
    seed: int = 0,
) -> Bootstrap:
    """Area under the ROC over networks: those that rely on the cue against those that do not, by the maps.

    Networks are compared within an architecture and a cue. Seeds are left out in turn (see
    `faceinv.metrics.bootstrap`), each with all of its networks.

    Parameters
    ----------
    networks : see `networks_with_cue`
    measure : one of `CUE_MEASURES`
    by : columns whose values are compared

    Returns
    -------
    Bootstrap
        By `by`; nan where all networks rely on the cue, or none does.
    """
    seeds = np.sort(networks["seed"].unique())
    n = len(seeds)
    weights = np.vstack([np.ones(n), 1 - np.eye(n)])
    values, index, involved = [], [], []
    for key, part in networks.groupby(list(by), sort=False, observed=True):
        won, compared = np.zeros((n, n)), np.zeros((n, n))
        for _, own in part.groupby(["architecture", "cue"], observed=True):
            here = _pairs(own, measure, seeds)
            won, compared = won + here[0], compared + here[1]
        pairs = np.einsum("ds,st,dt->d", weights, compared, weights)
        of_pairs = np.einsum("ds,st,dt->d", weights, won, weights)
        values.append(np.divide(of_pairs, pairs, out=np.full(len(weights), np.nan), where=pairs > 0))
        index.append(key)
        involved.append(np.isin(seeds, part["seed"]))
    conditions = pd.MultiIndex.from_tuples(index, names=list(by))
    units = pd.MultiIndex.from_product([["seed"], [""], seeds], names=["kind", "stratum", "unit"])
    return Bootstrap(
        pd.Series([value[0] for value in values], index=conditions, name="estimate"),
        pd.DataFrame(np.array([value[1:] for value in values]).T, units, conditions),
        pd.DataFrame(np.array(involved).T, units, conditions),
        n,
        draws,
        seed,
        bounds=SHARE,
    )


def area_intervals(found: Bootstrap) -> pd.DataFrame:
    """Intervals of areas under the ROC, on the scale of their logits.

    Areas near one vary less on one side than on the other: if the true area is .8, the interval of ten seeds
    on their own scale lies above it in one case of sixteen, on that of logits in one of seventy.

    Parameters
    ----------
    found : see `detection`

    Returns
    -------
    DataFrame
        As `Bootstrap.interval`. Where the groups do not overlap, all replicates are alike: the interval is a
        point, and nan with fewer than `FEWEST_SEEDS` seeds, of which that is not surprising.
    """
    table = found.interval()
    area, inside = table["estimate"], table["estimate"].between(0, 1, inclusive="neither")
    middle = area.where(inside, 0.5)
    with np.errstate(invalid="ignore"):
        spread = table["se"] / (middle * (1 - middle)) * stdtrit(table["df"].fillna(1), (1 + LEVEL) / 2)
    varies = inside & (table["se"] > 0)
    few = ~inside & (table["seeds"] < FEWEST_SEEDS)
    for name, sign in (("low", -1), ("high", 1)):
        limit = pd.Series(expit(logit(middle) + sign * spread), table.index)
        table[name] = table[name].mask(varies, limit).mask(few)
    return table


def judge_by_cues(make: MapMaker, plantings: Sequence[Planting]) -> pd.DataFrame:
    """The scores of a map maker by network (see `networks_with_cue`), to be given to `detection`."""
    return networks_with_cue(
        plantings,
        [answers_with_cue(each) for each in plantings],
        [score_cue(make, each).assign(method="given") for each in plantings],
    )


def _pairs(networks: pd.DataFrame, measure: str, seeds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of a network that relies and of one that does not, by the seeds of the two (seeds x seeds).

    The pairs in which the first has the higher score, a tie counting as half; and all pairs.
    """
    relies = networks["relies"].to_numpy()
    scores, place = networks[measure].to_numpy(float), np.searchsorted(seeds, networks["seed"])
    higher = np.sign(scores[relies, None] - scores[None, ~relies]) / 2 + 0.5
    known = ~np.isnan(higher)
    won, compared = (np.zeros((len(seeds), len(seeds))) for _ in range(2))
    cells = np.ix_(place[relies], place[~relies])
    rows, columns = np.broadcast_arrays(*cells)
    np.add.at(won, (rows, columns), np.where(known, higher, 0))
    np.add.at(compared, (rows, columns), known)
    return won, compared
