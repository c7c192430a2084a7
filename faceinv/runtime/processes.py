"""Worker processes on this machine, and the core that each of their computations waits for."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

from joblib import Parallel

from faceinv.runtime.cache import is_cached
from faceinv.runtime.core_slots import acquire_core
from faceinv.runtime.locations import cache_folder
from faceinv.runtime.parent_process import begin_child

Result = TypeVar("Result")


def workers(count: int) -> Parallel:
    """Parallel calls in `count` processes, which end with this one; their results come as a generator."""
    return Parallel(n_jobs=count, return_as="generator", initializer=begin_child, initargs=(os.getpid(),))


def with_core_slot(function: Callable[..., Result], *arguments: object) -> Result:
    """Result of `function`, called once a core is free (see `faceinv.runtime.core_slots`).

    A cached result is returned without waiting for a core.
    """
    if is_cached(function, *arguments):
        return function(*arguments)
    with acquire_core(cache_folder() / "cores"):
        return function(*arguments)
