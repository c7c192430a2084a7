from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import MakeBook, run_faceinv
from PIL import Image
from safetensors.torch import load_file, save_file

from faceinv import cli
from faceinv.errors import InputError, RunError
from faceinv.models.architectures import Specification, build

PARAMETERS = 'profile: str = "quick"  # how much to run\nseeds: int | None = None  # networks'
STOPPED = "faceinv: interrupted; results are cached, and the next run resumes from there.\n"
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
    assert call(monkeypatch, "sweep", "--help") == 0
    assert "faceinv sweep 04_masking -p fill mean,blur,noise" in capsys.readouterr().out
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
            ["run", "01_a", "-p", "seeds", "3", "-p", "seeds", "4"],
            "parameter seeds is given 2 times; expected it once",
        ),
        (
            ["run", "01_a", "--profile", "smoke"],
            "No such option '--profile'. A parameter of the chapter is set by: -p profile VALUE.",
        ),
        (
            ["run", "01_a", "--align", "true"],  # which resembles an option
            "No such option '--align'. A parameter of the chapter is set by: -p align VALUE.",
        ),
        (
            ["run", "01_a", "-p", "seeds", "x"],
            "parameter seeds of 01_a takes a value of type int | None, not 'x'.",
        ),
        (["run", "01_a", "-p", "seeds"], "Option '-p' requires 2 arguments."),
        (["books"], "No such command 'books'."),
        (["book", "--profile", "huge"], "Invalid value for '--profile'"),
        (["plan", "--images-per-second", "nan"], "Invalid value for '--images-per-second': 'nan' is not a"),
        (["evidence", "--hours", "inf"], "Invalid value for '--hours': 'inf' is not a finite number."),
        (["evidence", "--hours", "0"], "Invalid value for '--hours': 0.0 is not in the range x>0."),
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


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """A network file of two classes."""
    path = tmp_path / "gender.safetensors"
    build(Specification("resnet18", ("female", "male"), size=32)).save(path)
    return path


@pytest.mark.slow
def test_explain_warns_where_a_network_of_rendered_faces_meets_a_photograph(
    tmp_path: Path, photograph: Path
) -> None:
    for stimuli, warned in (("rendered faces, controlled", True), ("photographs", False)):
        specification = Specification("resnet18", ("female", "male"), size=32, stimuli=stimuli)
        build(specification).save(tmp_path / "gender.safetensors")
        options = ("--network", "gender.safetensors", "--overwrite")
        done = run_faceinv("explain", str(photograph), *options, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert ("learned from rendered faces and has seen no photograph" in done.stderr) is warned


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    """A picture, though of nobody."""
    path = tmp_path / "face.png"
    pixels = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
    Image.fromarray(pixels).save(path)
    return path


@pytest.mark.slow
def test_stimuli_writes_an_open_set(tmp_path: Path) -> None:
    options = ["--identities", "2", "--views", "2", "--size", "24", "--samples", "1", "--hair"]
    done = run_faceinv("stimuli", "faces", *options, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "4 images of 2 people are in faces\noverview: faces/contact_sheet.png\n"
    assert len(list((tmp_path / "faces" / "regions").rglob("*.png"))) == 4
    again = run_faceinv("stimuli", "faces", cwd=tmp_path)
    assert again.returncode == 2
    assert "exists and is not an empty folder" in again.stderr


@pytest.mark.slow
def test_explain_writes_heatmaps(tmp_path: Path, network: Path, photograph: Path) -> None:
    options = ["--network", str(network), "--target", "male", "--against", "runner-up", "--out", "maps"]
    done = run_faceinv("explain", str(photograph), *options, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "maps/face.png" in done.stdout
    assert sorted(path.name for path in (tmp_path / "maps").iterdir()) == [
        "answers.csv",
        "face.png",
        "heatmaps.npz",
    ]


@pytest.mark.slow
def test_export_writes_a_graph(tmp_path: Path) -> None:
    small = Specification("vgg11", ("female", "male"), width=0.125, size=32)
    build(small).save(tmp_path / "small.safetensors")
    done = run_faceinv("export", "small.safetensors", "--against", "softmax", "graph.onnx", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("graph.onnx: relevance differs by ")
    assert (tmp_path / "graph.onnx").stat().st_size > 1000


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["stimuli", "new", "--identities", "0"], "identities of a face set is 0; expected at least 1"),
        (["stimuli", "new", "--samples", "5"], "samples of a face set is 5; expected a square number"),
        (["stimuli", "new", "--set", "turntable", "--views", "3"], "has 3 views but 15 yaws"),
        (
            ["explain", "face.png", "--network", "none.safetensors"],
            "there is no network file none.safetensors",
        ),
        (["explain", "no.jpg", "--network", "gender.safetensors"], "no.jpg"),
        (["explain", "cut.png", "--network", "gender.safetensors"], "cut.png"),
        (["explain", "face.png", "--network", "cut.safetensors"], "truncated or not a safetensors file"),
        (["explain", "face.png", "--network", "other.safetensors"], "is specified as vgg16_bn at width 0.25"),
        (["explain", "face.png", "--network", "gender.safetensors", "--composite", "x"], "'x'"),
        (["explain", "face.png", "--network", "gender.safetensors", "--target", "dog"], "no class 'dog'"),
        (["explain", "face.png", "--network", "gender.safetensors", "--crop", "0"], "'--crop'"),
        (["explain", "face.png"], "Missing option '--network'"),
        (["export", "gender.safetensors", "x.onnx", "--composite", "x"], "there is no composite 'x'"),
        (["export", "none.safetensors", "x.onnx"], "there is no network file none.safetensors"),
    ],
)
def test_wrong_images_and_networks_are_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    network: Path,
    photograph: Path,
    options: list[str],
    message: str,
) -> None:
    (tmp_path / "cut.png").write_bytes(photograph.read_bytes()[:2000])
    (tmp_path / "cut.safetensors").write_bytes(network.read_bytes()[:2000])
    other = {"faceinv": json.dumps({"architecture": "vgg16_bn", "classes": ["female", "male"], "size": 32})}
    save_file(load_file(network), tmp_path / "other.safetensors", other)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FACEINV_CACHE", str(tmp_path / "cache"))
    assert call(monkeypatch, *options) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith("faceinv: ")
    assert shown.err.count("\n") == 1
    assert message in shown.err
    assert not (tmp_path / "heatmaps").exists()
    assert not (tmp_path / "new").exists()


@pytest.mark.slow
def test_run_writes_notebook_page_and_tables(make_book: MakeBook) -> None:
    root = make_book({"01_a": CODE}, parameters=PARAMETERS)
    done = run_faceinv("run", "01_a", "-p", "seeds", "5", "-p", "profile", "smoke", cwd=root)
    assert done.returncode == 0, done.stderr
    folder = root / "runs" / "profile=smoke,seeds=5" / "01_a"
    assert sorted(path.name for path in folder.iterdir()) == ["01_a.html", "01_a.ipynb", "table.csv"]
    assert (folder / "table.csv").read_text() == "seeds\n5\n"
    assert "runs/profile=smoke,seeds=5/01_a/01_a.html" in done.stdout
    other = run_faceinv("run", "01_a", "--out", "trial", cwd=root)
    assert other.returncode == 0, other.stderr
    assert (root / "trial" / "01_a" / "table.csv").read_text() == "seeds\nNone\n"


@pytest.mark.slow
def test_a_failing_chapter_is_status_1_without_our_own_traceback(make_book: MakeBook) -> None:
    root = make_book({"01_a": "1 / 0"})
    done = run_faceinv("run", "01_a", cwd=root)
    assert done.returncode == 1
    assert "faceinv: 01_a failed in cell 3 of 3" in done.stderr
    assert "ZeroDivisionError: division by zero" in done.stderr
    assert "papermill" not in done.stderr


@pytest.fixture
def _interruptible() -> Iterator[None]:
    """Processes that are started heed an interrupt, even where the tests run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.slow
@pytest.mark.usefixtures("_interruptible")
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
            "faceinv: interrupted; results are cached, and the next run resumes from there.\n",
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

    monkeypatch.setattr(cli.command, "commands", fail)
    monkeypatch.setattr(os, "_exit", sys.exit)
    assert call(monkeypatch) == status
    assert capsys.readouterr().err == message


def test_other_errors_are_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("a mistake in the package")

    monkeypatch.setattr(cli.command, "commands", fail)
    monkeypatch.setattr(os, "_exit", sys.exit)
    with pytest.raises(RuntimeError, match="a mistake in the package"):
        cli.main()
