"""Locations: the folder of the book, and the folder of the cached results."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from faceinv.errors import InputError

PACKAGE = Path(__file__).parents[1]
"""The folder of the package `faceinv`."""

CACHE_VARIABLE = "FACEINV_CACHE"


def book_root(start: Path | None = None) -> Path | None:
    """The folder of the book: the nearest one upwards of `start` that holds ``_toc.yml`` and ``notebooks``.

    An editable install finds its own repository from anywhere; without any book, None.

    Parameters
    ----------
    start : where to begin; by default the working folder
    """
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents, PACKAGE.resolve().parent):
        if (folder / "_toc.yml").is_file() and (folder / "notebooks").is_dir():
            return folder
    return None


def cache_folder() -> Path:
    """The folder of the cached results, made if there is none yet.

    It is the one that the environment variable ``FACEINV_CACHE`` names, if it is set and not empty; else
    ``.faceinv`` in the folder of the book, so that a notebook, the command and the build share their results
    whichever folder they run in; and where there is no book, the user's cache folder as the operating system
    has it.

    Raises
    ------
    InputError
        If the folder cannot be made or written.
    """
    if named := os.environ.get(CACHE_VARIABLE):
        folder = Path(named).absolute()
    elif root := book_root():
        folder = root / ".faceinv"
    else:
        folder = Path(platformdirs.user_cache_dir("faceinv", appauthor=False))
    reason = "it is read-only"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK)
    except OSError as error:
        writable, reason = False, str(error.strerror)
    if not writable:
        raise InputError(
            f"the cache folder {folder} cannot be written ({reason}); make it writable, or name another "
            f"folder in the environment variable {CACHE_VARIABLE}"
        )
    return folder
