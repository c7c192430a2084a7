"""Charts: curves, points, learning curves and accuracies with intervals.

Readers of a page can download the numbers of a figure (``book/pages/figures.js``). For this, the ``meta`` of
a trace holds what identifies it, such as its panel, and under ``columns`` the names of the columns of
``customdata``; traces without hover, such as bands, repeat others and are left out.

Tables with the column ``run`` (see `faceinv.reporting.tables.Record.compare`) are drawn as the shipped
evidence and this run over it (see `faceinv.figures.overlay`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from textwrap import wrap
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from faceinv.figures.end_labels import LETTER, add_end_labels
from faceinv.figures.overlay import (
    ABOVE,
    ALONE,
    BELOW,
    Layer,
    add_continuations,
    add_key,
    clipped_range,
    interval_bars,
    layers_of,
    values_in_order,
)
from faceinv.figures.palette import INK, Look, faded, looks, panel_looks
from faceinv.figures.style import TEMPLATE, point

FEW = 4
"""Curves up to which bands are drawn strongly; those of many lie on each other."""

LEAST_CURVES, LEAST_POINTS = 210, 140
"""Least width of a panel of curves and of points in pixels; a figure scrolls before panels are narrower."""

TITLE_LETTERS = 66
"""Letters of the titles of all panels that fit beside each other."""

TITLE_LETTER = 8.5
"""Mean width of a letter in the title of a panel in pixels."""

NAME_LETTERS = 30
"""Letters of a line of a name beside a row of points; longer names are broken."""

PARTS = {"train": "training", "validation": "validation"}
"""Parts of the images on which accuracy along training is measured, by column."""

IN_COLUMN = 3
"""Panels up to which a figure fits the column of the text; with more it has the width of the page."""

LABELLED = 6
"""Curves up to which each is labelled at its end."""


def curves(
    table: pd.DataFrame,
    x: str,
    colour: str,
    panel: str | None = None,
    labels: Mapping[str, str] | None = None,
    chance: Mapping[str, float] | None = None,
    order: Sequence[str] | None = None,
    first: Sequence[str] | None = None,
    whole: Mapping[str, float] | None = None,
    dotted: str = "chance",
) -> go.Figure:
    """Estimates with interval bands against `x`: one line per `colour`, one panel per value of `panel`.

    Lines are labelled at their ends if there are few, and otherwise in the legend.

    Parameters
    ----------
    table : DataFrame with estimate, low and high (see `Bootstrap.interval`), and the named columns
    labels : axis titles by column name (``"estimate"`` for the y axis)
    chance : height of the dotted line, by panel
    order : values of `colour` in the order of the legend
    first : values of `colour` that are shown at first; a click on the legend shows the others
    whole : height of the dashed line with the accuracy on whole images, by panel
    dotted : label of the dotted line
    """
    labels = labels or {}
    panels = values_in_order(table, panel) if panel else [""]
    lines = values_in_order(table, colour, order)
    drawn, shown = layers_of(table), looks(lines)
    visible = {name: True if first is None or name in first else "legendonly" for name in lines}
    seen = [name for name in lines if visible[name] is True]
    labelled = seen if 1 < len(seen) <= LABELLED else []
    titles = _titles(panels, LEAST_CURVES)
    figure = make_subplots(1, len(panels), subplot_titles=titles, shared_yaxes=True, horizontal_spacing=0.05)
    for column, which in enumerate(panels, 1):
        for layer in drawn:
            part = layer.rows[layer.rows[panel] == which] if panel else layer.rows
            for name in lines:
                rows = part[part[colour] == name].sort_values(x)
                place = {"row": 1, "col": column}
                if layer.role != ABOVE:
                    opacity = 0.16 if len(lines) <= FEW else 0.07
                    _band(figure, rows, x, name, faded(shown[name].colour, opacity), place, visible[name])
                figure.add_scatter(
                    x=rows[x],
                    y=rows["estimate"],
                    name=name,
                    legendgroup=name,
                    showlegend=column == 1 and layer is drawn[0] and name not in labelled,
                    visible=visible[name],
                    ids=_ids(layer, [(*([which] if panel else []), name, value) for value in rows[x]]),
                    customdata=rows[["low", "high", "seeds"]],
                    meta={"panel": which, **layer.meta, "columns": ["low", "high", "seeds"]},
                    hovertemplate=f"{layer.note}{name}<br>%{{x}}: %{{y:.3f}} "
                    "[%{customdata[0]:.3f}, %{customdata[1]:.3f}]<br>%{customdata[2]} seeds<extra></extra>",
                    **_curve(layer, rows, shown[name]),
                    **place,
                )
        for heights, dash in ((chance, "dot"), (whole, "dash")):
            if heights and which in heights:
                line = {"dash": dash, "color": INK, "width": 1}
                figure.add_hline(heights[which], line=line, row=1, col=column)
        for heights, text, side in ((whole, "whole image", "left"), (chance, dotted, "right")):
            if heights and which in heights and text:
                words = {"text": text, "showarrow": False, "font": {"size": 11}, "yshift": 1}
                at = {"x": int(side == "right"), "xanchor": side, "y": heights[which], "yanchor": "bottom"}
                figure.add_annotation(**words, **at, xref="x domain", row=1, col=column)
    add_key(figure, drawn, _curve)
    title = _broken(labels.get(x, x), len(panels), LEAST_CURVES / LETTER)
    figure.update_xaxes(title=title)
    figure.update_yaxes(title=labels.get("estimate", "estimate"), col=1)
    least, height = LEAST_CURVES * len(panels) + 60, 430 + 18 * title.count("<br>")
    figure.update_layout(
        template=TEMPLATE, height=height, margin={"t": _above(titles)}, meta={"least": least}
    )
    if labelled:
        of_last = drawn[0].rows[drawn[0].rows[panel] == panels[-1]] if panel else drawn[0].rows
        ends = {name: rows.sort_values(x).iloc[-1] for name, rows in of_last.groupby(colour, sort=False)}
        here = {name: (row[x], row["estimate"]) for name, row in ends.items() if name in labelled}
        reach = float(table[x].min()), float(table[x].max())
        space = 0.03 * (reach[1] - reach[0])
        figure.update_xaxes(range=[reach[0] - space, reach[1] + space])
        add_end_labels(figure, here, {name: shown[name].colour for name in lines}, len(panels))
    return figure


def _titles(panels: Sequence[object], width: int) -> list[str]:
    """Titles of panels, broken into lines that fit beside each other."""
    return [_broken(str(name), len(panels), width / TITLE_LETTER) for name in panels]


def _broken(title: str, panels: int, most: float) -> str:
    """A title broken into lines that fit beside those of other panels, each of at most so many letters."""
    letters = TITLE_LETTERS if panels == 1 else max(12, min(int(most), TITLE_LETTERS // panels))
    return "<br>".join(wrap(title, letters, break_long_words=False, break_on_hyphens=False))


def _above(titles: Sequence[str]) -> int:
    """Space for the titles of panels above a figure in pixels."""
    return 18 + 18 * max(title.count("<br>") + 1 for title in titles)


def _band(
    figure: go.Figure,
    rows: pd.DataFrame,
    x: str,
    name: str,
    ink: str,
    place: Mapping[str, int],
    visible: bool | str,
) -> None:
    """Add the intervals of a curve as a band."""
    edge = {"x": rows[x], "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
    edge |= {"visible": visible}
    figure.add_scatter(y=rows["low"], legendgroup=name, **place, **edge)
    fill = {"fill": "tonexty", "fillcolor": ink}
    figure.add_scatter(y=rows["high"], legendgroup=name, **fill, **place, **edge)


def _curve(layer: Layer, rows: pd.DataFrame, look: Look) -> dict[str, Any]:
    """Lines and markers of a curve, as options of a scatter trace: a run over the evidence has no line."""
    if layer.role == ABOVE:
        dots = interval_bars(layer, rows, look, "y", size=8)
        dots["error_y"] |= {"color": faded(look.colour, 0.5), "width": 0}
        return dots
    line = {"color": look.colour, "dash": look.dash}
    if layer.role == BELOW:
        return {"mode": "lines", "line": line}
    return {"mode": "lines+markers", "line": line, "marker": {"size": 5, "symbol": look.symbol}}


def _ids(layer: Layer, names: Sequence[tuple[object, ...]]) -> list[str] | None:
    """Names of points for the faces behind them, which are those of this run's networks."""
    return None if layer.role == BELOW else [point(*values) for values in names]


def points(
    table: pd.DataFrame,
    y: str,
    colour: str,
    labels: Mapping[str, str] | None = None,
    reference: Mapping[str, float] | None = None,
    panel: str | None = None,
    log: Sequence[str] = (),
) -> go.Figure:
    """Estimates with error bars: one row per value of `y` from the top, one colour per value of `colour`.

    An axis ends where a very wide interval would hide the others; an arrow marks that the interval goes on.

    Parameters
    ----------
    table : DataFrame with estimate, low and high (see `Bootstrap.interval`), and the named columns
    labels : axis titles by column name (``"estimate"`` for the x axis)
    reference : position of a dotted line by panel (key ``""`` without panels)
    log : panels with a logarithmic axis
    """
    labels = labels or {}
    panels = values_in_order(table, panel) if panel else [""]
    titles = _titles(panels, LEAST_POINTS)
    figure = make_subplots(1, len(panels), subplot_titles=titles, shared_yaxes=True, horizontal_spacing=0.05)
    places = {value: i for i, value in enumerate(values_in_order(table, y))}
    groups = values_in_order(table, colour)
    drawn, named = layers_of(table), set()
    # The legend shows a colour as the run draws it, or, where only the evidence has it, as the evidence does.
    uppermost = {name: layer for layer in drawn for name in layer.rows[colour].unique()}
    lanes = 1 if colour == panel else len(groups)
    shown = panel_looks(groups) if lanes == 1 else looks(groups)
    for column, which in enumerate(panels, 1):
        of_panel = table[table[panel] == which] if panel else table
        at = [reference[which]] if reference and which in reference else []
        limits = None if which in log else clipped_range(of_panel, at)
        for layer in drawn:
            part = layer.rows[layer.rows[panel] == which] if panel else layer.rows
            for k, name in enumerate(groups):
                rows = part[part[colour] == name]
                in_legend = lanes > 1 and layer is uppermost[name] and name not in named and len(rows) > 0
                offset = 0.6 * ((k % lanes + 0.5) / lanes - 0.5)
                heights = [places[value] + offset for value in rows[y]]
                figure.add_scatter(
                    y=heights,
                    x=rows["estimate"],
                    name=str(name),
                    legendgroup=str(name),
                    showlegend=in_legend,
                    ids=_ids(layer, [(*([which] if panel else []), name, value) for value in rows[y]]),
                    customdata=rows[["low", "high", "seeds", y]],
                    meta={"panel": which, **layer.meta, "columns": ["low", "high", "seeds", y]},
                    hovertemplate=f"{layer.note}{name}, %{{customdata[3]}}<br>%{{x:.3f}} "
                    "[%{customdata[0]:.3f}, %{customdata[1]:.3f}]<br>%{customdata[2]} seeds<extra></extra>",
                    row=1,
                    col=column,
                    **interval_bars(layer, rows, shown[name]),
                )
                if limits:
                    add_continuations(figure, rows, heights, shown[name].colour, limits, row=1, col=column)
                if in_legend:
                    named.add(name)
        if limits:
            space = 0.03 * (limits[1] - limits[0])
            figure.update_xaxes(range=[limits[0] - space, limits[1] + space], row=1, col=column)
        if which in log:
            figure.update_xaxes(type="log", row=1, col=column)
        for position in at:
            line = {"dash": "dot", "color": INK, "width": 1}
            figure.add_vline(position, line=line, row=1, col=column)
    figure.update_yaxes(
        tickvals=list(places.values()),
        ticktext=["<br>".join(wrap(str(value), NAME_LETTERS)) for value in places],
        range=[len(places) - 0.5, -0.5],
        showgrid=False,
    )
    figure.update_yaxes(title=labels.get(y, y), col=1)
    title = _broken(labels.get("estimate", "estimate"), len(panels), LEAST_POINTS / LETTER)
    figure.update_xaxes(title=title, nticks=5 if len(panels) == 1 else 4, tickangle=0)
    add_key(figure, drawn)
    height = 130 + 18 * title.count("<br>") + len(places) * max(34, 16 * lanes)
    return figure.update_layout(
        template=TEMPLATE,
        height=height,
        showlegend=lanes > 1 or drawn[0].role != ALONE,
        margin={"t": _above(titles)},
        meta={"least": 170 + LEAST_POINTS * len(panels), "wide": len(panels) > IN_COLUMN},
    )


def learning(
    curves: pd.DataFrame, chance: Mapping[str, float], panel: str = "task", line: str = "seed"
) -> go.Figure:
    """Validation accuracy (solid, with points) and training accuracy (faint) by epoch.

    There is one panel per task and one line per seed, in the colour of the task, or per value of `line`, in
    its own colour. A large point marks the epoch whose weights were kept.

    Parameters
    ----------
    curves : `panel`, `line`, epoch, train, validation and kept (see `faceinv.models.training.fit`)
    chance : height of the dotted line, by panel
    """
    panels, lines = values_in_order(curves, panel), values_in_order(curves, line)
    of_panels, of_lines = panel_looks(panels), looks(lines)
    figure = make_subplots(
        1,
        len(panels),
        subplot_titles=_titles(panels, LEAST_CURVES),
        shared_yaxes=True,
        horizontal_spacing=0.05,
    )
    named: set[str] = set()
    groups = dict(iter(curves.groupby([panel, line], sort=False)))
    for which, value in product(panels, lines):
        if (which, value) not in groups:
            continue
        rows, column = groups[which, value], panels.index(which) + 1
        ink = of_panels[which].colour if line == "seed" else of_lines[value].colour
        name = f"seed {value}" if line == "seed" else str(value)
        for part, opacity in (("train", 0.3), ("validation", 1.0)):
            entry = PARTS[part] if line == "seed" else name
            figure.add_scatter(
                x=rows["epoch"] + 1,
                y=rows[part],
                mode="lines+markers" if part == "validation" else "lines",
                line={"color": faded(ink, opacity), "width": 1.5},
                marker={"size": np.where(rows["kept"], 9, 3), "color": ink},
                name=entry,
                legendgroup=entry,
                showlegend=entry not in named and (line == "seed" or part == "validation"),
                hovertemplate=f"{PARTS[part]} %{{y:.3f}}<extra>{name}</extra>",
                meta={"panel": which, line: str(value), "part": PARTS[part]},
                row=1,
                col=column,
            )
            if line == "seed" or part == "validation":
                named.add(entry)
    for column, which in enumerate(panels, 1):
        line_of_chance = {"dash": "dot", "color": INK, "width": 1}
        figure.add_hline(chance[which], line=line_of_chance, row=1, col=column)
    figure.update_xaxes(title="passes over the images", tickformat="d")
    figure.update_yaxes(title="accuracy", range=[0, 1.02], col=1)
    wide = len(panels) > IN_COLUMN
    return figure.update_layout(
        template=TEMPLATE, height=400, meta={"least": LEAST_CURVES * len(panels) + 60, "wide": wide}
    )


def accuracies(means: pd.DataFrame, by_seed: pd.DataFrame, chance: Mapping[str, float]) -> go.Figure:
    """Mean accuracy by task with its interval, single seeds of this run next to it, and a line at chance."""
    figure = go.Figure()
    tasks, drawn = values_in_order(means, "task"), layers_of(means)
    shown = looks(tasks)
    for k, task in enumerate(tasks):
        seeds = by_seed[by_seed["task"] == task]
        figure.add_scatter(
            x=np.full(len(seeds), k + 0.16),
            y=seeds["correct"],
            mode="markers",
            marker={"color": shown[task].colour, "size": 6, "opacity": 0.55},
            name=task,
            customdata=seeds["seed"],
            meta={"columns": ["seed"]},
            hovertemplate="seed %{customdata}: %{y:.3f}<extra></extra>",
            showlegend=False,
        )
        for layer in drawn:
            rows = layer.rows[layer.rows["task"] == task]
            figure.add_scatter(
                x=np.full(len(rows), k),
                y=rows["estimate"],
                name=task,
                customdata=rows[["low", "high", "seeds"]],
                meta={**layer.meta, "columns": ["low", "high", "seeds"]},
                hovertemplate=f"{layer.note}{task}: %{{y:.3f}} [%{{customdata[0]:.3f}}, "
                "%{customdata[1]:.3f}]<br>%{customdata[2]} seeds<extra></extra>",
                showlegend=False,
                **interval_bars(layer, rows, shown[task], "y", size=12),
            )
        if task in chance:
            figure.add_shape(
                type="line",
                x0=k - 0.3,
                x1=k + 0.3,
                y0=chance[task],
                y1=chance[task],
                line={"dash": "dot", "color": INK, "width": 1},
            )
    add_key(figure, drawn)
    figure.update_xaxes(
        tickvals=list(range(len(tasks))), ticktext=tasks, range=[-0.6, len(tasks) - 0.4], showgrid=False
    )
    figure.update_yaxes(title="accuracy", range=[0, 1.02])
    return figure.update_layout(template=TEMPLATE, showlegend=drawn[0].role != ALONE, height=380)
