"""Variance components: how much of the variance of a measure two crossed factors and the seed explain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from faceinv.errors import InputError
from faceinv.metrics.bootstrap import Bootstrap
from faceinv.metrics.intervals import LEVEL, SHARE
from faceinv.metrics.resampling import BASE, NO_BASE, ROLE

OTHER_COMPONENTS = ("interaction", ROLE)
OF_PEOPLE = "identity"
"""Kind of the units that are people, see `Bootstrap`."""
WITHOUT_PERSON = "without"
"""Column with the person who was left out of a value."""


def component_shares(
    table: pd.DataFrame,
    value: str,
    factors: tuple[str, str],
    draws: int = 2000,
    without: pd.DataFrame | None = None,
) -> Bootstrap:
    """Share of the variance of a measure due to each of two factors, their interaction, and the seed.

    Analysis of variance of networks with two crossed fixed factors (these architectures, these strategies)
    and networks as a random sample within each combination. Components are the finite-population variances
    of the effects (Gelman 2005). The mean of a combination over a few networks also contains their noise,
    whose expected contribution is subtracted.

    People are a second sample, which all networks share. Each effect then contains what these people happen
    to do to it, with a variance that is that of the effect without each of them in turn (jackknife); it is
    subtracted as well, and the intervals are over people too.

    Parameters
    ----------
    table : DataFrame with one row per network: `seed`, `value` and the two `factors`. With a column `base`,
        networks of a combination with two or more bases are averaged by base first: bases, not seeds, are
        then the sample, and the component ``seed`` is the variance between their means, which is smaller
        than that between single networks
    draws : of intervals that hold together, see `Bootstrap`
    without : the values of the same networks without each person: the columns of `table`, and
        `WITHOUT_PERSON`. None for intervals over networks alone, which are for the people who were tested

    Returns
    -------
    Bootstrap
        By component (the two factors, ``"interaction"``, ``"seed"``). Components that are negative, where
        noise alone would give more, count as zero.
    """
    return _components(table, value, factors, draws, without)[0]


def variance_components(
    table: pd.DataFrame,
    value: str,
    factors: tuple[str, str],
    draws: int = 2000,
    level: float = LEVEL,
    without: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The shares of `component_shares` as a table, with the variances.

    A row for each component: component, variance (negative where noise alone would give more), estimate (the
    share), and the other columns of `Bootstrap.interval`.
    """
    shares, variances = _components(table, value, factors, draws, without)
    found = shares.interval(level)
    found.insert(1, "variance", variances)
    return found


@dataclass(frozen=True)
class FaceNoise:
    """Variances due to the people who were tested, who are few.

    Attributes
    ----------
    effects : mean variance of the effects of rows, of columns and of both
    networks : by combination, what people add to the variance between its networks
    """

    effects: np.ndarray
    networks: np.ndarray


NO_FACES = FaceNoise(np.zeros(3), np.zeros(1))


def _components(
    table: pd.DataFrame, value: str, factors: tuple[str, str], draws: int, without: pd.DataFrame | None
) -> tuple[Bootstrap, np.ndarray]:
    units = _units(table, factors)
    values = _values(table, value, factors, units)
    samples = [part.to_numpy() for _, part in values.groupby(level=[0, 1])]
    shape = (table[factors[0]].nunique(), table[factors[1]].nunique())
    means, within, sizes = (np.array(each) for each in zip(*map(_moments, samples), strict=True))
    faces, rest = NO_FACES, None
    if without is not None:
        rest = _without_each(table.assign(_unit=units), without, value, factors)
        faces = _face_noise(rest, shape)
    variances = _variances(means[None], within[None], sizes[None], shape, faces)[0]
    index = pd.MultiIndex.from_arrays([[*factors, *OTHER_COMPONENTS]], names=["component"])
    left = [(cell, unit) for cell, sample in enumerate(samples) for unit in range(len(sample))]
    each_out = [np.tile(each, (len(left), 1)) for each in (means, within, sizes)]
    for row, (cell, unit) in enumerate(left):
        for whole, changed in zip(each_out, _moments(np.delete(samples[cell], unit)), strict=True):
            whole[row, cell] = changed
    names: list[tuple[str, str, object]] = [(ROLE, str(cell), unit) for cell, unit in left]
    found = [_variances(each_out[0], each_out[1], each_out[2], shape, faces)]
    if rest is not None:
        cells = rest.groupby(level=[0, 1])
        of_people = (cells.mean().to_numpy().T, cells.var(ddof=1).to_numpy().T)
        found.append(_variances(*of_people, np.tile(sizes, (len(rest.columns), 1)), shape, faces))
        names += [(OF_PEOPLE, "", name) for name in rest.columns]
    left_out = pd.DataFrame(
        _shares(np.concatenate(found)),
        pd.MultiIndex.from_tuples(names, names=["kind", "stratum", "unit"]),
        index,
    )
    shares = pd.Series(_shares(variances), index, name="estimate")
    involved = pd.DataFrame(True, left_out.index, index)
    fewest = min(map(len, samples))
    return Bootstrap(shares, left_out, involved, fewest, draws, bounds=SHARE), variances


def _units(table: pd.DataFrame, factors: tuple[str, str]) -> pd.Series:
    """The independent unit of each network: its base, if its combination has several, or itself."""
    if BASE not in table:
        return table[ROLE].astype(str)
    several = table.groupby(list(factors))[BASE].transform("nunique") > 1
    return table[BASE].where(several & (table[BASE] != NO_BASE), table[ROLE].astype(str))


def _values(table: pd.DataFrame, value: str, factors: tuple[str, str], units: pd.Series) -> pd.Series:
    """The value of each independent unit of each combination of the factors, rows first."""
    a, b = factors
    shape = (table[a].nunique(), table[b].nunique())
    means = table[value].astype(float).groupby([table[a], table[b], units.rename("_unit")]).mean()
    sizes = means.groupby(level=[0, 1]).size()
    if min(shape) < 2 or len(sizes) != np.prod(shape) or sizes.min() < 2 or means.isna().any():
        raise InputError(
            f"variance components of {value} need every {a} with every {b} and two or more networks of each; "
            f"got {len(table)} networks of {shape[0]} x {shape[1]} combinations"
        )
    return means


def _without_each(
    table: pd.DataFrame, without: pd.DataFrame, value: str, factors: tuple[str, str]
) -> pd.DataFrame:
    """The values of all units (rows, as those of `_values`) without each person (columns).

    Without some people, a network may have no value; then nothing is known without them.
    """
    networks = [*factors, *([BASE] if BASE in table else []), ROLE]
    merged = table[[*networks, "_unit"]].merge(without, on=networks, how="left")
    means = merged.groupby([*factors, "_unit", WITHOUT_PERSON])[value].mean().unstack(WITHOUT_PERSON)
    unknown = merged.loc[merged[value].isna(), WITHOUT_PERSON]
    means.loc[:, means.columns.isin(unknown)] = np.nan
    return means


def _face_noise(rest: pd.DataFrame, shape: tuple[int, int]) -> FaceNoise:
    """Jackknife variances over people of effects, and of single units about the mean of their combination."""
    known = rest.dropna(axis=1)
    cells = known.groupby(level=[0, 1])
    people = known.shape[1]
    if people < 2:
        return NO_FACES

    def jackknifed(values: np.ndarray) -> np.ndarray:
        """The variance by the values (people first) without each person."""
        return np.asarray((people - 1) / people * ((values - values.mean(axis=0)) ** 2).sum(axis=0))

    effects = [jackknifed(each).mean() for each in _effects(cells.mean().to_numpy().T, shape)]
    apart = known - cells.transform("mean")
    single = pd.Series(jackknifed(apart.to_numpy().T), known.index).groupby(level=[0, 1])
    return FaceNoise(np.array(effects), (single.sum() / (single.size() - 1)).to_numpy())


def _moments(sample: np.ndarray) -> tuple[float, float, float]:
    """Mean, variance (nan of a single value) and size of a sample."""
    return sample.mean(), sample.var(ddof=1) if len(sample) > 1 else np.nan, float(len(sample))


def _effects(means: np.ndarray, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The effects of rows, columns and both in means of combinations (replicates x combinations)."""
    cells = means.reshape(-1, *shape)
    grand = cells.mean((1, 2), keepdims=True)
    rows, columns = cells.mean(2, keepdims=True) - grand, cells.mean(1, keepdims=True) - grand
    return rows, columns, cells - grand - rows - columns


def _variances(
    means: np.ndarray, within: np.ndarray, sizes: np.ndarray, shape: tuple[int, int], faces: FaceNoise
) -> np.ndarray:
    """Variances of the effects of rows, columns and both, without the noise in them, and within samples.

    `means`, variances `within` and `sizes` of the samples are rows x combinations of the factors.
    """
    a, b = shape
    # a sample of one, with the other left out, has the variance of the others
    known = ~np.isnan(within)
    with np.errstate(invalid="ignore"):
        others = np.nansum(within, axis=1, keepdims=True) / known.sum(axis=1, keepdims=True)
    within = np.where(known, within, others)
    # what people add to the differences between networks is part of their noise in the effects too, and is
    # subtracted once
    networks = within - faces.networks
    noise = (networks / sizes).sum(axis=1, keepdims=True) / (a * b) ** 2
    # effects are contrasts of means, each of which has the noise of its sample, so often:
    times = np.array([a - 1, b - 1, (a - 1) * (b - 1)])
    squares = np.stack([(effect**2).mean((1, 2)) for effect in _effects(means, shape)], axis=1)
    return np.column_stack([squares - times * noise - faces.effects, networks.mean(axis=1)])


def _shares(variances: np.ndarray) -> np.ndarray:
    positive = np.maximum(variances, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(positive / positive.sum(axis=-1, keepdims=True))
