"""Composites: which rule of relevance goes with which layer, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn
from zennit.core import Composite
from zennit.types import AvgPool

from faceinv.errors import InputError
from faceinv.lrp import rules
from faceinv.lrp.canonizers import Add, NormalisedConvolution, NormalisedPooling, canonizers
from faceinv.models.architectures import Network


@dataclass(frozen=True)
class CompositeSpec:
    """The rules of a composite.

    Attributes
    ----------
    description : what it does, in one line
    source : who proposed it
    first : rule of the layer that looks at the image; None where it is that of the other convolutions
    convolution : rule of convolutions
    linear : rule of fully connected layers, and of the output layer, whatever it is
    """

    description: str
    source: str
    first: rules.Propagation | Any
    convolution: rules.Propagation
    linear: rules.Propagation


COMPOSITES: Mapping[str, CompositeSpec] = MappingProxyType(
    {
        "epsilon": CompositeSpec(
            "each input's signed share of the output, in every layer; equals gradient x input without biases",
            "Bach et al. 2015",
            None,
            rules.epsilon,
            rules.epsilon,
        ),
        "epsilon-plus": CompositeSpec(
            "positive contributions only in convolutions, signed shares in fully connected layers",
            "Montavon et al. 2019; Kohlbrenner et al. 2020",
            None,
            rules.z_plus,
            rules.epsilon,
        ),
        "epsilon-plus-flat": CompositeSpec(
            "epsilon-plus, and even shares over each receptive field in the first layer",
            "Lapuschkin et al. 2019; Kohlbrenner et al. 2020",
            rules.flat,
            rules.z_plus,
            rules.epsilon,
        ),
        "epsilon-gamma-box": CompositeSpec(
            "positive contributions favoured by a quarter in convolutions, pixel bounds in the first layer",
            "Montavon et al. 2019; Andéol et al. 2021",
            rules.z_box,
            rules.gamma,
            rules.epsilon,
        ),
        "alpha2-beta1-flat": CompositeSpec(
            "positive contributions twice less negative ones in convolutions, even shares in the first layer",
            "Bach et al. 2015; Kohlbrenner et al. 2020",
            rules.flat,
            rules.alpha2_beta1,
            rules.epsilon,
        ),
        "deep-taylor": CompositeSpec(
            "positive contributions only, in every layer and without biases, pixel bounds in the first layer",
            "Montavon et al. 2017",
            rules.z_box,
            rules.z_plus_without_bias,
            rules.z_plus_without_bias,
        ),
    }
)
"""Composites by name."""


def composite(name: str, network: Network) -> Composite:
    """The Zennit composite of that name for a network: canonizers of its architecture, bounds of its input.

    ReLU and max pooling carry no rule: their gradient hands relevance on to the active unit, and no rule
    leaves relevance at a silent one. Average pooling and additions share relevance by contribution.

    Parameters
    ----------
    name : one of `COMPOSITES`
    network : the network that is to be explained; it is not changed until the composite is registered

    Raises
    ------
    InputError
        If there is no composite of that name, or none can be right for the architecture.
    """
    if name not in COMPOSITES:
        raise InputError(f"there is no composite {name!r}; expected one of {', '.join(COMPOSITES)}")
    recipe = COMPOSITES[name]
    layers = [layer for layer in network.module.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
    first, last = layers[0], layers[-1]
    first_rule = recipe.first or recipe.convolution
    if first_rule is rules.z_box:
        low, high = bounds(network)
        first_rule = partial(rules.z_box, low=low, high=high)

    def rule(context: dict[str, Any], path: str, layer: nn.Module) -> rules.Rule | None:
        if layer is first:
            return rules.Rule(first_rule)
        if layer is last or isinstance(layer, nn.Linear):
            return rules.Rule(recipe.linear)
        if isinstance(layer, nn.Conv2d):
            return rules.Rule(recipe.convolution)
        if isinstance(layer, NormalisedConvolution):
            return rules.Rule(partial(_normalised, recipe.convolution))
        if isinstance(layer, NormalisedPooling):
            return rules.Rule(_normalised_pooling)
        if isinstance(layer, Add):
            return rules.Rule(rules.share)
        return rules.Rule(rules.average) if isinstance(layer, AvgPool) else None

    return Composite(module_map=rule, canonizers=canonizers(network.specification.architecture))


def bounds(network: Network) -> tuple[Tensor, Tensor]:
    """Values of a black and of a white pixel in the network's input, each 1 x 3 x 1 x 1."""
    mean, std = (
        torch.tensor(v).view(1, 3, 1, 1) for v in (network.specification.mean, network.specification.std)
    )
    return (0 - mean) / std, (1 - mean) / std


def _normalised(
    convolution: rules.Propagation,
    layer: NormalisedConvolution,
    input: Tensor,
    output: Tensor,
    relevance: Tensor,
) -> Tensor:
    return convolution(layer, layer.seen(input), output, relevance)


def _normalised_pooling(layer: NormalisedPooling, input: Tensor, output: Tensor, relevance: Tensor) -> Tensor:
    sent = relevance / (output + rules.STABILISER)
    return layer.contributions(input) * sent[:, :, None, None]
