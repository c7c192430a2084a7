"""Write the parts of pages that come from runs, for the pages to include."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from faceinv.book.chapters import Chapter
from faceinv.book.pages.build_times import times
from faceinv.book.pages.citation import bibtex
from faceinv.book.pages.claim_history import amended_sentence, claim_history
from faceinv.book.pages.costs import costs
from faceinv.book.pages.head_part import head_part
from faceinv.book.pages.injected_faults import TRIED, tried_page
from faceinv.book.pages.instalments import instalments
from faceinv.book.pages.leaderboard_part import leaderboard_part
from faceinv.book.pages.provenance import provenance_table
from faceinv.book.pages.replication import replication_file, replication_page
from faceinv.book.pages.runs import read_runs
from faceinv.book.pages.scaling import SCALING, scaling_part
from faceinv.book.pages.simulations import (
    SIMULATIONS,
    coverage_page,
    coverage_part,
    null_page,
    read_simulated,
)
from faceinv.book.pages.summaries import margin, read_summaries
from faceinv.book.pages.training_speed import TRAINING_SPEED, training_speed_part
from faceinv.book.paths import CHAPTERS, FULL
from faceinv.reporting.agreement import agreements_of, verdict_board
from faceinv.reporting.claims import PAPERS, read_claims, read_judgements
from faceinv.reporting.evidence import SHIPPED
from faceinv.reporting.findings.registry import first_page, overview_sentence
from faceinv.reporting.replication import Replication, replicate

INCLUDES = "_build/pages"
"""Folder of the parts."""

CLAIMS = "book/claims.yml"
"""File of the claims that chapters judge."""

SCOREBOARD = f"{CHAPTERS}/scoreboard.html"
"""File of their verdicts, which the first page includes."""


def write_parts(root: Path, chapters: Sequence[Chapter]) -> None:
    """Write findings, verdicts, replication, provenance, times, the shipped run, citation, claims, margins.

    Without ``CITATION.cff`` there is no citation, without ``book/claims.yml`` no history of claims, and
    without ``book/summaries.yml`` there are no margins.

    Raises
    ------
    InputError
        If one of the book's files, or a file that a chapter wrote, cannot be read.
    """
    folder = root / INCLUDES
    write_scoreboard(root)
    claims = read_claims(root / CLAIMS) if (root / CLAIMS).is_file() else {}
    evidence = root / SHIPPED if (root / SHIPPED).is_dir() else None
    write_if_changed(folder / "found.md", first_page(root / CHAPTERS, evidence, claims))
    write_if_changed(folder / "overview.md", overview_sentence(root / CHAPTERS, evidence, claims))
    write_if_changed(folder / "amended.md", amended_sentence(claims, evidence))
    write_if_changed(folder / "leaderboard.html", leaderboard_part(root))
    write_if_changed(folder / "head.html", head_part(root))
    runs = read_runs(root, chapters)
    write_if_changed(folder / "provenance.md", provenance_table(runs))
    write_if_changed(folder / "times.html", times(runs))
    shipped = read_runs(root, chapters, SHIPPED)
    seen_from_page = Path(SHIPPED).relative_to("book").as_posix()
    nothing = "No full run ships with this book.\n"
    write_if_changed(folder / "full.md", provenance_table(shipped, seen_from_page) if shipped else nothing)
    write_if_changed(folder / "costs.md", costs(shipped, chapters))
    write_if_changed(folder / "instalments.md", instalments(root, FULL, chapters))
    found = replication(root, chapters)
    titles = {chapter.name: chapter.title for chapter in chapters}
    write_if_changed(folder / "replication.html", replication_page(found, titles))
    write_if_changed(folder / "replication.csv", replication_file(found))
    if (root / "CITATION.cff").is_file():
        bibliography = root / "book" / "references.bib"
        write_if_changed(folder / "cite.bib", bibtex(root / "CITATION.cff", bibliography, list(PAPERS)))
    if (root / CLAIMS).is_file():
        write_if_changed(folder / "claims.html", claim_history(claims, root / SHIPPED))
    write_if_changed(folder / "scaling.html", scaling_part(root / SCALING))
    write_if_changed(folder / "training_speed.html", training_speed_part(root / TRAINING_SPEED))
    write_if_changed(folder / "tried.md", tried_page(root / TRIED))
    if (root / SIMULATIONS).is_dir():
        judged = [name for name, claim in claims.items() if claim.terms.test != "report"]
        covered = read_simulated(root, "coverage")
        write_if_changed(folder / "coverage.md", coverage_page(covered))
        write_if_changed(folder / "coverage.html", coverage_part(covered))
        write_if_changed(folder / "nulls.md", null_page(read_simulated(root, "nulls"), judged))
    if (root / "book" / "summaries.yml").is_file():
        verdicts = agreements_of(claims, root / CHAPTERS, root / SHIPPED)
        for name, summary in read_summaries(root / "book" / "summaries.yml").items():
            words = found.of_chapter(name).sentence()
            text = margin(summary, name, claims, root / CHAPTERS, verdicts, words)
            write_if_changed(folder / f"{name}.html", text)


def replication(root: Path, chapters: Sequence[Chapter]) -> Replication:
    """Compare the run of a book with the evidence that ships with it; see `replicate`."""
    shipped = root / SHIPPED
    names = [chapter.name for chapter in chapters]
    return replicate(root / CHAPTERS, shipped if shipped.is_dir() else None, names)


def write_scoreboard(root: Path) -> None:
    """Write the verdicts for the first page to include: those of the evidence, and whether this run agrees.

    A book without claims has no scoreboard.
    """
    if not (root / CLAIMS).is_file():
        return
    claims, run, shipped = read_claims(root / CLAIMS), root / CHAPTERS, root / SHIPPED
    note = ""
    if not read_judgements(run) and not read_judgements(shipped):
        note = "<p>No chapter of this book has judged a claim yet.</p>\n"
    elif read_judgements(shipped) and not any(
        each.evidence for each in agreements_of(claims, run, shipped).values()
    ):
        note = (
            "<p>The full run that ships is of an older edition of the analysis, or measures something other "
            "than this run: its verdicts are left out, and those below are of this run alone.</p>\n"
        )
    board = verdict_board(claims, run, shipped, corrected=True, pages="chapters")
    write_if_changed(root / SCOREBOARD, f"{note}{board.data}\n")


def write_if_changed(path: Path, text: str) -> None:
    """Write a text unless the file contains it already: Sphinx checks the modification time."""
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
