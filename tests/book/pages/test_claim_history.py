"""The page of claims shows first and present terms side by side."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

from conftest import REPOSITORY

from faceinv.book.pages.claim_history import amended_sentence, claim_history
from faceinv.reporting.claims import Claim, judge, read_claims, write_judgements
from faceinv.reporting.criteria import Amendment, First, Outcome
from faceinv.reporting.tables import Record

FIRST = First("A < B.", "a", criterion=0.0, direction="above", outcome=Outcome(0.2, 0.1, 0.3, "abc"))


def claim(*amendments: Amendment) -> Claim:
    return Claim("one", "crawford2020", "abstract", "01_a", FIRST, amendments)


def cells(page: str) -> list[str]:
    return re.findall("<td data-head=[^>]*>(.*?)</td>", page)


def test_a_claim_that_was_not_amended_has_its_first_terms_and_outcome(tmp_path: Path) -> None:
    page = claim_history({"one": claim()}, tmp_path)
    assert "0 of 1 claims were amended" in page
    name, first, outcome, present, now = cells(page)
    assert "A &lt; B." in name and first == "a is above 0" and present == "as first written"
    assert "<strong>supported</strong><br>0.20 [0.10, 0.30]" in outcome and "abc" in outcome
    assert now == "not run"


def test_each_amendment_has_its_date_reason_terms_and_outcome(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("FACEINV_OUT", str(tmp_path))
    write_judgements([judge(claim(), 0.2, 0.1, 0.3)], Record("01_a", {}))
    later = Amendment(
        date(2026, 1, 2), "A larger b.", "Noise.", criterion=0.25, outcome=Outcome(0.2, 0.1, 0.24, "def")
    )
    last = Amendment(date(2026, 2, 3), "Equivalence.", "Wording.", test="equivalence", bounds=(-1.0, 1.0))
    page = claim_history({"one": claim(later, last)}, tmp_path)
    assert "1 of 1 claims were amended" in page
    _, first, _, present, now = cells(page)
    assert first == "a is above 0" and "A larger b. <em>Noise.</em>" in present
    unstopped = Amendment(date(2026, 1, 2), "A larger b", "Noise.", criterion=0.25)
    assert "A larger b. <em>Noise.</em>" in claim_history({"one": claim(unstopped)}, tmp_path)
    order = ["2026-01-02", "A larger b.", "Noise.", "a is above 0.25", "not supported", "def", "2026-02-03"]
    places = [present.index(text) for text in order]
    assert places == sorted(places)
    assert present.endswith("a is between −1 and 1 (equivalence)")
    assert "supported</strong><br>0.20 [0.10, 0.30]" in now  # the recorded interval by the present terms
    other = Amendment(date(2026, 2, 3), "c instead of a.", "Better.", statistic="c")
    assert cells(claim_history({"one": claim(other)}, tmp_path))[-1] == "not judged by these terms yet"


def test_the_first_page_counts_what_was_amended_and_says_when(tmp_path: Path) -> None:
    start = "Each claim was put into numbers before any result was seen, as a statistic and a criterion"
    later = claim(Amendment(date(2026, 1, 2), "A larger b.", "Noise.", criterion=0.25))
    claims = {"one": claim(), "two": later, "three": later}
    assert amended_sentence({"one": claim()}, tmp_path) == f"{start}.\n"
    counted = f"{start}; 2 of 3 were amended later (page {{doc}}`claims`).\n"
    assert amended_sentence(claims, None) == counted
    file = tmp_path / "01_a" / "judgements.json"
    file.parent.mkdir()
    for started, before in (("2026-01-02T10:00:00+00:00", False), ("2026-01-03T00:00:00+00:00", True)):
        file.write_text(json.dumps({"started": started, "judgements": []}))
        found = amended_sentence(claims, tmp_path)
        assert found == (counted.replace(" (", ", before the full run shown here (") if before else counted)


def test_the_page_of_the_book_has_a_row_for_each_claim() -> None:
    claims = read_claims(REPOSITORY / "book/claims.yml")
    page = claim_history(claims, REPOSITORY / "book/results/full")
    assert page.count("<code>") >= len(claims) and all(name in page for name in claims)
