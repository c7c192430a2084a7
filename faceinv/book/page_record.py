"""The record of a build of the pages: with the same sources and pages, nothing has to be built again."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from faceinv.book.paths import HTML
from faceinv.runtime.atomic import write_atomically
from faceinv.runtime.json_files import read_object

PACKAGE_FOLDER = Path(__file__).parents[1]
PAGES_RECORD = Path("_build") / "pages.json"
KINDS_SHOWN = (".py", ".js", ".css", ".html", ".csv", ".json")
"""Kinds of files of the package that make pages or are shown in them; all others act through chapters."""
PAGE_SETTINGS = ("GITHUB_REPOSITORY", "GITHUB_SERVER_URL")
"""Environment variables that pages depend on."""


def page_sources(root: Path) -> str:
    """A hash of all that the pages of a book are made from, the executed chapters among it.

    It includes the package, whose documentation pages show, the versions of all installed distributions, and
    whether the explorer can be bundled here.
    """
    top = [path for path in root.iterdir() if path.is_file()]
    book = [path for path in (root / "book").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    package = [path for path in PACKAGE_FOLDER.rglob("*") if path.suffix in KINDS_SHOWN]
    installed = sorted(path.name for path in Path(sysconfig.get_path("purelib")).glob("*.dist-info"))
    rest = [
        platform.python_version(),
        *installed,
        *(f"{name}={os.environ.get(name)}" for name in PAGE_SETTINGS),
        f"npm={shutil.which('npm') is not None}",
    ]
    total = hashlib.sha256("\n".join(rest).encode())
    for folder, paths in ((root, [*top, *book]), (PACKAGE_FOLDER, package)):
        total.update(_hash_tree(folder, paths))
    return total.hexdigest()


def are_built(root: Path, sources: str) -> bool:
    """Whether the pages were built from these sources, and are as the build left them."""
    try:
        record = read_object(root / PAGES_RECORD)
    except (OSError, ValueError):
        return False
    return record.get("sources") == sources and record.get("pages") == _pages(root)


def record_pages(root: Path, sources: str) -> None:
    """Record that the pages were built from these sources."""
    write_atomically(root / PAGES_RECORD, json.dumps({"sources": sources, "pages": _pages(root)}) + "\n")


def _pages(root: Path) -> str:
    folder = root / HTML
    return _hash_tree(folder, [path for path in folder.rglob("*") if path.is_file()]).hex()


def _hash_tree(folder: Path, paths: Iterable[Path]) -> bytes:
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(path.relative_to(folder).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.digest()
