import base64
import json
import re
from pathlib import Path

import pandas as pd
import pytest

from faceinv.models.architectures import Specification, build, load
from faceinv.records import ROWS_SHOWN, Record


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
    assert {"versions", "machine", "started", "written", "source", "parameters"} <= set(provenance)


def test_the_link_carries_the_whole_table_and_the_page_its_head(record: Record) -> None:
    table = pd.DataFrame({"x": range(ROWS_SHOWN + 5)})
    html = record.table(table, "long").data
    (encoded,) = re.findall(r"base64,([^\"]+)", html)
    assert base64.b64decode(encoded).decode() == table.to_csv(index=False)
    assert html.count("<tr") == ROWS_SHOWN + 1 and f"{len(table)} rows" in html


def test_networks_are_written_beside_the_tables(record: Record) -> None:
    network = build(Specification("resnet18", ("a", "b")))
    assert load(record.network(network, "gender-0")).specification == network.specification
