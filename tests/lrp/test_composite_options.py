"""Composites with other parameters and rules than usual, and composites of Zennit's that are ready."""

from __future__ import annotations

from functools import partial
from inspect import signature
from typing import Any

import numpy as np
import pytest
from torch import nn
from written_rules import by_z_box, images, randomised, small, through, tiny, written_out
from zennit import composites as zennit_composites
from zennit import rules as zennit_rules
from zennit.canonizers import SequentialMergeBatchNorm

from faceinv.errors import InputError
from faceinv.lrp import rules
from faceinv.lrp.composites import composite
from faceinv.lrp.relevance import relevance


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("epsilon", {"epsilon": 0.1}),
        ("epsilon-gamma-box", {"gamma": 1.5}),
        ("epsilon-gamma-box", {"low": -3, "high": [2, 3, 4]}),
        ("alpha2-beta1-flat", {"alpha": 1.5, "beta": 0.5}),
    ],
)
def test_parameters_reach_their_rule_and_no_other(name: str, parameters: dict[str, Any]) -> None:
    network, x, targets = tiny(), images(2, 4).double(), np.array([1, 2])
    chosen = composite(name, **parameters)
    found = relevance(network, x, targets, chosen, start="logit")
    by_rule = {rules.z_box: by_z_box}
    limits = {key: parameters[key] for key in ("low", "high") if key in parameters}
    if limits:
        by_rule[rules.z_box] = partial(
            by_z_box, **{key: np.broadcast_to(np.ravel(value), 3) for key, value in limits.items()}
        )
    both = [
        by_rule.get(rule, written_out(chosen, rule))
        for rule in (chosen.first or chosen.convolution, chosen.linear)
    ]
    expected = [through((both[0], both[1]), network, x[i], int(targets[i])) for i in range(2)]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    usual = relevance(network, x, targets, name, start="logit")
    differs = not np.allclose(found, usual, rtol=1e-3)
    used = {chosen.first or chosen.convolution, chosen.linear}
    assert differs == any(key in signature(rule).parameters for key in parameters for rule in used)
    assert np.array_equal(
        relevance(network, x, targets, name, start="logit"), usual
    )  # the registry is as it was


def test_stabiliser_is_of_all_denominators() -> None:
    network, x = tiny(), images(1, 4).double()
    whole = np.abs(relevance(network, x, [1], "epsilon-plus")).sum()
    calmed = np.abs(relevance(network, x, [1], composite("epsilon-plus", epsilon=0, stabiliser=1e3))).sum()
    assert calmed < 0.1 * whole


def test_rules_of_layers_go_by_path_then_first_then_type() -> None:
    network, x, targets = tiny(), images(2, 4).double(), np.array([1, 2])

    def found(name: str, layers: dict[Any, Any]) -> np.ndarray:
        return relevance(network, x, targets, composite(name, layers=layers))

    def same(one: np.ndarray, other: np.ndarray) -> bool:
        return bool(np.allclose(one, other, rtol=1e-5, atol=1e-9))

    plus_flat, plus = (relevance(network, x, targets, name) for name in ("epsilon-plus-flat", "epsilon-plus"))
    assert not same(plus_flat, plus)
    assert same(found("epsilon-plus", {"0": "flat"}), plus_flat)
    assert same(found("epsilon-plus-flat", {"0": "z-plus"}), plus)
    assert same(
        found("epsilon-plus-flat", {nn.Conv2d: "z-plus"}), plus_flat
    )  # the first layer's rule goes before
    assert same(found("epsilon-plus-flat", {nn.Conv2d: "flat", "0": rules.z_plus}), plus)
    assert same(found("epsilon-plus", {"0": zennit_rules.Flat()}), plus_flat)
    assert not same(found("epsilon-plus", {nn.Linear: "z-plus"}), plus)


def test_flat_rule_behind_a_relu_keeps_its_relevance() -> None:
    """An even share reaches silent units, and what they hold is handed on."""
    network = randomised(small("vgg11"), bias=0)
    network.module.double()
    x = images(2, 32).double()
    chosen = composite("epsilon-plus-flat", layers={nn.Conv2d: "flat"})
    logits = network.logits(x).numpy()[:, 1]
    found = relevance(network, x, [1, 1], chosen, start="logit").sum((1, 2))
    np.testing.assert_allclose(found, logits, rtol=1e-3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "epsilon-plus", "gamma": 0.5}, "no rule of the composite has a parameter 'gamma'.*epsilon"),
        ({"name": "epsilon-gamma-box", "gamma": -1}, "gamma is -1"),
        ({"name": "alpha2-beta1-flat", "alpha": 3}, "alpha is 3 and beta 1; expected a difference of one"),
        ({"name": "epsilon", "layers": {"0": "lrp"}}, "no rule 'lrp'.*z-plus"),
    ],
)
def test_wrong_parameters_are_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        composite(**options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "epsilon", "layers": {"features.9": "flat"}}, "no layer 'features.9'.*such as '0'"),
        ({"name": "epsilon-gamma-box", "low": [0, 0]}, "low holds 2 numbers.*3 channels"),
        ({"name": "epsilon", "layers": {"3": "z-box"}}, "only for a layer that takes the image"),
    ],
)
def test_what_does_not_fit_the_network_is_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        relevance(tiny(), images(1, 4).double(), [0], composite(**options))


@pytest.mark.parametrize("architecture", ["vgg16_bn", "resnet18"])
def test_ready_composite_of_zennit_is_registered_as_it_is(architecture: str) -> None:
    """Zennit's canonizers merge what they know, and its rule of sums sees additions."""
    network = small(architecture)
    network.module.double()
    for layer in network.module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.eps = 0
    x, targets = images(2, 32).double(), np.array([0, 3])
    expected = relevance(network, x, targets, "epsilon-plus-flat", start="logit")
    ready = zennit_composites.EpsilonPlusFlat(canonizers=[SequentialMergeBatchNorm()])
    for model in (network, network.module):
        found = relevance(model, x, targets, ready, start="logit")
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5 * np.abs(expected).max())
