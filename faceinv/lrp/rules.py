"""Rules of layer-wise relevance propagation (LRP), as hooks without redundant computation.

Zennit's own hooks compute the layer's gradient and discard it, copy every input, and evaluate the parts of a
rule for negative inputs even after a ReLU. The functions here give the same numbers from the same
definitions, but reuse the output of the forward pass, and skip every part that is exactly zero.

A rule is a function ``(layer, input, output, relevance) -> relevance of the input`` of a convolution or a
fully connected layer; its parameters are keyword arguments with defaults. `Rule` makes a Zennit hook of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from zennit.core import Hook

from faceinv.lrp.ledger import LEDGER, Ledger, absorb, booked
from faceinv.lrp.proxy_tensor import is_traced

STABILISER = 1e-6
"""Added to each denominator with the denominator's sign, to avoid zero; also the default of `epsilon`."""

Propagation = Callable[[Any, Tensor, Tensor, Tensor], Tensor]
"""``(layer, input, output, relevance of the output) -> relevance of the input``."""

Branch = tuple[Tensor, Tensor, Tensor | None]
"""Input, weight and bias of a layer whose output is one term of a rule's denominator."""


class Rule(Hook):
    """A Zennit hook that propagates relevance through a layer by a rule.

    The layer runs on its detached input, so that autograd records one function in place of the layer, whose
    backward is the rule. A layer may be called several times in a pass, as some ReLUs are. Weights must not
    change between the forward and the backward pass.

    Parameters
    ----------
    propagation : Propagation
        The rule. For a layer with several inputs, it takes and returns tuples of tensors.
    """

    def __init__(self, propagation: Callable[..., Any]) -> None:
        super().__init__()
        self.propagation = propagation

    def pre_forward(self, module: nn.Module, input: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """Store the inputs, and pass them on detached."""
        self.stored_tensors["input"] = input
        return tuple(each.detach() for each in input)

    def post_forward(self, module: nn.Module, input: tuple[Tensor, ...], output: Tensor) -> Tensor:
        """Connect the output to the inputs, with the rule as backward."""
        inputs = self.stored_tensors.pop("input")
        return _Step.apply(self.propagation, module, LEDGER.get(), output, *inputs)

    def copy(self) -> Rule:
        """A hook of the same rule for another layer."""
        return Rule(self.propagation)


class _Step(torch.autograd.Function):
    """An autograd function that replaces a layer, and whose backward is a rule."""

    @staticmethod
    def forward(
        ctx: Any,
        propagation: Callable[..., Any],
        layer: nn.Module,
        ledger: Ledger | None,
        output: Tensor,
        *inputs: Tensor,
    ) -> Tensor:
        ctx.propagation, ctx.layer, ctx.ledger = propagation, layer, ledger
        ctx.save_for_backward(output, *inputs)
        return output.view_as(output)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        output, *inputs = ctx.saved_tensors
        input = inputs[0] if len(inputs) == 1 else tuple(inputs)
        if ctx.ledger is None:
            found = ctx.propagation(ctx.layer, input, output, gradients[0])
        else:
            found = booked(ctx.ledger, ctx.propagation, ctx.layer, input, output, gradients[0])
        return None, None, None, None, *(found if isinstance(found, tuple) else (found,))


def epsilon(
    layer: Any, input: Tensor, output: Tensor, relevance: Tensor, epsilon: float = STABILISER
) -> Tensor:
    """Distribute relevance in proportion to each input's contribution (Bach et al. 2015, eq. 58).

    The larger `epsilon`, the more it absorbs of the relevance of small outputs.
    """
    sent = stabilised_quotient(relevance, output, epsilon)
    absorb(relevance, sent, output, layer.bias)
    return _backward(layer, sent, input, layer.weight).mul_(input)


def z_plus(
    layer: Any, input: Tensor, output: Tensor, relevance: Tensor, stabiliser: float = STABILISER
) -> Tensor:
    """Distribute relevance among positive contributions (alpha 1, beta 0 of Bach et al. 2015)."""
    return _distribute(layer, relevance, _positive(layer, input), stabiliser)


def z_plus_without_bias(
    layer: Any, input: Tensor, output: Tensor, relevance: Tensor, stabiliser: float = STABILISER
) -> Tensor:
    """`z_plus` without the bias, as in deep Taylor decomposition, so that relevance is conserved."""
    branches: list[Branch] = [(part, weight, None) for part, weight, _ in _positive(layer, input)]
    return _distribute(layer, relevance, branches, stabiliser)


def alpha_beta(
    layer: Any,
    input: Tensor,
    output: Tensor,
    relevance: Tensor,
    alpha: float = 2,
    beta: float = 1,
    stabiliser: float = STABILISER,
) -> Tensor:
    """`alpha` times positive contributions minus `beta` times negative ones (Bach et al. 2015, eq. 60).

    Relevance is conserved if alpha - beta is one.
    """
    positive = _distribute(layer, relevance, _positive(layer, input), stabiliser, alpha)
    negative = _distribute(layer, relevance, _negative(layer, input), stabiliser, -beta)
    return positive.mul_(alpha).sub_(negative, alpha=beta)


def gamma(
    layer: Any,
    input: Tensor,
    output: Tensor,
    relevance: Tensor,
    gamma: float = 0.25,
    stabiliser: float = STABILISER,
) -> Tensor:
    """Favour positive contributions by a factor 1 + gamma (Montavon et al. 2019).

    Where the output is negative, negative contributions are favoured instead (the generalised rule of Andéol
    et al. 2021). That part is skipped if no relevance arrives there, as before a ReLU.
    """
    raised, lowered = (
        (_raised(layer.weight, gamma, **sign), _raised(layer.bias, gamma, **sign))
        for sign in ({"min": 0.0}, {"max": 0.0})
    )
    above = _where_positive(relevance, output)
    result = _distribute(layer, above, _by_sign(input, raised, lowered[0]), stabiliser)
    if is_traced() or not _are_equal(above, relevance):
        below = _where_positive(relevance, -output)
        result += _distribute(layer, below, _by_sign(input, lowered, raised[0]), stabiliser)
    return result


def flat(
    layer: Any, input: Tensor, output: Tensor, relevance: Tensor, stabiliser: float = STABILISER
) -> Tensor:
    """Distribute relevance evenly over the receptive field (Lapuschkin et al. 2019).

    As all weights are one, relevance is summed over output channels first, and is the same in all input
    channels.
    """
    if isinstance(layer, nn.Linear):
        return (relevance.sum(1, keepdim=True) / (input.shape[1] + stabiliser)).expand_as(input)
    if layer.groups != 1:
        ones = torch.ones_like(layer.weight)
        count = _forward(layer, torch.ones_like(input[:1]), ones, None)
        return _backward(layer, relevance / (count + stabiliser), input, ones)
    ones = torch.ones_like(layer.weight[:1, :1])
    count = _forward(layer, torch.ones_like(input[:1, :1]), ones, None) * input.shape[1]
    sent = relevance.sum(1, keepdim=True) / (count + stabiliser)
    return _backward(layer, sent, input[:, :1], ones).expand_as(input)


def z_box(
    layer: Any,
    input: Tensor,
    output: Tensor,
    relevance: Tensor,
    low: Tensor,
    high: Tensor,
    stabiliser: float = STABILISER,
) -> Tensor:
    """The z-B rule, for inputs between bounds, such as pixels (Montavon et al. 2017).

    Parameters
    ----------
    low, high : Tensor, 1 x channels x 1 x 1, or of the shape of one input
        The lowest and the highest value that the input can take.
    """
    low, high = low.to(input), high.to(input)
    positive, negative = layer.weight.clamp(min=0), layer.weight.clamp(max=0)
    # The bounds are the same for every image, so their contribution is computed once.
    bounds = _forward(layer, low.expand_as(input[:1]), positive, None)
    bounds = bounds + _forward(layer, high.expand_as(input[:1]), negative, None)
    if layer.bias is not None:
        bounds = bounds + layer.bias.view(1, -1, *(1,) * (output.ndim - 2))
    total = output - bounds
    sent = stabilised_quotient(relevance, total, stabiliser)
    absorb(relevance, sent, total)
    if getattr(layer, "groups", 1) != 1:
        from_low = _backward(layer, sent, input, positive).mul_(input - low)
        return from_low.add_(_backward(layer, sent, input, negative).mul_(input - high))
    # One pass for both: the channels of a first layer are so few that it takes as long as one of them.
    distances = torch.cat([input - low, input - high], 1)
    found = _backward(layer, sent, distances, torch.cat([positive, negative], 1)).mul_(distances)
    return found[:, : input.shape[1]] + found[:, input.shape[1] :]


def average(
    layer: nn.Module, input: Tensor, output: Tensor, relevance: Tensor, stabiliser: float = STABILISER
) -> Tensor:
    """The epsilon rule of a linear layer without parameters, such as average pooling."""
    sent = stabilised_quotient(relevance, output, stabiliser)
    absorb(relevance, sent, output)
    with torch.enable_grad():
        start = input.detach().requires_grad_()
        (share,) = torch.autograd.grad(layer.forward(start), start, sent)
    return share * input


def share(
    layer: nn.Module,
    inputs: tuple[Tensor, Tensor],
    output: Tensor,
    relevance: Tensor,
    stabiliser: float = STABILISER,
) -> tuple[Tensor, Tensor]:
    """The epsilon rule of an addition."""
    sent = stabilised_quotient(relevance, output, stabiliser)
    absorb(relevance, sent, output)
    return inputs[0] * sent, inputs[1] * sent


def offset(
    layer: nn.Module, input: Tensor, output: Tensor, relevance: Tensor, stabiliser: float = STABILISER
) -> Tensor:
    """The epsilon rule of the addition of a constant, which absorbs relevance as a bias does."""
    sent = stabilised_quotient(relevance, output, stabiliser)
    absorb(relevance, sent, output, output - input)
    return input * sent


def identity(layer: nn.Module, input: Tensor, output: Tensor, relevance: Tensor) -> Tensor:
    """Pass relevance on unchanged, as elementwise layers do."""
    return relevance


def without_bias(rule: Propagation) -> Propagation:
    """The same rule for an output layer whose bias is left out, so that only inputs receive relevance.

    A convolution whose outputs are averaged later keeps its bias: without it, relevance would be divided by
    the value of each position, which may be near zero, rather than by that of all positions together.
    """

    def propagation(layer: Any, input: Tensor, output: Tensor, relevance: Tensor) -> Tensor:
        bias = layer.bias
        if bias is None or output[0].numel() != bias.numel():
            return rule(layer, input, output, relevance)
        unbiased = copy(layer)
        # Another dictionary, because a shallow copy shares the parameters of the layer.
        unbiased._parameters = {**layer._parameters, "bias": None}
        contributed = output - bias.view(1, -1, *(1,) * (output.ndim - 2))
        return rule(unbiased, input, contributed, relevance)

    return propagation


RULES: Mapping[str, Callable[..., Tensor]] = MappingProxyType(
    {
        "epsilon": epsilon,
        "z-plus": z_plus,
        "z-plus-without-bias": z_plus_without_bias,
        "alpha-beta": alpha_beta,
        "gamma": gamma,
        "flat": flat,
        "z-box": z_box,
    }
)
"""Rules of convolutions and fully connected layers by name."""


def _positive(layer: Any, input: Tensor) -> list[Branch]:
    """The branches of positive contributions: positive inputs and weights, negative inputs and weights."""
    positive, negative = layer.weight.clamp(min=0), layer.weight.clamp(max=0)
    return _by_sign(input, (positive, _clamp(layer.bias, min=0)), negative)


def _negative(layer: Any, input: Tensor) -> list[Branch]:
    positive, negative = layer.weight.clamp(min=0), layer.weight.clamp(max=0)
    return _by_sign(input, (negative, _clamp(layer.bias, max=0)), positive)


def _by_sign(input: Tensor, above: tuple[Tensor, Tensor | None], below: Tensor) -> list[Branch]:
    """Positive inputs with one weight and bias, and negative inputs, if any, with another weight."""
    # `min` would first copy tensors in channels-last memory format.
    if not is_traced() and input.amin() >= 0:
        return [(input, *above)]
    return [(input.clamp(min=0), *above), (input.clamp(max=0), below, None)]


def _distribute(
    layer: Any, relevance: Tensor, branches: Sequence[Branch], stabiliser: float, factor: float = 1
) -> Tensor:
    """Distribute relevance in proportion to the contributions of all branches together.

    The ledger counts what is absorbed `factor` times, the weight of these contributions in the calling rule.
    """
    total = _forward(layer, *branches[0])
    for branch in branches[1:]:
        total += _forward(layer, *branch)
    sent = stabilised_quotient(relevance, total, stabiliser)
    absorb(relevance, sent, total, branches[0][2], factor)
    result = _backward(layer, sent, *branches[0][:2]).mul_(branches[0][0])
    for input, weight, _ in branches[1:]:
        result += _backward(layer, sent, input, weight).mul_(input)
    return result


def stabilised_quotient(relevance: Tensor, total: Tensor, stabiliser: float) -> Tensor:
    """Relevance divided by a total, which is stabilised away from zero."""
    safe = torch.copysign(total.new_full((), stabiliser), total).add_(total)
    return torch.div(relevance, safe, out=safe)


def _where_positive(relevance: Tensor, output: Tensor) -> Tensor:
    """Relevance where the output is positive, and zero elsewhere."""
    # The gradient of ReLU, because it is ten times as fast as `where` on channels-last memory.
    return torch.ops.aten.threshold_backward(relevance, output, 0)


def _are_equal(one: Tensor, other: Tensor) -> bool:
    """Whether all values are equal, as `torch.equal` says; on the CPU in a third of its time."""
    if one.device.type != "cpu":
        return torch.equal(one, other)
    return np.array_equal(one.detach().numpy(), other.detach().numpy())


def _raised(parameter: Any, gamma: float, **bounds: float) -> Any:
    """A parameter with its positive or its negative part enlarged."""
    return None if parameter is None else parameter + gamma * parameter.clamp(**bounds)


def _clamp(bias: Tensor | None, **bounds: float) -> Tensor | None:
    return None if bias is None else bias.clamp(**bounds)


def _forward(layer: Any, input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    if bias is not None and bias.ndim > 1:  # a bias of each position (`NormalisedConvolution.shifted`)
        return _forward(layer, input, weight, None) + bias
    if isinstance(layer, nn.Linear):
        return F.linear(input, weight, bias)
    return F.conv2d(input, weight, bias, layer.stride, layer.padding, layer.dilation, layer.groups)


def _backward(layer: Any, sent: Tensor, input: Tensor, weight: Tensor) -> Tensor:
    """What each input receives through the weights: the transpose of `_forward`."""
    if isinstance(layer, nn.Linear):
        return sent @ weight
    return torch.ops.aten.convolution_backward(
        sent,
        input,
        weight,
        None,
        layer.stride,
        layer.padding,
        layer.dilation,
        False,
        [0] * len(layer.stride),
        layer.groups,
        [True, False, False],
    )[0]
