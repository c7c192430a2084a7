"""Starts: the relevance with which propagation begins at the output."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from torch import Tensor, nn

from faceinv.errors import InputError


@dataclass(frozen=True)
class Start:
    """The relevance of the explained class at the output.

    Attributes
    ----------
    name : name in parameters and tables
    description : description in one line
    values : function of what is explained at the output, N x classes: the logits, or with `unbiased` the
        logits without the bias of the output layer; returns the relevance of each class
    unbiased : whether the output layer distributes relevance without its bias

    Notes
    -----
    A bias of the output layer is evidence from no pixel, and a constant that is added to all logits changes
    no prediction. Yet the epsilon rule divides by the logit with its bias, so that the map would change sign
    where the bias outweighs what comes from the image. A start that is never negative is therefore
    distributed without this bias. Then it does not depend on the sign of the logit which pixels come first.
    """

    name: str
    description: str
    values: Callable[[Tensor], Tensor]
    unbiased: bool


STARTS: Mapping[str, Start] = MappingProxyType(
    {
        start.name: start
        for start in (
            Start(
                "absolute",
                "the absolute value of what the image contributes to the logit; never negative, and positive "
                "relevance has the sign of the logit",
                lambda contributed: contributed.abs(),
                unbiased=True,
            ),
            Start(
                "logit",
                "the logit itself; positive relevance speaks for the class, and the map of a negative logit "
                "is negative in total: its most relevant pixels are those that matter least",
                lambda contributed: contributed,
                unbiased=False,
            ),
            Start(
                "one",
                "one for every image; as absolute, but all images have the same weight in an average. Where "
                "contributions of both signs nearly cancel, their shares of one are large",
                lambda contributed: contributed.new_ones(()).expand_as(contributed),
                unbiased=True,
            ),
        )
    }
)
"""Starts by name; the first is the default."""


def start(name: str) -> Start:
    """A start by name.

    Raises
    ------
    InputError
        If there is no start of that name.
    """
    if name not in STARTS:
        raise InputError(f"there is no start {name!r}; expected one of {', '.join(STARTS)}")
    return STARTS[name]


def contributed(logits: Tensor, output_layer: nn.Module | None) -> Tensor:
    """Logits without the bias of the layer that computes them, N x classes."""
    bias = getattr(output_layer, "bias", None)
    return logits - bias if isinstance(bias, Tensor) and bias.shape == logits.shape[1:] else logits
