"""The book as one PDF, printed by a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Link

from faceinv.book import pdf
from faceinv.book.pdf import find_browser, join_printed, printed_pages, title_of, write_pdf
from faceinv.errors import InputError


def sheets(path: Path, address: str | None = None) -> Path:
    """A PDF of two empty sheets, whose second may have a link."""
    writer = PdfWriter()
    for _ in range(2):
        writer.add_blank_page(200, 300)
    if address:
        writer.add_annotation(1, Link(rect=(0, 0, 10, 10), url=address))
    writer.write(path)
    return path


def html(path: Path, heading: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'<h1>{heading}<a class="headerlink" href="#a">#</a></h1>')
    return path


def outline(printed: PdfReader) -> dict[str, int]:
    """Entries of an outline, and the numbers of their pages."""
    entries: list[Any] = list(printed.outline)
    return {entry.title: int(printed.get_destination_page_number(entry) or 0) for entry in entries}


def links(sheet: Any) -> list[Any]:
    return [each.get_object() for each in sheet.get("/Annots", [])]


def test_pages_link_to_one_another_within_the_file(tmp_path: Path) -> None:
    site = tmp_path / "html"
    one, two, three = (html(site / f"{name}.html", name.title()) for name in ("one", "two", "three"))
    other = (site / "table.csv").as_uri()
    printed = {
        one: sheets(tmp_path / "1.pdf", two.as_uri() + "#place"),
        two: sheets(tmp_path / "2.pdf", other),
        three: sheets(tmp_path / "3.pdf", "https://example.org/"),
    }
    join_printed(printed, tmp_path / "all.pdf")
    joined = PdfReader(tmp_path / "all.pdf")
    assert len(joined.pages) == 6
    assert outline(joined) == {"One": 0, "Two": 2, "Three": 4}
    (within,) = links(joined.pages[1])
    assert "/A" not in within and within["/Dest"][0].get_object() == joined.pages[2].get_object()
    assert links(joined.pages[3]) == []  # the table is no page of the PDF
    (outside,) = links(joined.pages[5])
    assert outside["/A"]["/URI"] == "https://example.org/"


def test_a_title_is_the_heading_without_markup(tmp_path: Path) -> None:
    assert title_of(html(tmp_path / "a.html", "Masks &amp;\n <em>maps</em>")) == "Masks & maps"


def test_without_a_browser_or_a_page_nothing_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "BROWSERS", ())
    monkeypatch.delenv("FACEINV_CHROMIUM", raising=False)
    with pytest.raises(InputError, match="no browser that prints was found; expected Chromium"):
        find_browser()
    monkeypatch.setenv("FACEINV_CHROMIUM", "no-such-browser")
    with pytest.raises(InputError, match="FACEINV_CHROMIUM is 'no-such-browser'; expected the path"):
        find_browser()
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/index\n")
    with pytest.raises(InputError, match=r"there is no page .*index.html; build the book first"):
        printed_pages(tmp_path)


def test_a_browser_that_writes_nothing_is_named(tmp_path: Path) -> None:
    silent = tmp_path / "browser"
    silent.write_text("#!/bin/sh\necho it is broken >&2\n")
    silent.chmod(0o755)
    with pytest.raises(InputError, match=r"browser wrote no PDF of a.html: it is broken"):
        pdf.print_page(str(silent), html(tmp_path / "a.html", "A"), tmp_path / "a.pdf")


@pytest.mark.slow
def test_a_built_book_is_printed_with_its_figures(small_site: Path, browser: Any, tmp_path: Path) -> None:
    target = write_pdf(small_site.parent.parent, tmp_path / "book.pdf")
    printed = PdfReader(target)
    pages = outline(printed)
    assert len(pages) == 5
    texts = [page.extract_text() for page in printed.pages]
    assert "Just text." in "".join(texts)
    assert "accuracy" in texts[list(pages.values())[3]]  # an axis of a figure
    addresses = [str(each.get("/A", {}).get("/URI", "")) for page in printed.pages for each in links(page)]
    assert not any(address.startswith("file:") for address in addresses)
