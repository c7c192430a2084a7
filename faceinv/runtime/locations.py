"""Locations: the folder of the book, and where cached results are."""

from __future__ import annotations

import hashlib
import os
import stat
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


def cache_address() -> str | None:
    """The address that ``FACEINV_CACHE`` names, such as ``s3://bucket/faceinv``; else None."""
    named = os.environ.get(CACHE_VARIABLE, "")
    return named if "://" in named else None


def cache_setting() -> str:
    """What ``FACEINV_CACHE`` says to another process that is to use the same cache."""
    return cache_address() or str(cache_folder())


def cache_folder() -> Path:
    """The folder of the cached results, made if there is none yet.

    It is the one that the environment variable ``FACEINV_CACHE`` names, if it is set and not empty; else
    ``.faceinv`` in the folder of the book, so that a notebook, the command and the build share their results
    whichever folder they run in; and where there is no book, the user's cache folder as the operating system
    has it. If the variable names an address, this machine's copies lie in a folder of the user's cache folder
    (see `faceinv.runtime.shared_cache`).

    Raises
    ------
    InputError
        If the folder cannot be made or written, or others can write to it: cached results are pickles, which
        can run code when they are read, so that the folder is trusted as the package itself is.
    """
    users = Path(platformdirs.user_cache_dir("faceinv", appauthor=False))
    if address := cache_address():
        folder = users / "copies" / hashlib.sha256(address.encode()).hexdigest()[:16]
    elif named := os.environ.get(CACHE_VARIABLE):
        folder = Path(named).absolute()
    elif root := book_root():
        folder = root / ".faceinv"
    else:
        folder = users
    reason = "it is read-only"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK)
    except OSError as error:
        writable, reason = False, str(error.strerror)
    if not writable:
        raise InputError(
            f"the cache folder {folder} cannot be written ({reason}); make it writable, or name another "
            f"folder in the environment variable {CACHE_VARIABLE}"
        )
    if others := _other_writers(folder):
        raise InputError(
            f"the cache folder {folder} {others}, who could put code in place of cached results; name a "
            f"folder of your own in the environment variable {CACHE_VARIABLE}"
        )
    return folder


def _other_writers(folder: Path) -> str:
    """Who else can write to a folder, as the end of a sentence; empty if nobody can."""
    if not hasattr(os, "getuid"):  # Windows has no such owners and modes
        return ""
    import grp

    status = folder.stat()
    if status.st_uid != os.getuid():
        return f"belongs to another user (number {status.st_uid})"
    if status.st_mode & stat.S_IWOTH:
        return "can be written by all users"
    if status.st_mode & stat.S_IWGRP:
        try:
            members = set(grp.getgrgid(status.st_gid).gr_mem)
        except KeyError:  # a group without a name has no members but its own user
            members = set()
        if members - {_user_name()}:
            return f"can be written by the {len(members)} members of a group"
    return ""


def _user_name() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container may run as a number without a name
        return ""
