"""Summaries of chapters for their margins: question, comparison and findings.

Questions are written in a file of the book. Findings are read from the chapter's judgements and tables, so
that the file contains no numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd

from faceinv.errors import InputError
from faceinv.reporting.agreement import Agreement
from faceinv.reporting.claims import Claim, of_chapter, read_judgements, rejudge
from faceinv.reporting.entries import ONLY_ITS_FIELDS, Text, Truth, read_entry, read_yaml

SHOWN = 6
"""Largest number of rows of a table that a margin shows."""

NOT_RUN = "not run"
ANOTHER = "another statistic"
"""Instead of a verdict, where a run judged by terms that were amended since."""


@dataclass(frozen=True)
class Finding:
    """Rows of a chapter's table that are shown in its margin.

    Attributes
    ----------
    text : description of the numbers
    table : name of the table, which has the columns estimate, low and high
    each : columns whose values label a row
    where : values of other columns by which rows are selected
    reliable : whether to show only rows whose interval excludes zero; if the table has intervals that hold
        for all rows at once (low_all and high_all), by these
    """

    __pydantic_config__ = ONLY_ITS_FIELDS

    text: Text
    table: Text
    each: tuple[Text, ...]
    where: Mapping[str, str] = field(default_factory=dict)
    reliable: Truth = False


@dataclass(frozen=True)
class Summary:
    """The question of a chapter, what it compares, and its findings."""

    __pydantic_config__ = ONLY_ITS_FIELDS

    question: Text
    compared: Text
    found: tuple[Finding, ...] = ()


def read_summaries(path: Path) -> dict[str, Summary]:
    """Read summaries by chapter.

    Raises
    ------
    InputError
        If the file is not a mapping of chapters to summaries, or a field is missing, unknown or invalid.
    """
    entries = read_yaml(path)
    if not isinstance(entries, dict):
        raise InputError(f"{path} contains no summaries; expected chapters, each with its question")
    return {
        chapter: read_entry(Summary, entry, f"the summary of {chapter} in {path}")
        for chapter, entry in entries.items()
    }


def margin(
    summary: Summary,
    chapter: str,
    claims: Mapping[str, Claim],
    run: Path,
    verdicts: Mapping[str, Agreement] | None = None,
    replication: str = "",
) -> str:
    """A summary as HTML.

    Parameters
    ----------
    summary, chapter : the summary and the name of the chapter
    claims : see `faceinv.reporting.claims.read_claims`
    run : folder of the executed chapters
    verdicts : verdicts of the evidence and of this run, by claim (see `agreements_of`)
    replication : how many numbers of the chapter agree with the evidence, as a sentence without full stop

    Raises
    ------
    InputError
        If a table lacks a column.
    """
    found = _verdicts(of_chapter(claims, chapter), run, verdicts or {})
    said = [_said(finding, run / chapter) for finding in summary.found]
    parts = {
        "Question": [escape(summary.question)],
        "Compared": [escape(summary.compared)],
        "Found": [*found, *said],
        "Replication": [escape(f"{replication[0].upper()}{replication[1:]}.")] if replication else [],
    }
    body = "".join(
        f"<dt>{head}</dt>" + "".join(f"<dd>{line}</dd>" for line in lines)
        for head, lines in parts.items()
        if lines
    )
    return f'<aside class="margin faceinv-summary"><dl>{body}</dl></aside>\n'


def _verdicts(claims: Mapping[str, Claim], run: Path, verdicts: Mapping[str, Agreement]) -> list[str]:
    """The chapter's claims, grouped by the verdict of the evidence, or else of this run."""
    judged = read_judgements(run)
    groups: dict[str, list[str]] = {}
    for name, claim in claims.items():
        verdict: str = NOT_RUN
        each = verdicts.get(name)
        if each and each.evidence:
            verdict = each.evidence.verdict
        elif name in judged:
            now = rejudge(claim, judged[name])
            verdict = now.verdict if now else ANOTHER
        note = f" ({each.note.partition(':')[0]})" if each and each.note else ""
        words = escape(name.replace("-", " ") + note)
        groups.setdefault(verdict, []).append(f'<span title="{escape(claim.text)}">{words}</span>')
    return [f"<strong>{verdict}</strong>: {', '.join(names)}" for verdict, names in groups.items()]


def _said(finding: Finding, folder: Path) -> str:
    """The first rows of a finding, as HTML."""
    path = folder / f"{finding.table}.csv"
    if not path.is_file():
        return f"{escape(finding.text)}: {NOT_RUN}"
    table = pd.read_csv(path)
    columns = [*finding.each, *finding.where, "estimate", "low", "high"]
    if missing := [name for name in columns if name not in table]:
        raise InputError(f"{path} has no column {missing[0]}, which the chapter's summary asks for")
    for name, value in finding.where.items():
        table = table[table[name].astype(str) == str(value)]
    if finding.reliable:
        if {"low_all", "high_all"} <= set(table):
            table = table.assign(low=table["low_all"], high=table["high_all"])
        table = table[(table["low"] > 0) | (table["high"] < 0)]
    names = table[list(finding.each)].astype(str).agg(", ".join, axis=1) if len(table) else []
    numbers = table[["estimate", "low", "high"]].to_numpy()
    rows = [f"{escape(name)}: {_numbers(each)}" for name, each in zip(names, numbers, strict=True)]
    shown = rows[:SHOWN] + ([f"and {len(rows) - SHOWN} more"] if len(rows) > SHOWN else [])
    return f"{escape(finding.text)}<ul>{''.join(f'<li>{row}</li>' for row in shown or ['none'])}</ul>"


def _numbers(row: np.ndarray) -> str:
    """An estimate with its interval, with three digits if all numbers are small."""
    if np.isnan(row[0]):
        return "not known"
    digits = 3 if 0 < np.nanmax(np.abs(row)) < 0.1 else 2
    estimate, low, high = (f"{value:.{digits}f}" for value in row)
    return f"{estimate} (no interval)" if np.isnan(row).any() else f"{estimate} [{low}, {high}]"
