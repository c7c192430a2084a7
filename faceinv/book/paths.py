"""Places: where the book is, and where in it chapters leave what they made."""

from pathlib import Path

from faceinv.errors import InputError

CHAPTERS = "book/chapters"
"""Folder of the executed chapters, as the table of contents names it."""

EXPLORED = f"{CHAPTERS}/02_networks"
"""Where a chapter leaves the networks that the book's explorer shows."""


def find_root(start: Path | None = None) -> Path:
    """Find the folder of the book: the nearest one upwards that holds ``_toc.yml`` and ``notebooks``.

    An editable install finds its own repository from anywhere.

    Raises
    ------
    InputError
        When there is none.
    """
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents, Path(__file__).resolve().parents[2]):
        if (folder / "_toc.yml").is_file() and (folder / "notebooks").is_dir():
            return folder
    raise InputError(
        f"there is no book at or above {start}: a folder with _toc.yml and notebooks/ was expected, "
        "such as a checkout of faceinv."
    )
