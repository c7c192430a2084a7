"""Variance components: how much of the variance of a measure two crossed factors and the seed explain."""

from __future__ import annotations

import numpy as np
import pandas as pd

from faceinv.errors import InputError
from faceinv.metrics.bootstrap import Bootstrap
from faceinv.metrics.intervals import LEVEL
from faceinv.metrics.resampling import BASE, NO_BASE, ROLE

SHARES = ("interaction", ROLE)


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
    variances = _variances(samples, shape)
    index = pd.MultiIndex.from_arrays([[*factors, *SHARES]], names=["component"])
    rows, units = [], []
    for cell, sample in enumerate(samples):
        for unit in range(len(sample)):
            rest = [*samples[:cell], np.delete(sample, unit), *samples[cell + 1 :]]
            rows.append(_shares(_variances(rest, shape)))
            units.append((ROLE, str(cell), unit))
    left_out = pd.DataFrame(rows, pd.MultiIndex.from_tuples(units, names=["kind", "stratum", "unit"]), index)
    shares = pd.Series(_shares(variances), index, name="estimate")
    involved = pd.DataFrame(True, left_out.index, index)
    return Bootstrap(shares, left_out, involved, seeds, draws, bounds=(0.0, 1.0)), variances


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


def _variances(samples: list[np.ndarray], shape: tuple[int, int]) -> np.ndarray:
    """Variances of the effects of rows, columns and both, without the noise in them, and within samples."""
    a, b = shape
    means = np.array([sample.mean() for sample in samples]).reshape(shape)
    within = np.array([sample.var(ddof=1) if len(sample) > 1 else np.nan for sample in samples])
    # a sample of one, with the other left out, has the variance of the others
    within = np.where(np.isnan(within), np.nanmean(within), within)
    noise = float((within / [len(sample) for sample in samples]).sum()) / (a * b) ** 2
    grand = means.mean()
    rows, columns = means.mean(1, keepdims=True) - grand, means.mean(0, keepdims=True) - grand
    both = means - grand - rows - columns
    # effects are contrasts of means, each of which has the noise of its sample, so often:
    times = np.array([a - 1, b - 1, (a - 1) * (b - 1)])
    effects = np.array([(effect**2).mean() for effect in (rows, columns, both)]) - times * noise
    return np.append(effects, within.mean())


def _shares(variances: np.ndarray) -> np.ndarray:
    positive = np.maximum(variances, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(positive / positive.sum())
