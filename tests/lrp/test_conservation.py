"""Relevance that gets lost or made is warned of, with the layer."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from contextlib import nullcontext, suppress
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from any_networks import (
    Written,
    images,
    linear,
    owned,
    small,
)
from torch import nn

from faceinv.errors import InputError
from faceinv.lrp import operations, rules
from faceinv.lrp.composites import COMPOSITES, _normalised, composite
from faceinv.lrp.conservation import ConservationWarning, check_amounts, conserving
from faceinv.lrp.ledger import Ledger, booked
from faceinv.lrp.modules import NormalisedConvolution
from faceinv.lrp.relevance import explainable, explained, relevance
from faceinv.lrp.starts import STARTS


def test_addition_that_is_not_seen_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken canonization, which takes additions for what only moves numbers about."""
    moves, called = operations.moves, operations.called
    monkeypatch.setattr(operations, "called", lambda node: called(node).replace("add", "plus"))
    monkeypatch.setattr(operations, "moves", lambda node: moves(node) or operations.called(node) == "plus")
    module = Written(small("resnet18"), torch.add)
    for name in COMPOSITES:
        # Signed relevance grows at every addition, until the maps are refused as well.
        refused = suppress(InputError) if name == "epsilon" else nullcontext()
        place = r"before layer 'relu_\d*' \(add\)|before layer"
        with pytest.warns(ConservationWarning, match=place) as caught, refused:
            relevance(module, images(1), 0, name)
        assert len(caught) == 1


class Reused(nn.Module):
    """A network that uses one pooling and one activation twice, with or without a module for each use."""

    def __init__(self, shared: bool) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.first, self.second = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 8, 3, padding=1)
        self.output = nn.Linear(8 * 4 * 4, 3)
        self.pools = nn.ModuleList([nn.AvgPool2d(2)] * 2 if shared else [nn.AvgPool2d(2), nn.AvgPool2d(2)])
        self.relus = nn.ModuleList([nn.ReLU()] * 2 if shared else [nn.ReLU(), nn.ReLU()])
        for parameter in self.parameters():
            parameter.data = 0.3 * torch.randn(parameter.shape, generator=generator)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = self.pools[0](self.relus[0](self.first(images)))
        return self.output(self.pools[1](self.relus[1](self.second(x))).flatten(1))


@pytest.mark.parametrize("layers", [{}, {nn.Linear: "epsilon"}])
def test_a_layer_that_is_used_twice_passes_relevance_on_each_time(layers: Any) -> None:
    images = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    chosen = composite("epsilon", layers=layers)
    shared, apart = (relevance(Reused(shared).eval(), images, [0, 1], chosen) for shared in (True, False))
    assert np.abs(apart).sum() > 0
    np.testing.assert_array_equal(shared, apart)


def test_relevance_that_no_layer_loses_and_does_not_arrive_is_warned_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Copies that share their hooks: each layer has two, and the second stops what the first passes.
    monkeypatch.setattr("faceinv.lrp.layers.twin", copy.copy)
    images = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    with pytest.warns(ConservationWarning, match="lost between layers.*none reaches the first image"):
        relevance(Reused(shared=True).eval(), images, [0, 1], "epsilon")


def test_a_network_that_ignores_the_image_loses_nothing() -> None:
    network = Reused(shared=False).eval()
    network.first.weight.data.zero_()
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConservationWarning)
        found = relevance(network, torch.randn(2, 3, 16, 16), [0, 1], "epsilon")
    assert not found.any()


def test_layer_that_is_not_what_its_rule_takes_it_for_is_warned_of() -> None:
    """The rule of a convolution on a layer that computes something else."""
    x = images(size=8)
    subject = explainable(linear(bias=True), x, "epsilon")
    layer = subject.module.get_submodule("0")
    layer.forward = lambda input: 2 * nn.Conv2d.forward(layer, input)  # type: ignore[method-assign, arg-type]
    with (
        pytest.warns(ConservationWarning, match="in layer '0'"),
        subject.composite.context(subject.module),
        conserving(subject.module),
    ):
        explained(subject, x, None)


def multiplied(factor: float, where: int | None = None) -> Callable[..., torch.Tensor]:
    """The epsilon rule with its relevance multiplied, in all images or in one."""

    def rule(layer: Any, input: torch.Tensor, output: torch.Tensor, relevance: torch.Tensor) -> torch.Tensor:
        found = rules.epsilon(layer, input, output, relevance)
        found[slice(None) if where is None else slice(where, where + 1)] *= factor
        return found

    return rule


@pytest.mark.filterwarnings("ignore:relevance is not conserved")
@pytest.mark.parametrize("start", STARTS)
def test_maps_out_of_proportion_are_refused(start: str) -> None:
    module, x = linear(), images(5, size=8)
    usual = relevance(module, x, 0, "epsilon", start=start)
    chosen = composite("epsilon", layers={"0": multiplied(100)})
    np.testing.assert_allclose(relevance(module, x, 0, chosen, start=start), 100 * usual, rtol=1e-4)
    with pytest.raises(InputError, match=r"times its largest logit .*expected at most 1e\+04: another"):
        relevance(module, x, 0, composite("epsilon", layers={"0": multiplied(1e7)}), start=start)
    with pytest.warns(ConservationWarning, match="of 1 of 5 images, the first of which is image 3"):
        relevance(module, x, 0, composite("epsilon", layers={"0": multiplied(1e7, where=3)}), start=start)
    with pytest.raises(InputError, match="relevance of image 3 is not finite"):
        relevance(module, x, 0, composite("epsilon", layers={"0": multiplied(np.inf, where=3)}), start=start)


def test_logit_of_zero_is_in_proportion() -> None:
    """Contributions of 5 and -5 to a logit of zero, beside another of 3."""
    first, last = nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False)
    first.weight.data, last.weight.data = torch.eye(2), torch.tensor([[5.0, -5.0], [1.0, 2.0]])
    module, image = nn.Sequential(nn.Flatten(), first, last), torch.ones(1, 1, 1, 2)
    for start in STARTS:
        relevance(module, image, 0, "epsilon", start=start)
    check_amounts(np.array([[[5.0, -5.0]]]), np.array([1e-9]), np.array([1e-9]), np.array([3.0]))


def test_gamma_has_the_shift_of_a_normalised_convolution_in_its_denominator() -> None:
    """Contributions of 1 and -1.25 cancel under gamma; the shift brings 1 to the output of 0.75."""
    norm, conv = nn.BatchNorm2d(2, eps=0), nn.Conv2d(2, 1, 1, bias=False)
    norm.bias.data = torch.tensor([1.0, 0.0])
    conv.weight.data = torch.tensor([1.0, -1.25]).view(1, 2, 1, 1)
    layer, input = NormalisedConvolution(norm.eval(), conv), torch.ones(1, 2, 1, 1)
    output, ledger = layer(input).detach(), Ledger()
    assert output.item() == 0.75
    rule = partial(_normalised, rules.gamma)
    with torch.no_grad():
        found = booked(ledger, rule, layer, input, output, torch.full_like(output, 2))
    # Raised by a quarter, 1.25 of the first input, -1.25 of the second and 1.25 of the shift are 1.25.
    np.testing.assert_allclose(found.ravel(), [2, -2], rtol=1e-5)
    assert abs(ledger.entries[0].absorbed - 2) < 1e-4


@pytest.mark.parametrize("name", COMPOSITES)
def test_densenet_is_in_proportion(name: str) -> None:
    network = owned("densenet121", 32)
    for layer in network.module.modules():
        if isinstance(layer, nn.BatchNorm2d):  # trained: most units are silent most of the time
            layer.bias.data -= 0.5
    found = relevance(network, images(2, size=32), 0, name, start="one")
    assert (np.abs(found).sum((1, 2)) < 100).all()
