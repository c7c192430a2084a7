"""Rules of activations reach activations however they are written, and what has no rule is refused."""

from __future__ import annotations

import copy

import captum.attr
import numpy as np
import pytest
import torch
import torchvision
from any_networks import Written, images, randomised
from torch import Tensor, nn
from torch.nn import functional as F

from faceinv.attribution.attribute import attribute
from faceinv.errors import InputError

METHODS = ("guided-backpropagation", "deep-lift")


class Twice(nn.Module):
    """One ReLU at two places, in place or not."""

    def __init__(self, inplace: bool, once: bool) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first, self.second = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3)
        self.last = nn.Linear(4, 2)
        self.relu = nn.ReLU(inplace)
        self.other = nn.ReLU(inplace) if once else self.relu

    def forward(self, images: Tensor) -> Tensor:
        return self.last(self.other(self.second(self.relu(self.first(images)))).mean((2, 3)))


@pytest.mark.parametrize("method", METHODS)
def test_a_relu_in_place_or_called_twice_counts_as_several(method: str) -> None:
    inputs = images(size=12)
    expected = attribute(Twice(False, True), inputs, 0, method)
    for inplace, once in ((False, False), (True, True), (True, False)):
        np.testing.assert_allclose(attribute(Twice(inplace, once), inputs, 0, method), expected, atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_a_residual_network_written_with_functions_is_the_same(method: str) -> None:
    network = randomised(torchvision.models.resnet18(num_classes=3)).eval()
    expected = attribute(network, images(2), 1, method)
    found = attribute(Written(network), images(2), 1, method)
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())


def test_deep_lift_of_a_residual_network_adds_up() -> None:
    network = randomised(torchvision.models.resnet18(num_classes=3)).eval()
    inputs = images(2)
    found = attribute(network, inputs, 1, "deep-lift").sum((1, 2))
    with torch.no_grad():
        difference = (network(inputs) - network(torch.zeros_like(inputs)))[:, 1].numpy()
    np.testing.assert_allclose(found, difference, rtol=1e-3)


@pytest.mark.filterwarnings("ignore:Setting:UserWarning")
def test_captum_itself_agrees_where_every_activation_is_a_module() -> None:
    """Without pooling: which of several equal pixels of the baseline is the maximum, is not defined."""
    torch.manual_seed(0)
    layers = [nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 3), nn.Tanh(), nn.Flatten(), nn.Linear(256, 2)]
    module, inputs = nn.Sequential(*layers), images(size=12)
    for name, method in (
        ("deep-lift", captum.attr.DeepLift),
        ("guided-backpropagation", captum.attr.GuidedBackprop),
    ):
        theirs = method(copy.deepcopy(module)).attribute(inputs.clone().requires_grad_(), target=1).sum(1)
        np.testing.assert_allclose(attribute(module, inputs, 1, name), theirs.detach().numpy(), atol=1e-5)


class Gated(nn.Module):
    """Multiplies two activations."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.other, self.last = nn.Conv2d(3, 4, 3), nn.Conv2d(3, 4, 3), nn.Linear(4, 2)

    def forward(self, images: Tensor) -> Tensor:
        return self.last((F.relu(self.one(images)) * self.other(images)).mean((2, 3)))


class Branching(nn.Module):
    """Looks at the values of its input."""

    def forward(self, images: Tensor) -> Tensor:
        return images.mean((2, 3)) if images.sum() > 0 else images.amax((2, 3))


@pytest.mark.parametrize(
    ("module", "method", "message"),
    [
        (
            nn.Sequential(nn.Conv2d(3, 2, 32), nn.SiLU(), nn.Flatten()),
            "deep-lift",
            r"no rule for '1' \(SiLU\)",
        ),
        (
            nn.Sequential(nn.Conv2d(3, 2, 32), nn.SiLU(), nn.Flatten()),
            "guided-backpropagation",
            "rule for ReLU only",
        ),
        (Gated(), "deep-lift", "deep-lift has no rule for mul"),
        (Branching(), "deep-lift", "deep-lift does not apply: the network .* cannot be traced"),
        (nn.Sequential(nn.Flatten(), nn.Linear(3072, 2)), "grad-cam", "no convolution whose output has more"),
    ],
)
def test_what_has_no_rule_is_named(module: nn.Module, method: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        attribute(module, images(), 0, method)


def test_gradients_take_networks_without_rules() -> None:
    for method in ("saliency", "input-x-gradient", "integrated-gradients", "occlusion"):
        assert attribute(Gated(), images(), 0, method).shape == (3, 32, 32)
