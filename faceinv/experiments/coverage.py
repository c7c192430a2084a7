"""Coverage: how often intervals hold the truth, in simulated answers whose truth is known.

Networks of several seeds (and bases) are tested on the same identities. The logit of a right answer is a
level plus effects of the base, the network, the identity, and the identity under a condition, all normal, and
that of the network on this identity; each identity is shown in a few images. So accuracies are as skewed and
as far from continuous as those of the chapters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from faceinv.errors import InputError
from faceinv.metrics.bootstrap import Bootstrap, bootstrap
from faceinv.metrics.extremes import widest
from faceinv.metrics.intervals import SHARE

CHANCE = 0.5
OF_BASE, OF_NETWORK, OF_IDENTITY, OF_BOTH = 0.4, 0.4, 0.8, 0.5
"""Standard deviations on the scale of logits."""

LEVELS = (0.95, 0.9, 0.8, 0.7, 0.6)
"""Accuracies of an average network along a tolerance curve."""


@dataclass(frozen=True)
class Design:
    """How many networks and identities there are.

    Attributes
    ----------
    seeds, identities, bases : their numbers; without bases networks are independent
    networks : standard deviation of the logit over networks
    images : images of each identity
    """

    seeds: int
    identities: int
    bases: int = 0
    networks: float = OF_NETWORK
    images: int = 2

    @property
    def spread(self) -> float:
        """Standard deviation of the logit over networks and identities."""
        of_base = OF_BASE if self.bases else 0.0
        return float(np.sqrt(of_base**2 + self.networks**2 + OF_IDENTITY**2 + 2 * OF_BOTH**2))


def simulate_answers(
    design: Design, levels: np.ndarray, trials: int, rng: np.random.Generator, skewed: bool = False
) -> np.ndarray:
    """Share of right answers of each network on each identity: trials x conditions x seeds x identities.

    Parameters
    ----------
    design : numbers of networks, identities and images
    levels : accuracy of an average network on an average identity, by condition
    trials : repetitions of the whole study
    rng : random numbers
    skewed : whether effects of networks are exponential instead of normal, with the same variance
    """
    conditions, seeds, identities = len(levels), design.seeds, design.identities

    def normal(spread: float, *shape: int) -> np.ndarray:
        return rng.normal(0, spread, (trials, *shape))

    networks = normal(design.networks, conditions, seeds, 1)
    if skewed:
        networks = design.networks * (rng.exponential(size=networks.shape) - 1)
    if design.bases:
        networks = (
            networks + normal(OF_BASE, conditions, design.bases, 1)[:, :, np.arange(seeds) % design.bases]
        )
    known = normal(OF_IDENTITY, 1, 1, identities) + normal(OF_BOTH, conditions, 1, identities)
    both = normal(OF_BOTH, conditions, seeds, identities)
    chances = expit(logit(levels)[:, None, None] + networks + known + both)
    return rng.binomial(design.images, chances) / design.images


def true_accuracy(design: Design, level: float, skewed: bool = False) -> float:
    """Mean accuracy over all networks and identities, of which `level` is that of the average ones."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    weights = weights / weights.sum()
    if not skewed:
        return float(weights @ expit(logit(level) + design.spread * nodes))
    rest = np.sqrt(design.spread**2 - design.networks**2)
    steps, shares = np.polynomial.laguerre.laggauss(60)
    inner = expit(logit(level) + rest * nodes[:, None] + design.networks * (steps - 1))
    return float(weights @ inner @ shares)


def answers_table(answers: np.ndarray, design: Design) -> pd.DataFrame:
    """Simulated answers as a table: trial, condition, seed, identity, value, and base, if there are any."""
    trial, condition, seed, identity = (each.ravel() for each in np.indices(answers.shape))
    table = pd.DataFrame(
        {"trial": trial, "condition": condition, "seed": seed, "identity": identity, "value": answers.ravel()}
    )
    if design.bases:
        names = np.array([f"base #{number}" for number in range(design.bases)])
        table["base"] = names[seed % design.bases]
    return table


def simulated_accuracy(answers: np.ndarray, design: Design) -> Bootstrap:
    """Accuracy by trial and condition, with the intervals of all chapters."""
    return bootstrap(answers_table(answers, design), "value", ["trial", "condition"], draws=500)


def above_chance(accuracy: np.ndarray) -> np.ndarray:
    """Accuracy corrected for chance."""
    return (accuracy - CHANCE) / (1 - CHANCE)


def _condition(boot: Bootstrap, number: int) -> Bootstrap:
    """One condition of all trials."""
    trials = boot.estimate.index.get_level_values("trial")
    here = np.flatnonzero(boot.estimate.index.get_level_values("condition") == number)
    return boot.take(here, pd.MultiIndex.from_arrays([trials[here]], names=["trial"]))


def _mean(boot: Bootstrap) -> pd.DataFrame:
    return replace(_condition(boot, 0), bounds=SHARE).interval()


def _difference(boot: Bootstrap) -> pd.DataFrame:
    return boot.difference("condition", 0, 1).interval()  # type: ignore[arg-type]


def _ratio(boot: Bootstrap) -> pd.DataFrame:
    other, own = (_condition(boot, number).map(above_chance) for number in (1, 0))
    return other.ratio(own).interval()


def _area(boot: Bootstrap) -> pd.DataFrame:
    return boot.map(above_chance).average("condition").interval()


def _tolerance(boot: Bootstrap) -> pd.DataFrame:
    corrected = boot.map(above_chance)
    return corrected.average("condition").ratio(_condition(corrected, 0)).interval()


def _largest(boot: Bootstrap) -> pd.DataFrame:
    """The largest difference from the first condition of any other."""
    conditions = boot.estimate.index.get_level_values("condition").to_numpy()
    trials = boot.estimate.index.get_level_values("trial").to_numpy()
    count = conditions.max() + 1
    index = pd.MultiIndex.from_tuples([(i,) for i in range(1, count)], names=["condition"])
    rows = []
    for trial in np.unique(trials):
        own = boot.take(
            np.flatnonzero(trials == trial), pd.MultiIndex.from_arrays([range(count)], names=["c"])
        )
        rows.append(widest(own.differences([((0,), (i,)) for i in range(1, count)], index)))
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Measure:
    """A kind of number that chapters report: levels of its conditions, its intervals, and its truth."""

    levels: tuple[float, ...]
    intervals: Callable[[Bootstrap], pd.DataFrame]
    truth: Callable[[np.ndarray], float]


MEASURES: Mapping[str, Measure] = {
    "mean": Measure(LEVELS[:1], _mean, lambda p: p[0]),
    "difference": Measure((0.8, 0.7), _difference, lambda p: p[0] - p[1]),
    "ratio": Measure((0.9, 0.8), _ratio, lambda p: above_chance(p[1]) / above_chance(p[0])),
    "area": Measure(LEVELS, _area, lambda p: above_chance(p).mean()),
    "tolerance": Measure(LEVELS, _tolerance, lambda p: above_chance(p).mean() / above_chance(p[0])),
    "largest difference": Measure((0.8,) * 6 + (0.65,), _largest, lambda p: np.abs(p - p[0]).max()),
}
"""Kinds of numbers by name."""


def coverage(
    measure: str, design: Design, trials: int = 1000, seed: int = 0, skewed: bool = False
) -> dict[str, float]:
    """How often 95 % intervals hold the truth, and how often they lie wholly above or below it.

    Returns
    -------
    dict
        covered, above, below (shares of the trials with an interval), undefined (share without one), and
        percentile: the coverage of percentiles of resampled seeds and identities (of the mean; else nan).
    """
    if measure not in MEASURES:
        raise InputError(f"measure is {measure!r}; expected one of {', '.join(MEASURES)}")
    kind, rng = MEASURES[measure], np.random.default_rng(seed)
    answers = simulate_answers(design, np.array(kind.levels), trials, rng, skewed)
    truth = kind.truth(np.array([true_accuracy(design, level, skewed) for level in kind.levels]))
    found = kind.intervals(simulated_accuracy(answers, design))
    low, high = found["low"].to_numpy(), found["high"].to_numpy()
    known = ~np.isnan(low)
    return {
        "covered": float(((low <= truth) & (truth <= high))[known].mean()),
        "above": float((low > truth)[known].mean()),
        "below": float((high < truth)[known].mean()),
        "undefined": float(1 - known.mean()),
        "percentile": _percentiles(answers[:, 0], truth, rng) if measure == "mean" else np.nan,
    }


def _percentiles(answers: np.ndarray, truth: float, rng: np.random.Generator, draws: int = 400) -> float:
    """Coverage of percentiles when n - 1 of n seeds and identities are drawn with replacement."""
    weights = [rng.multinomial(n - 1, np.full(n, 1 / n), size=draws) / (n - 1) for n in answers.shape[1:]]
    drawn = np.einsum("tsi,ds,di->td", answers, *weights, optimize=True)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=1)
    return float(((low <= truth) & (truth <= high)).mean())
