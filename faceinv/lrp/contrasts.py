"""Contrasts: the classes against which the relevance of a class is set off."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from torch import Tensor

from faceinv.errors import InputError

Weights = Callable[[Tensor, Tensor], Tensor]
"""``(logits, whether a class is the target) -> weights of the classes``, N x classes, that sum to one."""


@dataclass(frozen=True)
class Contrast:
    """What the map of a class is compared with.

    Attributes
    ----------
    name : name in parameters and tables
    description : description in one line
    weights : weights of the other classes in the map that is subtracted; None if nothing is subtracted
    """

    name: str
    description: str
    weights: Weights | None = None


def softmax_of_others(logits: Tensor, is_target: Tensor) -> Tensor:
    """The network's probability of each other class, given that it is not the target."""
    return logits.masked_fill(is_target, -float("inf")).softmax(1)


def runner_up(logits: Tensor, is_target: Tensor) -> Tensor:
    """One for the other class with the highest logit."""
    best = logits.masked_fill(is_target, -float("inf")).argmax(1, keepdim=True)
    return logits.new_zeros(logits.shape).scatter(1, best, 1)


CONTRASTS: Mapping[str, Contrast] = MappingProxyType(
    {
        contrast.name: contrast
        for contrast in (
            Contrast("none", "the class alone"),
            Contrast(
                "softmax",
                "the other classes, each as far as the network takes it for the answer (Iwana et al. 2019)",
                softmax_of_others,
            ),
            Contrast("runner-up", "the strongest of the other classes (Gu et al. 2018)", runner_up),
        )
    }
)
"""Contrasts by name; the first is the default."""


def contrast(name: str) -> Contrast:
    """A contrast by name.

    Raises
    ------
    InputError
        If there is no contrast of that name.
    """
    if name not in CONTRASTS:
        raise InputError(
            f"a class cannot be explained against {name!r}; expected one of {', '.join(CONTRASTS)}"
        )
    return CONTRASTS[name]


def share_difference(own: Tensor, other: Tensor) -> Tensor:
    """Where one map has a larger share of its relevance than another, N x H x W.

    Each map is divided by its sum of absolute relevance first, so that the two cancel where they are
    proportional, and the difference sums to zero if neither has negative relevance. Contrastive LRP (Gu, Yang
    & Tresp 2018) divides by the sums, which is the same for maps without negative relevance, but may divide
    by nearly zero where relevance of both signs cancels.
    """
    return _shares(own) - _shares(other)


def _shares(maps: Tensor) -> Tensor:
    total = maps.abs().sum((1, 2), keepdim=True)
    return maps / total.clamp(min=1e-30)
