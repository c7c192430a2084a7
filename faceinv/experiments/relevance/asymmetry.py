"""Asymmetry: whether masks go from one condition to another as well as they come back."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control, permutation_test

from faceinv.errors import InputError
from faceinv.experiments.relevance.generalization import generalization, pairs

TRAINED = ("same network", "other")  # relations of trained networks begin with one of these


def asymmetries(table: pd.DataFrame, draws: int = 2000, level: float = 0.95, seed: int = 0) -> pd.DataFrame:
    """Generalization from one condition to another minus that of the way back, for each pair of conditions.

    The test is a permutation of networks, that is of seeds, between the two conditions: were it no matter
    which condition a network comes from, each way of dealing the networks out would be as likely as the one
    that was seen. Only what a network gives to and takes from the others counts in it (see
    `net_generalization`).

    Parameters
    ----------
    table : joined results of `faceinv.experiments.relevance.generalization.evaluate_masks`
    draws : bootstrap samples, and permutations where there are too many to try all
    level : of the intervals
    seed : of both

    Returns
    -------
    DataFrame
        One row a pair of conditions: a, b, there (generalization a to b), back (b to a), estimate (there
        minus back) with low and high, low_all and high_all (the same with the level shared among all pairs,
        after Bonferroni), effect (Hedges' g of the surpluses), p (two-sided), p_least (the smallest that so
        few networks can give), q (p adjusted for the number of pairs, Benjamini & Hochberg 1995), networks
        (in the test) and seeds.
    """
    trained = table[table["relation"].str.startswith(TRAINED)]
    names = list(dict.fromkeys(trained["reader"]))
    couples = list(combinations(names, 2))
    if not couples:
        raise InputError(f"there is one condition only, {names}; an asymmetry needs at least two")
    boot = generalization(trained, ["maker", "reader"], draws=draws, seed=seed)
    rows = []
    for a, b in couples:
        difference = boot.draws[a, b] - boot.draws[b, a]
        low, high, low_all, high_all = (
            np.nanquantile(difference, tail)
            for share in (1 - level, (1 - level) / len(couples))
            for tail in (share / 2, 1 - share / 2)
        )
        there, back = boot.estimate[a, b], boot.estimate[b, a]
        rows.append((a, b, there, back, there - back, low, high, low_all, high_all))
    columns = ["a", "b", "there", "back", "estimate", "low", "high", "low_all", "high_all"]
    of_pairs = pairs(trained)
    tests = [compare(*net_generalization(of_pairs, a, b), draws, seed) for a, b in couples]
    found = pd.concat([pd.DataFrame(rows, columns=columns), pd.DataFrame(tests)], axis=1)
    tested = found["p"].notna()
    found.loc[tested, "q"] = false_discovery_control(found.loc[tested, "p"])
    return found.assign(seeds=boot.seeds)


def net_generalization(of_pairs: pd.DataFrame, a: str, b: str) -> tuple[np.ndarray, np.ndarray]:
    """How much more each network of two conditions gives than it takes.

    A network's surplus is the sum over all other networks of the two conditions of its generalization to them
    minus theirs to it. Within a condition these cancel, so that the mean surplus of `a` minus that of `b`,
    divided by the number of all networks, is the mean over pairs across conditions of there minus back.

    Parameters
    ----------
    of_pairs : as `faceinv.experiments.relevance.generalization.pairs` makes it

    Returns
    -------
    tuple of two ndarrays
        Surpluses of the networks of `a` and of `b`; networks that read nothing with their own mask are left
        out.
    """
    inside = of_pairs[of_pairs["maker"].isin([a, b]) & of_pairs["reader"].isin([a, b])]
    matrix = inside.pivot(
        index=["maker", "maker_seed"], columns=["reader", "reader_seed"], values="generalization"
    )
    able = matrix.columns[matrix.notna().all()]
    matrix = matrix.loc[able, able]
    surplus = pd.Series((matrix.to_numpy() - matrix.to_numpy().T).sum(axis=1), index=able, dtype=float)
    mask_source = surplus.index.get_level_values(0)
    return surplus[mask_source == a].to_numpy(), surplus[mask_source == b].to_numpy()


def compare(a: np.ndarray, b: np.ndarray, permutations: int = 2000, seed: int = 0) -> dict[str, float]:
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
    tried = len(test.null_distribution)
    return {"effect": effect, "p": test.pvalue, "p_least": 2 / tried, "networks": networks}
