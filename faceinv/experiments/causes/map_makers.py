"""Map makers: functions that explain a network, by the name of the method, and their controls."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from torch import Tensor

from faceinv.attribution.attribute import attribute
from faceinv.attribution.methods import ATTRIBUTION_METHODS
from faceinv.errors import InputError
from faceinv.lrp.composites import COMPOSITES
from faceinv.lrp.relevance import relevance
from faceinv.models.architectures import Network, untrained

MapMaker = Callable[[Network, Tensor, np.ndarray], np.ndarray]
"""A function of a network, prepared images (N x C x H x W) and the class to explain for each of them (N),
which returns maps (N x H x W)."""

EVEN = "even"
"""The map that says nothing: the same value everywhere, so that a region gets its area."""
UNTRAINED = "untrained"
"""The map of the network before training, by the first composite."""
CONTROL_METHODS = (EVEN, "centre", "local contrast", UNTRAINED)
"""Maps that do not depend on what a network has learned."""


def map_maker(method: str) -> MapMaker:
    """The map maker called `method`: one of `faceinv.attribution.methods.ATTRIBUTION_METHODS`, or a control.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    if method == EVEN:
        return _even
    if method == UNTRAINED:
        return _untrained
    if method in ATTRIBUTION_METHODS:
        return partial(_attributed, method=method)
    known = dict.fromkeys((*ATTRIBUTION_METHODS, *CONTROL_METHODS))
    raise InputError(f"the method is {method!r}; expected one of {', '.join(known)}")


def _attributed(network: Network, inputs: Tensor, targets: np.ndarray, method: str) -> np.ndarray:
    return attribute(network, inputs, targets, method)


def _even(network: Network, inputs: Tensor, targets: np.ndarray) -> np.ndarray:
    return np.ones((len(inputs), *inputs.shape[2:]), np.float32)


def _untrained(network: Network, inputs: Tensor, targets: np.ndarray) -> np.ndarray:
    return relevance(untrained(network), inputs, targets, next(iter(COMPOSITES)))
