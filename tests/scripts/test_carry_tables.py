"""Tables are carried over to the present code only for functions whose drawn tables are all the same."""

from __future__ import annotations

import importlib.util
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from conftest import REPOSITORY

from faceinv.book.carried_tables import read_carried
from faceinv.book.network_archives import SHIPPED_TABLES
from faceinv.book.planned_tables import SHIPPED_FUNCTIONS, planned_tables
from faceinv.experiments.profiles import profile

_SPEC = importlib.util.spec_from_file_location("carry_tables", REPOSITORY / "scripts" / "carry_tables.py")
assert _SPEC is not None and _SPEC.loader is not None
carry_tables = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(carry_tables)


def test_each_function_is_drawn_equally_often() -> None:
    keys = carry_tables.drawn(planned_tables(profile("smoke")), 1)
    names = Counter(key.split(" ")[0] for key in keys)
    assert set(names.values()) == {1}
    known = {f"{function.__module__}.{function.__qualname__}" for function in SHIPPED_FUNCTIONS}
    assert set(names) <= known and len(names) > 5


class _Done:
    def wait(self) -> int:
        return 0


@pytest.fixture
def computed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, tuple[str, str]]]:
    """What each tree gives, in place of an hour of training; the folder of the book is a temporary one."""
    tables: dict[str, dict[str, tuple[str, str]]] = {}

    def by_code(tree: Path, keys: Path, out: Path, cache: Path) -> Any:
        assert json.loads(keys.read_text()) == ["a.f 1", "a.g 1", "a.g 2"]
        out.write_text(json.dumps(tables[out.stem]))
        return _Done()

    monkeypatch.setattr(carry_tables, "ROOT", tmp_path)
    monkeypatch.setattr(carry_tables, "by_code", by_code)
    monkeypatch.setattr(carry_tables, "drawn", lambda networks, each: ["a.f 1", "a.g 1", "a.g 2"])
    monkeypatch.setattr(carry_tables.subprocess, "run", lambda *args, **kwargs: None)
    (tmp_path / SHIPPED_TABLES).mkdir(parents=True)
    return tables


def test_only_functions_whose_tables_are_all_the_same_are_recorded(
    tmp_path: Path, computed: dict[str, dict[str, tuple[str, str]]], capsys: pytest.CaptureFixture[str]
) -> None:
    computed["older"] = {"a.f 1": ("a/f-1", "x"), "a.g 1": ("a/g-1", "x"), "a.g 2": ("a/g-1", "y")}
    computed["newer"] = {"a.f 1": ("a/f-2", "x"), "a.g 1": ("a/g-2", "x"), "a.g 2": ("a/g-2", "z")}
    assert carry_tables.compare("487b9d4", 1) == 1
    (record,) = read_carried(tmp_path / SHIPPED_TABLES)
    assert (record.older, record.newer, record.compared, record.commit) == ("a/f-1", "a/f-2", 1, "487b9d4")
    assert "a.g gives other tables" in capsys.readouterr().out


def test_what_the_older_code_does_not_plan_is_not_carried(
    tmp_path: Path, computed: dict[str, dict[str, tuple[str, str]]]
) -> None:
    computed["older"] = {"a.f 1": ("a/f-1", "x"), "a.g 1": ("a/g-1", "x")}
    computed["newer"] = {"a.f 1": ("a/f-1", "x"), "a.g 1": ("a/g-2", "x"), "a.g 2": ("a/g-2", "z")}
    assert carry_tables.compare("487b9d4", 1) == 1
    assert read_carried(tmp_path / SHIPPED_TABLES) == []  # that of f is the same without a record
