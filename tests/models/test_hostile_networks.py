"""A file that is no network, or says strange things of itself, ends in one sentence."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from faceinv.errors import InputError
from faceinv.models.architectures import Specification, build, load
from faceinv.models.weights import pretrained

GOOD = {"architecture": "resnet18", "classes": ["a", "b"], "width": 0.0625, "size": 32}
CHANGES: tuple[dict[str, Any], ...] = (
    {"unknown": 1},
    {"architecture": None},
    {"architecture": "resnet19"},
    {"architecture": ["resnet18"]},
    {"classes": "ab"},
    {"classes": []},
    {"classes": ["a"]},
    {"classes": ["a", "a"]},
    {"classes": [1, 2]},
    {"classes": {"a": "b"}},
    {"mean": "grey"},
    {"mean": [0.5, 0.5]},
    {"mean": [0.5, 0.5, None]},
    {"std": [0.25, 0.25]},
    {"std": [0.25, 0.25, 0]},
    {"std": 2},
    {"size": 10**9},
    {"size": "64"},
    {"size": None},
    {"size": 0},
    {"size": True},
    {"seed": False},
    {"seed": 2**70},
    {"seed": -1},
    {"seed": None},
    {"seed": "0"},
    {"width": "wide"},
    {"width": 0},
    {"width": 17},
    {"stimuli": 3},
    {"task": None},
)
SPECIFICATION = Specification("resnet18", ("a", "b"), 0.0625, 32)


@pytest.fixture(scope="module")
def tensors(tmp_path_factory: pytest.TempPathFactory) -> dict[str, torch.Tensor]:
    path = tmp_path_factory.mktemp("network") / "good.safetensors"
    build(SPECIFICATION).save(path)
    return load_file(path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '"resnet18"',
        "{}",
        json.dumps({"architecture": "resnet18"}),
        *(json.dumps(GOOD | changed) for changed in CHANGES),
        json.dumps(GOOD)[:-1] + ', "mean": [NaN, 0.5, 0.5]}',
        json.dumps(GOOD)[:-1] + ', "width": Infinity}',
    ],
)
def test_a_specification_that_cannot_be_is_refused(
    text: str, tensors: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    path = tmp_path / "g.safetensors"
    save_file(tensors, path, metadata={"faceinv": text})
    with pytest.raises(InputError, match=r"the specification in .*g.safetensors cannot be used: \S"):
        load(path)
    with pytest.raises(InputError):
        pretrained(path, SPECIFICATION)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused(
    value: float, tensors: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    path, other = tmp_path / "g.safetensors", tmp_path / "g.pth"
    changed: dict[str, Any] = {name: tensor.clone() for name, tensor in tensors.items()}
    changed["fc.weight"][0, 0] = value
    save_file(changed, path, metadata={"faceinv": json.dumps(GOOD)})
    torch.save(changed, other)
    with pytest.raises(InputError, match=r"'fc.weight' has values that are not finite numbers"):
        load(path)
    for each in (path, other):
        with pytest.raises(InputError, match="not finite numbers"):
            pretrained(each, SPECIFICATION)


def test_the_file_that_all_others_were_made_from_is_read(
    tensors: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    save_file(tensors, tmp_path / "g.safetensors", metadata={"faceinv": json.dumps(GOOD)})
    assert load(tmp_path / "g.safetensors").specification.classes == ("a", "b")
