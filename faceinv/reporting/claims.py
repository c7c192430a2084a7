"""Claims of the two abstracts, judged by the results of the chapters, and shown on one scoreboard."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from html import escape
from math import inf, isfinite, isnan, nan
from pathlib import Path
from typing import Literal

from IPython.display import HTML

from faceinv.errors import InputError
from faceinv.metrics.intervals import SHARE
from faceinv.reporting.criteria import (
    Amendment,
    First,
    Terms,
    Verdict,
    amended,
    check_terms,
    control_label,
    decide,
    interval_text,
    limits_text,
)
from faceinv.reporting.entries import ONLY_ITS_FIELDS, Number, Text, read_entry, read_yaml
from faceinv.reporting.multiplicity import Corrected, holm
from faceinv.reporting.tables import Record
from faceinv.runtime.atomic import write_atomically
from faceinv.runtime.json_files import read_object

FILE = "judgements.json"

Paper = Literal["crawford2020", "srivastava2018", "faceinv"]
ClaimKind = Literal["abstract", "own", "control"]

PAPERS: dict[Paper, str] = {"crawford2020": "Relevance", "srivastava2018": "Invariance"}
"""The papers whose claims are judged, keys of the book's list of references, and what they are about."""
SOURCES_OF_CLAIMS: dict[Paper, str] = {**PAPERS, "faceinv": "Claims of this book"}
"""Headings of the scoreboard: the papers, and claims of the book's own."""


@dataclass(frozen=True)
class Claim:
    """A claim, and the terms on which it is judged.

    Attributes
    ----------
    id : short name
    paper : paper that makes the claim, a key of `SOURCES_OF_CLAIMS`
    kind : ``"abstract"``, ``"own"`` for a claim of this book, or ``"control"`` for a condition of the claim
        before it
    chapter : chapter that judges it
    figure : figure of this chapter that shows its statistic
    first : the terms as they were written before any result
    amendments : later changes of the terms, in order
    least, largest : values beyond which the present statistic cannot lie; None where it has no such value
    """

    __pydantic_config__ = ONLY_ITS_FIELDS

    id: Text
    paper: Paper
    kind: ClaimKind
    chapter: Text
    first: First
    amendments: tuple[Amendment, ...] = ()
    figure: str = ""
    least: Number | None = None
    largest: Number | None = None

    @cached_property
    def terms(self) -> Terms:
        """The present terms: those of the last amendment."""
        return amended(self.first, self.amendments)[-1]

    @property
    def text(self) -> str:
        """The claim, in the book's words."""
        return self.terms.text


@dataclass(frozen=True)
class Judgement:
    """The result for a claim: its statistic with an interval, the verdict, and a sentence.

    Attributes
    ----------
    claim : its id
    estimate, low, high : of the statistic; with several controls, of the one that decides
    verdict, sentence : see `judge`
    margins : estimate, low, high and df for each control, if the claim has several
    df : degrees of freedom of the interval (see `faceinv.metrics.bootstrap.Bootstrap.interval`), if known
    superseded : how the analysis has changed since, if it has; see `faceinv.reporting.evidence.difference`
    """

    claim: str
    estimate: float
    low: float
    high: float
    verdict: Verdict
    sentence: str
    margins: Mapping[str, Sequence[float]] = field(default_factory=dict)
    df: float | None = None
    superseded: str = ""


def read_claims(path: Path) -> dict[str, Claim]:
    """Read claims by id, in the order of the file.

    Raises
    ------
    InputError
        If the file is missing or not a list of claims, if a claim has a missing or unknown field or an
        invalid value, or if terms lack what their test needs or are amended in the wrong order.
    """
    if not path.is_file():
        raise InputError(f"there is no file of claims {path}; expected a list of claims in YAML")
    entries = read_yaml(path)
    if not isinstance(entries, list) or not entries:
        raise InputError(f"{path} contains no list of claims; expected entries that begin with '- id:'")
    claims: dict[str, Claim] = {}
    for number, entry in enumerate(entries, 1):
        where = f"claim {number} of {path}"
        claim = read_entry(Claim, entry, where)
        if claim.id in claims:
            raise InputError(f"{where} repeats the id {claim.id!r}; expected another id")
        _check(claim, where)
        claims[claim.id] = claim
    return claims


def _check(claim: Claim, where: str) -> None:
    """Raise `InputError` unless all terms are complete and amendments are in order."""
    for number, terms in enumerate(amended(claim.first, claim.amendments)):
        check_terms(terms, f"amendment {number} of {where}" if number else f"first of {where}")
    dates = [amendment.date for amendment in claim.amendments]
    if dates != sorted(dates):
        raise InputError(f"amendments of {where} are not in order; expected the latest date last")


def judge(claim: Claim, estimate: float, low: float, high: float, df: float | None = None) -> Judgement:
    """Judge a claim by a statistic and its interval, by the present terms of the claim.

    Superiority and non-inferiority: a claim is supported if the whole interval lies on the claim's side of
    the criterion, and not supported if all of it lies on the other side or on the criterion. Equivalence: it
    is supported if the whole interval lies between the bounds, and not supported if all of it lies beyond one
    of them. Otherwise, or if there is no interval, it is undecided. What is only to be reported is never
    judged.

    Raises
    ------
    InputError
        If `low` is above `high`.
    """
    verdict, place = decide(claim.terms, low, high, claim.id)
    return Judgement(
        claim.id,
        float(estimate),
        float(low),
        float(high),
        verdict,
        f"{_beginning(claim)} {interval_text(estimate, low, high, claim.terms.marks)}, which {place}; "
        f"{verdict}.",
        df=None if df is None or not isfinite(df) else float(df),
    )


def judge_margins(claim: Claim, margins: Mapping[str, Sequence[float]]) -> Judgement:
    """Judge a claim by its statistic against each of several controls: estimate, low, high and df of each.

    The claim is the intersection of those about single controls: it is supported only if all of them are,
    and not supported if one of them is not. If each interval holds at its level, so does this rule for
    support (Berger 1982), without a correction. The numbers of the judgement are those of the control that
    decides.

    Raises
    ------
    InputError
        If the controls are not those of the claim.
    """
    terms = claim.terms
    if set(margins) != set(terms.controls):
        raise InputError(
            f"{claim.id!r} is judged against {', '.join(margins) or 'nothing'}; expected its controls, "
            f"{', '.join(terms.controls) or 'of which it has none'}"
        )
    judged = {name: judge(claim, *margins[name]) for name in terms.controls}
    order: list[Verdict] = ["not supported", "undecided", "reported", "supported"]

    def slack(name: str) -> tuple[int, float]:
        """Worst verdict first, then the interval that reaches farthest over the criterion."""
        each = judged[name]
        if terms.bounds is not None:
            room = min(each.low - terms.bounds[0], terms.bounds[1] - each.high)
        else:
            room = -each.high if terms.direction == "below" else each.low
        return order.index(each.verdict), -1e300 if isnan(room) else room

    decisive = min(judged, key=slack)
    found = judged[decisive]
    each = "; ".join(
        f"{control_label(name)} {interval_text(one.estimate, one.low, one.high, terms.marks)}"
        for name, one in judged.items()
    )
    return Judgement(
        claim.id,
        found.estimate,
        found.low,
        found.high,
        found.verdict,
        f"{_beginning(claim)} {each}; {found.verdict}, by {control_label(decisive)}.",
        {name: tuple(map(float, margins[name])) for name in judged},
        found.df,
    )


def rejudge(claim: Claim, recorded: Judgement) -> Judgement | None:
    """Judge a recorded result by the present terms; None if it was of another statistic or other controls."""
    if recorded.sentence and not recorded.sentence.startswith(_beginning(claim)):
        return None
    if set(recorded.margins) != set(claim.terms.controls):
        return None
    if recorded.margins:
        found = judge_margins(claim, recorded.margins)
    else:
        found = judge(claim, recorded.estimate, recorded.low, recorded.high, recorded.df)
    return replace(found, superseded=recorded.superseded)


def _beginning(claim: Claim) -> str:
    """The beginning of the sentence of a judgement, which names its statistic."""
    statistic = claim.terms.statistic
    return f"{statistic[0].upper()}{statistic[1:]}:"


def judge_chapter(
    claims: Mapping[str, Claim],
    chapter: str,
    found: Mapping[str, Sequence[float] | Mapping[str, Sequence[float]]],
) -> list[Judgement]:
    """Judge the claims of a chapter by its results.

    Parameters
    ----------
    claims : see `read_claims`
    chapter : name of the chapter
    found : estimate, low, high and, if known, df of each statistic that could be computed, by claim; for a
        claim with several controls, by control

    Raises
    ------
    InputError
        If a claim is unknown or belongs to another chapter.
    """
    own = of_chapter(claims, chapter)
    foreign = [name for name in found if name not in own]
    if foreign:
        raise InputError(f"{chapter} judges {foreign[0]!r}; its claims are {', '.join(own) or 'none'}")
    judgements = []
    for name, numbers in found.items():
        if own[name].terms.controls or isinstance(numbers, Mapping):
            margins = numbers if isinstance(numbers, Mapping) else {}
            judgements.append(judge_margins(own[name], margins))
        else:
            judgements.append(judge(own[name], *numbers))
    return judgements


def of_chapter(claims: Mapping[str, Claim], chapter: str) -> dict[str, Claim]:
    """The claims that a chapter judges."""
    return {name: claim for name, claim in claims.items() if claim.chapter == chapter}


def write_judgements(judgements: Iterable[Judgement], record: Record) -> Path:
    """Write a chapter's judgements to the folder of its tables, with their provenance."""
    content = {**record.provenance(), "judgements": [asdict(each) for each in judgements]}
    path = record.folder / FILE
    write_atomically(path, json.dumps(content, indent=1, default=str))
    return path


def read_judgements(run: Path) -> dict[str, Judgement]:
    """All judgements of a run, by claim, from the folders of its chapters; empty if nothing was run.

    Raises
    ------
    InputError
        If a file of judgements cannot be read.
    """
    found = {}
    for path in sorted(run.glob(f"*/{FILE}")):
        try:
            entries = read_object(path)["judgements"]
            found.update({entry["claim"]: Judgement(**entry) for entry in entries})
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path} contains no judgements ({error}); execute its chapter again") from error
    return found


def scoreboard(
    claims: Mapping[str, Claim],
    runs: Mapping[str, Path | Mapping[str, Judgement]],
    notes: Mapping[str, Mapping[str, str]] | None = None,
    corrected: bool = False,
) -> HTML:
    """A table of all claims with their verdicts in each run.

    The recorded intervals are judged again, so that verdicts always follow the criteria shown.

    Parameters
    ----------
    claims : see `read_claims`
    runs : folders of runs, or their judgements by claim, by the heading of their column
    notes : what is added to a verdict, by heading and claim
    corrected : whether to add verdicts by intervals that are corrected for the number of claims (see
        `faceinv.reporting.multiplicity.holm`); the claims must then be all that a run has judged
    """
    judged = [read_judgements(each) if isinstance(each, Path) else each for each in runs.values()]
    added = [(notes or {}).get(name, {}) for name in runs]
    joint = [corrections(claims, each) if corrected else {} for each in judged]
    heads = "".join(f"<th>{escape(name)}</th>" for name in ("Claim", "Counts if", *runs))
    body = []
    for paper, title in SOURCES_OF_CLAIMS.items():
        rows = [_row(claim, judged, added, joint) for claim in claims.values() if claim.paper == paper]
        if rows:
            body.append(f'<tr class="faceinv-paper"><th colspan="{2 + len(runs)}">{escape(title)}</th></tr>')
        body += rows
    table = f"<thead><tr>{heads}</tr></thead><tbody>{''.join(body)}</tbody>"
    return HTML(
        '<div class="faceinv-table-box">'
        f'<table class="faceinv-table faceinv-scoreboard">{table}</table></div>'
    )


def corrections(claims: Mapping[str, Claim], judgements: Mapping[str, Judgement]) -> dict[str, Corrected]:
    """Intervals of all claims that a run has judged by their present terms, corrected for their number.

    They end where values of the statistic do: what is cut off cannot be true.
    """
    found = {}
    for name, claim in claims.items():
        now = rejudge(claim, judgements[name]) if name in judgements else None
        if now is not None:
            rows = list(now.margins.values()) or [(now.estimate, now.low, now.high, now.df or nan)]
            found[name] = (claim.terms, [(*row, nan)[:4] for row in rows])
    shares = [name for name in found if (claims[name].least, claims[name].largest) == SHARE]
    return {name: _possible(claims[name], each) for name, each in holm(found, shares=shares).items()}


def _possible(claim: Claim, interval: Corrected) -> Corrected:
    """The part of an interval that has values which the statistic of a claim can have."""
    least = -inf if claim.least is None else claim.least
    largest = inf if claim.largest is None else claim.largest
    low, high = (min(max(limit, least), largest) for limit in (interval.low, interval.high))
    return replace(interval, low=low, high=high)


def _row(
    claim: Claim,
    judged: Sequence[Mapping[str, Judgement]],
    notes: Sequence[Mapping[str, str]],
    joint: Sequence[Mapping[str, Corrected]],
) -> str:
    cells = []
    for judgements, added, corrected in zip(judged, notes, joint, strict=True):
        recorded = judgements.get(claim.id)
        now = rejudge(claim, recorded) if recorded else None
        if now is None:
            why = "another statistic" if recorded else "not run"
            cells.append(f'<td class="faceinv-not-run">{why}</td>')
            continue
        cells.append(
            f'<td class="faceinv-{now.verdict.replace(" ", "-")}" title="{escape(now.sentence)}">'
            f"<strong>{now.verdict}</strong><br>"
            f"{interval_text(now.estimate, now.low, now.high, claim.terms.marks)}"
            + (f"<br>{verdict_jointly(claim, corrected[claim.id])}" if claim.id in corrected else "")
            + (f"<br><em>{escape(added[claim.id])}</em></td>" if claim.id in added else "</td>")
        )
    note = "<em>Control.</em> " if claim.kind == "control" else ""
    return (
        f'<tr class="faceinv-{claim.kind}"><td>{note}{escape(claim.text)}</td>'
        f"<td>{escape(claim.terms.condition)}</td>{''.join(cells)}</tr>"
    )


def verdict_jointly(claim: Claim, corrected: Corrected) -> str:
    """The verdict and the interval of a claim, corrected for the number of claims, as HTML."""
    verdict, _ = decide(claim.terms, corrected.low, corrected.high)
    interval = limits_text(corrected.low, corrected.high, claim.terms.marks)
    return f"<small>corrected for the number of claims: {verdict} {interval}</small>"
