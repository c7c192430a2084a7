"""Grids: the same work on many cells, on all cores or on a cluster, with progress."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from joblib import Parallel, cpu_count, delayed
from tqdm import tqdm

from faceinv.runtime.cache import folder, is_cached
from faceinv.runtime.core_slots import acquire_core

Item = TypeVar("Item")
Result = TypeVar("Result")


def parallel_map(
    function: Callable[[Item], Result], items: Sequence[Item], title: str, unit: str = "network"
) -> list[Result]:
    """`function` of each item, in order, side by side on all cores.

    The work goes through joblib: under ``joblib.parallel_config(backend="dask")`` the same call runs on the
    machines of a cluster. Functions that keep their results (see `faceinv.runtime.cache.disk_cached`) make
    the grid resumable: a run that was killed, or that has one item more, computes only what is missing.
    """
    jobs: Iterable[Result] = Parallel(n_jobs=min(cpu_count(), max(1, len(items))), return_as="generator")(
        delayed(with_core_slot)(function, item) for item in items
    )
    return list(tqdm(jobs, total=len(items), desc=title, unit=unit))


def with_core_slot(function: Callable[..., Result], *arguments: object) -> Result:
    """`function` of the arguments, once one of the machine's cores is free (see
    `faceinv.runtime.core_slots`).

    What has been kept needs no core.
    """
    if is_cached(function, *arguments):
        return function(*arguments)
    with acquire_core(folder() / "turns"):
        return function(*arguments)
