"""Layers are found in their order, and only those that are named change."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from faceinv.errors import InputError
from faceinv.models.architectures import Network, Specification, build
from faceinv.models.classifiers import Classifier
from faceinv.models.randomisation import fresh, layers_from_output, randomised


def small() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(16, 2)
    ).eval()


def changed(first: nn.Module, second: nn.Module) -> set[str]:
    other = second.state_dict()
    return {name for name, value in first.state_dict().items() if not torch.equal(value, other[name])}


def test_layers_come_from_the_output_with_their_normalisations() -> None:
    assert layers_from_output(small(), torch.rand(1, 3, 4, 4)) == [("4",), ("0", "1")]
    network = build(Specification("resnet18", ("a", "b"), 0.0625, 32))
    layers = layers_from_output(network, torch.rand(1, 3, 32, 32))
    assert layers[0] == ("fc",) and layers[-1] == ("conv1", "bn1") and len(layers) == 21


def test_only_the_layers_that_are_named_change() -> None:
    module = small()
    module[1].running_mean.fill_(3.0)  # type: ignore[union-attr, operator]
    assert changed(module, randomised(module, ["4"])) == {"4.weight", "4.bias"}  # type: ignore[arg-type]
    again = randomised(Classifier(module), ["0", "1"], seed=1)
    assert isinstance(again, Classifier)
    assert changed(module, again.module) == {"0.weight", "0.bias", "1.running_mean"}
    network = build(Specification("vgg11_bn", ("a", "b"), 0.0625, 32))
    other = randomised(network, ["classifier.2"])
    assert isinstance(other, Network) and changed(network.module, other.module) == {"classifier.2.weight"}


def test_random_weights_follow_the_seed() -> None:
    module = small()
    one, same, other = (fresh(module, seed) for seed in (0, 0, 1))
    assert isinstance(one, nn.Module) and isinstance(same, nn.Module) and isinstance(other, nn.Module)
    assert changed(one, same) == set() and "0.weight" in changed(one, other) & changed(one, module)


class Shifted(nn.Module):
    """Has a parameter that it cannot draw again."""

    def __init__(self) -> None:
        super().__init__()
        self.shift = nn.Parameter(torch.zeros(3))

    def forward(self, images: Tensor) -> Tensor:
        return images.mean((2, 3)) + self.shift


def test_what_cannot_be_drawn_again_is_named() -> None:
    with pytest.raises(InputError, match=r"layer '0' \(Shifted\) has no reset_parameters"):
        fresh(nn.Sequential(Shifted()))
    with pytest.raises(InputError, match="no layer 'head'"):
        randomised(small(), ["head"])
