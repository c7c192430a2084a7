"""Map makers: functions that explain a network, by the name of the method, and their controls."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from torch import Tensor

from faceinv.errors import InputError
from faceinv.lrp.composites import COMPOSITES
from faceinv.lrp.relevance import relevance
from faceinv.models.architectures import Network, untrained
from faceinv.perturbations.control_masks import control_scores

MapMaker = Callable[[Network, Tensor, np.ndarray], np.ndarray]
"""A function of a network, prepared images (N x C x H x W) and the class to explain for each of them (N),
which returns maps (N x H x W)."""

EVEN = "even"
"""The map that says nothing: the same value everywhere, so that a region gets its area."""
UNTRAINED = "untrained"
"""The map of the network before training, by the first composite."""
CONTRAST = "local contrast"
CONTROLS = (EVEN, "centre", CONTRAST, UNTRAINED)
"""Maps that do not depend on what a network has learned."""


def map_maker(method: str) -> MapMaker:
    """The map maker called `method`: a composite of `faceinv.lrp.composites.COMPOSITES`, or a control.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    if method in COMPOSITES:
        return partial(_relevance, composite=method)
    if method == EVEN:
        return _even
    if method == UNTRAINED:
        return _untrained
    if method in CONTROLS:
        return partial(_control, name=method)
    raise InputError(f"the method is {method!r}; expected one of {', '.join((*COMPOSITES, *CONTROLS))}")


def _relevance(network: Network, inputs: Tensor, targets: np.ndarray, composite: str) -> np.ndarray:
    return relevance(network, inputs, targets, composite)


def _even(network: Network, inputs: Tensor, targets: np.ndarray) -> np.ndarray:
    return np.ones((len(inputs), *inputs.shape[2:]), np.float32)


def _untrained(network: Network, inputs: Tensor, targets: np.ndarray) -> np.ndarray:
    return relevance(untrained(network), inputs, targets, next(iter(COMPOSITES)))


def _control(network: Network, inputs: Tensor, targets: np.ndarray, name: str) -> np.ndarray:
    return control_scores(inputs, name)
