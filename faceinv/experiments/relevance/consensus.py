"""Consensus: whether one set of pixels serves all networks.

A consensus mask orders pixels by their mean rank over all makers but its reader
(`faceinv.experiments.relevance.generalization` reads it). It *serves* a reader if the reader keeps with it at
least a given share of the chance-corrected accuracy that it keeps with its own mask: nine tenths by default,
a choice made beforehand. At one, a mask that is exactly as good as the reader's own would fail on half of the
readers by the luck of the test images.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from faceinv.experiments.conditions import NO_SEED, OWN
from faceinv.experiments.relevance.generalization import COMMON_CONTROLS, CONSENSUS, pairs
from faceinv.metrics.bootstrap import Bootstrap, bootstrap

BEST = "best single maker"
COMPARED = (CONSENSUS[0], BEST, CONSENSUS[1], "untrained", *COMMON_CONTROLS)
"""Masks that could serve all networks; all but the first two know nothing of what was learned."""


def meets_threshold(table: pd.DataFrame, level: float = 0.9) -> pd.DataFrame:
    """Which readers each of the masks serves that could serve all.

    The best single maker is chosen for each reader by its mean generalization to the other readers, among the
    other networks, so that the choice knows nothing of the reader's own answers. Of the untrained networks
    the mean over all is taken.

    Parameters
    ----------
    table : joined results of `faceinv.experiments.relevance.generalization.evaluate_masks`
    level : share of the own mask's chance-corrected accuracy that a mask must keep in order to serve

    Returns
    -------
    DataFrame
        One row a mask (see `COMPARED`) and reader: mask, reader, reader_seed, maker and maker_seed (who was
        best; missing for other masks), generalization, served (0 or 1). Of readers that their own mask leaves
        at chance both are nan.
    """
    of_pairs = pairs(table)
    trained = of_pairs["relation"].str.startswith("other")
    parts = [best_single(of_pairs[trained]).assign(mask=BEST)]
    keys = ["relation", "reader", "reader_seed"]
    rest = of_pairs[~trained & (of_pairs["relation"] != OWN)]
    means = rest.groupby(keys, sort=False)["generalization"].mean().reset_index()
    parts.append(means.rename(columns={"relation": "mask"}))
    found = pd.concat(parts, ignore_index=True)
    found = found[found["mask"].isin(COMPARED)]
    served = (found["generalization"] >= level - 1e-9).astype(float)
    found["served"] = served.where(found["generalization"].notna())
    found["maker_seed"] = found["maker_seed"].replace(NO_SEED, np.nan).astype("Int64")
    return found[["mask", "reader", "reader_seed", "maker", "maker_seed", "generalization", "served"]]


def best_single(others: pd.DataFrame) -> pd.DataFrame:
    """For each reader, the maker whose masks generalize best to all readers but this one and itself."""
    matrix = others.pivot(
        index=["maker", "maker_seed"], columns=["reader", "reader_seed"], values="generalization"
    )
    rows = []
    for evaluated in matrix.columns:
        elsewhere = matrix.drop(columns=[evaluated]).mean(axis=1)[matrix[evaluated].notna()].dropna()
        mask_source = elsewhere.idxmax() if len(elsewhere) else ("", NO_SEED)
        rows.append((*evaluated, *mask_source, matrix[evaluated].get(mask_source, np.nan)))
    return pd.DataFrame(rows, columns=["reader", "reader_seed", "maker", "maker_seed", "generalization"])


def share_served(
    found: pd.DataFrame, by: Sequence[str] = ("mask",), draws: int = 2000, seed: int = 0
) -> Bootstrap:
    """Share of the readers that a mask serves, with intervals over seeds; `found` as `meets_threshold` makes
    it.

    It is nan where so few readers are above chance that many draws hold none.
    """
    boot = bootstrap(found, "served", list(by), draws, seed, units=("reader_seed",))
    return boot.only(boot.draws.notna())
