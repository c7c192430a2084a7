from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from faceinv import design
from faceinv.errors import InputError
from faceinv.models.architectures import Specification, build
from faceinv.profiles import Profile

TINY = Profile("tiny", size=32, width=0.125, people=6, identities=3, seeds=2)


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A base of faces for resnet18, and none of objects."""
    monkeypatch.setenv("FACEINV_WEIGHTS", str(tmp_path))
    monkeypatch.setattr("faceinv.models.weights.BASES", tmp_path)
    path = tmp_path / "faces-resnet18-0.safetensors"
    build(Specification("resnet18", ("a", "b"), 0.25, 32)).save(path)
    return path


def test_pretrainings_whose_weights_fit_are_at_hand(base: Path) -> None:
    asked = ["none", "faces", "objects"]
    assert design.at_hand(asked, replace(TINY, width=0.25), "resnet18") == ["none", "faces"]
    assert design.at_hand(asked, TINY, "resnet18") == ["none"]  # the base is wider
    assert design.at_hand(asked, replace(TINY, width=0.25), "vgg16_bn") == ["none"]
    assert design.at_hand([str(base)], replace(TINY, width=0.25), "resnet18") == [str(base)]


def test_what_is_no_pretraining_of_this_project_must_be_there(base: Path) -> None:
    for names, message in ((["none", "face"], "'face'"), (["imagenet"], "imagenet"), ([], "at hand")):
        with pytest.raises(InputError, match=message):
            design.at_hand(names, TINY, "resnet18")
    with pytest.raises(InputError, match="at hand for resnet18"):
        design.at_hand(["objects"], TINY, "resnet18")


def test_a_factorial_crosses_pretraining_task_and_seed() -> None:
    cells = design.factorial(TINY, pretrainings=["none", "faces"])
    assert [(cell.pretraining, cell.task, cell.seed) for cell in cells] == [
        (pretraining, task, seed)
        for pretraining in ("none", "faces")
        for task in ("gender", "identity")
        for seed in (0, 1)
    ]
    assert {(cell.pretraining, cell.strategy) for cell in cells} == {
        ("none", "scratch"),
        ("faces", "finetuned"),
    }
    assert cells[:4] == design.cells(TINY)


def test_a_chapter_says_what_could_not_be_compared() -> None:
    alone = design.compared_pretrainings(["none", "faces"], ["none"], "resnet18")
    assert "For faces no weights of resnet18" in alone and "one pretraining only" in alone
    both = design.compared_pretrainings(["none", "faces"], ["none", "faces"], "resnet18")
    assert "no weights" not in both and "only" not in both
