"""Similarity of two representations of the same images: centred kernel alignment and cosine."""

from __future__ import annotations

import numpy as np

from faceinv.errors import InputError


def cka(x: np.ndarray, y: np.ndarray, debiased: bool = True) -> float:
    """Linear centred kernel alignment of two representations of the same images (Kornblith et al. 2019).

    With few images and many units, the plain measure is near one even for independent representations. The
    debiased one, computed from unbiased estimates of the Hilbert-Schmidt independence criterion (Song et al.
    2012), is then near zero, and can be negative.

    Parameters
    ----------
    x, y : N x units, of any number of units each; at least four images
    debiased : whether to compute the debiased measure

    Returns
    -------
    float
        1 if the representations differ only by a rotation of the units, a common scale and their means; NaN
        if one is constant.
    """
    if len(x) != len(y) or len(x) < 4:
        raise InputError(
            f"CKA of {len(x)} and {len(y)} images; expected the same images in both, at least four"
        )
    centre = _u_centred if debiased else _centred
    k, m = (centre(z.astype(np.float64)) for z in (x, y))
    norm = np.sqrt((k * k).sum() * (m * m).sum())
    return float((k * m).sum() / norm) if norm > 0 else float("nan")


def cosine(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Cosine (N) between the representations (N x units) of each image and of its transformed version.

    The mean of the originals is subtracted from both, because otherwise all non-negative responses would be
    similar.
    """
    origin = x.mean(axis=0)
    a, b = x - origin, y - origin
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return np.divide((a * b).sum(axis=1), norms, out=np.full(len(x), np.nan), where=norms > 0)


def _centred(x: np.ndarray) -> np.ndarray:
    """Dot products of all pairs of images, after subtracting their mean."""
    x = x - x.mean(axis=0)
    return x @ x.T


def _u_centred(x: np.ndarray) -> np.ndarray:
    """U-centred dot products of all pairs of images: without the diagonal."""
    n = len(x)
    products = _centred(x)
    np.fill_diagonal(products, 0)
    sums = products.sum(axis=1) / (n - 2)
    products += sums.sum() / (n - 1) - sums[:, None] - sums
    np.fill_diagonal(products, 0)
    return products
