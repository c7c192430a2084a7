from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
import yaml
from conftest import REPOSITORY

from faceinv.errors import InputError
from faceinv.reporting.claims import (
    FILE,
    Claim,
    judge,
    judge_chapter,
    judge_margins,
    of_chapter,
    read_claims,
    read_judgements,
    rejudge,
    scoreboard,
    write_judgements,
)
from faceinv.reporting.criteria import First, Terms, control_label, decide
from faceinv.reporting.tables import Record

FIRST = {"text": "A < B.", "statistic": "a minus b", "criterion": 0, "direction": "below"}
GOOD = {
    "id": "a",
    "paper": "crawford2020",
    "kind": "abstract",
    "chapter": "05_generalization",
    "first": FIRST,
}
CHANGE = {"date": date(2026, 2, 3), "changed": "Stricter.", "reason": "Noise."}
NAN = float("nan")


def claim_of(id: str = "a", **terms: object) -> Claim:
    """A claim with other first terms than those of `FIRST`."""
    first = First(**(FIRST | terms))  # type: ignore[arg-type]
    return Claim(id, "crawford2020", "abstract", "05_generalization", first)


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
    found = judge(claim_of(criterion=0.5, direction=direction), (low + high) / 2, low, high)
    assert found.verdict == verdict
    assert found.sentence.startswith("A minus b: ") and found.sentence.endswith(f"; {verdict}.")


def test_an_interval_upside_down_is_told() -> None:
    with pytest.raises(InputError, match="expected low to be at most high"):
        judge(claim_of(), 0, 1, -1)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (-0.05, 0.05, "supported"),
        (-0.05, 0.1, "undecided"),
        (-0.2, 0.2, "undecided"),
        (0.1, 0.3, "not supported"),
        (-0.3, -0.1, "not supported"),
        (NAN, NAN, "undecided"),
    ],
)
def test_equivalence_needs_both_bounds(low: float, high: float, verdict: str) -> None:
    claim = claim_of(test="equivalence", criterion=None, direction=None, bounds=(-0.1, 0.1))
    assert judge(claim, 0.0, low, high).verdict == verdict


def test_non_inferiority_allows_a_loss_and_a_report_is_never_judged() -> None:
    loss = claim_of(test="non-inferiority", criterion=-0.1, direction="above")
    assert [judge(loss, 0, low, 0.02).verdict for low in (-0.05, -0.2)] == ["supported", "undecided"]
    report = claim_of(test="report", criterion=None, direction=None)
    found = judge(report, 0.5, 0.4, 0.6)
    assert found.verdict == "reported" and found.sentence.endswith("which is not judged; reported.")


@pytest.mark.parametrize(
    ("untrained", "contrast", "verdict", "decisive"),
    [
        ((0.3, 0.2, 0.4), (0.2, 0.1, 0.3), "supported", "contrast"),
        ((0.3, 0.2, 0.4), (0.03, -0.01, 0.06), "undecided", "contrast"),
        ((0.3, -0.9, 0.4), (-0.2, -0.3, -0.1), "not supported", "contrast"),
        ((0.3, -0.9, 0.4), (0.2, 0.1, 0.3), "undecided", "untrained"),
        ((0.3, 0.2, 0.4), (NAN, NAN, NAN), "undecided", "contrast"),
    ],
)
def test_several_controls_must_all_support(
    untrained: tuple, contrast: tuple, verdict: str, decisive: str
) -> None:
    claim = claim_of(direction="above", controls=("untrained", "contrast"))
    margins = {"untrained": untrained, "contrast": contrast}
    (found,) = judge_chapter({"a": claim}, "05_generalization", {"a": margins})
    assert found.verdict == verdict and found.sentence.endswith(f"; {verdict}, by {control_label(decisive)}.")
    np.testing.assert_equal((found.estimate, found.low, found.high), margins[decisive])
    again = rejudge(claim, found)
    assert again is not None and again.verdict == verdict
    assert rejudge(claim_of(direction="above"), found) is None


def test_controls_of_a_claim_are_all_given_and_no_others() -> None:
    claim = claim_of(controls=("untrained", "contrast"))
    with pytest.raises(InputError, match="against untrained; expected its controls, untrained, contrast"):
        judge_margins(claim, {"untrained": (0, 0, 0)})
    with pytest.raises(InputError, match="is judged against nothing; expected its controls"):
        judge_chapter({"a": claim}, "05_generalization", {"a": (0, 0, 0)})
    with pytest.raises(InputError, match="of which it has none"):
        judge_chapter({"a": claim_of()}, "05_generalization", {"a": {"untrained": (0, 0, 0)}})


def test_the_last_amendment_counts_and_the_first_terms_stay(tmp_path: Path) -> None:
    equal = CHANGE | {"test": "equivalence", "bounds": [-0.1, 0.1], "statistic": "a over b"}
    later = CHANGE | {"date": date(2026, 3, 1), "bounds": [-0.2, 0.2], "text": "A is B."}
    path = tmp_path / "claims.yml"
    path.write_text(yaml.safe_dump([GOOD | {"amendments": [equal, later]}]))
    claim = read_claims(path)["a"]
    assert (claim.first.criterion, claim.first.direction, claim.first.text) == (0, "below", "A < B.")
    assert claim.terms == Terms("A is B.", "a over b", "equivalence", bounds=(-0.2, 0.2))
    assert claim.text == "A is B."
    # a result of the first statistic is not judged by the terms of another
    assert rejudge(claim, judge(claim_of(), 0, -0.01, 0.01)) is None


def test_the_first_outcomes_lead_to_the_first_verdicts(claims: dict[str, Claim]) -> None:
    """What is kept of the first run is what it found: its verdicts were not made up afterwards."""
    found = {
        name: decide(claim.first.terms, claim.first.outcome.low, claim.first.outcome.high)[0]
        for name, claim in claims.items()
        if claim.first.outcome
    }
    assert len(found) >= 16
    assert [name for name, verdict in found.items() if verdict == "undecided"] == [
        "stable-masks",
        "pretraining-costs-more",
        "comparable-accuracy",
        "vgg-resnet-more",
    ]
    assert found["vgg-resnet-differ"] == "supported" and found["pretraining-most"] == "not supported"


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
        (
            {"first": FIRST | {"direction": "up"}},
            "direction of first of claim 1 of .* is 'up'; expected one of 'above' or 'below'$",
        ),
        (
            {"first": FIRST | {"criterion": "high"}},
            "criterion of first of claim 1 of .* is 'high'; expected a number$",
        ),
        ({"first": FIRST | {"criterion": True}}, "criterion .* is True; expected a number"),
        ({"first": FIRST | {"criterion": NAN}}, "criterion .* is nan; expected a number"),
        ({"paper": "nobody2020"}, "paper of claim 1 .* is 'nobody2020'; expected one of 'crawford2020', '"),
        ({"first": FIRST | {"text": " "}}, "text of first of claim 1 of .* is ' '; expected text$"),
        ({"extra": 1}, "^claim 1 of .*claims.yml has an unknown field extra$"),
        ({"first": {"text": "A."}}, "^first of claim 1 of .*claims.yml has no field statistic$"),
        (
            {"first": FIRST | {"criterion": None}},
            "^first of claim 1 of .* has no criterion; expected criterion and direction for the test super",
        ),
        ({"first": FIRST | {"test": "equivalence"}}, "has a criterion; expected bounds for the test equiv"),
        (
            {"first": FIRST | {"test": "report"}},
            "has a criterion; expected no criterion, direction or bounds",
        ),
        ({"first": FIRST | {"controls": ["x"]}}, "controls of first of claim 1 .*; expected two or more"),
        (
            {"amendments": [CHANGE | {"test": "equivalence", "bounds": [0.1, -0.1]}]},
            r"bounds of amendment 1 of claim 1 of .* are \[0.1, -0.1\]; expected the lower one first$",
        ),
        (
            {"amendments": [CHANGE, CHANGE | {"date": date(2025, 1, 1)}]},
            "^amendments of claim 1 of .* are not in order; expected the latest date last$",
        ),
        (
            {"amendments": [CHANGE | {"date": "soon"}]},
            "^date of amendments 1 of claim 1 of .* is 'soon'; expected a date$",
        ),
        (
            {"amendments": [{"date": date(2025, 1, 1)}]},
            "^amendments 1 of claim 1 of .* has no field changed$",
        ),
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
    a, b = (claim_of(name) for name in "ab")
    record = Record("05_generalization", {"profile": "smoke"})
    path = write_judgements([judge(a, -1, -2, -0.5)], record)
    assert path == tmp_path / "now" / "05_generalization" / FILE
    assert read_judgements(tmp_path / "now")["a"] == judge(a, -1, -2, -0.5)
    page = scoreboard({"a": a, "b": b}, {"this run": tmp_path / "now", "full": tmp_path / "none"}).data
    assert page.count("supported") >= 1 and page.count("not run") == 3
    assert "−1.00 [−2.00, −0.50]" in page and "A &lt; B." in page
    # a criterion that was changed after the run is the one that counts
    stricter = claim_of(criterion=-3)
    assert "not supported" in scoreboard({"a": stricter}, {"run": tmp_path / "now"}).data
    # but not for another statistic
    assert "another statistic" in scoreboard({"a": claim_of(statistic="c")}, {"run": tmp_path / "now"}).data


def test_broken_judgements_are_told(tmp_path: Path) -> None:
    (tmp_path / "05").mkdir()
    (tmp_path / "05" / FILE).write_text('{"judgements": [{"claim": "a"}]}')
    with pytest.raises(InputError, match="execute its chapter again"):
        read_judgements(tmp_path)
