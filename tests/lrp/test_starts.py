"""What propagation starts from, and that no map of an untrained network is upside down."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from any_networks import images, linear, owned, randomised, specification
from scipy.stats import spearmanr
from torch import nn

from faceinv.errors import InputError
from faceinv.lrp.composites import COMPOSITES
from faceinv.lrp.relevance import relevance
from faceinv.lrp.starts import STARTS
from faceinv.models.architectures import Network, build
from faceinv.perturbations import masks
from faceinv.perturbations.control_masks import local_contrast


@pytest.mark.parametrize(
    ("start", "bias", "expected"),
    [
        ("logit", 0.0, [[3, 0], [0, -5]]),
        ("logit", 9.0, [[3, 0], [0, -5]]),
        ("absolute", 0.0, [[-3, 0], [0, 5]]),
        ("absolute", 9.0, [[-3, 0], [0, 5]]),
        ("one", 0.0, [[-1.5, 0], [0, 2.5]]),
        ("one", 9.0, [[-1.5, 0], [0, 2.5]]),
    ],
)
def test_negative_logit_by_hand(start: str, bias: float, expected: list[list[float]]) -> None:
    """Contributions of 3 and -5, so that the image contributes -2, and the logit is -2 or 7."""
    layer = nn.Linear(4, 2)
    layer.weight.data = torch.tensor([[3.0, 0, 0, -5], [1, 1, 1, 1]])
    layer.bias.data = torch.tensor([bias, 0])
    module, image = nn.Sequential(nn.Flatten(), layer), torch.ones(1, 1, 2, 2)
    found = relevance(module, image, 0, "epsilon", start=start)
    np.testing.assert_allclose(found[0], expected, rtol=1e-5)


def output_of(network: Network) -> nn.Linear:
    layer = [layer for layer in network.module.modules() if isinstance(layer, nn.Linear)][-1]
    assert layer.bias is not None
    return layer


@pytest.mark.parametrize("start", [name for name, each in STARTS.items() if each.unbiased])
@pytest.mark.parametrize("name", COMPOSITES)
def test_order_of_pixels_survives_shifted_and_negated_logits(name: str, start: str) -> None:
    network, x = owned("vgg11"), images(4, size=64).double()
    network.module.double()

    def found() -> np.ndarray:
        return relevance(network, x, [0, 1, 2, 3], name, start=start)

    layer, usual = output_of(network), found()
    ranks = masks.ranks(usual)
    for shift in (-100.0, 100.0):
        layer.bias.data += shift
        assert np.array_equal(masks.ranks(found()), ranks)
        layer.bias.data -= shift
    layer.weight.data.neg_()
    layer.bias.data.neg_()
    if name == "deep-taylor":  # positive contributions only: negated weights let other units speak
        assert (found().sum((1, 2)) > 0).all() and (usual.sum((1, 2)) > 0).all()
    else:
        assert np.array_equal(masks.ranks(found()), ranks)


def test_start_at_the_logit_reverses_the_order_of_negated_logits() -> None:
    network, x = owned("vgg11"), images(2, size=64)
    usual = relevance(network, x, 0, start="logit")
    output_of(network).weight.data.neg_()
    np.testing.assert_allclose(relevance(network, x, 0, start="logit"), -usual, rtol=1e-4)


@pytest.mark.parametrize("architecture", ["vgg16_bn", "resnet18"])
def test_untrained_maps_follow_contrast_whatever_the_sign_of_the_logit(architecture: str) -> None:
    network, x = (
        build(replace(specification(architecture), classes=tuple("abcdefghijkl"))),
        images(12, size=64),
    )
    x *= torch.linspace(0, 1, 64)  # contrast that rises from left to right
    targets = np.arange(12)
    negative = network.logits(x).numpy()[np.arange(12), targets] < 0
    assert 2 < negative.sum() < 10
    contrast = local_contrast(x)

    def correlations(maps: np.ndarray) -> np.ndarray:
        return np.array([spearmanr(a.ravel(), b.ravel())[0] for a, b in zip(maps, contrast, strict=True)])

    upright, raw = (relevance(network, x, targets, start=start) for start in ("absolute", "logit"))
    assert (upright.sum((1, 2)) > 0).all() and np.array_equal(raw.sum((1, 2)) < 0, negative)
    for of in (negative, ~negative):
        assert correlations(upright)[of].mean() > 0.2
    assert correlations(raw)[negative].mean() < -0.2


def test_maps_of_trained_answers_are_the_same_from_the_logit() -> None:
    """A predicted class has a positive logit, and a bias of the output layer has no pixel."""
    module, x = randomised(linear(bias=False)), images(5, size=8)
    assert (module(x).amax(1) > 0).all()
    np.testing.assert_allclose(relevance(module, x, start="logit"), relevance(module, x), rtol=1e-5)


def test_averages_of_a_convolution_keep_its_bias() -> None:
    module = randomised(nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())).double()
    x = images(2, size=8).double()
    found, plain = (np.abs(relevance(module, x, 1, "epsilon", start=name)) for name in ("absolute", "logit"))
    assert found.max() < 10 * plain.max()


def test_unknown_start_is_named() -> None:
    with pytest.raises(InputError, match="no start 'zero'; expected one of absolute, logit, one"):
        relevance(linear(), images(size=8), 0, start="zero")
