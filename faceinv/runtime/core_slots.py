"""Core slots: at most as many heavy computations at a time on a machine as it has cores, over all processes.

Chapters that are executed in parallel each start one worker per core. Two workers that share a core are
switched thousands of times per second and evict each other's data from its caches, which slows training by a
fifth; so each worker waits for a free core before it starts a computation. GPUs are shared out alike.

Slots are those of a job, where a scheduler such as Slurm started this process, and else of the machine: two
jobs on a machine have cores of their own.
"""

from __future__ import annotations

import errno
import os
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import platformdirs
from filelock import FileLock, Timeout
from joblib import cpu_count

PAUSE = 0.02
"""Seconds between two attempts to get a free slot."""
JOB_VARIABLES = ("SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID", "JOB_ID")
"""Environment variables in which Slurm, PBS, LSF and Grid Engine name a job."""

_held = threading.local()


@contextmanager
def acquire_core(folder: Path) -> Iterator[None]:
    """Wait for a free core of the machine and hold it; nested uses do nothing more.

    `folder` holds the locks, and must be the same for all processes that share the cores. The core of a
    process that is killed becomes free.
    """
    with acquire_slot(folder, [str(number) for number in range(cpu_count())]):
        yield


@contextmanager
def acquire_slot(folder: Path, names: Sequence[str]) -> Iterator[str]:
    """Wait until one of several names is free, hold it and yield it; nested uses get the one that is held."""
    if getattr(_held, "lock", None):
        yield _held.name
        return
    place = folder / slot_owner()
    _held.lock, _held.name = _acquire_free(place, names)
    try:
        yield _held.name
    finally:
        _held.lock.release()
        _held.lock = None


@contextmanager
def release_core() -> Iterator[None]:
    """While active, release the slot that this thread holds: for waiting without keeping it idle."""
    lock = getattr(_held, "lock", None)
    if lock is None:
        yield
        return
    lock.release()
    try:
        yield
    finally:
        # a core is as good as another; a GPU is not, because the network is on it
        any_core = [str(number) for number in range(cpu_count())]
        names = any_core if _held.name.isdecimal() else [_held.name]
        _held.lock, _held.name = _acquire_free(Path(lock.lock_file).parent, names)


def is_without_locks(error: Exception) -> bool:
    """Whether the error of a lock says that its file system has no locks."""
    return isinstance(error, NotImplementedError) or (
        isinstance(error, OSError) and error.errno in (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
    )


def slot_owner() -> str:
    """Whose slots they are: the machine, and the job that this process is part of, if any."""
    job = next((os.environ[name] for name in JOB_VARIABLES if os.environ.get(name)), "")
    return "-".join(filter(None, [socket.gethostname(), job])).replace("/", "-")


def _acquire_free(folder: Path, names: Sequence[str]) -> tuple[FileLock, str]:
    """Wait for a free name, acquire its lock and return both.

    Where the file system of the folder has no locks, as some that machines share, they are in the folder of
    this machine that the operating system has for the user's running programs.
    """
    folder.mkdir(parents=True, exist_ok=True)
    locks = {name: FileLock(folder / name.replace(":", "-")) for name in names}
    while True:
        for name, lock in locks.items():
            try:
                lock.acquire(blocking=False)
            except Timeout:
                continue
            except (NotImplementedError, OSError) as error:
                here = Path(platformdirs.user_runtime_dir("faceinv", appauthor=False)) / folder.name
                if folder == here or not is_without_locks(error):
                    raise
                return _acquire_free(here, names)
            return lock, name
        time.sleep(PAUSE)
