"""Terms on which a claim is judged: as they were written first, and as they were amended later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Literal

from faceinv.errors import InputError
from faceinv.reporting.entries import ONLY_ITS_FIELDS, Number, Text

Direction = Literal["above", "below"]
ClaimTest = Literal["superiority", "non-inferiority", "equivalence", "report"]


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
        each = f" for each of {', '.join(self.controls)}" if self.controls else ""
        if self.test == "report":
            return f"is reported and not judged{each}"
        if self.bounds is not None:
            below, above = (_with_minus(bound) for bound in self.bounds)
            return f"is between {below} and {above} (equivalence){each}"
        loss = " (non-inferiority)" if self.test == "non-inferiority" else ""
        assert self.criterion is not None  # which `check_terms` ensures
        return f"is {self.direction} {_with_minus(self.criterion)}{loss}{each}"


def _with_minus(value: float) -> str:
    return f"{value:g}".replace("-", "−")


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
