"""A cache at an address: what one machine has computed, another reads; each has a cache folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from faceinv.errors import InputError
from faceinv.runtime import cache, locations, shared_cache
from faceinv.runtime.cache import disk_cached, is_cached

Machine = Callable[[str], Path]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Become the machine with a name, whose users have a cache folder of their own."""
    monkeypatch.setenv("FACEINV_CACHE", (tmp_path / "shared").as_uri())

    def become(name: str) -> Path:
        monkeypatch.setattr(
            locations.platformdirs, "user_cache_dir", lambda *_, **__: str(tmp_path / name / "cache")
        )
        return locations.cache_folder()

    return become


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> tuple[Callable[[int], int], list[int]]:
    """A cached function, and the arguments with which it was computed."""
    computed: list[int] = []

    def double(value: int) -> int:
        computed.append(value)
        return 2 * value

    double.__module__ = "faceinv.errors"  # as if it stood there
    return disk_cached(double), computed


def test_what_one_machine_computed_another_reads(
    machine: Machine, counted: tuple[Callable[[int], int], list[int]], tmp_path: Path
) -> None:
    double, computed = counted
    first = machine("first")
    assert not is_cached(double, 4) and double(4) == 8
    second = machine("second")
    assert first != second and not list(second.rglob("*.pkl"))
    assert is_cached(double, 4)
    assert double(4) == 8 and computed == [4]
    assert len(list(second.rglob("*.pkl"))) == 1
    assert len(list((tmp_path / "shared").rglob("*"))) == 1 + len(Path("faceinv.errors/function").parts)


def test_what_is_damaged_at_the_address_is_computed_and_written_again(
    machine: Machine, counted: tuple[Callable[[int], int], list[int]], tmp_path: Path
) -> None:
    double, computed = counted
    machine("first")
    double(4)
    [there] = (tmp_path / "shared").rglob("*.pkl")
    content = there.read_bytes()
    there.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    machine("second")
    with pytest.warns(UserWarning, match="is damaged"):
        assert double(4) == 8
    assert computed == [4, 4]
    assert there.read_bytes() == content


def test_nothing_is_shared_without_an_address(
    counted: tuple[Callable[[int], int], list[int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACEINV_CACHE", str(tmp_path / "mine"))
    double, _ = counted
    double(1)
    [kept] = (tmp_path / "mine").rglob("*.pkl")
    assert not shared_cache.is_shared(kept) and not shared_cache.download(kept)
    shared_cache.upload(kept)
    shared_cache.remove_shared(kept)
    assert kept.is_file()


def test_another_process_is_told_the_address(machine: Machine, tmp_path: Path) -> None:
    machine("first")
    assert locations.cache_setting() == (tmp_path / "shared").as_uri()


class Failing(MemoryFileSystem):
    """A file system on which nothing can be written."""

    protocol = "failing"

    def _open(self, path: str, mode: str = "rb", **options: object) -> object:
        if "w" in mode:
            raise PermissionError("Access Denied")
        return super()._open(path, mode, **options)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("nonsense://bucket/faceinv", "Protocol not known"),
        ("failing://bucket/faceinv", "Access Denied"),
    ],
)
def test_an_address_that_cannot_be_used_is_one_sentence(
    address: str,
    reason: str,
    machine: Machine,
    counted: tuple[Callable[[int], int], list[int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fsspec.register_implementation("failing", Failing, clobber=True)
    monkeypatch.setenv("FACEINV_CACHE", address)
    machine("first")
    double, _ = counted
    with pytest.raises(InputError, match=f"the cache {address} cannot be used .*{reason}") as caught:
        double(4)
    assert "\n" not in str(caught.value)


def test_what_could_not_be_written_to_the_address_is_kept_here(
    machine: Machine, counted: tuple[Callable[[int], int], list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    fsspec.register_implementation("failing", Failing, clobber=True)
    monkeypatch.setenv("FACEINV_CACHE", "failing://bucket/faceinv")
    machine("first")
    double, computed = counted
    with pytest.raises(InputError):
        double(4)
    assert double(4) == 8 and computed == [4]
    assert cache.is_cached(double, 4)
