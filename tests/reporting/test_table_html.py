"""Tables as readers see them: names, digits, and a dash for what is missing."""

from __future__ import annotations

import csv
import re

import pandas as pd
import pytest
from conftest import REPOSITORY

from faceinv.reporting.column_names import COLUMN_NAMES, column_name
from faceinv.reporting.table_html import ROWS_IN_PAGE, folded_table, table_html

SHIPPED = sorted((REPOSITORY / "book" / "results" / "full").glob("*/*.csv"))


def cells(html: str, tag: str) -> list[str]:
    return re.findall(rf"<{tag}(?: [^>]*)?>(.*?)</{tag}>", html)


def test_cells_are_written_for_readers() -> None:
    table = pd.DataFrame(
        {
            "reader_task": ["gender", None],
            "estimate": [1.0, float("nan")],
            "low": [-0.0001, -0.25],
            "seeds": [3.0, float("nan")],
            "relies": [True, False],
        }
    )
    html = table_html(table)
    assert cells(html, "th") == [
        "Task of the evaluated network",
        "Estimate",
        "Lower limit",
        "Seeds",
        "Relies on the cue",
    ]
    assert cells(html, "td") == ["gender", "1.000", "0.000", "3", "yes", "–", "–", "−0.250", "–", "no"]
    assert "data-digits" not in html


def test_a_long_table_says_how_its_other_rows_are_written() -> None:
    table = pd.DataFrame({"task": "gender", "estimate": 0.5, "seeds": range(ROWS_IN_PAGE + 1)})
    assert 'data-digits=",3,0"' in table_html(table)
    assert "(the first 40 rows are shown)" in folded_table(table, "curves", "curves.csv")


def test_text_is_escaped() -> None:
    html = folded_table(pd.DataFrame({"a<b": ["<i>"]}), "<b>", '"x".csv')
    assert "<i>" not in html and "<b>" not in html and "a&lt;b" in html and '"&quot;x' in html


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_column_that_ships_has_a_name_for_readers(path) -> None:
    with path.open(encoding="utf-8") as file:
        columns = next(csv.reader(file))
    assert [name for name in columns if name not in COLUMN_NAMES and not name[0].isupper()] == []


def test_names_are_for_readers() -> None:
    assert all("_" not in name and name[:1] in (name[:1].upper(), "p", "q") for name in COLUMN_NAMES.values())
    assert column_name("Gabor-jet model") == "Gabor-jet model"
