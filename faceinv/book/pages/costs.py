"""What the shipped full run cost: duration and processor time by chapter, and the commit of each."""

from __future__ import annotations

from collections.abc import Sequence

from faceinv.book.chapters import Chapter
from faceinv.book.pages.runs import Run

UNKNOWN = "not measured"
SHORT = 7
"""Letters of a commit that are shown."""


def costs(runs: Sequence[Run], chapters: Sequence[Chapter]) -> str:
    """The costs as a table in MyST Markdown, with a row for each chapter and one for all together.

    Parameters
    ----------
    runs : the shipped runs (see `faceinv.book.pages.runs.read_runs`)
    chapters : all chapters of the book, of which some may not have shipped
    """
    if not runs:
        return "No full run ships with this book.\n"
    rows = ["| chapter | duration | processor time | commit | machine |", "|---|---|---|---|---|"]
    by_name = {run.chapter.name: run for run in runs}
    for chapter in chapters:
        run = by_name.get(chapter.name)
        name = f"{{doc}}`chapters/{chapter.name}`"
        if run is None:
            rows.append(f"| {name} | did not ship | | | |")
            continue
        said = run.provenance
        where = f"`{str(said.get('commit'))[:SHORT]}` | {said.get('machine', UNKNOWN)}"
        rows.append(f"| {name} | {in_hours(run.seconds)} | {in_hours(run.cpu_seconds)} | {where} |")
    total = " | ".join(
        in_hours(_sum([getattr(run, part) for run in runs])) for part in ("seconds", "cpu_seconds")
    )
    return "\n".join([*rows, f"| together | {total} | | |"]) + "\n"


def _sum(values: Sequence[float | None]) -> float | None:
    """The sum; None if a value is not known."""
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def in_hours(seconds: float | None) -> str:
    """A duration in hours and minutes."""
    if seconds is None:
        return UNKNOWN
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"
