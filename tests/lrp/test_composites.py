"""Composites: against their definitions written out, against Zennit's own, and what they conserve."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
import torch
from torch import nn
from written_rules import (
    CLASSES,
    DEFINITIONS,
    images,
    matrix,
    parameters_of,
    randomised,
    small,
    through,
    tiny,
    written_out,
)
from zennit import composites as zennit_composites
from zennit import rules as zennit_rules
from zennit import types as zennit_types
from zennit.attribution import Gradient
from zennit.core import Composite
from zennit.torchvision import ResNetCanonizer, VGGCanonizer

from faceinv.errors import InputError
from faceinv.lrp import rules
from faceinv.lrp.canonizers import canonizers
from faceinv.lrp.composites import COMPOSITES, composite
from faceinv.lrp.input_bounds import bounds
from faceinv.lrp.relevance import relevance
from faceinv.models.architectures import Network, Specification, build


def test_each_rule_is_written_out() -> None:
    assert DEFINITIONS.keys() == set(rules.RULES.values())


@pytest.mark.parametrize("name", COMPOSITES)
def test_each_composite_is_its_definition_on_a_tiny_network(name: str) -> None:
    network, x = tiny(), images(3, 4).double()
    found = relevance(network, x, np.array([0, 2, 3]), name, start="logit")
    recipe = COMPOSITES[name]
    both = written_out(recipe, recipe.first or recipe.convolution), written_out(recipe, recipe.linear)
    expected = [through(both, network, x[i], target) for i, target in enumerate((0, 2, 3))]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize(
    "rule", [rules.z_plus, rules.alpha_beta, rules.gamma], ids=lambda rule: rule.__name__
)
def test_rules_of_convolutions_are_their_definitions(rule: Callable, signed: bool) -> None:
    layer = tiny().module.get_submodule("0")
    assert isinstance(layer, nn.Conv2d)
    x = images(1, 4).double() if signed else images(1, 4).double().relu()
    sent = torch.randn(1, 4, 4, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(5))
    found = rule(layer, x, layer(x), sent)
    expected = DEFINITIONS[rule](x.numpy().ravel(), *matrix(layer, 4), sent.numpy().ravel())
    np.testing.assert_allclose(found.numpy().ravel(), expected, rtol=1e-9, atol=1e-9)


def zennit(name: str, network: Network) -> Composite:
    """Zennit's own composite, with normalisations merged as it does."""
    low, high = (bound.double() for bound in bounds(network))
    residual = network.specification.architecture.startswith("resnet")
    options = {"canonizers": [ResNetCanonizer() if residual else VGGCanonizer()]}
    named: dict[str, Callable[[], Composite]] = {
        "epsilon-plus": lambda: zennit_composites.EpsilonPlus(**options),
        "epsilon-plus-flat": lambda: zennit_composites.EpsilonPlusFlat(**options),
        "epsilon-gamma-box": lambda: zennit_composites.EpsilonGammaBox(low=low, high=high, **options),
        "alpha2-beta1-flat": lambda: zennit_composites.EpsilonAlpha2Beta1Flat(**options),
    }
    if name in named:
        return named[name]()
    recipe = COMPOSITES[name]
    made = {
        rules.epsilon: zennit_rules.Epsilon,
        rules.z_plus: zennit_rules.ZPlus,
        rules.z_plus_without_bias: partial(zennit_rules.ZPlus, zero_params="bias"),
        rules.alpha_beta: zennit_rules.AlphaBeta,
        rules.gamma: zennit_rules.Gamma,
        rules.flat: zennit_rules.Flat,
        rules.z_box: partial(zennit_rules.ZBox, low=low, high=high),
    }
    first, convolution, linear = (
        partial(made[rule], **parameters_of(recipe, rule))()
        for rule in (recipe.first or recipe.convolution, recipe.convolution, recipe.linear)
    )
    return zennit_composites.SpecialFirstLayerMapComposite(
        [*zennit_composites.layer_map_base(), (zennit_types.Convolution, convolution), (nn.Linear, linear)],
        [(zennit_types.Linear, first)],
        **options,
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", COMPOSITES)
@pytest.mark.parametrize("architecture", ["vgg16", "vgg16_bn", "resnet18"])
def test_numbers_are_those_of_zennit(architecture: str, name: str) -> None:
    network = small(architecture)
    network.module.double()
    for layer in network.module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.eps = 0  # Zennit would divide by the square root of 1 + eps once more, after merging.
    x, targets = images(3, 32).double(), np.array([0, 3, 1])
    with Gradient(network.module, zennit(name, network)) as attribute:
        _, expected = attribute(x.clone(), lambda logits: logits * torch.eye(len(CLASSES))[targets])
    expected = expected.sum(1).detach().numpy()
    found = relevance(network, x, targets, name, start="logit")
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6 * np.abs(expected).max())


FAMILIES = (
    "alexnet",
    "alexnet_bn",
    "vgg11",
    "vgg16_bn",
    "squeezenet1_1",
    "squeezenet1_1_bn",
    "googlenet",
    "resnet18",
    "resnet50",
    "densenet121",
)


@pytest.mark.slow
@pytest.mark.parametrize("architecture", FAMILIES)
def test_canonized_network_computes_the_same(architecture: str) -> None:
    network, x = small(architecture, 64), images(2, 64)
    with torch.no_grad(), Composite(canonizers=canonizers(architecture)).context(network.module):
        canonized = network.module(x)
    torch.testing.assert_close(canonized, network.logits(x), rtol=1e-4, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("architecture", FAMILIES)
def test_network_is_as_it_was(architecture: str) -> None:
    network = small(architecture, 64)
    before = {name: value.clone() for name, value in network.module.state_dict().items()}
    names = [name for name, _ in network.module.named_modules()]
    flags = [parameter.requires_grad for parameter in network.module.parameters()]
    relevance(network, images(2, 64), np.array([0, 1]))
    last = [layer for layer in network.module.modules() if isinstance(layer, nn.Linear | nn.Conv2d)][-1]
    failure = last.register_forward_pre_hook(_fail)
    with pytest.raises(ZeroDivisionError):
        relevance(network, images(2, 64), np.array([0, 1]))
    failure.remove()
    after = network.module.state_dict()
    assert list(after) == list(before) and all(torch.equal(after[name], before[name]) for name in before)
    assert [name for name, _ in network.module.named_modules()] == names
    assert [parameter.requires_grad for parameter in network.module.parameters()] == flags
    for layer in network.module.modules():
        assert not layer._forward_hooks and not layer._forward_pre_hooks and "forward" not in vars(layer)


def _fail(*_: object) -> None:
    raise ZeroDivisionError


# Two units that squeezenet1_1_bn squeezes its first layers into, at this width, are silent here.
CONSERVING = [name for name in FAMILIES if name not in ("densenet121", "squeezenet1_1_bn")]


@pytest.mark.parametrize("architecture", CONSERVING)
def test_deep_taylor_conserves_the_logit(architecture: str) -> None:
    network, x = small(architecture, 64), images(3, 64)
    # What reaches a unit without any positive contribution is lost. Behind a ReLU only the bias can bring it
    # there, in residual blocks the addition does, and more often in narrow networks.
    lost = 0.03 if architecture.startswith(("resnet", "squeezenet")) else 0.002
    targets = np.array([0, 1, 2])
    logits = network.logits(x).numpy()[np.arange(3), targets]
    found = relevance(network, x, targets, "deep-taylor", start="logit").sum((1, 2))
    np.testing.assert_allclose(found, logits, rtol=lost)


# What deep Taylor decomposition has instead of shares of biases conserves with biases, which is tested above.
WITH_BIAS = [
    name
    for name, recipe in COMPOSITES.items()
    if rules.z_plus_without_bias not in (recipe.convolution, recipe.linear)
]


@pytest.mark.parametrize("name", WITH_BIAS)
def test_all_composites_conserve_the_logit_without_biases(name: str) -> None:
    network = randomised(small("vgg11"), bias=0)
    network.module.double()
    x, targets = images(3, 32).double(), np.array([0, 1, 2])
    logits = network.logits(x).numpy()[np.arange(3), targets]
    found = relevance(network, x, targets, name, start="logit").astype(np.float64).sum((1, 2))
    np.testing.assert_allclose(found, logits, rtol=1e-3)


@pytest.mark.slow
def test_densenet_conserves_the_share_of_inputs() -> None:
    """Shifts of normalisations take no share, apart from that of the last, before the average."""
    network, x = small("densenet121", 64), images(2, 64)
    shift = network.module.get_submodule("features.norm5")
    assert isinstance(shift, nn.BatchNorm2d)
    assert shift.running_mean is not None and shift.running_var is not None
    shift.bias.data = shift.running_mean * shift.weight.data / (shift.running_var + shift.eps).sqrt()
    logits = network.logits(x).numpy()[:, 1]
    found = relevance(network, x, np.array([1, 1]), "deep-taylor", start="logit").sum((1, 2))
    np.testing.assert_allclose(found, logits, rtol=2e-3)


def test_unknown_composite_is_named() -> None:
    with pytest.raises(InputError, match=r"no composite 'lrp'.*epsilon-plus-flat"):
        composite("lrp", tiny())


def test_architecture_without_rules_is_named() -> None:
    network = build(Specification("mobilenet_v2", CLASSES))
    with pytest.raises(InputError, match=r"mobilenet_v2.*vgg.*densenet"):
        composite("epsilon", network)


def test_recipes_say_what_and_whence() -> None:
    for recipe in COMPOSITES.values():
        assert recipe.description and recipe.source[-4:].isdigit()
