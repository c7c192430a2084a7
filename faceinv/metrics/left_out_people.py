"""Means of numbers that each combine many people, such as a correlation over the images of a network.

Such a number cannot be averaged over people, so a person is left out by computing it anew from the images of
all others. The same images are shown to all networks: faces that happen to be special look like an effect in
every network, however many there are, and an interval over networks alone would not tell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from faceinv.metrics.bootstrap import Bootstrap, bootstrap

WITHOUT = "without "
"""First word of the columns with numbers that leave out one person."""

NOTHING_LEFT = np.inf
"""Value in these columns where there is no number without the person; nan where none of their images is."""


def without_people(
    table: pd.DataFrame, keys: Sequence[str], statistic: Callable[[pd.DataFrame], pd.DataFrame]
) -> pd.DataFrame:
    """Numbers from a table, and the same numbers without each person.

    Parameters
    ----------
    table : with a column identity; all networks in it were shown the same images
    keys : columns of the result of `statistic` that tell its rows apart
    statistic : takes such a table and returns one with `keys` and value

    Returns
    -------
    DataFrame
        What `statistic` returns, and a column for each person (see `WITHOUT`).
    """
    found = statistic(table)
    people = np.sort(table["identity"].unique())
    if len(people) < 2 or found.empty:
        return found
    rows = pd.MultiIndex.from_frame(found[list(keys)])
    columns = {}
    for who in people:
        rest = statistic(table[table["identity"] != who]).set_index(list(keys))["value"]
        columns[f"{WITHOUT}{who}"] = rest.reindex(rows).fillna(NOTHING_LEFT).to_numpy()
    return pd.concat([found, pd.DataFrame(columns, found.index)], axis=1)


def mean_of_networks(table: pd.DataFrame, by: Sequence[str], draws: int = 2000, seed: int = 0) -> Bootstrap:
    """Mean of numbers of networks, with networks and people as random samples.

    Parameters
    ----------
    table : seed, value, a column for each person (see `WITHOUT`), the columns `by`, and base where networks
        have one; rows without a value are left out
    by : columns whose values are compared
    draws, seed : see `faceinv.metrics.bootstrap.bootstrap`
    """
    known = table.dropna(subset="value").reset_index(drop=True)
    of_networks = bootstrap(known, "value", by, draws, seed, units=("seed",))
    names = [name for name in known if str(name).startswith(WITHOUT)]
    if len(names) < 2:
        return of_networks
    keys = [known[name] for name in by]
    shown = known[names].notna()
    # a number that no image of the person is part of stays as it was
    rest = known[names].where(shown, known["value"], axis=0).replace(NOTHING_LEFT, np.nan)
    means, involved = rest.groupby(keys, observed=True).mean().T, shown.groupby(keys, observed=True).any().T
    people = pd.MultiIndex.from_tuples(
        [("identity", "", name.removeprefix(WITHOUT)) for name in names],
        names=of_networks.left_out.index.names,
    )
    means, involved = (
        each.set_axis(people).set_axis(of_networks.estimate.index, axis=1) for each in (means, involved)
    )
    return replace(
        of_networks,
        left_out=pd.concat([of_networks.left_out, means]),
        involved=pd.concat([of_networks.involved, involved]),
    )
