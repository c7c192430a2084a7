"""Tracing: relevance as a graph of basic operations, which any runtime can compute."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.func import functionalize
from torch.fx import GraphModule

from faceinv.errors import InputError
from faceinv.lrp.onnx.sign_analysis import prune
from faceinv.lrp.proxy_tensor import make_fx
from faceinv.lrp.relevance import explainable, explained, frozen
from faceinv.models.architectures import Network
from faceinv.models.classifiers import Classifier, as_classifier, copied

aten = torch.ops.aten


def trace(
    model: Network | Classifier,
    composite: str,
    against: str = "none",
    shape: tuple[int, int, int] | None = None,
    start: str = "absolute",
) -> GraphModule:
    """The forward pass and the propagation of relevance through a network, as one graph.

    Parameters
    ----------
    model : Network or Classifier
        It is not changed.
    composite, against, start : see `faceinv.lrp.relevance.relevance`
    shape : shape of the model's input, channels x H x W; by default from the model's size

    Returns
    -------
    GraphModule
        It takes an image (float32, 1 x channels x H x W, as the model takes it) and a class (int64, of one
        element) and returns the logits (1 x classes) and the relevance map (1 x H x W).

    Raises
    ------
    InputError
        If the composite is unknown or not defined for the architecture.
    """
    shape = shape or default_shape(model)
    # Values of both signs, so that the graph does not depend on the sign of the example.
    image = torch.linspace(-2, 2, math.prod(shape)).view(1, *shape)
    target = torch.zeros(1, dtype=torch.int64)
    model = copied(model)
    model.module.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    subject = explainable(model, image, composite, start, against)

    def explain(image: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        return explained(subject, image, target)

    with frozen(subject.module), subject.composite.context(subject.module), torch.enable_grad():
        first = make_fx(explain, decomposition_table=PLAIN)(image, target)
        first.graph.eliminate_dead_code()
        with torch.no_grad():
            plain = make_fx(functionalize(first, remove="mutations"))(image, target)
        return prune(with_own_tensors(plain))


def with_own_tensors(graph: GraphModule) -> GraphModule:
    """The same graph with copies of its tensors, because canonizers restore weights in place at their end.

    Copies of data alone: weights that a rule or a canonizer computed are not leaves of autograd, which
    `copy.deepcopy` refuses.
    """
    for target in sorted({str(node.target) for node in graph.graph.nodes if node.op == "get_attr"}):
        path, _, name = target.rpartition(".")
        owner = graph.get_submodule(path)
        value = getattr(owner, name)
        if isinstance(value, Tensor):
            delattr(owner, name)
            owner.register_buffer(name, value.detach().clone())
    return graph


def default_shape(model: Network | Classifier) -> tuple[int, int, int]:
    """Shape of a model's input (channels x H x W), from its `mean` and `size`."""
    classifier = as_classifier(model)
    if classifier.mean is None or classifier.size is None:
        raise InputError(
            "the shape of the model's input is not known; expected example images, or a Classifier with "
            "mean, std and size"
        )
    return len(classifier.mean), classifier.size, classifier.size


def _convolution_backward(
    sent: Tensor,
    input: Tensor,
    weight: Tensor,
    bias_sizes: Any,
    stride: list[int],
    padding: list[int],
    dilation: list[int],
    transposed: bool,
    output_padding: list[int],
    groups: int,
    wanted: list[bool],
) -> tuple[Tensor, None, None]:
    """The gradient of a convolution's input: a transposed convolution of the input's full size."""
    border = [
        input.shape[2 + i]
        - ((sent.shape[2 + i] - 1) * stride[i] - 2 * padding[i] + dilation[i] * (weight.shape[2 + i] - 1) + 1)
        for i in range(2)
    ]
    return aten.convolution(sent, weight, None, stride, padding, dilation, True, border, groups), None, None


def _max_pool_backward(
    sent: Tensor,
    input: Tensor,
    kernel: list[int],
    stride: list[int],
    padding: list[int],
    dilation: list[int],
    ceil: bool,
    indices: Tensor,
) -> Tensor:
    """The gradient of each output at the position of its maximum."""
    n, channels, height, width = input.shape
    rows, columns = sent.shape[2:]
    stride = list(stride) or list(kernel)
    tiled = (
        list(kernel) == stride
        and not any(padding)
        and (height, width)
        == (
            rows * kernel[0],
            columns * kernel[1],
        )
    )
    if not tiled:
        empty = torch.zeros(n, channels, height * width, dtype=sent.dtype)
        return torch.scatter_add(empty, 2, indices.flatten(2), sent.flatten(2)).reshape(input.shape)

    def enlarged(small: Tensor) -> Tensor:
        wide = small.reshape(n, channels, rows, 1, columns, 1)
        return wide.expand(n, channels, rows, kernel[0], columns, kernel[1]).reshape(input.shape)

    place = torch.arange(height * width).reshape(1, 1, height, width)
    return torch.where(enlarged(indices) == place, enlarged(sent), torch.zeros((), dtype=sent.dtype))


def _average_pool(input: Tensor, size: list[int]) -> Tensor:
    rows, columns = (_averages(i, o) for i, o in zip(input.shape[2:], size, strict=True))
    return rows.to(input) @ input @ columns.T.to(input)


def _average_pool_backward(sent: Tensor, input: Tensor) -> Tensor:
    rows, columns = (_averages(i, o) for i, o in zip(input.shape[2:], sent.shape[2:], strict=True))
    return rows.T.to(input) @ sent @ columns.to(input)


def _averages(inputs: int, outputs: int) -> Tensor:
    """The matrix of adaptive average pooling along one axis (outputs x inputs)."""
    place, output = torch.arange(inputs), torch.arange(outputs)[:, None]
    start = (output * inputs) // outputs
    end = -((-(output + 1) * inputs) // outputs)
    return ((place >= start) & (place < end)) / (end - start)


def _average_window_backward(
    sent: Tensor,
    input: Tensor,
    kernel: list[int],
    stride: list[int],
    padding: list[int],
    ceil: bool,
    count_padding: bool,
    divisor: int | None,
) -> Tensor:
    """The gradient of average pooling without padding, as a transposed convolution of each channel."""
    area = kernel[0] * kernel[1]
    ones = torch.full((input.shape[1], 1, *kernel), 1 / area, dtype=sent.dtype)
    stride = list(stride) or list(kernel)
    border = [input.shape[2 + i] - ((sent.shape[2 + i] - 1) * stride[i] + kernel[i]) for i in range(2)]
    return aten.convolution(sent, ones, None, stride, [0, 0], [1, 1], True, border, input.shape[1])


def _copysign(magnitude: Tensor, sign: Tensor) -> Tensor:
    """A positive magnitude with another number's sign; minus zero counts as zero."""
    return torch.where(sign < 0, -magnitude, magnitude)


PLAIN: dict[Any, Callable[..., Any]] = {
    aten.convolution_backward.default: _convolution_backward,
    aten.max_pool2d_with_indices_backward.default: _max_pool_backward,
    aten._adaptive_avg_pool2d.default: _average_pool,
    aten._adaptive_avg_pool2d_backward.default: _average_pool_backward,
    aten.avg_pool2d_backward.default: _average_window_backward,
    aten.copysign.Tensor: _copysign,
}
"""Decompositions of operations that runtimes lack into operations that they have."""
