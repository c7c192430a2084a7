"""Paths of the book and of the outputs of its chapters."""

from pathlib import Path

from faceinv.errors import InputError
from faceinv.runtime.locations import book_root

FULL = "full"
"""Profile of the run that ships as evidence."""

CHAPTERS = "book/chapters"
"""Folder of the executed chapters, as in the table of contents."""

HTML = "_build/html"
"""Folder of the pages."""

EXPLORED = f"{CHAPTERS}/02_networks"
"""Folder of the networks that the book's explorer shows, written by the chapter on networks."""


def find_root(start: Path | None = None) -> Path:
    """Find the folder of the book (see `faceinv.runtime.locations.book_root`).

    Raises
    ------
    InputError
        If there is none.
    """
    root = book_root(start)
    if root is None:
        raise InputError(
            f"there is no book at or above {(start or Path.cwd()).resolve()}: a folder with _toc.yml and "
            "notebooks/ was expected, such as a checkout of faceinv."
        )
    return root
