"""Relevance maps: shape, targets, and independence of how they are computed."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import torch
from torch import nn

from faceinv.errors import InputError
from faceinv.lrp.composites import COMPOSITES
from faceinv.lrp.relevance import relevance
from faceinv.models.architectures import Network, Specification, build


@pytest.fixture(scope="module")
def network() -> Network:
    return made(("female", "male"))


@functools.cache
def made(classes: tuple[str, ...]) -> Network:
    made = build(Specification("vgg11", classes, width=0.125, size=32))
    random = torch.Generator().manual_seed(3)
    for layer in made.module.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            layer.weight.data.normal_(0, (2 / layer.weight[0].numel()) ** 0.5, generator=random)
            assert layer.bias is not None
            layer.bias.data.normal_(0, 0.1, generator=random)
    return made


@pytest.fixture(scope="module")
def inputs() -> torch.Tensor:
    return torch.randn(7, 3, 32, 32, generator=torch.Generator().manual_seed(1)).clamp(-2, 2)


def test_maps_are_one_number_a_pixel(network: Network, inputs: torch.Tensor) -> None:
    maps = relevance(network, inputs, np.zeros(7, dtype=np.int64))
    assert maps.shape == (7, 32, 32) and maps.dtype == np.float32
    assert np.isfinite(maps).all() and (np.abs(maps).sum((1, 2)) > 0).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", COMPOSITES)
def test_batches_do_not_matter(network: Network, inputs: torch.Tensor, name: str) -> None:
    targets = np.arange(7) % 2
    whole = relevance(network, inputs, targets, name)
    for batch in (1, 3):
        parts = relevance(network, inputs, targets, name, batch=batch)
        np.testing.assert_allclose(parts, whole, rtol=1e-3, atol=2e-5 * np.abs(whole).max())


def test_same_call_same_numbers(network: Network, inputs: torch.Tensor) -> None:
    targets = np.arange(7) % 2
    assert np.array_equal(relevance(network, inputs, targets), relevance(network, inputs, targets))


def test_each_image_has_its_own_target(network: Network, inputs: torch.Tensor) -> None:
    mixed = relevance(network, inputs, np.arange(7) % 2)
    ones = relevance(network, inputs, np.ones(7, dtype=np.int64))
    np.testing.assert_allclose(mixed[1::2], ones[1::2], rtol=1e-4, atol=1e-6)
    assert not np.allclose(mixed[::2], ones[::2], rtol=1e-2)


def test_works_where_gradients_are_off_and_training_was_on(network: Network, inputs: torch.Tensor) -> None:
    expected = relevance(network, inputs, np.zeros(7, dtype=np.int64))
    network.module.train()
    try:
        with torch.no_grad():
            found = relevance(network, inputs, np.zeros(7, dtype=np.int64))
        assert network.module.training and all(layer.training for layer in network.module.modules())
    finally:
        network.module.eval()
    assert np.array_equal(found, expected)
    assert not inputs.requires_grad and inputs.grad is None


def test_no_images_give_no_maps(network: Network, inputs: torch.Tensor) -> None:
    assert relevance(network, inputs[:0], np.zeros(0, dtype=np.int64)).shape == (0, 32, 32)


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        (np.zeros(6, dtype=np.int64), "one integer for each of 7 images"),
        (np.zeros(7), "float64"),
        (np.full(7, 2), "indices of the 2 classes"),
        (np.full(7, -1), "from -1 to -1"),
    ],
)
def test_wrong_targets_are_named(
    network: Network, inputs: torch.Tensor, targets: np.ndarray, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        relevance(network, inputs, targets)


def test_wrong_inputs_are_named(network: Network, inputs: torch.Tensor) -> None:
    with pytest.raises(InputError, match="floats N x 3 x H x W"):
        relevance(network, inputs[0], np.zeros(3, dtype=np.int64))
