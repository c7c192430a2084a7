import os
import subprocess
import sys
from pathlib import Path

import pytest

from faceinv.errors import InputError
from faceinv.runtime import cache

calls: list[int] = []


def double(value: int) -> int:
    calls.append(value)
    return 2 * value


double.__module__ = "faceinv.models.double"  # as if it stood in the layer of the models


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
    monkeypatch.setattr(cache, "fingerprint", lambda layer: "other")
    kept(2)
    assert calls == [2, 2]


def test_a_layer_depends_on_itself_and_those_below_only() -> None:
    layers = [cache.fingerprint(layer) for layer in ("data", "models", "lrp", "studies")]
    assert len(set(layers)) == 4


def test_a_damaged_result_is_computed_again(store: Path) -> None:
    kept = cache.disk_cached(double)
    kept(2)
    (result,) = store.rglob("output.pkl")
    result.write_bytes(result.read_bytes()[:4])
    assert kept(2) == 4
    assert calls == [2, 2]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FACEINV_CACHE", str(tmp_path / "file" / "store"))
    with pytest.raises(InputError, match=r"file/store cannot be written .*FACEINV_CACHE"):
        cache.disk_cached(double)(2)


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

        large.__module__ = "faceinv.models.large"
        with pytest.raises(InputError, match="could not be kept"):
            cache.disk_cached(large)(1)
        calls.clear()
        assert kept(2) == 4 and not calls
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_what_one_process_computes_no_other_begins_to(tmp_path: Path) -> None:
    script = (
        "import time\nfrom pathlib import Path\nfrom faceinv import cache\n"
        "def slow(x):\n    with Path('calls').open('a') as file:\n        file.write('x')\n"
        "    time.sleep(3)\n    return x\n"
        "slow.__module__ = 'faceinv.data.slow'\ncache.kept(slow)(1)\n"
    )
    (tmp_path / "work.py").write_text(script, encoding="utf-8")
    environment = {**os.environ, "FACEINV_CACHE": str(tmp_path / "kept")}
    runs = [subprocess.Popen([sys.executable, "work.py"], cwd=tmp_path, env=environment) for _ in range(3)]
    assert [run.wait(timeout=120) for run in runs] == [0, 0, 0]
    assert (tmp_path / "calls").read_text(encoding="utf-8") == "x"
