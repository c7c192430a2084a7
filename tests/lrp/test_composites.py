"""Composites: against their definitions written out, against Zennit's own, and what they conserve."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn
from zennit import composites as zennit_composites
from zennit import rules as zennit_rules
from zennit import types as zennit_types
from zennit.attribution import Gradient
from zennit.core import Composite
from zennit.torchvision import ResNetCanonizer, VGGCanonizer

from faceinv.errors import InputError
from faceinv.lrp.canonizers import canonizers
from faceinv.lrp.composites import COMPOSITES, bounds, composite
from faceinv.lrp.relevance import relevance
from faceinv.models.architectures import Network, Specification, build, duplicate

CLASSES = ("a", "b", "c", "d")
STABILISER = 1e-6


def randomised(network: Network, seed: int = 0, bias: float = 0.1) -> Network:
    """The network with weights, biases and statistics as if it had learned something."""
    random = torch.Generator().manual_seed(seed)
    for layer in network.module.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            layer.weight.data.normal_(0, (2 / layer.weight[0].numel()) ** 0.5, generator=random)
            if layer.bias is not None:
                layer.bias.data.normal_(0, 1, generator=random).mul_(bias)
        if isinstance(layer, nn.BatchNorm2d):
            assert layer.running_mean is not None and layer.running_var is not None
            layer.running_mean.normal_(0, 0.1, generator=random)
            layer.running_var.uniform_(0.5, 1.5, generator=random)
            layer.weight.data.uniform_(0.5, 1.5, generator=random)
            layer.bias.data.normal_(0, 0.1, generator=random)
    return network


@functools.cache
def _built(architecture: str, size: int) -> Network:
    return randomised(build(Specification(architecture, CLASSES, width=0.125, size=size)))


def small(architecture: str, size: int = 32) -> Network:
    return duplicate(_built(architecture, size))


def images(n: int, size: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(n, 3, size, size, generator=torch.Generator().manual_seed(seed)).clamp(-2, 2)


def tiny() -> Network:
    """A convolution, a ReLU and a fully connected layer, in double precision."""
    module = nn.Sequential(nn.Conv2d(3, 4, 3, 1, 1), nn.ReLU(), nn.Flatten(), nn.Linear(64, len(CLASSES)))
    module.double().eval().requires_grad_(False)
    return randomised(Network(Specification("vgg11", CLASSES, size=4), module))


# The rules, written out: `contributions` is outputs x inputs, and each input's own to each output.


def shared(relevance: np.ndarray, contributions: np.ndarray, total: np.ndarray) -> np.ndarray:
    return contributions.T @ (relevance / (total + np.where(total < 0, -STABILISER, STABILISER)))


def by_epsilon(x, weight, bias, relevance):
    return shared(relevance, weight * x, weight @ x + bias)


def by_z_plus(x, weight, bias, relevance):
    positive = np.maximum(weight * x, 0)
    return shared(relevance, positive, positive.sum(1) + np.maximum(bias, 0))


def by_z_plus_without_bias(x, weight, bias, relevance):
    return by_z_plus(x, weight, 0 * bias, relevance)


def by_alpha2_beta1(x, weight, bias, relevance):
    negative = np.minimum(weight * x, 0)
    return 2 * by_z_plus(x, weight, bias, relevance) - shared(
        relevance, negative, negative.sum(1) + np.minimum(bias, 0)
    )


def by_gamma(x, weight, bias, relevance):
    result = np.zeros_like(x)
    output = weight @ x + bias
    for side, part in ((output > 0, np.maximum), (output < 0, np.minimum)):
        favoured = weight * x + 0.25 * part(weight * x, 0)
        total = favoured.sum(1) + bias + 0.25 * part(bias, 0)
        result += shared(np.where(side, relevance, 0), favoured, total)
    return result


def by_flat(x, weight, bias, relevance):
    return shared(relevance, (weight != 0).astype(float), (weight != 0).sum(1))


def by_z_box(x, weight, bias, relevance):
    low, high = (np.repeat(bound.double().flatten().numpy(), len(x) // 3) for bound in bounds(tiny()))
    distance = weight * x - np.maximum(weight, 0) * low - np.minimum(weight, 0) * high
    return shared(relevance, distance, distance.sum(1))


DEFINITIONS: dict[str, tuple[Callable, Callable]] = {
    "epsilon": (by_epsilon, by_epsilon),
    "epsilon-plus": (by_z_plus, by_epsilon),
    "epsilon-plus-flat": (by_flat, by_epsilon),
    "epsilon-gamma-box": (by_z_box, by_epsilon),
    "alpha2-beta1-flat": (by_flat, by_epsilon),
    "deep-taylor": (by_z_box, by_z_plus_without_bias),
}


def matrix(layer: nn.Conv2d, side: int) -> tuple[np.ndarray, np.ndarray]:
    """A 3 x 3 convolution of side x side pixels, padded by one, as a matrix and a bias."""
    kernel = layer.weight.detach().numpy()
    dense = np.zeros((kernel.shape[0], side, side, kernel.shape[1], side, side))
    for y, x, dy, dx in itertools.product(range(side), range(side), range(3), range(3)):
        v, u = y + dy - 1, x + dx - 1
        if 0 <= v < side and 0 <= u < side:
            dense[:, y, x, :, v, u] = kernel[:, :, dy, dx]
    assert layer.bias is not None
    bias = np.repeat(layer.bias.detach().numpy(), side * side)
    return dense.reshape(kernel.shape[0] * side * side, -1), bias


def through(
    rules: tuple[Callable, Callable], network: Network, image: torch.Tensor, target: int
) -> np.ndarray:
    """Relevance of a tiny network's pixels by rules written out."""
    first, last = network.module.get_submodule("0"), network.module.get_submodule("3")
    assert isinstance(first, nn.Conv2d) and isinstance(last, nn.Linear)
    weight, bias = matrix(first, 4)
    x = image.numpy().ravel()
    hidden = np.maximum(weight @ x + bias, 0)
    output = last.weight.detach().numpy(), last.bias.detach().numpy()
    start = np.zeros(len(CLASSES))
    start[target] = (output[0] @ hidden + output[1])[target]
    found = rules[0](x, weight, bias, rules[1](hidden, *output, start))
    return found.reshape(3, 4, 4).sum(0)


@pytest.mark.parametrize("name", COMPOSITES)
def test_each_composite_is_its_definition_on_a_tiny_network(name: str) -> None:
    network, x = tiny(), images(3, 4).double()
    found = relevance(network, x, np.array([0, 2, 3]), name)
    expected = [through(DEFINITIONS[name], network, x[i], target) for i, target in enumerate((0, 2, 3))]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize(
    ("name", "definition"),
    [("epsilon-plus", by_z_plus), ("alpha2-beta1-flat", by_alpha2_beta1), ("epsilon-gamma-box", by_gamma)],
)
def test_rules_of_convolutions_are_their_definitions(name: str, definition: Callable, signed: bool) -> None:
    layer = tiny().module.get_submodule("0")
    assert isinstance(layer, nn.Conv2d)
    x = images(1, 4).double() if signed else images(1, 4).double().relu()
    sent = torch.randn(1, 4, 4, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(5))
    found = COMPOSITES[name].convolution(layer, x, layer(x), sent)
    expected = definition(x.numpy().ravel(), *matrix(layer, 4), sent.numpy().ravel())
    np.testing.assert_allclose(found.numpy().ravel(), expected, rtol=1e-9, atol=1e-9)


def zennit(name: str, network: Network) -> Composite:
    """Zennit's own composite, with normalisations merged as it does."""
    low, high = (bound.double() for bound in bounds(network))
    residual = network.specification.architecture.startswith("resnet")
    options = {"canonizers": [ResNetCanonizer() if residual else VGGCanonizer()]}
    base = zennit_composites.layer_map_base()
    plus = zennit_rules.ZPlus(zero_params="bias")
    box = [(zennit_types.Convolution, zennit_rules.ZBox(low=low, high=high))]
    makers: dict[str, Callable[[], Composite]] = {
        "epsilon": lambda: zennit_composites.LayerMapComposite(
            [*base, (zennit_types.Linear, zennit_rules.Epsilon())], **options
        ),
        "epsilon-plus": lambda: zennit_composites.EpsilonPlus(**options),
        "epsilon-plus-flat": lambda: zennit_composites.EpsilonPlusFlat(**options),
        "epsilon-gamma-box": lambda: zennit_composites.EpsilonGammaBox(low=low, high=high, **options),
        "alpha2-beta1-flat": lambda: zennit_composites.EpsilonAlpha2Beta1Flat(**options),
        "deep-taylor": lambda: zennit_composites.SpecialFirstLayerMapComposite(
            [*base, (zennit_types.Linear, plus)], box, **options
        ),
    }
    return makers[name]()


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
    found = relevance(network, x, targets, name)
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
    np.testing.assert_allclose(relevance(network, x, targets, "deep-taylor").sum((1, 2)), logits, rtol=lost)


@pytest.mark.parametrize("name", [name for name in COMPOSITES if name != "deep-taylor"])
def test_all_composites_conserve_the_logit_without_biases(name: str) -> None:
    network = randomised(small("vgg11"), bias=0)
    network.module.double()
    x, targets = images(3, 32).double(), np.array([0, 1, 2])
    logits = network.logits(x).numpy()[np.arange(3), targets]
    found = relevance(network, x, targets, name).astype(np.float64).sum((1, 2))
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
    np.testing.assert_allclose(
        relevance(network, x, np.array([1, 1]), "deep-taylor").sum((1, 2)), logits, rtol=2e-3
    )


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
