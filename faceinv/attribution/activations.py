"""Methods with rules of their own for activations, as Captum computes them: guided backpropagation, DeepLift.

Captum attaches the rules to modules. In many networks activations are functions, overwrite their input, or
are one module called at several places, and the rules would be skipped or mixed up without notice. So the
network is traced first (`faceinv.lrp.module_graph`): each call becomes a module of its own, out of place.
What has no rule afterwards is refused by name.
"""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, fx, nn
from torch.nn import functional as F
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd

from faceinv.attribution.request import OnCopy, Request
from faceinv.errors import InputError
from faceinv.lrp import operations
from faceinv.lrp.module_graph import module_graph
from faceinv.lrp.modules import StackedSum

LINEAR_LAYERS = (
    _ConvNd,
    nn.Linear,
    *operations.NORMALISATIONS,
    _BatchNorm,
    *operations.AVERAGES,
    *operations.WITHOUT_EFFECT,
    *operations.REARRANGEMENTS,
    StackedSum,
)
"""Layers that are linear, apart from a constant, in evaluation mode: their gradient is the rule."""

SUMS = {"add", "sub", "neg"}
OUTSIDE = -1e30
"""Value of the margin around an image, which no maximum takes."""


class Windows(nn.Module):
    """Copies the windows of a pooling next to each other, so that they overlap no longer.

    Captum's rule for the maximum puts back what each window received with `max_unpool2d`, which overwrites
    what an overlapping window put at the same place.
    """

    def __init__(self, pool: nn.MaxPool2d, size: tuple[int, int]) -> None:
        super().__init__()
        self.kernel, self.stride, self.padding, self.dilation = (
            (each, each) if isinstance(each, int) else (int(each[0]), int(each[1]))
            for each in (pool.kernel_size, pool.stride, pool.padding, pool.dilation)
        )
        self.size = size

    def forward(self, images: Tensor) -> Tensor:
        # Windows that `ceil_mode` lets reach beyond the margin need a larger one on the far sides.
        beyond = [
            (self.size[i] - 1) * self.stride[i]
            + self.dilation[i] * (self.kernel[i] - 1)
            + 1
            - images.shape[2 + i]
            for i in range(2)
        ]
        (top, left), (down, right) = self.padding, (max(0, beyond[i] - self.padding[i]) for i in range(2))
        padded = F.pad(images, (left, right, top, down), value=OUTSIDE)
        count, channels, (rows, columns) = *images.shape[:2], self.kernel
        parts = F.unfold(padded, self.kernel, self.dilation, 0, self.stride)
        wide = (padded.shape[3] - self.dilation[1] * (columns - 1) - 1) // self.stride[1] + 1
        parts = parts.view(count, channels, rows, columns, -1, wide)[..., : self.size[0], : self.size[1]]
        return parts.permute(0, 1, 4, 2, 5, 3).reshape(
            count, channels, self.size[0] * rows, self.size[1] * columns
        )


def guided_backpropagation(request: Request) -> np.ndarray:
    """Gradient of the logit, of which each ReLU passes on only what is positive."""
    module = _traced(request, "guided-backpropagation")
    if not any(isinstance(layer, nn.ReLU) for layer in module.modules()):
        raise InputError(
            "guided-backpropagation has a rule for ReLU only, and the network has none; expected a network "
            "with ReLUs, or another method"
        )
    from captum.attr import GuidedBackprop

    return request.gathered(_attribution(GuidedBackprop(OnCopy(module))))


def deep_lift(request: Request, baseline: float = 0.0) -> np.ndarray:
    """Differences from the baseline, passed back by each activation's ratio of output to input (Rescale).

    Parameters
    ----------
    request : Request
    baseline : value of all pixels of the baseline, in the module's input
    """
    module = _traced(request, "deep-lift")
    _separate(module, request.inputs[:1].to(request.device))
    _check_rules(module)
    from captum.attr import DeepLift

    explain = _attribution(DeepLift(OnCopy(module)))
    return request.gathered(lambda images, targets: explain(images, targets, baselines=baseline))


def _attribution(method: Any) -> Callable[..., Tensor]:
    """Maps by a method of Captum, which warns of its hooks."""

    def attributed(images: Tensor, targets: Tensor, **options: Any) -> Tensor:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Setting (forward, )?backward", UserWarning)
            return method.attribute(images, target=targets, **options)

    return attributed


def _traced(request: Request, method: str) -> fx.GraphModule:
    """The network as a graph in which each activation is a module of its own."""
    example = request.inputs[:2] if len(request.inputs) > 1 else request.inputs.expand(2, -1, -1, -1)
    try:
        module = module_graph(request.module, example.to(request.device), complete=False).module
    except InputError as error:
        raise InputError(f"{method} does not apply: {error}") from error
    for layer in module.modules():
        for name in [name for name in vars(layer) if name.endswith("_hooks")]:
            setattr(layer, name, OrderedDict())  # copies of a layer that is called twice share theirs
    return module


def _separate(module: fx.GraphModule, image: Tensor) -> None:
    """Make every maximum pooling a module whose windows do not overlap."""
    values: dict[fx.Node, Any] = {}

    class _Shapes(fx.Interpreter):
        def run_node(self, node: fx.Node) -> Any:
            values[node] = super().run_node(node)
            return values[node]

    with torch.no_grad():
        _Shapes(module).run(image)
    layers = dict(module.named_modules())
    for count, node in enumerate(list(module.graph.nodes)):
        pool = layers.get(str(node.target)) if node.op == "call_module" else _functional_pool(node)
        if type(pool) is not nn.MaxPool2d or pool.return_indices or values[node].ndim != 4:
            continue
        source = node.args[0] if node.args else node.kwargs["input"]
        size = values[node].shape[2], values[node].shape[3]
        windows, maxima = f"windows_{count}", f"maxima_{count}"
        module.add_module(windows, Windows(pool, size))
        kernel = module.get_submodule(windows).kernel
        module.add_module(maxima, nn.MaxPool2d(kernel, kernel))  # type: ignore[arg-type]
        with module.graph.inserting_before(node):
            spread = module.graph.call_module(windows, (source,))
        node.op, node.target, node.args, node.kwargs = "call_module", maxima, (spread,), {}
    module.graph.lint()
    module.recompile()


def _functional_pool(node: fx.Node) -> nn.MaxPool2d | None:
    """The pooling that a function call computes, or None."""
    if not node.op.startswith("call_func") or operations.called(node) != "max_pool2d":
        return None
    names = ("input", "kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")
    known: dict[str, Any] = dict(zip(names, node.args, strict=False)) | node.kwargs
    known.pop("input")
    return nn.MaxPool2d(**known)


def _check_rules(module: fx.GraphModule) -> None:
    """Raise `InputError` if an operation is neither linear nor has a rule in DeepLift."""
    from captum.attr._core.deep_lift import SUPPORTED_NON_LINEAR

    layers = dict(module.named_modules())
    followed: set[fx.Node] = set()
    for node in module.graph.nodes:
        if node.op == "placeholder":
            followed.add(node)
        inputs = [each for each in node.all_input_nodes if each in followed]
        if not inputs or node.op == "output":
            continue
        followed.add(node)
        if node.op == "call_module":
            layer = layers[str(node.target)]
            known = isinstance(layer, (*LINEAR_LAYERS, Windows)) or type(layer) in SUPPORTED_NON_LINEAR
            name = f"{node.target!r} ({type(layer).__name__})"
        else:
            name = operations.called(node)
            shape = name in ("size", "dim", "shape", "getattr", "_stacked", "dropout")
            scaled = name in ("mul", "div", *SUMS) and (len(inputs) == 1 or name in SUMS)
            moved = operations.moves(node) and name not in ("amax", "max_pool2d")
            known = shape or scaled or moved or name in ("linear", "conv2d", "batch_norm")
        if not known:
            raise InputError(
                f"deep-lift has no rule for {name}; expected layers that are linear, max pooling, and "
                f"activations among {', '.join(each.__name__ for each in SUPPORTED_NON_LINEAR)}"
            )
