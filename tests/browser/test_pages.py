"""The built pages are whole, in a browser to which every other machine is closed."""

from __future__ import annotations

import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag

import pytest
from axe import OF_COLOURS, check_accessible, install_axe
from page_checks import FILLED, SCROLLS, Serve, check, check_figures, check_grids, open_page, open_pages

from faceinv.book import build
from faceinv.book.paths import CHAPTERS

FONTS = "[...document.fonts].filter(font => font.status !== 'unloaded').map(font => font.family)"
"""Fonts that a page has loaded: the book has none, and the theme's icons are drawn by their shapes."""

REFERENCE = "book/api/lrp.html"
"""A page of the reference, which stands for all of them."""

SIDE_BY_SIDE = 4
"""Pages that are opened at a time."""


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The script of axe-core."""
    return install_axe(tmp_path_factory.mktemp("axe"))


WIDE, NARROW = {"width": 1300, "height": 900}, {"width": 390, "height": 900}


def test_pages_are_whole(smoke_book: Path, browser: Any, serve: Serve, axe: str) -> None:
    """In the light theme, in the dark one to which its reader turned, and on a window that became narrow.

    Pages of the reference are made alike: one stands for all before axe, and on the narrow window.
    """
    home, pages = serve(smoke_book / "_build" / "html"), pages_of(smoke_book)
    context = browser.new_context(viewport=WIDE, color_scheme="light")
    for names in (pages[i : i + SIDE_BY_SIDE] for i in range(0, len(pages), SIDE_BY_SIDE)):
        opened = open_pages(context, [f"{home}/{name}" for name in names], home)
        for seen, name in zip(opened, names, strict=True):
            check(seen, name)
            assert seen.page.locator(":is(i, span)[class*='fa-']").count() == 0, (
                f"{name}: an icon is not drawn"
            )
            assert not seen.page.evaluate(FONTS), f"{name} loads a font"
            if is_looked_at(name):
                check_accessible(seen.page, axe, name)
            if name.startswith(CHAPTERS):
                check_figures(seen.page, name)
            seen.page.emulate_media(color_scheme="dark")
        opened[-1].page.wait_for_timeout(300)  # figures are drawn again
        for seen, name in zip(opened, names, strict=True):
            check(seen, f"{name}, turned dark")
            if is_looked_at(name):
                check_accessible(seen.page, axe, f"{name}, turned dark", OF_COLOURS)
                seen.page.set_viewport_size(NARROW)
        opened[-1].page.wait_for_timeout(300)
        for seen, name in zip(opened, names, strict=True):
            if is_looked_at(name):
                check(seen, f"{name}, turned narrow")
                check_grids(seen.page, f"{name}, turned narrow")
            seen.page.close()
    context.close()


def test_pages_are_whole_on_a_narrow_dark_screen(
    smoke_book: Path, browser: Any, serve: Serve, axe: str
) -> None:
    """Opened there: the first page, and chapters with grids of images, curves and matrices."""
    home = serve(smoke_book / "_build" / "html")
    grids = [f"{CHAPTERS}/{name}.html" for name in ("01_stimuli", "03_relevance", "06_regions", "12_causes")]
    others = [f"{CHAPTERS}/{name}.html" for name in ("05_generalization", "09_architecture_and_strategy")]
    pages = ["book/index.html", *grids, *others]
    context = browser.new_context(viewport=NARROW, color_scheme="dark")
    for seen, name in zip(
        open_pages(context, [f"{home}/{name}" for name in pages], home), pages, strict=True
    ):
        check(seen, f"{name}, dark and narrow")
        check_accessible(seen.page, axe, f"{name}, dark and narrow")
        check_grids(seen.page, f"{name}, dark and narrow")
        assert seen.page.evaluate(FILLED) or name not in grids
    context.close()


@pytest.mark.parametrize("elsewhere", ["https://example.org/a.png", "http://192.0.2.1/a.png"])
def test_what_a_page_asks_elsewhere_is_refused_and_noticed(
    tmp_path: Path, browser: Any, elsewhere: str
) -> None:
    page = tmp_path / "page.html"
    page.write_text(f"<!doctype html><title>A page</title><p>Text<img src='{elsewhere}' alt=''>")
    context = browser.new_context()
    seen = open_page(context, page.as_uri(), tmp_path.as_uri())
    assert seen.foreign == [elsewhere] == seen.failed
    with pytest.raises(AssertionError, match="asks elsewhere"):
        check(seen, "the page", patience=0)
    context.close()


def pages_of(book: Path) -> list[str]:
    """Paths of the pages in the site, of which the longest source of a module stands for all of them."""
    site = book / "_build" / "html"
    pages = sorted(page.relative_to(site).as_posix() for page in site.rglob("*.html"))
    pages = [page for page in pages if not page.startswith("_static/")]  # there lie templates of the theme
    sources = [page for page in pages if page.startswith("_modules/faceinv/")]
    longest = max(sources, key=lambda page: (site / page).stat().st_size)
    pages = [page for page in pages if page == longest or not page.startswith("_modules/")]
    assert len(pages) >= 8
    return pages


def is_looked_at(name: str) -> bool:
    """Whether axe and a narrow window see a page: one stands for all of the reference."""
    return not name.startswith("book/api/") or name == REFERENCE


def test_no_page_names_an_object_of_python_in_place_of_what_it_says(smoke_book: Path) -> None:
    pages = sorted((smoke_book / "_build" / "html").rglob("chapters/*.html"))
    named = re.compile(r"&lt;[\w.]+ object|IPython\.core\.display|object at 0x")
    assert pages and not [page.name for page in pages if named.search(page.read_text())]


def test_each_chapter_shows_a_figure(smoke_book: Path) -> None:
    for page in (smoke_book / "_build/html/book/chapters").glob("*.html"):
        assert "plotly-graph-div" in page.read_text(encoding="utf-8"), page.name


def test_the_book_opens_without_a_server(smoke_book: Path, browser: Any) -> None:
    context = browser.new_context()
    index = smoke_book / "_build" / "html" / "index.html"
    seen = open_page(context, index.as_uri(), index.parent.as_uri())
    seen.page.wait_for_url("**/book/index.html")
    seen.page.locator("nav a[href*='chapters/01_']").first.click()
    seen.page.wait_for_url("**/book/chapters/01_*.html")
    seen.page.wait_for_load_state("load")
    seen.page.evaluate("() => window.faceinvDrawAll?.()")
    check(seen, "the first chapter, as a file")
    context.close()


@pytest.mark.parametrize(("width", "beside"), [(1300, True), (1000, False), (390, False)])
def test_a_summary_stands_in_the_margin_where_there_is_one(
    smoke_book: Path, browser: Any, width: int, beside: bool
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    site = smoke_book / "_build/html"
    seen = open_page(context, (site / "book/chapters/04_masking.html").as_uri(), site.as_uri())
    summary = seen.page.locator("aside.faceinv-summary").bounding_box()
    text = seen.page.locator(".bd-article section > p").nth(1).bounding_box()  # behind question and findings
    assert (summary["x"] >= text["x"] + text["width"]) == beside
    assert (summary["y"] + summary["height"] <= text["y"]) != beside
    assert summary["x"] + summary["width"] <= width
    assert seen.page.evaluate(SCROLLS) <= 0
    context.close()


def test_the_book_tells_how_it_was_made(smoke_book: Path) -> None:
    site = smoke_book / "_build/html/book"
    provenance = (site / "provenance.html").read_text(encoding="utf-8")
    words = re.sub("<[^>]+>", "", provenance)  # commands are coloured word by word
    for chapter in build.list_chapters(smoke_book):
        assert f"faceinv run {chapter.name}" in words
        for table in (smoke_book / "book/chapters" / chapter.name).glob("*.csv"):
            assert hashlib.sha256(table.read_bytes()).hexdigest() in provenance
    assert (
        "@software" in (site / "cite.html").read_text() and "cff-version" in (site / "cite.html").read_text()
    )
    assert "plotly-graph-div" in (site / "times.html").read_text()
    assert 'id="faceinv.lrp.relevance.relevance"' in (site / "api/lrp.html").read_text()
    source = '"../../_modules/faceinv/lrp/relevance.html#relevance"'
    for page in ("api/lrp.html", "api/faceinv.html"):  # a name in two places has one source
        assert source in (site / page).read_text()
    assert "def relevance" in re.sub(
        "<[^>]+>", "", (site / "../_modules/faceinv/lrp/relevance.html").read_text()
    )


class Links(HTMLParser):
    """Links and anchors of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a" and values.get("href"):
            self.links.append(str(values["href"]))
        if values.get("id"):
            self.anchors.add(str(values["id"]))


def test_links_lead_somewhere(smoke_book: Path) -> None:
    site = smoke_book / "_build" / "html"
    parsed = {}
    for page in site.rglob("*.html"):
        if "_modules" in page.parts:  # sources point back at names that the reference gives by other paths
            continue
        parsed[page] = Links()
        parsed[page].feed(page.read_text(encoding="utf-8"))
    dead = []
    for page, found in parsed.items():
        for link in found.links:
            if link.startswith(("http:", "https:", "mailto:", "data:", "javascript:")):
                continue
            path, anchor = urldefrag(link)
            target = (page.parent / unquote(path)).resolve() if path else page
            if not target.is_file() or (anchor and target in parsed and anchor not in parsed[target].anchors):
                dead.append(f"{page.relative_to(site)}: {link}")
    assert not dead


@pytest.mark.slow
def test_scripts_are_loaded_only_where_they_are_needed(small_site: Path) -> None:
    def scripts(page: str) -> str:
        return "\n".join(part.split(">")[0] for part in (small_site / page).read_text().split("<script ")[1:])

    with_figure, without = scripts("book/chapters/01_a.html"), scripts("book/chapters/02_b.html")
    assert with_figure.count("deferred.js") == 1  # which loads plotly when a figure comes near
    assert 'src="../../_static/assets/plotly' not in with_figure
    assert "deferred" not in without
    assert "mathjax" not in (with_figure + without).lower()
    assert "thebe.js" not in with_figure + without
    assert 'data-plotly="plotly.min.js"' in scripts("book/chapters/03_c.html")
    assert 'data-plotly="plotly-heatmap.min.js"' in scripts("book/chapters/04_d.html")


def test_each_chapter_opens_with_what_was_found_and_each_figure_says_its_result(smoke_book: Path) -> None:
    site = smoke_book / "_build/html/book"
    pages = [site / "index.html", *sorted((site / "chapters").glob("*.html"))]
    for page in pages:
        article = page.read_text(encoding="utf-8").partition("<article")[2]
        assert "What we found" in article.partition("<h2>")[0], page.name
        captions = re.findall(r'<figcaption>.*?"caption-text">(.{8})', article, re.DOTALL)
        assert captions and set(captions) == {"<strong>"}, page.name
