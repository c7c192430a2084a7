"""Hooks: what layers read and return is recorded in order, and only while it is asked for."""

import pytest
import torch
from torch import nn

from faceinv.models.hooks import recorded


def test_inputs_and_outputs_of_the_named_layers_come_in_order() -> None:
    module = nn.Sequential(nn.Flatten(), nn.Linear(2, 2), nn.ReLU())
    with torch.no_grad():
        module.get_parameter("1.weight").copy_(torch.tensor([[1.0, 0.0], [0.0, -1.0]]))
        module.get_parameter("1.bias").zero_()
    calls: list[tuple[str, list[float], list[float]]] = []

    def record(path: str, input: torch.Tensor, output: torch.Tensor) -> None:
        calls.append((path, input.flatten().tolist(), output.flatten().tolist()))

    with recorded(module, ["2", "1"], record), torch.no_grad():
        module(torch.tensor([[3.0, 4.0]]))
    module(torch.tensor([[5.0, 6.0]]))
    assert calls == [("1", [3.0, 4.0], [3.0, -4.0]), ("2", [3.0, -4.0], [3.0, 0.0])]


def test_nothing_stays_registered_whatever_happens() -> None:
    module = nn.Sequential(nn.Linear(2, 2))
    with pytest.raises(ZeroDivisionError), recorded(module, ["0"], lambda *_: None):
        raise ZeroDivisionError
    assert not module[0]._forward_hooks
