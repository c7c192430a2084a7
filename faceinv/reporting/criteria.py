"""Terms on which a claim is judged: as they were written first, and as they were amended later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from math import isnan
from typing import Any, Literal

from faceinv.errors import InputError
from faceinv.reporting.entries import ONLY_ITS_FIELDS, Number, Text

Direction = Literal["above", "below"]
ClaimTest = Literal["superiority", "non-inferiority", "equivalence", "report"]
Verdict = Literal["supported", "not supported", "undecided", "reported"]

CONTROL_LABELS = {"even": "area of the regions", "untrained": "untrained network"}
"""Names of controls for readers, where they have others than in files."""
MOST_DIGITS = 4
"""Digits after the point that a limit has at most."""


@dataclass(frozen=True)
class Terms:
    """What is claimed, and how its statistic decides.

    Attributes
    ----------
    text : the claim, in the book's words
    statistic : description of the statistic that is computed
    test : ``"superiority"``, ``"non-inferiority"`` (the criterion is the largest loss that counts as none),
        ``"equivalence"`` (within two bounds), or ``"report"`` (the number is shown and never judged)
    criterion, direction : side of a number on which the whole interval must lie, for the first two tests
    bounds : the two numbers between which the whole interval must lie, for equivalence
    controls : names of the controls against each of which the statistic is taken, if there are several
    """

    __pydantic_config__ = ONLY_ITS_FIELDS

    text: Text
    statistic: Text
    test: ClaimTest = "superiority"
    criterion: Number | None = None
    direction: Direction | None = None
    bounds: tuple[Number, Number] | None = None
    controls: tuple[Text, ...] = ()

    @property
    def rule(self) -> str:
        """What the statistic has to be, as the end of a sentence."""
        each = f" for each of {', '.join(map(control_label, self.controls))}" if self.controls else ""
        if self.test == "report":
            return f"is reported and not judged{each}"
        if self.bounds is not None:
            return f"is between {' and '.join(map(mark_text, self.bounds))} (equivalence){each}"
        loss = " (non-inferiority)" if self.test == "non-inferiority" else ""
        assert self.criterion is not None  # which `check_terms` ensures
        return f"is {self.direction} {mark_text(self.criterion)}{loss}{each}"

    @property
    def condition(self) -> str:
        """The statistic with its rule; a colon stands before the rule of a statistic that has commas."""
        if "," in self.statistic:
            return f"{self.statistic}: {self.rule.removeprefix('is ')}"
        return f"{self.statistic} {self.rule}"

    @property
    def marks(self) -> tuple[float, ...]:
        """The numbers that intervals are compared with: bounds, a criterion, or none."""
        return self.bounds or (() if self.criterion is None else (self.criterion,))


def control_label(name: str) -> str:
    """Name of a control for readers."""
    return CONTROL_LABELS.get(name, name)


def mark_text(value: float) -> str:
    """A criterion or a bound as text, with a minus sign."""
    return f"{value:g}".replace("-", "−")


def limits_text(low: float, high: float, marks: Sequence[float] = (), digits: int = 2) -> str:
    """The limits of an interval in brackets, with minus signs.

    Parameters
    ----------
    low, high : the limits
    marks : numbers that they are compared with. A limit that only looks like one of them after rounding
        has more digits, and so has the other, unless `MOST_DIGITS` do not tell it from the number
    digits : after the point
    """
    compared = [(limit, mark) for limit in (low, high) for mark in marks if limit != mark]
    enough = (
        count
        for count in range(digits, MOST_DIGITS + 1)
        if all(round(limit, count) != round(mark, count) for limit, mark in compared)
    )
    digits = next(enough, digits)
    return f"[{low:.{digits}f}, {high:.{digits}f}]".replace("-", "−")


def interval_text(estimate: float, low: float, high: float, marks: Sequence[float] = ()) -> str:
    """An estimate with its interval as text; "no interval" if a limit is nan. See `limits_text`."""
    if isnan(low) or isnan(high):
        return "no interval"
    return f"{estimate:.2f}".replace("-", "−") + f" {limits_text(low, high, marks)}"


def decide(terms: Terms, low: float, high: float, name: str = "the claim") -> tuple[Verdict, str]:
    """The verdict about an interval, and where it lies; see `faceinv.reporting.claims.judge`."""
    if low > high:
        raise InputError(
            f"the interval of {name!r} runs from {low} to {high}; expected low to be at most high"
        )
    if terms.test == "report":
        return "reported", "is not judged"
    if isnan(low) or isnan(high):
        return "undecided", "cannot be judged"
    if terms.bounds is not None:
        below, above = terms.bounds
        place = f"{mark_text(below)} and {mark_text(above)}"
        if below < low and high < above:
            return "supported", f"lies wholly between {place}"
        if high <= below or low >= above:
            return "not supported", f"lies wholly outside {place}"
        return "undecided", f"is not wholly between {place}"
    side, criterion = terms.direction, terms.criterion
    assert criterion is not None  # which `check_terms` ensures
    if low > criterion if side == "above" else high < criterion:
        return "supported", f"lies wholly {side} {mark_text(criterion)}"
    if high <= criterion if side == "above" else low >= criterion:
        return "not supported", f"lies wholly on the other side of {mark_text(criterion)}"
    return "undecided", f"includes {mark_text(criterion)}"


@dataclass(frozen=True)
class Outcome:
    """Estimate and interval in the run by which a claim was judged, and the commit of that run."""

    __pydantic_config__ = ONLY_ITS_FIELDS

    estimate: Number
    low: Number
    high: Number
    commit: Text


@dataclass(frozen=True)
class First(Terms):
    """The terms as they were written before any result, and what came out under them."""

    outcome: Outcome | None = None

    @property
    def terms(self) -> Terms:
        """The terms alone."""
        return Terms(**{each.name: getattr(self, each.name) for each in fields(Terms)})


@dataclass(frozen=True)
class Amendment:
    """A later change of the terms: when, what and why, and the fields of `Terms` that are replaced.

    With a `test`, criterion, direction and bounds are replaced too; what is not mentioned stays as it was.
    `outcome` records what came out under these terms, once they are amended again.
    """

    __pydantic_config__ = ONLY_ITS_FIELDS

    date: date
    changed: Text
    reason: Text
    text: Text | None = None
    statistic: Text | None = None
    test: ClaimTest | None = None
    criterion: Number | None = None
    direction: Direction | None = None
    bounds: tuple[Number, Number] | None = None
    controls: tuple[Text, ...] | None = None
    outcome: Outcome | None = None

    def apply(self, terms: Terms) -> Terms:
        """The terms after this amendment."""
        given: dict[str, Any] = {
            each.name: getattr(self, each.name)
            for each in fields(Terms)
            if getattr(self, each.name) is not None
        }
        cleared = {"criterion": None, "direction": None, "bounds": None} if self.test else {}
        return replace(terms, **(cleared | given))


def amended(first: First, amendments: Sequence[Amendment]) -> list[Terms]:
    """The first terms, and those after each amendment."""
    series = [first.terms]
    for amendment in amendments:
        series.append(amendment.apply(series[-1]))
    return series


def check_terms(terms: Terms, where: str) -> None:
    """Raise `InputError` unless the terms have what their test needs, and nothing else.

    Parameters
    ----------
    terms : the terms
    where : description of the entry and its file, for the message
    """
    needed = {"equivalence": ("bounds",), "report": ()}.get(terms.test, ("criterion", "direction"))
    for name in ("criterion", "direction", "bounds"):
        if (getattr(terms, name) is None) == (name in needed):
            problem = f"has no {name}" if name in needed else f"has a {name}"
            expected = " and ".join(needed) or "no criterion, direction or bounds"
            raise InputError(f"{where} {problem}; expected {expected} for the test {terms.test}")
    if terms.bounds is not None and terms.bounds[0] >= terms.bounds[1]:
        raise InputError(f"bounds of {where} are {list(terms.bounds)}; expected the lower one first")
    if len(set(terms.controls)) < len(terms.controls) or len(terms.controls) == 1:
        raise InputError(
            f"controls of {where} are {list(terms.controls)}; expected two or more different names"
        )
