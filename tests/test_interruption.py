"""Whatever ends a command, all that it started ends soon after, and it says how to go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import MakeBook

from faceinv.cli.command import INTERRUPTED

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc, and told by signals"),
]

SECONDS = 30
"""Within which all has to be gone: a second or two on an idle machine, more where tests take all cores."""

GRID = """
import os, time
from pathlib import Path
from faceinv.runtime import parallel
parallel.ALONE_SECONDS = 0
def work(_):
    Path(f"pids/worker-{os.getpid()}").touch()
    time.sleep(600)
Path("pids").mkdir(exist_ok=True)
Path(f"pids/kernel-{os.getpid()}").touch()
parallel.parallel_map(work, [0, 1], "working")
"""


@pytest.fixture(autouse=True)
def _interruptible() -> Iterator[None]:
    """Processes that are started heed an interrupt, even where the tests run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def kill_kernel(command: subprocess.Popen[str], pids: dict[str, int]) -> None:
    os.kill(next(number for name, number in pids.items() if name.startswith("kernel")), signal.SIGKILL)


def interrupt_twice(command: subprocess.Popen[str], pids: dict[str, int]) -> None:
    command.send_signal(signal.SIGINT)
    time.sleep(1)
    if command.poll() is None:
        command.send_signal(signal.SIGINT)


ENDS: dict[str, tuple[Callable[[subprocess.Popen[str], dict[str, int]], object], int, str]] = {
    "Ctrl-C in a terminal": (lambda command, _: os.killpg(command.pid, signal.SIGINT), 130, INTERRUPTED),
    "SIGINT": (lambda command, _: command.send_signal(signal.SIGINT), 130, INTERRUPTED),
    "Ctrl-C twice": (interrupt_twice, 130, INTERRUPTED),
    "SIGTERM": (lambda command, _: command.terminate(), 130, INTERRUPTED),
    "SIGHUP": (lambda command, _: command.send_signal(signal.SIGHUP), 130, INTERRUPTED),
    "SIGKILL": (lambda command, _: command.kill(), -signal.SIGKILL, ""),
    "a killed kernel": (kill_kernel, 1, "its kernel died, perhaps out of memory."),
}


CASES = [
    *((how, ("book",)) for how in ENDS),
    *((how, ("run", "01_a")) for how in ("Ctrl-C in a terminal", "SIGKILL", "a killed kernel")),
]


@pytest.mark.parametrize(
    ("how", "arguments"), CASES, ids=lambda value: value if isinstance(value, str) else value[0]
)
def test_nothing_lives_on(make_book: MakeBook, how: str, arguments: tuple[str, ...]) -> None:
    root = make_book({"01_a": GRID})
    (root / "notebooks" / "pids").mkdir()
    folders = (root / "pids", root / "notebooks" / "pids")
    command = subprocess.Popen(
        [sys.executable, "-m", "faceinv.cli", *arguments],
        cwd=root,
        env={**os.environ, "LOKY_MAX_CPU_COUNT": "2"},  # tests in parallel have one core each
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # as in a terminal: tests that are run by nohup ignore a hangup, and pass this on
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
    )

    def pids() -> dict[str, int]:
        files = [file for folder in folders if folder.is_dir() for file in folder.iterdir()]
        return {file.name: int(file.name.rpartition("-")[2]) for file in files}

    def begun() -> bool:
        assert command.poll() is None, command.communicate()[0]
        return sum(name.startswith("worker") for name in pids()) == 2

    wait_until(begun, 180, "no worker began")
    started = pids()
    end, status, sentence = ENDS[how]
    end(command, started)
    shown, _ = command.communicate(timeout=SECONDS)  # ends only when nobody holds the output open
    assert command.returncode == status
    assert sentence in shown
    if sentence == INTERRUPTED:
        assert shown.rstrip().endswith(INTERRUPTED) and "Traceback" not in shown
    wait_until(lambda: not any(map(alive, started.values())), SECONDS, "a process lives on")
