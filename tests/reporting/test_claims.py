from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from conftest import REPOSITORY

from faceinv.errors import InputError
from faceinv.reporting.claims import (
    FILE,
    Claim,
    judge,
    judge_chapter,
    of_chapter,
    read_claims,
    read_judgements,
    scoreboard,
    write_judgements,
)
from faceinv.reporting.tables import Record

GOOD = {
    "id": "a",
    "paper": "crawford2020",
    "kind": "abstract",
    "text": "A < B.",
    "statistic": "a minus b",
    "criterion": 0,
    "direction": "below",
    "chapter": "05_generalization",
}


@pytest.fixture
def claims() -> dict[str, Claim]:
    return read_claims(REPOSITORY / "book" / "claims.yml")


def test_the_book_claims_what_both_abstracts_say(claims: dict[str, Claim]) -> None:
    abstract = [claim for claim in claims.values() if claim.kind == "abstract"]
    assert {claim.paper for claim in abstract} == {"crawford2020", "srivastava2018"}
    assert len(abstract) >= 10
    # a control follows the claim that it is about
    names = list(claims)
    for name in names:
        if claims[name].kind == "control":
            before = [other for other in names[: names.index(name)] if claims[other].kind == "abstract"][-1]
            assert claims[before].paper == claims[name].paper


@pytest.mark.parametrize(
    ("direction", "low", "high", "verdict"),
    [
        ("above", 0.6, 0.8, "supported"),
        ("above", 0.4, 0.6, "undecided"),
        ("above", 0.1, 0.5, "not supported"),
        ("above", 0.5, 0.8, "undecided"),
        ("below", 0.6, 0.8, "not supported"),
        ("below", 0.4, 0.6, "undecided"),
        ("below", 0.1, 0.4, "supported"),
        ("below", float("nan"), float("nan"), "undecided"),
    ],
)
def test_verdicts(direction: str, low: float, high: float, verdict: str) -> None:
    claim = Claim(**{**GOOD, "criterion": 0.5, "direction": direction})  # type: ignore[arg-type]
    found = judge(claim, (low + high) / 2, low, high)
    assert found.verdict == verdict
    assert found.sentence.startswith("A minus b: ") and found.sentence.endswith(f"; {verdict}.")


def test_an_interval_upside_down_is_told() -> None:
    with pytest.raises(InputError, match="expected low to be at most high"):
        judge(Claim(**GOOD), 0, 1, -1)  # type: ignore[arg-type]


def test_a_chapter_judges_its_own_claims_only(claims: dict[str, Claim]) -> None:
    (found,) = judge_chapter(claims, "05_generalization", {"stable-masks": (0.95, 0.92, 0.98)})
    assert (found.claim, found.verdict) == ("stable-masks", "supported")
    with pytest.raises(InputError, match="06_regions judges 'stable-masks'; its claims are none"):
        judge_chapter(claims, "06_regions", {"stable-masks": (0, 0, 0)})


def test_chapters_of_the_first_study_judge_what_is_assigned_to_them(claims: dict[str, Claim]) -> None:
    for claim in claims.values():
        if claim.paper == "crawford2020":
            notebook = (REPOSITORY / "notebooks" / f"{claim.chapter}.ipynb").read_text(encoding="utf-8")
            assert f'\\"{claim.id}\\"' in notebook, f"{claim.chapter} does not judge {claim.id}"


def test_a_scoreboard_without_runs_tells_what_would_count(claims: dict[str, Claim]) -> None:
    page = scoreboard(of_chapter(claims, "05_generalization"), {}).data
    assert page.count("<tr") == 1 + 1 + len(of_chapter(claims, "05_generalization"))
    assert "Invariance" not in page and "not run" not in page


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"direction": "up"}, "direction of claim 1 of .* is 'up'; expected one of 'above' or 'below'$"),
        ({"criterion": "high"}, "criterion of claim 1 of .* is 'high'; expected a number$"),
        ({"criterion": True}, "criterion .* is True; expected a number"),
        ({"criterion": float("nan")}, "criterion .* is nan; expected a number"),
        ({"paper": "nobody2020"}, "paper of claim 1 .* is 'nobody2020'; expected one of 'crawford2020' or"),
        ({"text": " "}, "text of claim 1 of .* is ' '; expected text$"),
        ({"extra": 1}, "^claim 1 of .*claims.yml has an unknown field extra$"),
    ],
)
def test_wrong_claims_are_told(tmp_path: Path, change: dict, message: str) -> None:
    (tmp_path / "claims.yml").write_text(yaml.safe_dump([GOOD | change]))
    with pytest.raises(InputError, match=message):
        read_claims(tmp_path / "claims.yml")


@pytest.mark.parametrize("text", ["a: [", "", "just words", "- 3", yaml.safe_dump([GOOD, GOOD])])
def test_wrong_files_are_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "claims.yml").write_text(text)
    with pytest.raises(InputError, match="claims"):
        read_claims(tmp_path / "claims.yml")
    with pytest.raises(InputError, match="there is no file of claims"):
        read_claims(tmp_path / "none.yml")


def test_judgements_are_written_beside_the_tables_and_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACEINV_OUT", str(tmp_path / "now"))
    a, b = (Claim(**{**GOOD, "id": name}) for name in "ab")  # type: ignore[arg-type]
    record = Record("05_generalization", {"profile": "smoke"})
    path = write_judgements([judge(a, -1, -2, -0.5)], record)
    assert path == tmp_path / "now" / "05_generalization" / FILE
    assert read_judgements(tmp_path / "now")["a"] == judge(a, -1, -2, -0.5)
    page = scoreboard({"a": a, "b": b}, {"this run": tmp_path / "now", "full": tmp_path / "none"}).data
    assert page.count("supported") >= 1 and page.count("not run") == 3
    assert "-1.00 [-2.00, -0.50]" in page and "A &lt; B." in page
    # a criterion that was changed after the run is the one that counts
    stricter = Claim(**{**GOOD, "criterion": -3})  # type: ignore[arg-type]
    assert "not supported" in scoreboard({"a": stricter}, {"run": tmp_path / "now"}).data


def test_broken_judgements_are_told(tmp_path: Path) -> None:
    (tmp_path / "05").mkdir()
    (tmp_path / "05" / FILE).write_text('{"judgements": [{"claim": "a"}]}')
    with pytest.raises(InputError, match="execute its chapter again"):
        read_judgements(tmp_path)
