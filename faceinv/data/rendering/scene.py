"""Scenes: textured shapes under a sky and one directional light, rendered by a camera.

Rendering is free of noise, so that few samples are enough and an image does not depend on a seed: the light
comes from one direction and casts exact shadows; the light of the sky is precomputed and emitted by the
surfaces; and the samples of a pixel lie on a regular grid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians, sin, tan

import numpy as np

from faceinv.data.rendering.brdf import Gloss, look_up, reflect
from faceinv.data.rendering.ray_tracing import Hits, Surface
from faceinv.data.rendering.views import View
from faceinv.errors import InputError

FIELD_OF_VIEW = 12.0
"""Of the camera, in degrees, as in a portrait from about a metre."""
NOTHING = -1
"""Index of the shape where a ray hits none."""


@dataclass(frozen=True)
class Shape:
    """One shape of a scene, with V points and T triangles.

    Attributes
    ----------
    points : V x 3
    triangles : T x 3, indices into `points`
    gloss : of its surface; None if it is matte
    uv : V x 2, texture coordinates of each point, from the left and from the top; None if its colour is
        uniform
    """

    points: np.ndarray
    triangles: np.ndarray
    gloss: Gloss | None = None
    uv: np.ndarray | None = None


@dataclass(frozen=True)
class Camera:
    """A perspective camera.

    Attributes
    ----------
    eye : its position
    axes : 3 x 3; the rows point right, forwards and up
    x, y : shift of the image to the right and down, in widths of the frame
    """

    eye: np.ndarray
    axes: np.ndarray
    x: float = 0.0
    y: float = 0.0

    def directions(self, count: int) -> np.ndarray:
        """Unit directions of rays through the centres of count x count cells of the frame; float32."""
        centre = (np.arange(count) + 0.5) / count
        half_width = tan(radians(FIELD_OF_VIEW / 2))
        right = half_width * (2 * (centre - self.x) - 1)
        up = -half_width * (2 * (centre - self.y) - 1)[:, None]
        length = np.sqrt(right * right + 1 + up * up).astype(np.float32)
        out = np.empty((count, count, 3), np.float32)
        for axis, (along, forwards, upwards) in enumerate(self.axes.T):
            across = (along * right).astype(np.float32)
            np.divide(across + (forwards + upwards * up).astype(np.float32), length, out=out[..., axis])
        return out.reshape(-1, 3)


@dataclass(frozen=True)
class Light:
    """A directional light: the unit vector towards it (3), and its irradiance."""

    towards: np.ndarray
    irradiance: float


class Scene:
    """Shapes in fixed positions; their textures and normals are given for each image.

    Parameters
    ----------
    shapes : in the order of their indices
    """

    def __init__(self, shapes: Sequence[Shape]) -> None:
        starts = np.cumsum([0, *(len(shape.points) for shape in shapes)])
        triangles = np.concatenate(
            [shape.triangles + start for shape, start in zip(shapes, starts, strict=False)]
        )
        self._gloss = [shape.gloss for shape in shapes]
        self._corners = np.ascontiguousarray(triangles.T, np.intp)
        uv = [np.zeros((len(s.points), 2)) if s.uv is None else s.uv for s in shapes]
        self._uv = np.ascontiguousarray(np.concatenate(uv).T, np.float32)
        self._shape_index = np.repeat(
            np.arange(len(shapes), dtype=np.uint8), [len(s.triangles) for s in shapes]
        )
        self._surface = Surface(np.concatenate([shape.points for shape in shapes]), triangles)

    def picture(
        self,
        camera: Camera,
        light: Light,
        normals: Sequence[np.ndarray],
        paints: Sequence[np.ndarray],
        size: int,
        samples: int,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Radiance (H x W x C, linear, multiplied by coverage) and coverage (H x W, 0 to 1), float32.

        Parameters
        ----------
        camera, light : viewpoint and illumination
        normals : unit vertex normals of each shape, V x 3
        paints : texture of each shape, for C channels (see `paint`)
        size : width and height in pixels
        samples : samples per pixel, a square number
        """
        side, channels = round(samples**0.5), paints[0].shape[-1] // 2
        directions = camera.directions(size * side)
        hits, ends = self._cast(camera, directions)
        barycentric = _Barycentric(hits, self._corners)

        x, y, z = np.ascontiguousarray(np.concatenate(normals).T, np.float32)
        normal = np.stack(
            [barycentric.interpolate(x), barycentric.interpolate(y), barycentric.interpolate(z)]
        )
        normal /= np.sqrt(_dot(normal, normal))
        to_eye = np.ascontiguousarray(directions.take(hits.ray, 0).T)
        np.negative(to_eye, out=to_eye)
        towards = light.towards.astype(np.float32)
        n_dot_v, n_dot_l = _dot(normal, to_eye), _dot(normal, towards)

        u, v = (barycentric.interpolate(each) for each in self._uv)
        texels = np.concatenate(
            [look_up(paint, u[part], v[part]) for paint, part in zip(paints, _slices(ends), strict=True)]
        )
        out = texels[:, channels:] * (n_dot_v > 0)[:, None]

        lit = np.flatnonzero((n_dot_v > 0) & (n_dot_l > 0))
        lit = lit[self._surface.unoccluded(hits.select(lit), towards)]
        halfway = to_eye.take(lit, 1) + towards[:, None]
        halfway /= np.sqrt(_dot(halfway, halfway))
        n_dot_h, l_dot_h = _dot(normal.take(lit, 1), halfway), _dot(halfway, towards)
        cosines = np.stack([n_dot_v.take(lit), n_dot_l.take(lit), n_dot_h, l_dot_h])
        reflected = texels[:, :channels].take(lit, 0)
        for gloss, part in zip(self._gloss, _slices(np.searchsorted(lit, ends)), strict=True):
            diffuse, specular = reflect(gloss, *cosines[:, part])
            reflected[part] *= diffuse[:, None]
            reflected[part] += specular[:, None]
        reflected *= np.float32(light.irradiance)
        out[lit] += reflected
        pixels = _pixel_means(hits.ray, out, size, side)
        return pixels[..., :channels], pixels[..., channels]

    def pixel_centre_hits(self, camera: Camera, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Index of the shape (or `NOTHING`), u and v at the centre of each pixel, H x W each."""
        hits, ends = self._cast(camera, camera.directions(size))
        barycentric = _Barycentric(hits, self._corners)
        number, u, v = np.full(size * size, NOTHING), np.zeros(size * size), np.zeros(size * size)
        for index, part in enumerate(_slices(ends)):
            number[hits.ray[part]] = index
        u[hits.ray], v[hits.ray] = (barycentric.interpolate(each) for each in self._uv)
        return number.reshape(size, size), u.reshape(size, size), v.reshape(size, size)

    def _cast(self, camera: Camera, directions: np.ndarray) -> tuple[Hits, np.ndarray]:
        """First hits, sorted by shape, and the index at which those of each shape end."""
        hits = self._surface.cast(camera.eye.astype(np.float32), directions)
        number = self._shape_index.take(hits.triangle)
        ends = np.cumsum(np.bincount(number, minlength=len(self._gloss)))
        return hits.select(np.argsort(number, kind="stable")), ends


class _Barycentric:
    """Barycentric interpolation from the corners of triangles to hits."""

    def __init__(self, hits: Hits, corners: np.ndarray) -> None:
        self.corners = [each.take(hits.triangle) for each in corners]
        self.weights = (1 - hits.u - hits.v, hits.u, hits.v)

    def interpolate(self, values: np.ndarray) -> np.ndarray:
        """Values at the points (V), interpolated linearly to the hits (N)."""
        first, second, third = (
            values.take(corner) * weight for corner, weight in zip(self.corners, self.weights, strict=True)
        )
        first += second
        first += third
        return first


def _pixel_means(ray: np.ndarray, radiance: np.ndarray, size: int, side: int) -> np.ndarray:
    """Means over the side x side rays of each pixel, H x W x (C + 1): radiance, then coverage."""
    channels = radiance.shape[1]
    film = np.zeros(((size * side) ** 2, channels + 1), np.float32)
    film[ray, :channels] = radiance
    film[ray, channels] = 1
    rows = film.reshape(size, side, -1).sum(1)
    return rows.reshape(size, size, side, -1).sum(2) / np.float32(side * side)


def _slices(ends: np.ndarray) -> list[slice]:
    """Consecutive slices that end at `ends`."""
    return [slice(start, end) for start, end in zip([0, *ends[:-1]], ends, strict=True)]


def _dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Dot products along the first axis; always summed in the same order, whatever the processor."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def direction(view: View) -> np.ndarray:
    """Unit vector towards the light of a view; x points right, y forwards and z up."""
    azimuth, elevation = radians(view.light_azimuth), radians(view.light_elevation)
    return np.array([sin(azimuth) * cos(elevation), -cos(azimuth) * cos(elevation), sin(elevation)])


def paint(colour: np.ndarray, sky: np.ndarray | float) -> np.ndarray:
    """Texture of a shape: its colour, and its radiance under the sky alone; rows x columns x 2 C, float32.

    Parameters
    ----------
    colour : rows x columns x C, linear, at least two rows and columns
    sky : radiance of the sky times the share of it that reaches the surface; one number, or one per texel
    """
    return np.concatenate([colour, colour * np.float32(sky)], -1, dtype=np.float32)


def check_frame(size: int, samples: int) -> None:
    """Raise `InputError` if an image of this size and number of samples per pixel cannot be rendered."""
    if size < 8:
        raise InputError(f"size of a rendered image is {size}; expected at least 8 pixels")
    if samples < 1 or round(samples**0.5) ** 2 != samples:
        raise InputError(f"samples per pixel are {samples}; expected a square number")
