"""Kernels that execute several chapters: emptied in between, replaced when broken, and ended."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import psutil
import pytest
from conftest import MakeBook

from faceinv.book import chapters
from faceinv.book.chapters import execute, find_chapter
from faceinv.book.kernels import KernelKeeper, processor_seconds
from faceinv.errors import RunError

SAY = "import os\nprint(os.getpid(), 'left' in globals())\nleft = 1"
"""Says which kernel it runs in and whether a variable of its last execution is there."""


@pytest.fixture
def keeper(monkeypatch: pytest.MonkeyPatch) -> Iterator[KernelKeeper]:
    """Keeps the kernels of this test."""
    keeper = KernelKeeper()
    keeper.begin()
    monkeypatch.setattr(chapters, "keeper", keeper)
    yield keeper
    keeper.shut_down()


@pytest.fixture
def say(make_book: MakeBook) -> Callable[[str], nbformat.NotebookNode]:
    """Executes a chapter of a small book and returns its last cell."""
    root = make_book({"01_say": SAY, "02_fail": "left = 2\n1 / 0", "03_die": "import os\nos._exit(1)"})

    def executed(name: str, out: str = "out") -> nbformat.NotebookNode:
        notebook = root / f"{name}.ipynb"
        execute(find_chapter(root, name), {}, notebook, root / out)
        return nbformat.read(notebook, as_version=4).cells[-1]

    return executed


def text(cell: nbformat.NotebookNode) -> tuple[int, bool]:
    """The process number that a cell has printed, and whether a variable was left."""
    number, left = cell.outputs[0].text.split()
    return int(number), left == "True"


def test_chapters_share_a_kernel_and_no_variables(
    keeper: KernelKeeper, say: Callable[..., nbformat.NotebookNode]
) -> None:
    first, second = say("01_say"), say("01_say")
    assert text(first)[0] == text(second)[0]
    assert not text(second)[1]
    assert first.execution_count == second.execution_count


def test_without_keeping_each_chapter_has_a_kernel_of_its_own(
    say: Callable[..., nbformat.NotebookNode],
) -> None:
    assert text(say("01_say"))[0] != text(say("01_say"))[0]


@pytest.mark.parametrize("name", ["02_fail", "03_die"])
def test_after_a_failure_the_next_chapter_has_a_new_kernel(
    keeper: KernelKeeper, say: Callable[..., nbformat.NotebookNode], name: str
) -> None:
    before = text(say("01_say"))[0]
    with pytest.raises(RunError):
        say(name)
    assert not psutil.pid_exists(before)
    number, left = text(say("01_say"))
    assert number != before and not left


def test_a_kernel_that_was_killed_in_between_is_replaced(
    keeper: KernelKeeper, say: Callable[..., nbformat.NotebookNode]
) -> None:
    before = text(say("01_say"))[0]
    psutil.Process(before).kill()
    assert text(say("01_say"))[0] != before


def test_a_chapter_that_writes_elsewhere_has_a_kernel_with_that_folder(
    keeper: KernelKeeper, say: Callable[..., nbformat.NotebookNode]
) -> None:
    assert text(say("01_say"))[0] != text(say("01_say", "another folder"))[0]


def test_a_kept_kernel_ends_with_its_process(make_book: MakeBook) -> None:
    root = make_book({"01_say": SAY})
    code = (
        "import sys\nfrom pathlib import Path\nfrom faceinv.book import chapters, kernels\n"
        "kernels.keeper.begin()\nroot = Path(sys.argv[1])\n"
        "chapters.execute(chapters.find_chapter(root, '01_say'), {}, root / 'a.ipynb', root)"
    )
    subprocess.run([sys.executable, "-c", code, str(root)], check=True, capture_output=True)
    number, _ = text(nbformat.read(root / "a.ipynb", as_version=4).cells[-1])
    assert not psutil.pid_exists(number)


def test_processes_that_are_still_running_count(tmp_path: Path) -> None:
    before = processor_seconds()
    if before is None:
        pytest.skip("this system does not count the time of processes that have ended")
    code = "import time\nwhile time.process_time() < .5: pass\nprint('done', flush=True)\ntime.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None and child.stdout.readline()
        running = processor_seconds()
        child.kill()
    ended = processor_seconds()
    assert running is not None and ended is not None
    assert running - before >= 0.4 and ended >= running - 0.1
