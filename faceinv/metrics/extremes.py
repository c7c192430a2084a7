"""Intervals of extremes: the smallest, the largest or the widest of several numbers.

An extreme is chosen by its value, so that noise pushes it outwards and its own interval covers too rarely.
One limit follows from the single intervals: the smallest of several numbers lies below all of their low
limits only if it lies below its own. The other limit must hold whichever number is the extreme, and so for
all at once (`simultaneous`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from faceinv.metrics.bootstrap import Bootstrap
from faceinv.metrics.intervals import LEVEL


def simultaneous(numbers: Bootstrap, level: float = LEVEL) -> pd.DataFrame:
    """Intervals that hold for all conditions at once, with the columns of `Bootstrap.interval`.

    All are widened by one factor, the quantile of the largest of the standardised draws, which know how the
    conditions depend on each other (max-t; Hothorn, Bretz & Westfall 2008).
    """
    low, high = numbers.limits(level)
    estimate, width = numbers.estimate.to_numpy(dtype=float), numbers.half_width(level)
    known = np.isfinite(width) & (width > 0) & np.isfinite(estimate)
    wide = 1.0
    if known.any():
        extreme = np.abs(numbers.draws.to_numpy()[:, known] - estimate[known]) / width[known]
        wide = max(1.0, float(np.quantile(extreme.max(axis=1), level)))
    limits = numbers.clip(estimate - wide * (estimate - low), estimate + wide * (high - estimate))
    return numbers.numbers(*limits, level)


def smallest(numbers: Bootstrap, level: float = LEVEL) -> pd.Series:
    """The smallest of the numbers of all conditions: estimate, low, high, df.

    The margin over the better of several controls is the smallest of the margins over each.
    """
    plain, joint = numbers.interval(level), simultaneous(numbers, level)
    return _row(plain["estimate"].min(skipna=False), plain["low"], joint["high"], plain["df"], np.min)


def greatest(numbers: Bootstrap, level: float = LEVEL) -> pd.Series:
    """The largest of the numbers of all conditions: estimate, low, high, df."""
    plain, joint = numbers.interval(level), simultaneous(numbers, level)
    return _row(plain["estimate"].max(skipna=False), joint["low"], plain["high"], plain["df"], np.max)


def widest(numbers: Bootstrap, level: float = LEVEL) -> pd.Series:
    """The largest of the absolute numbers (differences, above all): estimate, low, high, df."""
    plain, joint = numbers.interval(level), simultaneous(numbers, level)
    low = np.maximum(np.maximum(joint["low"], -joint["high"]), 0)
    high = np.maximum(plain["high"], -plain["low"])
    return _row(plain["estimate"].abs().max(skipna=False), low, high, plain["df"], np.max)


def largest(intervals: pd.DataFrame) -> tuple[float, float, float]:
    """The largest of several absolute differences, with its interval.

    Parameters
    ----------
    intervals : estimate, low and high of each difference; the intervals must hold simultaneously at the
        wanted level (each of m at the level 1 - (1 - level) / m)

    Returns
    -------
    tuple of float
        Estimate, low and high: if all intervals hold, so does this one. Low is zero if every interval
        includes zero, and high is nan if one of them is nan.
    """
    low, high = intervals["low"], intervals["high"]
    least = np.maximum(np.maximum(low, -high), 0)
    most = np.maximum(high, -low)
    return float(intervals["estimate"].abs().max()), float(least.max()), float(most.max(skipna=False))


def _row(
    estimate: float, low: pd.Series, high: pd.Series, df: pd.Series, extreme: Callable[[np.ndarray], float]
) -> pd.Series:
    """The extreme of both limits; nan if any is unknown. The degrees of freedom are the fewest."""
    numbers = {"estimate": estimate, "low": extreme(low.to_numpy()), "high": extreme(high.to_numpy())}
    return pd.Series(numbers | {"df": float(np.min(df.to_numpy()))})
