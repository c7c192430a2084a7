"""Variance components: how much of the variance of a measure two crossed factors and the seed explain."""

from __future__ import annotations

import numpy as np
import pandas as pd

from faceinv.errors import InputError
from faceinv.metrics.bootstrap import Bootstrap
from faceinv.metrics.intervals import LEVEL, SHARE
from faceinv.metrics.resampling import BASE, NO_BASE, ROLE

OTHER_COMPONENTS = ("interaction", ROLE)


def component_shares(
    table: pd.DataFrame, value: str, factors: tuple[str, str], draws: int = 2000
) -> Bootstrap:
    """Share of the variance of a measure due to each of two factors, their interaction, and the seed.

    Analysis of variance of networks with two crossed fixed factors (these architectures, these strategies)
    and networks as a random sample within each combination. Components are the finite-population variances
    of the effects (Gelman 2005). The mean of a combination over a few networks also contains their noise,
    whose expected contribution is subtracted.

    Parameters
    ----------
    table : DataFrame with one row per network: `seed`, `value` and the two `factors`. With a column `base`,
        networks of a combination with two or more bases are averaged by base first: bases, not seeds, are
        then the sample, and the component ``seed`` is the variance between their means
    draws : of intervals that hold together, see `Bootstrap`

    Returns
    -------
    Bootstrap
        By component (the two factors, ``"interaction"``, ``"seed"``). Components that are negative, where
        noise alone would give more, count as zero.
    """
    return _components(table, value, factors, draws)[0]


def variance_components(
    table: pd.DataFrame,
    value: str,
    factors: tuple[str, str],
    draws: int = 2000,
    level: float = LEVEL,
) -> pd.DataFrame:
    """The shares of `component_shares` as a table, with the variances.

    A row for each component: component, variance (negative where noise alone would give more), estimate (the
    share), and the other columns of `Bootstrap.interval`.
    """
    shares, variances = _components(table, value, factors, draws)
    found = shares.interval(level)
    found.insert(1, "variance", variances)
    return found


def _components(
    table: pd.DataFrame, value: str, factors: tuple[str, str], draws: int
) -> tuple[Bootstrap, np.ndarray]:
    samples, shape, seeds = _samples(table, value, factors)
    means, within, sizes = (np.array(each) for each in zip(*map(_moments, samples), strict=True))
    variances = _variances(means[None], within[None], sizes[None], shape)[0]
    index = pd.MultiIndex.from_arrays([[*factors, *OTHER_COMPONENTS]], names=["component"])
    units = [(cell, unit) for cell, sample in enumerate(samples) for unit in range(len(sample))]
    without = [np.tile(each, (len(units), 1)) for each in (means, within, sizes)]
    for row, (cell, unit) in enumerate(units):
        for whole, changed in zip(without, _moments(np.delete(samples[cell], unit)), strict=True):
            whole[row, cell] = changed
    names = [(ROLE, str(cell), unit) for cell, unit in units]
    left_out = pd.DataFrame(
        _shares(_variances(without[0], without[1], without[2], shape)),
        pd.MultiIndex.from_tuples(names, names=["kind", "stratum", "unit"]),
        index,
    )
    shares = pd.Series(_shares(variances), index, name="estimate")
    involved = pd.DataFrame(True, left_out.index, index)
    return Bootstrap(shares, left_out, involved, seeds, draws, bounds=SHARE), variances


def _samples(
    table: pd.DataFrame, value: str, factors: tuple[str, str]
) -> tuple[list[np.ndarray], tuple[int, int], int]:
    """Independent values of each combination of the factors (rows first), the shape, and their number."""
    a, b = factors
    shape = (table[a].nunique(), table[b].nunique())
    if BASE in table:
        several = table.groupby([a, b])[BASE].transform("nunique") > 1
        unit = table[BASE].where(several & (table[BASE] != NO_BASE), table[ROLE].astype(str))
    else:
        unit = table[ROLE].astype(str)
    means = table[value].astype(float).groupby([table[a], table[b], unit]).mean()
    samples = [part.to_numpy() for _, part in means.groupby(level=[0, 1])]
    if min(shape) < 2 or len(samples) != np.prod(shape) or min(map(len, samples)) < 2 or means.isna().any():
        raise InputError(
            f"variance components of {value} need every {a} with every {b} and two or more networks of each; "
            f"got {len(table)} networks of {shape[0]} x {shape[1]} combinations"
        )
    return samples, shape, min(map(len, samples))


def _moments(sample: np.ndarray) -> tuple[float, float, float]:
    """Mean, variance (nan of a single value) and size of a sample."""
    return sample.mean(), sample.var(ddof=1) if len(sample) > 1 else np.nan, float(len(sample))


def _variances(
    means: np.ndarray, within: np.ndarray, sizes: np.ndarray, shape: tuple[int, int]
) -> np.ndarray:
    """Variances of the effects of rows, columns and both, without the noise in them, and within samples.

    `means`, variances `within` and `sizes` of the samples are rows x combinations of the factors.
    """
    a, b = shape
    # a sample of one, with the other left out, has the variance of the others
    within = np.where(np.isnan(within), np.nanmean(within, axis=1, keepdims=True), within)
    noise = (within / sizes).sum(axis=1, keepdims=True) / (a * b) ** 2
    cells = means.reshape(-1, a, b)
    grand = cells.mean((1, 2), keepdims=True)
    rows, columns = cells.mean(2, keepdims=True) - grand, cells.mean(1, keepdims=True) - grand
    both = cells - grand - rows - columns
    # effects are contrasts of means, each of which has the noise of its sample, so often:
    times = np.array([a - 1, b - 1, (a - 1) * (b - 1)])
    effects = np.stack([(effect**2).mean((1, 2)) for effect in (rows, columns, both)], axis=1) - times * noise
    return np.column_stack([effects, within.mean(axis=1)])


def _shares(variances: np.ndarray) -> np.ndarray:
    positive = np.maximum(variances, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(positive / positive.sum(axis=-1, keepdims=True))
