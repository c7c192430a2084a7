from __future__ import annotations

import numpy as np
import pandas as pd
from plotly.subplots import make_subplots

from faceinv.figures import charts
from faceinv.figures.end_labels import add_end_labels, moved_apart


def test_labels_that_are_apart_stay() -> None:
    assert moved_apart([5.0, 0.0, 2.0], 1.0) == [5.0, 0.0, 2.0]


def test_labels_that_touch_move_apart_in_their_order() -> None:
    assert np.allclose(moved_apart([0.0, 0.1, 5.0], 1.0), [-0.45, 0.55, 5.0])
    assert np.allclose(moved_apart([1.0, 1.0, 1.0], 0.5), [0.5, 1.0, 1.5])


def test_groups_that_would_touch_are_joined() -> None:
    found = moved_apart([0.0, 0.2, 1.0, 1.2], 1.0)
    assert np.allclose(found, [-0.9, 0.1, 1.1, 2.1])


def curves(names: list[str]) -> pd.DataFrame:
    rows = [(name, x, k + x, k, k + 2, 3) for k, name in enumerate(names) for x in (0.0, 1.0)]
    return pd.DataFrame(rows, columns=["mask", "fraction", "estimate", "low", "high", "seeds"])


def test_few_lines_are_labelled_at_their_ends_and_many_in_the_legend() -> None:
    few = charts.curves(curves(["a", "b"]), "fraction", "mask")
    assert [(each.text, each.x, each.y) for each in few.layout.annotations] == [("a", 1, 1), ("b", 1, 2)]
    assert not any(trace.showlegend for trace in few.data)
    many = charts.curves(curves(list("abcdefgh")), "fraction", "mask")
    assert not many.layout.annotations and sum(trace.showlegend is True for trace in many.data) == 8


def test_other_lines_wait_in_the_legend() -> None:
    figure = charts.curves(curves(["a", "b", "c"]), "fraction", "mask", first=["c", "a"])
    waiting = {trace.name for trace in figure.data if trace.visible == "legendonly" and trace.showlegend}
    assert waiting == {"b"} and [each.text for each in figure.layout.annotations] == ["a", "c"]


def test_the_axis_of_all_panels_reaches_the_highest_of_them() -> None:
    figure = make_subplots(1, 3, shared_yaxes=True)
    for column, heights in enumerate([(0, 1), (0, 5), (0, 2)], 1):
        figure.add_scatter(x=[0, 1], y=heights, row=1, col=column)
    figure.update_layout(height=400)
    add_end_labels(figure, {"a": (1, 2)}, {"a": "#000000"}, 3)
    assert figure.layout.yaxis.range[1] > 5 and figure.layout.yaxis3.range[0] < 0
