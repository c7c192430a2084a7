"""Heads: what follows the convolutional base of a network, with the output layer; find and replace them."""

from __future__ import annotations

import torch
from torch import nn

from faceinv.runtime.torchvision_import import without_dynamo

with without_dynamo():
    import torchvision

HEAD_UNITS = 128
"""Units of the hidden fully connected layer of a VGG or AlexNet at reduced width."""


def output_layer(module: nn.Module) -> str:
    """Path of the output layer: the last fully connected or, in SqueezeNet, convolutional layer."""
    return [path for path, layer in module.named_modules() if isinstance(layer, nn.Linear | nn.Conv2d)][-1]


def head_of(module: nn.Module) -> nn.Module:
    """The part of the network with the output layer: everything after the convolutional base."""
    return module.get_submodule(head_path(module))


def head_path(module: nn.Module) -> str:
    """Name of the head in its network; see `head_of`."""
    return output_layer(module).partition(".")[0]


def shorten_head(module: nn.Module, size: int) -> None:
    """Replace the fully connected layers of a VGG or AlexNet by a hidden and an output layer, in place.

    Parameters
    ----------
    module : any other is left as it is
    size : height and width of its input, in pixels
    """
    if not isinstance(module, torchvision.models.VGG | torchvision.models.AlexNet):
        return
    assert isinstance(module.features, nn.Sequential)
    channels = [layer for layer in module.features.modules() if isinstance(layer, nn.Conv2d)][-1].out_channels
    with torch.no_grad():
        side = module.features.eval()(torch.zeros(1, 3, size, size)).shape[-1]
    module.avgpool = nn.Identity()
    module.classifier = nn.Sequential(
        nn.Linear(channels * side * side, HEAD_UNITS), nn.ReLU(), nn.Linear(HEAD_UNITS, 1000)
    )


def replace_output(module: nn.Module, classes: int) -> None:
    """Replace the output layer by one with `classes` outputs, in place."""
    path = output_layer(module)
    last = module.get_submodule(path)
    if isinstance(last, nn.Linear):
        new: nn.Module = nn.Linear(last.in_features, classes)
    else:
        assert isinstance(last, nn.Conv2d)
        new = nn.Conv2d(last.in_channels, classes, 1)
    parent, _, name = path.rpartition(".")
    setattr(module.get_submodule(parent), name, new)


def replace_head(module: nn.Module, hidden: int, classes: int) -> None:
    """Replace the layers of the head by a hidden layer of rectified units and an output layer, in place.

    What pools or flattens in the head before its first layer, or after its last, stays.
    """
    name = output_layer(module).partition(".")[0]
    head = module.get_submodule(name)
    children = list(head.children()) or [head]
    weighted = [i for i, layer in enumerate(children) if isinstance(layer, nn.Linear | nn.Conv2d)]
    first = children[weighted[0]]
    new: tuple[nn.Module, ...]
    if isinstance(first, nn.Linear):
        new = nn.Linear(first.in_features, hidden), nn.ReLU(), nn.Linear(hidden, classes)
    else:
        assert isinstance(first, nn.Conv2d)
        new = nn.Conv2d(first.in_channels, hidden, 1), nn.ReLU(), nn.Conv2d(hidden, classes, 1)
    setattr(module, name, nn.Sequential(*children[: weighted[0]], *new, *children[weighted[-1] + 1 :]))
