"""Charts: curves, points, learning curves and accuracies with intervals.

Readers of a page can download the numbers of a figure (``book/pages/figures.js``). For this, the ``meta`` of
a trace holds what identifies it, such as its panel, and under ``columns`` the names of the columns of
``customdata``; traces without hover, such as bands, repeat others and are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from faceinv.figures.style import INK, PALETTE, TEMPLATE, faded, point


def curves(
    table: pd.DataFrame,
    x: str,
    colour: str,
    panel: str | None = None,
    labels: Mapping[str, str] | None = None,
    chance: Mapping[str, float] | None = None,
    order: Sequence[str] | None = None,
) -> go.Figure:
    """Estimates with interval bands against `x`: one line per `colour`, one panel per value of `panel`.

    Parameters
    ----------
    table : DataFrame with estimate, low and high (see `Bootstrap.interval`), and the named columns
    labels : axis titles by column name (``"estimate"`` for the y axis)
    chance : height of the dotted line at chance, by panel
    order : values of `colour` in the order of the legend
    """
    labels = labels or {}
    panels = list(dict.fromkeys(table[panel])) if panel else [""]
    lines = list(order or dict.fromkeys(table[colour]))
    figure = make_subplots(1, len(panels), subplot_titles=panels, shared_yaxes=True, horizontal_spacing=0.05)
    for column, which in enumerate(panels, 1):
        part = table[table[panel] == which] if panel else table
        for line, name in enumerate(lines):
            rows = part[part[colour] == name].sort_values(x)
            ink = PALETTE[line % len(PALETTE)]
            dash = "solid" if line < len(PALETTE) else "dot"
            band = {
                "x": rows[x],
                "mode": "lines",
                "line": {"width": 0},
                "hoverinfo": "skip",
                "showlegend": False,
            }
            figure.add_scatter(y=rows["low"], legendgroup=name, row=1, col=column, **band)
            figure.add_scatter(
                y=rows["high"],
                fill="tonexty",
                fillcolor=faded(ink, 0.18),
                legendgroup=name,
                row=1,
                col=column,
                **band,
            )
            figure.add_scatter(
                x=rows[x],
                y=rows["estimate"],
                name=name,
                legendgroup=name,
                showlegend=column == 1,
                mode="lines+markers",
                line={"color": ink, "dash": dash},
                marker={"size": 5},
                ids=[point(*([which] if panel else []), name, value) for value in rows[x]],
                customdata=rows[["low", "high", "seeds"]],
                meta={"panel": which, "columns": ["low", "high", "seeds"]},
                hovertemplate=f"{name}<br>%{{x}}: %{{y:.3f}} "
                "[%{customdata[0]:.3f}, %{customdata[1]:.3f}]<br>%{customdata[2]} seeds<extra></extra>",
                row=1,
                col=column,
            )
        if chance and which in chance:
            figure.add_hline(chance[which], line={"dash": "dot", "color": INK, "width": 1}, row=1, col=column)
    figure.update_xaxes(title=labels.get(x, x))
    figure.update_yaxes(title=labels.get("estimate", "estimate"), col=1)
    return figure.update_layout(template=TEMPLATE, height=430)


def points(
    table: pd.DataFrame,
    y: str,
    colour: str,
    labels: Mapping[str, str] | None = None,
    reference: Mapping[str, float] | None = None,
    panel: str | None = None,
) -> go.Figure:
    """Estimates with error bars: one row per value of `y` from the top, one colour per value of `colour`.

    Parameters
    ----------
    table : DataFrame with estimate, low and high (see `Bootstrap.interval`), and the named columns
    labels : axis titles by column name (``"estimate"`` for the x axis)
    reference : position of a dotted line by panel (key ``""`` without panels)
    """
    labels = labels or {}
    panels = list(dict.fromkeys(table[panel])) if panel else [""]
    figure = make_subplots(1, len(panels), subplot_titles=panels, shared_yaxes=True, horizontal_spacing=0.05)
    places = {value: i for i, value in enumerate(dict.fromkeys(table[y]))}
    groups = list(dict.fromkeys(table[colour]))
    bars = 1 if colour == panel else len(groups)
    for column, which in enumerate(panels, 1):
        part = table[table[panel] == which] if panel else table
        for k, name in enumerate(groups):
            rows = part[part[colour] == name]
            offset = 0.6 * ((k % bars + 0.5) / bars - 0.5)
            figure.add_scatter(
                y=[places[value] + offset for value in rows[y]],
                x=rows["estimate"],
                error_x={
                    "type": "data",
                    "array": rows["high"] - rows["estimate"],
                    "arrayminus": rows["estimate"] - rows["low"],
                },
                name=str(name),
                legendgroup=str(name),
                showlegend=column == 1,
                mode="markers",
                marker={"size": 9, "color": PALETTE[k % len(PALETTE)]},
                ids=[point(*([which] if panel else []), name, value) for value in rows[y]],
                customdata=rows[["low", "high", "seeds", y]],
                meta={"panel": which, "columns": ["low", "high", "seeds", y]},
                hovertemplate=f"{name}, %{{customdata[3]}}<br>%{{x:.3f}} [%{{customdata[0]:.3f}}, "
                "%{customdata[1]:.3f}]<br>%{customdata[2]} seeds<extra></extra>",
                row=1,
                col=column,
            )
        if reference and which in reference:
            line = {"dash": "dot", "color": INK, "width": 1}
            figure.add_vline(reference[which], line=line, row=1, col=column)
    figure.update_yaxes(
        tickvals=list(places.values()),
        ticktext=[str(value) for value in places],
        range=[len(places) - 0.5, -0.5],
        showgrid=False,
    )
    figure.update_yaxes(title=labels.get(y, y), col=1)
    figure.update_xaxes(
        title=labels.get("estimate", "estimate"), nticks=6 if len(panels) == 1 else 4, tickangle=0
    )
    height = 130 + len(places) * max(34, 16 * bars)
    return figure.update_layout(template=TEMPLATE, height=height, showlegend=bars > 1)


def learning(
    curves: pd.DataFrame, chance: Mapping[str, float], panel: str = "task", line: str = "seed"
) -> go.Figure:
    """Validation (solid) and training accuracy (faint) by epoch: one panel per task, one line per seed.

    `curves` has the columns `panel`, `line`, epoch, train, validation and kept (see
    `faceinv.models.training.fit`); `chance` is the height of the dotted line, by panel.
    """
    panels, lines = list(dict.fromkeys(curves[panel])), list(dict.fromkeys(curves[line]))
    figure = make_subplots(1, len(panels), subplot_titles=panels, shared_yaxes=True, horizontal_spacing=0.05)
    named: set[str] = set()
    for (which, value), rows in curves.groupby([panel, line], sort=False):
        ink, column = PALETTE[lines.index(value) % len(PALETTE)], panels.index(which) + 1
        name = f"seed {value}" if line == "seed" else str(value)
        common = {"x": rows["epoch"] + 1, "legendgroup": name, "name": name}
        figure.add_scatter(
            y=rows["train"],
            mode="lines",
            line={"color": faded(ink, 0.35), "width": 1.5},
            showlegend=False,
            hovertemplate="training %{y:.3f}<extra>" + name + "</extra>",
            meta={"panel": which, "part": "training"},
            row=1,
            col=column,
            **common,
        )
        figure.add_scatter(
            y=rows["validation"],
            mode="lines+markers",
            line={"color": ink},
            marker={"size": np.where(rows["kept"], 10, 4)},
            showlegend=name not in named,
            hovertemplate="validation %{y:.3f}<extra>" + name + "</extra>",
            meta={"panel": which, "part": "validation"},
            row=1,
            col=column,
            **common,
        )
        named.add(name)
    for column, which in enumerate(panels, 1):
        line_of_chance = {"dash": "dot", "color": INK, "width": 1}
        figure.add_hline(chance[which], line=line_of_chance, row=1, col=column)
    figure.update_xaxes(title="passes over the images", tickformat="d")
    figure.update_yaxes(title="accuracy", range=[0, 1.02], col=1)
    return figure.update_layout(template=TEMPLATE, height=400)


def accuracies(means: pd.DataFrame, by_seed: pd.DataFrame, chance: Mapping[str, float]) -> go.Figure:
    """Mean accuracy by task with its interval, single seeds next to it, and a line at chance."""
    figure = go.Figure()
    for k, row in enumerate(means.itertuples()):
        seeds = by_seed[by_seed["task"] == row.task]
        ink = PALETTE[k % len(PALETTE)]
        figure.add_scatter(
            x=np.full(len(seeds), k + 0.16),
            y=seeds["correct"],
            mode="markers",
            marker={"color": ink, "size": 6, "opacity": 0.55},
            name=row.task,
            customdata=seeds["seed"],
            meta={"columns": ["seed"]},
            hovertemplate="seed %{customdata}: %{y:.3f}<extra></extra>",
        )
        figure.add_scatter(
            x=[k],
            y=[row.estimate],
            error_y={
                "type": "data",
                "array": [row.high - row.estimate],
                "arrayminus": [row.estimate - row.low],
            },
            mode="markers",
            name=row.task,
            marker={"color": ink, "size": 12},
            hovertemplate=f"{row.task}: {row.estimate:.3f} [{row.low:.3f}, {row.high:.3f}]"
            f"<br>{row.seeds} seeds<extra></extra>",
        )
        line = {"dash": "dot", "color": INK, "width": 1}
        figure.add_shape(
            type="line", x0=k - 0.3, x1=k + 0.3, y0=chance[row.task], y1=chance[row.task], line=line
        )
    figure.update_xaxes(
        tickvals=list(range(len(means))), ticktext=means["task"], range=[-0.6, len(means) - 0.4]
    )
    figure.update_yaxes(title="accuracy", range=[0, 1.02])
    return figure.update_layout(template=TEMPLATE, showlegend=False, height=380)
