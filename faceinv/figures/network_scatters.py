"""Scatters of networks: one measure against another, and paths of both along training."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from faceinv.figures.overlay import BELOW, Layer, add_key, layers_of
from faceinv.figures.palette import INK, SYMBOLS, Look, faded, in_order, looks
from faceinv.figures.style import TEMPLATE

PANELS_A_ROW = 4
"""Panels in a row of a figure of paths."""
PANEL = 250
"""Height of a row of panels in pixels."""
LEAST_PATH_WIDTH = 640
"""Width in pixels below which a figure of paths scrolls."""


def accuracy_paths(
    points: pd.DataFrame, order: Sequence[str], panel: str = "architecture", value: str = "tolerance"
) -> go.Figure:
    """Paths of accuracy and tolerance along training: a panel per architecture, a line per strategy.

    Points grow with the share of the exposures; the last one, at the end of training, has the intervals of
    both measures.

    Parameters
    ----------
    points : `panel`, strategy, share, and estimate, low and high of both measures with the suffixes ``_x``
        (accuracy) and ``_y``; seeds
    order : strategies in the order of the legend
    value : title of the y axis
    """
    panels, names = in_order(points[panel]), in_order(order)
    shown = looks(names)
    rows = -(-len(panels) // PANELS_A_ROW)
    figure = make_subplots(
        rows,
        min(PANELS_A_ROW, len(panels)),
        subplot_titles=panels,
        shared_xaxes="all",
        shared_yaxes="all",
        horizontal_spacing=0.03,
        vertical_spacing=0.32 / rows if rows > 1 else 0.3,
    )
    drawn = layers_of(points)
    named: set[str] = set()
    for layer in drawn:
        groups = dict(iter(layer.rows.groupby([panel, "strategy"], sort=False)))
        for which, name in product(panels, names):
            if (which, name) not in groups:
                continue
            part = groups[which, name]
            i = panels.index(which)
            place = {"row": i // PANELS_A_ROW + 1, "col": i % PANELS_A_ROW + 1}
            part = part.sort_values("share")
            _path(
                figure,
                layer,
                part,
                (str(which), str(name)),
                shown[name],
                value,
                showlegend=name not in named,
                **place,
            )
            named.add(str(name))
    add_key(figure, drawn, lambda layer, _, look: _look(layer, look.colour))
    figure.update_xaxes(title={"text": "untransformed accuracy", "standoff": 2}, row=rows)
    figure.update_yaxes(title=value, col=1)
    return figure.update_layout(
        template=TEMPLATE, height=90 + PANEL * rows, meta={"least": LEAST_PATH_WIDTH, "wide": True}
    )


def _path(
    figure: go.Figure,
    layer: Layer,
    part: pd.DataFrame,
    where: tuple[str, str],
    drawn_as: Look,
    value: str,
    **place: Any,
) -> None:
    """Add one path to a panel, with the intervals at its end; `where` are its panel and its name."""
    showlegend, ink = place.pop("showlegend"), drawn_as.colour
    columns = ["share", "low_x", "high_x", "low_y", "high_y", "seeds"]
    look = _look(layer, ink, drawn_as.dash)
    if layer.role != BELOW:
        look["marker"] = {"size": [4 + 6 * share for share in part["share"]], "color": ink}
    figure.add_scatter(
        x=part["estimate_x"],
        y=part["estimate_y"],
        name=where[1],
        legendgroup=where[1],
        showlegend=showlegend,
        customdata=part[columns],
        meta={"panel": where[0], "columns": columns, **layer.meta},
        hovertemplate=f"{layer.note}{where[1]}, %{{customdata[0]:.0%}} of the exposures<br>"
        "accuracy %{x:.3f} [%{customdata[1]:.3f}, %{customdata[2]:.3f}]<br>"
        f"{value} %{{y:.3f}} [%{{customdata[3]:.3f}}, %{{customdata[4]:.3f}}]<br>"
        "%{customdata[5]} seeds<extra></extra>",
        **look,
        **place,
    )
    last = part.iloc[-1]
    figure.add_scatter(
        x=[last["low_x"], last["high_x"], None, last["estimate_x"], last["estimate_x"]],
        y=[last["estimate_y"], last["estimate_y"], None, last["low_y"], last["high_y"]],
        mode="lines",
        line={"color": faded(ink, 0.3 if layer.role == BELOW else 0.6), "width": 1},
        legendgroup=where[1],
        showlegend=False,
        hoverinfo="skip",
        **place,
    )


def _look(layer: Layer, ink: str, dash: str = "solid") -> dict[str, Any]:
    """A path of the evidence is a wide, faint line; that of a run has a point for each checkpoint."""
    if layer.role == BELOW:
        return {"mode": "lines", "line": {"color": faded(ink, 0.35), "width": 5, "dash": dash}}
    return {
        "mode": "lines+markers",
        "line": {"color": ink, "width": 1.5, "dash": dash},
        "marker": {"color": ink},
    }


def network_points(
    table: pd.DataFrame, x: str, y: str, colour: str, symbol: str, labels: dict[str, str] | None = None
) -> go.Figure:
    """One point per network: a measure against another, by colour and symbol.

    Parameters
    ----------
    table : one row per network: `x`, `y`, seed, and the columns `colour` and `symbol`
    labels : axis titles by column name
    """
    labels = labels or {}
    figure = go.Figure()
    colours, symbols = (in_order(table[name]) for name in (colour, symbol))
    shown = looks(colours)
    for each, (j, form) in ((a, b) for a in colours for b in enumerate(symbols)):
        part = table[(table[colour] == each) & (table[symbol] == form)]
        if part.empty:
            continue
        figure.add_scatter(
            x=part[x],
            y=part[y],
            mode="markers",
            marker={"color": shown[each].colour, "symbol": SYMBOLS[j % len(SYMBOLS)], "size": 8},
            showlegend=False,
            customdata=part[["seed"]],
            meta={"colour": str(each), "symbol": str(form), "columns": ["seed"]},
            hovertemplate=f"{form}, {each}, seed %{{customdata[0]}}<br>%{{x:.3f}}, %{{y:.3f}}<extra></extra>",
        )
    for each in colours:
        _key(figure, str(each), {"color": shown[each].colour, "size": 9})
    for j, form in enumerate(symbols):
        _key(figure, str(form), {"color": INK, "symbol": SYMBOLS[j % len(SYMBOLS)], "size": 9})
    figure.update_xaxes(title=labels.get(x, x))
    figure.update_yaxes(title=labels.get(y, y))
    return figure.update_layout(template=TEMPLATE, height=460)


def _key(figure: go.Figure, name: str, marker: dict[str, object]) -> None:
    """An entry of the legend that has no points of its own."""
    figure.add_scatter(x=[None], y=[None], mode="markers", marker=marker, name=name, hoverinfo="skip")
