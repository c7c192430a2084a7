"""One cache for one book, whichever folder a process runs in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest
from conftest import REPOSITORY, MakeBook

from faceinv.errors import InputError
from faceinv.runtime import locations


@pytest.fixture(autouse=True)
def no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FACEINV_CACHE", raising=False)


def test_all_folders_of_a_book_have_one_cache(make_book: MakeBook, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_book({"01_a": ""})
    for folder in (root, root / "notebooks", root / "book" / "_static"):
        monkeypatch.chdir(folder)
        assert locations.cache_folder() == root / ".faceinv"


def test_a_notebook_in_its_own_folder_finds_what_the_build_computed(make_book: MakeBook) -> None:
    root = make_book({"01_a": ""})
    code = (
        "from faceinv.runtime.cache import disk_cached, is_cached\n"
        "def double(value):\n    return 2 * value\n"
        "double.__module__ = 'faceinv.errors'  # as if it stood there\n"
        "double = disk_cached(double)\nprint(is_cached(double, 1))\ndouble(1)\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "FACEINV_CACHE"}
    found = [
        subprocess.check_output([sys.executable, "-c", code], cwd=cwd, env=environment, text=True).strip()
        for cwd in (root, root / "notebooks")
    ]
    assert found == ["False", "True"]


def test_the_variable_comes_first_and_an_empty_one_counts_as_not_set(
    make_book: MakeBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_book({"01_a": ""})
    monkeypatch.chdir(root)
    monkeypatch.setenv("FACEINV_CACHE", str(tmp_path / "mine"))
    assert locations.cache_folder() == tmp_path / "mine"
    monkeypatch.setenv("FACEINV_CACHE", "relative")
    assert locations.cache_folder() == root / "relative"
    monkeypatch.setenv("FACEINV_CACHE", "")
    assert locations.cache_folder() == root / ".faceinv"


def test_without_a_book_results_lie_in_the_users_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert locations.book_root() == REPOSITORY  # an editable install finds its own
    monkeypatch.setattr(locations, "PACKAGE", tmp_path / "site-packages" / "faceinv")
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda name, appauthor: str(tmp_path / "user" / name))
    assert locations.book_root() is None
    assert locations.cache_folder() == tmp_path / "user" / "faceinv"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FACEINV_CACHE", str(tmp_path / "file" / "store"))
    with pytest.raises(InputError, match=r"file/store cannot be written .*FACEINV_CACHE"):
        locations.cache_folder()


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="Windows has no such owners and modes")
def test_a_cache_that_others_can_write_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cached results are pickles: a planted one could run a command."""
    folder = tmp_path / "shared"
    monkeypatch.setenv("FACEINV_CACHE", str(folder))
    assert locations.cache_folder() == folder
    assert folder.stat().st_mode & 0o077 == 0
    folder.chmod(0o777)
    with pytest.raises(InputError, match="can be written by all users, who could put code in place"):
        locations.cache_folder()
    folder.chmod(0o755)
    assert locations.cache_folder() == folder
    monkeypatch.setattr(os, "getuid", lambda: folder.stat().st_uid + 1)
    with pytest.raises(InputError, match="belongs to another user"):
        locations.cache_folder()
