"""Localization: whether a map points to a region that is known."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import distance_transform_edt

from faceinv.errors import InputError
from faceinv.metrics.roc import area_under_roc


def mass_over_area(maps: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """Share of the absolute relevance in a region, divided by the region's share of the pixels, per image.

    The numerator is the relevance mass accuracy of Arras, Osman & Samek (2022).

    Parameters
    ----------
    maps : ndarray, N x H x W
    masks : ndarray of bool, N x H x W
        Where the region is.

    Returns
    -------
    ndarray of float, N
        1 for a map that is even; nan for a map of zeros or an empty region.

    Examples
    --------
    >>> mask = np.array([[[True, False], [False, False]]])
    >>> mass_over_area(np.array([[[3.0, -1.0], [0.0, 0.0]]]), mask).tolist()
    [3.0]
    """
    maps, masks = _checked(maps, masks)
    absolute = np.abs(maps)
    total, area = absolute.sum((1, 2)), masks.mean((1, 2))
    inside = (absolute * masks).sum((1, 2))
    return np.divide(inside, total * area, out=np.full(len(maps), np.nan), where=(total > 0) & (area > 0))


def pointing_game(maps: np.ndarray, masks: np.ndarray, tolerance: float = 0.0) -> np.ndarray:
    """Whether the highest absolute value of a map lies in a region, per image (Zhang et al. 2018).

    Parameters
    ----------
    maps : ndarray, N x H x W
    masks : ndarray of bool, N x H x W
        Where the region is.
    tolerance : distance from the region that still counts, in pixels

    Returns
    -------
    ndarray of float, N
        1 or 0; if several pixels have the highest value, the share of these that hit the region, which for an
        even map is what chance gives. Nan for an empty region.
    """
    maps, masks = _checked(maps, masks)
    absolute = np.abs(maps)
    highest = absolute == absolute.max((1, 2), keepdims=True)
    near = np.stack([distance_transform_edt(~mask) <= tolerance for mask in masks]) if len(masks) else masks
    hits = (highest & near).sum((1, 2)) / highest.sum((1, 2))
    return np.where(masks.any((1, 2)), hits, np.nan)


def pixel_roc(maps: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """Area under the ROC of pixels: how well absolute relevance tells those of a region from others.

    Parameters
    ----------
    maps : ndarray, N x H x W
    masks : ndarray of bool, N x H x W
        Where the region is.

    Returns
    -------
    ndarray of float, N
        The probability that a pixel of the region has more absolute relevance than another pixel of the
        image; 0.5 for an even map, nan for an empty region.
    """
    maps, masks = _checked(maps, masks)
    return area_under_roc(np.abs(maps).reshape(len(maps), -1), masks.reshape(len(masks), -1))


def _checked(maps: np.ndarray, masks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    maps, masks = np.asarray(maps, dtype=float), np.asarray(masks)
    if maps.ndim != 3 or maps.shape != masks.shape or masks.dtype != bool:
        raise InputError(
            f"maps are of shape {maps.shape} and masks {masks.dtype} of shape {masks.shape}; expected maps "
            "N x H x W and boolean masks of that shape"
        )
    return maps, masks
