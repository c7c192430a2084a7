"""Shipped tables of older code count as those of the present code only where a record says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from faceinv.book.carried_tables import CARRIED, Carried, add_carried, names_of, newer_folders, read_carried
from faceinv.errors import InputError


def carried(older: str, newer: str) -> Carried:
    return Carried(older, newer, 2, "487b9d4", "x86_64", "2026-11-29T00:00:00+00:00")


def test_records_are_added_to_those_that_are_there(tmp_path: Path) -> None:
    assert read_carried(tmp_path) == []
    first, second = carried("a/measure-1", "a/measure-2"), carried("a/kernels-1", "a/kernels-2")
    add_carried(tmp_path, [first])
    add_carried(tmp_path, [second])
    assert read_carried(tmp_path) == [first, second]


def test_a_table_has_the_names_of_all_newer_code_and_of_no_other() -> None:
    newer = newer_folders([carried("a/measure-1", "a/measure-2"), carried("a/measure-2", "a/measure-3")])
    assert names_of("a/measure-1/x.json", newer) == [f"a/measure-{n}/x.json" for n in (1, 2, 3)]
    assert names_of("a/measure-3/x.json", newer) == ["a/measure-3/x.json"]
    assert names_of("a/kernels-1/x.json", newer) == ["a/kernels-1/x.json"]
    # code that was changed and changed back
    there_and_back = newer_folders(
        [carried("a/measure-1", "a/measure-2"), carried("a/measure-2", "a/measure-1")]
    )
    assert names_of("a/measure-2/x.json", there_and_back) == ["a/measure-2/x.json", "a/measure-1/x.json"]


@pytest.mark.parametrize("text", ["", "{}", '{"carried": [{"older": "a"}]}'])
def test_a_damaged_record_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / CARRIED).write_text(text)
    with pytest.raises(InputError, match="is no record of carried tables; restore it"):
        read_carried(tmp_path)
