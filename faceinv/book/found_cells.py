"""Put what a chapter found into its executed notebook: a box at its beginning, a sentence under each figure.

The executed notebook on the disk stays as it is. Pages are made of a notebook to which the sentences were
added, so that they follow the tables, the evidence and the wording without another execution.
"""

from __future__ import annotations

from pathlib import Path

from faceinv.errors import InputError
from faceinv.reporting.claims import Claim, read_claims
from faceinv.reporting.evidence import SHIPPED
from faceinv.reporting.findings.chapter import ChapterFindings
from faceinv.reporting.findings.registry import FINDINGS
from faceinv.reporting.findings.sources import FoundTables
from faceinv.runtime.jsonschema_import import without_grammar

with without_grammar():
    from nbformat import NotebookNode

HEADING = "What we found"
BOX = ":::{{admonition}} {heading}\n:class: faceinv-found\n{text}\n:::"


def found_tables(root: Path, run: Path, chapter: str) -> FoundTables:
    """Tables of a chapter, and claims, from which its sentences are computed.

    Parameters
    ----------
    root : folder of the book, with its claims and the evidence
    run : folder of the run, with a folder for each chapter
    chapter : its name
    """
    shipped, claims = root / SHIPPED, root / "book" / "claims.yml"
    found: dict[str, Claim] = read_claims(claims) if claims.is_file() else {}
    return FoundTables(chapter, run, shipped if shipped.is_dir() else None, found)


def add_findings(notebook: NotebookNode, tables: FoundTables) -> None:
    """Add the box and the sentences of a chapter to its notebook, in place; a chapter without any stays.

    Raises
    ------
    InputError
        If a figure of the chapter has no sentence.
    """
    findings = FINDINGS.get(tables.chapter)
    if findings is None:
        return
    first = next(cell for cell in notebook.cells if cell.cell_type == "markdown")
    first.source = with_box(first.source, findings.found(tables))
    for cell in notebook.cells:
        figure = cell.metadata.get("mystnb", {}).get("figure")
        if figure:
            said = _sentence(findings, figure["name"], tables)
            whose = " (full run)" if tables.from_evidence else ""
            figure["caption"] = f"**{said}**{whose} {figure.get('caption', '')}"


def _sentence(findings: ChapterFindings, name: str, tables: FoundTables) -> str:
    if name not in findings.figures:
        raise InputError(
            f"the figure {name} of {findings.chapter} has no sentence; expected one among the figures of its "
            "findings (faceinv/reporting/findings)"
        )
    return findings.of_figure(name, tables)


def with_box(source: str, text: str) -> str:
    """The first cell of a chapter with the box after its title and its question, which is in emphasis."""
    blocks = source.split("\n\n")
    place = next((i for i, block in enumerate(blocks) if block.startswith("# ")), -1) + 1
    if place < len(blocks) and blocks[place].startswith("*") and not blocks[place].startswith("**"):
        place += 1
    box = BOX.format(heading=HEADING, text=text)
    return "\n\n".join([*blocks[:place], box, *blocks[place:]])
