"""Tolerance curves: a wide panel for each transformation, and buttons for what is shown in all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from faceinv.figures.overlay import (
    ABOVE,
    ALONE,
    BELOW,
    Layer,
    add_key,
    interval_bars,
    layers_of,
    values_in_order,
)
from faceinv.figures.palette import INK, Look, faded, looks
from faceinv.figures.style import TEMPLATE, point
from faceinv.perturbations.transformations import named

SIDE_BY_SIDE = 2
"""Panels side by side."""

PANEL_HEIGHT = 230
"""Height of a row of panels with its axis, in pixels."""

LEAST_WIDTH = 680
"""Width in pixels below which the figure scrolls (see `faceinv.figures.style.show_figure`)."""

LEGEND_ROW = 24
"""Height of a row of the legend in pixels."""

FOOT = 56
"""Space below the panels for the levels and the title of the lowest axes, in pixels."""

MENU = 44
"""Height of the row of buttons in pixels."""

FEW = 4
"""Lines up to which intervals are drawn strongly; those of many lie on each other."""

BUTTONS = 60
"""Letters of choices up to which they are buttons; more are a list that opens."""


def tolerance(
    curves: Mapping[str, pd.DataFrame],
    colour: str = "strategy",
    choice: str | None = "architecture",
    chance: Mapping[str, float] | None = None,
    order: Sequence[str] | None = None,
) -> go.Figure:
    """Tolerance curves: a panel for each transformation, a line for each `colour`.

    Levels are equally spaced with the identity at the left, and all panels share the y axis. Buttons choose
    the value of `choice` that is shown, at first one of this run, and the measure. A click on the legend
    hides a line in all panels; pages let the other lines fade when the pointer is on one.

    Parameters
    ----------
    curves : DataFrame by measure, the title of the y axis: the same curves in each measure, with
        transformation, level, estimate, low, high, seeds (see `Bootstrap.interval`) and the columns `colour`
        and `choice`
    choice : column whose values are shown one at a time; None if there is nothing to choose
    chance : height of a dotted line in every panel, by measure
    order : values of `colour` in the order of the legend, where they have no common order
    """
    first = next(iter(curves.values()))
    panels, lines = values_in_order(first, "transformation"), values_in_order(first, colour, order)
    choices = values_in_order(first, choice) if choice else [""]
    rows, looked = -(-len(panels) // SIDE_BY_SIDE), looks(lines)
    columns = min(SIDE_BY_SIDE, len(panels))
    figure = make_subplots(
        rows,
        columns,
        shared_yaxes="all",
        horizontal_spacing=0.05,
        vertical_spacing=0.24 / max(1, rows - 1) if rows > 1 else 0.0,
    )
    drawn, shown = layers_of(first), []
    by_measure: dict[str, list[dict[str, Any]]] = {name: [] for name in curves}
    for each, where, parts in _lines(curves, panels, lines, choices, colour, choice):
        j = panels.index(where[1])
        place = {"row": j // SIDE_BY_SIDE + 1, "col": j % SIDE_BY_SIDE + 1}
        levels = _levels(first, where[1])
        for name, part in parts.items():
            by_measure[name] += _numbers(drawn[each], part)
        own = next(iter(parts.values()))
        for trace in _traces(drawn[each], own, where, levels, looked[where[2]], len(lines)):
            figure.add_trace(trace, **place)
            shown.append(where[0])
    _name_once(figure, shown)
    opening = _opening(choices, drawn[-1], choice)
    for trace, value in zip(figure.data, shown, strict=True):
        trace.visible = value == str(opening)
    fixed = len(figure.data)
    add_key(figure, drawn, _key_look)
    always = len(figure.data) - fixed
    _label_axes(figure, first, panels, next(iter(curves)))
    ranges = {name: _range(table) for name, table in curves.items()}
    figure.update_yaxes(range=ranges[next(iter(curves))])
    shapes = {name: _level_lines(figure, (chance or {}).get(name)) for name in curves}
    figure.layout.shapes = shapes[next(iter(curves))]
    menus: list[list[tuple[str, str, list[Any]]]] = []
    if len(choices) > 1:
        visible = [[value == str(one) for value in shown] + [True] * always for one in choices]
        menus.append(
            [(str(one), "restyle", [{"visible": seen}]) for one, seen in zip(choices, visible, strict=True)]
        )
    if len(curves) > 1:
        titles = [axis for axis in figure.select_yaxes() if axis.title.text]
        menus.append(
            [
                (
                    name,
                    "update",
                    [
                        _restyled(by_measure[name]),
                        {
                            "shapes": shapes[name],
                            **{f"{axis.plotly_name}.title.text": name for axis in titles},
                            **{f"{axis.plotly_name}.range": ranges[name] for axis in figure.select_yaxes()},
                        },
                        list(range(fixed)),
                    ],
                )
                for name in curves
            ]
        )
    named_traces = [trace.name for trace in figure.data if trace.showlegend and trace.visible is not False]
    head = 16 + LEGEND_ROW * _legend_rows(named_traces) + MENU * bool(menus)
    height = PANEL_HEIGHT * rows
    figure.layout.updatemenus = [
        _menu(entries, k, 1 + head / (height - FOOT)) for k, entries in enumerate(menus)
    ]
    if len(choices) > 1:
        figure.layout.updatemenus[0].active = choices.index(opening)
    return figure.update_layout(
        template=TEMPLATE,
        height=height + head,
        margin={"l": 64, "r": 8, "t": head, "b": FOOT},
        legend={"yref": "paper", "y": 1 + 6 / (height - FOOT), "yanchor": "bottom"},
        meta={"least": LEAST_WIDTH, "wide": True},
    )


def _opening(choices: Sequence[object], top: Layer, choice: str | None) -> object:
    """The first choice of the top layer: a figure opens on what this run has, not on evidence alone."""
    return next((value for value in choices if choice and value in set(top.rows[choice])), choices[0])


Where = tuple[str, str, str]
"""Names of a line: its choice, its transformation and its colour."""


def _lines(
    curves: Mapping[str, pd.DataFrame],
    panels: Sequence[str],
    lines: Sequence[object],
    choices: Sequence[object],
    colour: str,
    choice: str | None,
) -> list[tuple[int, Where, dict[str, pd.DataFrame]]]:
    """Every line: the index of its layer, its names, and its rows in each measure, by strength."""
    keys = [*([choice] if choice else []), "transformation", colour]
    first, *others = curves
    found = []
    for k, layer in enumerate(layers_of(curves[first])):
        same = {name: _same_layer(layer, layers_of(curves[name])) for name in others}
        groups = {
            name: dict(iter(rows.groupby(keys, sort=False)))
            for name, rows in {first: layer.rows, **same}.items()
        }
        for one, panel, line in product(choices, panels, lines):
            key = (one, panel, line) if choice else (panel, line)
            if key not in groups[first]:
                continue
            own = groups[first][key]
            unknown = own.assign(estimate=np.nan, low=np.nan, high=np.nan)
            parts = {name: _by_strength(rows.get(key, unknown), panel) for name, rows in groups.items()}
            found.append((k, (str(one), panel, str(line)), parts))
    return found


def _same_layer(layer: Layer, others: Sequence[Layer]) -> pd.DataFrame:
    """The rows of a layer in another measure, which may have no evidence."""
    for other in others:
        if other.role == layer.role or {other.role, layer.role} == {ABOVE, ALONE}:
            return other.rows
    return others[0].rows.iloc[:0]


def _by_strength(part: pd.DataFrame, transformation: str) -> pd.DataFrame:
    strength = part["level"].map(named(transformation).strength)
    return part.assign(strength=strength).sort_values("strength").round({"estimate": 4, "low": 4, "high": 4})


def _traces(
    layer: Layer, part: pd.DataFrame, where: Where, levels: Sequence[float], look: Look, lines: int
) -> list[go.Scatter]:
    """A curve with its band below it, or a run's points over the evidence's; `where` are its names."""
    name, transformation = where[2], named(where[1])
    steps = part["level"].map(levels.index).to_numpy()
    common = {"name": name, "legendgroup": name, "showlegend": False}
    traces = []
    if layer.role == ABOVE:
        drawn = interval_bars(layer, part, look, "y", size=7)
        drawn["error_y"] |= {
            "thickness": 1,
            "width": 0,
            "color": faded(look.colour, 0.6 if lines <= FEW else 0.2),
        }
    else:
        fill = {"fill": "toself", "fillcolor": faded(look.colour, 0.16 if lines <= FEW else 0.05)}
        traces.append(
            go.Scatter(
                x=np.r_[steps, steps[::-1]],
                line={"width": 0},
                mode="lines",
                hoverinfo="skip",
                **fill,
                **common,
            )
        )
        drawn = _key_look(layer, part, look)
    columns = ["level", "low", "high", "seeds"]
    traces.append(
        go.Scatter(
            x=steps,
            ids=None if layer.role == BELOW else [point(*where, level) for level in part["level"]],
            meta={"row": where[0], "transformation": where[1], **layer.meta, "columns": columns},
            hovertemplate=f"{layer.note}{name}<br>{transformation.name} %{{customdata[0]}}: %{{y:.3f}} "
            "[%{customdata[1]:.3f}, %{customdata[2]:.3f}]<br>%{customdata[3]} seeds<extra></extra>",
            **drawn,
            **common,
        )
    )
    for trace, numbers in zip(traces, _numbers(layer, part), strict=True):
        trace.update(numbers)
    return traces


def _numbers(layer: Layer, part: pd.DataFrame) -> list[dict[str, Any]]:
    """What differs between measures in the traces of a curve."""
    low, high = part["low"].tolist(), part["high"].tolist()
    text = named(part["transformation"].iloc[0]).text
    carried = [
        [text(level), *interval]
        for level, *interval in zip(part["level"], low, high, part["seeds"], strict=True)
    ]
    line: dict[str, Any] = {"y": part["estimate"].tolist(), "customdata": carried}
    if layer.role != ABOVE:
        return [{"y": low + high[::-1]}, line]
    error = {
        "array": (part["high"] - part["estimate"]).tolist(),
        "arrayminus": (part["estimate"] - part["low"]).tolist(),
    }
    return [{**line, "error_y": error}]


def _restyled(numbers: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """The numbers of all traces as one restyling."""
    changed = {name: [each.get(name) for each in numbers] for name in ("y", "customdata")}
    if any("error_y" in each for each in numbers):
        for side in ("array", "arrayminus"):
            changed[f"error_y.{side}"] = [each.get("error_y", {}).get(side) for each in numbers]
    return changed


def _key_look(layer: Layer, rows: pd.DataFrame, look: Look) -> dict[str, Any]:
    """A line of the evidence or of a run alone; points of a run over the evidence."""
    if layer.role == ABOVE:
        return interval_bars(layer, rows, look, "y", size=7)
    line = {"color": look.colour, "width": 2, "dash": look.dash}
    marker = (
        {} if layer.role == BELOW else {"marker": {"size": 5, "symbol": look.symbol, "color": look.colour}}
    )
    return {"mode": "lines" if layer.role == BELOW else "lines+markers", "line": line, **marker}


def _name_once(figure: go.Figure, shown: Sequence[str]) -> None:
    """Let each line of each choice be in the legend once."""
    done = set()
    for trace, value in zip(figure.data, shown, strict=True):
        if trace.hoverinfo != "skip" and (value, trace.name) not in done:
            trace.showlegend = True
            done.add((value, trace.name))


def _label_axes(figure: go.Figure, table: pd.DataFrame, panels: Sequence[str], value: str) -> None:
    """Ticks with the levels of each transformation, and titles with its unit."""
    for j, name in enumerate(panels):
        ticks = [named(name).text(level) for level in _levels(table, name)]
        place = {"row": j // SIDE_BY_SIDE + 1, "col": j % SIDE_BY_SIDE + 1}
        figure.update_xaxes(
            range=[-0.3, len(ticks) - 0.7],
            tickvals=list(range(len(ticks))),
            ticktext=ticks,
            title={"text": named(name).label, "standoff": 6},
            **place,
        )
    figure.update_xaxes(ticks="", tickfont={"size": 11}, tickangle=0)
    figure.update_yaxes(tickvals=[0, 0.25, 0.5, 0.75, 1], tickfont={"size": 11})
    figure.update_yaxes(title={"text": value, "standoff": 6, "font": {"size": 12}}, col=1)


def _range(table: pd.DataFrame) -> list[float]:
    """Range of the y axis: from zero to one, or as far as estimates lie outside; intervals may go on."""
    low, high = float(table["estimate"].min()), float(table["estimate"].max())
    return [min(-0.03, low - 0.05), max(1.05, high + 0.05)]


def _level_lines(figure: go.Figure, height: float | None) -> list[dict[str, Any]]:
    """A dotted line at one height in every panel: faster than `add_hline`, which searches all traces."""
    if height is None:
        return []
    panels = dict.fromkeys((trace.xaxis, trace.yaxis) for trace in figure.data if trace.x[0] is not None)
    line = {"dash": "dot", "color": INK, "width": 1}
    label = {"text": "chance", "font": {"size": 10}, "textposition": "start", "yanchor": "bottom"}
    return [
        {"type": "line", "xref": f"{x} domain", "x0": 0, "x1": 1, "yref": y, "y0": height, "y1": height}
        | {"line": line, "label": label}
        for x, y in panels
    ]


def _menu(entries: Sequence[tuple[str, str, list[Any]]], place: int, y: float) -> dict[str, Any]:
    """Buttons in a row above the figure, or a list of many; the second is at the right."""
    few = sum(len(label) for label, _, _ in entries) <= BUTTONS
    return {
        "type": "buttons" if few else "dropdown",
        "direction": "right" if few else "down",
        "buttons": [{"label": label, "method": method, "args": args} for label, method, args in entries],
        "x": place,
        "xanchor": "right" if place else "left",
        "y": y,
        "yanchor": "top",
        "pad": {"t": 4, "b": 4},
        "font": {"size": 12},
        "showactive": True,
    }


def _legend_rows(names: Sequence[object]) -> int:
    """Number of rows of a legend with these names in a figure of `LEAST_WIDTH`."""
    rows, left = 1, LEAST_WIDTH - 72
    for width in (46 + 7 * len(str(name)) for name in names):
        if width > left:
            rows, left = rows + 1, LEAST_WIDTH - 72
        left -= width
    return rows


def _levels(table: pd.DataFrame, transformation: str) -> list[float]:
    """The levels of one transformation in the table, from the identity on."""
    levels = table.loc[table["transformation"] == transformation, "level"].unique()
    return sorted(levels, key=named(transformation).strength)
