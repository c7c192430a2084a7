"""Operations that can be explained, and the module that replaces each for propagation.

There are LRP rules for linear layers, for poolings and additions, and for activations that preserve the sign
of their input and map zero to zero: ReLU, ReLU6, LeakyReLU, PReLU, RReLU, ELU, CELU, SELU, Tanh, Hardtanh,
Softsign, Hardshrink and Softshrink. Operations that only rearrange values need no rule. There is none for
other operations: gates and attention multiply activations; GELU, SiLU, Sigmoid and Softmax do not preserve
the sign or zero; and layer normalisation divides by a statistic of its input.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn
from torch.fx import Node
from torch.nn import functional as F
from torch.nn.modules.batchnorm import _BatchNorm

from faceinv.lrp.modules import Average
from faceinv.runtime.torchvision_import import without_dynamo

with without_dynamo():
    from torchvision.ops import FrozenBatchNorm2d, StochasticDepth

ACTIVATIONS = (
    nn.ReLU6,
    nn.LeakyReLU,
    nn.PReLU,
    nn.RReLU,
    nn.ELU,
    nn.CELU,
    nn.SELU,
    nn.Tanh,
    nn.Hardtanh,
    nn.Softsign,
    nn.Hardshrink,
    nn.Softshrink,
)
"""Elementwise layers other than ReLU, which pass relevance on unchanged."""

WITHOUT_EFFECT = (
    nn.Identity,
    nn.Dropout,
    nn.Dropout1d,
    nn.Dropout2d,
    nn.Dropout3d,
    nn.AlphaDropout,
    nn.FeatureAlphaDropout,
    StochasticDepth,
)
"""Layers that are the identity in evaluation mode."""

NORMALISATIONS = (_BatchNorm, FrozenBatchNorm2d)
"""Layers that are merged into an adjacent layer."""

AVERAGES = (nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.Upsample)
"""Linear layers without parameters."""

REARRANGEMENTS = (
    nn.Flatten,
    nn.Unflatten,
    nn.PixelShuffle,
    nn.PixelUnshuffle,
    nn.ChannelShuffle,
    nn.ZeroPad2d,
    nn.ConstantPad2d,
    nn.ReflectionPad2d,
    nn.ReplicationPad2d,
    nn.CircularPad2d,
)
"""Layers that rearrange, repeat or pad values, and change none."""

MOVES = (nn.ReLU, nn.MaxPool2d, nn.AdaptiveMaxPool2d, *REARRANGEMENTS)
"""Layers that rearrange or select values, whose gradient is the rule."""

LAYERS = (nn.Conv2d, nn.Linear, *NORMALISATIONS, *MOVES, *AVERAGES, *ACTIVATIONS, *WITHOUT_EFFECT)
"""Layers that can be explained."""

FUNCTIONS: Mapping[Any, str] = {
    operator.add: "add",
    operator.iadd: "add",
    torch.add: "add",
    operator.sub: "sub",
    operator.isub: "sub",
    torch.sub: "sub",
    operator.mul: "mul",
    operator.imul: "mul",
    torch.mul: "mul",
    operator.truediv: "div",
    operator.itruediv: "div",
    torch.div: "div",
    operator.neg: "neg",
    torch.neg: "neg",
    F.relu: "relu",
    F.relu_: "relu",
    torch.relu: "relu",
    torch.relu_: "relu",
    F.relu6: "relu6",
    F.leaky_relu: "leaky_relu",
    F.elu: "elu",
    F.celu: "celu",
    F.selu: "selu",
    F.hardtanh: "hardtanh",
    torch.tanh: "tanh",
    F.tanh: "tanh",
    F.softsign: "softsign",
    torch.clamp: "clamp",
    torch.clip: "clamp",
    torch.clamp_min: "clamp_min",
    F.dropout: "dropout",
    F.dropout2d: "dropout",
    torch.dropout: "dropout",
    F.alpha_dropout: "dropout",
    F.feature_alpha_dropout: "dropout",
    torch.mean: "mean",
    torch.sum: "sum",
    F.avg_pool2d: "avg_pool2d",
    F.adaptive_avg_pool2d: "adaptive_avg_pool2d",
    torch.adaptive_avg_pool1d: "adaptive_avg_pool1d",
    F.interpolate: "interpolate",
    F.linear: "linear",
    F.conv2d: "conv2d",
    F.batch_norm: "batch_norm",
    F.max_pool2d: "max_pool2d",
    torch.max_pool2d: "max_pool2d",
    F.adaptive_max_pool2d: "max_pool2d",
    torch.amax: "amax",
    torch.cat: "cat",
    torch.concat: "cat",
    torch.flatten: "flatten",
    torch.reshape: "reshape",
    torch.squeeze: "squeeze",
    torch.unsqueeze: "unsqueeze",
    torch.permute: "permute",
    torch.transpose: "transpose",
    torch.swapaxes: "transpose",
    torch.chunk: "chunk",
    torch.split: "split",
    torch.narrow: "narrow",
    torch.select: "select",
    torch.unbind: "unbind",
    torch.movedim: "movedim",
    torch.flip: "flip",
    torch.roll: "roll",
    torch.clone: "clone",
    torch.stack: "stack",
    torch.broadcast_to: "expand",
    F.pad: "pad",
    F.pixel_shuffle: "pixel_shuffle",
    F.pixel_unshuffle: "pixel_unshuffle",
    operator.getitem: "getitem",
    getattr: "getattr",
}
"""Operation of each function; functions that are not listed have no rule. Methods keep their own names."""

# torch.fx records `max_pool2d` and the like by name, as they choose at each call whether to return indices.
_MOVED = {
    "max_pool2d",
    "amax",
    "cat",
    "flatten",
    "reshape",
    "view",
    "view_as",
    "reshape_as",
    "squeeze",
    "unsqueeze",
    "unflatten",
    "permute",
    "transpose",
    "swapaxes",
    "chunk",
    "split",
    "narrow",
    "select",
    "unbind",
    "movedim",
    "flip",
    "roll",
    "clone",
    "contiguous",
    "expand",
    "expand_as",
    "stack",
    "pad",
    "pixel_shuffle",
    "pixel_unshuffle",
    "getitem",
    "to",
    "float",
    "double",
}


def called(node: Node) -> str:
    """Name of the operation of a node in a traced graph, the same for all ways to write it."""
    if node.op == "call_method":
        name = str(node.target)
        return {"clip": "clamp", "concat": "cat"}.get(name.rstrip("_"), name.rstrip("_"))
    return FUNCTIONS.get(node.target, getattr(node.target, "__name__", str(node.target)))


def moves(node: Node) -> bool:
    """Whether an operation only rearranges or selects values."""
    return called(node) in _MOVED


def in_place(node: Node, modules: Mapping[str, nn.Module]) -> bool:
    """Whether an operation overwrites its first argument."""
    if node.op == "call_module":
        return bool(getattr(modules[str(node.target)], "inplace", False))
    if node.op == "call_method":
        name = str(node.target)
        return name.endswith("_") and not name.endswith("__")
    name = getattr(node.target, "__name__", "")
    overwrites = name in ("iadd", "isub", "imul", "itruediv") or (
        name.endswith("_") and not name.endswith("__")
    )
    return overwrites or bool(
        node.kwargs.get("inplace", called(node) == "relu" and len(node.args) > 1 and node.args[1])
    )


def averaged(
    name: str, arguments: tuple[Any, ...], options: dict[str, Any], dimensions: int
) -> Average | None:
    """The module that replaces a mean, sum or average pooling, or None for other operations.

    Parameters
    ----------
    name : name of the operation
    arguments, options : its arguments after the tensor
    dimensions : number of dimensions of the tensor
    """
    functions: dict[str, Callable[..., Any]] = {
        "mean": torch.mean,
        "sum": torch.sum,
        "avg_pool2d": F.avg_pool2d,
        "adaptive_avg_pool2d": F.adaptive_avg_pool2d,
        "adaptive_avg_pool1d": F.adaptive_avg_pool1d,
        "interpolate": F.interpolate,
    }
    if name not in functions:
        return None
    places = False
    if name == "mean" and dimensions == 4:
        over = options.get("dim", arguments[0] if arguments else None)
        kept = options.get("keepdim", arguments[1] if len(arguments) > 1 else False)
        places = isinstance(over, tuple | list) and sorted(i % 4 for i in over) == [2, 3] and not kept
    return Average(functions[name], arguments, options, places)


def activation(name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> nn.Module | None:
    """The layer that replaces a functional activation with these arguments after the tensor, or None."""
    options = {key: value for key, value in options.items() if key != "inplace"}
    if name == "relu":
        return nn.ReLU()
    if name in ("clamp", "clamp_min"):
        low, high = (*arguments, None, None)[:2]
        low, high = options.get("min", low), options.get("max", high)
        if low != 0:
            return None
        return nn.ReLU() if high is None else nn.Hardtanh(0.0, float(high))
    make: dict[str, Callable[..., nn.Module]] = {
        "relu6": nn.ReLU6,
        "leaky_relu": nn.LeakyReLU,
        "elu": nn.ELU,
        "celu": nn.CELU,
        "selu": nn.SELU,
        "hardtanh": nn.Hardtanh,
        "tanh": nn.Tanh,
        "softsign": nn.Softsign,
    }
    if name not in make:
        return None
    # Of the positional arguments, only those before `inplace`: slope, bounds or alpha.
    given = arguments[: {"hardtanh": 2, "leaky_relu": 1, "elu": 1, "celu": 1}.get(name, 0)]
    return make[name](*given, **options)
