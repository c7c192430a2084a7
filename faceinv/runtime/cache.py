"""A cache of results on disk, so that an interrupted run resumes and a second run takes seconds."""

from __future__ import annotations

import hashlib
import inspect
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, BinaryIO, ParamSpec, TypeVar

import joblib
from filelock import FileLock, Timeout

from faceinv.errors import InputError
from faceinv.runtime import large_arrays
from faceinv.runtime.atomic import atomic_path
from faceinv.runtime.core_slots import is_without_locks, release_core
from faceinv.runtime.fingerprints import fingerprint
from faceinv.runtime.locations import CACHE_VARIABLE, cache_folder
from faceinv.runtime.shared_cache import download, is_shared, upload

P = ParamSpec("P")
R = TypeVar("R")

CHECKSUM = 32
"""Bytes of the checksum (BLAKE2b) at the end of each file."""
BLOCK = 1 << 20
"""Bytes of a file that are read at a time."""
MISSING: Any = object()
"""Returned in place of a result that is not in the cache."""


def disk_cached(function: Callable[P, R]) -> Callable[P, R]:
    """Cache the results of a pure function of small frozen dataclasses on disk (see `cache_folder`).

    The key of a result is the function, its arguments, and the fingerprint of the function's module (see
    `faceinv.runtime.fingerprints`): its source, the source of all that it imports, and the versions of
    libraries. If any of them changes, the result is computed again. Results are written atomically, and a
    process that needs a result that another is computing waits for it. Each file ends with a checksum of what
    is before it, so that a damaged result is noticed, whichever byte of it changed, and computed again. Where
    several machines share an address (see `faceinv.runtime.shared_cache`), results are read from there too.

    Results are pickles: whoever can write to the folder can run code, which `cache_folder` therefore checks.

    `joblib.Memory` is not used, because it discards the results of a function when its comments are edited.

    Raises
    ------
    InputError
        If a computed result cannot be written, or the address that machines share cannot be reached.
    """

    def file_of(*args: P.args, **kwargs: P.kwargs) -> Path:
        arguments = inspect.signature(function).bind(*args, **kwargs)
        arguments.apply_defaults()
        of_function = f"{function.__qualname__}-{fingerprint(function.__module__)}"
        return cache_folder() / function.__module__ / of_function / f"{joblib.hash(arguments.arguments)}.pkl"

    @wraps(function)
    def cached(*args: P.args, **kwargs: P.kwargs) -> R:
        file = file_of(*args, **kwargs)
        result = _read(file)
        if result is MISSING:
            with _locked(file):
                result = _read(file)  # another process may have computed it while this one waited
                if result is MISSING and download(file):
                    result = _read(file)
                if result is MISSING:
                    result = function(*args, **kwargs)
                    _write(file, result, function.__name__)
                    upload(file)
        return result

    cached.file_of = file_of  # type: ignore[attr-defined]
    return cached


def is_cached(function: Callable[..., object], *args: object) -> bool:
    """Whether the result of a function for some arguments is cached; False if it is not `disk_cached`."""
    file_of = getattr(function, "file_of", None)
    if file_of is None:
        return False
    file: Path = file_of(*args)
    return file.is_file() or is_shared(file)


def _read(file: Path) -> Any:
    """The result in a file, or `MISSING` if there is none or it is damaged."""
    try:
        with file.open("rb") as opened:
            size = os.fstat(opened.fileno()).st_size
            if size < CHECKSUM or _checksum(opened, size - CHECKSUM) != opened.read(CHECKSUM):
                raise ValueError("its checksum is another")
            opened.seek(0)
            # Workers share the pages of a large file; a page that is written to becomes a worker's own.
            return (
                joblib.load(opened) if size < large_arrays.MAPPED_BYTES else joblib.load(file, mmap_mode="c")
            )
    except FileNotFoundError:
        return MISSING
    except Exception as error:  # a file of another version of a library can make unpickling raise anything
        warnings.warn(f"{file} is damaged ({error}); it is computed again", stacklevel=3)
        return MISSING


def _checksum(opened: BinaryIO, size: int) -> bytes:
    """Checksum of the next `size` bytes of a file, which is read up to there."""
    digest = hashlib.blake2b(digest_size=CHECKSUM)
    while size > 0 and (block := opened.read(min(size, BLOCK))):
        digest.update(block)
        size -= len(block)
    return digest.digest()


def _write(file: Path, result: object, name: str) -> None:
    try:
        with atomic_path(file) as partial:
            joblib.dump(result, partial)
            with partial.open("r+b") as opened:
                checksum = _checksum(opened, os.fstat(opened.fileno()).st_size)
                opened.seek(0, os.SEEK_END)
                opened.write(checksum)
    except OSError as error:
        raise InputError(
            f"the result of {name} could not be written to {cache_folder()} ({error.strerror or error}); "
            f"free some space or set {CACHE_VARIABLE} to another folder (earlier results are kept)"
        ) from error


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """Lock a result against other processes; release the core slot while waiting for the lock.

    The lock only saves time: results have names of what they are results of, and appear as a whole, so that
    two processes which compute the same one write the same file. On file systems without locks, as some
    clusters share them, that is what happens.
    """
    lock = FileLock(file.with_suffix(".lock"))
    try:
        lock.acquire(blocking=False)
    except Timeout:
        with release_core():
            lock.acquire()
    except (NotImplementedError, OSError) as error:
        if not is_without_locks(error):
            raise
        yield
        return
    try:
        yield
    finally:
        lock.release()
