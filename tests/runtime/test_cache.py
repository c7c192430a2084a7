import errno
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from faceinv.errors import InputError
from faceinv.runtime import cache

calls: list[int] = []


def double(value: int) -> int:
    calls.append(value)
    return 2 * value


double.__module__ = "faceinv.models.training_runs"  # as if it stood there


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FACEINV_CACHE", str(tmp_path / "store"))
    calls.clear()
    return tmp_path / "store"


def test_a_result_is_computed_once(store: Path) -> None:
    kept = cache.disk_cached(double)
    assert [kept(2), kept(2), kept(3)] == [4, 4, 6]
    assert calls == [2, 3]
    assert store.is_dir()


def test_another_source_computes_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = cache.disk_cached(double)
    kept(2)
    monkeypatch.setattr(cache, "fingerprint", lambda module: "other")
    kept(2)
    assert calls == [2, 2]


def test_arguments_count_by_value_however_they_are_given() -> None:
    def scaled(value: int, by: int = 2) -> int:
        calls.append(value)
        return by * value

    scaled.__module__ = double.__module__
    kept = cache.disk_cached(scaled)
    assert [kept(3), kept(value=3), kept(3, 2), kept(3, by=2), kept(3, by=3)] == [6, 6, 6, 6, 9]
    assert calls == [3, 3]
    assert cache.is_cached(kept, 3) and not cache.is_cached(kept, 4)


def test_none_is_a_result_and_an_error_is_none() -> None:
    def fail_once(value: int) -> None:
        calls.append(value)
        if len(calls) == 1:
            raise ValueError("once")

    fail_once.__module__ = double.__module__
    kept = cache.disk_cached(fail_once)
    with pytest.raises(ValueError, match="once"):
        kept(1)
    assert kept(1) is None and kept(1) is None
    assert calls == [1, 1]


def test_a_function_of_no_module_of_the_package_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(double, "__module__", "faceinv.models.nothing")
    with pytest.raises(InputError, match=r"there is no module faceinv\.models\.nothing"):
        cache.disk_cached(double)(1)


def damage(content: bytes, kind: str, place: float) -> bytes:
    at = min(int(place * len(content)), len(content) - 1)
    if kind == "flipped":
        return content[:at] + bytes([content[at] ^ 16]) + content[at + 1 :]
    if kind == "zeroed":
        return content[:at] + bytes(len(content) - at)
    return content[:at]


@pytest.mark.parametrize("kind", ["flipped", "zeroed", "truncated"])
@pytest.mark.parametrize("place", [0, 0.3, 0.5, 0.8, 0.999])
def test_a_damaged_result_is_computed_again(store: Path, kind: str, place: float) -> None:
    def numbers(value: int) -> np.ndarray:
        calls.append(value)
        return np.arange(5000) + value

    numbers.__module__ = double.__module__
    kept = cache.disk_cached(numbers)
    kept(2)
    (result,) = store.rglob("*.pkl")
    result.write_bytes(damage(result.read_bytes(), kind, place))
    with pytest.warns(UserWarning, match=r"is damaged \(its checksum is another\); it is computed again"):
        found = kept(2)
    np.testing.assert_array_equal(found, np.arange(5000) + 2)
    np.testing.assert_array_equal(kept(2), found)
    assert calls == [2, 2]


@pytest.mark.skipif(sys.platform != "linux", reason="a full disk is imitated with a small tmpfs of Linux")
def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(small)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small file system needs root")
    try:
        monkeypatch.setenv("FACEINV_CACHE", str(small / "store"))
        kept = cache.disk_cached(double)
        kept(2)

        def large(value: int) -> bytes:
            return bytes(1 << 20)

        large.__module__ = double.__module__
        with pytest.raises(InputError, match="could not be written"):
            cache.disk_cached(large)(1)
        calls.clear()
        assert kept(2) == 4 and not calls
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_what_one_process_computes_no_other_begins_to(tmp_path: Path) -> None:
    script = (
        "import time\nfrom pathlib import Path\nfrom faceinv.runtime.cache import disk_cached\n"
        "def slow(x):\n    with Path('calls').open('a') as file:\n        file.write('x')\n"
        "    time.sleep(3)\n    return x\n"
        "slow.__module__ = 'faceinv.data.sources'\ndisk_cached(slow)(1)\n"
    )
    (tmp_path / "work.py").write_text(script, encoding="utf-8")
    environment = {**os.environ, "FACEINV_CACHE": str(tmp_path / "kept")}
    runs = [subprocess.Popen([sys.executable, "work.py"], cwd=tmp_path, env=environment) for _ in range(3)]
    assert [run.wait(timeout=120) for run in runs] == [0, 0, 0]
    assert (tmp_path / "calls").read_text(encoding="utf-8") == "x"


@pytest.mark.parametrize("error", [NotImplementedError("no flock"), OSError(errno.ENOLCK, "no locks")])
def test_without_locks_results_are_computed_all_the_same(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(cache.FileLock, "acquire", refuse)
    kept = cache.disk_cached(double)
    assert [kept(2), kept(2)] == [4, 4] and calls == [2]


def test_another_error_of_a_lock_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(cache.FileLock, "acquire", refuse)
    with pytest.raises(OSError, match="broken"):
        cache.disk_cached(double)(2)
