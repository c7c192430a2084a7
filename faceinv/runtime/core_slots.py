"""Turns: no more heavy computations at a time on a machine than it has cores, whoever asks for them.

Chapters that are executed side by side have workers for every core each. Two workers that share a core take
turns thousands of times a second and empty its caches for each other, which costs training a fifth of its
speed; so workers take turns of whole computations instead.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from joblib import cpu_count

PAUSE = 0.02
"""Seconds between two looks for a free core."""

_mine = threading.local()


@contextmanager
def acquire_core(place: Path) -> Iterator[None]:
    """Within it, one of the machine's cores is this thread's; it waits for one. Within another, nothing.

    `place` is a folder for the locks, the same for all who are to take turns. A process that is killed leaves
    its core to others.
    """
    if getattr(_mine, "core", None):
        yield
        return
    _mine.core = _free(place / socket.gethostname())
    try:
        yield
    finally:
        _mine.core.release()
        _mine.core = None


@contextmanager
def release_core() -> Iterator[None]:
    """Within it, the core that this thread has taken is others': for waiting without keeping it idle."""
    core = getattr(_mine, "core", None)
    if core is None:
        yield
        return
    core.release()
    try:
        yield
    finally:
        _mine.core = _free(Path(core.lock_file).parent)


def _free(place: Path) -> FileLock:
    """The lock of a free core, acquired."""
    place.mkdir(parents=True, exist_ok=True)
    cores = [FileLock(place / str(number)) for number in range(cpu_count())]
    while True:
        for core in cores:
            try:
                core.acquire(blocking=False)
            except Timeout:
                continue
            return core
        time.sleep(PAUSE)
