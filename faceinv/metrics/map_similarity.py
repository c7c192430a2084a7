"""Similarity of two relevance maps of the same image."""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata

from faceinv.errors import InputError
from faceinv.perturbations.masks import ranks


def top_overlap(a: np.ndarray, b: np.ndarray, fraction: float) -> np.ndarray:
    """Share of the top `fraction` of the pixels of one map that is also in the top of the other, per image.

    Parameters
    ----------
    a, b : ndarray, N x H x W
    fraction : of the pixels, 0-1

    Returns
    -------
    ndarray of float, N
        1 if both have the same top pixels; `fraction` on average for independent maps.
    """
    if a.shape != b.shape:
        raise InputError(f"maps of the shapes {a.shape} and {b.shape} cannot be compared")
    count = round(fraction * a[0].size)
    if not 0 < count <= a[0].size:
        raise InputError(f"the top fraction is {fraction}; expected at most 1, and at least one pixel")
    tops = [ranks(maps, seed) < count for seed, maps in enumerate((a, b))]  # ties are broken at random
    return (tops[0] & tops[1]).sum(axis=(1, 2)) / count


def rank_correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Spearman's rank correlation of two maps over pixels, per image.

    Parameters
    ----------
    a, b : ndarray, N x H x W

    Returns
    -------
    ndarray of float, N
        NaN if a map is constant.
    """
    if a.shape != b.shape:
        raise InputError(f"maps of the shapes {a.shape} and {b.shape} cannot be compared")
    x, y = (_standardised(rankdata(m.reshape(len(m), -1), axis=1)) for m in (a, b))
    return (x * y).mean(axis=1)


def _standardised(values: np.ndarray) -> np.ndarray:
    values = values - values.mean(axis=1, keepdims=True)
    spread = values.std(axis=1, keepdims=True)
    return np.divide(values, spread, out=np.full_like(values, np.nan), where=spread > 0)
