"""The instalments of the full run: which tables of single networks ship, and what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from faceinv.book.carried_tables import Carried, read_carried
from faceinv.book.chapters import Chapter
from faceinv.book.network_archives import SHIPPED_TABLES, provenance_of_profile
from faceinv.book.pages.costs import SHORT, UNKNOWN, in_hours

NONE = "No tables of single networks ship with this book.\n"


def instalments(root: Path, profile: str, chapters: Sequence[Chapter]) -> str:
    """The archives of a profile as a table in MyST Markdown, with a row for each and one for all together.

    Parameters
    ----------
    root : folder of the book
    profile : its name
    chapters : of the book; the time of processors is told for each

    Raises
    ------
    InputError
        If an archive is not as it was shipped.
    """
    found = provenance_of_profile(root / SHIPPED_TABLES, profile)
    if not found:
        return NONE
    spent = {name for said in found.values() for name, seconds in said["seconds"].items() if seconds >= 60}
    names = [each.name for each in chapters if each.name in spent]
    head = ["archive", "tables", *(f"{{doc}}`chapters/{name}`" for name in names), "commit", "machine"]
    rows = [head, ["---"] * len(head), *(_row(file, said, names) for file, said in found.items())]
    sums = [sum(said["seconds"].get(name, 0) for said in found.values()) for name in names]
    count = sum(said["tables"] for said in found.values())
    rows.append(["together", f"{count:,}", *map(in_hours, sums), "", ""])
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"
    return "\n".join([table, *carried_over(read_carried(root / SHIPPED_TABLES))])


def carried_over(records: Sequence[Carried]) -> list[str]:
    """A sentence for each commit whose tables count as those of newer code."""
    found = []
    for commit in dict.fromkeys(each.commit for each in records):
        own = [each for each in records if each.commit == commit]
        tables, day = sum(each.compared for each in own), own[0].written[:10]
        found.append(
            f"The code of commit `{commit[:SHORT]}` and newer code gave the same tables on {day}: "
            f"{tables} tables of {len(own)} functions were compared.\n"
        )
    return found


def _row(file: Path, said: dict[str, Any], names: list[str]) -> list[str]:
    spent = [in_hours(said["seconds"].get(name, 0)) for name in names]
    commit, machine = f"`{str(said['commit'])[:SHORT]}`", said.get("machine", UNKNOWN)
    return [f"`{file.name}`", f"{said['tables']:,}", *spent, commit, machine]
