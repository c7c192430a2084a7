"""Core slots: no more computations at a time than there are cores."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from faceinv.data.faces.face_set import FaceSet
from faceinv.data.sources import _render
from faceinv.runtime import core_slots, processes

WORK = """
import sys, time
from pathlib import Path
from faceinv.runtime.core_slots import acquire_core, release_core
place, name, seconds = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
with acquire_core(place):
    with acquire_core(place):
        start = time.time()
        time.sleep(seconds)
        (place / name).write_text(f"{start} {time.time()}")
"""

WAIT = """
import sys, time
from pathlib import Path
from faceinv.runtime.core_slots import acquire_core, release_core
place = Path(sys.argv[1])
with acquire_core(place):
    with release_core():
        (place / "waiting").write_text("")
        while not (place / "other").exists():
            time.sleep(0.05)
    assert Path(sys.argv[1]).exists()
(place / "ended").write_text("")
"""


def start(code: str, *arguments: object, cores: int) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "LOKY_MAX_CPU_COUNT": str(cores)}
    return subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], env=environment)


@pytest.mark.slow
def test_there_are_never_more_at_work_than_cores(tmp_path: Path) -> None:
    cores = min(2, os.cpu_count() or 1)
    runs = [start(WORK, tmp_path, f"run-{i}", 0.4, cores=cores) for i in range(5)]
    assert [run.wait(60) for run in runs] == [0] * 5
    spans = [tuple(map(float, path.read_text().split())) for path in tmp_path.glob("run-*")]
    assert len(spans) == 5
    assert max(sum(a <= begun < b for a, b in spans) for begun, _ in spans) <= cores


def test_one_who_waits_leaves_the_core_to_others(tmp_path: Path) -> None:
    waiting = start(WAIT, tmp_path, cores=1)
    while not (tmp_path / "waiting").exists():
        assert waiting.poll() is None
        time.sleep(0.05)
    assert start(WORK, tmp_path, "other", 0, cores=1).wait(30) == 0
    assert waiting.wait(30) == 0
    assert (tmp_path / "ended").exists()


def test_a_killed_process_leaves_its_core_to_others(tmp_path: Path) -> None:
    killed = start(WORK, tmp_path, "killed", 60, cores=1)
    time.sleep(2)
    killed.kill()
    killed.wait(10)
    assert start(WORK, tmp_path, "other", 0, cores=1).wait(30) == 0


def test_an_error_ends_a_turn(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="wrong"), core_slots.acquire_core(tmp_path):
        raise ValueError("wrong")
    assert start(WORK, tmp_path, "other", 0, cores=1).wait(30) == 0
    with core_slots.release_core():
        pass  # nothing is held, nothing is given up


def test_what_is_kept_needs_no_core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEINV_CACHE", str(tmp_path))
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")
    asked = []

    @contextmanager
    def taken(place: Path) -> Iterator[None]:
        asked.append(place)
        yield

    monkeypatch.setattr(processes, "acquire_core", taken)
    faces = FaceSet(identities=2, views=1, size=16, samples=1)
    first = processes.with_core_slot(_render, faces, 0, 1)
    again = processes.with_core_slot(_render, faces, 0, 1)
    assert asked == [tmp_path / "cores"]
    assert (first.images == again.images).all()
    assert processes.with_core_slot(str, 3) == "3"  # keeps nothing: it takes a core each time
    assert len(asked) == 2
