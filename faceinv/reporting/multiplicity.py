"""Holm's correction: intervals of many claims of which, by chance, hardly one is supported falsely.

Each claim is judged by a 95 % interval of its own, so that of many false claims some are supported. Holm
(1979) orders claims by how clearly they are supported; the clearest is judged at the level that is shared by
all, the next at that shared by the rest, and so on until one is not supported, whose level then counts for
all that follow. The chance that any false claim is supported is then at most that of one judged alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan, nan

from scipy.special import expit, logit, stdtr, stdtrit

from faceinv.metrics.intervals import LEVEL, stretched
from faceinv.reporting.criteria import Terms

MANY = 1e6
"""Degrees of freedom of an interval of which they are not known."""


@dataclass(frozen=True)
class Corrected:
    """The interval of a claim at the level of its place among all claims, and that level."""

    low: float
    high: float
    level: float


def holm(
    found: Mapping[str, tuple[Terms, Sequence[Sequence[float]]]],
    level: float = LEVEL,
    shares: Collection[str] = (),
) -> dict[str, Corrected]:
    """Intervals of all claims at the levels of Holm's procedure.

    Parameters
    ----------
    found : terms of each claim, and estimate, low, high and degrees of freedom of its 95 % interval, or of
        several if it is judged against several controls; claims that are only reported, or have no interval,
        are left out
    level : that all claims share
    shares : claims whose statistic is a share or an area between 0 and 1, whose intervals are symmetric in
        the logit (see `faceinv.metrics.intervals.logit_limits`) and stay so

    Returns
    -------
    dict
        By claim. The interval of a claim with several controls is that of its least clear one.
    """
    clear: dict[str, tuple[float, Sequence[float]]] = {}
    on_logit = {name for name in shares if name in found and _is_inside(found[name][1])}
    for name, (terms, numbers) in found.items():
        if name in on_logit:
            terms, numbers = _in_logits(terms, numbers)
        if terms.test != "report" and not any(isnan(row[1]) or isnan(row[2]) for row in numbers):
            clear[name] = max(((doubt(terms, row), row) for row in numbers), key=lambda pair: pair[0])
    ordered = sorted(clear, key=lambda name: clear[name][0])
    corrected, share, failed = {}, nan, False
    for place, name in enumerate(ordered):
        p, (estimate, low, high, df) = clear[name]
        if not failed:
            share = (1 - level) / (len(ordered) - place)
        failed = failed or p >= share
        limits = stretched(estimate, low, high, _known(df), 1 - share)
        if name in on_logit:
            limits = float(expit(limits[0])), float(expit(limits[1]))
        corrected[name] = Corrected(*limits, 1 - share)
    return corrected


def _is_inside(numbers: Sequence[Sequence[float]]) -> bool:
    """Whether estimates and limits have a logit."""
    return all(0 < each < 1 for row in numbers for each in row[:3])


def _in_logits(terms: Terms, numbers: Sequence[Sequence[float]]) -> tuple[Terms, Sequence[Sequence[float]]]:
    """Terms and numbers of a claim about a share, on the scale on which its intervals are symmetric."""
    criterion = None if terms.criterion is None else float(logit(terms.criterion))
    bounds = None if terms.bounds is None else (float(logit(terms.bounds[0])), float(logit(terms.bounds[1])))
    scaled = [(*(float(logit(each)) for each in row[:3]), row[3]) for row in numbers]
    return replace(terms, criterion=criterion, bounds=bounds), scaled


def doubt(terms: Terms, numbers: Sequence[float]) -> float:
    """The p value of a claim: one minus the level at which its interval just touches the criterion.

    Of an interval that is not symmetric, the side towards the criterion counts. One if the estimate is on the
    wrong side.
    """
    estimate, low, high, df = numbers
    if terms.bounds is not None:
        below, above = terms.bounds
        return max(_tail(estimate - below, estimate - low, df), _tail(above - estimate, high - estimate, df))
    assert terms.criterion is not None  # which `check_terms` ensures
    if terms.direction == "above":
        return _tail(estimate - terms.criterion, estimate - low, df)
    return _tail(terms.criterion - estimate, high - estimate, df)


def _tail(distance: float, half: float, df: float) -> float:
    """Two-sided probability of a distance from the criterion, if `half` is that of a 95 % interval."""
    if distance <= 0:
        return 1.0
    if half <= 0:
        return 0.0
    return float(2 * stdtr(_known(df), -stdtrit(_known(df), (1 + LEVEL) / 2) * distance / half))


def _known(df: float) -> float:
    return MANY if isnan(df) else min(df, MANY)
