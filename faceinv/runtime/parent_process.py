"""Processes that end with the one that started them, however that ends."""

from __future__ import annotations

import os
import signal
import time
from threading import Thread

INTERVAL = 0.5
"""Seconds between two looks at whether the parent is there."""


def end_with(parent: int) -> None:
    """End this process as soon as its parent has ended or was killed.

    Parameters
    ----------
    parent : process number of the parent
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(INTERVAL)
        os._exit(1)

    Thread(target=watch, daemon=True).start()


def begin_child(parent: int) -> None:
    """Let this process end with its parent, and leave Ctrl-C to it: a terminal sends it to both."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with(parent)


def code_to_end_with(parent: int) -> str:
    """A statement of Python, without any name that stays, that lets a new process end with its parent."""
    return f"__import__({__name__!r}, fromlist=['_']).end_with({parent})"
