"""How fast networks learn: the part of the page, the table that ships, and what the benchmark measures."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from click.testing import CliRunner
from conftest import REPOSITORY
from torch import nn

from faceinv.book.pages.training_speed import SPEED_COLUMNS, TRAINING_SPEED, training_speed_part
from faceinv.errors import InputError
from faceinv.models.architectures import Specification, build
from faceinv.models.zoo import STUDIED


@pytest.fixture
def benchmark_of_training() -> Any:
    spec = importlib.util.spec_from_file_location("training", REPOSITORY / "benchmarks" / "training.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_part_is_a_table(tmp_path: Path) -> None:
    path = tmp_path / "training.csv"
    assert "not measured" in training_speed_part(path)
    row = ("resnet18", 0.25, 64, 1234.5, 61.5, 0.1634, 0.15)
    pd.DataFrame([row], columns=list(SPEED_COLUMNS)).to_csv(path, index=False)
    cells = ("resnet18", "0.25", "64", "1,234", "62", "0.16", "0.15")
    assert "".join(f"<td>{cell}</td>" for cell in cells) in training_speed_part(path)
    path.write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="is no table with the columns architecture, width"):
        training_speed_part(path)


def test_what_ships_is_measured_for_each_architecture_at_both_sizes() -> None:
    shipped = pd.read_csv(REPOSITORY / TRAINING_SPEED)
    assert list(shipped) == list(SPEED_COLUMNS)
    for place in ((0.25, 64), (1.0, 224)):
        part = shipped[(shipped["width"] == place[0]) & (shipped["pixels"] == place[1])]
        assert part["architecture"].tolist() == list(STUDIED)
    assert shipped["share"].between(0, 1).all()


def test_operations_are_those_of_convolutions_and_products_forward_and_backward(
    benchmark_of_training: Any,
) -> None:
    """VGG11 has none else: two operations a multiplication, and no gradient of the images."""
    network = build(Specification("vgg11_bn", ("a", "b"), 0.25, 32))
    sizes: list[tuple[int, int]] = []
    for layer in network.module.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            layer.register_forward_hook(
                lambda layer, _, output: sizes.append((layer.weight.numel(), output[0, 0].numel()))
            )
    network.logits(torch.zeros(1, 3, 32, 32))
    forward = sum(2 * weights * places for weights, places in sizes)
    first = 2 * sizes[0][0] * sizes[0][1]
    assert benchmark_of_training.operations(network, 4) == 4 * (3 * forward - first)


def test_the_benchmark_writes_the_table(benchmark_of_training: Any, tmp_path: Path) -> None:
    path = tmp_path / "training.csv"
    asked = ["resnet18", "--at", "0.25", "32", "--seconds", "0.1", "--repeats", "1", "--out", str(path)]
    threads = torch.get_num_threads()
    found = CliRunner().invoke(benchmark_of_training.main, asked, catch_exceptions=False)
    torch.set_num_threads(threads)
    assert found.exit_code == 0
    (row,) = pd.read_csv(path).itertuples()
    assert (row.architecture, row.width, row.pixels) == ("resnet18", 0.25, 32)
    assert 0 < row.share < 1 and 0 < row.returned < 1
    assert "resnet18" in training_speed_part(path)
