"""Small multiples: what they draw, and that a page shows them whole."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import plotly.io as pio
import pytest
from plotly.offline import get_plotlyjs

from faceinv.figures import small_multiples
from faceinv.figures.palette import in_order
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


def lines_of(figure: go.Figure) -> list[go.Scatter]:
    return [trace for trace in figure.data if trace.hoverinfo != "skip"]


def test_every_curve_is_in_its_panel_with_its_band() -> None:
    table = intervals()
    figure = small_multiples.tolerance({"accuracy": table}, chance={"accuracy": 0.05})
    lines = lines_of(figure)
    assert len(lines) == 7 * 5 * 4 and len(figure.data) == 2 * len(lines)
    (one,) = (each for each in lines if each.ids[0].startswith("squeezenet1_1 | rotation | faces, frozen | "))
    assert (one.xaxis, one.yaxis) == ("x3", "y3")  # rotation is the third panel, two a row
    part = table.query("architecture == 'squeezenet1_1' and transformation == 'rotation'")
    part = part[part["strategy"] == "faces, frozen"].sort_values("level")
    assert np.allclose(one.y, part["estimate"], atol=1e-4) and list(one.x) == list(range(7))
    assert one.customdata[3][0] == "20°"
    assert one.ids[3] == point("squeezenet1_1", "rotation", "faces, frozen", 20)
    assert one.meta["row"] == "squeezenet1_1" and one.meta["transformation"] == "rotation"
    assert len(one.meta["columns"]) == len(one.customdata[3])
    names = [name for trace in lines for name in trace.ids]
    assert len(set(names)) == len(names) == len(table)
    band = figure.data[figure.data.index(one) - 1]
    assert np.allclose(band.y[:7], part["low"], atol=1e-4)
    assert np.allclose(band.y[7:], part["high"][::-1], atol=1e-4)
    assert len(figure.layout.shapes) == 5 and "rotation" in figure.layout.xaxis3.title.text


def test_buttons_choose_one_architecture_and_all_its_lines() -> None:
    figure = small_multiples.tolerance({"accuracy": intervals()})
    (menu,) = figure.layout.updatemenus
    assert [button.label for button in menu.buttons][2] == "vgg16_bn" and menu.type == "dropdown"
    assert sum(trace.visible for trace in figure.data) == 2 * 4 * 5  # lines and bands of the first
    (seen,) = (button.args[0]["visible"] for button in menu.buttons if button.label == "vgg16_bn")
    chosen = [trace for trace, visible in zip(figure.data, seen, strict=True) if visible]
    assert {trace.meta["row"] for trace in chosen if trace.meta} == {"vgg16_bn"} and len(chosen) == 40
    assert [trace.name for trace in chosen if trace.showlegend] == in_order(STRATEGIES)


def test_a_figure_opens_on_an_architecture_of_this_run() -> None:
    both = pd.concat(
        [
            intervals().assign(run="evidence: full run"),
            intervals().query("architecture in ['resnet18', 'resnet50']").assign(run="this run: quick"),
        ]
    )
    figure = small_multiples.tolerance({"accuracy": both})
    (menu,) = figure.layout.updatemenus
    assert menu.buttons[menu.active].label == "resnet18"
    assert {trace.meta["row"] for trace in lines_of(figure) if trace.visible and trace.meta} == {"resnet18"}


def test_a_switch_exchanges_the_measure_of_every_curve() -> None:
    table = intervals()
    half = table.assign(**{name: table[name] / 2 for name in ("estimate", "low", "high")})
    figure = small_multiples.tolerance(
        {"accuracy": table, "half": half}, chance={"accuracy": 0.05, "half": 0}
    )
    (switch,) = (menu for menu in figure.layout.updatemenus if menu.buttons[0].label == "accuracy")
    numbers, layout, places = switch.buttons[1].args
    assert list(places) == list(range(len(figure.data)))
    for trace, y, carried in zip(figure.data, numbers["y"], numbers["customdata"], strict=True):
        assert np.allclose(np.array(trace.y) / 2, y, atol=1e-4)
        assert (carried is None) == (trace.hoverinfo == "skip")
    assert layout["yaxis.title.text"] == "half" and layout["shapes"][0]["y0"] == 0
    assert np.allclose(switch.buttons[0].args[0]["y"][3], figure.data[3].y)


def test_curves_may_be_missing_and_lines_keep_their_colour() -> None:
    table = intervals()
    gone = (table["architecture"] == "alexnet") & (table["strategy"] == "scratch")
    colours = {
        trace.name: trace.line.color for trace in lines_of(small_multiples.tolerance({"": table[~gone]}))
    }
    assert colours == {t.name: t.line.color for t in lines_of(small_multiples.tolerance({"": table}))}


def test_one_panel_without_a_choice() -> None:
    one = intervals().query("transformation == 'resolution' and architecture == 'alexnet'")
    figure = small_multiples.tolerance({"accuracy": one}, choice=None)
    assert figure.layout.xaxis.ticktext[::3] == ("64 px", "40 px", "16 px") and not figure.layout.updatemenus
    assert lines_of(figure)[0].ids[0] == point("", "resolution", "scratch", 64)


def test_names_fit_and_a_narrow_page_scrolls_the_figure_only(
    browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from faceinv.figures import style

    figure = small_multiples.tolerance({"accuracy": intervals()}, chance={"accuracy": 0.05})
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


def test_a_page_saves_the_numbers_of_what_is_chosen(browser: Any, tmp_path: Path) -> None:
    from faceinv.book.standalone_page import FIGURES
    from faceinv.figures import style

    table = intervals().query("architecture in ('alexnet', 'vgg16_bn') and transformation == 'blur'")
    figure = small_multiples.tolerance({"accuracy": table})
    page = tmp_path / "page.html"
    scripts = f"<script>{get_plotlyjs()}</script><script>{FIGURES.read_text(encoding='utf-8')}</script>"
    page.write_text(f"<meta charset=utf-8>{scripts}{style.html(figure)}", encoding="utf-8")
    tab = browser.new_page(viewport={"width": 900, "height": 900})
    tab.goto(page.as_uri())
    chosen = []
    for button in ("alexnet", "vgg16_bn"):
        tab.locator(".updatemenu-button", has_text=button).click()
        with tab.expect_download() as download:
            tab.locator(".modebar-btn[data-title*='CSV']").dispatch_event("click")
        head, *rows = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
        chosen.append({row.split(",")[0] for row in rows})
        assert head.startswith("row,transformation,name") and len(rows) == 4 * 7
    assert chosen == [{"alexnet"}, {"vgg16_bn"}]
    tab.close()
