"""Kernels that execute several chapters one after another, so that they load their libraries once.

A kernel takes seconds to import PyTorch and the package, and so does each of its workers. Between two
chapters it is emptied: no variable, widget or number of a cell stays. What stays are imported modules, whose
results depend on nothing but their arguments, and the workers.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.util import Finalize
from typing import Any

import psutil
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync

from faceinv.runtime.parent_process import begin_child

START_SECONDS = 60
"""Longest time for which a kernel is waited for."""

EMPTY = "__import__('ipywidgets').Widget.close_all(); get_ipython().reset(); __import__('gc').collect()"
"""Code that empties a kernel."""


class KernelKeeper:
    """Keeps the kernel of one chapter for the next, in a process that executes several of them."""

    def __init__(self) -> None:
        self.is_keeping = False
        self.manager: AsyncKernelManager | None = None
        self.environment: dict[str, str] = {}

    def begin(self) -> None:
        """Keep kernels from now on, until this process ends."""
        self.is_keeping = True
        Finalize(None, self.shut_down, exitpriority=10)

    @contextmanager
    def kernel(self) -> Iterator[dict[str, Any]]:
        """The arguments by which papermill uses the kernel that is kept; none if no kernel is to be kept.

        A kernel in which a chapter failed is shut down, and so is one that was started with other environment
        variables.
        """
        if not self.is_keeping:
            yield {}
            return
        if self.environment != dict(os.environ):
            self.shut_down()
        if self.manager is not None and not self._empty():
            self.shut_down()
        if self.manager is None:
            self.manager, self.environment = AsyncKernelManager(kernel_name="python3"), dict(os.environ)
        try:
            yield {"km": self.manager}
        except BaseException:
            self.shut_down()
            raise

    def _empty(self) -> bool:
        """Empty the kernel that is kept; whether that succeeded."""
        try:
            return bool(run_sync(_execute)(self.manager, EMPTY))
        except Exception:  # whatever happened to it, a new kernel is as good
            return False

    def shut_down(self) -> None:
        """Shut down the kernel that is kept, if there is one."""
        manager, self.manager = self.manager, None
        if manager is not None:
            with suppress(Exception):  # it may have ended by itself
                run_sync(manager.shutdown_kernel)(now=False)


async def _execute(manager: AsyncKernelManager, code: str) -> bool:
    """Execute code in a running kernel without a trace, and say whether it succeeded."""
    if not await manager.is_alive():
        return False
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=START_SECONDS)
        reply = await client.execute_interactive(
            code, silent=True, store_history=False, timeout=START_SECONDS
        )
        return bool(reply["content"]["status"] == "ok")
    finally:
        client.stop_channels()


keeper = KernelKeeper()
"""The kernel that this process keeps."""


def begin_executor(parent: int) -> None:
    """Begin a process that executes chapters in one kernel, and ends with its parent."""
    begin_child(parent)
    keeper.begin()


def processor_seconds() -> float | None:
    """Processor time of all processes that this one started, whether they have ended or not.

    None where the system does not count the time of processes that have ended.
    """
    try:
        import resource
    except ImportError:  # Windows has none
        return None
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    total = ended.ru_utime + ended.ru_stime
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # it has just ended
            total += sum(child.cpu_times()[:4])
    return float(total)
