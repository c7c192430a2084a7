"""The head that turns, for the first page."""

from __future__ import annotations

from pathlib import Path

from faceinv.book.paths import CHAPTERS
from faceinv.errors import InputError
from faceinv.reporting.evidence import SHIPPED
from faceinv.runtime.json_files import read_object

HEAD = "12_causes/turning_head.json"
"""The figure of the chapter."""

ORIGIN = '<p style="font-size:0.85rem;color:var(--pst-color-text-muted)">From {whose}.</p>'


def head_part(root: Path) -> str:
    """The head that turns: of the run that ships with the book, or else of this run; a comment without.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    from faceinv.figures.turning_head import head_html  # plotly takes a second to import

    for folder, whose in ((SHIPPED, "the full run that ships with the book"), (CHAPTERS, "this run")):
        file = root / folder / HEAD
        if file.is_file():
            try:
                return f"{head_html(read_object(file))}\n{ORIGIN.format(whose=whose)}\n"
            except (OSError, ValueError, KeyError) as error:
                raise InputError(f"{file} holds no head ({error}); execute its chapter again") from error
    return "<!-- no chapter drew the head -->\n"
