"""Kept memory: what a computation frees is given to its next step, and not back to the system."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

# Parameters of mallopt, from glibc's malloc.h
TRIM_THRESHOLD, MMAP_THRESHOLD, MMAP_MAX = -1, -3, -4

KEEPING = {MMAP_MAX: 0, TRIM_THRESHOLD: -1}
"""No block is mapped on its own, and the end of the heap is never returned."""
RETURNING = {MMAP_MAX: 65_536, MMAP_THRESHOLD: 32 * 2**20, TRIM_THRESHOLD: 64 * 2**20}
"""What glibc arrives at by itself in a process that uses large blocks."""

_users = 0
"""Computations of this process that want memory to be kept."""


@contextmanager
def kept_memory() -> Iterator[None]:
    """While active, freed memory is reused by this process; afterwards it goes back to the system.

    By default glibc returns each large block to the system when it is freed, and the system clears every page
    of the next one. At 224 pixels and full width this takes up to half of the time of a training step (see
    ``benchmarks/training.py``). A relevance map takes up to a fifth less without it, depending on how blocks
    happen to lie. The values computed are the same. With another C library this does nothing.
    """
    global _users
    functions = _functions()
    if functions is None:
        yield
        return
    set_parameter, trim = functions
    _users += 1
    if _users == 1:
        for parameter, value in KEEPING.items():
            set_parameter(parameter, value)
    try:
        yield
    finally:
        _users -= 1
        if not _users:
            for parameter, value in RETURNING.items():
                set_parameter(parameter, value)
            trim(0)


@cache
def _functions() -> tuple[Callable[[int, int], int], Callable[[int], int]] | None:
    """glibc's mallopt and malloc_trim, or None where another C library is used."""
    try:
        library = ctypes.CDLL(None)
        return library.mallopt, library.malloc_trim
    except (AttributeError, OSError, TypeError):  # no glibc, nothing to load; on Windows None is no library
        return None
