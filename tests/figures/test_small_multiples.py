"""Small multiples: what they draw, and that a page shows them whole."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import plotly.io as pio
import pytest

from faceinv.figures import small_multiples
from faceinv.figures.style import point
from faceinv.perturbations.transformations import PUBLISHED, TRANSFORMATIONS

ARCHITECTURES = ("alexnet", "squeezenet1_1", "vgg16_bn", "googlenet", "resnet18", "resnet50", "densenet121")
STRATEGIES = ("scratch", "objects, finetuned", "faces, finetuned", "faces, frozen")


def intervals() -> pd.DataFrame:
    """Simulated curves of all architectures, published transformations and strategies."""
    rng = np.random.default_rng(0)
    rows = []
    for architecture, name, strategy in product(ARCHITECTURES, PUBLISHED, STRATEGIES):
        transformation = TRANSFORMATIONS[name]
        strongest = transformation.strength(transformation.levels[-1])
        top, reach = rng.uniform(0.6, 0.98), rng.uniform(0.5, 1.2) * strongest
        for level in transformation.levels_at(64)[::-1]:
            estimate = 0.05 + (top - 0.05) * np.exp(-((transformation.strength(level) / reach) ** 2) * 2)
            width = rng.uniform(0.01, 0.05)
            rows.append(
                (architecture, name, strategy, level, estimate, estimate - width, estimate + width, 3)
            )
    columns = ["architecture", "transformation", "strategy", "level", "estimate", "low", "high", "seeds"]
    return pd.DataFrame(rows, columns=columns)


def test_every_curve_is_in_its_panel_with_its_band() -> None:
    table = intervals()
    figure = small_multiples.tolerance(table, chance=0.05)
    lines = [trace for trace in figure.data if trace.hoverinfo != "skip"]
    assert len(lines) == 7 * 5 * 4 and len(figure.data) == 2 * len(lines)
    assert [trace.name for trace in figure.data if trace.showlegend] == list(STRATEGIES)
    (one,) = (trace for trace in lines if (trace.xaxis, trace.name) == ("x8", "faces, frozen"))
    assert one.yaxis == "y8"  # second row, third column: squeezenet1_1 and rotation
    part = table.query("architecture == 'squeezenet1_1' and transformation == 'rotation'")
    part = part[part["strategy"] == "faces, frozen"].sort_values("level")
    assert np.allclose(one.y, part["estimate"], atol=1e-4) and list(one.x) == list(range(7))
    assert one.customdata[3][0] == "20°"
    assert one.ids[3] == point("squeezenet1_1", "rotation", "faces, frozen", 20)
    assert one.meta["row"] == "squeezenet1_1" and one.meta["transformation"] == "rotation"
    assert len(one.meta["columns"]) == len(one.customdata[3])
    names = [name for trace in lines for name in trace.ids]
    assert len(set(names)) == len(names) == len(table)
    bands = [trace for trace in figure.data if trace.hoverinfo == "skip" and trace.xaxis == "x8"]
    assert np.allclose(bands[3].y[:7], part["low"], atol=1e-4)
    assert np.allclose(bands[3].y[7:], part["high"][::-1], atol=1e-4)
    assert len(figure.layout.shapes) == 35
    assert "3 seeds" in figure.layout.title.text and "chance, 0.05" in figure.layout.title.text


def test_curves_may_be_missing_and_lines_keep_their_colour() -> None:
    table = intervals()
    gone = (table["architecture"] == "alexnet") & (table["strategy"] == "scratch")
    figure = small_multiples.tolerance(table[~gone], order=STRATEGIES)
    colours = {trace.name: trace.line.color for trace in figure.data if trace.hoverinfo != "skip"}
    whole = small_multiples.tolerance(table, order=STRATEGIES)
    assert colours == {t.name: t.line.color for t in whole.data if t.hoverinfo != "skip"}
    assert sum(bool(trace.showlegend) for trace in figure.data) == 4


def test_one_column() -> None:
    figure = small_multiples.tolerance(intervals().query("transformation == 'resolution'"))
    assert figure.layout.xaxis.ticktext == ("64 px", "40 px", "16 px")


def test_names_fit_and_a_narrow_page_scrolls_the_figure_only(
    browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from faceinv.figures import style

    figure = small_multiples.tolerance(intervals(), chance=0.05)
    shown: list[dict] = []
    with monkeypatch.context() as patch:
        patch.setattr(style, "display", lambda bundle, raw: shown.append(bundle))
        style.show_figure(figure)
    page = tmp_path / "page.html"
    script = pio.to_html(figure, include_plotlyjs=True).split("</script>")
    library = next(part for part in script if re.search(r"plotly\.js v", part))
    library = library[library.index("<script") :] + "</script>"
    page.write_text(f"<meta name=viewport content='width=device-width'>{library}{shown[0]['text/html']}")
    for width in (900, 390):
        tab = browser.new_page(viewport={"width": width, "height": 900})
        tab.goto(page.as_uri())
        tab.wait_for_selector(".legend .traces")
        assert tab.locator(".legend .traces").count() == 4
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        assert tab.locator(".js-plotly-plot").bounding_box()["width"] >= small_multiples.LEAST_WIDTH
        tab.close()
