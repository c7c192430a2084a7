"""Small multiples: many curves in one figure, a panel for each row and column, on shared axes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from faceinv.figures.overlay import ABOVE, BELOW, Layer, interval_bars, layers_of, values_in_order
from faceinv.figures.palette import INK, Look, faded, looks
from faceinv.figures.style import TEMPLATE, point
from faceinv.perturbations.transformations import named

PANEL_HEIGHT = 116
"""Height of a row of panels, in pixels."""

HEAD, FOOT = 74, 34
"""Space above the panels for the legend and column names, and below them for levels, in pixels."""

LEAST_WIDTH = 680
"""Width in pixels below which the figure scrolls (see `faceinv.figures.style.show_figure`)."""

LEGEND_ROW = 30
"""Height of a row of the legend in pixels."""


def tolerance(
    table: pd.DataFrame,
    colour: str = "strategy",
    row: str = "architecture",
    value: str = "accuracy",
    chance: float | None = None,
    order: Sequence[str] | None = None,
) -> go.Figure:
    """Tolerance curves: panels by `row` (down) and transformation (across), one line for each `colour`.

    Levels are equally spaced with the identity at the left, and all panels share the y axis. A click on the
    legend hides a line in all panels.

    Parameters
    ----------
    table : DataFrame with transformation, level, estimate, low, high and seeds (see `Bootstrap.interval`) and
        the columns `row` and `colour`
    value : name of the estimated quantity
    chance : height of a dotted line in every panel
    order : values of `colour` in the order of the legend
    """
    rows, columns = (values_in_order(table, name) for name in (row, "transformation"))
    lines, drawn = values_in_order(table, colour, order), layers_of(table)
    looked = looks(lines)
    height = PANEL_HEIGHT * len(rows)
    figure = make_subplots(
        len(rows),
        len(columns),
        shared_xaxes="columns",
        shared_yaxes="all",
        column_titles=columns,
        horizontal_spacing=0.022,
        vertical_spacing=14 / height,
    )
    levels = {name: _levels(table, name) for name in columns}
    for layer in drawn:
        for (i, j, k), part in _panels(layer.rows, (row, rows), ("transformation", columns), (colour, lines)):
            where = (str(rows[i]), columns[j], str(lines[k]))
            place = {"row": i + 1, "col": j + 1}
            _line(figure, layer, part, where, levels[columns[j]], looked[lines[k]], place)
    shown = set()
    for trace in figure.data:
        trace.showlegend = trace.hoverinfo != "skip" and trace.name not in shown
        if trace.showlegend:
            shown.add(trace.name)
    for j, column in enumerate(columns, 1):
        ticks = [named(column).text(level) for level in levels[column]]
        step = 3 if len(ticks) > 5 else 2
        figure.update_xaxes(
            range=[-0.8, len(ticks) - 0.2],  # space between the labels of adjacent panels
            tickvals=list(range(0, len(ticks), step)),
            ticktext=ticks[::step],
            col=j,
        )
    for i, name in enumerate(rows, 1):
        figure.update_yaxes(title={"text": str(name), "standoff": 4, "font": {"size": 12}}, row=i, col=1)
    low = min(0.0, float(table["low"].min()))
    figure.update_yaxes(
        range=[low, max(1.02, float(table["high"].max()))], tickvals=[0, 0.5, 1], tickfont={"size": 10}
    )
    figure.update_xaxes(ticks="", tickfont={"size": 10}, tickangle=0)
    figure.update_annotations(font={"size": 13})
    if chance is not None:
        figure.layout.shapes = _level_lines(figure, chance)
    text = f"{value}, {_seeds(drawn)}" + (f"; dotted: chance, {chance:.3g}" if chance is not None else "")
    head = (
        HEAD
        + 18 * (len(drawn) - 1)
        + LEGEND_ROW * (_legend_rows([trace.name for trace in figure.data if trace.showlegend]) - 1)
    )
    return figure.update_layout(
        template=TEMPLATE,
        title={
            "text": text,
            "font": {"size": 13},
            "y": 1,
            "yanchor": "top",
            "pad": {"t": 8 + 14 * (len(drawn) - 1)},
        },
        height=height + head + FOOT,
        margin={"l": 64, "r": 8, "t": head, "b": FOOT},
        legend={"yref": "paper", "y": 1 + 22 / height, "yanchor": "bottom"},
        meta={"least": LEAST_WIDTH},
    )


def _legend_rows(names: Sequence[object]) -> int:
    """Number of rows of a legend with these names in a figure of `LEAST_WIDTH`."""
    rows, left = 1, LEAST_WIDTH - 72
    for width in (46 + 7 * len(str(name)) for name in names):
        if width > left:
            rows, left = rows + 1, LEAST_WIDTH - 72
        left -= width
    return rows


Key = tuple[int, int, int]


def _panels(table: pd.DataFrame, *keys: tuple[str, list]) -> list[tuple[Key, pd.DataFrame]]:
    """The curves of a table with the indices of their row, column and line, in order."""
    places = [table[name].map({value: i for i, value in enumerate(values)}) for name, values in keys]
    indices = pd.concat(places, axis=1, keys=["row", "column", "line"]).dropna().astype(int)
    groups = table.loc[indices.index].groupby([indices[name] for name in indices], sort=True)
    return [((int(i), int(j), int(k)), part) for (i, j, k), part in groups]


def _line(
    figure: go.Figure,
    layer: Layer,
    part: pd.DataFrame,
    where: tuple[str, str, str],
    levels: Sequence[float],
    drawn_as: Look,
    place: dict[str, int],
) -> None:
    """Add one curve to a panel, with its band, or a run's points over the evidence's.

    `where` is its row, its transformation and its name; `levels` are those of the panel in order.
    """
    name, transformation, ink = where[2], named(where[1]), drawn_as.colour
    part = part.assign(strength=part["level"].map(transformation.strength)).sort_values("strength")
    steps = part["level"].map(levels.index).to_numpy()
    part = part.round({"estimate": 4, "low": 4, "high": 4})
    low, high = part["low"].to_numpy(), part["high"].to_numpy()
    if layer.role == ABOVE:
        look = interval_bars(layer, part, drawn_as, "y", size=7)
        look["error_y"] |= {"thickness": 1, "width": 0, "color": faded(ink, 0.6)}
    else:
        figure.add_scatter(
            x=np.r_[steps, steps[::-1]],
            y=np.r_[low, high[::-1]],
            fill="toself",
            fillcolor=faded(ink, 0.18),
            line={"width": 0},
            mode="lines",
            hoverinfo="skip",
            name=name,
            legendgroup=name,
            **place,
        )
        marker = {} if layer.role == BELOW else {"marker": {"size": 3.5}}
        mode = "lines" if layer.role == BELOW else "lines+markers"
        look = {"mode": mode, "line": {"color": ink, "width": 1.5, "dash": drawn_as.dash}, **marker}
    columns = ["level", "low", "high", "seeds"]
    figure.add_scatter(
        x=steps,
        y=part["estimate"].to_numpy(),
        name=name,
        legendgroup=name,
        ids=None if layer.role == BELOW else [point(*where, level) for level in part["level"]],
        meta={"row": where[0], "transformation": where[1], **layer.meta, "columns": columns},
        customdata=[
            (transformation.text(level), *interval)
            for level, *interval in zip(part["level"], low, high, part["seeds"], strict=True)
        ],
        hovertemplate=f"{layer.note}{name}<br>{transformation.name} %{{customdata[0]}}: %{{y:.3f}} "
        "[%{customdata[1]:.3f}, %{customdata[2]:.3f}]<br>%{customdata[3]} seeds<extra></extra>",
        **look,
        **place,
    )


def _level_lines(figure: go.Figure, height: float) -> list[go.layout.Shape]:
    """A dotted line at one height in every panel: faster than `add_hline`, which searches all traces."""
    panels = dict.fromkeys((trace.xaxis, trace.yaxis) for trace in figure.data)
    line = {"dash": "dot", "color": INK, "width": 1}
    return [
        go.layout.Shape(type="line", xref=f"{x} domain", x0=0, x1=1, yref=y, y0=height, y1=height, line=line)
        for x, y in panels
    ]


def _levels(table: pd.DataFrame, transformation: str) -> list[float]:
    """The levels of one transformation in the table, from the identity on."""
    levels = table.loc[table["transformation"] == transformation, "level"].unique()
    return sorted(levels, key=named(transformation).strength)


def _seeds(drawn: Sequence[Layer]) -> str:
    """The number of seeds that the intervals are based on, in words."""
    said = []
    for layer in drawn:
        low, high = layer.rows["seeds"].min(), layer.rows["seeds"].max()
        seeds = f"{low} seeds" if low == high else f"{low} to {high} seeds"
        if layer.name:
            said.append(f"{layer.name}, {seeds} ({'points' if layer.role == ABOVE else 'lines and bands'})")
        else:
            said.append(
                f"mean{'' if low == high else 's'} and interval{'' if low == high else 's'} over {seeds}"
            )
    return ";<br>".join(said)
