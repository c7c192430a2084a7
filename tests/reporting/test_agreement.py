"""Verdicts are those of the evidence, and a run agrees if its estimate was to be expected."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from shipped_runs import provenance

from faceinv.reporting.agreement import OTHER_STATISTIC, agreements_of, chapter_verdicts, verdict_board
from faceinv.reporting.claims import Claim, read_claims
from faceinv.reporting.evidence import SHIPPED, measured, studied
from faceinv.reporting.tables import Record

CLAIMS = """
- id: one
  paper: crawford2020
  kind: abstract
  chapter: 04_masking
  first: {text: One is so., statistic: a, criterion: 0.0, direction: above}
"""


@pytest.fixture
def claims(tmp_path: Path) -> dict[str, Claim]:
    path = tmp_path / "claims.yml"
    path.write_text(CLAIMS)
    return read_claims(path)


def judged(folder: Path, estimate: float, half: float, profile: str, **more: Any) -> Path:
    """Write the judgement of a run: an estimate with an interval to either side."""
    parameters = {"profile": profile, "data": "faces", "seeds": None}
    said = provenance(parameters=parameters, studied=studied(profile), measured=measured(parameters)) | more
    one = {"claim": "one", "estimate": estimate, "low": estimate - half, "high": estimate + half}
    content = said | {"judgements": [one | {"verdict": "", "sentence": ""}]}
    (folder / "04_masking").mkdir(parents=True)
    (folder / "04_masking" / "judgements.json").write_text(json.dumps(content))
    return folder


def change_judgement(folder: Path, **fields: str) -> None:
    """Change fields of the judgement that `judged` wrote."""
    path = folder / "04_masking" / "judgements.json"
    content = json.loads(path.read_text())
    content["judgements"][0] |= fields
    path.write_text(json.dumps(content))


@pytest.mark.parametrize(("estimate", "inside"), [(2.0, True), (-3.0, True), (-4.0, False), (6.0, False)])
def test_a_run_agrees_if_its_estimate_was_to_be_expected(
    claims: dict[str, Claim], tmp_path: Path, estimate: float, inside: bool
) -> None:
    # ten seeds have the standard error 1: three of them lie within 2.262 * sqrt(1 + 10 / 3) = 4.71 of 1
    shipped = judged(tmp_path / "full", 1, 1.96, "full", measured={"seeds": 10, "explained": 30})
    run = judged(tmp_path / "run", estimate, 0.1, "quick", measured={"seeds": 3, "explained": 30})
    found = agreements_of(claims, run, shipped)["one"]
    assert found.inside is inside
    word = "agrees" if inside else "differs"
    assert found.note == f"{word}: predicted −3.71 to 5.71"


def test_the_verdict_is_that_of_the_evidence(claims: dict[str, Claim], tmp_path: Path) -> None:
    shipped = judged(tmp_path / "full", 3, 1.96, "full")
    run = judged(tmp_path / "run", -0.5, 0.1, "quick")
    found = agreements_of(claims, run, shipped)["one"]
    assert found.evidence is not None and found.evidence.verdict == "supported"
    assert found.run is not None and found.run.verdict == "not supported" and found.inside
    board = verdict_board(claims, run, shipped).data
    assert board.index("evidence: full run") < board.index("this run")
    assert "agrees: predicted" in board


@pytest.mark.parametrize("part", ["analysis", "parameters", "studied"])
def test_evidence_of_something_else_gives_no_verdict(
    claims: dict[str, Claim], tmp_path: Path, part: str
) -> None:
    other = {
        "analysis": 1,
        "parameters": {"profile": "full", "data": "photographs"},
        "studied": studied("smoke"),
    }
    shipped = judged(tmp_path / "full", 3, 1.96, "full", **{part: other[part]})
    run = judged(tmp_path / "run", 3, 1, "quick")
    found = agreements_of(claims, run, shipped)["one"]
    assert found.evidence is None and found.run is not None and found.note == ""
    assert "evidence" not in verdict_board(claims, run, shipped).data


def test_evidence_of_more_networks_gives_the_verdict_and_is_not_compared(
    claims: dict[str, Claim], tmp_path: Path
) -> None:
    """The run judges a mean over two architectures, one of which it has; the evidence is of both."""
    for folder, names, estimate in (("full", ["a", "b"], 3), ("run", ["a"], -3)):
        profile = "full" if folder == "full" else "quick"
        parameters = {"profile": profile, "data": "faces", "seeds": None, "architectures": names}
        judged(tmp_path / folder, estimate, 1.96, profile, parameters=parameters)
    found = agreements_of(claims, tmp_path / "run", tmp_path / "full")["one"]
    assert found.evidence is not None and found.evidence.verdict == "supported" and found.inside is None
    assert found.note == "not compared: this run has other architectures (a) than the full run (a, b)"
    board = verdict_board(claims, tmp_path / "run", tmp_path / "full").data
    assert (
        board.index("evidence: full run") < board.index("this run") and "not compared: this run has" in board
    )
    # the other way round, the evidence does not cover what the run measured
    turned = agreements_of(claims, tmp_path / "full", tmp_path / "run")["one"]
    assert turned.evidence is None and turned.run is not None and turned.note == ""


def test_evidence_stands_alone_where_a_run_has_not_judged(claims: dict[str, Claim], tmp_path: Path) -> None:
    shipped = judged(tmp_path / "full", 3, 1.96, "full")
    found = agreements_of(claims, tmp_path / "nothing", shipped)["one"]
    assert found.evidence is not None and found.run is None and found.inside is None
    old = judged(tmp_path / "old", 3, 1.96, "full", analysis=1)
    assert agreements_of(claims, tmp_path / "nothing", old)["one"].evidence is None


def test_a_run_stands_alone_where_the_evidence_is_of_another_statistic(
    claims: dict[str, Claim], tmp_path: Path
) -> None:
    shipped, run = judged(tmp_path / "full", 3, 1.96, "full"), judged(tmp_path / "run", 3, 1, "quick")
    change_judgement(shipped, sentence="Mean over other things: 3.")
    found = agreements_of(claims, run, shipped)["one"]
    assert found.evidence is None and found.run is not None and found.note == OTHER_STATISTIC
    board = verdict_board(claims, run, shipped).data
    assert "</strong>, this run alone</p>" in board
    assert "<em>the full run judged another statistic</em>" in board


def test_an_interval_of_unknown_seeds_predicts_nothing(claims: dict[str, Claim], tmp_path: Path) -> None:
    shipped = judged(tmp_path / "full", 3, 1.96, "full", measured=None)
    found = agreements_of(claims, judged(tmp_path / "run", 3, 1, "quick"), shipped)["one"]
    assert found.evidence is not None and found.inside is None and found.note == ""


def test_a_chapter_shows_the_verdicts_of_its_own_claims(
    claims: dict[str, Claim], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "_toc.yml").touch()
    judged(tmp_path / SHIPPED, 3, 1.96, "full")
    judged(tmp_path / "run", 3, 1, "quick")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FACEINV_OUT", "run")
    board = chapter_verdicts(claims, Record("04_masking", {"profile": "quick"})).data
    assert "evidence: full run" in board and "agrees: predicted" in board
    assert "One is so." not in chapter_verdicts(claims, Record("05_other", {"profile": "quick"})).data


def test_a_number_of_an_analysis_that_changed_is_shown_and_not_compared(
    claims: dict[str, Claim], tmp_path: Path
) -> None:
    shipped, run = judged(tmp_path / "full", 3, 1.96, "full"), judged(tmp_path / "run", 2, 0.1, "quick")
    change_judgement(shipped, superseded="computed before <people> were left out")
    found = agreements_of(claims, run, shipped)["one"]
    assert found.evidence is not None and found.evidence.verdict == "supported" and found.inside is None
    assert found.note == "not compared"
    board = verdict_board(claims, run, shipped).data
    assert "full run 3.00 [1.04, 4.96]; <em>computed before &lt;people&gt; were left out</em>" in board
