import base64
import json
import re
import shlex
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from faceinv.book.parameters import parse
from faceinv.models.architectures import Specification, build, load
from faceinv.reporting import tables
from faceinv.reporting.table_html import ROWS_IN_PAGE
from faceinv.reporting.tables import Record


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Record:
    monkeypatch.setenv("FACEINV_OUT", str(tmp_path))
    return Record("04_masking", {"profile": "smoke", "seeds": 2, "data": None})


def test_a_table_is_written_with_its_provenance(record: Record, tmp_path: Path) -> None:
    table = pd.DataFrame({"fraction": [0.1, 0.2], "estimate": [0.123456, 1.0]})
    record.table(table, "curves")
    folder = tmp_path / "04_masking"
    assert sorted(file.name for file in folder.iterdir()) == ["curves.csv", "curves.json"]
    pd.testing.assert_frame_equal(pd.read_csv(folder / "curves.csv"), table)
    provenance = json.loads((folder / "curves.json").read_text())
    assert provenance["command"] == "faceinv run 04_masking -p profile smoke -p seeds 2"
    assert provenance["commit"] == tables.commit()
    assert {"versions", "machine", "started", "written", "source", "parameters"} <= set(provenance)


def test_the_command_gives_parameters_as_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"tasks": ["gender", "identity"], "fractions": [0.0, 0.5], "fill": "a b", "align": False}
    command = shlex.split(str(Record("04_masking", given).provenance()["command"]))
    assert command[:3] == ["faceinv", "run", "04_masking"]
    texts = dict(zip(command[4::3], command[5::3], strict=True))
    types = {"tasks": "list[str]", "fractions": "list[float]", "fill": "str", "align": "bool"}
    assert {name: parse(text, types[name]) for name, text in texts.items()} == given


def test_the_commit_is_known_in_a_checkout_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tables.commit.cache_clear()
    monkeypatch.setattr(tables, "PACKAGE", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert tables.commit() is None
    tables.commit.cache_clear()
    git = ["git", "-c", "user.name=a", "-c", "user.email=a", "-C", str(tmp_path)]
    (tmp_path / "file").write_text("1")
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "one"]):
        subprocess.run([*git, *command], check=True)
    found = tables.commit()
    assert found is not None and re.fullmatch("[0-9a-f]{12}", found)
    tables.commit.cache_clear()
    (tmp_path / "file").write_text("2")
    assert tables.commit() == f"{found} with changes"
    tables.commit.cache_clear()


def test_the_link_carries_the_whole_table_and_the_page_its_head(record: Record) -> None:
    table = pd.DataFrame({"x": range(ROWS_IN_PAGE + 5)})
    html = record.table(table, "long").data
    (encoded,) = re.findall(r"base64,([^\"]+)", html)
    assert base64.b64decode(encoded).decode() == table.to_csv(index=False)
    assert html.count("<tr") == ROWS_IN_PAGE + 1 and f"{len(table)} rows" in html
    assert html.startswith('<details class="faceinv-numbers"><summary>Show the numbers')
    assert 'download="04_masking-long.csv"' in html


def test_networks_are_written_beside_the_tables(record: Record) -> None:
    network = build(Specification("resnet18", ("a", "b")))
    assert load(record.network(network, "gender-0")).specification == network.specification
