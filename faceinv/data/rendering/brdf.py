"""Shading: how much of the light a surface reflects towards the camera, and texture lookup."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt

import numpy as np


@dataclass(frozen=True)
class Gloss:
    """A glossy surface (Burley 2012): a diffuse base under a thin specular layer.

    Attributes
    ----------
    roughness : of the specular layer, 0 to 1; its square is the width of the microfacet distribution
    specular : 0 to 1; 0.5 corresponds to a refractive index of 1.5
    """

    roughness: float
    specular: float


@dataclass(frozen=True)
class Coat:
    """A wet and smooth surface, such as that of an eye, which mirrors the lamp and the sky.

    Attributes
    ----------
    index : refractive index
    curvature : smallest radius of curvature, in the units of the scene: what is mirrored there is blurred to
        what neighbouring samples can tell apart
    """

    index: float
    curvature: float

    def reflectance(self, cosine: np.ndarray) -> np.ndarray:
        """Share of light that is reflected, by the cosine between direction and normal (Schlick 1994)."""
        at_normal = np.float32(((self.index - 1) / (self.index + 1)) ** 2)
        return at_normal + (1 - at_normal) * _grazing(cosine)


def reflect(
    gloss: Gloss | None, n_dot_v: np.ndarray, n_dot_l: np.ndarray, n_dot_h: np.ndarray, l_dot_h: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Reflection per unit of irradiance: a factor for the surface colour, and the white specular term to add.

    Parameters
    ----------
    gloss : None for a matte (Lambertian) surface
    n_dot_v, n_dot_l, n_dot_h : cosines between the normal and the directions to the camera, to the light,
        and halfway between the two, float32; the first two above 0
    l_dot_h : cosines between the direction to the light and the halfway direction
    """
    diffuse = n_dot_l * np.float32(1 / pi)
    if gloss is None:
        return diffuse, np.zeros_like(diffuse)
    grazing_v, grazing_l = _grazing(n_dot_v), _grazing(n_dot_l)
    square = l_dot_h * l_dot_h
    retroreflection = np.float32(2 * gloss.roughness) * square
    diffuse *= (1 - np.float32(0.5) * grazing_v) * (1 - np.float32(0.5) * grazing_l) + retroreflection * (
        grazing_v + grazing_l + grazing_v * grazing_l * (retroreflection - 1)
    )

    # microfacets: the Trowbridge-Reitz (GGX) distribution, and Smith's shadowing and masking term
    width = np.float32(gloss.roughness**4)
    n_dot_h_squared = n_dot_h * n_dot_h
    denominator = (1 - n_dot_h_squared) + width * n_dot_h_squared
    shadowing = (n_dot_v + np.sqrt(width + (1 - width) * n_dot_v * n_dot_v)) * (
        n_dot_l + np.sqrt(width + (1 - width) * n_dot_l * n_dot_l)
    )
    # Fresnel reflectance of a layer of this refractive index
    index = np.float32(2 / (1 - sqrt(0.08 * gloss.specular)) - 1)
    cos_inside = np.sqrt(1 - (1 - square) / (index * index))
    perpendicular = (l_dot_h - index * cos_inside) / (l_dot_h + index * cos_inside)
    parallel = (index * l_dot_h - cos_inside) / (index * l_dot_h + cos_inside)
    fresnel = np.float32(0.5) * (perpendicular * perpendicular + parallel * parallel)
    return diffuse, np.float32(1 / pi) * width * fresnel * n_dot_l / (denominator * denominator * shadowing)


def _grazing(cosine: np.ndarray) -> np.ndarray:
    """Schlick's weight (1 - cosine)^5: 1 at grazing angles, falling quickly to 0 towards the normal."""
    rest = 1 - cosine
    square = rest * rest
    return square * square * rest


def look_up(texture: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Bilinear lookup in a texture (rows x columns x C, float32); outside it, the value at its edge.

    Parameters
    ----------
    texture : at least 2 x 2
    u, v : N, float32; 0 to 1 from edge to edge, u along the columns and v down the rows

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
    upper, lower = (_interpolate(texels, corner + step, right) for step in (0, columns))
    lower -= upper
    lower *= down
    lower += upper
    return lower


def _interpolate(texels: np.ndarray, left: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Linear interpolation between each texel at index `left` and the next, by `share` (0 to 1)."""
    value, after = texels.take(left, 0), texels.take(left + 1, 0)
    after -= value
    after *= share
    value += after
    return value
