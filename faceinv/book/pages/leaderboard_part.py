"""The leaderboard of attribution methods, for the first page."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from faceinv.book.paths import CHAPTERS
from faceinv.experiments.benchmark.criteria import CRITERIA
from faceinv.reporting.evidence import SHIPPED
from faceinv.reporting.leaderboard_table import board_html

BOARD = "14_leaderboard/leaderboard.csv"
"""The table of the chapter."""

MISSING_BOARD = "<p>The leaderboard was not run.</p>"


def leaderboard_part(root: Path) -> str:
    """The leaderboard as a table: that of the run that ships with the book, or else that of this run."""
    for folder, whose in ((SHIPPED, "the full run that ships with the book"), (CHAPTERS, "this run")):
        file = root / folder / BOARD
        if file.is_file():
            nothing = {name: each.nothing for name, each in CRITERIA.items()}
            return f"{board_html(pd.read_csv(file), nothing)}\n<p>From {whose}.</p>\n"
    return f"{MISSING_BOARD}\n"
