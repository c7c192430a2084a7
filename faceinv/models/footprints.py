"""Footprints: what a network costs, counted without computing: weights, multiplications and activations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import prod

import torch
from torch import nn

from faceinv.models.architectures import Specification, build
from faceinv.models.zoo import architecture as named

FLOAT = 4
"""Bytes of a number."""
STATES = 4
"""Copies of the weights while a network learns: they themselves, gradients, momentum and the best epoch."""


@dataclass(frozen=True)
class Footprint:
    """Sizes of a network.

    Attributes
    ----------
    weights : number of its weights
    multiplications : multiply-adds of a forward pass of one image
    activations : numbers that its layers return for one image
    layers : number of layers, each of which is at least one call of a device
    """

    weights: int
    multiplications: int
    activations: int
    layers: int

    def training_bytes(self, batch: int) -> int:
        """Memory that training takes, in bytes: states of the weights, activations and their gradients."""
        return FLOAT * (STATES * self.weights + 2 * batch * self.activations)


@cache
def footprint(architecture: str, width: float, size: int) -> Footprint:
    """The footprint of an architecture at a width, for images of a size (pixels).

    Nothing is computed and, at full width, no memory is taken: tensors have shapes only (PyTorch's device
    ``meta``).
    """
    if width == 1:
        with torch.device("meta"):
            module = named(architecture).module()
    else:
        module = build(Specification(architecture, ("a", "b"), width, size)).module.to("meta")
    counts = {"multiplications": 0, "activations": 0, "layers": 0}

    def count(layer: nn.Module, _: object, output: torch.Tensor) -> None:
        counts["layers"] += 1
        counts["activations"] += output.numel()
        if isinstance(layer, nn.Conv2d):
            inputs = layer.in_channels // layer.groups * prod(layer.kernel_size)
            counts["multiplications"] += output.numel() * inputs
        elif isinstance(layer, nn.Linear):
            counts["multiplications"] += output.numel() * layer.in_features

    leaves = [layer for layer in module.modules() if not any(True for _ in layer.children())]
    handles = [layer.register_forward_hook(count) for layer in leaves]
    try:
        with torch.no_grad():
            module.eval()(torch.empty(1, 3, size, size, device="meta"))
    finally:
        for handle in handles:
            handle.remove()
    return Footprint(sum(value.numel() for value in module.parameters()), **counts)
