"""History of the claims: their first and their present terms side by side, each with its outcome."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path

from faceinv.reporting.claims import (
    SOURCES_OF_CLAIMS,
    Claim,
    Judgement,
    read_judgements,
    rejudge,
)
from faceinv.reporting.criteria import Outcome, Terms, amended, decide, interval_text


def claim_history(claims: Mapping[str, Claim], shipped: Path) -> str:
    """The history of all claims as an HTML table, a row for each.

    Parameters
    ----------
    claims : see `faceinv.reporting.claims.read_claims`
    shipped : folder of the run whose tables ship with the book, which the present outcomes come from
    """
    judged = read_judgements(shipped)
    heads = "".join(
        f"<th>{head}</th>"
        for head in ("Claim", "As first written", "First outcome", "Present", "Present outcome")
    )
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
    return f'<tr class="faceinv-{claim.kind}">{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'


def _terms(terms: Terms, before: Terms | None = None) -> str:
    """The statistic with its rule, after the text of the claim if an amendment changed it."""
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
