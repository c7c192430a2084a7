"""Atomic writing: a file appears under its name whole, or not at all."""

from __future__ import annotations

import os
import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

PARTIAL = ".partial-"
"""How the names of the folders begin in which files are written; the machine and the process follow."""


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A temporary path to write to, which is renamed to `path` when the block ends without an error.

    The temporary path has the same name, in a new hidden folder beside `path`: libraries that look at the
    ending of a name see the right one, no pattern such as ``*.csv`` finds it, and processes that write the
    same file at once do not meet. After an error it is removed and `path` stays what it was; what a killed
    process was writing is removed by the next that writes there. Folders above `path` are made; what is
    written may itself be a folder, if there is none called `path` yet.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_abandoned(path.parent)
    prefix = f"{PARTIAL}{_machine()}-{os.getpid()}-"
    with TemporaryDirectory(prefix=prefix, dir=path.parent, ignore_cleanup_errors=True) as folder:
        partial = Path(folder) / path.name
        yield partial
        partial.replace(path)


def remove_abandoned(folder: Path) -> None:
    """Remove what processes of this machine were writing in a folder when they were killed."""
    if os.name != "posix":  # elsewhere a process cannot be asked whether it is alive without ending it
        return
    for entry in os.scandir(folder):
        if entry.name.startswith(PARTIAL):
            found = re.fullmatch(rf"{PARTIAL}{_machine()}-(\d+)-\w+", entry.name)
            if found and not _alive(int(found[1])):
                shutil.rmtree(entry.path, ignore_errors=True)


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write text (in UTF-8, line ends as they are) or bytes to a file, replacing it as a whole."""
    with atomic_path(path) as partial:
        partial.write_bytes(content.encode() if isinstance(content, str) else content)


def _machine() -> str:
    """Name of this machine, of letters and digits alone."""
    return re.sub(r"\W", "_", socket.gethostname())


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is somebody else's
        return True
    return True
