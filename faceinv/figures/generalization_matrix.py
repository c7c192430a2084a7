"""Figures of generalization by mask source (maker) and evaluated network (reader), and by relation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from IPython.display import Markdown, display

from faceinv.experiments.conditions import OWN
from faceinv.experiments.relevance.generalization import CONSENSUS, READ_CONTROLS
from faceinv.figures import example_panel, style
from faceinv.figures.example_panel import ExamplesByPoint
from faceinv.figures.overlay import (
    ABOVE,
    BELOW,
    Layer,
    add_continuations,
    add_key,
    clipped_range,
    interval_bars,
    layers_of,
    values_in_order,
)
from faceinv.figures.palette import INK, SEQUENTIAL, at_share, in_order, legible, looks

CONTROLS = (CONSENSUS[1], "untrained", *READ_CONTROLS)
"""Masks that no trained network made for others, in the order at the bottom of both figures."""


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
        The consensus and control masks are below the makers, separated by a thicker line. Of a table with the
        evidence, cells show its estimates, and those of this run in brackets.
    """
    drawn, conditions = layers_of(table), in_order(conditions)
    both = table
    table = drawn[0].rows
    makers = set(both["maker"])
    below = [name for name in (CONSENSUS[0], *CONTROLS) if name in makers]
    rows = [*(name for name in conditions if name in makers), *below]

    def values(column: str, layer: Layer = drawn[0]) -> np.ndarray:
        cells = layer.rows.set_index(["maker", "reader"])[column].unstack("reader")
        return cells.reindex(index=rows, columns=list(conditions)).to_numpy(float)

    columns = ["low", "high", "seeds"]
    carried = [values(column) for column in columns]
    shown = values("estimate")
    words = [[" ".join(_two_digits(value, np.nan)) for value in row] for row in shown]
    hover = ""
    if len(drawn) > 1:
        names = ["estimate", *columns]
        carried += [values(column, drawn[1]) for column in names]
        columns += [f"{column}, {drawn[1].name}" for column in names]
        pairs = np.stack([values("estimate"), carried[3]], axis=-1)
        words = [[" ".join(_two_digits(a, b)) for a, b in row] for row in pairs]
        hover = (
            f"<br><i>{drawn[1].name}</i><br>%{{customdata[3]:.3f}} [%{{customdata[4]:.3f}}, "
            "%{customdata[5]:.3f}]<br>%{customdata[6]} seeds"
        )
    figure = go.Figure(
        go.Heatmap(
            z=shown,
            x=[_with_line_breaks(name) for name in conditions],
            y=rows,
            customdata=np.stack(carried, axis=-1),
            meta={**drawn[0].meta, "columns": columns},
            colorscale=SEQUENTIAL,
            zmin=0,
            zmax=1,
            colorbar={"title": {"text": "generalization", "side": "right"}, "thickness": 14},
            hoverongaps=False,
            hovertemplate=f"from %{{y}} to %{{x}}<br>{drawn[0].note}%{{z:.3f}} [%{{customdata[0]:.3f}}, "
            f"%{{customdata[1]:.3f}}]<br>%{{customdata[2]}} seeds{hover}<extra></extra>",
        )
    )
    add_cell_texts(figure, shown, words, SEQUENTIAL, (0, 1))
    if len(drawn) > 1:
        title = f"{drawn[0].name} ({drawn[1].name} in brackets)"
        figure.update_layout(
            title={"text": title, "font": {"size": 13}, "y": 1, "yanchor": "top", "pad": {"t": 4}}
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
    margin = {"t": 80 + 24 * (len(drawn) > 1), "b": 10}
    # On a phone the matrix scrolls, so that its numbers stay legible.
    least = 270 + (56 if len(drawn) == 1 else 92) * len(conditions)
    return figure.update_layout(
        template=style.TEMPLATE,
        margin=margin,
        height=130 + 34 * len(rows),
        meta={"least": least, "wide": True},
    )


def add_cell_texts(
    figure: go.Figure,
    values: np.ndarray,
    words: Sequence[Sequence[str]],
    scale: str | Sequence[Sequence[Any]],
    limits: tuple[float, float],
) -> None:
    """Write a text into each cell of a heatmap, in black or white, whichever is more legible on its colour.

    Parameters
    ----------
    figure : with the heatmap alone
    values : of the cells, rows x columns; nan has no text
    words : texts of the cells
    scale, limits : colour scale of the heatmap, and the values at its ends
    """
    heatmap = figure.data[0]
    for ink in ("black", "white"):
        cells = [
            (i, j)
            for (i, j), value in np.ndenumerate(values)
            if not np.isnan(value)
            and legible(at_share(scale, (value - limits[0]) / (limits[1] - limits[0]))) == ink
        ]
        figure.add_scatter(
            x=[heatmap.x[j] for _, j in cells],
            y=[heatmap.y[i] for i, _ in cells],
            mode="text",
            text=[words[i][j] for i, j in cells],
            textfont={"color": ink, "size": 12},
            hoverinfo="skip",
            showlegend=False,
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
    present = values_in_order(table, "relation")
    last = (CONSENSUS[0], *CONTROLS)
    if order is None:
        first = sorted((name for name in present if name not in last), key=lambda n: (n != OWN, len(n)))
        order = [*first, *(name for name in last if name in present)]
    names = [name for name in order if name in present]
    groups, drawn = values_in_order(table, colour), layers_of(table)
    figure, shown = go.Figure(), looks(groups)
    limits = clipped_range(table[table["relation"].isin(names)], (0, 1))
    for layer in drawn:
        for k, group in enumerate(groups):
            rows = layer.rows[(layer.rows[colour] == group) & layer.rows["relation"].isin(names)]
            offset = 0.5 * ((k + 0.5) / len(groups) - 0.5)
            look = interval_bars(layer, rows, shown[group], size=8)
            if layer.role not in (ABOVE, BELOW):
                look["error_x"] |= {"thickness": 1.5, "width": 3}
            heights = [names.index(name) + offset for name in rows["relation"]]
            if limits:
                add_continuations(figure, rows, heights, shown[group].colour, limits)
            figure.add_scatter(
                x=rows["estimate"],
                y=heights,
                name=str(group),
                legendgroup=str(group),
                showlegend=layer is drawn[-1],
                ids=None if layer.role == BELOW else [style.point(group, name) for name in rows["relation"]],
                customdata=np.stack([rows["relation"], rows["low"], rows["high"], rows["seeds"]], axis=-1),
                meta={**layer.meta, "columns": ["relation", "low", "high", "seeds"]},
                hovertemplate=f"{layer.note}%{{customdata[0]}} ({group})<br>%{{x:.3f}} "
                "[%{customdata[1]:.3f}, %{customdata[2]:.3f}]<br>%{customdata[3]} seeds<extra></extra>",
                **look,
            )
    add_key(figure, drawn)
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
    figure.update_xaxes(title=title, range=limits and [limits[0] - 0.03, limits[1] + 0.03])
    return figure.update_layout(
        template=style.TEMPLATE,
        height=140 + (22 + 7 * len(groups)) * len(names),
        legend={"y": -40 / (22 + 7 * len(groups)) / len(names)},
    )


def _two_digits(evidence: float, run: float) -> list[str]:
    """Both numbers of a cell in words, without those that are nan."""
    found = (f"{evidence:z.2f}".replace("-", "−"), evidence), (f"({run:z.2f})".replace("-", "−"), run)
    return [word for word, value in found if not np.isnan(value)]


def _group(name: str) -> str:
    """The group of a condition: the first part of its name."""
    return name.split(",")[0]


def _with_line_breaks(name: str) -> str:
    """A name with one line per part."""
    return name.replace(", ", "<br>")
