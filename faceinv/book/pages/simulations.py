"""Tables of simulated coverage and false support, for the page on statistics."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from faceinv.errors import InputError
from faceinv.experiments.profiles import profile
from faceinv.figures import palette, style
from faceinv.metrics.intervals import LEVEL
from faceinv.reporting.table_html import folded_table

SIMULATIONS = "book/results/statistics"
"""Folder of the tables that ``scripts/simulate_intervals.py`` writes."""

LEAST_COVERAGE = 0.93
"""Coverage that is asked of every design, for a nominal 95 %."""


def read_simulated(root: Path, name: str) -> pd.DataFrame:
    """Read one of the tables.

    Raises
    ------
    InputError
        If it does not exist.
    """
    path = root / SIMULATIONS / f"{name}.csv"
    if not path.is_file():
        raise InputError(f"there is no table {path}; write it with python scripts/simulate_intervals.py")
    return pd.read_csv(path)


FIGURE = "coverage-of-intervals"
"""Id of the figure in the page, whose section is called coverage."""

INTERVALS_COMPARED = {"covered": "intervals of this book", "percentile": "percentiles"}
"""Kinds of interval, by the column of their coverage."""

NAMES = {
    "networks": "networks differ",
    "percentile": "percentiles cover",
    "undefined": "share without an interval",
}
"""Columns of the folded table, by those of the file."""


def coverage_page(table: pd.DataFrame) -> str:
    """The lowest coverage in MyST Markdown, and what has no interval."""
    normal = table[table["networks"] != "exponential"]
    worst = normal.loc[normal["covered"].idxmin()]
    skewed = table.loc[table["networks"] == "exponential", "covered"]
    lowest = (
        f"The lowest coverage of a nominal {LEVEL:.0%} is {worst['covered']:.1%} ({worst['measure']}, "
        f"{worst['seeds']:.0f} seeds, {worst['identities']:.0f} identities); at least "
        f"{LEAST_COVERAGE:.0%} is asked."
    )
    if len(skewed):
        lowest += f" If effects of networks are exponential instead of normal, it is {skewed.min():.1%}."
    ratios = table[table["measure"] == "ratio"]
    lost = ratios.groupby(["networks", "seeds"])["undefined"].mean()
    if {("moderate", 2), ("moderate", 3)} <= set(lost.index):
        lowest += (
            f" Where networks differ moderately, {lost['moderate', 2]:.0%} of the ratios have no interval "
            f"with two seeds, and {lost['moderate', 3]:.0%} with three"
        )
        if ("large", 3) in lost.index:
            lowest += f"; where they differ much, {lost['large', 3]:.0%} have none with three"
        lowest += f". The default run has {profile('quick').seeds} seeds."
    return f"{lowest}\n"


def coverage_part(table: pd.DataFrame) -> str:
    """Coverage of every design as HTML: a figure, and the numbers folded under it."""
    shown = table.drop(columns=["above", "below", "trials"], errors="ignore")
    shown = shown.assign(bases=shown["bases"].replace(0, None))
    numbers = folded_table(shown.rename(columns=NAMES), "coverage", "coverage.csv")
    return f"{style.html(coverages(table), FIGURE)}\n{numbers}\n"


def coverages(table: pd.DataFrame) -> go.Figure:
    """A point for each design: how often its interval, and that of percentiles, contains the true value."""
    figure = go.Figure()
    measures = list(dict.fromkeys(table["measure"]))
    for row, (column, name) in enumerate(INTERVALS_COMPARED.items()):
        part = table.dropna(subset=[column])
        figure.add_scatter(
            x=part[column],
            y=[measures.index(measure) + 0.3 * (row - 0.5) for measure in part["measure"]],
            name=name,
            mode="markers",
            marker={"color": palette.SPARE[row], "symbol": palette.SYMBOLS[row], "size": 8, "opacity": 0.7},
            customdata=part[["seeds", "bases", "identities", "networks"]],
            meta={"intervals": name, "columns": ["seeds", "bases", "identities", "networks"]},
            hovertemplate="%{x:.1%} with %{customdata[0]} seeds, %{customdata[2]} identities<br>"
            "networks differ: %{customdata[3]}<extra></extra>",
        )
    for value, text in ((LEVEL, "nominal"), (LEAST_COVERAGE, "asked")):
        line = {"dash": "dot", "color": palette.INK, "width": 1}
        below = {"text": text, "textangle": -90}  # where no points are
        figure.add_vline(value, line=line, annotation=below, annotation_position="bottom left")
    figure.update_yaxes(
        tickvals=list(range(len(measures))), ticktext=measures, autorange="reversed", showgrid=False
    )
    figure.update_xaxes(title="share of the studies whose interval contains the true value", tickformat=".0%")
    return figure.update_layout(template=style.TEMPLATE, height=120 + 46 * len(measures))


def null_page(table: pd.DataFrame, judged: Sequence[str]) -> str:
    """False-support rates by claim in MyST Markdown, with a sentence on the highest of them.

    Parameters
    ----------
    table : claim, null, rates by profile (quick, full) and the rate without a correction
    judged : all claims that are judged, of which those that were not simulated are named
    """
    worst = table.loc[table[["quick", "full"]].max(axis=1).idxmax()]
    line = (
        f"The highest false-support rate is {worst[['quick', 'full']].max():.1%} (`{worst['claim']}`); "
        "at most 5 % is allowed."
    )
    if missing := [name for name in judged if name not in set(table["claim"])]:
        line += f" Not simulated: {', '.join(f'`{name}`' for name in missing)}."
    head = ["claim", "what is true in the simulation", "quick", "full", "full, uncorrected"]
    rows = [
        [
            f"`{row.claim}`",
            row.null,
            f"{row.quick:.1%}",
            f"{row.full:.1%}",
            "" if pd.isna(row.full_uncorrected) else f"{row.full_uncorrected:.1%}",
        ]
        for row in table.itertuples()
    ]
    return "\n\n".join([line, _table(head, rows)]) + "\n"


def _table(head: list[str], rows: list[list[Any]]) -> str:
    table: list[list[Any]] = [head, ["---"] * len(head), *rows]
    lines = [f"| {' | '.join(map(str, row))} |" for row in table]
    return "\n".join(lines)
