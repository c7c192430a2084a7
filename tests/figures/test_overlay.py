"""Figures of a table with the evidence draw both runs, apart and named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from faceinv.figures import charts, generalization_matrix, small_multiples
from faceinv.figures.overlay import ABOVE, ALONE, BELOW, clipped_range, layers_of
from faceinv.reporting.tables import RUN

FULL, QUICK = "evidence: full run", "this run: quick"


def both(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Estimates of 1, 2, 3 ... tenths in the evidence, and of 5 hundredths more in this run."""
    table = pd.DataFrame(rows).assign(estimate=[0.1 * (i + 1) for i in range(len(rows))])
    full = table.assign(low=table["estimate"] - 0.02, high=table["estimate"] + 0.02, seeds=10, **{RUN: FULL})
    quick = table.assign(estimate=table["estimate"] + 0.05, seeds=3, **{RUN: QUICK})
    quick = quick.assign(low=quick["estimate"] - 0.06, high=quick["estimate"] + 0.06)
    return pd.concat([full, quick], ignore_index=True)


def drawn(figure: go.Figure, name: str) -> list[go.Scatter]:
    """The traces of a run that carry its numbers."""
    return [trace for trace in figure.data if (trace.meta or {}).get(RUN) == name]


MASKS: list[dict[str, object]] = [
    {"mask": mask, "task": task, "fraction": x, "relation": mask}
    for mask in ("most", "random")
    for task in ("gender", "identity")
    for x in (0.1, 0.3)
]
LEVELS: list[dict[str, object]] = [
    {"architecture": "a", "strategy": "s", "transformation": "blur", "level": x} for x in (0, 1, 2)
]
AT_TENTH = [row for row in MASKS if row["fraction"] == 0.1]
FIGURES = {
    "curves": lambda: charts.curves(both(MASKS), "fraction", "mask", "task"),
    "points": lambda: charts.points(both(AT_TENTH), "mask", "task"),
    "panels": lambda: charts.points(both(AT_TENTH), "mask", "task", panel="task"),
    "relations": lambda: generalization_matrix.relations(both(AT_TENTH), "task"),
    "tolerance": lambda: small_multiples.tolerance({"": both(LEVELS[:2])}),
}


def test_every_colour_is_in_the_legend_once_whichever_run_and_panel_has_it() -> None:
    rows = both([{"mask": mask, "task": task, "part": task} for task in "ab" for mask in ("most", "random")])
    rows["mask"] = rows["mask"] + rows["part"]
    # this run has the second panel alone, and one colour less
    shown = rows[(rows[RUN] == FULL) | (rows["part"] == "b") & (rows["mask"] != "randomb")]
    figure = charts.points(shown, "part", "mask", panel="task")
    entries = {trace.name: trace for trace in figure.data if trace.showlegend}
    named = [name for name in entries if name in set(rows["mask"])]
    assert sorted(named) == sorted(set(rows["mask"]))
    assert sum(bool(trace.showlegend) for trace in figure.data) == len(entries) == len(named) + 2
    assert all(len(entries[name].x) for name in named)
    assert entries["mostb"].meta[RUN] == QUICK and entries["randomb"].meta[RUN] == FULL


@pytest.mark.parametrize("kind", list(FIGURES))
def test_both_runs_are_drawn_apart_and_named(kind: str) -> None:
    figure = FIGURES[kind]()
    below, above = drawn(figure, FULL), drawn(figure, QUICK)
    assert below and len(below) == len(above)
    axis = "y" if kind in ("curves", "tolerance") else "x"
    numbers = [sorted(v for trace in part for v in trace[axis]) for part in (below, above)]
    assert [round(b - a, 4) for a, b in zip(*numbers, strict=True)] == [0.05] * len(numbers[0])
    for trace in (*below, *above):
        assert trace.meta[RUN] in trace.hovertemplate
    # the faces behind a point are those of this run
    assert all(trace.ids is None for trace in below) and all(
        len(trace.ids) == len(trace.x) for trace in above
    )
    order = [trace.meta[RUN] for trace in figure.data if (trace.meta or {}).get(RUN)]
    assert kind in ("curves", "panels") or order == sorted(order)  # the evidence is below
    titles = " ".join([trace.name or "" for trace in figure.data] + [str(figure.layout.title.text)])
    assert f"{FULL}, 10 seeds" in titles and f"{QUICK}, 3 seeds" in titles


@pytest.mark.parametrize("kind", ["curves", "points", "relations", "tolerance"])
def test_the_interval_of_each_run_is_its_own(kind: str) -> None:
    figure = FIGURES[kind]()
    (above, *_) = drawn(figure, QUICK)
    bar = above.error_y if kind in ("curves", "tolerance") else above.error_x
    assert [round(value, 4) for value in bar.array] == [0.06] * len(bar.array)
    (below, *_) = drawn(figure, FULL)
    wide = below.error_x.array
    if wide is not None:
        assert [round(value, 4) for value in wide] == [0.02] * len(wide)
        assert below.error_x.thickness > 3 * bar.thickness


def test_what_this_run_lacks_is_shown_from_the_evidence() -> None:
    table = both(MASKS)
    part = table[(table[RUN] == FULL) | (table["mask"] == "most")]
    figure = charts.curves(part, "fraction", "mask", "task", order=["most"])
    assert {trace.name for trace in drawn(figure, FULL)} == {"most", "random"}
    assert sum(len(trace.x) for trace in drawn(figure, QUICK)) == 4


def test_levels_of_both_runs_share_their_places() -> None:
    table = both(LEVELS)
    table = table[(table[RUN] == FULL) | (table["level"] != 1)]
    figure = small_multiples.tolerance({"": table})
    assert list(drawn(figure, QUICK)[0].x) == [0, 2] and list(drawn(figure, FULL)[0].x) == [0, 1, 2]


def test_a_measure_without_evidence_leaves_the_lines_of_the_evidence_out() -> None:
    table = both(LEVELS)
    alone = table[table[RUN] == QUICK].drop(columns=RUN)
    figure = small_multiples.tolerance({"accuracy": table, "normalised": alone})
    numbers = figure.layout.updatemenus[0].buttons[1].args[0]["y"]
    (below,), (above,) = drawn(figure, FULL), drawn(figure, QUICK)
    assert np.isnan(numbers[figure.data.index(below)]).all()
    assert np.allclose(numbers[figure.data.index(above)], alone["estimate"])


def test_cells_of_a_matrix_show_the_evidence_and_this_run_in_brackets() -> None:
    pairs: list[dict[str, object]] = [{"maker": m, "reader": r} for m in ("a", "b") for r in ("a", "b")]
    figure = generalization_matrix.matrix(both(pairs), ["a", "b"])
    heat, *texts = figure.data
    assert heat.z.round(4).tolist() == [[0.1, 0.2], [0.3, 0.4]]
    assert heat.customdata[1][0][3] == pytest.approx(0.35)  # this run's estimate of the same cell
    written = {(x, y): text for each in texts for x, y, text in zip(each.x, each.y, each.text, strict=True)}
    assert written[("a", "b")] == "0.30 (0.35)"
    assert len(heat.meta["columns"]) == heat.customdata.shape[2]
    assert FULL in figure.layout.title.text and QUICK in figure.layout.title.text


def test_accuracies_of_both_runs_share_a_place() -> None:
    means = both([{"task": "gender"}, {"task": "identity"}])
    by_seed = pd.DataFrame({"task": ["gender"] * 3, "seed": [0, 1, 2], "correct": [0.1, 0.2, 0.3]})
    figure = charts.accuracies(means, by_seed, {"gender": 0.5, "identity": 0.1})
    assert [trace.x[0] for trace in drawn(figure, FULL)] == [0, 1]
    assert [trace.x[0] for trace in drawn(figure, QUICK)] == [0, 1]


def test_a_run_alone_is_drawn_as_before() -> None:
    table = both(MASKS)
    alone = table[table[RUN] == QUICK].drop(columns=RUN)
    figure = charts.points(alone[alone["fraction"] == 0.1], "mask", "task")
    assert len(figure.data) == 2 and all(RUN not in trace.meta for trace in figure.data)
    assert [layer.role for layer in layers_of(alone)] == [ALONE]
    assert [layer.role for layer in layers_of(table.iloc[::-1])] == [BELOW, ABOVE]


def wide() -> pd.DataFrame:
    """Ten intervals of width 0.2, of which one reaches from -6 to 2."""
    rows = pd.DataFrame({"estimate": np.linspace(0, 0.4, 10)}).assign(
        seeds=3, group="g", row=list("abcdefghij")
    )
    rows = rows.assign(low=rows["estimate"] - 0.1, high=rows["estimate"] + 0.1)
    rows.loc[4, ["low", "high"]] = [-6.0, 2.0]
    return rows


def test_a_wide_interval_does_not_hide_the_others() -> None:
    assert clipped_range(wide()) == pytest.approx((-0.4, 0.8))
    assert clipped_range(wide().drop(4)) is None
    low, high = clipped_range(wide(), [1.0]) or (0, 0)
    assert (low, high) == pytest.approx(
        (-1.0, 2.0)
    )  # the reference widens the range; 2 is where intervals end
    assert clipped_range(wide().assign(estimate=np.nan)) is None
    half = wide()
    half.loc[5:, "high"] = 3.0  # not a few intervals, but half of them
    assert (clipped_range(half) or (0, 0))[1] == 3.0


def test_an_arrow_marks_that_an_interval_goes_on() -> None:
    figure = charts.points(wide(), "row", "group")
    arrows = [trace for trace in figure.data if trace.meta and trace.meta.get("mark") == "continued"]
    assert [(each.marker.symbol, each.x[0], each.y[0]) for each in arrows] == [
        ("triangle-left", pytest.approx(-0.4), 4),
        ("triangle-right", pytest.approx(0.8), 4),
    ]
    assert [each.text[0] for each in arrows] == [
        "The interval extends to -6.00",
        "The interval extends to 2.00",
    ]
    assert figure.layout.xaxis.range[0] > -0.5
    assert figure.data[0].error_x.arrayminus[4] > 6  # the numbers of the figure stay whole
