"""Slices of a set: some consecutive classes, which are drawn on their own and in parallel."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from joblib import delayed
from tqdm import tqdm

from faceinv.errors import InputError
from faceinv.runtime.processes import workers

Set = TypeVar("Set")
Part = TypeVar("Part")


def draw_slices(
    draw: Callable[[Set, int, int], Part],
    drawn: Set,
    count: int,
    chunk: int = 1,
    processes: int = 1,
    progress: bool = False,
) -> list[Part]:
    """All slices of a set, in order.

    Parameters
    ----------
    draw : gives a slice of a set, from the index of its first class and the number of its classes
    drawn : the set
    count : number of its classes
    chunk : classes of a slice
    processes : number of worker processes; each uses one core
    progress : whether to show a progress bar
    """
    starts = range(0, count, chunk)
    work = (delayed(draw)(drawn, first, min(chunk, count - first)) for first in starts)
    return list(tqdm(workers(processes)(work), total=len(starts), desc="rendering", disable=not progress))


def check_slice(what: str, of: str, first: int, count: int, total: int) -> None:
    """Raise `InputError` unless a set has `count` classes from its `first` on.

    Parameters
    ----------
    what : its classes, such as ``"identities"``
    of : the set, such as ``"a face set"``
    first, count, total : first class, number of classes, and number of those that the set has
    """
    if first < 0 or count < 1 or first + count > total:
        raise InputError(
            f"{what} {first} to {first + count - 1} of {of} were requested; expected 0 to {total - 1}"
        )
