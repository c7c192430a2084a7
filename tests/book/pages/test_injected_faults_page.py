"""The page What was tried: its table as Markdown, and what is no such table."""

from __future__ import annotations

from pathlib import Path

import pytest

from faceinv.book.pages.injected_faults import tried_page
from faceinv.errors import InputError


def test_the_table_is_shown_with_its_total(tmp_path: Path) -> None:
    path = tmp_path / "tried.csv"
    path.write_text("what,where,times,outcome\nkill,a study,20,the same\nzeros,every file,30,noticed\n")
    page = tried_page(path)
    assert page.startswith("50 faults of 2 kinds were injected")
    assert "| kill | a study | 20 | the same |" in page


def test_without_a_table_a_sentence_says_so(tmp_path: Path) -> None:
    assert "No faults" in tried_page(tmp_path / "tried.csv")


@pytest.mark.parametrize("content", [b"", b"what,where\na,b\n", b"\xff\xfe"])
def test_what_is_no_such_table_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "tried.csv").write_bytes(content)
    with pytest.raises(InputError, match=r"tried.csv (is no table of faults|has no column).*make faults"):
        tried_page(tmp_path / "tried.csv")
