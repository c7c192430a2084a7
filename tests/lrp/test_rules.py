"""Rules of relevance on single layers, by hand and on layers that do the same otherwise written."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from faceinv.lrp import rules

LOW, HIGH = -torch.ones(1, 4, 1, 1), 2 * torch.ones(1, 4, 1, 1)


def grouped() -> tuple[nn.Conv2d, nn.Conv2d, Tensor]:
    """A convolution of two groups, the same with all channels connected by zeros, and two images."""
    torch.manual_seed(0)
    layer = nn.Conv2d(4, 6, 3, padding=1, groups=2)
    whole = nn.Conv2d(4, 6, 3, padding=1)
    assert layer.bias is not None and whole.bias is not None
    with torch.no_grad():
        whole.weight.zero_()
        for group in range(2):
            out, into = slice(3 * group, 3 * group + 3), slice(2 * group, 2 * group + 2)
            whole.weight[out, into] = layer.weight[out]
        whole.bias.copy_(layer.bias)
    return layer.requires_grad_(False), whole.requires_grad_(False), torch.rand(2, 4, 5, 5) * 3 - 1


def test_bounds_of_a_grouped_convolution_are_those_of_its_channels() -> None:
    layer, whole, images = grouped()
    output = layer(images)
    torch.testing.assert_close(output, whole(images))
    relevance = torch.rand_like(output)
    found = rules.z_box(layer, images, output, relevance, LOW, HIGH)
    torch.testing.assert_close(found, rules.z_box(whole, images, output, relevance, LOW, HIGH))
    # by the definition, for one input of the first image, at the centre
    share = torch.zeros(6, 5, 5)
    for channel in range(6):
        weight = whole.weight[channel]
        field = (
            nn.functional.pad(images[0] - LOW[0], (1, 1, 1, 1)),
            nn.functional.pad(images[0] - HIGH[0], (1, 1, 1, 1)),
        )
        for row in range(1, 4):
            for column in range(1, 4):
                above, below = (each[:, row : row + 3, column : column + 3] for each in field)
                parts = above * weight.clamp(min=0) + below * weight.clamp(max=0)
                mine = parts[1, 3 - row, 3 - column]
                share[channel, row, column] = relevance[0, channel, row, column] * mine / parts.sum()
    assert found[0, 1, 2, 2].item() == pytest.approx(share.sum().item(), rel=1e-4)


def test_a_grouped_convolution_spreads_relevance_over_the_channels_of_its_group() -> None:
    layer, _, images = grouped()
    relevance = torch.rand(2, 6, 5, 5)
    found = rules.flat(layer, images, layer(images), relevance)
    for group in range(2):
        out, into = slice(3 * group, 3 * group + 3), slice(2 * group, 2 * group + 2)
        alone = nn.Conv2d(2, 3, 3, padding=1)
        expected = rules.flat(alone, images[:, into], layer(images)[:, out], relevance[:, out])
        torch.testing.assert_close(found[:, into], expected)
    assert found.sum().item() == pytest.approx(relevance.sum().item(), rel=1e-4)


def test_a_linear_layer_spreads_relevance_over_all_inputs_of_each_image() -> None:
    relevance = torch.tensor([[1.0, 2.0], [3.0, 6.0]])
    found = rules.flat(nn.Linear(3, 2), torch.rand(2, 3), relevance, relevance)
    assert found.flatten().tolist() == pytest.approx([1, 1, 1, 3, 3, 3], rel=1e-5)


def test_positive_and_negative_contributions_have_their_factors() -> None:
    layer = nn.Linear(3, 1).requires_grad_(False)
    layer.weight.copy_(torch.tensor([[2.0, -1.0, 1.0]]))
    layer.bias.fill_(1.0)
    inputs = torch.tensor([[1.0, 2.0, 1.0]])  # positive contributions of 2 and 1 and the bias, 1; one of -2
    output = layer(inputs)
    assert output.item() == 2
    found = rules.alpha_beta(layer, inputs, output, torch.tensor([[4.0]]), alpha=3, beta=2)
    expected = [3 * 4 * 2 / 4, -2 * 4 * 1, 3 * 4 * 1 / 4]
    assert found.flatten().tolist() == pytest.approx(expected, rel=1e-5)


def test_an_added_constant_absorbs_its_share() -> None:
    inputs = torch.tensor([[3.0, -1.0]])
    found = rules.offset(nn.Identity(), inputs, inputs + 2, torch.tensor([[10.0, 4.0]]))
    assert found.flatten().tolist() == pytest.approx([6, -4], rel=1e-5)
