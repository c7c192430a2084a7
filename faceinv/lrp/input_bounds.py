"""Bounds of the values that the first layers of a network can take, which the z-box rule needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from faceinv.errors import InputError
from faceinv.lrp.module_graph import ModuleGraph
from faceinv.models.architectures import Network

Bounds = tuple[Tensor, Tensor]
"""The lowest and the highest value of an input, each 1 x channels x 1 x 1 or of the shape of one input."""


def bounds(network: Network) -> Bounds:
    """Values of a black and of a white pixel in the network's input, each 1 x 3 x 1 x 1."""
    mean, std = (
        torch.tensor(v).view(1, 3, 1, 1) for v in (network.specification.mean, network.specification.std)
    )
    return (0 - mean) / std, (1 - mean) / std


def first_layer(network: Network) -> nn.Module:
    """The first layer with weights, which takes the image."""
    return next(layer for layer in network.module.modules() if isinstance(layer, nn.Conv2d | nn.Linear))


def network_bounds(network: Network, parameters: Mapping[str, Any]) -> dict[nn.Module, Bounds]:
    """Bounds of the input of the first layer, from the parameters `low` and `high`, or black and white."""
    low, high = bounds(network)
    return {first_layer(network): (_channels("low", parameters, low), _channels("high", parameters, high))}


def graph_bounds(
    graph: ModuleGraph, images: Tensor | None, parameters: Mapping[str, Any]
) -> dict[nn.Module, Bounds]:
    """Bounds of the inputs of the first layers, from images at the lower and at the upper bound."""
    if images is None and not {"low", "high"} <= parameters.keys():
        raise InputError("the z-box rule needs the bounds of the input; expected the parameters low and high")
    if images is None:
        images = graph.example
    low, high = (
        _channels(key, parameters, usual).to(graph.example).expand(1, *graph.example.shape[1:])
        for key, usual in (
            ("low", images.amin((0, 2, 3), keepdim=True)),
            ("high", images.amax((0, 2, 3), keepdim=True)),
        )
    )
    found: dict[nn.Module, list[Tensor]] = {}

    def note(layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        found.setdefault(layer, []).append(inputs[0])

    first = [graph.module.get_submodule(path) for path in graph.first]
    handles = [layer.register_forward_pre_hook(note) for layer in first]
    try:
        with torch.no_grad():
            graph.module(low)
            graph.module(high)
    finally:
        for handle in handles:
            handle.remove()
    # A network may invert the image's values before its first layer.
    return {layer: (torch.minimum(*both), torch.maximum(*both)) for layer, both in found.items()}


def _channels(key: str, parameters: Mapping[str, Any], usual: Tensor) -> Tensor:
    """A bound, 1 x channels x 1 x 1, from one number, one number per channel, or the default."""
    if key not in parameters:
        return usual
    value = torch.as_tensor(parameters[key], dtype=usual.dtype, device=usual.device)
    if value.numel() not in (1, usual.shape[1]):
        raise InputError(
            f"{key} holds {value.numel()} numbers; expected one, or one for each of {usual.shape[1]} channels"
        )
    return value.reshape(1, -1, 1, 1).expand_as(usual)
