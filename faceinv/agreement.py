"""Agreement between relevance maps: rank correlation, image by image."""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata

from faceinv.errors import InputError


def rank_correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Spearman's rank correlation of two maps of each image, over pixels.

    Parameters
    ----------
    a, b : ndarray, N x H x W

    Returns
    -------
    ndarray of float, N
        NaN where a map is constant.
    """
    if a.shape != b.shape:
        raise InputError(f"maps of the shapes {a.shape} and {b.shape} cannot be compared")
    x, y = (_standardised(rankdata(m.reshape(len(m), -1), axis=1)) for m in (a, b))
    return (x * y).mean(axis=1)


def _standardised(values: np.ndarray) -> np.ndarray:
    values = values - values.mean(axis=1, keepdims=True)
    spread = values.std(axis=1, keepdims=True)
    return np.divide(values, spread, out=np.full_like(values, np.nan), where=spread > 0)
