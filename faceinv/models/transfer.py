"""Stages: the parts of a network that compute at one resolution, which transfer from a base one by one."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial

import torch
from torch import nn

from faceinv.errors import InputError
from faceinv.models.architectures import Network, build, output_layer


def resolution_blocks(network: Network) -> list[tuple[str, ...]]:
    """Names of the layers with weights at each resolution, from the image on, in the order of computation.

    What comes after the convolutional base, the head, belongs to none: it is new in every task.
    """
    module, size = network.module, network.specification.size
    head = output_layer(module).partition(".")[0]
    found: dict[int, list[str]] = {}

    def note(name: str, _: nn.Module, __: object, output: torch.Tensor) -> None:
        found.setdefault(output.shape[-1], []).append(name)

    with ExitStack() as stack, torch.no_grad():
        for name, layer in module.named_modules():
            if name.partition(".")[0] != head and next(layer.parameters(recurse=False), None) is not None:
                stack.callback(layer.register_forward_hook(partial(note, name)).remove)
        module(torch.zeros(1, 3, size, size))
    return [tuple(found[side]) for side in sorted(found, reverse=True)]


def transfer(network: Network, count: int) -> Network:
    """A copy that keeps the weights of its first `count` stages and begins at random in all others.

    Raises
    ------
    InputError
        If the network has no such number of stages.
    """
    found = resolution_blocks(network)
    if not 0 <= count <= len(found):
        raise InputError(
            f"stages to transfer are {count}; {network.specification.architecture} has {len(found)}"
        )
    fresh = build(network.specification)
    kept = {name for stage in found[:count] for name in stage}
    learned = network.module.state_dict()
    for name, value in fresh.module.state_dict().items():
        if name.rpartition(".")[0] in kept:
            value.copy_(learned[name])
    return fresh
