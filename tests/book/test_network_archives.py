"""Archives of tables: equal after reading, named by their content, refused when damaged."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from faceinv.book import network_archives as archives
from faceinv.errors import InputError

COLUMNS = {
    "correct": st.booleans(),
    "image": st.integers(-(2**40), 2**40),
    "along": st.floats(),
    "identity": st.text(st.characters(exclude_categories=["Cs"])),
}


@given(st.data(), st.integers(0, 5))
def test_a_table_is_equal_after_reading(data: st.DataObject, rows: int) -> None:
    columns = {name: data.draw(st.lists(of, min_size=rows, max_size=rows)) for name, of in COLUMNS.items()}
    types = {"correct": bool, "image": "int64", "along": float, "identity": "str"}
    table = pd.DataFrame(columns).astype(types)
    read = archives.table_from_json(archives.table_to_json(table))
    assert_frame_equal(read, table, check_exact=True)


def test_single_precision_and_missing_values_are_kept() -> None:
    table = pd.DataFrame({"cka": np.array([1 / 3, np.nan, -0.0], "float32"), "note": ["a", None, "b"]})
    assert_frame_equal(archives.table_from_json(archives.table_to_json(table)), table, check_exact=True)


def test_a_column_that_does_not_vary_is_written_once() -> None:
    long = archives.table_to_json(pd.DataFrame({"task": ["identity"] * 1000}))
    assert json.loads(long)["columns"]["task"]["values"] == ["identity"] and len(long) < 100


def test_what_cannot_be_written_exactly_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be written"):
        archives.table_to_json(pd.DataFrame({"a": [1, 2]}, index=[3, 4]))


def written(folder: Path, value: int = 1) -> Path:
    tables = {"measure-1/a.json": archives.table_to_json(pd.DataFrame({"a": [value, 2]}))}
    return archives.write_archive(folder, tables, {"profile": "full", "tables": 1})


def test_the_same_tables_give_the_same_archive_and_others_another(tmp_path: Path) -> None:
    assert written(tmp_path) == written(tmp_path) != written(tmp_path, 7)
    assert len(archives.archives(tmp_path)) == 2
    assert archives.archives(tmp_path / "nowhere") == []


def test_provenance_and_tables_are_read_by_name(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert archives.archive_provenance(path) == {"profile": "full", "tables": 1}
    assert archives.table_names(path) == ["measure-1/a.json"]
    ((name, table),) = archives.read_tables(path, ["measure-1/a.json"])
    assert name == "measure-1/a.json" and table["a"].tolist() == [1, 2]
    assert set(archives.provenance_of_profile(tmp_path, "full")) == {path}
    assert not archives.provenance_of_profile(tmp_path, "smoke")


@pytest.mark.parametrize("place", [0, 40, -30, -1])
def test_a_flipped_byte_is_noticed_wherever_it_is(tmp_path: Path, place: int) -> None:
    path = written(tmp_path)
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match="is not as it was shipped"):
        archives.table_names(path)


def test_an_archive_under_another_name_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path)
    with pytest.raises(InputError, match="its SHA-256 does not begin with its name"):
        archives.archive_provenance(path.rename(path.with_name("0123456789abcdef.zip")))


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({}, "does not say where its tables come from"),
        ({archives.PROVENANCE: b"[]"}, "does not say where its tables come from"),
        ({archives.PROVENANCE: b"{"}, "does not say where its tables come from"),
        ({"a.json": b"{}"}, "is no table"),
        ({"a.json": b"\x80\x04."}, "is no table"),
        ({"a.json": b'{"rows": 2, "columns": {"a": {"type": "int64", "values": ["x", 1]}}}'}, "is no table"),
    ],
)
def test_an_archive_with_other_contents_is_refused_in_a_sentence(
    tmp_path: Path, members: dict[str, bytes], message: str
) -> None:
    path = sealed(tmp_path, members)
    with pytest.raises(InputError, match=message):
        list(
            archives.read_tables(path, ["a.json"])
            if "a.json" in members
            else archives.archive_provenance(path)
        )


def sealed(folder: Path, members: dict[str, bytes]) -> Path:
    """A zip file of any members under the name that its content asks for."""
    with zipfile.ZipFile(folder / "any.zip", "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    digest = hashlib.sha256((folder / "any.zip").read_bytes()).hexdigest()
    return (folder / "any.zip").rename(folder / f"{digest[: archives.NAME_LENGTH]}.zip")


def test_what_is_no_zip_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / f"{hashlib.sha256(b'text').hexdigest()[: archives.NAME_LENGTH]}.zip"
    path.write_bytes(b"text")
    with pytest.raises(InputError, match="is no zip file"):
        archives.table_names(path)
