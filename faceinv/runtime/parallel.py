"""Parallel map: the same function of many networks, on all cores, GPUs or machines, with a progress bar."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from joblib import cpu_count, delayed
from tqdm import tqdm

from faceinv.errors import InputError
from faceinv.runtime.cache import is_cached
from faceinv.runtime.device_slots import on_free_device
from faceinv.runtime.devices import devices, requested_device
from faceinv.runtime.environment import SCHEDULER_VARIABLE, WORKERS_VARIABLE
from faceinv.runtime.processes import workers

Item = TypeVar("Item")
Result = TypeVar("Result")

ALONE_SECONDS = 5.0
"""Time for which a process computes alone before it starts workers: about what starting them costs."""

_have_workers = False
"""Whether this process has started workers for a grid, which then wait for the next."""


def parallel_map(
    function: Callable[[Item], Result], items: Sequence[Item], title: str, unit: str = "network"
) -> list[Result]:
    """Results of `function` for each item, in order, computed in parallel.

    There is one worker a core or, where networks compute on GPUs, one a GPU; the environment variable
    ``FACEINV_WORKERS`` sets another number. With ``FACEINV_SCHEDULER`` the same calls run on the workers of a
    scheduler (see `faceinv.runtime.cluster`). With a function that is cached on disk (see
    `faceinv.runtime.cache.disk_cached`), a run that was killed, or that has one item more, computes only what
    is missing. No processes are started where one result is missing or none, nor where this process can
    compute all of them within `ALONE_SECONDS`.
    """
    address = os.environ.get(SCHEDULER_VARIABLE)
    if address:
        from faceinv.runtime.cluster import results_of  # needs the extra cluster

        jobs = results_of(function, items, address)
    else:
        jobs = _results_here(function, items)
    return list(tqdm(jobs, total=len(items), desc=title, unit=unit))


def _results_here(function: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
    """Results of `function` for each item, in order, computed on this machine."""
    global _have_workers
    missing = sum(not is_cached(function, item) for item in items)
    count, done = min(worker_count(), max(1, missing)), 0
    if count > 1 and devices(requested_device()) == ["cpu"] and not _have_workers:
        start = time.monotonic()
        while done < len(items) and time.monotonic() - start < ALONE_SECONDS:
            yield on_free_device(function, items[done])
            done += 1
        count = min(count, max(1, len(items) - done))
    _have_workers |= count > 1
    yield from workers(count)(delayed(on_free_device)(function, item) for item in items[done:])


def worker_count() -> int:
    """Number of workers of a grid on this machine.

    Raises
    ------
    InputError
        If ``FACEINV_WORKERS`` is not a positive number.
    """
    given = os.environ.get(WORKERS_VARIABLE)
    if given is None:
        found = devices(requested_device())
        return cpu_count() if found == ["cpu"] else len(found)
    if not given.isdecimal() or int(given) < 1:
        raise InputError(f"{WORKERS_VARIABLE} is {given!r}; expected a number of workers, such as 4")
    return int(given)
