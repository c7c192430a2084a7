"""Modules for functions that networks call, so that rules can be attached to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from types import MappingProxyType
from typing import Any

from torch import Tensor, nn
from torch.nn import functional as F
from zennit.layer import Sum


class Add(nn.Module):
    """The addition of two tensors."""

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        return first + second


class NormalisedConvolution(nn.Module):
    """Batch normalisation, ReLU and 1 x 1 convolution, in this order, as one convolution of `seen` inputs.

    An active unit passes ``scale * input + shift`` to the convolution, an inactive one passes zero. So the
    three are a convolution, with weights times scale, of the inputs of active units, plus a bias that differs
    between positions and receives no relevance (the tensor-biased convolution of Binder's canonization of
    DenseNet).

    Parameters
    ----------
    normalisation, convolution : the layers; they are not changed
    own : whether to register them as submodules
    """

    def __init__(self, normalisation: nn.BatchNorm2d, convolution: nn.Conv2d, own: bool = False) -> None:
        super().__init__()
        # In a tuple, so that they are not registered as submodules.
        self.layers = (normalisation, convolution)
        if own:
            self.parts = nn.ModuleList(self.layers)
        self.stride, self.padding = convolution.stride, convolution.padding
        self.dilation, self.groups = convolution.dilation, convolution.groups
        self.bias: Tensor | None = None

    @property
    def weight(self) -> Tensor:
        """Weight of the convolution with the scale of the normalisation merged in."""
        return self.layers[1].weight * _scale(self.layers[0]).view(1, -1, 1, 1)

    def forward(self, input: Tensor) -> Tensor:
        # Not called as modules, because hooks on the two would distribute relevance a second time.
        return self.layers[1].forward(F.relu(_normalise(self.layers[0], input)))

    def offset(self, input: Tensor) -> Tensor:
        """What the shift of the normalisation and the bias of the convolution add to each output."""
        scale = _scale(self.layers[0]).view(1, -1, 1, 1)
        shift = F.relu(_normalise(self.layers[0], input)) - self.seen(input) * scale
        return self.layers[1].forward(shift)

    def shifted(self, input: Tensor) -> NormalisedConvolution:
        """The same layer with the offset of these inputs as its bias, N x C x H x W."""
        same = copy(self)
        same.bias = self.offset(input)
        return same

    def seen(self, input: Tensor) -> Tensor:
        """The input where its unit is active, and zero elsewhere."""
        return input * (_normalise(self.layers[0], input) > 0)


class NormalisedPooling(nn.Module):
    """Batch normalisation, ReLU and global average pooling as one linear layer of active units' inputs."""

    def __init__(self, normalisation: nn.BatchNorm2d, own: bool = False) -> None:
        super().__init__()
        self.layers = (normalisation,)
        if own:
            self.parts = nn.ModuleList(self.layers)

    def forward(self, input: Tensor) -> Tensor:
        return F.relu(_normalise(self.layers[0], input)).mean((2, 3))

    def contributions(self, input: Tensor) -> Tensor:
        """What each input adds to its channel's average, without the shift."""
        places = input.shape[2] * input.shape[3]
        scale = _scale(self.layers[0]).view(1, -1, 1, 1) / places
        return input * scale * (_normalise(self.layers[0], input) > 0)

    def offset(self, input: Tensor) -> Tensor:
        """What the shift adds to each channel's average."""
        return self.forward(input) - self.contributions(input).sum((2, 3))


class Average(nn.AdaptiveAvgPool2d):
    """A mean or sum over some dimensions, or another linear function without parameters, of one tensor.

    It is a subclass of an average pooling so that Zennit's composites give it the rule of poolings.

    Parameters
    ----------
    function, arguments, options : the function, called as ``function(tensor, *arguments, **options)``
    places : whether it is the mean over all positions, N x C x H x W to N x C
    """

    def __init__(
        self,
        function: Callable[..., Tensor],
        arguments: tuple[Any, ...] = (),
        options: Mapping[str, Any] = MappingProxyType({}),
        places: bool = False,
    ) -> None:
        super().__init__(1)
        self.function, self.arguments, self.options = function, arguments, dict(options)
        self.places = places

    def forward(self, input: Tensor) -> Tensor:
        return self.function(input, *self.arguments, **self.options)


class StackedSum(Sum):
    """The sum of tensors that are stacked along a last dimension, a subclass of Zennit's type."""


class Scale(nn.Module):
    """Multiplication by a constant, a number or a tensor that broadcasts."""

    factor: Tensor

    def __init__(self, factor: Tensor) -> None:
        super().__init__()
        self.register_buffer("factor", factor)

    def forward(self, input: Tensor) -> Tensor:
        return input * self.factor


class Offset(nn.Module):
    """Addition of a constant, a number or a tensor that broadcasts."""

    constant: Tensor

    def __init__(self, constant: Tensor) -> None:
        super().__init__()
        self.register_buffer("constant", constant)

    def forward(self, input: Tensor) -> Tensor:
        return input + self.constant


class Normalisation(nn.Module):
    """A batch normalisation without an adjacent convolution to merge it into."""

    scale: Tensor
    shift: Tensor

    def __init__(self, normalisation: Any) -> None:
        super().__init__()
        scale = _scale(normalisation)
        self.register_buffer("scale", scale)
        self.register_buffer("shift", normalisation.bias - normalisation.running_mean * scale)

    def forward(self, input: Tensor) -> Tensor:
        places = (1, -1, *(1,) * (input.ndim - 2))
        return input * self.scale.view(places) + self.shift.view(places)


def _scale(normalisation: Any) -> Tensor:
    return normalisation.weight / (normalisation.running_var + normalisation.eps).sqrt()


def _normalise(normalisation: Any, input: Tensor) -> Tensor:
    return F.batch_norm(
        input,
        normalisation.running_mean,
        normalisation.running_var,
        normalisation.weight,
        normalisation.bias,
        training=False,
        eps=normalisation.eps,
    )
