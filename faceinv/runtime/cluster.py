"""Cluster: the same grids on the workers of a scheduler of dask.distributed, on this machine or on many.

The environment variable ``FACEINV_SCHEDULER`` holds the address of the scheduler. Workers share the cache
with this process: what they compute is kept there, and a grid that was interrupted computes only what is
missing. Where workers offer the resource ``GPU``, each computation takes one.
"""

from __future__ import annotations

import asyncio
import os
import pickle
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from joblib import Parallel, delayed, parallel_config

from faceinv.errors import InputError
from faceinv.runtime.atomic import write_atomically
from faceinv.runtime.device_slots import on_free_device
from faceinv.runtime.devices import AUTO, device_name, requested_device
from faceinv.runtime.environment import DEVICE_VARIABLE, SCHEDULER_VARIABLE
from faceinv.runtime.fingerprints import ROOT, fingerprint
from faceinv.runtime.locations import CACHE_VARIABLE, cache_address, cache_folder, cache_setting
from faceinv.runtime.shared_cache import is_shared, remove_shared, upload

Item = TypeVar("Item")
Result = TypeVar("Result")

ANSWER_SECONDS = 5
"""Seconds to wait for the answer of a scheduler."""
ARRIVAL_SECONDS = 60
"""Seconds to wait for the first worker."""
GPU = "GPU"
"""The resource that a worker with a GPU offers (``dask worker --resources GPU=1``)."""


def results_of(function: Callable[[Item], Result], items: Sequence[Item], address: str) -> Iterator[Result]:
    """Results of a function for each item, in order, computed by the workers of a scheduler.

    Raises
    ------
    InputError
        If the scheduler does not answer, has no worker, or its workers have another version of the package,
        another cache folder, no GPU where one is asked for, or not the module of `function`.
    """
    client = connected(address)
    settings = {CACHE_VARIABLE: cache_setting(), DEVICE_VARIABLE: requested_device()}
    resources = {"resources": {GPU: 1}} if on_gpus(client) else {}
    try:
        _check_loadable(client, function)
        with parallel_config(backend="dask", client=client, **resources):  # type: ignore[arg-type]
            jobs = Parallel(return_as="generator")(
                delayed(on_worker)(settings, function, item) for item in items
            )
        yield from jobs
    except (CancelledError, asyncio.CancelledError, OSError) as error:
        if isinstance(error, OSError) and client.status == "running":
            raise
        connected.cache_clear()
        raise InputError(
            f"the scheduler {address} ended; what was computed is kept, and the next run goes on from there"
        ) from error


def on_worker(settings: dict[str, str], function: Callable[[Item], Result], item: Item) -> Result:
    """The result of a function in a worker, in the environment of the process that asks."""
    with environment(settings), parallel_config(backend="sequential"):
        return on_free_device(function, item)


@contextmanager
def environment(settings: dict[str, str]) -> Iterator[None]:
    """While active, environment variables have these values, and this process is no client of a scheduler."""
    before = {name: os.environ.get(name) for name in (*settings, SCHEDULER_VARIABLE)}
    os.environ.update(settings)
    os.environ.pop(SCHEDULER_VARIABLE, None)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@cache
def connected(address: str) -> Any:
    """A client of a scheduler whose workers are as they should be, once a process; see `results_of`."""
    try:
        # not as a statement: no result depends on the version of what only sends it
        distributed = import_module("distributed")
    except ModuleNotFoundError as error:
        raise InputError(
            f"{error.name} is not installed; a scheduler needs: pip install 'faceinv[cluster]'"
        ) from error
    try:
        client = distributed.Client(address, timeout=ANSWER_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError(
            f"the scheduler {address} does not answer; expected the address of a running one, such as "
            "tcp://127.0.0.1:8786, which `faceinv cluster local` prints"
        ) from error
    try:
        client.wait_for_workers(1, timeout=ARRIVAL_SECONDS)
    except TimeoutError as error:
        raise InputError(
            f"the scheduler {address} has had no worker for {ARRIVAL_SECONDS} seconds; expected at least one"
        ) from error
    check_workers(client)
    return client


def check_workers(client: Any) -> None:
    """Raise `InputError` unless all workers have this version of the package, and see the cache."""
    mark = cache_folder() / f"seen-by-workers-{uuid4().hex}"
    write_atomically(mark, "")
    try:
        upload(mark)
        found = client.run(report, cache_address(), str(mark), on_error="return")
    finally:
        mark.unlink(missing_ok=True)
        remove_shared(mark)
    own = fingerprint(f"{ROOT}.experiments")
    for worker, said in found.items():
        if not isinstance(said, dict) or said["version"] != own:
            raise InputError(
                f"the worker {worker} has another version of {ROOT} or of its libraries; expected the same "
                "installation on all machines"
            )
        if not said["sees"]:
            raise InputError(
                f"the worker {worker} does not see the cache {cache_setting()}; name a folder or an address "
                f"that all machines share in the environment variable {CACHE_VARIABLE}"
            )
    if requested_device().partition(":")[0] in ("cuda", "mps") and not on_gpus(client):
        raise InputError(
            f"device is {requested_device()!r}, but no worker offers the resource {GPU}; expected workers "
            f"that were started with --resources {GPU}=1"
        )


def _check_loadable(client: Any, function: Callable[..., object]) -> None:
    """Raise `InputError` unless all workers can load a function; dask would wait for its results forever."""
    dumps = import_module("cloudpickle").dumps
    for worker, problem in client.run(problem_of_loading, dumps(function), on_error="raise").items():
        if problem:
            name = f"{function.__module__}.{getattr(function, '__qualname__', type(function).__name__)}"
            raise InputError(
                f"the worker {worker} cannot load {name} ({problem}); expected its module to be installed, "
                "or in PYTHONPATH, where workers are started"
            )


def problem_of_loading(pickled: bytes) -> str:
    """Why a worker cannot load what another process of the same user pickled; empty if it can."""
    try:
        pickle.loads(pickled)
    except Exception as error:  # whatever a module raises that is being imported
        return f"{type(error).__name__}: {error}"
    return ""


def report(address: str | None, mark: str) -> dict[str, object]:
    """What a worker says of itself: its version, its device, and whether it sees a file of the cache.

    Parameters
    ----------
    address : of the cache, or None if it is a folder
    mark : path of the file, as text, whatever the system of the worker
    """
    if address is None:
        sees = os.path.exists(mark)  # noqa: PTH110
    else:
        with environment({CACHE_VARIABLE: address}):
            try:
                sees = is_shared(cache_folder() / Path(mark).name)
            except InputError:
                sees = False
    return {"version": fingerprint(f"{ROOT}.experiments"), "sees": sees, "device": device_name()}


def on_gpus(client: Any) -> bool:
    """Whether computations take a GPU: one that is asked for, or with ``auto`` one that workers offer."""
    asked = requested_device()
    offered = any(worker["resources"].get(GPU) for worker in client.scheduler_info(-1)["workers"].values())
    return offered and asked.partition(":")[0] in (AUTO, "cuda", "mps")


def scheduled_workers() -> int:
    """Number of workers of the scheduler; 0 without one."""
    address = os.environ.get(SCHEDULER_VARIABLE)
    return len(connected(address).scheduler_info(-1)["workers"]) if address else 0


def where() -> str:
    """Where networks compute, for records: the device of this process, or the workers of the scheduler."""
    address = os.environ.get(SCHEDULER_VARIABLE)
    if not address:
        return device_name()
    found = connected(address).run(device_name, on_error="return")
    names = sorted({str(name) for name in found.values()})
    return f"{len(found)} workers of a scheduler ({'; '.join(names)})"
