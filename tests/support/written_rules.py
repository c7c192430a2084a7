"""Small networks and the rules of relevance written out, for tests of composites."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from functools import partial
from inspect import signature
from typing import Any

import numpy as np
import torch
from torch import nn

from faceinv.lrp import rules
from faceinv.lrp.composites import CompositeSpec
from faceinv.lrp.input_bounds import bounds
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


def by_epsilon(x, weight, bias, relevance, epsilon=STABILISER):
    total = weight @ x + bias
    return (weight * x).T @ (relevance / (total + np.where(total < 0, -epsilon, epsilon)))


def by_z_plus(x, weight, bias, relevance):
    positive = np.maximum(weight * x, 0)
    return shared(relevance, positive, positive.sum(1) + np.maximum(bias, 0))


def by_z_plus_without_bias(x, weight, bias, relevance):
    return by_z_plus(x, weight, 0 * bias, relevance)


def by_alpha_beta(x, weight, bias, relevance, alpha=2, beta=1):
    negative = np.minimum(weight * x, 0)
    return alpha * by_z_plus(x, weight, bias, relevance) - beta * shared(
        relevance, negative, negative.sum(1) + np.minimum(bias, 0)
    )


def by_gamma(x, weight, bias, relevance, gamma=0.25):
    result = np.zeros_like(x)
    output = weight @ x + bias
    for side, part in ((output > 0, np.maximum), (output < 0, np.minimum)):
        favoured = weight * x + gamma * part(weight * x, 0)
        total = favoured.sum(1) + bias + gamma * part(bias, 0)
        result += shared(np.where(side, relevance, 0), favoured, total)
    return result


def by_flat(x, weight, bias, relevance):
    return shared(relevance, (weight != 0).astype(float), (weight != 0).sum(1))


def by_z_box(x, weight, bias, relevance, low=None, high=None):
    usual = (bound.double().flatten().numpy() for bound in bounds(tiny()))
    given = (own if mine is None else mine for own, mine in zip(usual, (low, high), strict=True))
    low, high = (np.repeat(bound, len(x) // 3) for bound in given)
    distance = weight * x - np.maximum(weight, 0) * low - np.minimum(weight, 0) * high
    return shared(relevance, distance, distance.sum(1))


DEFINITIONS: dict[Callable, Callable] = {
    rules.epsilon: by_epsilon,
    rules.z_plus: by_z_plus,
    rules.z_plus_without_bias: by_z_plus_without_bias,
    rules.alpha_beta: by_alpha_beta,
    rules.gamma: by_gamma,
    rules.flat: by_flat,
    rules.z_box: by_z_box,
}
"""Each rule, written out. A composite made of these is tested without an entry here."""


def parameters_of(recipe: CompositeSpec, rule: Callable) -> dict[str, Any]:
    """What a composite sets of the parameters of one of its rules."""
    return {key: value for key, value in recipe.parameters.items() if key in signature(rule).parameters}


def written_out(recipe: CompositeSpec, rule: Callable) -> Callable:
    return partial(DEFINITIONS[rule], **parameters_of(recipe, rule))


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
