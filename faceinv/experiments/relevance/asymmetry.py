"""Asymmetry: whether masks generalize from one condition to another as well as in the other direction."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import comb

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control, permutation_test

from faceinv.errors import InputError
from faceinv.experiments.relevance.generalization import generalization, pairs
from faceinv.metrics.bootstrap import Bootstrap
from faceinv.metrics.extremes import simultaneous
from faceinv.metrics.resampling import NO_BASE

TRAINED = ("same network", "other")  # relations between trained networks start with one of these


def asymmetries(table: pd.DataFrame, draws: int = 2000, level: float = 0.95, seed: int = 0) -> pd.DataFrame:
    """Generalization from one condition to another minus that in the other direction, for each pair.

    The test permutes independent networks between the two conditions: under the null hypothesis that the
    condition of a network does not matter, all assignments are equally likely. Networks of a condition that
    start from several bases are averaged by base first, because those of one base are not independent. The
    test statistic depends only on the `net_generalization` of each network.

    Parameters
    ----------
    table : concatenated results of `faceinv.experiments.relevance.generalization.evaluate_masks`
    draws : number of bootstrap samples, and of permutations if there are too many to enumerate
    level : of the intervals
    seed : of the random numbers of both

    Returns
    -------
    DataFrame
        One row per pair of conditions: a, b, there (generalization a to b), back (b to a), estimate (there
        minus back) with low and high (see `Bootstrap.interval`), low_all and high_all (which hold for all
        pairs at once), effect (Hedges' g of net generalization), p (two-sided), p_least (the smallest p
        possible with so few cases), q (p adjusted for the number of pairs, Benjamini & Hochberg 1995), and
        networks (cases in the test: bases, or networks where there are no several bases).
    """
    trained = table[table["relation"].str.startswith(TRAINED)]
    names = list(dict.fromkeys(trained["reader"]))
    condition_pairs = list(combinations(names, 2))
    if not condition_pairs:
        raise InputError(f"there is only one condition, {names}; an asymmetry needs at least two")
    boot = generalization(trained, ["maker", "reader"], draws=draws, seed=seed)
    both_ways = directions(boot, condition_pairs)
    joint = simultaneous(both_ways, level)[["low", "high"]].add_suffix("_all")
    there, back = (
        [boot.estimate[way] for way in ways]
        for ways in (condition_pairs, [(b, a) for a, b in condition_pairs])
    )
    found = both_ways.interval(level)
    found = found[["a", "b"]].assign(there=there, back=back).join(found.drop(columns=["a", "b"]))
    of_pairs = pairs(trained)
    tests = [compare_surpluses(*net_generalization(of_pairs, a, b), draws, seed) for a, b in condition_pairs]
    result = pd.concat([found, joint, pd.DataFrame(tests)], axis=1)
    tested = result["p"].notna()
    result.loc[tested, "q"] = false_discovery_control(result.loc[tested, "p"])
    return result


def directions(boot: Bootstrap, condition_pairs: Sequence[tuple[str, str]]) -> Bootstrap:
    """Generalization there minus back, for each pair of conditions.

    Parameters
    ----------
    boot : generalization by maker and reader
    condition_pairs : the pairs, each in the direction there
    """
    index = pd.MultiIndex.from_tuples(condition_pairs, names=["a", "b"])
    return boot.differences([((a, b), (b, a)) for a, b in condition_pairs], index)


def net_generalization(of_pairs: pd.DataFrame, a: str, b: str) -> tuple[np.ndarray, np.ndarray]:
    """Net generalization of each network of two conditions: to all other networks, minus from them.

    It is the sum, over all other networks of the two conditions, of the generalization of its masks to them
    minus that of theirs to it. Within a condition these cancel, so that the mean for `a` minus that for `b`,
    divided by the number of all networks, is the mean over pairs across conditions of there minus back.

    Parameters
    ----------
    of_pairs : result of `faceinv.experiments.relevance.generalization.pairs`

    Returns
    -------
    tuple of two ndarrays
        Of the independent networks of `a` and of `b`: one number for each base if a condition has several,
        otherwise one for each network; networks at chance with their own mask are left out.
    """
    inside = of_pairs[of_pairs["maker"].isin([a, b]) & of_pairs["reader"].isin([a, b])]
    matrix = inside.pivot(
        index=["maker", "maker_seed"], columns=["reader", "reader_seed"], values="generalization"
    )
    above_chance = matrix.columns[matrix.notna().all()]
    matrix = matrix.loc[above_chance, above_chance]
    net = pd.Series((matrix.to_numpy() - matrix.to_numpy().T).sum(axis=1), index=above_chance, dtype=float)
    bases = pd.Series(NO_BASE, above_chance)
    if "reader_base" in inside:
        named = inside.drop_duplicates(["reader", "reader_seed"]).set_index(["reader", "reader_seed"])
        bases = named["reader_base"].reindex(above_chance)
    condition = net.index.get_level_values(0)
    of_a, of_b = (_by_base(net[condition == name], bases[condition == name]) for name in (a, b))
    return of_a, of_b


def _by_base(net: pd.Series, bases: pd.Series) -> np.ndarray:
    """One number for each base if there are several, otherwise for each network."""
    if (bases == NO_BASE).any() or bases.nunique() < 2:
        return net.to_numpy()
    return net.groupby(bases.to_numpy(), sort=True).mean().to_numpy()


def compare_surpluses(
    a: np.ndarray, b: np.ndarray, permutations: int = 2000, seed: int = 0
) -> dict[str, float]:
    """Permutation test and effect size of the difference in mean of two independent samples.

    Returns
    -------
    dict
        effect (Hedges' g), p (two-sided; nan with fewer than two in a sample), p_least, networks.
    """
    networks = len(a) + len(b)
    if min(len(a), len(b)) < 2:
        return {"effect": np.nan, "p": np.nan, "p_least": np.nan, "networks": networks}
    test = permutation_test(
        (a, b),
        lambda x, y, axis: x.mean(axis) - y.mean(axis),
        n_resamples=permutations,
        vectorized=True,
        rng=np.random.default_rng(seed),
    )
    spread = np.sqrt((a.var(ddof=1) * (len(a) - 1) + b.var(ddof=1) * (len(b) - 1)) / (networks - 2))
    correction = 1 - 3 / (4 * networks - 9)
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = (a.mean() - b.mean()) / spread * correction
    permuted = len(test.null_distribution)
    # if not all permutations are enumerated, the sample itself is counted as one more of them
    counted = permuted + (permuted < comb(networks, len(a)))
    return {"effect": effect, "p": test.pvalue, "p_least": 2 / counted, "networks": networks}
