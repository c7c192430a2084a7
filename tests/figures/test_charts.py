import base64
import io
import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from faceinv.figures import charts, image_grid, palette, style


def intervals() -> pd.DataFrame:
    rows = [
        (task, mask, x, x / 2, x / 2 - 0.1, x / 2 + 0.1, 3)
        for task in ("gender", "identity")
        for mask in ("most", "random")
        for x in (0.2, 0.1, 1.0)
    ]
    return pd.DataFrame(rows, columns=["task", "mask", "fraction", "estimate", "low", "high", "seeds"])


def test_curves_draw_a_line_and_a_band_for_each_condition() -> None:
    figure = charts.curves(intervals(), "fraction", "mask", "task", chance={"gender": 0.5})
    lines = [trace for trace in figure.data if trace.hoverinfo != "skip"]
    assert len(lines) == 4 and len(figure.data) == 12
    assert list(lines[0].x) == [0.1, 0.2, 1.0]
    assert [trace.name for trace in lines] == ["most", "random"] * 2
    assert [each.text for each in figure.layout.annotations] == [
        "gender",
        "identity",
        "chance",
        "most",
        "random",
    ]
    bands = [trace for trace in figure.data if trace.fill == "tonexty"]
    assert np.allclose(bands[0].y, [0.15, 0.2, 0.6])
    assert len(figure.layout.shapes) == 1


def test_points_carry_their_intervals() -> None:
    figure = charts.points(intervals().query("fraction == 1"), "mask", "task")
    assert len(figure.data) == 2
    assert np.allclose(figure.data[0].error_x.array, 0.1)
    assert list(figure.layout.yaxis.ticktext) == ["most", "random"]
    assert figure.data[0].y[0] < figure.data[0].y[1] < 1  # the first value on top, colours apart


@pytest.mark.parametrize("kind", ["curves", "points"])
def test_points_have_names_of_their_own_and_columns_for_what_they_carry(kind: str) -> None:
    table = intervals() if kind == "curves" else intervals().query("fraction == 1")
    x = "fraction" if kind == "curves" else "mask"
    colour = "mask" if kind == "curves" else "task"
    figure = getattr(charts, kind)(table, x, colour, panel="task")
    drawn = [trace for trace in figure.data if trace.hoverinfo != "skip" and len(trace.x)]
    names = [name for trace in drawn for name in trace.ids]
    assert len(set(names)) == len(names) == len(table)
    assert style.point("gender", *(("most", 0.1) if kind == "curves" else ("gender", "most"))) in names
    for trace in drawn:
        assert trace.meta["panel"] in ("gender", "identity")
        assert trace.meta["columns"][:3] == ["low", "high", "seeds"]
        assert len(trace.meta["columns"]) == trace.customdata.shape[1]


def test_a_number_in_a_name_is_written_as_it_is_read() -> None:
    assert style.point("a", 0.1 + 0.2, np.float64(2), 7) == "a | 0.3 | 2 | 7"


def test_a_sheet_holds_the_images_in_reading_order() -> None:
    images = np.zeros((5, 4, 4, 3), np.uint8)
    images[3] = 200
    figure = image_grid.sheet(images, list("abcde"), columns=2, scale=1, smooth=False)
    source = figure.layout.images[0].source
    sheet = np.asarray(Image.open(io.BytesIO(base64.b64decode(source.split(",")[1]))))
    assert sheet.shape == (24, 16, 4)
    assert (sheet[10:14, 10:14, 0] == 200).all() and sheet[..., 0].astype(bool).sum() == 16
    assert list(figure.data[0].text) == list("abcde")
    shape = figure.layout.meta
    assert shape["width"] / (shape["height"] - figure.layout.margin.t) > 16 / 24  # room for the labels
    assert sheet[0, 0, 3] == 0  # nothing between the images: the page shows through


@pytest.mark.parametrize(("heads", "least"), [((), 36), (("a",) * 12, 56)])
def test_a_sheet_scrolls_before_its_images_are_too_small(heads: tuple[str, ...], least: int) -> None:
    shape = image_grid.sheet(np.zeros((12, 64, 64, 3), np.uint8), [""] * 12, 12, heads=heads).layout.meta
    assert shape["least"] - 10 == 12 * least < shape["width"]


def test_a_small_sheet_is_not_stretched() -> None:
    shape = image_grid.sheet(np.zeros((2, 8, 8, 3), np.uint8), [""] * 2, 2, scale=1).layout.meta
    assert shape["least"] == shape["width"] == 10 + 2 * 12


def test_overlay_is_warm_for_the_class_cold_against_it_and_scaled_by_image() -> None:
    images = np.full((2, 10, 10, 3), 128, np.uint8)
    maps = np.zeros((2, 10, 10))
    maps[0, :5], maps[0, 5:] = 1, -1
    maps[1] = maps[0] * 1000
    painted = image_grid.overlay(images, maps).astype(int)
    assert (painted[0, 0, 0, 0] > painted[0, 0, 0, 2] + 50) and (
        painted[0, 9, 0, 2] > painted[0, 9, 0, 0] + 50
    )
    assert np.array_equal(painted[0], painted[1])
    flat = image_grid.overlay(images, np.zeros((2, 10, 10)))
    assert (flat == flat[0, 0, 0, 0]).all()


def test_show_gives_html_without_the_script_and_the_native_form(capsys: pytest.CaptureFixture) -> None:
    from IPython.core.displaypub import CapturingDisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    shell.display_pub = CapturingDisplayPublisher()
    style.show_figure(charts.points(intervals().query("fraction == 1"), "mask", "task"))
    style.show_figure(image_grid.sheet(np.zeros((2, 8, 8, 3), np.uint8), ["a", "b"], 2), "<p>below</p>")
    output, sheet = shell.display_pub.outputs
    InteractiveShell.clear_instance()
    assert "plotly-graph-div" in output["data"]["text/html"]
    assert len(output["data"]["text/html"]) < 60_000
    assert "height:calc(" in sheet["data"]["text/html"]
    assert sheet["data"]["text/html"].endswith("<p>below</p>")
    assert '"format": "svg"' in output["data"]["text/html"]
    assert "height:calc(" not in output["data"]["text/html"]
    json.dumps(output["data"]["application/vnd.plotly.v1+json"])


def test_learning_curves_have_the_colour_of_their_task_and_one_entry_for_each_part() -> None:
    rows = [
        (task, seed, epoch, 0.5 + 0.1 * epoch, 0.4 + 0.1 * epoch, epoch == 1)
        for task in ("identity", "gender")
        for seed in (0, 1)
        for epoch in (0, 1)
    ]
    table = pd.DataFrame(rows, columns=["task", "seed", "epoch", "train", "validation", "kept"])
    figure = charts.learning(table, {"gender": 0.5, "identity": 0.05})
    assert [trace.name for trace in figure.data if trace.showlegend] == ["training", "validation"]
    assert [each.text for each in figure.layout.annotations] == ["gender", "identity"]
    solid = [trace for trace in figure.data if trace.name == "validation"]
    assert len(solid) == 4 and list(solid[0].marker.size) == [3, 9]
    assert {trace.marker.color for trace in solid} == set(palette.OF_TASK.colours.values())
    by_set = charts.learning(
        table.rename(columns={"seed": "set"}), {"gender": 0.5, "identity": 0.05}, line="set"
    )
    assert [trace.name for trace in by_set.data if trace.showlegend] == ["0", "1"]


def test_long_titles_of_panels_are_broken_so_that_they_do_not_touch() -> None:
    rows = [(name, "a", 0.5, 0.4, 0.6, 3) for name in ("area under the ROC of pixels", "hits", "mass")]
    table = pd.DataFrame(rows, columns=["measure", "method", "estimate", "low", "high", "seeds"])
    figure = charts.points(table, "method", "measure", panel="measure")
    titles = [each.text for each in figure.layout.annotations]
    assert titles == ["area under the<br>ROC of pixels", "hits", "mass"] and figure.layout.margin.t == 54
    assert {trace.meta["panel"] for trace in figure.data} == {row[0] for row in rows}


@pytest.mark.parametrize(
    ("panels", "title", "wide"),
    [
        (1, "accuracy; chance-corrected", False),
        (3, "accuracy;<br>chance-corrected", False),
        (4, "accuracy;<br>chance-corrected", True),
    ],
)
def test_titles_of_axes_are_broken_and_many_panels_have_the_width_of_the_page(
    panels: int, title: str, wide: bool
) -> None:
    rows = [(f"measure {k}", "a", 0.5, 0.4, 0.6, 3) for k in range(panels)]
    table = pd.DataFrame(rows, columns=["measure", "method", "estimate", "low", "high", "seeds"])
    labels = {"estimate": "accuracy; chance-corrected"}
    figure = charts.points(table, "method", "measure", labels, panel="measure")
    assert figure.layout.xaxis.title.text == title
    assert style.is_wide(figure) is wide
