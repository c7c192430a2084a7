"""Shipped tables are read as they were shipped, and compared only with what estimates the same."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import REPOSITORY
from shipped_runs import CHAPTER, curves, provenance, ship

from faceinv.errors import InputError
from faceinv.experiments.profiles import OF_CHAPTERS, SIZES_STUDIED
from faceinv.experiments.sizes import Profile
from faceinv.reporting.evidence import (
    CHECKSUMS,
    SHIPPED,
    covers,
    difference,
    parse_table,
    read_shipped,
    read_shipped_table,
    shipped_folder,
    studied,
    write_manifest,
)


def test_a_table_is_read_with_its_provenance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ship(tmp_path, {"curves": curves()})
    monkeypatch.chdir(tmp_path)
    folder = shipped_folder()
    assert folder is not None
    found = read_shipped_table(folder, CHAPTER, "curves")
    assert found is not None and found.provenance["commit"] == "abc"
    pd.testing.assert_frame_equal(parse_table(found.content), curves())
    assert read_shipped_table(folder, CHAPTER, "others") is None


@pytest.mark.parametrize("damage", ["number", "provenance", "missing", "added", "no checksums"])
def test_what_is_not_as_it_was_shipped_is_refused(tmp_path: Path, damage: str) -> None:
    folder = ship(tmp_path, {"curves": curves()})
    path = folder / CHAPTER / "curves.csv"
    message = "not as it was shipped"
    match damage:
        case "number":
            path.write_text(path.read_text().replace("2.0", "2.5"))
        case "provenance":
            path.with_suffix(".json").write_text("{}")
        case "missing":
            path.unlink()
            message = "is missing, although SHA256SUMS names it"
        case "added":
            path = Path(shutil.copy(path, path.with_name("others.csv")))
            message = "is not in SHA256SUMS"
        case "no checksums":
            (folder / CHECKSUMS).unlink()
            message = "is not in SHA256SUMS"
    with pytest.raises(InputError, match=message):
        read_shipped_table(folder, CHAPTER, path.stem)


def test_a_damaged_list_of_checksums_is_refused_with_its_line(tmp_path: Path) -> None:
    folder = ship(tmp_path, {"curves": curves()})
    (folder / CHECKSUMS).write_text("0" * 64 + "  a.csv\nnothing\n")
    with pytest.raises(InputError, match=r"line 2 of .*SHA256SUMS is 'nothing'; expected a SHA-256"):
        read_shipped(folder, "a.csv")


def test_the_tables_of_this_repository_are_those_that_were_shipped(tmp_path: Path) -> None:
    shutil.copytree(REPOSITORY / SHIPPED, tmp_path / "full")
    before = (tmp_path / "full" / CHECKSUMS).read_text()
    assert write_manifest(tmp_path / "full").read_text() == before


def run(**more: Any) -> dict[str, Any]:
    """Provenance of a run with the profile quick; `more` adds parameters."""
    parameters = {"profile": "quick", "data": "faces", "seeds": 3} | more
    return provenance(parameters=parameters, studied=studied("quick"))


def test_a_smaller_run_estimates_the_same() -> None:
    assert difference(run(), provenance()) is None


def test_a_parameter_that_came_later_had_its_usual_value_in_the_evidence() -> None:
    assert difference(run(recipe="usual"), provenance()) is None
    reason = difference(run(recipe="crawford"), provenance())
    assert reason == "this run has the recipe crawford, and the full run usual"
    assert covers(provenance(), run(recipe="usual")) and not covers(provenance(), run(recipe="crawford"))
    assert not covers(provenance(), {**run(recipe="usual"), "studied": {"size": 48}})
    usual, others = ["none", "faces", "objects"], ["none", "imagenet"]
    assert difference(run(pretrainings=usual), provenance()) is None
    assert covers(provenance(), run(pretrainings=usual))
    assert "this run has other pretrainings (none, imagenet) than the full run (none, faces, objects)" in str(
        difference(run(pretrainings=others), provenance())
    )
    assert not covers(provenance(), run(pretrainings=others))


@pytest.mark.parametrize(
    ("here", "there", "reason"),
    [
        (run(data="folder"), provenance(), "this run has the data folder, and the full run faces"),
        (run(fill="mean"), provenance(), "only this run has the parameter fill"),
        (run(), provenance(analysis=1), r"older edition of the analysis \(commit abc\)"),
        (run(), {"parameters": provenance()["parameters"], "commit": "old"}, r"older edition.*commit old"),
        (
            run(),
            provenance(studied=studied("smoke")),
            "another study: its size is 64, and that of the full run 48",
        ),
        (
            run(),
            provenance(studied=None),
            "another study: its size is 64, and that of the full run not recorded",
        ),
    ],
)
def test_other_parameters_data_or_sizes_are_a_reason(here: Any, there: Any, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        raise InputError(difference(here, there) or "no reason")


def test_architectures_of_a_profile_are_compared_row_by_row_where_rows_name_them() -> None:
    there = provenance(parameters=provenance()["parameters"] | {"architectures": ["resnet18", "vgg16_bn"]})
    here = run(architectures=["resnet18"])
    assert difference(here, there, ["architecture", "estimate"]) is None
    said = "this run has other architectures (resnet18) than the full run (resnet18, vgg16_bn)"
    assert difference(here, there, ["estimate"]) == said


MEASURED = {
    "name",
    "samples",
    "seeds",
    "few_seeds",
    "draws",
    "explained",
    "read",
    "transformed",
    "exchanged",
    "judged",
    "tested_seeds",
    "tuned",
    "tuning_seeds",
    "checkpoints",
    "precision",
    "contrasted",
}
ROWS = {"architectures", "probed", "few", "planted", "cues", "methods", "on_head"}
ROWS |= {"stages", "augmented", "image_shares", "exposure_shares", "retrained", "moved", "entries"}


def test_every_size_is_known_to_change_what_is_studied_or_not_to() -> None:
    # a new size belongs into one of these; the profiles quick and full must agree in those that are studied
    known = [*SIZES_STUDIED, *OF_CHAPTERS, *MEASURED, *ROWS]
    assert sorted(known) == sorted(Profile.__dataclass_fields__)
    assert studied("full", "04_masking") == studied("quick", "04_masking") and studied("unknown") is None


@pytest.mark.parametrize(("name", "word"), [(name, word) for name, of in OF_CHAPTERS.items() for word in of])
def test_a_size_of_some_chapters_is_studied_there(name: str, word: str) -> None:
    assert name in (studied("full", f"12_{word}") or {}) and name not in (studied("full", "04_masking") or {})


def test_a_table_without_a_column_is_read_as_it_was_written() -> None:
    assert parse_table(pd.DataFrame().to_csv(index=False)).empty


def test_a_table_whose_analysis_changed_is_not_compared() -> None:
    earlier = provenance() | {"superseded": "computed before people were left out"}
    expected = "its analysis has changed since the full run: computed before people were left out"
    assert difference(run(), earlier) == expected
