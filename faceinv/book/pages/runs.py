"""Runs: the outputs of each executed chapter, and their provenance."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faceinv.book.chapters import Chapter
from faceinv.book.paths import CHAPTERS
from faceinv.errors import InputError
from faceinv.runtime.json_files import read_object


@dataclass(frozen=True)
class Run:
    """The last execution of a chapter.

    Attributes
    ----------
    chapter : the chapter
    provenance : provenance of its tables (see `faceinv.reporting.tables.Record.provenance`)
    seconds : duration, or None if it was not executed by the build
    files : SHA-256 of each table and network that it wrote, by file name
    cpu_seconds : processor time of the chapter and its workers, or None if it was not measured
    """

    chapter: Chapter
    provenance: Mapping[str, Any]
    seconds: float | None
    files: Mapping[str, str]
    cpu_seconds: float | None = None


def read_runs(root: Path, chapters: Sequence[Chapter], place: str = CHAPTERS) -> list[Run]:
    """Read the last execution of each chapter that wrote a table.

    Parameters
    ----------
    root : folder of the book
    chapters : chapters whose runs are read
    place : folder of the runs in `root`

    Raises
    ------
    InputError
        If the provenance of a table cannot be read.
    """
    found = []
    for chapter in chapters:
        folder = root / place / chapter.name
        written = [path for path in sorted(folder.glob("*")) if path.suffix in (".csv", ".safetensors")]
        # files that were not written by a `Record` have no provenance
        tables = [path for path in written if path.suffix == ".csv" and path.with_suffix(".json").is_file()]
        if not tables:
            continue
        source = tables[0].with_suffix(".json")
        try:
            provenance = read_object(source)
        except (OSError, ValueError) as error:
            raise InputError(
                f"{source} contains no provenance ({error}); execute its chapter again"
            ) from error
        files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in written}
        stamp = root / place / f"{chapter.name}.stamp.json"
        seconds, cpu = (_number(stamp, name) for name in ("seconds", "cpu_seconds"))
        found.append(Run(chapter, provenance, seconds, files, cpu))
    return found


def _number(stamp: Path, name: str) -> float | None:
    try:
        return float(read_object(stamp)[name])
    except (OSError, ValueError, KeyError, TypeError):
        return None
