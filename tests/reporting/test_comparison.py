"""Tables are compared row by row, whatever their order, and what cannot be compared has a reason."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from shipped_runs import CHAPTER, curves, ship

from faceinv.errors import InputError
from faceinv.reporting.comparison import compare_tables, matching_columns
from faceinv.reporting.tables import RUN, Record, by_run


def test_rows_are_matched_by_what_tells_them_apart_and_not_by_their_place() -> None:
    run = curves(shift=0.5, seeds=3).iloc[::-1].reset_index(drop=True)
    found = compare_tables(run, curves())
    assert found.rows["evidence_estimate"].tolist() == [3, 2, 1, 0]
    assert found.rows["row"].tolist() == ["random, 0.3", "random, 0.1", "most, 0.3", "most, 0.1"]
    # ten seeds with the standard error 1 and three of the run: a difference has sqrt(1 + 10 / 3)
    assert np.allclose(found.rows["z"], 0.5 / np.sqrt(13 / 3), rtol=1e-4)
    assert (found.compared, found.inside) == (4, 4)
    assert found.sentence().startswith("4 of 4 numbers lie inside the 95 % prediction intervals")


def test_numbers_outside_are_counted() -> None:
    run = curves(seeds=3)
    run.loc[1, ["estimate", "low", "high"]] += 10
    found = compare_tables(run, curves())
    assert (found.compared, found.inside) == (4, 3)
    assert found.rows["inside"].tolist() == [True, False, True, True]


def test_what_was_computed_from_estimates_tells_no_rows_apart() -> None:
    table = curves().assign(a=["w", "x", "y", "z"], there=[0.1, 0.2, 0.3, 0.4])
    assert matching_columns(table, table) == ["mask", "a"]
    assert matching_columns(curves(), curves()) == ["mask", "fraction"]


def test_levels_written_with_other_last_digits_are_the_same() -> None:
    run = curves().assign(fraction=[0.1 + 1e-12, 0.1 + 0.2, 0.1, 0.3])
    assert compare_tables(run, curves()).compared == 4


def test_rows_without_a_counterpart_and_without_a_number_say_why() -> None:
    run = curves().assign(fraction=[0.1, 0.2, 0.1, 0.3])
    run.loc[3, "estimate"] = np.nan
    found = compare_tables(run, curves())
    nothing = "there is no number to compare"
    assert found.rows["reason"].tolist() == ["", "the shipped table has no such row", "", nothing]
    assert found.compared == 2
    evidence = curves()
    evidence.loc[2, ["low", "high"]] = np.nan  # a number without an interval, which is no missing number
    unsure = compare_tables(run, evidence).rows["reason"].tolist()
    assert unsure[2:] == ["it has no standard error, or an interval could not be computed", nothing]
    assert compare_tables(run.iloc[[3]], curves()).sentence() == (
        "No number could be compared with the evidence."
    )


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (curves().drop(columns="low"), "the shipped table has no column low"),
        (curves().drop(columns="fraction"), "other columns distinguish the rows"),
        (pd.concat([curves().assign(fill=f) for f in ("mean", "blur")]), "other columns distinguish"),
        (curves().assign(mask="centre", fraction=[1, 2, 3, 4]), "has none of its rows"),
    ],
)
def test_older_columns_are_left_out_with_a_reason(evidence: pd.DataFrame, reason: str) -> None:
    found = compare_tables(curves(), evidence)
    assert reason in found.reason and found.compared == 0
    assert len(found.rows) == 4 and found.rows["inside"].isna().all()
    assert found.sentence().startswith("Not compared with the evidence: ")


def test_a_table_without_intervals_is_left_out() -> None:
    table = curves()[["mask", "fraction"]]
    assert compare_tables(table, table).reason == "it has no intervals; both are the same"
    found = compare_tables(table, table.assign(fraction=0.0))
    assert found.reason == "it has no intervals" and found.rows.empty
    # A table without seeds alone keeps one column of each name.
    interval = pd.DataFrame({"task": ["gender"], "estimate": [0.5], "low": [0.2], "high": [0.8]})
    rows = compare_tables(interval, interval).rows
    assert rows.empty and rows.columns.is_unique


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Record:
    ship(tmp_path, {"curves": curves()})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FACEINV_OUT", str(tmp_path / "out"))
    return Record(CHAPTER, {"profile": "quick", "data": "faces", "seeds": None})


def test_a_record_gives_both_tables_with_a_column_that_names_them(record: Record) -> None:
    both = record.compare(curves(shift=0.5, seeds=3), "curves")
    assert both[RUN].tolist() == ["evidence: full run"] * 4 + ["this run: quick"] * 4
    assert both["estimate"].tolist() == [0, 1, 2, 3, 0.5, 1.5, 2.5, 3.5]
    assert list(both.columns) == [*curves().columns, RUN]


def test_the_table_in_the_page_says_how_many_numbers_agree(record: Record) -> None:
    assert "4 of 4 numbers lie inside" in record.table(curves(0.5, 3), "curves").data
    assert "numbers lie inside" not in record.table(curves(0.5, 3), "others").data


def test_what_a_run_leaves_out_is_shown_from_the_evidence(record: Record) -> None:
    shown = record.evidence("curves")
    assert shown is not None and shown.drop(columns=RUN).equals(curves())
    assert set(shown[RUN]) == {"evidence: full run"}
    said = record.left_out("curves").data
    assert "of the profile quick, leaves out this comparison" in said and "those of the evidence" in said
    assert "Show the numbers" in said and not (record.folder / "curves.csv").exists()
    # with other data, nothing is known
    other = Record(CHAPTER, {**record.parameters, "data": "folder"})
    assert other.evidence("curves") is None and "the profile full makes it" in other.left_out("curves").data


def test_what_the_record_wrote_says_what_was_studied(record: Record) -> None:
    record.table(curves(), "curves")
    said = json.loads((record.folder / "curves.json").read_text())
    assert said["studied"]["size"] == 64 and said["analysis"] >= 2


@pytest.mark.parametrize("parameters", [{"data": "folder"}, {"profile": "smoke"}, {"fill": "blur"}])
def test_with_other_parameters_there_is_only_this_run(record: Record, parameters: dict[str, str]) -> None:
    other = Record(CHAPTER, {**record.parameters, **parameters})
    assert other.compare(curves(), "curves").equals(curves())
    assert "numbers lie inside" not in other.table(curves(), "curves").data


def test_numbers_whose_intervals_do_not_count_the_faces_are_shown_and_not_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record: Record
) -> None:
    ship(tmp_path, {"layers": curves(), "curves": curves()})
    assert record.compare(curves(0.5, 3), "layers")[RUN].nunique() == 2
    found = record.comparison(curves(0.5, 3), "layers")
    assert found is not None and found.compared == 0 and not found.reason
    assert set(found.rows["reason"]) == {
        "its intervals do not count the faces, of which this run has 48 and the full run 144"
    }
    # with as many faces, or a table whose intervals count them, all numbers are compared
    same = Record(CHAPTER, {**record.parameters, "profile": "full"}).comparison(curves(0.5, 3), "layers")
    others = record.comparison(curves(0.5, 3), "curves")
    assert same is not None and others is not None and same.compared == others.compared == 4


@pytest.mark.parametrize("seeds", [-1, 0, 1])
def test_too_few_networks_are_refused_before_a_chapter_trains_any(seeds: int) -> None:
    with pytest.raises(InputError, match=f"^seeds are {seeds}; expected at least 2"):
        Record(CHAPTER, {"profile": "quick", "seeds": seeds})
    assert Record(CHAPTER, {"seeds": 2}).parameters["seeds"] == 2 and Record(CHAPTER, {"seeds": None})


def test_a_table_that_does_not_ship_is_shown_alone(record: Record) -> None:
    assert record.compare(curves(), "others").equals(curves())
    assert record.comparison(curves(), "others") is None


def test_a_forged_table_stops_the_chapter(record: Record, tmp_path: Path) -> None:
    path = next(tmp_path.rglob("full/**/curves.csv"))
    path.write_text(path.read_text().replace("3.0", "9.0"))
    with pytest.raises(InputError, match="not as it was shipped"):
        record.compare(curves(), "curves")


def means(*names: str, column: str = "strategy") -> pd.DataFrame:
    """Tolerance of two architectures after some strategies, of all images and of matched ones."""
    rows = [
        (architecture, name, measure)
        for architecture in ("resnet18", "vgg16_bn")
        for name in names
        for measure in ("tolerance", "matched")
    ]
    table = pd.DataFrame(rows, columns=["architecture", column, "measure"])
    return table.assign(estimate=0.5, low=0.4, high=0.6, seeds=10)


def test_images_that_other_networks_match_are_other_images() -> None:
    evidence = means("scratch", "faces")
    assert compare_tables(evidence, evidence).compared == 8
    for run in (means("scratch"), evidence[evidence["architecture"] == "resnet18"]):
        found = compare_tables(run.reset_index(drop=True), evidence)
        of_matched = run["measure"].to_numpy() == "matched"
        assert found.rows["inside"].isna().tolist() == of_matched.tolist()
        assert found.rows.loc[of_matched, "reason"].str.contains("matched across other networks").all()
        assert (
            found.rows.loc[of_matched, "z"].isna().all()
            and (found.rows["reason"] == "").sum() == len(run) / 2
        )


def test_conditions_are_matched_within_an_architecture() -> None:
    evidence = means("scratch", "faces", column="condition")
    one = evidence[evidence["architecture"] == "resnet18"].reset_index(drop=True)
    assert compare_tables(one, evidence).compared == 4
    without = evidence[~((evidence["architecture"] == "vgg16_bn") & (evidence["condition"] == "faces"))]
    found = compare_tables(without.reset_index(drop=True), evidence)
    assert found.rows["inside"].isna().tolist() == [False] * 4 + [False, True]


def with_architectures(record: Record, *names: str) -> Record:
    return Record(CHAPTER, {**record.parameters, "architectures": list(names)})


def test_evidence_of_more_architectures_is_shown_below_a_run_and_not_compared(
    tmp_path: Path, record: Record
) -> None:
    of_three = {"profile": "full", "data": "faces", "seeds": None, "architectures": ["a", "b", "c"]}
    ship(tmp_path, {"curves": curves()}, parameters=of_three)
    fewer = with_architectures(record, "a")
    assert fewer.compare(curves(0.5, 3), "curves")[RUN].nunique() == 2
    said = fewer.table(curves(0.5, 3), "curves").data
    assert "Not compared with the evidence: this run has other architectures (a) than the full run" in said
    # of networks that the evidence has not, nothing is shown
    other = with_architectures(record, "a", "d")
    assert other.compare(curves(), "curves").equals(curves())
    assert "Not compared" not in other.table(curves(), "curves").data


def test_a_changed_analysis_is_named_in_the_figure_and_below_its_table(
    tmp_path: Path, record: Record
) -> None:
    ship(tmp_path, {"curves": curves()}, superseded="computed over networks alone")
    names = set(record.compare(curves(0.5, 3), "curves")[RUN])
    assert names == {"evidence: full run, earlier analysis", "this run: quick"}
    assert "full run: computed over networks alone." in record.table(curves(0.5, 3), "curves").data


@pytest.mark.parametrize(("name", "values"), [("methods", ["x"]), ("cues", ["mark"])])
def test_parameters_on_which_a_table_does_not_rest_may_differ(
    tmp_path: Path, record: Record, name: str, values: list[str]
) -> None:
    more = {"profile": "full", "data": "faces", "seeds": None, name: [*values, "more"]}
    ship(tmp_path, {"curves": curves(), "randomised": curves()}, parameters=more)
    run = Record(CHAPTER, {**record.parameters, name: values})
    found = [run.comparison(curves(0.5, 3), table) for table in ("curves", "randomised")]
    compared = [each.compared for each in found if each is not None]
    assert compared == ([4, 4] if name == "methods" else [0, 4])  # a mean over cues is of all of them


def test_what_is_estimated_of_both_is_estimated_of_each(record: Record) -> None:
    def mean(rows: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"mean": [rows["estimate"].mean()]})

    both = by_run(record.compare(curves(shift=0.5, seeds=3), "curves"), mean)
    assert both.to_dict("list") == {"mean": [1.5, 2.0], RUN: ["evidence: full run", "this run: quick"]}
    assert by_run(curves(), mean).to_dict("list") == {"mean": [1.5]}
