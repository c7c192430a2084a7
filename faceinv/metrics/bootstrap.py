"""Statistics with the seed as the unit of inference: bootstrap intervals over seeds and identities."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from faceinv.errors import InputError

UNITS = ("seed", "identity")
RELIABLY = 0.975
"""Share of the draws in which a condition must hold to count as reliable: all but one tail of an interval."""

_SUM, _COUNT = "sum of values", "sum of weights"


@dataclass(frozen=True)
class Bootstrap:
    """Means of a measure by condition, with draws from their sampling distribution.

    Attributes
    ----------
    estimate : Series
        The mean in each condition, indexed by condition.
    draws : DataFrame, draws x conditions
        The same means in each bootstrap sample. All conditions share the samples, so the difference of two
        columns is a draw of the paired difference.
    seeds : int
        Number of seeds that the intervals are based on.
    """

    estimate: pd.Series
    draws: pd.DataFrame
    seeds: int

    def interval(self, level: float = 0.95) -> pd.DataFrame:
        """One row per condition: its index as columns, estimate, low, high, seeds."""
        intervals = _interval(self.estimate.to_numpy(), self.draws.to_numpy(), level)
        labels = self.estimate.index.to_frame(index=False)
        return pd.concat([labels, intervals], axis=1).assign(seeds=self.seeds)

    def contrast(self, name: str, a: str, b: str, level: float = 0.95) -> pd.DataFrame:
        """The paired difference a − b of two values of the condition `name`, at each value of the others."""
        parts = [self._at(name, value) for value in (a, b)]
        labels = parts[0][0]
        if not labels.equals(parts[1][0]):
            raise InputError(
                f"{name} {a!r} and {b!r} were not measured at the same levels of the other conditions"
            )
        estimate, draws = (parts[0][i] - parts[1][i] for i in (1, 2))
        intervals = _interval(estimate, draws, level)
        return pd.concat([labels, intervals], axis=1).assign(contrast=f"{a} − {b}", seeds=self.seeds)

    def _at(self, name: str, value: str) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
        """The other conditions, the estimates and the draws where condition `name` is `value`."""
        conditions = self.estimate.index.to_frame(index=False)
        here = (conditions[name] == value).to_numpy()
        if not here.any():
            raise InputError(f"{name} is never {value!r}; it is one of {sorted(conditions[name].unique())}")
        labels = conditions[here].drop(columns=name).reset_index(drop=True)
        return labels, self.estimate.to_numpy()[here], self.draws.to_numpy()[:, here]

    def ratio(self, other: Bootstrap) -> Bootstrap:
        """The ratio to another bootstrap and draws, draw by draw."""
        if not self.estimate.index.equals(other.estimate.index) or self.draws.shape != other.draws.shape:
            raise InputError("a ratio needs two bootstraps of the same conditions and number of draws")
        return Bootstrap(self.estimate / other.estimate, self.draws / other.draws, self.seeds)

    def only(self, defined: pd.DataFrame) -> Bootstrap:
        """The same, but nan in draws that are not `defined` and conditions where too few are (`RELIABLY`)."""
        reliable = defined.to_numpy().mean(axis=0) >= RELIABLY
        estimate = np.where(reliable, self.estimate, np.nan)
        return Bootstrap(
            pd.Series(estimate, index=self.estimate.index, name="estimate"),
            self.draws.where(defined.to_numpy() & reliable),
            self.seeds,
        )

    def average(self, over: str) -> Bootstrap:
        """The mean over the values of one condition (such as the fraction), for each of the others."""
        others = [name for name in self.estimate.index.names if name != over]
        return Bootstrap(
            self.estimate.groupby(level=others).mean(),
            self.draws.T.groupby(level=others).mean().T,
            self.seeds,
        )

    def reduce(
        self, over: str, function: Callable[[dict[str, Any], np.ndarray, np.ndarray], np.ndarray]
    ) -> Bootstrap:
        """Reduce curves over one condition (such as the level) to numbers, for each combination of others.

        Parameters
        ----------
        over : the condition along the curve
        function : takes the other conditions (by name), the values of `over` (n) and the means there
            (draws x n), and returns one number per draw; called once for the estimate and the draws together
        """
        others = [name for name in self.estimate.index.names if name != over]
        reduced, index = [], []
        for key, part in self.estimate.groupby(level=others, sort=False):
            at = part.index.get_level_values(over).to_numpy()
            values = np.vstack([part.to_numpy(), self.draws[part.index].to_numpy()])
            reduced.append(function(dict(zip(others, key, strict=True)), at, values))
            index.append(key)
        conditions = pd.MultiIndex.from_tuples(index, names=others)
        estimate, draws = (np.stack([each[rows] for each in reduced]) for rows in (0, slice(1, None)))
        return Bootstrap(
            pd.Series(estimate, index=conditions, name="estimate"),
            pd.DataFrame(draws.T, columns=conditions),
            self.seeds,
        )


def bootstrap(
    table: pd.DataFrame,
    value: str,
    by: Sequence[str],
    draws: int = 2000,
    seed: int = 0,
    units: Sequence[str] = UNITS,
    weight: str | None = None,
    together: Sequence[str] = (),
) -> Bootstrap:
    """Mean of `value` by condition, with both seeds and identities as random samples.

    Seeds and identities are crossed (every seed's network sees the same test identities), so both are drawn
    with replacement, independently of each other, and the weight of an observation is the number of times
    that its seed was drawn times the number of times that its identity was: the pigeonhole bootstrap of Owen
    (2007), which does not underestimate the variance of crossed samples. Of n units n − 1 are drawn (Rao & Wu
    1988), which keeps the variance unbiased with only a few seeds.

    Parameters
    ----------
    table : DataFrame with the columns of `units`, `value` and those of `by`; one row per observation
    value : the measure, numeric or boolean; nan counts as missing
    by : conditions; means are computed for each of their combinations
    draws : number of bootstrap samples
    seed : of the random draws; two measures of the same table with the same seed share the draws
    units : columns of the sampled units, seeds first
    weight : column with the weights of the observations in the mean; None for equal weights
    together : two of `units` that are the same units in two roles, such as networks that make masks and read
        them: they are drawn once for both roles (see `_pair_weights`)

    Raises
    ------
    InputError
        If there is only one seed: an interval over seeds needs at least two.
    """
    keys = list(by)
    roles = [list(together) if unit in together else [unit] for unit in units]
    names = [np.sort(pd.unique(table[columns].to_numpy().ravel())) for columns in roles]
    if len(names[0]) < 2:
        raise InputError(
            f"there is only one seed, {names[0].tolist()}; an interval over seeds needs at least two"
        )
    values = table[value].astype(float)
    weights = (table[weight].astype(float) if weight else 1.0) * values.notna()
    weighted = table[[*keys, *units]].assign(**{_SUM: values * weights, _COUNT: weights})
    groups = weighted.groupby([*keys, *units], observed=True)
    grid = pd.MultiIndex.from_product(names, names=units) if len(units) > 1 else pd.Index(names[0])
    total, count = (
        groups[part].sum().unstack(list(units), fill_value=0).reindex(columns=grid, fill_value=0)
        for part in (_SUM, _COUNT)
    )
    shape = (len(total), *(len(each) for each in names))
    rng = np.random.default_rng(seed)
    drawn = [_times_drawn(n, draws, rng) for n in shape[1:]]
    axes = list("abcdefgh"[: len(drawn)])
    if together:
        first, second = (list(units).index(unit) for unit in together)
        drawn[first] = _pair_weights(drawn[first])
        axes[first] += axes[second]
        del drawn[second], axes[second]
    with np.errstate(invalid="ignore", divide="ignore"):
        means = _weighted(total.to_numpy().reshape(shape), drawn, axes) / _weighted(
            count.to_numpy().reshape(shape), drawn, axes
        )
    index = total.index if len(keys) > 1 else pd.MultiIndex.from_arrays([total.index], names=keys)
    return Bootstrap(
        pd.Series((total.sum(axis=1) / count.sum(axis=1)).to_numpy(), index=index, name="estimate"),
        pd.DataFrame(means, columns=index),
        shape[1],
    )


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


def variance_components(
    table: pd.DataFrame,
    value: str,
    factors: tuple[str, str],
    draws: int = 2000,
    seed: int = 0,
    level: float = 0.95,
) -> pd.DataFrame:
    """Share of the variance of a measure due to each of two factors, their interaction, and the seed.

    Analysis of variance of networks with two crossed fixed factors (these architectures, these strategies)
    and seeds as a random sample within each combination. Components are the finite-population variances of
    the effects (Gelman 2005). The mean of a combination over a few seeds also contains their noise, which is
    subtracted.

    Seeds are drawn with replacement, n − 1 of n as in `bootstrap`. Each draw adds the noise of the seeds once
    more to that already in the data, so the draws exceed the estimate by as much as the estimate exceeds the
    true value: this bias is subtracted once from the estimate and twice from each draw.

    Parameters
    ----------
    table : DataFrame with one row per network: `seed`, `value` and the two `factors`, each combination with
        each seed once
    draws, seed : number of bootstrap samples, and seed of their random numbers
    level : of the intervals

    Returns
    -------
    DataFrame
        One row per component (the two factors, ``"interaction"``, ``"seed"``): component, variance (negative
        where noise alone would give more), estimate (its share of the total, with negative ones as zero),
        low, high, seeds. With two seeds the interval of the variance due to the seed is too narrow.
    """
    a, b = factors
    cube = table.pivot(index=[a, b], columns="seed", values=value)
    shape = (table[a].nunique(), table[b].nunique(), cube.shape[1])
    if min(shape) < 2 or cube.size != np.prod(shape) or cube.isna().any(axis=None):
        raise InputError(
            f"variance components of {value} need every {a} with every {b} and seed, two or more of each; "
            f"got {len(table)} networks of {shape[0]} x {shape[1]} x {shape[2]}"
        )
    values = cube.to_numpy(dtype=float).reshape(shape)
    drawn = _times_drawn(shape[2], draws, np.random.default_rng(seed))
    weights = np.vstack([np.ones(shape[2]), drawn])
    weights /= weights.sum(axis=1, keepdims=True)
    components = _effect_variances(np.einsum("abs,ds->dab", values, weights))
    noise = components[1:].mean(axis=0) - components[0]
    components[0] -= noise
    components[1:] -= 2 * noise
    seed_variance = ((values - values.mean(2, keepdims=True)) ** 2).mean((0, 1)) * shape[2] / (shape[2] - 1)
    components = np.column_stack([components, weights @ seed_variance])
    shares = np.maximum(components, 0) / np.maximum(components, 0).sum(axis=1, keepdims=True)
    names = pd.DataFrame({"component": [a, b, "interaction", "seed"], "variance": components[0]})
    return pd.concat([names, _interval(shares[0], shares[1:], level)], axis=1).assign(seeds=shape[2])


def _effect_variances(means: np.ndarray) -> np.ndarray:
    """Mean squared effects of rows, columns and their interaction in tables of means (draws x a x b)."""
    grand = means.mean((1, 2), keepdims=True)
    rows, columns = means.mean(2, keepdims=True) - grand, means.mean(1, keepdims=True) - grand
    rest = means - grand - rows - columns
    return np.stack([(effect**2).mean((1, 2)) for effect in (rows, columns, rest)], axis=1)


def _weighted(part: np.ndarray, drawn: Sequence[np.ndarray], axes: Sequence[str]) -> np.ndarray:
    """Sums over all units (conditions x units ...), weighted by times drawn: draws x conditions.

    `axes` are the units that each array of `drawn` weights, one letter each, in the order of `part`.
    """
    units = "".join(sorted("".join(axes)))
    terms = [f"z{units}", *(f"y{axis}" for axis in axes)]
    return np.einsum(f"{','.join(terms)}->yz", part, *drawn, optimize=True)


def _pair_weights(drawn: np.ndarray) -> np.ndarray:
    """Weights of pairs of units that were drawn once for both roles: draws x n x n.

    Let w be how often a unit was drawn, relative to the mean. The pair of a unit with itself has the weight
    w, and a pair of two of n units 1 + (w + w' − 2) (n − 1) / (n − 2). That is the product of w and w' to
    first order, as the infinitesimal jackknife takes it, times a factor that makes up for the pairs of units
    with themselves, which are no pairs of two. Products themselves would favour those pairs, since a unit is
    often drawn twice, and would leave no pair of two where only one unit was drawn. Two units make one pair,
    whose variance cannot be known: it has the weight 1.
    """
    n = drawn.shape[1]
    relative = drawn * (n / drawn.sum(axis=1, keepdims=True))
    factor = (n - 1) / (n - 2) if n > 2 else 1
    weights = 1 + factor * (relative[:, :, None] + relative[:, None, :] - 2)
    diagonal = np.arange(n)
    weights[:, diagonal, diagonal] = relative
    return weights


def _times_drawn(n: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    """How often each of n units is drawn, in each of `draws` samples of n − 1 (draws x n)."""
    return rng.multinomial(max(1, n - 1), np.full(n, 1 / n), size=draws).astype(float)


def _interval(estimate: np.ndarray, draws: np.ndarray, level: float) -> pd.DataFrame:
    tail = (1 - level) / 2
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN slice")  # a condition that is nan in all draws stays nan
        low, high = np.nanquantile(draws, [tail, 1 - tail], axis=0)
    return pd.DataFrame({"estimate": estimate, "low": low, "high": high})
