"""Relevance against other classes: by hand, and where the class alone says nothing about the class."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from any_networks import images, linear, owned, randomised
from torch import nn

from faceinv.errors import InputError
from faceinv.lrp.composites import COMPOSITES
from faceinv.lrp.contrasts import runner_up, share_difference, softmax_of_others
from faceinv.lrp.relevance import relevance


def test_difference_of_two_maps_is_that_of_their_shares() -> None:
    own = torch.tensor([[[3.0, 1.0]], [[2.0, -2.0]]])
    other = torch.tensor([[[10.0, 10.0]], [[0.0, 0.0]]])
    assert share_difference(own, other).tolist() == [[[0.25, -0.25]], [[0.5, -0.5]]]


def test_weights_of_the_other_classes() -> None:
    logits = torch.tensor([[9.0, 1.0, 1.0, -80.0], [0.0, 2.0, 3.0, 1.0]])
    target = torch.tensor([[True, False, False, False], [False, False, True, False]])
    torch.testing.assert_close(softmax_of_others(logits, target)[0], torch.tensor([0.0, 0.5, 0.5, 0.0]))
    assert runner_up(logits, target).tolist() == [[0, 1, 0, 0], [0, 1, 0, 0]]


def by_hand() -> nn.Module:
    """Contributions of a white image to four logits: -1, 4, 3 and -9."""
    first, last = nn.Linear(4, 4, bias=False), nn.Linear(4, 4, bias=False)
    first.weight.data = torch.eye(4)
    last.weight.data = torch.tensor([[3.0, 1, 0, -5], [1, 1, 2, 0], [0, 3, 0, 0], [-9, 0, 0, 0]])
    return nn.Sequential(nn.Flatten(), first, nn.ReLU(), last)


@pytest.mark.parametrize(
    ("start", "factor"),
    [("absolute", 1.0), ("logit", -1.0), ("one", 1.0)],
)
def test_runner_up_by_hand(start: str, factor: float) -> None:
    """Positive contributions of 3 and 1 to the target, and of 1, 1 and 2 to the strongest other class."""
    found = relevance(by_hand(), torch.ones(1, 1, 2, 2), 0, "epsilon", "runner-up", start)
    expected = factor * np.array([[3 / 4 - 1 / 4, 1 / 4 - 1 / 4], [-2 / 4, 0]])
    np.testing.assert_allclose(found[0], expected, rtol=1e-5, atol=1e-6)


def test_softmax_by_hand() -> None:
    """The two others that compete get the shares of e^4 and e^3; the last has no positive contribution."""
    found = relevance(by_hand(), torch.ones(1, 1, 2, 2), 0, "epsilon", "softmax")
    share = 1 / (1 + np.exp(-1))
    others = share * np.array([1, 1, 2, 0]) / 4 + (1 - share) * np.array([0, 1, 0, 0])
    expected = np.array([3, 1, 0, 0]) / 4 - others
    np.testing.assert_allclose(found.ravel(), expected, atol=1e-4)


def test_classes_of_opposite_weights_are_told_apart() -> None:
    """Weight decay makes the weights of two classes opposite; then the class alone has one map for both."""
    module, x = randomised(linear()), images(4, size=8)
    layer = module[3]
    assert isinstance(layer, nn.Linear)
    layer.weight.data[1], layer.weight.data = -layer.weight.data[0], layer.weight.data[:2]
    alone, against = (
        [relevance(module, x, target, "epsilon-plus", name) for target in (0, 1)]
        for name in ("none", "runner-up")
    )
    np.testing.assert_allclose(alone[0], alone[1], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(against[0], -against[1], rtol=1e-3, atol=1e-5)
    assert (np.abs(against[0]).sum((1, 2)) > 0.02 * np.abs(alone[0]).sum((1, 2))).all()


@pytest.mark.parametrize("name", ["epsilon-plus-flat", "deep-taylor", "epsilon-gamma-box"])
def test_two_classes_have_one_competitor(name: str) -> None:
    network, x = owned("vgg11"), images(2, size=64)
    network.module.double()
    two = last_of(network.module)
    two.weight.data, two.bias.data = two.weight.data[:2], two.bias.data[:2]
    first, second = (
        relevance(network.module, x.double(), 0, name, against) for against in ("softmax", "runner-up")
    )
    np.testing.assert_allclose(first, second, rtol=1e-5, atol=1e-8 * np.abs(second).max())


@pytest.mark.parametrize("name", COMPOSITES)
def test_contrast_is_alive_in_every_composite(name: str) -> None:
    """It is neither rounding noise nor the map of the class alone, and no pixel counts for more than all."""
    network, x = owned("vgg11"), images(2, size=64)
    plain, against = (relevance(network, x, 1, name, each) for each in ("none", "runner-up"))
    start = np.abs(network.logits(x).numpy() - last_of(network.module).bias.detach().numpy())[:, 1]
    shared = np.abs(against).sum((1, 2)) / start
    assert (shared > 0.01).all() and (shared <= 2).all()
    both = zip(plain, against, strict=True)
    assert all(abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.99 for one, other in both)


def last_of(module: nn.Module) -> nn.Linear:
    return [layer for layer in module.modules() if isinstance(layer, nn.Linear)][-1]


def test_unknown_contrast_is_named() -> None:
    with pytest.raises(InputError, match="against 'mean'; expected one of none, softmax, runner-up"):
        relevance(linear(), images(size=8), 0, against="mean")
