"""Evidence below a run: how figures draw the shipped estimates and, over them, those of this run.

A table with both (see `faceinv.reporting.tables.Record.compare`) says in its column `RUN` which row is which.
The evidence is a wide, faint bar or band with a stroke or line for the estimate; this run is a dot with a
thin bar.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from faceinv.figures.palette import INK, Look, faded, in_order
from faceinv.reporting.tables import EVIDENCE, RUN

Role = str
ALONE, BELOW, ABOVE = "alone", "below", "above"
"""Roles of the rows of a figure: of a run alone, of the evidence, and of the run that is drawn over it."""


@dataclass(frozen=True)
class Layer:
    """Rows that are drawn alike: their role, and the name that stands in the legend and on hover."""

    role: Role
    name: str
    rows: pd.DataFrame

    @property
    def note(self) -> str:
        """First line of the hover text."""
        return f"<i>{self.name}</i><br>" if self.name else ""

    @property
    def meta(self) -> dict[str, str]:
        """What tells the rows apart in the downloaded numbers of a figure."""
        return {RUN: self.name} if self.name else {}


def layers_of(table: pd.DataFrame) -> list[Layer]:
    """The layers of a table, the lowest first: one where it has no column `RUN`."""
    if RUN not in table:
        return [Layer(ALONE, "", table)]
    parts = table.groupby(RUN, sort=False)
    found = [
        Layer(BELOW if str(name).startswith(EVIDENCE) else ABOVE, str(name), rows) for name, rows in parts
    ]
    return sorted(found, key=lambda layer: layer.role == ABOVE)


def values_in_order(table: pd.DataFrame, column: str, first: Sequence[str] | None = None) -> list[Any]:
    """The values of a column in the order of all figures, or in their own, after those that are named."""
    return in_order([*(first or ()), *table[column]])


def interval_bars(
    layer: Layer, rows: pd.DataFrame, look: Look, letter: str = "x", size: int = 9
) -> dict[str, Any]:
    """Markers and error bars of the points of a layer, as options of a scatter trace.

    Parameters
    ----------
    rows : rows of the layer, with estimate, low and high
    look : colour and symbol
    letter : axis of the estimates
    size : of the markers of a run alone
    """
    ink = look.colour
    error = {
        "type": "data",
        "array": rows["high"] - rows["estimate"],
        "arrayminus": rows["estimate"] - rows["low"],
    }
    if layer.role == BELOW:
        error |= {"thickness": size, "width": 0, "color": faded(ink, 0.28)}
        across = "line-ns" if letter == "x" else "line-ew"
        marker = {"symbol": across, "size": size + 3, "line": {"width": 2.5, "color": faded(ink, 0.75)}}
    elif layer.role == ABOVE:
        error |= {"thickness": 1.3, "width": 3, "color": ink}
        marker = {"size": size - 2, "color": ink, "symbol": look.symbol}
    else:
        marker = {"size": size, "color": ink, "symbol": look.symbol}
    return {"mode": "markers", "marker": marker, f"error_{letter}": error}


def clipped_range(rows: pd.DataFrame, more: Sequence[float] = ()) -> tuple[float, float] | None:
    """Range of an axis on which a few very wide intervals do not hide all others; None if there is none.

    Parameters
    ----------
    rows : with estimate, low and high
    more : other values that must be on the axis, such as a reference

    Returns
    -------
    tuple of float, or None
        The range of the estimates, widened on both sides by itself or, if this is more, by the median width
        of the intervals, and at least so far that four of five intervals end on it; but no wider than the
        intervals reach.
    """
    known = rows.dropna(subset=["estimate", "low", "high"])
    if known.empty:
        return None
    values = [*known["estimate"], *more]
    spread = max(max(values) - min(values), float((known["high"] - known["low"]).median()))
    least, most = min(values) - spread, max(values) + spread
    least = min(least, float(known["low"].quantile(0.2)))
    most = max(most, float(known["high"].quantile(0.8)))
    low, high = float(known["low"].min()), float(known["high"].max())
    if low >= least and high <= most:
        return None
    return max(least, min(low, min(values))), min(most, max(high, max(values)))


def add_continuations(
    figure: go.Figure,
    rows: pd.DataFrame,
    places: Sequence[float],
    colour: str,
    limits: tuple[float, float],
    **place: Any,
) -> None:
    """Mark the intervals that go on beyond the axis by an arrow at its edge, with the number on hover."""
    edges = (("low", limits[0], "triangle-left"), ("high", limits[1], "triangle-right"))
    for column, edge, symbol in edges:
        beyond = rows[column] < edge if column == "low" else rows[column] > edge
        if not beyond.any():
            continue
        figure.add_scatter(
            x=[edge] * int(beyond.sum()),
            y=[y for y, out in zip(places, beyond, strict=True) if out],
            mode="markers",
            marker={"symbol": symbol, "size": 10, "color": colour},
            text=[f"The interval extends to {value:.2f}" for value in rows.loc[beyond, column]],
            hoverinfo="text",
            meta={"mark": "continued"},
            showlegend=False,
            cliponaxis=False,
            **place,
        )


def add_key(
    figure: go.Figure,
    drawn: Iterable[Layer],
    options: Callable[[Layer, pd.DataFrame, Look], dict[str, Any]] = interval_bars,
) -> None:
    """Add an entry to the legend for each layer, in the colour of text; none for a run alone."""
    nothing = pd.DataFrame({"estimate": [None], "low": [None], "high": [None]}, dtype=float)
    for layer in drawn:
        if layer.role == ALONE:
            continue
        seeds = f", {layer.rows['seeds'].max():.0f} seeds" if "seeds" in layer.rows else ""
        look = {key: value for key, value in options(layer, nothing, Look(INK)).items() if "error" not in key}
        if layer.role == BELOW and look.get("mode") == "markers":
            look["marker"] = {"symbol": "square", "size": 12, "color": faded(INK, 0.45)}
        figure.add_scatter(
            x=[None], y=[None], name=f"{layer.name}{seeds}", hoverinfo="skip", showlegend=True, **look
        )
