"""Consensus: whether one set of pixels is sufficient for all networks.

A consensus mask orders pixels by their mean rank over all mask sources except the evaluated network
(see `faceinv.experiments.relevance.generalization`). It *serves* a network if chance-corrected accuracy with
it is at least a given share of that with the own mask of the network: 0.9 by default, chosen in advance. With
a share of 1, a mask exactly as good as the own mask would fail for half of the networks by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from faceinv.experiments.conditions import NO_SEED, OWN
from faceinv.experiments.relevance.generalization import COMMON_CONTROLS, CONSENSUS, pairs
from faceinv.metrics.bootstrap import Bootstrap, bootstrap
from faceinv.metrics.intervals import SHARE

BEST = "best single maker"
CANDIDATES = (CONSENSUS[0], BEST, CONSENSUS[1], "untrained", *COMMON_CONTROLS)
"""Masks that could serve all networks; all but the first two are independent of learning."""


def meets_threshold(table: pd.DataFrame, level: float = 0.9) -> pd.DataFrame:
    """Whether each of the masks in `CANDIDATES` serves each evaluated network (reader).

    The best single mask source (maker) is chosen for each reader by its generalization to all other readers
    (see `best_single`), so that the choice does not depend on the classifications of the reader. For
    untrained networks the mean over all is used.

    Parameters
    ----------
    table : concatenated results of `faceinv.experiments.relevance.generalization.evaluate_masks`
    level : share of the chance-corrected accuracy with the own mask that a mask must reach in order to serve

    Returns
    -------
    DataFrame
        One row per mask (see `CANDIDATES`) and reader: mask, reader, reader_seed, reader_base (if the table
        has it), maker and maker_seed (of the best single one; missing for other masks), generalization,
        served (0 or 1). For readers at chance with their own mask the last two are nan.
    """
    of_pairs = pairs(table)
    trained = of_pairs["relation"].str.startswith("other")
    parts = [best_single(of_pairs[trained]).assign(mask=BEST)]
    keys = ["relation", "reader", "reader_seed"]
    rest = of_pairs[~trained & (of_pairs["relation"] != OWN)]
    means = rest.groupby(keys, sort=False)["generalization"].mean().reset_index()
    parts.append(means.rename(columns={"relation": "mask"}))
    result = pd.concat(parts, ignore_index=True)
    result = result[result["mask"].isin(CANDIDATES)]
    served = (result["generalization"] >= level - 1e-9).astype(float)
    result["served"] = served.where(result["generalization"].notna())
    result["maker_seed"] = result["maker_seed"].replace(NO_SEED, np.nan).astype("Int64")
    names = ["mask", "reader", "reader_seed", "maker", "maker_seed", "generalization", "served"]
    if "reader_base" in table:
        bases = table[["reader", "reader_seed", "reader_base"]].drop_duplicates()
        result = result.merge(bases, on=["reader", "reader_seed"], how="left")
        names.insert(3, "reader_base")
    return result[names]


def best_single(others: pd.DataFrame) -> pd.DataFrame:
    """For each reader, the maker whose masks generalize best to all readers other than these two.

    Makers are compared on different readers, because none reads its own mask here. So the mean of each reader
    over all makers is subtracted first: a maker must not win because it is the one that is hard to serve.
    """
    matrix = others.pivot(
        index=["maker", "maker_seed"], columns=["reader", "reader_seed"], values="generalization"
    )
    surplus = matrix - matrix.mean(axis=0)
    rows = []
    for evaluated in matrix.columns:
        elsewhere = surplus.drop(columns=[evaluated]).mean(axis=1)[matrix[evaluated].notna()].dropna()
        mask_source = elsewhere.idxmax() if len(elsewhere) else ("", NO_SEED)
        rows.append((*evaluated, *mask_source, matrix[evaluated].get(mask_source, np.nan)))
    return pd.DataFrame(rows, columns=["reader", "reader_seed", "maker", "maker_seed", "generalization"])


def share_served(
    served: pd.DataFrame, by: Sequence[str] = ("mask",), draws: int = 2000, seed: int = 0
) -> Bootstrap:
    """Share of the readers that a mask serves, with intervals over networks, from `meets_threshold`'s table.

    Networks that start from one of several bases are left out together (see `bootstrap`). There is no
    interval if, without one of them, no reader is above chance.
    """
    found = bootstrap(served, "served", list(by), draws, seed, units=("reader_seed",))
    return replace(found, bounds=SHARE)
