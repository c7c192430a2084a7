"""Figures of generalization by mask source (maker) and evaluated network (reader), and by relation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from IPython.display import Markdown, display

from faceinv.experiments.conditions import OWN
from faceinv.experiments.relevance.generalization import CONSENSUS, READ_CONTROLS
from faceinv.figures import example_panel, style
from faceinv.figures.example_panel import ExamplesByPoint
from faceinv.figures.style import INK, PALETTE

CONTROLS = (CONSENSUS[1], "untrained", *READ_CONTROLS)
"""Masks that are independent of learning, in the order at the bottom of both figures."""


def show_matrix(figure: go.Figure, table: pd.DataFrame, behind: ExamplesByPoint | None = None) -> None:
    """Display a figure of generalization, or a sentence if its table has no complete row.

    `behind` contains the example faces of its points; those of the matrix are named by maker and reader.
    """
    if table[["estimate", "low", "high"]].notna().all(axis=1).any():
        example_panel.show_with_examples(figure, behind or {})
    else:
        display(Markdown("*No readers of this run are reliably above chance: there is nothing to show.*"))


def matrix(table: pd.DataFrame, conditions: Sequence[str]) -> go.Figure:
    """Generalization of every maker (rows) to every reader (columns), as a heatmap with its values.

    Parameters
    ----------
    table : DataFrame with maker, reader, estimate, low, high and seeds, one row per cell of the matrix: the
        interval of ``generalization(table, ["maker", "reader"])``
    conditions : in the order of rows and columns; those whose names start with the same part (up to a comma)
        should be adjacent, and are separated from the others by lines

    Returns
    -------
    go.Figure
        The consensus and control masks are below the makers, separated by a thicker line.
    """
    makers = set(table["maker"])
    below = [name for name in (CONSENSUS[0], *CONTROLS) if name in makers]
    rows = [*(name for name in conditions if name in makers), *below]
    cells = table.set_index(["maker", "reader"])

    def values(column: str) -> np.ndarray:
        return cells[column].unstack("reader").reindex(index=rows, columns=list(conditions)).to_numpy()

    estimate = values("estimate")
    figure = go.Figure(
        go.Heatmap(
            z=estimate,
            x=[_with_line_breaks(name) for name in conditions],
            y=rows,
            customdata=np.stack([values("low"), values("high"), values("seeds")], axis=-1),
            meta={"columns": ["low", "high", "seeds"]},
            texttemplate="%{z:.2f}",
            colorscale="Cividis",
            zmin=0,
            zmax=1,
            colorbar={"title": {"text": "generalization", "side": "right"}, "thickness": 14},
            hoverongaps=False,
            hovertemplate="from %{y} to %{x}<br>%{z:.3f} [%{customdata[0]:.3f}, %{customdata[1]:.3f}]"
            "<br>%{customdata[2]} seeds<extra></extra>",
        )
    )
    edges = [i for i, (a, b) in enumerate(pairwise(conditions), 1) if _group(a) != _group(b)]
    line = {"color": "white", "width": 2}
    for edge in edges:
        figure.add_vline(edge - 0.5, line=line)
        if edge < len(rows) - len(below):
            figure.add_hline(edge - 0.5, line=line)
    if below:
        figure.add_hline(len(rows) - len(below) - 0.5, line={"color": "white", "width": 5})
    figure.update_xaxes(title="reader", side="top", showgrid=False, ticks="")
    figure.update_yaxes(
        title={"text": "maker", "standoff": 12},
        automargin=True,
        autorange="reversed",
        showgrid=False,
        ticks="",
    )
    margin = {"t": 80, "b": 10}
    # On a phone the matrix scrolls, so that its numbers stay legible.
    least = 270 + 56 * len(conditions)
    return figure.update_layout(
        template=style.TEMPLATE, margin=margin, height=130 + 34 * len(rows), meta={"least": least}
    )


def relations(
    table: pd.DataFrame, colour: str, order: Sequence[str] | None = None, title: str = "generalization"
) -> go.Figure:
    """Generalization by relation of maker and reader, with intervals, and the controls below a line.

    Parameters
    ----------
    table : DataFrame with relation, estimate, low, high, seeds and the column `colour`: the interval of
        ``generalization(table, [colour, "relation"])``
    colour : column of the values shown side by side, such as the reader
    order : relations from top to bottom; by default the network itself, other trained networks, the consensus
        and the controls
    title : of the x axis
    """
    present = list(dict.fromkeys(table["relation"]))
    last = (CONSENSUS[0], *CONTROLS)
    if order is None:
        first = sorted((name for name in present if name not in last), key=lambda n: (n != OWN, len(n)))
        order = [*first, *(name for name in last if name in present)]
    names = [name for name in order if name in present]
    groups = list(dict.fromkeys(table[colour]))
    figure = go.Figure()
    for k, group in enumerate(groups):
        rows = table[(table[colour] == group) & table["relation"].isin(names)]
        offset = 0.5 * ((k + 0.5) / len(groups) - 0.5)
        figure.add_scatter(
            x=rows["estimate"],
            y=[names.index(name) + offset for name in rows["relation"]],
            error_x={
                "type": "data",
                "array": rows["high"] - rows["estimate"],
                "arrayminus": rows["estimate"] - rows["low"],
                "thickness": 1.5,
                "width": 3,
            },
            mode="markers",
            name=str(group),
            marker={"size": 8, "color": PALETTE[k % len(PALETTE)]},
            ids=[style.point(group, name) for name in rows["relation"]],
            customdata=np.stack([rows["relation"], rows["low"], rows["high"], rows["seeds"]], axis=-1),
            meta={"columns": ["relation", "low", "high", "seeds"]},
            hovertemplate=f"%{{customdata[0]}} ({group})<br>%{{x:.3f}} "
            "[%{customdata[1]:.3f}, %{customdata[2]:.3f}]<br>%{customdata[3]} seeds<extra></extra>",
        )
    for value in (0, 1):
        figure.add_vline(value, line={"dash": "dot", "color": INK, "width": 1})
    learned = [name for name in names if name not in CONTROLS]
    if 0 < len(learned) < len(names):
        figure.add_hline(len(learned) - 0.5, line={"color": INK, "width": 1})
    figure.update_yaxes(
        tickvals=list(range(len(names))),
        ticktext=names,
        range=[len(names) - 0.5, -0.5],
        showgrid=False,
        automargin=True,
    )
    figure.update_xaxes(title=title)
    return figure.update_layout(
        template=style.TEMPLATE,
        height=140 + (22 + 7 * len(groups)) * len(names),
        legend={"y": -40 / (22 + 7 * len(groups)) / len(names)},
    )


def _group(name: str) -> str:
    """The group of a condition: the first part of its name."""
    return name.split(",")[0]


def _with_line_breaks(name: str) -> str:
    """A name with one line per part."""
    return name.replace(", ", "<br>")
