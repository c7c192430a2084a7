"""Similarity of two relevance maps of the same image."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import uniform_filter

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
    tops = [top_pixels(maps, fraction, seed) for seed, maps in enumerate((a, b))]
    return share_in_common(*tops)


def top_pixels(maps: np.ndarray, fraction: float, seed: int = 0) -> np.ndarray:
    """The top `fraction` of the pixels of each map (bool, N x H x W); ties are broken at random."""
    count = round(fraction * maps[0].size)
    if not 0 < count <= maps[0].size:
        raise InputError(f"the top fraction is {fraction}; expected at most 1, and at least one pixel")
    return ranks(maps, seed) < count


def share_in_common(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Share of the pixels of a mask that are in another one of as many pixels, per image."""
    return (a & b).sum(axis=(1, 2)) / a.sum(axis=(1, 2))


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
    return (standard_ranks(a) * standard_ranks(b)).mean(axis=1)


def standard_ranks(maps: np.ndarray) -> np.ndarray:
    """Ranks of the pixels of each map, N x pixels, of mean 0 and standard deviation 1; nan if it is constant.

    The mean of the product of those of two maps is their rank correlation.
    """
    from scipy.stats import rankdata  # takes half a second to import, which each worker would spend

    values = rankdata(maps.reshape(len(maps), -1), axis=1)
    values = values - values.mean(axis=1, keepdims=True)
    spread = values.std(axis=1, keepdims=True)
    return np.divide(values, spread, out=np.full_like(values, np.nan), where=spread > 0)


def structural_similarity(a: np.ndarray, b: np.ndarray, window: int = 7) -> np.ndarray:
    """Structural similarity of two maps, per image (Wang et al. 2004).

    Means, variances and covariances are those of square windows, and the similarity is averaged over all
    windows that lie within the map. Each map is divided by its largest absolute value first; the constants
    are relative to the range of the values of both.

    Parameters
    ----------
    a, b : ndarray, N x H x W
    window : side of the windows in pixels, an odd number

    Returns
    -------
    ndarray of float, N
        1 for the same map up to a positive factor; nan for a map of zeros.
    """
    if a.shape != b.shape:
        raise InputError(f"maps of the shapes {a.shape} and {b.shape} cannot be compared")
    if window % 2 == 0 or window > min(a.shape[1:]):
        raise InputError(f"the window is {window}; expected an odd number, at most the side of the map")
    x, y = (_by_largest(maps.astype(float)) for maps in (a, b))

    def mean(values: np.ndarray) -> np.ndarray:
        return uniform_filter(values, window, axes=(1, 2))

    unbiased = window**2 / (window**2 - 1)
    of_x, of_y = mean(x), mean(y)
    spread = unbiased * (mean(x * x) - of_x**2 + mean(y * y) - of_y**2)
    shared = unbiased * (mean(x * y) - of_x * of_y)
    spanned = np.maximum(x.max((1, 2)), y.max((1, 2))) - np.minimum(x.min((1, 2)), y.min((1, 2)))
    first, second = ((share * spanned[:, None, None]) ** 2 for share in (0.01, 0.03))
    similar = (2 * of_x * of_y + first) * (2 * shared + second)
    similar /= (of_x**2 + of_y**2 + first) * (spread + second)
    edge = window // 2
    return similar[:, edge : a.shape[1] - edge, edge : a.shape[2] - edge].mean((1, 2))


def _by_largest(maps: np.ndarray) -> np.ndarray:
    largest = np.abs(maps).max((1, 2), keepdims=True)
    return np.divide(maps, largest, out=np.full_like(maps, np.nan), where=largest > 0)
