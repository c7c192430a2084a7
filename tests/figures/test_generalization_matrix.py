import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from simulated_tables import simulated_masks

from faceinv.experiments.conditions import OWN
from faceinv.experiments.relevance.generalization import generalization
from faceinv.figures import palette
from faceinv.figures.generalization_matrix import CONTROLS, add_cell_texts, matrix, relations, show_matrix


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    conditions = ("none, gender", "none, identity", "faces, gender")
    return simulated_masks(
        lambda m, s, r, t: 0.8 if m == r else 0.5, conditions=conditions, seeds=3, noise=0.05
    )


def test_the_matrix_has_every_maker_and_reader_and_the_controls_below(table: pd.DataFrame) -> None:
    order = ["none, gender", "none, identity", "faces, gender"]
    found = generalization(table, ["maker", "reader"], draws=100).interval()
    figure = matrix(found, order)
    heatmap = figure.data[0]
    assert list(heatmap.y[:3]) == order
    assert list(heatmap.y[3:]) == ["consensus", *CONTROLS]
    assert list(heatmap.x) == [name.replace(", ", "<br>") for name in order]
    cell = found.query("maker == 'faces, gender' and reader == 'none, identity'")["estimate"].item()
    assert heatmap.z[2][1] == cell
    assert heatmap.customdata[2][1][0] <= cell <= heatmap.customdata[2][1][1]
    # one line after "none" each way, and one above the controls
    assert len(figure.layout.shapes) == 3


def test_relations_stand_in_order_with_the_controls_last(table: pd.DataFrame) -> None:
    found = generalization(table, ["reader", "relation"], draws=100).interval()
    figure = relations(found, "reader")
    names = list(figure.layout.yaxis.ticktext)
    assert names[:4] == [OWN, "other seed", "other task", "consensus"]
    assert names[-len(CONTROLS) :] == list(CONTROLS)
    assert len(figure.data) == 3
    assert len(figure.layout.shapes) == 3  # 0, 1, and the line above the controls
    row = found[(found["reader"] == "faces, gender") & (found["relation"] == "other seed")].iloc[0]
    (shown,) = (each for each in figure.data if each.name == "faces, gender")
    place = [round(y) for y in shown.y].index(names.index("other seed"))
    assert shown.x[place] == row["estimate"]
    assert shown.error_x.array[place] == pytest.approx(row["high"] - row["estimate"])


def test_an_order_can_be_given_and_leaves_the_rest_out(table: pd.DataFrame) -> None:
    found = generalization(table, ["reader", "relation"], draws=50).interval()
    figure = relations(found, "reader", ["random", "other seed"])
    assert list(figure.layout.yaxis.ticktext) == ["random", "other seed"]
    assert all(len(trace.x) == 2 for trace in figure.data)


def test_where_nothing_is_known_a_sentence_stands(
    table: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    found = generalization(table, ["reader", "relation"], draws=50).interval()
    show_matrix(relations(found, "reader"), found)
    assert "above chance" not in capsys.readouterr().out
    nothing = found.assign(estimate=float("nan"))
    show_matrix(relations(nothing, "reader"), nothing)
    assert "Markdown" in capsys.readouterr().out


def test_texts_of_cells_have_a_contrast_of_at_least_four_and_a_half() -> None:
    inks = {"black": (0, 0, 0), "white": (255, 255, 255)}
    for scale in (palette.SEQUENTIAL, palette.DIVERGING):
        values = np.linspace(0, 1, 101)[None]
        figure = go.Figure(go.Heatmap(z=values, x=list(range(101)), y=["a"]))
        add_cell_texts(figure, values, [["x"] * 101], scale, (0, 1))
        written = {x: trace.textfont.color for trace in figure.data[1:] for x in trace.x}
        assert len(written) == 101
        for x, ink in written.items():
            assert palette.contrast_ratio(inks[ink], palette.at_share(scale, x / 100)) >= 4.5
