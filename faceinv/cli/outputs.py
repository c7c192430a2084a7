"""Files that a command is about to write."""

import os
from collections.abc import Iterable
from pathlib import Path

import click

from faceinv.errors import InputError

overwrite_option = click.option("--overwrite", is_flag=True, help="Replace output files that exist.")


def check_outputs(outputs: Iterable[Path], inputs: Iterable[Path] = (), overwrite: bool = False) -> None:
    """Refuse to replace files, before anything is computed.

    Parameters
    ----------
    outputs : files that will be written
    inputs : files that are read; none of them is replaced, whatever `overwrite` says
    overwrite : whether other files may be replaced

    Raises
    ------
    InputError
        If an output is an input, exists and `overwrite` is False, or is no regular file, or if its folder
        cannot be written.
    """
    read = [path for path in inputs if path.exists()]
    for path in outputs:
        _check_folder(path.parent)
        if not path.exists() and not path.is_symlink():
            continue
        if path.is_dir() or (path.exists() and not path.is_file()):
            raise InputError(f"{path} is not a file that can be replaced; expected the name of a new file")
        if any(path.exists() and path.samefile(other) for other in read):
            raise InputError(f"{path} is an input and would be replaced; expected another output")
        if not overwrite:
            raise InputError(f"{path} exists; replace it with --overwrite, or name another output")


def _check_folder(folder: Path) -> None:
    """Refuse a folder that is a file, or in which nothing can be written; it may be made later."""
    there = folder.absolute()
    while not there.exists():
        there = there.parent
    if not there.is_dir():
        raise InputError(f"{there} is not a folder; expected a folder to write to")
    if not os.access(there, os.W_OK | os.X_OK):
        raise InputError(f"the folder {there} cannot be written; expected one that can")
