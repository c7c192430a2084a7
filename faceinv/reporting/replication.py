"""Replication: every number of a run against the evidence, and what could not be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from faceinv.errors import InputError
from faceinv.reporting.comparison import compare_with, left_out
from faceinv.reporting.evidence import parse_table, read_manifest, read_shipped_table
from faceinv.runtime.json_files import read_object

FIELDS_COMPARED = ("chapter", "table", "row", "inside", "z")
LEFT_OUT = ("chapter", "table", "numbers", "reason")


@dataclass(frozen=True)
class Replication:
    """A run against the evidence.

    Attributes
    ----------
    numbers : DataFrame
        One row per number that was compared: chapter, table, and the columns of
        `faceinv.reporting.comparison.Comparison.rows`; those that lie farthest outside come first.
    left_out : DataFrame
        What was not compared: chapter, table, numbers (how many, 0 for a table without intervals), reason.
    """

    numbers: pd.DataFrame
    left_out: pd.DataFrame

    @property
    def inside(self) -> int:
        """How many numbers lie inside their prediction intervals."""
        return int(self.numbers["inside"].sum())

    def of_chapter(self, chapter: str) -> Replication:
        """The part of one chapter."""
        return Replication(*(part[part["chapter"] == chapter] for part in (self.numbers, self.left_out)))

    def by_chapter(self) -> pd.DataFrame:
        """How many numbers were compared and lie inside, and how many were not compared, by chapter."""
        counted = self.numbers.groupby("chapter")["inside"].agg(compared="size", inside="sum")
        others = self.left_out.groupby("chapter")["numbers"].sum().rename("not compared")
        both = pd.concat([counted, others], axis=1).fillna(0).astype(int).sort_index()
        return both.rename_axis("chapter").reset_index()

    def sentence(self) -> str:
        """The result in one sentence, without its full stop."""
        left = int(self.left_out["numbers"].sum())
        if len(self.numbers):
            rest = f"; {left} could not be compared" if left else ""
            return (
                f"{self.inside} of {len(self.numbers)} numbers of this run lie inside the 95 % prediction "
                f"intervals of the evidence{rest}"
            )
        with_numbers = self.left_out[self.left_out["numbers"] > 0]["reason"]
        reason = with_numbers.mode().iloc[0] if len(with_numbers) else "no shipped table has its numbers"
        return f"no number of this run could be compared with the evidence: {reason}"


def replicate(run: Path, shipped: Path | None, chapters: Sequence[str]) -> Replication:
    """Compare every table of a run with the shipped table of the same name.

    Parameters
    ----------
    run : folder of the run, with a folder for each chapter
    shipped : folder of the evidence (see `faceinv.reporting.evidence.shipped_folder`); None if none ships
    chapters : names of the chapters

    Raises
    ------
    InputError
        If a shipped table is not as it was shipped, or a table of the run cannot be read.
    """
    compared: list[pd.DataFrame] = []
    without: list[tuple[str, str, int, str]] = []
    for chapter in chapters:
        for path in sorted((run / chapter).glob("*.csv")):
            if not path.with_suffix(".json").is_file():  # it was not written by a `Record`
                continue
            rows, reason = _compared(path, shipped, chapter)
            rows = rows.assign(chapter=chapter, table=path.stem)
            compared.append(rows[rows["inside"].notna()])
            reasons = rows[rows["inside"].isna()].groupby("reason").size()
            without += [(chapter, path.stem, int(count), str(why)) for why, count in reasons.items()]
            if rows.empty:
                without.append((chapter, path.stem, 0, reason))
        without += [
            (chapter, name, 0, "this run has no such table") for name in _missing(run, shipped, chapter)
        ]
    numbers = pd.concat([pd.DataFrame(columns=list(FIELDS_COMPARED)), *compared], ignore_index=True)
    far = pd.DataFrame({"inside": numbers["inside"].astype(bool), "z": -numbers["z"].astype(float).abs()})
    numbers = numbers.loc[far.sort_values(["inside", "z"], kind="stable").index].reset_index(drop=True)
    return Replication(numbers, pd.DataFrame(without, columns=list(LEFT_OUT)))


def _compared(path: Path, shipped: Path | None, chapter: str) -> tuple[pd.DataFrame, str]:
    """The rows of one table, compared or with a reason, and the reason for the whole table."""
    try:
        run, provenance = parse_table(path.read_bytes()), read_object(path.with_suffix(".json"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path} is not a table of a chapter ({error}); execute its chapter again"
        ) from error
    table = read_shipped_table(shipped, chapter, path.stem) if shipped else None
    if table is None:
        why = "the evidence has no such table" if shipped else "no full run ships with this book"
        return _nothing(run, why)
    if "analysis" not in provenance:
        return _nothing(run, "it was written by an older edition of the analysis")
    found = compare_with(table, run, provenance, path.stem)
    return found.rows, found.reason


def _nothing(run: pd.DataFrame, reason: str) -> tuple[pd.DataFrame, str]:
    return left_out(run, reason).rows, reason


def _missing(run: Path, shipped: Path | None, chapter: str) -> list[str]:
    """Names of the shipped tables of a chapter that a run of it did not write."""
    if shipped is None or not (run / chapter).is_dir():
        return []
    names = [name for name in read_manifest(shipped) if name.startswith(f"{chapter}/")]
    return [Path(name).stem for name in names if name.endswith(".csv") and not (run / name).is_file()]
