"""Atomic writing: a file appears under its name whole, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

PARTIAL = ".partial-"
"""How the names of the folders begin in which files are written."""


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A temporary path to write to, which is renamed to `path` when the block ends without an error.

    The temporary path has the same name, in a new hidden folder beside `path`: libraries that look at the
    ending of a name see the right one, no pattern such as ``*.csv`` finds it, and processes that write the
    same file at once do not meet. After an error it is removed and `path` stays what it was. Folders above
    `path` are made; what is written may itself be a folder, if there is none called `path` yet.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=PARTIAL, dir=path.parent, ignore_cleanup_errors=True) as folder:
        partial = Path(folder) / path.name
        yield partial
        partial.replace(path)


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write text (in UTF-8, line ends as they are) or bytes to a file, replacing it as a whole."""
    with atomic_path(path) as partial:
        partial.write_bytes(content.encode() if isinstance(content, str) else content)
