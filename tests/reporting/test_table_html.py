"""Tables as readers see them: names, digits, and a dash for what is missing."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import REPOSITORY

from faceinv.book.paths import CHAPTERS
from faceinv.book.standalone_page import TABLES
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
def test_every_column_that_ships_has_a_name_for_readers(path: Path) -> None:
    with path.open(encoding="utf-8") as file:
        columns = next(csv.reader(file))
    assert [name for name in columns if name not in COLUMN_NAMES and not name[0].isupper()] == []


def test_names_are_for_readers() -> None:
    assert all("_" not in name and name[:1] in (name[:1].upper(), "p", "q") for name in COLUMN_NAMES.values())
    assert column_name("Gabor-jet model") == "Gabor-jet model"


def test_every_column_of_the_book_has_a_name_for_readers(smoke_book: Path) -> None:
    files = sorted((smoke_book / CHAPTERS).glob("*/*.csv"))
    unnamed = {}
    for path in files:
        with path.open(encoding="utf-8") as file:
            columns = next(csv.reader(file), [])
        if missing := [name for name in columns if name not in COLUMN_NAMES and not name[:1].isupper()]:
            unnamed[f"{path.parent.name}/{path.stem}"] = missing
    assert len(files) > 40 and unnamed == {}


def test_no_output_is_left_from_debugging(smoke_book: Path) -> None:
    left = []
    for path in sorted((smoke_book / CHAPTERS).glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", []):
                if output["output_type"] == "stream" or list(output.get("data", {})) == ["text/plain"]:
                    left.append((path.stem, cell["id"]))
    assert left == []


def test_a_long_table_is_completed_and_sorted_by_keyboard(browser: Any, tmp_path: Path) -> None:
    count = ROWS_IN_PAGE + 3
    table = pd.DataFrame(
        {
            "mask": [f'a "{i}", {i % 3}' for i in range(count)],
            "estimate": [None if i == 41 else (i - 20) / 7 for i in range(count)],
            "seeds": range(count),
            "relies": [i % 2 == 0 for i in range(count)],
        }
    )
    page = tmp_path / "page.html"
    script = TABLES.read_text(encoding="utf-8")
    html = folded_table(table, "long", "long.csv")
    page.write_text(f"<meta charset=utf-8>{html}<script>{script}</script>", encoding="utf-8")
    tab = browser.new_page()
    tab.goto(page.as_uri())
    assert not tab.locator("table").is_visible()
    tab.locator("summary").press("Enter")
    tab.wait_for_function(f"document.querySelectorAll('tbody tr').length == {count}")
    last = tab.locator("tbody tr").nth(count - 1).locator("td").all_inner_texts()
    assert last == ['a "42", 0', "3.143", "42", "yes"]
    assert tab.locator("tbody tr").nth(41).locator("td").nth(1).inner_text() == "–"
    assert tab.locator(".faceinv-left-out").count() == 0
    whole = cells(table_html(table.tail(ROWS_IN_PAGE)), "td")[-4:]
    assert whole == ["a &quot;42&quot;, 0", *last[1:]]  # the script writes as the page does
    head = tab.locator("thead button").nth(1)
    for first, direction in (("−2.857", "ascending"), ("3.143", "descending")):
        head.press("Enter")
        shown = tab.locator("tbody tr td:nth-child(2)").all_inner_texts()
        assert shown[0] == first and shown[-1] == "–"
        assert tab.locator("th").nth(1).get_attribute("aria-sort") == direction
    tab.close()
