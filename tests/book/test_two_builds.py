"""Two builds of one book at once."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import MakeBook

CELL = """
import time
from pathlib import Path
with Path("{folder}/executions").open("a") as file:
    file.write(profile + "\\n")
time.sleep(3)
"""

BUILD = """
import sys
from pathlib import Path
from faceinv.book import build
build.build_pages = lambda root: root  # which takes long, and is of no concern here
build.build_book(Path.cwd(), sys.argv[1])
"""


def begin(root: Path, profile: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", BUILD, profile]
    return subprocess.Popen(command, cwd=root, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


@pytest.mark.slow
@pytest.mark.parametrize("profiles", [("smoke", "smoke"), ("smoke", "quick")])
def test_the_second_waits_for_the_first(
    make_book: MakeBook, tmp_path: Path, profiles: tuple[str, str]
) -> None:
    root = make_book({"01_a": CELL.format(folder=tmp_path)})
    first = begin(root, profiles[0])
    deadline = time.monotonic() + 120
    while not (tmp_path / "executions").exists():
        assert time.monotonic() < deadline and first.poll() is None
        time.sleep(0.05)
    second = begin(root, profiles[1])
    shown = [each.communicate(timeout=300)[0] for each in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0], shown
    assert "waiting for another build of this book to end" in shown[1]
    assert "waiting" not in shown[0]
    executed = (tmp_path / "executions").read_text().split()
    if profiles[0] == profiles[1]:  # no work is done twice
        assert executed == ["smoke"] and "01_a: unchanged" in shown[1]
    else:
        assert executed == list(profiles)
