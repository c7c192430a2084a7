"""A run against the evidence: counts, order, and reasons."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from shipped_runs import CHAPTER, curves, provenance, ship

from faceinv.errors import InputError
from faceinv.reporting.evidence import measured, studied
from faceinv.reporting.replication import Replication, replicate


def write_run(folder: Path, tables: dict[str, pd.DataFrame], **more: object) -> Path:
    """Write tables of a run with the profile quick."""
    parameters = {"profile": "quick", "data": "faces", "seeds": None} | more
    said = provenance(
        parameters=parameters, studied=studied(str(parameters["profile"])), measured=measured(parameters)
    )
    (folder / CHAPTER).mkdir(parents=True)
    for name, table in tables.items():
        table.to_csv(folder / CHAPTER / f"{name}.csv", index=False)
        (folder / CHAPTER / f"{name}.json").write_text(json.dumps(said))
    return folder


@pytest.fixture
def found(tmp_path: Path) -> Replication:
    evidence = {"curves": curves(), "older": curves().drop(columns="low"), "gone": curves()}
    shipped = ship(tmp_path / "book", evidence | {"texts": curves()[["mask"]]})
    run = curves(seeds=3)
    run.loc[1, ["estimate", "low", "high"]] += 7
    run.loc[2, ["estimate", "low", "high"]] -= 9
    run.loc[3, "mask"] = "new"
    texts = pd.DataFrame({"mask": ["most"]})
    here = {"curves": run, "older": curves(), "texts": texts, "added": curves()}
    return replicate(write_run(tmp_path / "run", here), shipped, [CHAPTER])


def test_numbers_outside_come_first_and_the_farthest_above(found: Replication) -> None:
    assert found.numbers["inside"].tolist() == [False, False, True]
    assert found.numbers["estimate"].tolist() == [-7, 8, 0]
    assert set(found.numbers["chapter"]) == {CHAPTER} and set(found.numbers["table"]) == {"curves"}
    assert found.inside == 1


def test_what_could_not_be_compared_is_named_with_its_reason(found: Replication) -> None:
    rows = {(table, count): why for _, table, count, why in found.left_out.itertuples(index=False)}
    assert rows == {
        ("added", 4): "the evidence has no such table",
        ("curves", 1): "the shipped table has no such row",
        ("older", 4): "the shipped table has no column low",
        ("texts", 0): "it has no intervals",
        ("gone", 0): "this run has no such table",
    }


def test_the_result_is_one_sentence_and_counts_by_chapter(found: Replication) -> None:
    assert found.sentence() == (
        "1 of 3 numbers of this run lie inside the 95 % prediction intervals of the evidence; "
        "9 could not be compared"
    )
    assert found.by_chapter().to_dict("records") == [
        {"chapter": CHAPTER, "compared": 3, "inside": 1, "not compared": 9}
    ]
    assert found.of_chapter(CHAPTER).sentence() == found.sentence()
    assert len(found.of_chapter("05_other").numbers) == 0


def test_where_nothing_can_be_compared_the_sentence_says_why(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", {"curves": curves()}, profile="smoke")
    shipped = ship(tmp_path / "book", {"curves": curves()})
    sentence = replicate(run, shipped, [CHAPTER]).sentence()
    assert sentence.startswith("no number of this run could be compared with the evidence: the profile smoke")
    assert "no full run ships" in replicate(run, None, [CHAPTER]).sentence()
    assert "no shipped table has its numbers" in replicate(run, shipped, []).sentence()


def test_a_damaged_shipped_table_stops_the_comparison(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", {"curves": curves()})
    shipped = ship(tmp_path / "book", {"curves": curves()})
    (shipped / CHAPTER / "curves.csv").write_text("mask\n")
    with pytest.raises(InputError, match="not as it was shipped"):
        replicate(run, shipped, [CHAPTER])


@pytest.mark.parametrize("damaged", ["curves.csv", "curves.json"])
def test_a_damaged_table_of_the_run_is_named(tmp_path: Path, damaged: str) -> None:
    run = write_run(tmp_path / "run", {"curves": curves()})
    (run / CHAPTER / damaged).write_text("")
    with pytest.raises(InputError, match=r"curves\.csv is not a table of a chapter"):
        replicate(run, ship(tmp_path / "book", {"curves": curves()}), [CHAPTER])


def test_a_run_of_an_older_version_is_left_out(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", {"curves": curves()})
    (run / CHAPTER / "curves.json").write_text('{"parameters": {}}')
    found = replicate(run, ship(tmp_path / "book", {"curves": curves()}), [CHAPTER])
    assert "older edition" in found.sentence()


def test_the_evidence_agrees_with_itself(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", {"curves": curves()}, profile="full")
    found = replicate(run, ship(tmp_path / "book", {"curves": curves()}), [CHAPTER])
    assert found.sentence().startswith("4 of 4 numbers") and (found.numbers["z"] == 0).all()
