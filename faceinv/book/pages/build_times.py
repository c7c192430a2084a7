"""Execution times of the chapters, as a figure and a table for a page."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from faceinv.book.pages.runs import Run
from faceinv.figures import palette, style
from faceinv.reporting.table_html import plain_table


def times(runs: Sequence[Run]) -> str:
    """Duration of the last execution of each chapter in seconds, as HTML: a figure above a table."""
    known = [
        (run.chapter.title, run.seconds, run.provenance["started"]) for run in runs if run.seconds is not None
    ]
    if not known:
        return "<p>The build of this book has executed no chapter.</p>\n"
    rows = [(title, f"{took:.0f}", _readable(begun)) for title, took, begun in known]
    rows.append(("together", f"{sum(took for _, took, _ in known):.0f}", ""))
    figure = style.html(bars([(title, took) for title, took, _ in known]), "times")
    return f"{figure}\n{plain_table(('chapter', 'seconds', 'begun'), rows)}"


def _readable(moment: str) -> str:
    """A moment of ISO 8601 as readers write it."""
    return moment.replace("T", " ").replace("+00:00", " UTC")


def bars(seconds: Sequence[tuple[str, float]]) -> go.Figure:
    """Seconds by chapter as bars, the first chapter on top."""
    names, values = zip(*seconds, strict=True)
    figure = go.Figure(
        go.Bar(
            x=values,
            y=names,
            orientation="h",
            marker={"color": palette.NEUTRAL},
            hovertemplate="%{y}: %{x:.0f} s<extra></extra>",
        )
    )
    figure.update_xaxes(title="seconds", rangemode="tozero")
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure.update_layout(template=style.TEMPLATE, height=90 + 28 * len(names))
