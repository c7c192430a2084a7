"""Widths and limits of intervals whose variance is a sum of parts with few degrees of freedom each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import expit, logit, stdtrit

LEVEL = 0.95
SHARE = (0.0, 1.0)
"""Bounds of a share."""

Parts = Sequence[tuple[np.ndarray, np.ndarray]]
"""Variances (or covariances) and degrees of freedom, each by condition, of each part of a sum."""


def inflated(parts: Parts, level: float = LEVEL) -> np.ndarray:
    """Sum of the variances, each times the square of its own quantile of Student's t.

    The root is half of the width of an interval that covers at least at the level, if the parts are variances
    of independent normal means (Banerjee 1960).
    """
    tail = (1 + level) / 2
    return np.sum([variance * stdtrit(np.maximum(df, 1), tail) ** 2 for variance, df in parts], axis=0)


def fieller_limits(
    numerator: np.ndarray, denominator: np.ndarray, nn: np.ndarray, nd: np.ndarray, dd: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Limits of a ratio: all values at which numerator − ratio x denominator may be zero (Fieller 1954).

    Parameters
    ----------
    numerator, denominator : estimates by condition
    nn, nd, dd : their variances and covariance, `inflated` to the level

    Returns
    -------
    tuple of two ndarrays
        Low and high; nan where the denominator itself may be zero, so that the ratio has no limits.
    """
    a, b, c = denominator**2 - dd, numerator * denominator - nd, numerator**2 - nn
    with np.errstate(invalid="ignore", divide="ignore"):
        root = np.sqrt(np.maximum(b**2 - a * c, 0))
        low, high = (b - root) / a, (b + root) / a
    return np.where(a > 0, low, np.nan), np.where(a > 0, high, np.nan)


def logit_limits(share: np.ndarray, half: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Limits of a share between 0 and 1 that are symmetric in its logit, from the half of a plain width.

    Near a bound the plain interval reaches beyond it on one side and covers too rarely on the other.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        inside = (share > 0) & (share < 1)
        wide = np.where(inside, half / (share * (1 - share)), 0.0)
        low, high = (expit(logit(share) + sign * wide) for sign in (-1, 1))
    return np.where(inside, low, share), np.where(inside, high, share)


def matching_degrees(quantile: np.ndarray, level: float = LEVEL) -> np.ndarray:
    """Degrees of freedom at which Student's t has a quantile: half of a width over the standard error."""
    low, high = np.full(np.shape(quantile), np.log(0.5)), np.full(np.shape(quantile), np.log(1e6))
    for _ in range(50):
        middle = (low + high) / 2
        wide = stdtrit(np.exp(middle), (1 + level) / 2) > quantile
        low, high = np.where(wide, middle, low), np.where(wide, high, middle)
    return np.where(np.isnan(quantile), np.nan, np.exp(low))


def stretched(
    estimate: float, low: float, high: float, df: float, level: float, was: float = LEVEL
) -> tuple[float, float]:
    """An interval at another level than it `was`, by the quantiles of Student's t.

    Both sides are stretched by the same factor, so that an interval that is not symmetric stays so.
    """
    factor = float(stdtrit(df, (1 + level) / 2) / stdtrit(df, (1 + was) / 2))
    return estimate - factor * (estimate - low), estimate + factor * (high - estimate)
