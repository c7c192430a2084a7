"""Baselines: maps that know the image but not what the network has learned."""

from __future__ import annotations

import numpy as np

from faceinv.attribution.request import Request
from faceinv.lrp.relevance import relevance
from faceinv.models.randomisation import fresh
from faceinv.perturbations import control_masks


def local_contrast_map(request: Request) -> np.ndarray:
    """Local contrast of the image, see `faceinv.perturbations.control_masks.local_contrast`."""
    return control_masks.local_contrast(request.inputs.detach().cpu())


def centre_map(request: Request) -> np.ndarray:
    """Closeness to the centre: 1 at the centre, falling linearly to 0 in the corners."""
    closeness = control_masks.closeness_to_centre(request.inputs)
    lowest = closeness.min() if closeness.size else -1.0
    return (1 - closeness / min(lowest, -1e-6)).astype(np.float32)


def random_map(request: Request) -> np.ndarray:
    """Random numbers from 0 to 1, drawn independently for each pixel and image."""
    return control_masks.random_scores(request.inputs, request.seed)


def untrained_map(request: Request, composite: str = "epsilon-plus-flat") -> np.ndarray:
    """Relevance of the same network with random weights.

    Parameters
    ----------
    request : Request
    composite : rules of the propagation
    """
    model = fresh(request.model, request.seed)
    return relevance(model, request.inputs, request.targets, composite, batch=request.batch)
