"""Pages opened in a browser to which every other machine is closed, and what makes a page whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Serve = Callable[..., str]

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
  .filter(e => !(e.querySelector("math")?.getBoundingClientRect().width > 1)).length"""
LABELS = "figures => figures.map(figure => figure.getAttribute('aria-label') ?? '')"
"""What screen readers say of figures: their captions."""
FILLED = """() => [...document.querySelectorAll('.js-plotly-plot')]
  .filter(plot => plot.layout.meta?.width)
  .map(plot => plot._fullLayout.xaxis._length / plot._fullLayout._size.w)"""
"""Share of the width between its margins that the images of each grid take."""
SCROLLS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass
class Seen:
    """A page that was opened, and what went wrong while it was."""

    page: Any
    foreign: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def open_page(context: Any, url: str, home: str) -> Seen:
    """Open a page; requests outside `home`, which the browser refuses, are written down."""
    (seen,) = open_pages(context, [url], home)
    return seen


def open_pages(context: Any, urls: Sequence[str], home: str) -> list[Seen]:
    """Open pages side by side, each like `open_page`; they wait together."""
    opened = [_begin_page(context, url, home) for url in urls]
    opened[-1].page.wait_for_timeout(300)  # the first page sends its reader on to where the book begins
    for seen in opened:
        seen.page.wait_for_load_state("load")
        seen.page.evaluate("() => window.faceinvDrawAll?.()")  # figures further down are drawn as for print
    return opened


def _begin_page(context: Any, url: str, home: str) -> Seen:
    """Open a page. Requests are watched, not routed: with routes the browser would cache nothing."""
    seen = Seen(context.new_page())

    def write_down(request: Any) -> None:
        if not request.url.startswith((home, "data:", "blob:")):
            seen.foreign.append(request.url)

    seen.page.on("request", write_down)
    seen.page.on("pageerror", lambda error: seen.errors.append(str(error)))

    def note(message: Any) -> None:
        # Browsers ask for an icon by themselves where a page names none, as the one that sends its reader on.
        if message.type == "error" and not message.location["url"].endswith("/favicon.ico"):
            seen.errors.append(message.text)

    seen.page.on("console", note)
    seen.page.on("response", lambda answer: seen.failed.append(answer.url) if answer.status >= 400 else None)
    seen.page.on("requestfailed", lambda request: seen.failed.append(request.url))
    seen.page.goto(url, wait_until="load")
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


def check(seen: Seen, name: str, patience: float = 5.0) -> None:
    """Assert that a page is whole, at the latest after `patience` seconds.

    Figures are drawn again a moment after a theme or a window changed, and later on a busy machine.
    """
    latest = time.monotonic() + patience
    while True:
        try:
            return _check(seen, name)
        except AssertionError:
            if time.monotonic() > latest:
                raise
            seen.page.wait_for_timeout(100)


def _check(seen: Seen, name: str) -> None:
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


def figures_of(page: Any) -> list[str]:
    """The numbers of every figure of a page, as its readers get them."""
    found = []
    for button in page.locator(".modebar-btn[data-title*='CSV']").all():
        with page.expect_download() as download:
            button.dispatch_event("click")
        found.append(Path(download.value.path()).read_text())
    return found


def check_figures(page: Any, name: str) -> None:
    """Assert that each figure of an open chapter says its result, gives its numbers and fills its width."""
    labels = page.locator(".js-plotly-plot").evaluate_all(LABELS)
    assert labels and all(len(label) > 40 for label in labels), f"{name} has a figure without its result"
    texts = figures_of(page)
    assert len(texts) == len(labels), f"{name} has a figure without numbers"
    for text in texts:
        head, *rows = text.splitlines()
        assert rows, f"{name} has a figure without numbers"
        assert "Click to enter" not in head and "undefined" not in text, f"{name}: {head}"
    check_grids(page, name)


def check_grids(page: Any, name: str) -> None:
    """Assert that grids of images fill their width, whatever stands below them."""
    assert all(share > 0.95 for share in page.evaluate(FILLED)), f"{name} has a grid that is too narrow"
