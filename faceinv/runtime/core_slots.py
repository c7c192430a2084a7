"""Core slots: at most as many heavy computations at a time on a machine as it has cores, over all processes.

Chapters that are executed in parallel each start one worker per core. Two workers that share a core are
switched thousands of times per second and evict each other's data from its caches, which slows training by a
fifth; so each worker waits for a free core before it starts a computation.
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
"""Seconds between two attempts to get a free core."""

_held = threading.local()


@contextmanager
def acquire_core(folder: Path) -> Iterator[None]:
    """Wait for a free core of the machine and hold it; nested uses do nothing more.

    `folder` holds the locks, and must be the same for all processes that share the cores. The core of a
    process that is killed becomes free.
    """
    if getattr(_held, "core", None):
        yield
        return
    _held.core = _acquire_free_core(folder / socket.gethostname())
    try:
        yield
    finally:
        _held.core.release()
        _held.core = None


@contextmanager
def release_core() -> Iterator[None]:
    """While active, release the core that this thread holds: for waiting without keeping it idle."""
    core = getattr(_held, "core", None)
    if core is None:
        yield
        return
    core.release()
    try:
        yield
    finally:
        _held.core = _acquire_free_core(Path(core.lock_file).parent)


def _acquire_free_core(folder: Path) -> FileLock:
    """Wait for a free core, acquire its lock and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    cores = [FileLock(folder / str(number)) for number in range(cpu_count())]
    while True:
        for core in cores:
            try:
                core.acquire(blocking=False)
            except Timeout:
                continue
            return core
        time.sleep(PAUSE)
