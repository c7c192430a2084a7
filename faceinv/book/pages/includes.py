"""Write the parts of pages that come from runs, for the pages to include."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from faceinv.book.chapters import Chapter
from faceinv.book.pages.build_times import times
from faceinv.book.pages.citation import bibtex
from faceinv.book.pages.claim_history import claim_history
from faceinv.book.pages.provenance import provenance_table
from faceinv.book.pages.runs import read_runs
from faceinv.book.pages.summaries import margin, read_summaries
from faceinv.book.paths import CHAPTERS
from faceinv.reporting.claims import PAPERS, read_claims
from faceinv.reporting.evidence import SHIPPED

INCLUDES = "_build/pages"
"""Folder of the parts."""


def write_parts(root: Path, chapters: Sequence[Chapter]) -> None:
    """Write provenance and times, the shipped run, the citation, the claims, and each chapter's margin.

    Without ``CITATION.cff`` there is no citation, without ``book/claims.yml`` no history of claims, and
    without ``book/summaries.yml`` there are no margins.

    Raises
    ------
    InputError
        If one of the book's files, or a file that a chapter wrote, cannot be read.
    """
    folder = root / INCLUDES
    runs = read_runs(root, chapters)
    write_if_changed(folder / "provenance.md", provenance_table(runs))
    write_if_changed(folder / "times.html", times(runs))
    shipped = read_runs(root, chapters, SHIPPED)
    seen_from_page = Path(SHIPPED).relative_to("book").as_posix()
    nothing = "No full run ships with this book.\n"
    write_if_changed(folder / "full.md", provenance_table(shipped, seen_from_page) if shipped else nothing)
    if (root / "CITATION.cff").is_file():
        bibliography = root / "book" / "references.bib"
        write_if_changed(folder / "cite.bib", bibtex(root / "CITATION.cff", bibliography, list(PAPERS)))
    if (root / "book" / "claims.yml").is_file():
        claims = read_claims(root / "book" / "claims.yml")
        write_if_changed(folder / "claims.html", claim_history(claims, root / SHIPPED))
    if (root / "book" / "summaries.yml").is_file():
        claims = read_claims(root / "book" / "claims.yml")
        for name, summary in read_summaries(root / "book" / "summaries.yml").items():
            write_if_changed(folder / f"{name}.html", margin(summary, name, claims, root / CHAPTERS))


def write_if_changed(path: Path, text: str) -> None:
    """Write a text unless the file contains it already: Sphinx checks the modification time."""
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
