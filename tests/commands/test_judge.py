"""A method of one's own is found, tried and judged."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

from faceinv.cli.command import commands
from faceinv.commands import judge
from faceinv.commands.judge import board_text, judge_own, own_method
from faceinv.errors import InputError
from faceinv.experiments.profiles import PROFILES

GRADIENT = """
import torch


def method(model, images, targets):
    images.requires_grad_()
    logits = model(images).gather(1, targets[:, None])
    return torch.autograd.grad(logits.sum(), images)[0].abs().sum(1)


def broken(model, images, targets):
    return model.head(images)


number = 3
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_gradient.py").write_text(GRADIENT)
    (tmp_path / "my_slip.py").write_text("import torch\nraise ValueError('a slip')\n")
    (tmp_path / "my_needs.py").write_text("import no_such_package\n")
    yield tmp_path
    for name in ("my_gradient", "my_slip", "my_needs"):
        sys.modules.pop(name, None)


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Score without networks: a number for each method and seed."""

    def scores(part: Any, method: Any) -> pd.DataFrame:
        rows = [("masking", part, f"i{k}", 0.1 * k + 0.2 * part) for k in range(3)]
        return pd.DataFrame(rows, columns=["criterion", "seed", "identity", "value"])

    def by_name(methods: Any, of: Any) -> pd.DataFrame:
        return pd.concat([scores(part, name).assign(method=name) for name in methods for part in of])

    class Part(int):
        run = None

    monkeypatch.setattr(judge, "parts", lambda profile, seeds: [Part(seed) for seed in range(seeds or 2)])
    monkeypatch.setattr(judge, "score", scores)
    monkeypatch.setattr(judge, "judge_by_name", by_name)
    monkeypatch.setattr(judge.design, "train_all", lambda runs: None)


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("my_gradient", "the method is 'my_gradient'; expected module:function"),
        ("nowhere:method", "there is no module 'nowhere' in .*; expected a file nowhere.py there"),
        ("my_gradient:maps", "the module 'my_gradient' has no 'maps'"),
        ("my_gradient:number", "my_gradient:number is of type int; expected a function"),
        ("my_slip:method", r"my_slip' cannot be imported: ValueError in line 2 of .*my_slip.py: a slip"),
        ("my_needs:method", "the module 'my_needs' needs no_such_package, which is not installed"),
    ],
)
def test_what_is_no_function_is_one_sentence(folder: Path, reference: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        own_method(reference, folder)
    assert str(folder) not in sys.path


def test_a_broken_method_is_refused_before_anything_is_computed(folder: Path) -> None:
    broken = own_method("my_gradient:broken", folder)
    with pytest.raises(InputError, match=r"broken failed in line 12 of .*my_gradient.py \(return model.head"):
        judge_own(broken, "my_gradient:broken", PROFILES["smoke"])


@pytest.mark.usefixtures("quickly")
def test_a_method_gets_a_row_beside_others(folder: Path) -> None:
    method = own_method("my_gradient:method", folder)
    board = judge_own(method, "my_gradient:method", PROFILES["smoke"], ("saliency", "random"))
    assert board["method"].tolist() == ["my_gradient:method", "saliency", "random"]
    assert board["cost"].tolist() == [2, 2, 0] and board["estimate"].tolist() == pytest.approx([0.2] * 3)
    text = board_text(board)
    assert "my_gradient:method" in text and "masking: the area under the curve" in text
    assert "cue found: not measured" in text


@pytest.mark.usefixtures("quickly")
def test_the_command_writes_the_table_and_replaces_none(folder: Path) -> None:
    run = CliRunner()
    arguments = ["judge", "my_gradient:method", "--profile", "smoke", "--beside", "saliency"]
    done = run.invoke(commands, arguments)
    assert done.exit_code == 0, done.output
    written = pd.read_csv(folder / "leaderboard-method.csv")
    assert written["method"].tolist() == ["my_gradient:method", "saliency"]
    again = run.invoke(commands, arguments, standalone_mode=False)
    assert isinstance(again.exception, InputError) and "exists; replace it" in str(again.exception)
    unknown = run.invoke(commands, [*arguments, "--beside", "shap"], standalone_mode=False)
    assert "there is no attribution method 'shap'" in str(unknown.exception)
