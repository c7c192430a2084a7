"""Shading: how much of the light a surface sends to the eye, and what is painted on it."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt

import numpy as np


@dataclass(frozen=True)
class Gloss:
    """A shiny surface, after Burley (2012): a diffuse base under a layer that reflects a little.

    Attributes
    ----------
    roughness : of the layer, 0 to 1; its square is the width of the microfacets' distribution
    specular : 0 to 1, of which 0.5 is a refractive index of 1.5
    """

    roughness: float
    specular: float


def reflect(
    gloss: Gloss | None, seen: np.ndarray, lit: np.ndarray, upright: np.ndarray, apart: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What a surface reflects of a unit of irradiance: a factor of its colour, and white light to be added.

    Parameters
    ----------
    gloss : None for a dull surface, which reflects alike in all directions
    seen, lit, upright : cosines between the normal and the eye, the light, and the direction halfway between
        these, float32; the first two above 0
    apart : cosines between the light and the direction halfway
    """
    diffuse = lit * np.float32(1 / pi)
    if gloss is None:
        return diffuse, np.zeros_like(diffuse)
    to_eye, to_light = _grazing(seen), _grazing(lit)
    square = apart * apart
    back = np.float32(2 * gloss.roughness) * square
    diffuse *= (1 - np.float32(0.5) * to_eye) * (1 - np.float32(0.5) * to_light) + back * (
        to_eye + to_light + to_eye * to_light * (back - 1)
    )

    # microfacets: the distribution of Trowbridge and Reitz, and the shadows that Smith's formula gives it
    width = np.float32(gloss.roughness**4)
    high = upright * upright
    spread = (1 - high) + width * high
    shadows = (seen + np.sqrt(width + (1 - width) * seen * seen)) * (
        lit + np.sqrt(width + (1 - width) * lit * lit)
    )
    # what a layer of this refractive index reflects, by Fresnel's equations
    index = np.float32(2 / (1 - sqrt(0.08 * gloss.specular)) - 1)
    within = np.sqrt(1 - (1 - square) / (index * index))
    across = (apart - index * within) / (apart + index * within)
    along = (index * apart - within) / (index * apart + within)
    fresnel = np.float32(0.5) * (across * across + along * along)
    return diffuse, np.float32(1 / pi) * width * fresnel * lit / (spread * spread * shadows)


def _grazing(cosine: np.ndarray) -> np.ndarray:
    """Schlick's weight: one for a direction along the surface, and soon 0 above it."""
    rest = 1 - cosine
    square = rest * rest
    return square * square * rest


def look_up(texture: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """What a texture (rows x columns x C, float32) has at places: linear between texels, the edge beyond.

    Parameters
    ----------
    texture : at least 2 x 2; u goes along its columns, v down its rows, both from 0 to 1, from edge to edge
    u, v : N, float32

    Returns
    -------
    ndarray of float32, N x C
    """
    rows, columns, channels = texture.shape
    texels = texture.reshape(-1, channels)
    x = np.clip(u * np.float32(columns) - np.float32(0.5), 0, columns - 1)
    y = np.clip(v * np.float32(rows) - np.float32(0.5), 0, rows - 1)
    column = np.minimum(x.astype(np.intp), columns - 2)
    row = np.minimum(y.astype(np.intp), rows - 2)
    right = (x - column).astype(np.float32)[:, None]
    down = (y - row).astype(np.float32)[:, None]
    corner = row * columns + column
    upper, lower = (_between(texels, corner + step, right) for step in (0, columns))
    lower -= upper
    lower *= down
    lower += upper
    return lower


def _between(texels: np.ndarray, left: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Between each texel and the next, at a share of the way."""
    found, after = texels.take(left, 0), texels.take(left + 1, 0)
    after -= found
    after *= share
    found += after
    return found
