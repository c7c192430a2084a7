"""History of the claims: their first and their present terms side by side, each with its outcome."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from html import escape
from pathlib import Path

from faceinv.reporting.claims import (
    FILE,
    SOURCES_OF_CLAIMS,
    Claim,
    Judgement,
    read_judgements,
    rejudge,
)
from faceinv.reporting.criteria import Outcome, Terms, amended, decide, interval_text
from faceinv.runtime.json_files import read_object

HEADS = ("Claim", "As first written", "First outcome", "Present", "Present outcome")
"""Headings of the table of claims."""


def claim_history(claims: Mapping[str, Claim], shipped: Path) -> str:
    """The history of all claims as an HTML table, a row for each.

    Parameters
    ----------
    claims : see `faceinv.reporting.claims.read_claims`
    shipped : folder of the run whose tables ship with the book, which the present outcomes come from
    """
    judged = read_judgements(shipped)
    heads = "".join(f"<th>{head}</th>" for head in HEADS)
    body = []
    for paper, title in SOURCES_OF_CLAIMS.items():
        rows = [_row(claim, judged) for claim in claims.values() if claim.paper == paper]
        if rows:
            body.append(f'<tr class="faceinv-paper"><th colspan="5">{escape(title)}</th></tr>')
        body += rows
    count = sum(bool(claim.amendments) for claim in claims.values())
    return (
        f"<p>{count} of {len(claims)} claims were amended.</p>\n"
        '<div class="faceinv-table-box faceinv-wide"><table class="faceinv-table faceinv-claims">'
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(body)}</tbody></table></div>\n"
    )


def amended_sentence(claims: Mapping[str, Claim], shipped: Path | None) -> str:
    """When the claims got their terms, in Markdown for the first page.

    Parameters
    ----------
    claims : see `faceinv.reporting.claims.read_claims`
    shipped : folder of the run whose tables ship with the book; None if none ships
    """
    changed = [claim for claim in claims.values() if claim.amendments]
    last = max((each.date for claim in changed for each in claim.amendments), default=None)
    start = min(filter(None, map(_started, sorted((shipped or Path()).glob(f"*/{FILE}")))), default=None)
    when = ", before the full run shown here" if shipped and last and start and last < start else ""
    later = f"; {len(changed)} of {len(claims)} were amended later{when} (page {{doc}}`claims`)"
    return (
        "Each claim was put into numbers before any result was seen, as a statistic and a criterion"
        f"{later if changed else ''}.\n"
    )


def _started(judgements: Path) -> date | None:
    """The day on which a chapter of a run was begun; None where its file does not tell."""
    started = read_object(judgements).get("started")
    return datetime.fromisoformat(started).date() if isinstance(started, str) else None


def _row(claim: Claim, judged: Mapping[str, Judgement]) -> str:
    series = amended(claim.first, claim.amendments)
    present = "".join(
        f"<p><strong>{amendment.date.isoformat()}</strong>: {escape(amendment.changed.rstrip('.'))}. "
        f"<em>{escape(amendment.reason)}</em></p>{_terms(terms, before)}"
        + _before(amendment.outcome, terms, last=terms is series[-1])
        for amendment, before, terms in zip(claim.amendments, series, series[1:], strict=False)
    )
    recorded = judged.get(claim.id)
    now = rejudge(claim, recorded) if recorded else None
    why = "not judged by these terms yet" if recorded else "not run"
    cells = (
        f"{escape(series[0].text)}<br><code>{escape(claim.id)}</code>",
        _terms(series[0]),
        _outcome(claim.first.outcome, series[0]),
        present or "as first written",
        _verdict(now.verdict, now.estimate, now.low, now.high, claim.terms) if now else why,
    )
    # On a phone, each cell stands below its heading, which the style reads from the attribute.
    row = "".join(f'<td data-head="{head}">{cell}</td>' for head, cell in zip(HEADS, cells, strict=True))
    return f'<tr class="faceinv-{claim.kind}">{row}</tr>'


def _terms(terms: Terms, before: Terms | None = None) -> str:
    """The statistic with its rule, after the text of the claim; of an amendment only what it changed."""
    if before and (before.text, before.condition) == (terms.text, terms.condition):
        return ""
    text = f"<p>{escape(terms.text)}</p>" if before and before.text != terms.text else ""
    return f"{text}{escape(terms.condition)}"


def _before(outcome: Outcome | None, terms: Terms, last: bool) -> str:
    """What came out under an amendment that was amended again."""
    return "" if last else f"<br>{_outcome(outcome, terms)}"


def _outcome(outcome: Outcome | None, terms: Terms) -> str:
    if outcome is None:
        return "none yet"
    verdict, _ = decide(terms, outcome.low, outcome.high)
    return (
        _verdict(verdict, outcome.estimate, outcome.low, outcome.high, terms)
        + f"<br>commit <code>{escape(outcome.commit)}</code>"
    )


def _verdict(verdict: str, estimate: float, low: float, high: float, terms: Terms) -> str:
    return f"<strong>{verdict}</strong><br>{interval_text(estimate, low, high, terms.marks)}"
