"""What a chapter found stands on its page: a box behind its question, a sentence under each figure."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from conftest import REPOSITORY
from nbformat import NotebookNode, write
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from faceinv.book.found_cells import HEADING, add_findings, found_tables, with_box
from faceinv.book.standalone_page import write_page
from faceinv.errors import InputError


@pytest.mark.parametrize(
    ("source", "before"),
    [
        ("# Title\n\n*Question*\n\nText.", "# Title\n\n*Question*\n\n"),
        ("# Title\n\n**Strong** text.", "# Title\n\n"),
        ("# Title", "# Title\n\n"),
    ],
)
def test_the_box_follows_title_and_question(source: str, before: str) -> None:
    text = with_box(source, "It is so.")
    assert text.startswith(before + ":::{admonition} What we found\n") and "It is so.\n:::" in text
    assert text.endswith(source[len(before) :])


def chapter(figure: str = "fig-compared") -> NotebookNode:
    shown = {"mystnb": {"figure": {"name": figure, "caption": "Some faces."}}}
    return new_notebook(
        cells=[new_markdown_cell("# Title\n\n*Question*"), new_code_cell("1", metadata=shown)]
    )


def test_a_page_shows_what_its_chapter_found(tmp_path: Path) -> None:
    folder = tmp_path / "07_humans"
    folder.mkdir()
    (folder / "pairs.csv").write_text("image_a,image_b\n" + "a,b\n" * 6)
    write(chapter(), folder / "07_humans.ipynb")
    (tmp_path / "book").mkdir()
    shutil.copy(REPOSITORY / "book/claims.yml", tmp_path / "book")  # a book without evidence
    tables = found_tables(tmp_path, tmp_path, "07_humans")
    page = write_page(folder / "07_humans.ipynb", None, tables).read_text()
    assert page.index("Question") < page.index(HEADING)
    assert "nothing here is a finding about people" in page
    assert "4 faces of people on whom no network was trained make 6 pairs.</strong> Some faces." in page


def test_a_figure_without_a_sentence_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="fig-new of 07_humans has no sentence"):
        add_findings(chapter("fig-new"), found_tables(REPOSITORY, tmp_path, "07_humans"))


def test_a_chapter_of_another_book_stays_as_it_is(tmp_path: Path) -> None:
    other = chapter()
    add_findings(other, found_tables(tmp_path, tmp_path, "01_other"))
    assert other.cells[0].source == "# Title\n\n*Question*"
