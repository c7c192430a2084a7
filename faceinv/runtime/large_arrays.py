"""Large arrays lie in files: the operating system keeps in memory what is in use, and workers share it."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from tempfile import TemporaryFile

import numpy as np

from faceinv.runtime.locations import cache_folder

MAPPED_BYTES = 1 << 28
"""Bytes from which an array is kept in a file rather than in memory."""
BLOCK_BYTES = 1 << 26
"""Bytes that are read of a large array at a time."""


def large_empty(shape: tuple[int, ...]) -> np.ndarray:
    """An array of bytes (uint8) to be filled, in memory or, if it is large, in a file without a name.

    The file lies in the cache folder. It is gone when the array is, or the process, however it ends.
    """
    if prod(shape) < MAPPED_BYTES:
        return np.empty(shape, dtype=np.uint8)
    with TemporaryFile(dir=cache_folder()) as file:
        return np.memmap(file, dtype=np.uint8, mode="w+", shape=shape)


def take_rows(array: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Rows of an array of bytes at integer indices, as a copy: in a file if it is large."""
    shape = (len(rows), *array.shape[1:])
    if prod(shape) < MAPPED_BYTES:
        return array[rows]
    found = large_empty(shape)
    for part in row_blocks(array[0].nbytes, len(rows)):
        found[part] = array[rows[part]]
    return found


def row_blocks(size: int, count: int) -> Iterator[slice]:
    """Consecutive parts of `count` things of `size` bytes, of about `BLOCK_BYTES` bytes each."""
    step = max(1, BLOCK_BYTES // size)
    for start in range(0, count, step):
        yield slice(start, min(start + step, count))
