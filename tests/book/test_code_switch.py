"""One control shows and hides all code of a chapter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from conftest import REPOSITORY

CELL = (
    "<div class='cell tag_hide-input'><details class='above-input'><summary>Show</summary><pre>{}</pre>"
    "</details></div>"
)


def test_one_control_shows_and_hides_all_code(browser: Any, tmp_path: Path) -> None:
    style = (REPOSITORY / "book/_static/parts.css").read_text(encoding="utf-8")
    script = (REPOSITORY / "book/_ext/assets/code.js").read_text(encoding="utf-8")
    page = tmp_path / "page.html"
    page.write_text(
        f"<style>{style}</style><main class='bd-article'><h1>Title</h1>"
        "<div class='cell tag_parameters'><div class='cell_input'><pre>seeds = 1</pre></div></div>"
        f"{CELL.format('one = 1')}{CELL.format('two = 2')}</main><script>{script}</script>"
    )
    tab = browser.new_page()
    tab.goto(page.as_uri())
    button = tab.get_by_role("button", name="Show the code (3 cells)")
    code = tab.locator("pre")
    assert [code.nth(i).is_visible() for i in range(3)] == [False] * 3
    button.press("Enter")
    assert [code.nth(i).is_visible() for i in range(3)] == [True] * 3
    tab.locator("summary").first.click()  # each cell folds by itself
    assert [code.nth(i).is_visible() for i in range(3)] == [True, False, True]
    tab.get_by_role("button", name="Hide the code").click()
    assert [code.nth(i).is_visible() for i in range(3)] == [False] * 3
    tab.close()
