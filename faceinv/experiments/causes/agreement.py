"""Agreement of maps with causes: rank correlation of shares of relevance with causal weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from faceinv.experiments.causes.causal_weights import causal_weights, network_weights, tasks_apart
from faceinv.experiments.causes.exchanges import Exchange
from faceinv.experiments.causes.map_makers import MapMaker
from faceinv.experiments.causes.map_shares import shares_by
from faceinv.metrics.left_out_people import without_people
from faceinv.metrics.map_similarity import rank_correlation
from faceinv.metrics.resampling import BASE, NO_BASE, SEPARATOR

CORRELATED_OVER = ("regions", "images", "networks")
"""What causal weights and maps are correlated over: the regions of an image; the images in which a region is
exchanged; and kinds of network, for a region."""


def row_correlations(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Spearman's rank correlation of each row of `a` with that of `b` (both n x m); nan for constant rows."""
    return rank_correlation(a[:, None, :], b[:, None, :])


def with_weights(weights: pd.DataFrame, shares: pd.DataFrame) -> pd.DataFrame:
    """Causal weights and shares of the same images and causes as one table.

    Parameters
    ----------
    weights : of one exchange (see `causal_weights`)
    shares : of the same exchange, of any number of methods (see `map_shares`)
    """
    own = weights[["cause", "image", "identity", "weight"]]
    return shares.merge(own, on=["cause", "image"], validate="many_to_one")


def over_regions(table: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Rank correlation of causal weight and share over the regions of an image.

    Parameters
    ----------
    table : see `with_weights`, with the columns `keys`, which distinguish networks and methods

    Returns
    -------
    DataFrame
        One row per image: `keys`, image, identity, value; nan where one of the two is the same for all.
    """
    rows = table.pivot(index=[*keys, "image", "identity"], columns="cause", values=["weight", "share"])
    return _correlated(rows)


def over_images(table: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Rank correlation of causal weight and share over images.

    Returns
    -------
    DataFrame
        `keys`, cause, value, and value without each person (see `faceinv.metrics.left_out_people`).
    """

    def correlated(rest: pd.DataFrame) -> pd.DataFrame:
        return _correlated(rest.pivot(index=[*keys, "cause"], columns="image", values=["weight", "share"]))

    parts = [without_people(part, [*keys, "cause"], correlated) for part in tasks_apart(table)]
    return pd.concat(parts, ignore_index=True)


def over_kinds(table: pd.DataFrame, keys: Sequence[str], kinds: Sequence[str]) -> pd.DataFrame:
    """Rank correlation of a region's causal share and its share of relevance over kinds of network.

    Parameters
    ----------
    table : see `over_regions`
    keys : columns within which networks are compared, such as task, seed and method
    kinds : columns that distinguish the networks of a comparison, such as pretraining and architecture

    Returns
    -------
    DataFrame
        `keys`, cause, value, and value without each person (see `faceinv.metrics.left_out_people`); base, if
        networks have one: of those with several bases, the one of which there are the fewest. No rows of a
        task with fewer than three kinds of network.
    """

    def correlated(rest: pd.DataFrame) -> pd.DataFrame:
        shares = network_shares(rest, [*keys, *kinds])
        rows = shares.pivot(index=[*keys, "cause"], columns=list(kinds), values=["causal", "share"])
        rows = rows.dropna(axis="columns", how="all").dropna()
        if rows.shape[1] < 2 * 3:
            return pd.DataFrame(columns=[*keys, "cause", "value"])
        return _correlated(rows)

    parts = []
    for part in tasks_apart(table):
        found = without_people(part, [*keys, "cause"], correlated)
        if len(found):
            parts.append(found.assign(base=found["seed"].map(_bases(part))) if BASE in part else found)
    return pd.concat(parts, ignore_index=True) if parts else correlated(table.iloc[:0])


def _bases(table: pd.DataFrame) -> pd.Series:
    """The base that stands for those of all networks of a seed, by seed.

    Seeds whose networks share a base are not independent. The bases of which there are the fewest, but more
    than one, join the most seeds.
    """
    known = table[["seed", BASE]].drop_duplicates()
    known = known[known[BASE] != NO_BASE]
    sets = [own.set_index("seed")[BASE] for _, own in known.groupby(known[BASE].str.rpartition(SEPARATOR)[0])]
    several = [own for own in sets if own.nunique() > 1] or sets
    found = min(several, key=lambda own: own.nunique(), default=pd.Series(dtype=object))
    return found.reindex(table["seed"].unique()).fillna(NO_BASE)


def network_shares(table: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Shares of the causal weight and of the relevance by region: `keys`, cause, causal, share.

    Both are means over images; those of the causal weights are divided by their sum over regions, and are nan
    for a network that nothing moves.
    """
    causal = network_weights(table, keys).rename(columns={"value": "causal"})
    shares = table.groupby([*keys, "cause"], sort=False, observed=True)["share"].mean()
    return causal.assign(share=shares.to_numpy())


def judge_by_causes(make: MapMaker, exchanges: Sequence[Exchange]) -> pd.DataFrame:
    """How well the maps of a map maker order regions as their causal weights do.

    Parameters
    ----------
    make : see `faceinv.experiments.causes.map_makers.MapMaker`
    exchanges : networks, and the images that are explained

    Returns
    -------
    DataFrame
        One row per network and image: network (its index), task, seed, image, identity, and value, the rank
        correlation over regions.
    """
    parts = []
    for index, exchange in enumerate(exchanges):
        shares = shares_by(make, exchange.run, exchange.images, exchange.causes)
        table = with_weights(causal_weights(exchange), shares)
        own = over_regions(table.assign(network=index), ["network"])
        parts.append(own.assign(task=exchange.run.task, seed=exchange.run.seed))
    return pd.concat(parts, ignore_index=True)


def _correlated(rows: pd.DataFrame) -> pd.DataFrame:
    """Correlations of the two halves of the columns of a table, with its index as columns."""
    first, second = dict.fromkeys(rows.columns.get_level_values(0))
    values = row_correlations(rows[first].to_numpy(float), rows[second].to_numpy(float))
    return rows.index.to_frame(index=False).assign(value=values)
