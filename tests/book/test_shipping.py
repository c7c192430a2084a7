"""Shipping a full run: what is copied, with its checksums, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import MakeBook
from shipped_runs import curves, provenance

from faceinv.book import build
from faceinv.book.chapters import list_chapters
from faceinv.book.pages.costs import costs
from faceinv.book.pages.runs import read_runs
from faceinv.book.shipping import ship, shortcomings
from faceinv.cli.book import book
from faceinv.errors import InputError
from faceinv.reporting.evidence import SHIPPED, check_shipped, read_manifest


def executed(root: Path, name: str, profile: str = "full", **more: object) -> None:
    """Write the outputs of a chapter as if it had been executed."""
    folder = root / "book/chapters" / name
    folder.mkdir(parents=True)
    (folder.parent / f"{name}.ipynb").write_text("{}")
    (folder / "network.safetensors").write_text("a network")
    curves().to_csv(folder / "curves.csv", index=False)
    parameters = {"profile": profile}
    said = provenance(parameters=parameters, machine="two cores", **more)
    (folder / "curves.json").write_text(json.dumps(said))
    stamp = {"from": {"evidence": "none"}, "wrote": {}, "seconds": 5400.0, "cpu_seconds": 9000.0}
    build.write_stamp(root, name, stamp)


@pytest.fixture
def root(make_book: MakeBook) -> Path:
    root = make_book({"01_a": "1", "02_b": "2"})
    executed(root, "01_a")
    return root


def test_finished_chapters_ship_with_checksums_and_without_networks(root: Path) -> None:
    executed(root, "02_b", profile="quick")
    assert ship(root) == ["01_a"]
    names = {"01_a/curves.csv", "01_a/curves.json", "01_a.stamp.json"}
    assert set(read_manifest(root / SHIPPED)) == names
    check_shipped(root / SHIPPED)


def test_nothing_is_executed_again_for_being_compared_with_itself(root: Path) -> None:
    ship(root)
    stamp = build.read_stamp(build.stamp_of(root, "01_a"))
    assert stamp is not None and stamp["from"]["evidence"] == build.hash_evidence(root, "01_a")


def test_other_evidence_has_its_chapter_executed_again_and_no_other(root: Path) -> None:
    ship(root)
    before = {name: build.hash_evidence(root, name) for name in ("01_a", "02_b")}
    (root / "book/chapters/01_a/curves.csv").write_text("mask\n")
    ship(root)
    after = {name: build.hash_evidence(root, name) for name in ("01_a", "02_b")}
    assert before["01_a"] != after["01_a"] and before["02_b"] == after["02_b"]


def test_tables_of_earlier_runs_and_removed_chapters_are_replaced(root: Path) -> None:
    for old in ("01_a/old.csv", "00_gone/old.csv", "00_gone.stamp.json"):
        (root / SHIPPED / old).parent.mkdir(parents=True, exist_ok=True)
        (root / SHIPPED / old).write_text("old")
    ship(root)
    assert not list((root / SHIPPED).rglob("*old*")) and not list((root / SHIPPED).glob("00_gone*"))


def test_without_a_finished_full_run_nothing_ships(root: Path) -> None:
    build.stamp_of(root, "01_a").unlink()  # as of a chapter that was interrupted
    with pytest.raises(InputError, match="no chapter was executed with the profile full"):
        ship(root)


@pytest.mark.parametrize("change", ["forged", "added", "missing"])
def test_a_build_begins_with_a_check_of_the_evidence(root: Path, change: str) -> None:
    ship(root)
    path = root / SHIPPED / "01_a/curves.csv"
    match change:
        case "forged":
            path.write_text(path.read_text().replace("2.0", "9.0"))
        case "added":
            path.with_name("more.csv").write_text("x\n")
        case "missing":
            path.unlink()
    with pytest.raises(InputError, match="faceinv book --profile full --ship"):
        build.build_book(root)


def test_what_keeps_it_from_being_one_run_is_said(root: Path) -> None:
    executed(root, "02_b", commit="def with changes", analysis=1)
    ship(root)
    assert shortcomings(root) == [
        "02_b shipped from an older edition of the analysis, and are not compared",
        "chapters shipped from 2 commits, abc, def with changes",
        "some were executed with changes that no commit has",
    ]


def test_tables_whose_analysis_changed_are_named(root: Path) -> None:
    ship(root)
    shipped = root / SHIPPED / "01_a"
    record = json.loads((shipped / "curves.json").read_text())
    (shipped / "curves.json").write_text(json.dumps(record | {"superseded": "computed before"}))
    judged = [{"claim": "one", "superseded": "computed before"}, {"claim": "other"}]
    (shipped / "judgements.json").write_text(json.dumps(record | {"judgements": judged}))
    assert shortcomings(root)[-1] == (
        "the analysis of curves, one has changed since, and they are not compared"
    )


def test_the_costs_of_each_chapter_and_of_all(root: Path) -> None:
    ship(root)
    chapters = list_chapters(root)
    text = costs(read_runs(root, chapters, SHIPPED), chapters)
    assert "| {doc}`chapters/01_a` | 1 h 30 min | 2 h 30 min | `abc` | two cores |" in text
    assert "| {doc}`chapters/02_b` | did not ship |" in text
    assert "| together | 1 h 30 min | 2 h 30 min |" in text
    assert costs([], chapters) == "No full run ships with this book.\n"


def test_the_command_ships_and_ends_with_how_many_numbers_agree(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setattr(build, "build_book", lambda *_: root / "index.html")
    done = CliRunner().invoke(book, ["--profile", "full", "--ship"])
    lines = done.output.splitlines()
    assert lines[:2] == ["shipped: 01_a", "note: 02_b did not ship"]
    assert lines[-1].startswith("4 of 4 numbers of this run lie inside the 95 % prediction intervals")
