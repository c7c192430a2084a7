"""Device slots: a computation waits for a core or, where networks compute on GPUs, for a GPU."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from faceinv.runtime.cache import is_cached
from faceinv.runtime.core_slots import acquire_core, acquire_slot
from faceinv.runtime.devices import computing_on, devices, requested_device
from faceinv.runtime.kept_memory import kept_memory
from faceinv.runtime.locations import cache_folder

Result = TypeVar("Result")


def on_free_device(function: Callable[..., Result], *arguments: object) -> Result:
    """Result of `function`, called once a core or, where networks compute on GPUs, a GPU is free.

    A cached result is returned without waiting.
    """
    if is_cached(function, *arguments):
        return function(*arguments)
    names, folder = devices(requested_device()), cache_folder() / "cores"
    if names == ["cpu"]:
        with acquire_core(folder), kept_memory():
            return function(*arguments)
    with acquire_slot(folder, names) as name, computing_on(name), kept_memory():
        return function(*arguments)
