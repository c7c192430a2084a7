"""Verdicts as cards: the claim in a sentence, its verdict, and a strip of its interval and its criterion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import isfinite, isnan
from pathlib import Path

from faceinv.reporting.claims import SOURCES_OF_CLAIMS, Claim, Judgement
from faceinv.reporting.criteria import Outcome, Terms, Verdict, control_label, interval_text, mark_text

WIDTH, ROW, LABELLED = 320, 16, 28
"""Width of a strip, and height of a row of it without and with a name, in units of its picture."""

STRIP_EDGE = 6
COUNT_WORDS = {2: "two", 3: "three", 4: "four", 5: "five"}

CARD_STYLE = Path(__file__).with_name("verdict_cards.css")
"""Style of the cards, which they bring to the book, to single pages and to notebooks alike."""


def claim_card(
    claim: Claim,
    evidence: Judgement | None,
    run: Judgement | None,
    note: str = "",
    joint: str = "",
    why: str = "not run",
    pages: str | None = None,
    reason: str = "",
) -> str:
    """A claim as a card: its verdict is that of the evidence, or else that of a run.

    Parameters
    ----------
    claim : the claim
    evidence, run : judgements of both by its present terms; None where there is none
    note : whether the run agrees with the evidence; without evidence, words that stand beside the verdict, a
        colon, and why; empty if unknown
    joint : the verdict corrected for the number of claims; empty if it was not corrected
    why : what is said where neither has judged it
    pages : folder of the chapters' pages as seen from the page of the card, for links to figures; None on the
        page of the chapter itself
    reason : why the claim cannot be judged; empty if it was, or if nothing is known
    """
    judged = evidence or run
    beside = ""
    if note and not evidence:
        beside, _, note = f", {note}".partition(": ")
    verdict: Verdict | str = judged.verdict if judged else "cannot be judged" if reason else why
    numbers = [f"{_capital(reason)}."] if reason and not judged else []
    if evidence:
        earlier = f"; <em>{escape(evidence.superseded)}</em>" if evidence.superseded else ""
        numbers.append(f"evidence: full run {_deciding(evidence, claim.terms)}{earlier}")
    if run:
        said = f"<strong>{run.verdict}</strong>, " if evidence else ""
        numbers.append(
            f"this run: {said}{_deciding(run, claim.terms)}" + (f"; <em>{escape(note)}</em>" if note else "")
        )
    control = '<span class="faceinv-card-kind">Control</span> ' if claim.kind == "control" else ""
    parts = [
        f'<p class="faceinv-card-verdict">{control}<strong>{verdict}</strong>{beside}</p>',
        f'<p class="faceinv-card-claim">{_linked(claim, pages)}</p>',
        strip(claim.terms, evidence, run) if judged else "",
        "".join(f'<p class="faceinv-card-number">{each}</p>' for each in numbers),
        f"<details><summary>{_summary(claim)}</summary>{_terms(claim, joint)}</details>",
    ]
    kind = verdict.replace(" ", "-")
    return f'<article class="faceinv-card faceinv-{kind} faceinv-{claim.kind}">{"".join(parts)}</article>'


def card_board(claims: Mapping[str, Claim], cards: Mapping[str, str]) -> str:
    """Cards of claims under the heading of their paper, in the order of the claims."""
    groups = []
    for paper, title in SOURCES_OF_CLAIMS.items():
        own = [cards[name] for name, claim in claims.items() if claim.paper == paper]
        if own:
            heading = f'<p class="faceinv-board-paper">{escape(title)}</p>'
            groups.append(f'{heading}<div class="faceinv-cards">{"".join(own)}</div>')
    style = CARD_STYLE.read_text(encoding="utf-8")
    return f'<style>{style}</style><div class="faceinv-board">{"".join(groups)}</div>'


def strip(terms: Terms, evidence: Judgement | None, run: Judgement | None) -> str:
    """A picture of intervals and the criterion: what supports the claim is shaded.

    The intervals of the evidence are bold, those of the run below them thin; a claim with several controls
    has a row for each. Without an interval or a criterion there is no picture.
    """
    marks = terms.marks
    names = list((evidence or run or _nothing()).margins) or [""]
    rows = [
        (name, bold, _row_of(judgement, name))
        for name in names
        for bold, judgement in ((True, evidence), (False, run))
        if judgement is not None
    ]
    rows = [(name, bold, row) for name, bold, row in rows if not any(map(isnan, row))]
    if not rows:
        return ""
    start, end = _domain(marks, [row for _, _, row in rows])
    height, body, shown = 4.0, [], set()
    for name, bold, (estimate, low, high) in rows:
        if name and name not in shown:
            body.append(f'<text x="{STRIP_EDGE}" y="{height + 11:g}">{escape(control_label(name))}</text>')
            shown.add(name)
            height += LABELLED - ROW
        y = height + ROW / 2
        left, right = (_place(value, start, end) for value in (low, high))
        kind = "faceinv-bold" if bold else "faceinv-thin"
        body.append(f'<line class="{kind}" x1="{left:.1f}" x2="{right:.1f}" y1="{y:g}" y2="{y:g}"/>')
        body.append(f'<circle class="{kind}" cx="{_place(estimate, start, end):.1f}" cy="{y:g}" r="4"/>')
        height += ROW
    shade = _shaded(terms, start, end)
    rule = "".join(
        f'<line class="faceinv-mark" x1="{_place(mark, start, end):.1f}" x2="{_place(mark, start, end):.1f}" '
        f'y1="0" y2="{height:g}"/><text class="faceinv-mark" x="{_place(mark, start, end):.1f}" '
        f'y="{height + 12:g}">{mark_text(mark)}</text>'
        for mark in marks
    )
    ground = (
        f'<rect x="{shade[0]:.1f}" width="{shade[1] - shade[0]:.1f}" y="0" height="{height:g}"/>'
        if shade
        else ("")
    )
    judged = evidence or run
    label = escape(judged.sentence if judged else "")
    return (
        f'<svg class="faceinv-strip" viewBox="0 0 {WIDTH} {height + 16:g}" role="img" aria-label="{label}">'
        f"{ground}{rule}{''.join(body)}</svg>"
    )


def _row_of(judgement: Judgement, name: str) -> tuple[float, float, float]:
    if name:
        row = judgement.margins.get(name)
        return (row[0], row[1], row[2]) if row else (float("nan"),) * 3
    return judgement.estimate, judgement.low, judgement.high


def _nothing() -> Judgement:
    return Judgement("", float("nan"), float("nan"), float("nan"), "undecided", "")


def _domain(marks: Sequence[float], rows: Sequence[tuple[float, float, float]]) -> tuple[float, float]:
    """The range of a strip: estimates and criterion, and intervals as far as they leave these legible."""
    inner = [*marks, *(row[0] for row in rows)]
    reach = max(max(inner) - min(inner), 0.05)
    low = max(min(row[1] for row in rows), min(inner) - 1.5 * reach)
    high = min(max(row[2] for row in rows), max(inner) + 1.5 * reach)
    start, end = min([low, *marks]), max([high, *marks])
    pad = 0.08 * (end - start) or 0.05
    return start - pad, end + pad


def _place(value: float, start: float, end: float) -> float:
    """Horizontal place of a value; beyond the range, the edge."""
    share = (value - start) / (end - start) if isfinite(value) else (1.0 if value > 0 else 0.0)
    return STRIP_EDGE + min(max(share, 0.0), 1.0) * (WIDTH - 2 * STRIP_EDGE)


def _shaded(terms: Terms, start: float, end: float) -> tuple[float, float] | None:
    """Left and right of what supports a claim; None if the claim is not judged."""
    if terms.bounds is not None:
        return _place(terms.bounds[0], start, end), _place(terms.bounds[1], start, end)
    if terms.criterion is None:
        return None
    place = _place(terms.criterion, start, end)
    return (place, WIDTH - STRIP_EDGE) if terms.direction == "above" else (STRIP_EDGE, place)


def _interval(judgement: Outcome | Judgement, terms: Terms) -> str:
    """An estimate with its interval as text, or "no interval"."""
    return interval_text(judgement.estimate, judgement.low, judgement.high, terms.marks)


def _deciding(judgement: Judgement, terms: Terms) -> str:
    """The interval of a judgement and, if the claim has several controls, the control that it is of."""
    numbers = (judgement.estimate, judgement.low, judgement.high)
    names = [name for name, row in judgement.margins.items() if tuple(row[:3]) == numbers]
    text = _interval(judgement, terms)
    if not names or isnan(judgement.low):
        return text
    count, word = len(judgement.margins), "against" if "control" in terms.statistic else "for"
    least = f"the least clear of {COUNT_WORDS.get(count, count)}"
    return f"{text} ({word} {escape(control_label(names[0]))}, {least})"


def _linked(claim: Claim, pages: str | None) -> str:
    text = escape(claim.text)
    if not claim.figure:
        return text
    page = "" if pages is None else f"{pages}/{claim.chapter}.html"
    return f'<a href="{page}#{escape(claim.figure)}">{text}</a>'


def _summary(claim: Claim) -> str:
    count = len(claim.amendments)
    return "How it is judged" + (f"; amended {'once' if count == 1 else f'{count} times'}" if count else "")


def _terms(claim: Claim, joint: str) -> str:
    """The statistic with its rule, the corrected verdict, and the amendments with the first terms."""
    said = f"<p>{_capital(claim.terms.condition)}.</p>" + (f"<p>{joint}</p>" if joint else (""))
    for each in claim.amendments:
        said += (
            f"<p>Amended on {each.date.isoformat()}: {escape(each.changed.rstrip('.'))}. "
            f"<em>{escape(each.reason)}</em></p>"
        )
    if claim.amendments:
        first = claim.first
        said += f"<p>First wording: {escape(first.text)} {_capital(first.condition)}."
        if first.outcome:
            said += f" It came out as {_interval(first.outcome, first)}."
        said += "</p>"
    return said


def _capital(text: str) -> str:
    return escape(text[:1].upper() + text[1:])
