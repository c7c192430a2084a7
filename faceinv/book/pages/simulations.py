"""Tables of simulated coverage and false support, for the page on statistics."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from faceinv.errors import InputError
from faceinv.experiments.profiles import profile
from faceinv.metrics.intervals import LEVEL

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


def coverage_page(table: pd.DataFrame) -> str:
    """Coverage by measure and design in MyST Markdown, with a sentence on the lowest of them."""
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
    head = [
        "measure",
        "networks differ",
        "seeds",
        "bases",
        "identities",
        "covered",
        "percentiles cover",
        "undefined",
    ]
    rows = [
        [
            row.measure,
            row.networks,
            row.seeds,
            row.bases or "",
            row.identities,
            f"{row.covered:.1%}",
            "" if pd.isna(row.percentile) else f"{row.percentile:.1%}",
            f"{row.undefined:.1%}",
        ]
        for row in table.itertuples()
    ]
    return "\n\n".join([lowest, _table(head, rows)]) + "\n"


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
