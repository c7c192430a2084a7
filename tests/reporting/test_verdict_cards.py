"""Verdicts as cards: sentence, strip, verdict of the evidence, agreement of the run, amendments."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from conftest import REPOSITORY

from faceinv.reporting.claims import Claim, Judgement, judge, judge_margins, read_claims
from faceinv.reporting.criteria import Amendment, First, Outcome, Terms, interval_text
from faceinv.reporting.findings.registry import FINDINGS
from faceinv.reporting.verdict_cards import STRIP_EDGE, WIDTH, card_board, claim_card, strip

TERMS = Terms("A > B.", "a minus b", "superiority", 0.0, "above")


def claim(**changes: object) -> Claim:
    first = First("A > B.", "a minus b", "superiority", 0.0, "above", outcome=Outcome(1.0, -1.0, 3.0, "abc"))
    return Claim("one", "crawford2020", "abstract", "04_masking", first, figure="fig-a", **changes)  # type: ignore[arg-type]


def places(svg: str, element: str, *names: str) -> list[tuple[float, ...]]:
    found = re.findall(rf"<{element} [^>]*>", svg)
    return [tuple(float(re.search(rf' {n}="([\d.]+)"', each)[1]) for n in names) for each in found]  # type: ignore[index]


def test_the_verdict_is_that_of_the_evidence_and_the_run_is_told_after_it() -> None:
    one = claim()
    card = claim_card(one, judge(one, 1, 0.5, 1.5), judge(one, 0.2, -1, 2), "agrees: predicted -1 to 2")
    assert "faceinv-supported" in card
    assert card.index("evidence: full run 1.00 [0.50, 1.50]") < card.index(
        "this run: <strong>undecided</strong>"
    )
    assert "agrees: predicted" in card and '<a href="#fig-a">A &gt; B.</a>' in card
    alone = claim_card(one, None, judge(one, -1, -2, -0.5), pages="chapters")
    assert "not supported" in alone and "evidence" not in alone
    assert '<a href="chapters/04_masking.html#fig-a">' in alone
    hindered = claim_card(one, None, None, reason="there is no base")
    assert "cannot be judged" in hindered and "There is no base." in hindered
    assert "not run" in claim_card(one, None, None) and "<svg" not in claim_card(one, None, None)


def test_a_strip_has_the_interval_the_criterion_and_shades_what_supports() -> None:
    svg = strip(TERMS, judge(claim(), 0.5, 0.0, 1.0), None)
    (bold,) = [(x1, x2) for x1, x2 in places(svg, 'line class="faceinv-bold"', "x1", "x2")]
    (mark,) = [x for (x,) in places(svg, 'line class="faceinv-mark"', "x1")]
    ((left, width),) = places(svg, "rect", "x", "width")
    assert bold[0] == mark == left  # the interval begins at the criterion
    assert left + width == pytest.approx(WIDTH - STRIP_EDGE, abs=0.2) and bold[1] < WIDTH - STRIP_EDGE
    below = strip(Terms("", "", "superiority", 0.0, "below"), judge(claim(), 0.5, 0.0, 1.0), None)
    assert places(below, "rect", "x")[0] == (STRIP_EDGE,)
    bounds = strip(Terms("", "", "equivalence", bounds=(-1.0, 1.0)), judge(claim(), 0, -0.5, 0.5), None)
    assert len(places(bounds, 'line class="faceinv-mark"', "x1")) == 2


def test_a_wide_interval_leaves_the_criterion_legible_and_an_unknown_one_has_no_strip() -> None:
    svg = strip(TERMS, judge(claim(), 0.1, -1000, 1000), None)
    ((x1, x2),) = places(svg, 'line class="faceinv-bold"', "x1", "x2")
    assert (x1, x2) == (STRIP_EDGE, WIDTH - STRIP_EDGE)
    unknown = Judgement("one", float("nan"), float("nan"), float("nan"), "undecided", "")
    assert strip(TERMS, unknown, None) == ""


def test_each_control_has_a_row() -> None:
    first = First("A.", "a", "superiority", 0.0, "above", controls=("edges", "centre"))
    two = Claim("two", "crawford2020", "abstract", "04_masking", first)
    found = judge_margins(two, {"edges": (1, 0.5, 1.5, 9), "centre": (0.2, -1, 1, 9)})
    svg = strip(two.terms, found, found)
    assert svg.count('<line class="faceinv-bold"') == svg.count('<line class="faceinv-thin"') == 2
    assert ">edges</text>" in svg and ">centre</text>" in svg
    card = claim_card(two, found, None)
    assert "evidence: full run 0.20 [−1.00, 1.00] (for centre, the least clear of two)" in card
    assert "the least clear" not in claim_card(claim(), judge(claim(), 1, 0.5, 1.5), None)
    minus = replace(first, statistic="a minus that of a control, over seeds", controls=("even", "centre"))
    three = Claim("three", "crawford2020", "abstract", "04_masking", minus)
    found = judge_margins(three, {"even": (0.2, -1, 1, 9), "centre": (1, 0.5, 1.5, 9)})
    card = claim_card(three, found, found)
    assert card.count("[−1.00, 1.00] (against area of the regions, the least clear of two)") == 2
    assert "over seeds: above 0 for each of area of the regions, centre." in card


def test_a_limit_that_is_rounded_to_the_criterion_has_another_digit() -> None:
    half = replace(TERMS, criterion=0.5)
    assert interval_text(0.523, 0.5046, 0.541, half.marks) == "0.52 [0.505, 0.541]"
    assert interval_text(0.523, 0.5, 0.541, half.marks) == "0.52 [0.50, 0.54]"  # it is the criterion
    assert interval_text(0.1, 0.00001, 0.2, TERMS.marks) == "0.10 [0.00, 0.20]"  # four digits do not tell
    assert interval_text(-0.2, -0.4, -0.004, TERMS.marks) == "−0.20 [−0.400, −0.004]"
    assert replace(TERMS, criterion=-0.1).condition == "a minus b is above −0.1"
    report = Terms("", "a, minus b", "report")
    assert report.condition == "a, minus b: reported and not judged"


def test_amendments_are_a_click_away() -> None:
    change = Amendment(date(2026, 2, 3), "Stricter.", "Noise.", criterion=1.0)
    card = claim_card(claim(amendments=(change,)), None, None)
    details = card[card.index("<details>") :]
    assert "amended once" in details and "Amended on 2026-02-03: Stricter." in details and "Noise." in details
    assert "It came out as 1.00 [−1.00, 3.00]." in details


def test_cards_stand_under_their_paper() -> None:
    board = card_board({"one": claim()}, {"one": "<article></article>"})
    assert board.index("Relevance") < board.index("<article>") and "Invariance" not in board


def test_each_claim_names_a_figure_of_its_chapter() -> None:
    for each in read_claims(REPOSITORY / "book/claims.yml").values():
        assert each.figure in FINDINGS[each.chapter].figures, each.id
