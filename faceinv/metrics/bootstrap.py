"""Intervals over bases, seeds and identities, for means and for what is computed from them.

Standard errors are those of the jackknife: each unit is left out in turn, separately for networks (by base,
if there are several, else by seed) and for identities, and the variances add up, as for all crossed samples
(Owen 2007). Each variance rests on few units, so an interval takes Student's t of each: its half-width is the
root of the sum of the variances, each times the square of its own t (Banerjee 1960), which covers the truth
at least as often as it says if the effects of the units are normal. Percentiles of three resampled seeds
never leave the range of the three, and cover 75 %.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from faceinv.errors import InputError
from faceinv.metrics.intervals import LEVEL, SHARE, fieller_limits, inflated, logit_limits, matching_degrees
from faceinv.metrics.prediction import part_of_faces
from faceinv.metrics.resampling import NUMBER_OF_BASES, NUMBER_OF_PAIRS, fewest, replicates

UNITS = ("seed", "identity")
ALONE = "statistic"
ONE = pd.MultiIndex.from_tuples([(ALONE,)], names=[ALONE])
"""Index of a single number, which has no conditions."""

ONE_BASE = "one base"
"""Note where all networks started from the same base: nothing is known of other bases."""


@dataclass(frozen=True)
class Bootstrap:
    """Numbers by condition, with the variance of their sampling distribution.

    Attributes
    ----------
    estimate : Series
        One number for each condition, indexed by condition.
    left_out : DataFrame, units x conditions
        The same numbers without each of the sampled units; the index has the kind of unit (``"seed"``,
        ``"base"``, ``"identity"``), its stratum (for bases: what they have in common) and the unit. All
        conditions share the units, so that the difference of two columns is a paired difference.
    involved : DataFrame of bool, units x conditions
        Whether the condition has observations of the unit.
    seeds : int
        Number of seeds that the intervals are based on.
    number, seed : how many draws `draws` makes, and their seed
    bases : Series by condition, or None
        The number of bases that its networks started from. Intervals of a condition with one base are
        conditional on that base, and its note says so.
    pairs : Series by condition, or None; its number of pairs of networks, where an observation is of two
    notes : Series of text by condition, or None
        Why there is no number; empty where there is one.
    bounds : tuple of two floats, or None
        Values that are possible; intervals do not exceed them. Those of shares, between 0 and 1, are
        symmetric in the logit.
    parts : numerator and denominator of a ratio, whose interval is Fieller's
    """

    estimate: pd.Series
    left_out: pd.DataFrame
    involved: pd.DataFrame
    seeds: int
    number: int = 2000
    seed: int = 0
    bases: pd.Series | None = None
    pairs: pd.Series | None = None
    notes: pd.Series | None = None
    bounds: tuple[float, float] | None = None
    parts: tuple[Bootstrap, Bootstrap] | None = None

    @cached_property
    def strata(self) -> list[tuple[str, np.ndarray, np.ndarray]]:
        """The kind of each stratum of units, deviations (units x conditions) and degrees of freedom.

        The sum of the squared deviations is the variance due to the units of the stratum.
        """
        found = []
        names = list(zip(*(self.left_out.index.get_level_values(level) for level in (0, 1)), strict=True))
        for kind, stratum in dict.fromkeys(names):
            here = [name == (kind, stratum) for name in names]
            involved = self.involved.to_numpy()[here]
            units = involved.sum(axis=0)
            values = np.where(involved, self.left_out.to_numpy(dtype=float)[here], 0.0)
            with np.errstate(invalid="ignore", divide="ignore"):
                centred = np.where(involved, values - values.sum(axis=0) / units, 0.0)
                scaled = np.where(units > 1, np.sqrt((units - 1) / units), 0.0) * centred
            found.append((str(kind), scaled, np.maximum(units - 1, 0)))
        return found

    def covariance(self, other: Bootstrap) -> list[tuple[np.ndarray, np.ndarray]]:
        """Covariance with the same conditions of another bootstrap, and degrees of freedom, by kind of unit.

        Degrees of freedom of several strata, each with its own variance, are those of Satterthwaite (1946).
        """
        kinds: dict[str, list[tuple[np.ndarray, np.ndarray, np.ndarray]]] = {}
        for (kind, a, df), (_, b, _) in zip(self.strata, other.strata, strict=True):
            kinds.setdefault(kind, []).append(((a * b).sum(axis=0), (a * a).sum(axis=0), df))
        found = []
        for parts in kinds.values():
            shared, own, df = (np.array(each) for each in zip(*parts, strict=True))
            with np.errstate(invalid="ignore", divide="ignore"):
                pooled = own.sum(axis=0) ** 2 / np.where(df > 0, own**2 / df, 0.0).sum(axis=0)
            found.append((shared.sum(axis=0), np.where(np.isfinite(pooled), pooled, df.max(axis=0))))
        return found

    @property
    def standard_error(self) -> np.ndarray:
        """Standard error of each condition."""
        return np.asarray(np.sqrt(np.sum([variance for variance, _ in self.covariance(self)], axis=0)))

    def half_width(self, level: float = LEVEL) -> np.ndarray:
        """Half of the width of the symmetric interval at a level."""
        return np.asarray(np.sqrt(inflated(self.covariance(self), level)))

    @cached_property
    def draws(self) -> pd.DataFrame:
        """Draws from the joint sampling distribution of all conditions (draws x conditions).

        A multiplier bootstrap: deviations of units times normal numbers, the same for all conditions, divided
        by the root of a chi-square over its degrees of freedom, because few units tell little of a variance.
        """
        rng = np.random.default_rng(self.seed)
        drawn = np.tile(self.estimate.to_numpy(dtype=float), (self.number, 1))
        for _, deviations, freedom in self.strata:
            normal = rng.standard_normal((self.number, len(deviations)))
            spread = rng.chisquare(max(1, freedom.max()), self.number) / max(1, freedom.max())
            drawn += (normal / np.sqrt(spread)[:, None]) @ deviations
        return pd.DataFrame(drawn, columns=self.estimate.index)

    def interval(self, level: float = LEVEL) -> pd.DataFrame:
        """One row per condition: its index as columns, estimate, low, high, se, df, seeds.

        `se` is the standard error, `se_faces` that due to faces alone (`identities` is their number), and
        `df` the degrees of freedom of Student's t with this width. If bases are known a column `bases` has
        their number, and where observations are of two networks a column `pairs`. A column `note` says why
        numbers are missing, and which intervals are those of one base.
        """
        return self.numbers(*self.limits(level), level)

    def contrast(self, name: str, a: str, b: str, level: float = LEVEL) -> pd.DataFrame:
        """The paired difference a − b of two values of the condition `name`, by the other conditions."""
        found = self.difference(name, a, b).interval(level).drop(columns=ALONE, errors="ignore")
        return found.assign(contrast=f"{a} − {b}")

    def difference(self, name: str, a: str, b: str) -> Bootstrap:
        """The paired difference of `contrast`, for each combination of the other conditions."""
        conditions = self.estimate.index.to_frame(index=False)
        places = []
        for value in (a, b):
            here = (conditions[name] == value).to_numpy()
            if not here.any():
                known = sorted(conditions[name].unique())
                raise InputError(f"{name} is never {value!r}; it is one of {known}")
            places.append(np.flatnonzero(here))
        labels = [conditions.iloc[here].drop(columns=name).reset_index(drop=True) for here in places]
        if not labels[0].equals(labels[1]):
            raise InputError(
                f"{name} {a!r} and {b!r} were not measured at the same levels of the other conditions"
            )
        index = pd.MultiIndex.from_frame(labels[0]) if len(labels[0].columns) else ONE
        return self._subtracted(list(zip(*places, strict=True)), index)

    def differences(self, pairs: Sequence[tuple[tuple, tuple]], index: pd.MultiIndex) -> Bootstrap:
        """Differences of pairs of conditions, first minus second, with a name for each pair."""
        place = {key: at for at, key in enumerate(self.estimate.index)}
        return self._subtracted([(place[a], place[b]) for a, b in pairs], index)

    def _subtracted(self, places: Sequence[tuple[int, int]], index: pd.MultiIndex) -> Bootstrap:
        bounds = self.bounds and (self.bounds[0] - self.bounds[1], self.bounds[1] - self.bounds[0])
        pairs = [np.array(pair) for pair in places]
        return self._derived(index, pairs, lambda _, rows: rows[:, 0] - rows[:, 1], bounds)

    def ratio(self, other: Bootstrap, near_zero: str = "denominator may be zero") -> Bootstrap:
        """The ratio to another bootstrap of the same units, with Fieller's interval (1954).

        Where the denominator is not safely above zero, that is, where its interval includes zero, a ratio has
        no bounded interval; there is no number then, and the note `near_zero` says why.
        """
        same = self.estimate.index.equals(other.estimate.index)
        if not (same and self.left_out.index.equals(other.left_out.index)):
            raise InputError("a ratio needs two bootstraps of the same conditions and units")
        with np.errstate(invalid="ignore", divide="ignore"):
            found = replace(
                self,
                estimate=self.estimate / other.estimate,
                left_out=self.left_out / other.left_out,
                involved=self.involved | other.involved,
                bounds=None,
                parts=(self, other),
            )
        below = other.estimate.to_numpy()
        return found.where((below > 0) & (below**2 > found._spreads(LEVEL)[2]), near_zero)

    def _spreads(self, level: float) -> list[np.ndarray]:
        """Variances and covariance of both parts of a ratio, times the square of its own Student's t.

        With a t for each, the three could be no covariance matrix, and Fieller's equation have no solution.
        """
        assert self.parts is not None
        top, bottom = self.parts
        freedom = [df for _, df in self.covariance(self)]
        sums = (a.covariance(b) for a, b in ((top, top), (top, bottom), (bottom, bottom)))
        return [inflated([(x, df) for (x, _), df in zip(each, freedom, strict=True)], level) for each in sums]

    def where(self, known: np.ndarray, note: str) -> Bootstrap:
        """The same, but nan with a note in conditions that are not `known` (bool by condition)."""
        before = self._said()
        notes = np.where(before != "", before, np.where(known, "", note))
        return replace(
            self,
            estimate=self.estimate.where(known),
            left_out=self.left_out.where(np.broadcast_to(known, self.left_out.shape)),
            notes=pd.Series(notes, self.estimate.index),
        )

    def average(self, over: str) -> Bootstrap:
        """The mean over the values of one condition (such as the fraction), for each of the others."""
        others = [name for name in self.estimate.index.names if name != over]
        numbers = pd.Series(np.arange(len(self.estimate)), self.estimate.index)
        groups = numbers.groupby(level=others).apply(lambda part: part.to_numpy())
        index = groups.index
        if not isinstance(index, pd.MultiIndex):
            index = pd.MultiIndex.from_arrays([index], names=others)
        return self._derived(index, list(groups), lambda _, rows: rows.mean(axis=1), self.bounds)

    def reduce(
        self, over: str, function: Callable[[dict[str, Any], np.ndarray, np.ndarray], np.ndarray]
    ) -> Bootstrap:
        """Reduce curves over one condition (such as the level) to numbers, for each combination of others.

        Parameters
        ----------
        over : the condition along the curve
        function : takes the other conditions (by name), the values of `over` (n) and the means there (rows x
            n: the estimate and all replicates), and returns one number per row
        """
        others = [name for name in self.estimate.index.names if name != over]
        numbers = pd.Series(np.arange(len(self.estimate)), self.estimate.index)
        places, index = [], []
        for key, part in numbers.groupby(level=others, sort=False):
            places.append(part.to_numpy())
            index.append(key if isinstance(key, tuple) else (key,))
        levels = self.estimate.index.get_level_values(over).to_numpy()
        labels = [dict(zip(others, key, strict=True)) for key in index]
        return self._derived(
            pd.MultiIndex.from_tuples(index, names=others),
            places,
            lambda which, rows: function(labels[which], levels[places[which]], rows),
        )

    def combine(self, function: Callable[[pd.DataFrame], pd.Series]) -> Bootstrap:
        """One number from all conditions.

        Parameters
        ----------
        function : takes a table (a column for each condition; rows are the estimate and each replicate) and
            returns one number per row; it must be smooth, for extremes see `faceinv.metrics.extremes`
        """

        def of_rows(_: int, rows: np.ndarray) -> np.ndarray:
            return function(pd.DataFrame(rows, columns=self.estimate.index)).to_numpy(dtype=float)

        return self._derived(ONE, [np.arange(len(self.estimate))], of_rows)

    def map(self, function: Callable[[np.ndarray], np.ndarray]) -> Bootstrap:
        """A smooth function of the number of each condition."""
        places = [np.array([place]) for place in range(len(self.estimate))]
        return self._derived(self.estimate.index, places, lambda _, rows: function(rows[:, 0]))

    def take(self, places: Sequence[int] | np.ndarray, index: pd.MultiIndex | None = None) -> Bootstrap:
        """The conditions at some places, in their order, under their own names or others."""
        at = [np.array([place]) for place in places]
        names = self.estimate.index[np.asarray(places)] if index is None else index
        return self._derived(names, at, lambda _, rows: rows[:, 0], self.bounds)

    def _derived(
        self,
        index: pd.MultiIndex,
        places: Sequence[np.ndarray],
        function: Callable[[int, np.ndarray], np.ndarray],
        bounds: tuple[float, float] | None = None,
    ) -> Bootstrap:
        """Numbers from the conditions at each of `places`, by a function of its number and their rows."""
        rows = np.vstack([self.estimate.to_numpy(dtype=float), self.left_out.to_numpy(dtype=float)])
        values = np.stack([function(which, rows[:, at]) for which, at in enumerate(places)], axis=1)
        involved = self.involved.to_numpy()
        touched = np.stack([involved[:, at].any(axis=1) for at in places], axis=1)
        units = self.left_out.index
        return replace(
            self,
            estimate=pd.Series(values[0], index, name="estimate"),
            left_out=pd.DataFrame(values[1:], units, index),
            involved=pd.DataFrame(touched, units, index),
            bases=fewest(self.bases, places, index),
            pairs=fewest(self.pairs, places, index),
            notes=pd.Series(_join(self._said(), places), index),
            bounds=bounds,
            parts=None,
        )

    def _said(self) -> np.ndarray:
        """The note of each condition."""
        return np.full(len(self.estimate), "", object) if self.notes is None else self.notes.to_numpy()

    def limits(self, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Low and high of the interval of each condition."""
        if self.parts is not None:
            top, bottom = self.parts
            return fieller_limits(top.estimate.to_numpy(), bottom.estimate.to_numpy(), *self._spreads(level))
        width, estimate = self.half_width(level), self.estimate.to_numpy(dtype=float)
        if self.bounds == SHARE:
            return logit_limits(estimate, width)
        return self.clip(estimate - width, estimate + width)

    def clip(self, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Limits within the values that are possible."""
        return (np.clip(low, *self.bounds), np.clip(high, *self.bounds)) if self.bounds else (low, high)

    def numbers(self, low: np.ndarray, high: np.ndarray, level: float) -> pd.DataFrame:
        """A table as `interval` gives it, of intervals with these limits."""
        estimate, error = self.estimate.to_numpy(dtype=float), self.standard_error
        known = ~np.isnan(estimate)
        holes = (self.left_out.isna() & self.involved).sum().to_numpy()
        low, high = (np.where(known & (holes == 0), each, np.nan) for each in (low, high))
        table = pd.DataFrame({"estimate": estimate, "low": low, "high": high, "se": error})
        table["se"] = table["se"].where(known & (holes == 0))
        with np.errstate(invalid="ignore", divide="ignore"):
            table["df"] = matching_degrees(self.half_width(level) / error, level)
        table = table.assign(**part_of_faces(self.strata, self.involved), seeds=self.seeds)
        for name, counts in ((NUMBER_OF_BASES, self.bases), (NUMBER_OF_PAIRS, self.pairs)):
            if counts is not None:
                table[name] = counts.to_numpy()
        said = self._said()
        if self.bases is not None:
            said = np.where((said == "") & (self.bases.to_numpy() == 1), ONE_BASE, said)
        undefined = np.array([f"undefined without {n} of {len(self.left_out)} units" for n in holes], object)
        notes = np.where((said == "") & known & (holes > 0), undefined, said)
        table = pd.concat([self.estimate.index.to_frame(index=False), table], axis=1)
        return table.assign(note=notes) if (notes != "").any() else table


def bootstrap(
    table: pd.DataFrame,
    value: str,
    by: Sequence[str],
    draws: int = 2000,
    seed: int = 0,
    units: Sequence[str] = UNITS,
    weight: str | None = None,
) -> Bootstrap:
    """Mean of `value` by condition, with bases or seeds, and identities, as random samples.

    Seeds and identities are crossed, and all conditions share them, so that their differences are paired.

    Parameters
    ----------
    table : DataFrame with the columns of `units`, `value` and those of `by`; one row per observation. If it
        has a column `base` (see `faceinv.metrics.resampling`), networks of a condition with two or more bases
        are left out by base, because those that share one are not independent
    value : the measure, numeric or boolean; nan counts as missing. Means of booleans are shares
    by : conditions; means are computed for each of their combinations
    draws : number of draws for intervals that hold together
    seed : of these draws
    units : columns of the sampled units, seeds first
    weight : column with the weights of the observations in the mean; None for equal weights

    Raises
    ------
    InputError
        If there is only one seed: an interval over seeds needs at least two.
    """
    names = np.sort(table[units[0]].unique())
    if len(names) < 2:
        raise InputError(
            f"there is only one seed, {names.tolist()}; an interval over seeds needs at least two"
        )
    found = replicates(table, value, by, units, weight)
    return Bootstrap(
        found.estimate,
        found.left_out,
        found.involved,
        len(names),
        draws,
        seed,
        found.bases,
        found.pairs,
        bounds=SHARE if table[value].dtype == bool else None,
    )


def _join(words: pd.Series | np.ndarray, places: Sequence[np.ndarray]) -> list[str]:
    """The different words at each of the places, joined."""
    return [" and ".join(dict.fromkeys(filter(None, np.asarray(words)[at]))) for at in places]
