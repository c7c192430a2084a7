"""Leave-one-out replicates of means: the table without each base, each seed and each identity in turn.

Networks that start from one base are not independent of each other, so they are left out together if there
are several bases. A network takes one role in most tables; where masks of one are evaluated by another it
takes two, and it is left out in both at once. So is a person where maps of two faces are compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

ROLE = "seed"
"""Columns with networks end with this word, and those with their bases with `BASE`."""

BASE = "base"
NO_BASE = "none"
NUMBER_OF_BASES = "bases"
NUMBER_OF_PAIRS = "pairs"
OTHER = "other_"
"""Begins the column with the second role of a unit that is no network: ``other_identity`` of ``identity``."""

SEPARATOR = " #"
"""Between what bases have in common (set, architecture, share) and their number, in a column with bases."""


@dataclass(frozen=True)
class Replicates:
    """Means by condition, and the same means without each sampled unit.

    Attributes
    ----------
    estimate : Series, by condition
    left_out : DataFrame, units x conditions; its index has the kind of unit (``"seed"``, ``"base"``, or the
        column), its stratum (what bases have in common; empty for other units) and the unit
    involved : DataFrame of bool of the same shape: whether the condition has observations of the unit
    bases : Series by condition, how many bases its networks have; None if the table has no bases
    pairs : Series by condition, how many pairs of networks it has observations of; None where these are of
        one network each
    """

    estimate: pd.Series
    left_out: pd.DataFrame
    involved: pd.DataFrame
    bases: pd.Series | None
    pairs: pd.Series | None


def replicates(
    table: pd.DataFrame, value: str, by: Sequence[str], units: Sequence[str], weight: str | None
) -> Replicates:
    """Leave-one-out replicates of the mean of `value` by condition.

    Parameters
    ----------
    table, value, by, weight : see `faceinv.metrics.bootstrap.bootstrap`
    units : columns of the sampled units. Those that end with ``seed`` are networks, in one or more roles:
        they are left out in all roles at once; negative seeds stand for no network and are never left out.
        If a column with bases goes with it (``base`` with ``seed``, ``maker_base`` with ``maker_seed``),
        networks of a condition with two or more bases are left out by base. All other columns are units of
        their own, such as ``identity``. If the table has a column ``other_identity``, each row is of two
        people (or of one, where both are the same), and a person is left out in both roles at once.
    """
    keys = list(by)
    roles = [unit for unit in units if unit.endswith(ROLE)]
    others = [unit for unit in units if unit not in roles and not unit.startswith(OTHER)]
    seconds = [f"{OTHER}{unit}" for unit in others if f"{OTHER}{unit}" in table]
    values = table[value].astype(float)
    weights = (table[weight].astype(float) if weight else 1.0) * values.notna()
    based = [name for name in (base_column(role) for role in roles) if name in table]
    columns = [*keys, *roles, *based, *others, *seconds]
    rows = table[columns].assign(_sum=values * weights, _count=weights)
    rows[based] = rows[based].fillna(NO_BASE).astype(str)
    rows = rows.groupby(columns, observed=True, sort=False).sum().reset_index()
    codes, index = _conditions(rows, keys)
    sums, counts = rows["_sum"].to_numpy(), rows["_count"].to_numpy()

    def means(weight: np.ndarray | float) -> np.ndarray:
        total, count = (np.bincount(codes, weight * each, len(index)) for each in (sums, counts))
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(total / count)

    found: list[tuple[tuple[str, str, object], np.ndarray, np.ndarray]] = []
    for name, factors, here in networks_left_out(rows, keys, roles):
        touched = np.bincount(codes, here & (counts > 0), len(index)) > 0
        found.append((name, means(factors), touched))
    for unit in others:
        places, names = _places(rows, unit)
        if len(names) < 2:
            continue
        shape = (len(names), len(index))
        part, own = (
            np.bincount(
                np.concatenate([place * len(index) + codes for place, _ in places]),
                np.concatenate([each * counted for _, counted in places]),
                shape[0] * shape[1],
            ).reshape(shape)
            for each in (sums, counts)
        )
        total, count = (np.bincount(codes, each, len(index)) for each in (sums, counts))
        rest = count - own
        with np.errstate(invalid="ignore", divide="ignore"):
            without = np.where(rest > 1e-9 * count, (total - part) / rest, np.nan)
        found += [((unit, "", name), without[i], own[i] > 0) for i, name in enumerate(names)]

    units_index = pd.MultiIndex.from_tuples([each[0] for each in found], names=["kind", "stratum", "unit"])
    return Replicates(
        pd.Series(means(1.0), index, name="estimate"),
        pd.DataFrame(np.array([each[1] for each in found]), units_index, index),
        pd.DataFrame(np.array([each[2] for each in found]), units_index, index),
        count_bases(rows, based, codes, index),
        _count_pairs(rows, roles, codes, index) if len(roles) > 1 else None,
    )


def networks_left_out(
    rows: pd.DataFrame, keys: Sequence[str], roles: Sequence[str]
) -> Iterator[tuple[tuple[str, str, object], np.ndarray, np.ndarray]]:
    """The units of networks, bases or seeds, that are left out in turn.

    Parameters
    ----------
    rows : observations, with the columns of `roles`, with bases as far as they are known, and with `keys`
    keys : columns of the conditions, which say where networks have several bases
    roles : columns with networks

    Yields
    ------
    tuple
        The name of the unit (kind, stratum, unit), the factor on the weight of each row without it, and
        whether the row is of the unit in any role (bool).
    """
    networks, names_of = _networks(rows, list(keys), roles)
    for kind, stratum in sorted({name[:2] for name in names_of if name[0]}):
        members = [code for code, name in enumerate(names_of) if name[:2] == (kind, stratum)]
        inside = np.isin(networks, members)
        for member in members if len(members) > 1 else []:
            # the other units of the group stand in for the one that is left out, so that groups which are
            # averaged together keep their shares
            rest = len(members) / (len(members) - 1)
            factors = np.where(networks == member, 0.0, np.where(inside, rest, 1.0)).prod(axis=0)
            yield names_of[member], factors, (networks == member).any(axis=0)


def _places(rows: pd.DataFrame, unit: str) -> tuple[list[tuple[np.ndarray, np.ndarray]], np.ndarray]:
    """For each role of a unit, its place in each row and whether it counts there; and the units.

    A unit that takes both roles in a row counts once.
    """
    roles = [name for name in (unit, f"{OTHER}{unit}") if name in rows]
    names = np.unique(np.concatenate([rows[name].to_numpy() for name in roles]))
    places = [np.searchsorted(names, rows[name].to_numpy()) for name in roles]
    return [(place, (i == 0) | (place != places[0])) for i, place in enumerate(places)], names


def base_column(role: str) -> str:
    """The column with the bases of the networks in a role: ``maker_base`` for ``maker_seed``."""
    return role.removesuffix(ROLE) + BASE


def _conditions(rows: pd.DataFrame, keys: list[str]) -> tuple[np.ndarray, pd.MultiIndex]:
    """The condition of each row, as a number, and the conditions in order."""
    grouped = rows.groupby(keys, observed=True, sort=True)
    index = grouped.size().index
    if not isinstance(index, pd.MultiIndex):
        index = pd.MultiIndex.from_arrays([index], names=keys)
    return grouped.ngroup().to_numpy(), index


def _networks(
    rows: pd.DataFrame, keys: list[str], roles: Sequence[str]
) -> tuple[np.ndarray, list[tuple[str, str, object]]]:
    """The unit of the network of each row in each role, as a code (roles x rows), and each unit's name.

    A name is a kind (empty for what is no network), a stratum and a unit.
    """
    named: list[tuple[str, str, object]] = []
    for role in roles:
        seeds = rows[role].to_numpy()
        kinds, strata = np.where(seeds >= 0, ROLE, "").astype(object), np.full(len(rows), "", object)
        units = seeds.astype(object)
        if base_column(role) in rows:
            bases = rows[base_column(role)]
            common = bases.where(bases == NO_BASE, bases.str.rpartition(SEPARATOR)[0])
            number = bases.groupby([*(rows[key] for key in keys), common], observed=True).transform("nunique")
            several = ((bases != NO_BASE) & (number > 1)).to_numpy()
            kinds[several], strata[several], units[several] = BASE, common[several], bases[several]
        named += zip(kinds, strata, units, strict=True)
    codes, different = pd.factorize(pd.Series(named, dtype=object), sort=False)
    return codes.reshape(len(roles), len(rows)), list(different)


def count_bases(
    rows: pd.DataFrame, based: Sequence[str], codes: np.ndarray, index: pd.MultiIndex
) -> pd.Series | None:
    """How many bases the networks of each condition have: of several kinds of bases, the fewest of any.

    Parameters
    ----------
    rows : observations
    based : its columns with bases
    codes : the condition of each row, as a number
    index : the conditions

    Returns
    -------
    Series by condition, or None without columns with bases
    """
    if not based:
        return None
    names = pd.concat([rows[column].set_axis(codes) for column in based])
    names = names[names != NO_BASE]
    if names.empty:
        return pd.Series(0, index, name=NUMBER_OF_BASES)
    kinds = names.str.rpartition(SEPARATOR)[0]
    number = names.groupby([names.index.to_numpy(), kinds.to_numpy()]).nunique().groupby(level=0).min()
    return pd.Series(number.reindex(range(len(index)), fill_value=0).to_numpy(), index, name=NUMBER_OF_BASES)


def _count_pairs(
    rows: pd.DataFrame, roles: Sequence[str], codes: np.ndarray, index: pd.MultiIndex
) -> pd.Series:
    """How many pairs of different networks each condition has; what is no network makes no pair."""
    pairs = pd.DataFrame(np.sort(rows[list(roles[:2])].to_numpy(), axis=1), columns=["one", "other"])
    pairs = pairs.assign(condition=codes)[(pairs["one"] >= 0) & (pairs["one"] < pairs["other"])]
    counts = pairs.drop_duplicates().groupby("condition").size()
    return pd.Series(counts.reindex(range(len(index)), fill_value=0).to_numpy(), index)


def fewest(counts: pd.Series | None, places: Sequence[np.ndarray], index: pd.MultiIndex) -> pd.Series | None:
    """The fewest units (bases or pairs) of the conditions at each of the places, of those that have any."""
    if counts is None:
        return None
    values = counts.to_numpy()
    return pd.Series([min((number for number in values[at] if number), default=0) for at in places], index)
