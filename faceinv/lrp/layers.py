"""Layers with given weights: copies of layers, and layers for functions that a network calls."""

from __future__ import annotations

import copy
from collections import OrderedDict
from typing import Any

import torch
from torch import Tensor, nn


class _Linear(nn.Linear):
    """A fully connected layer without random initialisation."""

    def reset_parameters(self) -> None:
        pass


class _Convolution(nn.Conv2d):
    """A convolution without random initialisation."""

    def reset_parameters(self) -> None:
        pass


def twin(layer: nn.Module) -> Any:
    """A shallow copy of a layer, without hooks: it shares the tensors, each of which can be replaced."""
    again = copy.copy(layer)
    for name, value in vars(layer).items():
        if name in ("_parameters", "_buffers", "_modules"):
            again.__dict__[name] = dict(value)
        elif name.endswith(("_hooks", "_hooks_with_kwargs", "_hooks_always_called")):
            again.__dict__[name] = OrderedDict()  # a hook of the copy would be one of the layer, too
    return again


def linear(weight: Tensor, bias: Tensor | None = None) -> nn.Linear:
    """A fully connected layer with the given weights."""
    layer = _Linear(weight.shape[1], weight.shape[0], bias is not None, device="meta")
    return _set(layer, weight, bias)


def convolution(weight: Tensor, bias: Tensor | None = None, **options: Any) -> nn.Conv2d:
    """A convolution with the given weights; options are those of ``nn.Conv2d``."""
    channels = weight.shape[1] * options.get("groups", 1)
    size = weight.shape[2], weight.shape[3]
    layer = _Convolution(channels, weight.shape[0], size, bias=bias is not None, device="meta", **options)
    return _set(layer, weight, bias)


def batch_norm(
    mean: Tensor,
    variance: Tensor,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> nn.BatchNorm2d:
    """A batch normalisation with the given statistics."""
    layer = nn.BatchNorm2d(len(mean), eps).eval()
    layer.running_mean, layer.running_var = mean, variance
    ones, zeros = torch.ones_like(mean), torch.zeros_like(mean)
    return _set(layer, ones if weight is None else weight, zeros if bias is None else bias)


def merged(layer: Any, normalisation: Any) -> nn.Module:
    """A convolution or fully connected layer with the normalisation of its output merged in."""
    scale = normalisation.weight / (normalisation.running_var + normalisation.eps).sqrt()
    before = 0 if layer.bias is None else layer.bias
    weight = layer.weight * scale.view(-1, *(1,) * (layer.weight.ndim - 1))
    bias = (before - normalisation.running_mean) * scale + normalisation.bias
    return _set(twin(layer), weight, bias)


def _set(layer: Any, weight: Tensor, bias: Tensor | None) -> Any:
    layer.weight = nn.Parameter(weight.detach(), requires_grad=False)
    layer.bias = None if bias is None else nn.Parameter(bias.detach(), requires_grad=False)
    return layer
