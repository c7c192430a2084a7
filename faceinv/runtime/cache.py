"""Results that are kept on disk, so that a killed run continues and a second run takes seconds."""

from __future__ import annotations

import hashlib
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from importlib.metadata import version
from pathlib import Path
from typing import ParamSpec, TypeVar

from filelock import FileLock, Timeout
from joblib import Memory
from joblib import hash as joblib_hash
from joblib._store_backends import CacheWarning

from faceinv.errors import InputError
from faceinv.runtime.core_slots import release_core

P = ParamSpec("P")
R = TypeVar("R")

# A kept result depends on the source of its own layer and of those below it (imports point downwards only).
LAYERS = ("data", "models", "lrp")
ROOF = (
    "__init__.py",
    "examples.py",
    "cli.py",
    "book.py",
    "chapters.py",
    "figures.py",
    "gallery.py",
    "heatmaps.py",
    "multiples.py",
    "open_set.py",
    "panels.py",
    "places.py",
    "plates.py",
    "sheets.py",
    "turns.py",
    "records.py",
    "parameters.py",
    "page.py",
    "matrices.py",
    "claims.py",
    "robustness.py",
    "explorer.py",
    "serving.py",
)
FACADE = ("pages", "widgets")
"""Folders of what only shows results."""
LIBRARIES = ("numpy", "torch", "torchvision", "embreex", "zennit")


def folder() -> Path:
    """Where results are kept: the environment's ``FACEINV_CACHE``, or ``.faceinv`` in the working folder.

    Raises
    ------
    InputError
        If the folder cannot be made or written.
    """
    place = Path(os.environ.get("FACEINV_CACHE", ".faceinv")).absolute()
    reason = "it is read-only"
    try:
        place.mkdir(parents=True, exist_ok=True)
        usable = os.access(place, os.W_OK)
    except OSError as error:
        usable, reason = False, str(error.strerror)
    if not usable:
        raise InputError(
            f"the cache folder {place} cannot be written ({reason}); make it writable, or name another "
            "folder in the environment variable FACEINV_CACHE"
        )
    return place


def disk_cached(function: Callable[P, R]) -> Callable[P, R]:
    """Keep the results of a pure function of small frozen dataclasses on disk.

    A result is found again by the function, its arguments, the source of the function's layer and of the
    layers below, and the versions of the libraries that compute; change any of them and it is computed anew.
    Writing is atomic: a run that is killed leaves whole results or none. What one process computes, no other
    one begins to: it waits for the result.
    """
    layer = function.__module__.split(".")[1]

    def store() -> Memory:
        return Memory(folder() / f"{layer}-{fingerprint(layer)}", verbose=0)

    @wraps(function)
    def keep(*args: P.args, **kwargs: P.kwargs) -> R:
        with warnings.catch_warnings():
            warnings.simplefilter("error", CacheWarning)
            try:
                cached = store().cache(function)
                if cached.check_call_in_cache(*args, **kwargs):
                    return cached(*args, **kwargs)
                with _alone(FileLock(lock_of(store(), function, args, kwargs))):
                    return cached(*args, **kwargs)
            except CacheWarning as error:
                raise InputError(
                    f"the result of {function.__name__} could not be kept in {folder()} ({error}); free some "
                    "space or name another folder in FACEINV_CACHE (what was computed before is kept)"
                ) from error

    keep.known = lambda *args: store().cache(function).check_call_in_cache(*args)  # type: ignore[attr-defined]
    return keep


def is_cached(function: Callable[..., object], *args: object) -> bool:
    """Whether what a function makes of some arguments has been kept; False for one that keeps nothing."""
    known = getattr(function, "known", None)
    return known is not None and known(*args)


@contextmanager
def _alone(lock: FileLock) -> Iterator[None]:
    """Within it, the lock is this process's; while another one has it, the core is left to others."""
    try:
        lock.acquire(blocking=False)
    except Timeout:
        with release_core():
            lock.acquire()
    try:
        yield
    finally:
        lock.release()


def lock_of(store: Memory, function: Callable[..., object], *arguments: object) -> Path:
    """The file that is locked while `function` of some arguments is computed for `store`."""
    locks = Path(store.location) / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    return locks / joblib_hash((function.__module__, function.__qualname__, arguments))


@cache
def fingerprint(layer: str) -> str:
    """Hash of the source that results of `layer` depend on, and of the libraries' versions."""
    package = Path(__file__).parent
    if layer in LAYERS:
        files = [
            file
            for name in LAYERS[: LAYERS.index(layer) + 1]
            for file in (package / name).rglob("*")
            if file.suffix in (".py", ".npz") and file.parent.name != "bases"
        ]
    else:
        files = [
            file for file in package.rglob("*.py") if file.name not in ROOF and file.parent.name not in FACADE
        ]
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.relative_to(package).as_posix().encode())
        digest.update(file.read_bytes())
    for library in LIBRARIES:
        digest.update(f"{library} {version(library)}".encode())
    return digest.hexdigest()[:12]
