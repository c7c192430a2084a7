"""The shared cache: results at an address that several machines reach, such as ``s3://bucket/faceinv``.

Any file system of fsspec will do. A machine reads results from the address into a folder of its own (see
`faceinv.runtime.locations.cache_folder`) and writes its own results to both. There are no locks between
machines, and none are needed: the name of a result is a hash of all that it depends on, a file appears under
its name as a whole, and its checksum is verified when it is read.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from faceinv.errors import InputError
from faceinv.runtime.atomic import atomic_path
from faceinv.runtime.locations import CACHE_VARIABLE, cache_address, cache_folder


def is_shared(file: Path) -> bool:
    """Whether a file of the cache folder is at the address; False if there is no address.

    Raises
    ------
    InputError
        If the address cannot be used.
    """
    if (address := cache_address()) is None:
        return False
    with _reached(address):
        system, root = _opened(address)
        return bool(system.exists(_name(root, file)))


def download(file: Path) -> bool:
    """Copy a file from the address into the cache folder, and say whether it was there; see `is_shared`."""
    if (address := cache_address()) is None:
        return False
    with _reached(address):
        system, root = _opened(address)
        try:
            with (
                system.open(_name(root, file), "rb") as there,
                atomic_path(file) as partial,
                partial.open("wb") as here,
            ):
                shutil.copyfileobj(there, here)
        except FileNotFoundError:
            return False
    return True


def upload(file: Path) -> None:
    """Copy a file of the cache folder to the address, if there is one; see `is_shared`."""
    if (address := cache_address()) is None:
        return
    with _reached(address):
        system, root = _opened(address)
        name = _name(root, file)
        system.makedirs(name.rpartition("/")[0], exist_ok=True)
        with file.open("rb") as here, system.transaction, system.open(name, "wb") as there:
            shutil.copyfileobj(here, there)


def remove_shared(file: Path) -> None:
    """Remove a file from the address, if there is one; see `is_shared`."""
    if (address := cache_address()) is None:
        return
    with _reached(address):
        system, root = _opened(address)
        if system.exists(name := _name(root, file)):
            system.rm(name)


def _name(root: str, file: Path) -> str:
    """Name of a file of the cache folder at the address."""
    return f"{root.rstrip('/')}/{file.relative_to(cache_folder()).as_posix()}"


@cache
def _opened(address: str) -> tuple[Any, str]:
    """The file system of an address, and the folder in it."""
    # not as a statement: no result depends on the version of what only carries it
    return import_module("fsspec.core").url_to_fs(address)


@contextmanager
def _reached(address: str) -> Iterator[None]:
    """Say in a sentence that the address cannot be used, whatever its file system raises."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # each file system has errors of its own
        raise InputError(
            f"the cache {address} cannot be used ({type(error).__name__}: {error}); "
            f"expected in {CACHE_VARIABLE} a folder, or an address of fsspec that can be written, such as "
            "s3://bucket/faceinv (results are kept on this machine too)"
        ) from error
