"""Commands replace no file unless they are asked to, and never what they read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from faceinv.cli.command import commands
from faceinv.cli.outputs import check_outputs
from faceinv.errors import InputError
from faceinv.models import pretraining
from faceinv.models.architectures import Specification, build


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a network and a photograph."""
    monkeypatch.chdir(tmp_path)
    build(Specification("resnet18", ("a", "b"), 0.0625, 32)).save("g.safetensors")
    Image.new("L", (40, 40), 90).save("me.png")
    return tmp_path


def run(*arguments: str) -> str:
    """The message with which a command ends; empty if it does what it was asked."""
    result = CliRunner().invoke(commands, arguments)
    if isinstance(result.exception, InputError):
        return str(result.exception)
    if result.exception:
        raise result.exception
    return ""


def test_a_photograph_is_never_replaced_by_its_picture(folder: Path) -> None:
    before = Path("me.png").read_bytes()
    for options in ((), ("--overwrite",)):
        message = run("explain", "me.png", "--network", "g.safetensors", "--out", ".", *options)
        assert message == "me.png is an input and would be replaced; expected another output"
    assert Path("me.png").read_bytes() == before
    Path("link.png").symlink_to("me.png")
    assert "link.png is an input" in run("explain", "link.png", "--network", "g.safetensors", "--out", ".")


def test_pictures_are_replaced_when_asked(folder: Path) -> None:
    arguments = ("explain", "me.png", "--network", "g.safetensors", "--out", "out")
    assert run(*arguments) == ""
    assert (
        run(*arguments)
        == f"{Path('out', 'me.png')} exists; replace it with --overwrite, or name another output"
    )
    assert run(*arguments, "--overwrite") == ""


def test_a_network_is_never_replaced_by_its_graph(folder: Path) -> None:
    before = Path("g.safetensors").read_bytes()
    message = run("export", "g.safetensors", "g.safetensors", "--overwrite")
    assert message == "g.safetensors is an input and would be replaced; expected another output"
    Path("g.onnx").write_text("mine")
    assert run("export", "g.safetensors", "g.onnx") == (
        "g.onnx exists; replace it with --overwrite, or name another output"
    )
    assert Path("g.safetensors").read_bytes() == before and Path("g.onnx").read_text() == "mine"


def test_a_base_is_trained_again_only_when_asked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pretraining, "pretrain", lambda *_, **__: "trained")
    Path("faces-resnet18-0.safetensors").write_text("mine")
    arguments = ("pretrain", "resnet18", "faces", "--out", ".")
    assert "faces-resnet18-0.safetensors exists; replace it with --overwrite" in run(*arguments)
    assert run(*arguments, "--overwrite") == "" == run(*arguments, "--seed", "1")
    assert run(*arguments, "--exposures", "0") == "exposures are 0; expected at least 1"


@pytest.mark.parametrize("kind", ["folder", "pipe", "device"])
def test_what_is_no_file_is_not_replaced(kind: str, tmp_path: Path) -> None:
    path = {"folder": tmp_path / "a", "pipe": tmp_path / "b", "device": Path(os.devnull)}[kind]
    if kind == "folder":
        path.mkdir()
    if kind == "pipe":
        os.mkfifo(path)
    with pytest.raises(
        InputError, match="is not a file that can be replaced; expected the name of a new file"
    ):
        check_outputs([path], overwrite=True)


@pytest.mark.parametrize("under", ["file/a.png", "file/b/c/a.png"])
def test_nothing_is_written_below_a_file(under: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="file is not a folder; expected a folder to write to"):
        check_outputs([tmp_path / under])


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_outputs([tmp_path / "new" / "a.png"])
    monkeypatch.setattr(os, "access", lambda *_: False)  # as for any user but root
    with pytest.raises(InputError, match=f"the folder {tmp_path} cannot be written"):
        check_outputs([tmp_path / "new" / "a.png"])


def test_what_the_system_refuses_is_one_sentence(folder: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "faceinv.cli",
        "explain",
        "me.png",
        "--network",
        "g.safetensors",
        "--out",
    ]
    done = subprocess.run([*command, 300 * "a"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("faceinv: ") and done.stderr.count("\n") == 1
    assert "aaa cannot be used (File name too long); expected a place that can be written" in done.stderr
