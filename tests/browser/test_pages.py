"""The built pages, opened in a browser to which every other machine is closed."""

from __future__ import annotations

import hashlib
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag

import pytest
from conftest import MakeBook, copy_frame, write_chapter, write_toc

from faceinv.book import build
from faceinv.book.chapters import execute
from faceinv.book.standalone_page import write_page

Serve = Callable[[Path], str]

FIGURE = """
from IPython.display import HTML
import plotly.graph_objects as go
figure = go.Figure([go.Scatter(y=[1, 3, 2], name="a"), go.Bar(y=[2, 1, 2], name="b")])
figure.update_layout(title="title", xaxis_title="x", yaxis_title="y")
HTML(figure.to_html(include_plotlyjs=False, full_html=False, config={"responsive": True}))
"""
BEHIND = """
import numpy as np
import pandas as pd
from faceinv.figures import charts, example_panel, style
table = pd.DataFrame({"task": ["a, b"] * 2, "x": [1, 2], "mask": "m", "estimate": [0.25, 0.5]})
table = table.assign(low=table["estimate"] - 0.125, high=table["estimate"] + 0.125, seeds=3)
faces = np.full((2, 8, 8, 3), 200, np.uint8)
one = example_panel.Examples("Two faces", faces, ["first", "second"], np.array([False, True]))
labels = {"x": "level", "estimate": "accuracy"}
behind = {style.point("a, b", "m", 2): one}
example_panel.show_with_examples(charts.curves(table, "x", "mask", "task", labels), behind)
"""
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
MATRIX = """
import numpy as np
import pandas as pd
from faceinv.figures import example_panel, generalization_matrix, style
table = pd.DataFrame({"maker": ["a, x", "b", "a, x", "b"], "reader": ["a, x"] * 2 + ["b"] * 2, "seeds": 3})
table = table.assign(estimate=[0.2, 0.4, 0.6, 0.8], low=0.1, high=0.9)
faces = np.full((1, 8, 8, 3), 200, np.uint8)
behind = {
    style.point("b", "a, x"): example_panel.Examples("From b to a", faces, ["first"], np.array([False])),
    style.point("b", "b"): example_panel.Examples("From b to b", faces, ["second"], np.array([True])),
}
generalization_matrix.show_matrix(generalization_matrix.matrix(table, ["a, x", "b"]), table, behind)
"""
FORMULAS = r"""Inline $a_i w_{ij}$ and

$$R_i = \sum_j \frac{a_i w_{ij}}{z_j} R_j$$
"""

# An output is empty when nothing of it can be read or seen.
EMPTY_OUTPUTS = """() => [...document.querySelectorAll("div.cell_output")].filter(output => {
  const drawn = [...output.querySelectorAll("img, svg, canvas, video, iframe")];
  const seen = drawn.some(e => e.getBoundingClientRect().width > 8 && e.getBoundingClientRect().height > 8);
  return !seen && output.innerText.trim() === "";
}).map(output => output.outerHTML.slice(0, 300))"""

FIGURES = """() => [...document.querySelectorAll(".plotly-graph-div")].map(figure => {
  const box = figure.getBoundingClientRect();
  const column = figure.closest("[style*=max-width], div.cell_output, article, main").getBoundingClientRect();
  return {
    width: box.width, height: box.height, column: column.width,
    marks: figure.querySelectorAll(
      ".trace, .imagelayer image, .heatmaplayer image, .layer-below image, .points path").length,
    texts: [...figure.querySelectorAll("text")].filter(t => t.textContent.trim() && !t.closest(".hoverlayer"))
      .map(t => getComputedStyle(t).fill),
  };
})"""

BACKGROUND = "() => getComputedStyle(document.body).backgroundColor"
UNSET_FORMULAS = """() => [...document.querySelectorAll(".math")]
  .filter(e => !e.querySelector("mjx-container") || e.querySelector("mjx-merror, [data-mjx-error]")).length"""
SCROLLS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass
class Seen:
    """A page that was opened, and what went wrong while it was."""

    page: Any
    foreign: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def open_page(context: Any, url: str, home: str) -> Seen:
    """Open a page; requests outside `home` are refused and written down."""
    seen = Seen(context.new_page())

    def gate(route: Any) -> None:
        if route.request.url.startswith((home, "data:", "blob:")):
            route.continue_()
        else:
            seen.foreign.append(route.request.url)
            route.abort()

    seen.page.route("**/*", gate)
    seen.page.on("pageerror", lambda error: seen.errors.append(str(error)))
    seen.page.on(
        "console", lambda message: seen.errors.append(message.text) if message.type == "error" else None
    )
    seen.page.on("response", lambda answer: seen.failed.append(answer.url) if answer.status >= 400 else None)
    seen.page.on("requestfailed", lambda request: seen.failed.append(request.url))
    seen.page.goto(url, wait_until="load")
    seen.page.wait_for_timeout(300)  # the first page sends its reader on to where the book begins
    seen.page.wait_for_load_state("load")
    seen.page.evaluate("() => window.MathJax?.startup?.promise")
    return seen


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two CSS colours, after WCAG 2."""

    def luminance(colour: str) -> float:
        numbers = colour.split("(")[1].rstrip(")").split(",")
        parts = [float(number) / 255 for number in numbers[:3]]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def check(seen: Seen, name: str) -> None:
    """Assert that a page is whole."""
    assert not seen.foreign, f"{name} asks elsewhere"
    assert not seen.failed, f"{name} misses files"
    assert not seen.errors, f"{name} has errors"
    assert not seen.page.evaluate(EMPTY_OUTPUTS), f"{name} has empty outputs"
    assert seen.page.evaluate(UNSET_FORMULAS) == 0, f"{name} has formulas that are not set"
    assert seen.page.evaluate(SCROLLS) <= 0, f"{name} scrolls sideways"
    background = seen.page.evaluate(BACKGROUND)
    for figure in seen.page.evaluate(FIGURES):
        assert figure["width"] > 200, f"{name}: {figure}"
        assert figure["height"] >= 24, f"{name}: {figure}"
        assert figure["width"] >= 0.9 * figure["column"], f"{name} has a figure narrower than its column"
        assert figure["marks"] > 0, f"{name} has a figure without marks"
        for text in set(figure["texts"]):
            assert contrast(text, background) >= 3, f"{name} has text of {text} on {background}"


@pytest.fixture(scope="module")
def small_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built book of chapters: a figure beside formulas, neither, and two with faces behind their points."""
    root = tmp_path_factory.mktemp("site")
    (root / "notebooks").mkdir()
    (root / "book").mkdir()
    copy_frame(root)
    (root / "book" / "index.md").write_text("# First page\n\nText, and {doc}`a chapter <chapters/01_a>`.\n")
    write_chapter(root / "notebooks" / "01_a.ipynb", FIGURE, FORMULAS)
    write_chapter(root / "notebooks" / "02_b.ipynb", "print('text')", "Just text.")
    write_chapter(root / "notebooks" / "03_c.ipynb", BEHIND)
    write_chapter(root / "notebooks" / "04_d.ipynb", MATRIX)
    write_toc(root, ["01_a", "02_b", "03_c", "04_d"])
    return build.build_book(root).parent


@pytest.mark.parametrize("width", [1300, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_are_whole(smoke_book: Path, browser: Any, serve: Serve, theme: str, width: int) -> None:
    site = smoke_book / "_build" / "html"
    home = serve(site)
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    pages = sorted(page.relative_to(site).as_posix() for page in site.rglob("*.html"))
    pages = [page for page in pages if not page.startswith("_static/")]  # there lie templates of the theme
    # Sources of modules are pages that are made alike: the longest stands for all.
    sources = [page for page in pages if page.startswith("_modules/faceinv/")]
    longest = max(sources, key=lambda page: (site / page).stat().st_size)
    pages = [page for page in pages if page == longest or not page.startswith("_modules/")]
    assert len(pages) >= 8
    for name in pages:
        seen = open_page(context, f"{home}/{name}", home)
        check(seen, name)
        seen.page.close()
    context.close()


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
    seen.page.wait_for_timeout(500)
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
    text = seen.page.locator(".bd-article section > p").first.bounding_box()
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
    assert with_figure.count("plotly.min.js") == 1
    assert with_figure.count("mathjax.js") == 1
    assert "plotly" not in without
    assert "mathjax" not in without
    assert "thebe.js" not in with_figure + without
    assert len(list(small_site.rglob("plotly*.js"))) == 1


def test_a_figure_stands_beside_formulas(small_site: Path, browser: Any, serve: Serve) -> None:
    home = serve(small_site)
    context = browser.new_context()
    seen = open_page(context, f"{home}/book/chapters/01_a.html", home)
    check(seen, "01_a")
    assert len(seen.page.evaluate(FIGURES)) == 1
    assert seen.page.locator("mjx-container svg").count() == 2
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
    before = panel.inner_text()
    assert "Click a point" in before
    click_point(page, 0)
    assert panel.inner_text() == before, "a point with nothing behind it does something"
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
        assert download.value.suggested_filename == "figure.csv"
        texts.append(Path(download.value.path()).read_text())
        assert not seen.errors + seen.foreign
    context.close()
    assert texts[0] == (
        "panel,name,level,accuracy,low,high,seeds\n"
        '"a, b",m,1,0.25,0.125,0.375,3\n"a, b",m,2,0.5,0.375,0.625,3\n'
    )
    assert texts[1] == "name,x,y\na,0,1\na,1,3\na,2,2\nb,0,2\nb,1,1\nb,2,2\n"


@pytest.fixture
def kernels(tmp_path: Path) -> Iterator[str]:
    """A Jupyter server on the loopback interface, as Binder starts one; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [
        f"--port={port}",
        "--ip=127.0.0.1",
        "--IdentityProvider.token=token",
        "--ServerApp.allow_origin=*",
    ]
    command = [sys.executable, "-m", "jupyter_server", *options, "--no-browser", "--allow-root"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL) as server:
        for _ in range(600):
            with socket.socket() as asked:
                if asked.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
        server.terminate()


def test_code_is_live(
    make_book: MakeBook, kernels: str, browser: Any, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_REPOSITORY", "owner/name")
    site = build.build_book(make_book({"01_a": "print(6 * 7)"})).parent
    page = browser.new_page()
    foreign: list[str] = []
    home = serve(site)
    page.on("request", lambda asked: foreign.append(asked.url))
    page.goto(f"{home}/book/chapters/01_a.html")
    assert page.locator("a[href*='mybinder.org/v2/gh/owner/name/main']").count() == 1
    assert page.locator("a[href*='colab.research.google.com/github/owner/name']").count() == 1
    options = page.evaluate("() => JSON.parse(document.querySelector('#faceinv-live').textContent)")
    assert options["binderOptions"]["repo"] == "owner/name"
    options |= {
        "useBinder": False,
        "serverSettings": {"baseUrl": kernels, "token": "token", "appendToken": True},
    }
    page.evaluate("o => { document.querySelector('#faceinv-live').textContent = JSON.stringify(o) }", options)
    page.evaluate("() => document.querySelector('.btn-launch-live').click()")
    page.wait_for_function(
        "() => document.querySelector('.faceinv-live')?.textContent.includes('ready. Run')"
    )
    page.evaluate(
        "() => [...document.querySelectorAll('.CodeMirror')].at(-1).CodeMirror.setValue('print(6 * 8)')"
    )
    page.locator(".thebe-run-button").last.click()
    page.wait_for_function("() => document.querySelector('.cell_output').innerText.includes('48')")
    assert "42" not in page.locator(".cell_output").first.inner_text()
    assert not [url for url in foreign if not url.startswith((home, kernels, "data:", "blob:"))]
    page.close()


def test_code_is_live_only_where_it_can_be(small_site: Path) -> None:
    chapter = (small_site / "book" / "chapters" / "02_b.html").read_text()
    assert "faceinv" in chapter
    assert "Live code" not in chapter
    assert not (small_site / "_static" / "assets" / "thebe").exists()


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
    assert download.value.suggested_filename == "figure.svg"
    drawing = Path(download.value.path()).read_text()
    assert "<svg" in drawing
    assert "fill: rgb(34, 34, 34)" in drawing  # ink for paper, in either theme
    context.close()


def figures_of(page: Any) -> list[str]:
    """The numbers of every figure of a page, as its readers get them."""
    found = []
    for button in page.locator(".modebar-btn[data-title*='CSV']").all():
        with page.expect_download() as download:
            button.dispatch_event("click")
        found.append(Path(download.value.path()).read_text())
    return found


def test_every_figure_of_the_book_gives_numbers(smoke_book: Path, browser: Any) -> None:
    context = browser.new_context(accept_downloads=True)
    site = smoke_book / "_build/html"
    for page in sorted((site / "book/chapters").glob("*.html")):
        seen = open_page(context, page.as_uri(), site.as_uri())
        drawn = seen.page.locator(".js-plotly-plot").count()
        texts = figures_of(seen.page)
        assert len(texts) == drawn > 0, page.name
        for text in texts:
            head, *rows = text.splitlines()
            assert rows, page.name
            assert "Click to enter" not in head and "undefined" not in text, page.name
        seen.page.close()
    context.close()


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
    assert seen.page.locator("mjx-container svg").count() == 2
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
