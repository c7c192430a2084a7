"""Stages: the layers of a network at one resolution, which can be transferred from a base one by one."""

from __future__ import annotations

import torch

from faceinv.errors import InputError
from faceinv.models.architectures import Network, build
from faceinv.models.heads import head_path
from faceinv.models.hooks import recorded
from faceinv.runtime.devices import device_of


def resolution_blocks(network: Network) -> list[tuple[str, ...]]:
    """Names of the layers with weights at each resolution, from the input on, in the order of computation.

    The head, which follows the convolutional base, belongs to no stage: it is new in every task.
    """
    module, size = network.module, network.specification.size
    head = head_path(module)
    layers: dict[int, list[str]] = {}

    def record(name: str, _: torch.Tensor, output: torch.Tensor) -> None:
        layers.setdefault(output.shape[-1], []).append(name)

    weighted = [
        name
        for name, layer in module.named_modules()
        if name.partition(".")[0] != head and next(layer.parameters(recurse=False), None) is not None
    ]
    with recorded(module, weighted, record), torch.no_grad():
        module(torch.zeros(1, 3, size, size, device=device_of(module)))
    return [tuple(layers[side]) for side in sorted(layers, reverse=True)]


def transfer(network: Network, count: int) -> Network:
    """A copy with the weights of the first `count` stages, and random initial weights in all other layers.

    Raises
    ------
    InputError
        If the network has fewer stages.
    """
    blocks = resolution_blocks(network)
    if not 0 <= count <= len(blocks):
        raise InputError(
            f"stages to transfer are {count}; {network.specification.architecture} has {len(blocks)}"
        )
    fresh = build(network.specification)
    transferred = {name for stage in blocks[:count] for name in stage}
    weights = network.module.state_dict()
    for name, value in fresh.module.state_dict().items():
        if name.rpartition(".")[0] in transferred:
            value.copy_(weights[name])
    return fresh
