"""Equivariance of maps: whether the map of a transformed image is the transformed map of the image."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from faceinv.metrics.map_similarity import rank_correlation

COVERED = 0.99
"""Share of a pixel that has to come from the image, and not from beyond its border, for it to be compared."""


def moved_maps(maps: np.ndarray, move: Callable[[Tensor], Tensor]) -> tuple[np.ndarray, np.ndarray]:
    """Maps transformed like images whose background is zero, and the pixels that come from the image.

    Parameters
    ----------
    maps : ndarray, N x H x W
    move : transforms a batch of images, N x 1 x H x W, with the background zero

    Returns
    -------
    ndarray of float32, N x H x W
    ndarray of bool, N x H x W
    """
    given = torch.from_numpy(np.ascontiguousarray(maps, dtype=np.float32))[:, None]
    return move(given.clone())[:, 0].numpy(), (move(torch.ones_like(given)) >= COVERED)[:, 0].numpy()


def correlation_within(a: np.ndarray, b: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Rank correlation of two maps over some of their pixels, per image.

    Parameters
    ----------
    a, b : ndarray, N x H x W
    inside : ndarray of bool, N x H x W
        The pixels that are compared.

    Returns
    -------
    ndarray of float, N
        Nan where one of the maps is constant there, or fewer than two pixels are compared.
    """
    return np.array(
        [
            rank_correlation(x[here][None, None], y[here][None, None])[0] if here.sum() > 1 else np.nan
            for x, y, here in zip(a, b, inside, strict=True)
        ]
    )
