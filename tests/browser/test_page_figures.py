"""Figures of pages: theme, faces behind points, numbers and drawings as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import MakeBook
from page_checks import FIGURES, Serve, check, figures_of, open_page
from small_chapters import BEHIND, FIGURE, FORMULAS

from faceinv.book import build
from faceinv.book.chapters import execute
from faceinv.book.standalone_page import write_page

LOOKED_INTO = [
    "02_networks",
    "04_masking",
    "05_generalization",
    "06_regions",
    "07_humans",
    "08_transformations",
    "09_architecture_and_strategy",
    "10_how_much_pretraining",
    "11_kernels",
]
"""Chapters with faces, or filters, behind the points of their figures."""


PLOT_HEIGHTS = """async () => {
  await new Promise(done => setTimeout(done, 500));
  return [...document.querySelectorAll(".js-plotly-plot")]
    .filter(figure => figure._fullLayout.legend?._height).map(figure => figure._fullLayout._size.h);
}"""
"""Heights of the plots of figures with a legend, in pixels."""

FOREIGN_PICTURE = """() => new Promise(done => {
  document.addEventListener("securitypolicyviolation", event => done(event.effectiveDirective));
  new Image().src = "https://example.org/picture.png";
  setTimeout(() => done("nothing was refused"), 5000);
})"""
"""The part of a page's policy that refuses a picture of another host."""


def test_a_figure_stands_beside_formulas(small_site: Path, browser: Any, serve: Serve) -> None:
    home = serve(small_site)
    context = browser.new_context()
    seen = open_page(context, f"{home}/book/chapters/01_a.html", home)
    check(seen, "01_a")
    assert len(seen.page.evaluate(FIGURES)) == 1
    assert seen.page.locator(".math math").count() == 2
    assert seen.page.evaluate(FOREIGN_PICTURE) == "img-src"
    context.close()


def test_a_figure_follows_the_theme(small_site: Path, browser: Any, serve: Serve) -> None:
    home = serve(small_site)
    context = browser.new_context(color_scheme="light")
    seen = open_page(context, f"{home}/book/chapters/01_a.html", home)
    light = seen.page.evaluate(FIGURES)[0]["texts"]
    seen.page.evaluate("() => document.documentElement.dataset.theme = 'dark'")
    seen.page.wait_for_timeout(500)
    dark = seen.page.evaluate(FIGURES)[0]["texts"]
    assert set(light).isdisjoint(dark)
    check(seen, "01_a, turned dark")
    context.close()


def click_point(page: Any, place: int) -> None:
    """Click the marker of a point."""
    box = page.locator(".points path").nth(place).bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_timeout(200)  # plotly looks for what is under the pointer at its own pace
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_timeout(200)


def check_faces_behind(page: Any) -> None:
    """Assert that the second point of `BEHIND`, and it alone, shows its faces, by pointer and by keyboard."""
    panel = page.locator(".faceinv-examples")
    assert "Click a point" in panel.inner_text()
    click_point(page, 0)
    assert "no faces behind this point" in panel.inner_text()
    assert not panel.locator("figure").count()
    click_point(page, 1)
    assert "Two faces" in panel.inner_text()
    faces = panel.locator("figure")
    assert faces.all_inner_texts() == ["first", "second"]
    wrong = [face.evaluate("e => e.classList.contains('faceinv-wrong')") for face in faces.all()]
    assert wrong == [False, True]
    middle = "e => [...e.getContext('2d').getImageData(4, 4, 1, 1).data]"
    assert all(abs(value - 200) < 6 for value in panel.locator("canvas").first.evaluate(middle)[:3])
    page.reload(wait_until="load")
    page.locator(".js-plotly-plot").focus()
    page.keyboard.press("Enter")
    assert "Two faces" not in panel.inner_text(), "nothing is chosen yet"
    page.keyboard.press("ArrowRight")
    assert page.locator(".hoverlayer text").count(), "the point that is chosen is not shown"
    page.keyboard.press("Enter")
    panel.locator("figure").first.wait_for()
    assert "Two faces" in panel.inner_text()


def test_faces_stand_behind_a_point(small_site: Path, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 1300, "height": 900})
    page = small_site / "book/chapters/03_c.html"
    seen = open_page(context, page.as_uri(), small_site.as_uri())
    seen.page.locator(".js-plotly-plot").scroll_into_view_if_needed()
    check_faces_behind(seen.page)
    check(seen, "03_c")
    context.close()


def test_faces_stand_behind_a_cell_of_a_matrix(small_site: Path, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 1300, "height": 900})
    seen = open_page(context, (small_site / "book/chapters/04_d.html").as_uri(), small_site.as_uri())
    page, panel = seen.page, seen.page.locator(".faceinv-examples")
    page.locator(".js-plotly-plot").scroll_into_view_if_needed()
    box = page.locator(".heatmaplayer image").bounding_box()
    for across, down, said in ((0.75, 0.75, "From b to b"), (0.25, 0.75, "From b to a")):
        place = (box["x"] + box["width"] * across, box["y"] + box["height"] * down)
        page.mouse.move(*place)
        page.wait_for_timeout(200)
        page.mouse.click(*place)
        panel.get_by_text(said).wait_for(timeout=3000)
    page.reload(wait_until="load")
    page.locator(".js-plotly-plot").focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(200)  # plotly shows what is chosen at its own pace
    assert "from b to b" in page.locator(".hoverlayer").text_content()
    page.keyboard.press("Enter")
    panel.get_by_text("From b to b").wait_for(timeout=3000)
    assert not seen.foreign + seen.failed + seen.errors  # numbers are white on dark cells, whatever the page
    context.close()


def test_the_numbers_of_a_figure_are_a_file(small_site: Path, browser: Any) -> None:
    context = browser.new_context(accept_downloads=True)
    texts = []
    for name in ("03_c", "01_a"):
        seen = open_page(context, (small_site / f"book/chapters/{name}.html").as_uri(), small_site.as_uri())
        button = seen.page.get_by_role("button", name="Download the numbers as CSV")
        button.focus()
        assert button.evaluate("e => getComputedStyle(e.closest('.modebar')).opacity") == "1"
        with seen.page.expect_download() as download:
            seen.page.keyboard.press("Enter")
        assert download.value.suggested_filename == f"{name}-chapter-{name.replace('_', '-')}.csv"
        texts.append(Path(download.value.path()).read_text())
        assert not seen.errors + seen.foreign
    context.close()
    assert texts[0] == (
        "panel,name,level,accuracy,low,high,seeds\n"
        '"a, b",m,1,0.25,0.125,0.375,3\n"a, b",m,2,0.5,0.375,0.625,3\n'
    )
    assert texts[1] == "name,x,y\na,0,1\na,1,3\na,2,2\nb,0,2\nb,1,1\nb,2,2\n"


@pytest.mark.parametrize("chapter", ["01_a", "03_c"])
def test_no_figure_offers_to_go_elsewhere(small_site: Path, browser: Any, chapter: str) -> None:
    context = browser.new_context()
    seen = open_page(context, (small_site / f"book/chapters/{chapter}.html").as_uri(), small_site.as_uri())
    buttons = seen.page.locator(".modebar-btn")
    titles = [button.get_attribute("data-title") for button in buttons.all()]
    assert "Zoom in" in titles
    assert not [title for title in titles if "hare" in title or "loud" in title]
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_figure_is_taken_as_svg(small_site: Path, browser: Any, theme: str) -> None:
    context = browser.new_context(accept_downloads=True, color_scheme=theme)
    seen = open_page(context, (small_site / "book/chapters/03_c.html").as_uri(), small_site.as_uri())
    with seen.page.expect_download() as download:
        seen.page.locator(".modebar-btn[data-title*='SVG']").dispatch_event("click")
    assert download.value.suggested_filename == "03_c-chapter-03-c.svg"
    drawing = Path(download.value.path()).read_text()
    assert "<svg" in drawing
    assert "fill: rgb(34, 34, 34)" in drawing  # ink for paper, in either theme
    context.close()


def test_a_legend_of_many_lines_leaves_the_plot_its_height(smoke_book: Path, browser: Any) -> None:
    page = smoke_book / "_build/html/book/chapters/04_masking.html"
    heights = []
    for width in (1300, 390):
        context = browser.new_context(viewport={"width": width, "height": 900})
        seen = open_page(context, page.as_uri(), page.parents[2].as_uri())
        heights.append(seen.page.evaluate(PLOT_HEIGHTS))
        context.close()
    wide, narrow = heights
    assert len(wide) == len(narrow) > 3
    # titles of axes may break into a line more
    assert all(after > 0.75 * before for before, after in zip(wide, narrow, strict=True)), (wide, narrow)


@pytest.mark.parametrize("chapter", LOOKED_INTO)
def test_chapters_show_what_is_behind_their_points(smoke_book: Path, browser: Any, chapter: str) -> None:
    context = browser.new_context()
    site = smoke_book / "_build/html"
    seen = open_page(context, (site / f"book/chapters/{chapter}.html").as_uri(), site.as_uri())
    panels = seen.page.locator(".faceinv-examples")
    plots = seen.page.locator(".js-plotly-plot[tabindex='0']")
    assert panels.count() == plots.count() > 0
    for panel, plot in zip(panels.all(), plots.all(), strict=True):
        plot.focus()
        seen.page.keyboard.press("ArrowRight")
        seen.page.keyboard.press("Enter")
        panel.locator("figure").first.wait_for()
        assert "Click a point" not in panel.inner_text()
    assert not seen.errors
    context.close()


def test_a_page_of_a_single_run_needs_no_other_file(make_book: MakeBook, browser: Any) -> None:
    root = make_book({"01_a": FIGURE}, text=FORMULAS)
    executed = root / "runs" / "01_a" / "01_a.ipynb"
    chapter = build.list_chapters(root)[0]
    execute(chapter, {}, executed, root / "runs")
    page = write_page(executed)
    context = browser.new_context()
    seen = open_page(context, page.as_uri(), page.as_uri())
    assert not seen.foreign + seen.failed + seen.errors
    figure = seen.page.evaluate(FIGURES)[0]
    assert figure["width"] > 200
    assert figure["marks"] > 0
    assert seen.page.locator(".math math").count() == 2
    assert seen.page.evaluate(FOREIGN_PICTURE) == "img-src"
    context.close()


def test_a_page_of_a_single_run_shows_the_faces_behind_a_point(make_book: MakeBook, browser: Any) -> None:
    root = make_book({"01_a": BEHIND})
    executed = root / "runs" / "01_a" / "01_a.ipynb"
    execute(build.list_chapters(root)[0], {}, executed, root / "runs")
    page = write_page(executed)
    context = browser.new_context(accept_downloads=True)
    seen = open_page(context, page.as_uri(), page.as_uri())
    check_faces_behind(seen.page)
    (text,) = figures_of(seen.page)
    assert text.startswith("panel,name,level,accuracy,low,high,seeds\n")
    assert not seen.foreign + seen.failed + seen.errors
    context.close()
