"""How cost grows with networks, exposures, identities, pixels and workers: a part of a page."""

from __future__ import annotations

from html import escape
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from faceinv.errors import InputError
from faceinv.figures import palette, style
from faceinv.reporting.table_html import plain_table

SCALING = Path("book") / "results" / "scaling" / "scaling.csv"
"""What ``python benchmarks/scaling.py --out`` measured."""

MEASURED = ("cost", "doubled", "value", "seconds")
"""Columns of the table: what is done, which number is doubled, its value, and the median duration."""

SCALING_HEADS = ("what is done", "what is doubled", "slope")


def slopes(table: pd.DataFrame) -> pd.DataFrame:
    """Exponent of the doubled number in the duration, by what is done.

    It is the slope of a straight line through the logarithms of both: 1 where twice as many take twice as
    long, and -1 where twice as many workers halve the duration.

    Parameters
    ----------
    table : DataFrame
        Columns `MEASURED`, with at least two values for each cost.
    """
    rows = [
        (*name, float(np.polyfit(np.log(part["value"].to_numpy(float)), np.log(part["seconds"]), 1)[0]))
        for name, part in table.groupby(["cost", "doubled"], sort=False)
    ]
    return pd.DataFrame(rows, columns=["cost", "doubled", "slope"])


def scaling_part(path: Path) -> str:
    """The measurements in a table, as HTML: a figure with one line for each cost, and the slopes.

    Raises
    ------
    InputError
        If the table cannot be read.
    """
    if not path.is_file():
        command = f"python benchmarks/scaling.py --out {SCALING.as_posix()}"
        return f"<p>It was not measured; <code>{command}</code> measures it.</p>\n"
    try:
        table = pd.read_csv(path)
        found = slopes(table)
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is no table with the columns {', '.join(MEASURED)}: {error}") from error
    rows = [(row.cost, row.doubled, f"{row.slope:.2f}") for row in found.itertuples()]
    return f"{style.html(lines(table), 'scaling')}\n{plain_table(SCALING_HEADS, rows)}"


def lines(table: pd.DataFrame) -> go.Figure:
    """Duration relative to the first, over the doubled number relative to its first, both logarithmic."""
    figure = go.Figure()
    colours = palette.SPARE
    for place, (cost, part) in enumerate(table.groupby("cost", sort=False)):
        figure.add_scatter(
            x=part["value"] / part["value"].iloc[0],
            y=part["seconds"] / part["seconds"].iloc[0],
            name=str(cost),
            mode="lines+markers",
            line={"color": colours[place % len(colours)]},
            customdata=part["seconds"],
            hovertemplate="%{x} times as many: %{customdata:.3g} s<extra>" + escape(str(cost)) + "</extra>",
        )
    figure.update_xaxes(title="times as many", type="log", dtick=np.log10(2))
    figure.update_yaxes(title="times as long", type="log", dtick=np.log10(2))
    return figure.update_layout(template=style.TEMPLATE, height=420)
