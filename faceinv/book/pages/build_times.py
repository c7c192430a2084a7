"""Execution times of the chapters, as a figure and a table for a page."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import plotly.graph_objects as go

from faceinv.book.pages.runs import Run
from faceinv.figures import palette, style


def times(runs: Sequence[Run]) -> str:
    """Duration of the last execution of each chapter in seconds, as HTML: a figure above a table."""
    known = [
        (run.chapter.title, run.seconds, run.provenance["started"]) for run in runs if run.seconds is not None
    ]
    if not known:
        return "<p>The build of this book has executed no chapter.</p>\n"
    rows = [
        f"<tr><td>{escape(title)}</td><td>{took:.0f}</td><td>{_readable(begun)}</td></tr>"
        for title, took, begun in known
    ]
    total = f"<tr><td>together</td><td>{sum(took for _, took, _ in known):.0f}</td><td></td></tr>"
    heads = "".join(f"<th>{head}</th>" for head in ("chapter", "seconds", "begun"))
    return (
        f"{style.html(bars([(title, took) for title, took, _ in known]), 'times')}\n"
        f'<div class="faceinv-table-box"><table class="faceinv-table"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}{total}</tbody></table></div>\n"
    )


def _readable(moment: str) -> str:
    """A moment of ISO 8601 as readers write it."""
    return escape(moment.replace("T", " ").replace("+00:00", " UTC"))


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
