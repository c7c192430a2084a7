"""Claims of the two abstracts, judged by the results of the chapters, and shown on one scoreboard."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from math import isnan
from pathlib import Path
from typing import Literal

from IPython.display import HTML

from faceinv.errors import InputError
from faceinv.reporting.entries import ONLY_ITS_FIELDS, Number, Text, read_entry, read_yaml
from faceinv.reporting.tables import Record
from faceinv.runtime.atomic import write_atomically

FILE = "judgements.json"

Paper = Literal["crawford2020", "srivastava2018"]
Direction = Literal["above", "below"]
ClaimKind = Literal["abstract", "control"]
Verdict = Literal["supported", "not supported", "undecided"]

PAPERS: dict[Paper, str] = {"crawford2020": "Relevance", "srivastava2018": "Invariance"}


@dataclass(frozen=True)
class Claim:
    """A claim, and the criterion by which it is judged.

    Attributes
    ----------
    id : short name
    paper : paper that makes the claim, a key of `PAPERS`
    kind : ``"abstract"``, or ``"control"`` for a condition of the claim before it
    text : the claim, in the book's words
    statistic : description of the statistic that is computed
    criterion, direction : the claim is supported if the statistic is above, or below, this number
    chapter : chapter that judges it
    """

    __pydantic_config__ = ONLY_ITS_FIELDS

    id: Text
    paper: Paper
    kind: ClaimKind
    text: Text
    statistic: Text
    criterion: Number
    direction: Direction
    chapter: Text


@dataclass(frozen=True)
class Judgement:
    """The result for a claim: its statistic with an interval, the verdict, and a sentence."""

    claim: str
    estimate: float
    low: float
    high: float
    verdict: Verdict
    sentence: str


def read_claims(path: Path) -> dict[str, Claim]:
    """Read claims by id, in the order of the file.

    Raises
    ------
    InputError
        If the file is missing or not a list of claims, or if a claim has a missing or unknown field, or an
        invalid value.
    """
    if not path.is_file():
        raise InputError(f"there is no file of claims {path}; expected a list of claims in YAML")
    entries = read_yaml(path)
    if not isinstance(entries, list) or not entries:
        raise InputError(f"{path} contains no list of claims; expected entries that begin with '- id:'")
    claims: dict[str, Claim] = {}
    for number, entry in enumerate(entries, 1):
        claim = read_entry(Claim, entry, f"claim {number} of {path}")
        if claim.id in claims:
            raise InputError(f"claim {number} of {path} repeats the id {claim.id!r}; expected another id")
        claims[claim.id] = claim
    return claims


def judge(claim: Claim, estimate: float, low: float, high: float) -> Judgement:
    """Judge a claim by a statistic and its interval.

    A claim is supported if the whole interval lies on the claim's side of the criterion, not supported if all
    of it lies on the other side or on the criterion, and undecided otherwise, or if there is no interval.

    Raises
    ------
    InputError
        If `low` is above `high`.
    """
    if low > high:
        raise InputError(
            f"the interval of {claim.id!r} runs from {low} to {high}; expected low to be at most high"
        )
    numbers = _numbers(estimate, low, high)
    side = claim.direction
    verdict: Verdict
    if isnan(low) or isnan(high):
        verdict, place = "undecided", "this run cannot tell"
    elif low > claim.criterion if side == "above" else high < claim.criterion:
        verdict, place = "supported", f"lies wholly {side} {claim.criterion:g}"
    elif high <= claim.criterion if side == "above" else low >= claim.criterion:
        verdict, place = "not supported", f"does not reach {side} {claim.criterion:g}"
    else:
        verdict, place = "undecided", f"reaches to both sides of {claim.criterion:g}"
    sentence = f"{claim.statistic[0].upper()}{claim.statistic[1:]}: {numbers}, which {place}; {verdict}."
    return Judgement(claim.id, float(estimate), float(low), float(high), verdict, sentence)


def _numbers(estimate: float, low: float, high: float) -> str:
    """An estimate with its interval as text, or "no interval"."""
    return "no interval" if isnan(low) or isnan(high) else f"{estimate:.2f} [{low:.2f}, {high:.2f}]"


def judge_chapter(
    claims: Mapping[str, Claim], chapter: str, found: Mapping[str, Sequence[float]]
) -> list[Judgement]:
    """Judge the claims of a chapter by its results.

    Parameters
    ----------
    claims : see `read_claims`
    chapter : name of the chapter
    found : estimate, low and high of each statistic that could be computed, by claim

    Raises
    ------
    InputError
        If a claim is unknown or belongs to another chapter.
    """
    own = of_chapter(claims, chapter)
    foreign = [name for name in found if name not in own]
    if foreign:
        raise InputError(f"{chapter} judges {foreign[0]!r}; its claims are {', '.join(own) or 'none'}")
    return [judge(own[name], *numbers) for name, numbers in found.items()]


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
            entries = json.loads(path.read_text(encoding="utf-8"))["judgements"]
            found.update({entry["claim"]: Judgement(**entry) for entry in entries})
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path} contains no judgements ({error}); execute its chapter again") from error
    return found


def scoreboard(claims: Mapping[str, Claim], runs: Mapping[str, Path]) -> HTML:
    """A table of all claims with their verdicts in each run.

    The recorded intervals are judged again, so that verdicts always follow the criteria shown.

    Parameters
    ----------
    claims : see `read_claims`
    runs : folders of runs, by the heading of their column
    """
    judged = [read_judgements(folder) for folder in runs.values()]
    heads = "".join(f"<th>{escape(name)}</th>" for name in ("Claim", "Counts if", *runs))
    body = []
    for paper, title in PAPERS.items():
        rows = [_row(claim, judged) for claim in claims.values() if claim.paper == paper]
        if rows:
            body.append(f'<tr class="faceinv-paper"><th colspan="{2 + len(runs)}">{escape(title)}</th></tr>')
        body += rows
    table = f"<thead><tr>{heads}</tr></thead><tbody>{''.join(body)}</tbody>"
    return HTML(
        '<div class="faceinv-table-box">'
        f'<table class="faceinv-table faceinv-scoreboard">{table}</table></div>'
    )


def _row(claim: Claim, judged: Sequence[Mapping[str, Judgement]]) -> str:
    cells = []
    for judgements in judged:
        if claim.id not in judgements:
            cells.append('<td class="faceinv-not-run">not run</td>')
            continue
        recorded = judgements[claim.id]
        now = judge(claim, recorded.estimate, recorded.low, recorded.high)
        numbers = _numbers(now.estimate, now.low, now.high)
        style = now.verdict.replace(" ", "-")
        cells.append(
            f'<td class="faceinv-{style}" title="{escape(now.sentence)}">'
            f"<strong>{now.verdict}</strong><br>{numbers}</td>"
        )
    note = "<em>Control.</em> " if claim.kind == "control" else ""
    criterion = f"{claim.statistic} is {claim.direction} {claim.criterion:g}"
    return (
        f'<tr class="faceinv-{claim.kind}"><td>{note}{escape(claim.text)}</td>'
        f"<td>{escape(criterion)}</td>{''.join(cells)}</tr>"
    )
