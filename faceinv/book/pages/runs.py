"""Runs: what each executed chapter of a book left behind, and where it came from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faceinv.book.chapters import Chapter
from faceinv.book.paths import CHAPTERS
from faceinv.errors import InputError


@dataclass(frozen=True)
class Run:
    """The last execution of a chapter.

    Attributes
    ----------
    chapter : what was executed
    provenance : as the chapter's records have it (see `faceinv.reporting.tables.Record.provenance`)
    seconds : that it took, or None where it was not the build that executed it
    files : SHA-256 of what it wrote beside its provenance, by name
    """

    chapter: Chapter
    provenance: Mapping[str, Any]
    seconds: float | None
    files: Mapping[str, str]


def read_runs(root: Path, chapters: Sequence[Chapter], place: str = CHAPTERS) -> list[Run]:
    """Read the last execution of each chapter that left a table behind.

    Parameters
    ----------
    root : folder of the book
    chapters : of which runs are looked for
    place : folder in `root` where they are looked for

    Raises
    ------
    InputError
        If the provenance of a table cannot be read.
    """
    found = []
    for chapter in chapters:
        folder = root / place / chapter.name
        written = [path for path in sorted(folder.glob("*")) if path.suffix in (".csv", ".safetensors")]
        # a file that no record wrote is the chapter's own, and has no provenance
        tables = [path for path in written if path.suffix == ".csv" and path.with_suffix(".json").is_file()]
        if not tables:
            continue
        source = tables[0].with_suffix(".json")
        try:
            provenance = json.loads(source.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(f"{source} holds no provenance ({error}); execute its chapter again") from error
        files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in written}
        found.append(Run(chapter, provenance, _seconds(root / place / f"{chapter.name}.stamp.json"), files))
    return found


def _seconds(stamp: Path) -> float | None:
    try:
        return float(json.loads(stamp.read_text(encoding="utf-8"))["seconds"])
    except (OSError, ValueError, KeyError):
        return None
