"""Parallel map: the same function of many items, on all cores or on a cluster, with a progress bar."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from joblib import Parallel, cpu_count, delayed
from tqdm import tqdm

from faceinv.runtime.cache import is_cached
from faceinv.runtime.core_slots import acquire_core
from faceinv.runtime.locations import cache_folder
from faceinv.runtime.parent_process import begin_child

Item = TypeVar("Item")
Result = TypeVar("Result")


def workers(count: int) -> Parallel:
    """Parallel calls in `count` processes, which end with this one; their results come as a generator."""
    return Parallel(n_jobs=count, return_as="generator", initializer=begin_child, initargs=(os.getpid(),))


def parallel_map(
    function: Callable[[Item], Result], items: Sequence[Item], title: str, unit: str = "network"
) -> list[Result]:
    """Results of `function` for each item, in order, computed in parallel on all cores.

    The work goes through joblib: under ``joblib.parallel_config(backend="dask")`` the same call runs on the
    machines of a cluster. With a function that is cached on disk (see
    `faceinv.runtime.cache.disk_cached`), a run that was killed, or that has one item more, computes only
    what is missing.
    """
    jobs: Iterable[Result] = workers(min(cpu_count(), max(1, len(items))))(
        delayed(with_core_slot)(function, item) for item in items
    )
    return list(tqdm(jobs, total=len(items), desc=title, unit=unit))


def with_core_slot(function: Callable[..., Result], *arguments: object) -> Result:
    """Result of `function`, called once a core is free (see `faceinv.runtime.core_slots`).

    A cached result is returned without waiting for a core.
    """
    if is_cached(function, *arguments):
        return function(*arguments)
    with acquire_core(cache_folder() / "cores"):
        return function(*arguments)
