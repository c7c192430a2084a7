"""Map makers: functions that explain a network, by the name of the method, and their controls."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from torch import Tensor

from faceinv.attribution.attribute import Method, attribute
from faceinv.attribution.methods import ATTRIBUTION_METHODS
from faceinv.errors import InputError
from faceinv.models.architectures import Network

MapMaker = Callable[[Network, Tensor, np.ndarray], np.ndarray]
"""A function of a network, prepared images (N x C x H x W) and the class to explain for each of them (N),
which returns maps (N x H x W)."""

EVEN = "even"
"""The map that says nothing: the same value everywhere, so that a region gets its area."""
UNTRAINED = "untrained"
"""The attribution method that explains the network before training, by the rules of epsilon-plus-flat."""
CONTROL_METHODS = (EVEN, "centre", "local contrast", UNTRAINED)
"""Maps that do not depend on what a network has learned."""


def map_maker(method: Method) -> MapMaker:
    """The map maker of a method: `EVEN`, or see `faceinv.attribution.attribute.Method`.

    Noise and random maps are drawn anew for each seed of a network, so that networks are independent.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    if method == EVEN:
        return _even
    if isinstance(method, str) and method not in ATTRIBUTION_METHODS:
        known = dict.fromkeys((*ATTRIBUTION_METHODS, *CONTROL_METHODS))
        raise InputError(f"the method is {method!r}; expected one of {', '.join(known)}")
    return partial(_attributed, method=method)


def _attributed(network: Network, inputs: Tensor, targets: np.ndarray, method: Method) -> np.ndarray:
    return attribute(network, inputs, targets, method, seed=network.specification.seed)


def _even(network: Network, inputs: Tensor, targets: np.ndarray) -> np.ndarray:
    return np.ones((len(inputs), *inputs.shape[2:]), np.float32)
