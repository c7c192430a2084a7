"""The page on replication: every number of this run against the evidence, those that do not agree first."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from scipy.special import ndtri

from faceinv.figures import palette, style
from faceinv.reporting.replication import Replication

LISTED = 400
"""Numbers in the table of the page at most; the file has all."""

BEYOND = 4.0
"""Distance at which the figure draws what lies farther outside, relative to half of a prediction interval."""


def replication_page(found: Replication, titles: Mapping[str, str]) -> str:
    """The result as HTML: a sentence, counts by chapter, a figure, the numbers, and what was left out.

    Parameters
    ----------
    found : see `faceinv.reporting.replication.replicate`
    titles : title of each chapter by its name
    """
    sentence = found.sentence()
    parts = [f"<p><strong>{escape(sentence[0].upper() + sentence[1:])}.</strong></p>"]
    if len(found.numbers):
        parts += [
            _expected(found),
            _counts(found, titles),
            style.html(distances(found.numbers), "distances"),
            _numbers(found.numbers),
        ]
    if len(found.left_out):
        parts += ["<h2>What could not be compared</h2>", _left_out(found.left_out)]
    return "\n".join(parts) + "\n"


def replication_file(found: Replication) -> str:
    """All numbers as comma-separated values."""
    return found.numbers.drop(columns="reason", errors="ignore").to_csv(index=False)


def distances(numbers: pd.DataFrame) -> go.Figure:
    """Differences from the evidence in halves of the width of their prediction intervals, in order.

    Those between -1 and 1 are inside. The dotted curve is where independent numbers would lie if nothing but
    chance differed and the intervals were no wider than they need be.
    """
    places = _distance(numbers).clip(-BEYOND, BEYOND)
    numbers = numbers.assign(distance=places).sort_values("distance")
    share = (np.arange(len(numbers)) + 0.5) / len(numbers)
    figure = go.Figure()
    figure.add_hrect(-1, 1, fillcolor=palette.INK, opacity=0.12, line_width=0)
    figure.add_scatter(
        x=share,
        y=ndtri(share) / ndtri(0.975),
        mode="lines",
        line={"dash": "dot", "color": palette.INK, "width": 1.5},
        name="expected, if only chance differs",
        hoverinfo="skip",
    )
    for name, ink, marker in (("inside", palette.NEUTRAL, 5), ("outside", palette.MARKED, 8)):
        chosen = (numbers["inside"].astype(bool) == (name == "inside")).to_numpy()
        rows = numbers[chosen]
        figure.add_scatter(
            x=share[chosen],
            y=rows["distance"],
            mode="markers",
            marker={"size": marker, "color": ink},
            name=name,
            customdata=rows[["chapter", "table", "row", "estimate", "evidence_estimate"]],
            meta={"columns": ["chapter", "table", "row", "estimate", "evidence"]},
            hovertemplate="%{customdata[0]}, %{customdata[1]}<br>%{customdata[2]}<br>%{customdata[3]:.3f}, "
            "evidence %{customdata[4]:.3f}<extra></extra>",
        )
    figure.update_xaxes(title="numbers in order, as a share", range=[0, 1])
    figure.update_yaxes(
        title="difference from the evidence, relative<br>to half the width of its prediction interval"
    )
    return figure.update_layout(template=style.TEMPLATE, height=420)


def _distance(numbers: pd.DataFrame) -> pd.Series:
    """Differences from the evidence relative to the half of the prediction interval on their side."""
    away = numbers["estimate"] - numbers["evidence_estimate"]
    end = numbers["predicted_high"].where(away > 0, numbers["predicted_low"])
    with np.errstate(divide="ignore", invalid="ignore"):
        return (away / (end - numbers["evidence_estimate"]).abs()).astype(float)


def _expected(found: Replication) -> str:
    """How many numbers should lie inside, and how much the differences vary."""
    return (
        f"<p>If nothing but chance differed, 95 % would on average: {0.95 * len(found.numbers):.0f}. The "
        "differences, each in units of its standard error, have the standard deviation "
        f"{spread(found.numbers['z']):.2f} (from their quartiles): one is expected where nothing is shared, "
        "and less where both runs share faces or networks, for which intervals make no allowance. Numbers "
        "of a chapter rest on the same networks, and agree or differ together.</p>"
    )


def spread(z: pd.Series) -> float:
    """The standard deviation of a normal distribution with these quartiles, which outliers do not move."""
    low, high = z.astype(float).quantile([0.25, 0.75])
    return float((high - low) / (2 * ndtri(0.75)))


def _counts(found: Replication, titles: Mapping[str, str]) -> str:
    table = found.by_chapter()
    rows = [
        (f'<a href="chapters/{row[0]}.html">{escape(titles.get(row[0], row[0]))}</a>', *row[1:])
        for row in table.itertuples(index=False, name=None)
    ]
    total = ("in all", *table.drop(columns="chapter").sum())
    cells = [
        (name, compared, inside, f"{inside / compared:.0%}" if compared else "", left)
        for name, compared, inside, left in [*rows, total]
    ]
    return _table(("chapter", "compared", "inside", "share", "not compared"), cells)


def _numbers(numbers: pd.DataFrame) -> str:
    heads = ("chapter", "table", "row", "this run", "evidence", "predicted", "distance", "inside")
    listed = numbers.assign(distance=_distance(numbers)).head(LISTED)
    rows = [
        (
            escape(row.chapter.partition("_")[0]),
            escape(row.table),
            escape(row.row),
            _interval(row.estimate, row.low, row.high),
            _interval(row.evidence_estimate, row.evidence_low, row.evidence_high),
            f"{row.predicted_low:.3f} to {row.predicted_high:.3f}",
            f"{row.distance:.2f}",
            "yes" if row.inside else "<strong>no</strong>",
        )
        for row in listed.itertuples(index=False)
    ]
    more = len(numbers) - len(listed)
    note = f" ({more} more, nearer to the evidence, are in the file)" if more > 0 else ""
    return (
        "<h2>The numbers</h2>\n<p>Numbers outside their interval come first, the most distant one at the "
        f"top; a click on a heading sorts by its column{note}. <em>Distance</em> is relative to half the "
        "width of the prediction interval.</p>\n" + _table(heads, rows, "faceinv-sortable")
    )


def _left_out(left_out: pd.DataFrame) -> str:
    rows = [
        (escape(chapter.partition("_")[0]), escape(table), count or "", escape(reason))
        for chapter, table, count, reason in left_out.itertuples(index=False, name=None)
    ]
    return _table(("chapter", "table", "numbers", "why"), rows, "faceinv-sortable")


def _interval(estimate: float, low: float, high: float) -> str:
    return f"{estimate:.3f} [{low:.3f}, {high:.3f}]"


def _table(heads: tuple[str, ...], rows: list[tuple], kind: str = "") -> str:
    """A table of cells that are HTML."""
    head = "".join(f"<th>{name}</th>" for name in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    wide = " faceinv-wide" if len(heads) > 5 else ""
    return (
        f'<div class="faceinv-table-box{wide}"><table class="faceinv-table {kind}">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
