"""Ship a full run: copy its tables into the book as evidence, with their checksums."""

from __future__ import annotations

import shutil
from pathlib import Path

from faceinv.book.build import hash_evidence, read_stamp, stamp_of, write_stamp
from faceinv.book.chapters import list_chapters
from faceinv.book.pages.runs import Run, read_runs
from faceinv.book.paths import CHAPTERS, FULL
from faceinv.errors import InputError
from faceinv.reporting.evidence import (
    ANALYSIS,
    SHIPPED,
    TABLE_SUFFIXES,
    earlier_analyses,
    write_manifest,
)


def ship(root: Path) -> list[str]:
    """Copy the tables of chapters that were executed with the profile `full` to the folder that ships.

    Earlier tables of these chapters are replaced, and those of chapters that are no longer in the book are
    removed; networks and figures do not ship. The checksums of all shipped files are written anew
    (`faceinv.reporting.evidence.write_manifest`). Returns the names of the chapters.

    Raises
    ------
    InputError
        If no chapter was executed with the profile `full`.
    """
    chapters = list_chapters(root)
    runs = [run for run in read_runs(root, chapters) if is_finished(root, run)]
    if not runs:
        raise InputError("no chapter was executed with the profile full; run: faceinv book --profile full")
    folder, names = root / SHIPPED, [run.chapter.name for run in runs]
    folder.mkdir(parents=True, exist_ok=True)
    gone = {path.name for path in folder.iterdir() if path.is_dir()} - {each.name for each in chapters}
    for name in gone:
        shutil.rmtree(folder / name)
        (folder / stamp_of(root, name).name).unlink(missing_ok=True)
    for name in names:
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir()
        for path in sorted((root / CHAPTERS / name).iterdir()):
            if path.suffix in TABLE_SUFFIXES:
                shutil.copy(path, folder / name)
        shutil.copy(stamp_of(root, name), folder)
    write_manifest(folder)
    for name in names:
        # the run is the evidence itself, so that nothing has to be computed again to be compared with it
        stamp = read_stamp(stamp_of(root, name)) or {}
        stamp["from"]["evidence"] = hash_evidence(root, name)
        write_stamp(root, name, stamp)
    return names


def is_finished(root: Path, run: Run) -> bool:
    """Whether a run is of the profile `full` and was not interrupted, which leaves no stamp."""
    given = run.provenance["parameters"].get("profile")
    return given == FULL and stamp_of(root, run.chapter.name).is_file()


def shortcomings(root: Path) -> list[str]:
    """What keeps the shipped run from being one run of all chapters on one commit, in sentences."""
    chapters = list_chapters(root)
    runs = read_runs(root, chapters, SHIPPED)
    found = []
    if missing := [c.name for c in chapters if c.name not in {run.chapter.name for run in runs}]:
        found.append(f"{', '.join(missing)} did not ship")
    if older := [r.chapter.name for r in runs if r.provenance.get("analysis") != ANALYSIS]:
        found.append(
            f"{', '.join(older)} shipped from an older edition of the analysis, and are not compared"
        )
    if changed := [name for run in runs for name in earlier_analyses(root / SHIPPED / run.chapter.name)]:
        found.append(f"the analysis of {', '.join(changed)} has changed since, and they are not compared")
    commits = {str(run.provenance.get("commit")) for run in runs}
    if len(commits) > 1:
        found.append(f"chapters shipped from {len(commits)} commits, {', '.join(sorted(commits))}")
    if any(commit.endswith("with changes") for commit in commits):
        found.append("some were executed with changes that no commit has")
    return found
