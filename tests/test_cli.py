from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from conftest import MakeBook, run_faceinv

from faceinv import cli
from faceinv.errors import InputError, RunError

PARAMETERS = 'profile: str = "quick"  # how much to run\nseeds: int | None = None  # networks'
STOPPED = "faceinv: stopped; what was computed is kept, and the next run goes on from there.\n"
CODE = """
import os, pathlib
folder = pathlib.Path(os.environ["FACEINV_OUT"]) / "01_a"
folder.mkdir(parents=True, exist_ok=True)
(folder / "table.csv").write_text(f"seeds\\n{seeds}\\n")
"""


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command in this process and return its exit status."""
    monkeypatch.setattr(sys, "argv", ["faceinv", *arguments])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    return int(caught.value.code or 0)


def test_help_teaches(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(monkeypatch, "--help") == 0
    shown = capsys.readouterr().out
    for text in ("faceinv book --profile full --open", "faceinv run 04_masking --list", "book", "run"):
        assert text in shown
    assert call(monkeypatch, "run", "--help") == 0
    assert "-p seeds 5" in capsys.readouterr().out


def test_run_lists_chapters_and_parameters(
    make_book: MakeBook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(make_book({"01_a": "", "02_b": ""}, parameters=PARAMETERS))
    assert call(monkeypatch, "run") == 0
    assert capsys.readouterr().out.split() == ["01_a", "Chapter", "01_a", "02_b", "Chapter", "02_b"]
    assert call(monkeypatch, "run", "01_a", "--list") == 0
    assert capsys.readouterr().out == (
        "profile: str = 'quick'\n    how much to run\nseeds: int | None = None\n    networks\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "01_b"], "there is no chapter '01_b'; the chapters are: 01_a."),
        (
            ["run", "01_a", "-p", "seed", "3"],
            "01_a has no parameter 'seed'; its parameters are: profile, seeds.",
        ),
        (
            ["run", "01_a", "-p", "seeds", "x"],
            "parameter seeds of 01_a takes a value of type int | None, not 'x'.",
        ),
        (["run", "01_a", "-p", "seeds"], "Option '-p' requires 2 arguments."),
        (["books"], "No such command 'books'."),
        (["book", "--profile", "huge"], "Invalid value for '--profile'"),
    ],
)
def test_wrong_input_is_one_line_and_status_2(
    make_book: MakeBook, arguments: list[str], message: str
) -> None:
    root = make_book({"01_a": CODE}, parameters=PARAMETERS)
    done = run_faceinv(*arguments, cwd=root)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(f"faceinv: {message}")
    assert done.stderr.count("\n") == 1
    assert not (root / "runs").exists()


def test_run_writes_notebook_page_and_tables(make_book: MakeBook) -> None:
    root = make_book({"01_a": CODE}, parameters=PARAMETERS)
    done = run_faceinv("run", "01_a", "-p", "seeds", "5", "-p", "profile", "smoke", cwd=root)
    assert done.returncode == 0, done.stderr
    folder = root / "runs" / "01_a"
    assert sorted(path.name for path in folder.iterdir()) == ["01_a.html", "01_a.ipynb", "table.csv"]
    assert (folder / "table.csv").read_text() == "seeds\n5\n"
    assert "runs/01_a/01_a.html" in done.stdout
    other = run_faceinv("run", "01_a", "--out", "trial", cwd=root)
    assert other.returncode == 0, other.stderr
    assert (root / "trial" / "01_a" / "table.csv").read_text() == "seeds\nNone\n"


def test_a_failing_chapter_is_status_1_without_our_own_traceback(make_book: MakeBook) -> None:
    root = make_book({"01_a": "1 / 0"})
    done = run_faceinv("run", "01_a", cwd=root)
    assert done.returncode == 1
    assert "faceinv: 01_a failed in cell 3 of 3" in done.stderr
    assert "ZeroDivisionError: division by zero" in done.stderr
    assert "papermill" not in done.stderr


def test_stopping_says_what_is_kept(make_book: MakeBook) -> None:
    root = make_book({"01_a": "import pathlib, time\npathlib.Path('began').touch()\ntime.sleep(600)"})
    command = [sys.executable, "-m", "faceinv.cli", "run", "01_a"]
    run = subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, text=True, start_new_session=True)
    deadline = time.monotonic() + 120
    while not (root / "began").exists():
        assert run.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(run.pid, signal.SIGINT)  # as a terminal does: to the command and to its kernel
    _, shown = run.communicate(timeout=60)
    assert run.returncode == 130
    assert shown.endswith(STOPPED)
    assert "Traceback" not in shown


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (InputError("the folder x is empty"), 2, "faceinv: the folder x is empty\n"),
        (RunError("01_a failed"), 1, "faceinv: 01_a failed\n"),
        (
            KeyboardInterrupt(),
            130,
            "faceinv: stopped; what was computed is kept, and the next run goes on from there.\n",
        ),
    ],
)
def test_errors_have_their_status(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    status: int,
    message: str,
) -> None:
    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(cli, "commands", fail)
    assert call(monkeypatch) == status
    assert capsys.readouterr().err == message


def test_other_errors_are_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("a mistake in the package")

    monkeypatch.setattr(cli, "commands", fail)
    with pytest.raises(RuntimeError, match="a mistake in the package"):
        cli.main()
