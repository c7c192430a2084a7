"""The methods' costs and sources, and networks of which is known what they read."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
from conftest import REPOSITORY
from torch import Tensor, nn

from faceinv.attribution.attribute import attribute
from faceinv.attribution.cost import cost_in_passes
from faceinv.attribution.methods import ATTRIBUTION_METHODS, citation_keys
from faceinv.models.architectures import Specification, build

SIZE = 16
WITHOUT_NETWORK = {"local contrast", "centre", "random", "untrained"}
"""Baselines: what the network has learned does not reach them."""

NOT_LOCAL = {*WITHOUT_NETWORK, "grad-cam"}
"""Methods that do not find where a network reads. Grad-CAM weighs whole feature maps: what a unit does at
other places shows, although the network does not read it there."""

CONSTANT_SHOWN = {*WITHOUT_NETWORK, "epsilon-plus-flat", "alpha2-beta1-flat", "grad-cam"}
"""Methods that show something where the first layer ignores the image, and its biases alone give the answer:
flat rules spread what arrives at the first layer over the image, and Grad-CAM stops above it."""


@pytest.fixture(scope="module")
def inputs() -> Tensor:
    return torch.randn(2, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(0)).clamp(-2, 2)


def network() -> Any:
    """Two convolutions and a fully connected layer with positive weights, so that many units are active."""
    torch.manual_seed(0)
    module = nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(4, 4, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(4 * SIZE * SIZE, 2),
    ).eval()
    for layer in module:
        if isinstance(layer, nn.Conv2d | nn.Linear):
            layer.weight.data.abs_()
            assert layer.bias is not None
            layer.bias.data.fill_(0.1)
    return module


def options(method: str) -> dict[str, Any]:
    return {"low": -2.0, "high": 2.0} if "low" in ATTRIBUTION_METHODS[method].options else {}


@pytest.mark.parametrize("method", ATTRIBUTION_METHODS)
def test_a_network_that_reads_one_region_is_seen_to_read_it(method: str, inputs: Tensor) -> None:
    module = network()
    read = torch.zeros(4, SIZE, SIZE)
    read[:, 4:7, 9:12] = 1
    module[5].weight.data *= read.flatten()
    maps = np.abs(attribute(module, inputs, 0, method, **options(method)))
    # Two convolutions see two pixels further; windows of occlusion reach two pixels beyond what they meet.
    margin = 4 if method == "occlusion" else 2
    inside = maps[:, 4 - margin : 7 + margin, 9 - margin : 12 + margin].sum((1, 2)) / maps.sum((1, 2))
    if method in NOT_LOCAL:
        assert (inside < 0.9).all()
    else:
        np.testing.assert_allclose(inside, 1, atol=1e-6)


@pytest.mark.parametrize("method", ATTRIBUTION_METHODS)
def test_a_network_that_ignores_the_image_has_maps_of_zeros(method: str, inputs: Tensor) -> None:
    module = network()
    module[5].weight.data.zero_()
    maps = attribute(module, inputs, 0, method, **options(method))
    assert (maps == 0).all() == (method not in WITHOUT_NETWORK)


@pytest.mark.parametrize("method", ATTRIBUTION_METHODS)
def test_methods_that_show_the_biases_of_the_first_layer_are_known(method: str, inputs: Tensor) -> None:
    module = network()
    module[0].weight.data.zero_()
    maps = attribute(module, inputs, 0, method, **options(method))
    assert bool(np.abs(maps).max() < 1e-6) == (method not in CONSTANT_SHOWN)


@pytest.mark.parametrize("method", ATTRIBUTION_METHODS)
def test_costs_are_those_that_are_counted(method: str) -> None:
    built = build(Specification("vgg11", ("a", "b"), width=0.0625, size=32))
    counted = cost_in_passes(built, torch.rand(24, 3, 32, 32), method)
    assert counted == pytest.approx(ATTRIBUTION_METHODS[method].cost, rel=0.25, abs=0.01)


def test_a_gradient_costs_two_passes() -> None:
    module = nn.Sequential(nn.Flatten(), nn.Linear(12, 2))
    assert cost_in_passes(module, torch.rand(8, 3, 2, 2), "saliency") == 2
    assert cost_in_passes(module, torch.rand(8, 3, 2, 2), "integrated-gradients", steps=5) == 10
    assert cost_in_passes(module, torch.rand(8, 3, 2, 2), lambda model, images, targets: images[:, 0]) == 0


def test_sources_are_in_the_list_of_references() -> None:
    known = re.findall(r"^@\w+\{(\w+),", (REPOSITORY / "book/references.bib").read_text(), re.MULTILINE)
    sources = [key for method in ATTRIBUTION_METHODS.values() for key in method.source.split(",") if key]
    assert set(sources) <= set(known) and len(sources) > len(ATTRIBUTION_METHODS) - len(WITHOUT_NETWORK)
    assert citation_keys("Bach et al. 2015; Andéol et al. 2021") == "bach2015,andeol2021"
