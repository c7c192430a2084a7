"""Table of the faults that were injected, for the page *What was tried*."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from faceinv.errors import InputError

TRIED = "book/results/faults/tried.csv"
"""The table that ``make faults`` writes."""
PARTS_OF_ROWS = ("what", "where", "times", "outcome")


def tried_page(path: Path) -> str:
    """What was injected, where, how often and what came out, in MyST Markdown; a sentence if nothing was.

    Raises
    ------
    InputError
        If the file is no such table.
    """
    if not path.is_file():
        return "No faults have been injected into this version yet.\n"
    try:
        table = pd.read_csv(path)
        missing = [name for name in PARTS_OF_ROWS if name not in table]
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is no table of faults ({error}); write it with make faults") from error
    if missing:
        raise InputError(f"{path} has no column {missing[0]}; write it with make faults")
    rows = ["| injected | where | times | outcome |", "|---|---|---|---|"]
    rows += [
        f"| {row.what} | {row.where} | {row.times} | {row.outcome} |" for row in table.itertuples(index=False)
    ]
    total = int(table["times"].sum())
    said = f"{total:,} faults of {len(table)} kinds were injected, with the outcome in the last column."
    return "\n".join([said, "", *rows]) + "\n"
