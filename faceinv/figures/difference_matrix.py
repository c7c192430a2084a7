"""Differences of pairs as a matrix: what one kind gives another, minus what it gets back."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from faceinv.figures import style
from faceinv.figures.generalization_matrix import add_cell_texts
from faceinv.figures.overlay import layers_of
from faceinv.figures.palette import DIVERGING, in_order

MARGIN, TITLE_LETTER = 90, 9
"""Space above and below the matrix, and height of a letter of the title beside it, in pixels."""

LEAST_CELL = 100
"""Least width of a cell in pixels, so that its interval is legible."""


def matrix_of_differences(
    table: pd.DataFrame, title: str, order: Sequence[str] | None = None, back: str = "there minus back"
) -> go.Figure:
    """A cell for each pair: its difference with the interval, bold where the interval excludes zero.

    Parameters
    ----------
    table : one row per pair: a, b, estimate, low and high; the difference has the sign of a minus b
    title : of the colour bar
    order : of the values of a and b, where they have no common order; others than these are not drawn
    back : what the difference is, for the text on hover

    Returns
    -------
    go.Figure
        Rows are a and columns b, in one order, so that pairs are above the diagonal. Of a table with the
        evidence, cells show its numbers, and those of this run on hover.
    """
    drawn = layers_of(table)
    shown = drawn[0].rows
    compared = {*shown["a"], *shown["b"]}
    names = [name for name in in_order([*(order or ()), *shown["a"], *shown["b"]]) if name in compared]
    rows, columns = names[:-1], names[1:]
    size = (len(rows), len(columns))
    values = np.full(size, np.nan)
    words, hover, lows, highs = (np.full(size, "", object) for _ in range(4))
    for layer in drawn:
        for row in layer.rows.itertuples():
            a, b, sign = row.a, row.b, 1
            if names.index(a) > names.index(b):
                a, b, sign = b, a, -1
            place = rows.index(a), columns.index(b)
            low, high = sorted((sign * row.low, sign * row.high))
            estimate = sign * row.estimate
            interval = f"[{low:.2f}, {high:.2f}]".replace("-", "−")
            hover[place] += f"{layer.note}{a} to {b}, {back}:<br>{_signed(estimate, 3)} {interval}<br>"
            if layer is drawn[0]:
                number = _signed(estimate, 2)
                number = f"<b>{number}</b>" if low > 0 or high < 0 else number
                lows[place], highs[place] = round(low, 4), round(high, 4)
                values[place], words[place] = estimate, f"{number}<br>{interval}"
    height = 120 + 48 * len(rows)
    broken = "<br>".join(wrap(title, max(12, (height - MARGIN) // TITLE_LETTER)))
    most = max([0.1, *np.abs(values[~np.isnan(values)])])
    figure = go.Figure(
        go.Heatmap(
            z=values,
            x=[name.replace(", ", "<br>") for name in columns],
            y=rows,
            customdata=np.dstack([lows, highs, hover]).tolist(),
            meta={**drawn[0].meta, "columns": ["low", "high"]},
            colorscale=DIVERGING,
            zmin=-most,
            zmax=most,
            colorbar={"title": {"text": broken, "side": "right"}, "thickness": 14},
            hoverongaps=False,
            hovertemplate="%{customdata[2]}<extra></extra>",
            xgap=2,
            ygap=2,
        )
    )
    add_cell_texts(figure, values, words.tolist(), DIVERGING, (-most, most))
    figure.update_xaxes(title="to", side="top", showgrid=False, ticks="")
    figure.update_yaxes(
        title={"text": "from", "standoff": 12}, autorange="reversed", showgrid=False, ticks=""
    )
    return figure.update_layout(
        template=style.TEMPLATE,
        height=height,
        margin={"t": MARGIN - 10, "b": 10},
        meta={"least": 230 + LEAST_CELL * len(columns), "wide": True},
    )


def _signed(number: float, digits: int) -> str:
    return f"{number:+.{digits}f}".replace("-", "−")
