"""Scenes: painted shapes under a sky and one light, seen by a camera.

All noise is designed away, so that few samples are enough and a picture does not depend on a seed: the light
comes from one direction, and its shadows are exact; the sky's light is worked out beforehand, and glows from
the surfaces; and the samples of a pixel stand on a regular grid.
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
"""In degrees: a portrait from about a metre."""
NOTHING = -1
"""Number of the shape where there is none."""


@dataclass(frozen=True)
class Shape:
    """One shape of a scene, V points and T triangles.

    Attributes
    ----------
    points : V x 3
    triangles : T x 3, indices of points
    gloss : how its surface shines; None if it is dull
    uv : V x 2, place of each point in what is painted on it, from its left and from its top; None if that is
        the same everywhere
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
    eye : where it stands
    axes : 3 x 3; its rows point right, ahead and up
    x, y : shift of the picture to the right and down, in widths of the frame
    """

    eye: np.ndarray
    axes: np.ndarray
    x: float = 0.0
    y: float = 0.0

    def directions(self, count: int) -> np.ndarray:
        """Unit directions of rays through the middles of count x count cells of the frame; float32."""
        middle = (np.arange(count) + 0.5) / count
        reach = tan(radians(FIELD_OF_VIEW / 2))
        right = reach * (2 * (middle - self.x) - 1)
        up = -reach * (2 * (middle - self.y) - 1)[:, None]
        length = np.sqrt(right * right + 1 + up * up).astype(np.float32)
        out = np.empty((count, count, 3), np.float32)
        for axis, (along, ahead, upwards) in enumerate(self.axes.T):
            across = (along * right).astype(np.float32)
            np.divide(across + (ahead + upwards * up).astype(np.float32), length, out=out[..., axis])
        return out.reshape(-1, 3)


@dataclass(frozen=True)
class Light:
    """Light from one direction: the unit vector towards it (3), and its irradiance."""

    towards: np.ndarray
    irradiance: float


class Scene:
    """Shapes in their places; what is painted on them and their normals may change from picture to picture.

    Parameters
    ----------
    shapes : in the order in which they are numbered
    """

    def __init__(self, shapes: Sequence[Shape]) -> None:
        starts = np.cumsum([0, *(len(shape.points) for shape in shapes)])
        triangles = np.concatenate(
            [shape.triangles + start for shape, start in zip(shapes, starts, strict=False)]
        )
        self._glosses = [shape.gloss for shape in shapes]
        self._corners = np.ascontiguousarray(triangles.T, np.intp)
        uv = [np.zeros((len(s.points), 2)) if s.uv is None else s.uv for s in shapes]
        self._uv = np.ascontiguousarray(np.concatenate(uv).T, np.float32)
        self._number = np.repeat(np.arange(len(shapes), dtype=np.uint8), [len(s.triangles) for s in shapes])
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
        camera, light : what it is seen by
        normals : of each shape, unit, V x 3
        paints : what is on each shape, with C channels (see `paint`)
        size : width and height in pixels
        samples : samples a pixel, a square number
        """
        side, channels = round(samples**0.5), paints[0].shape[-1] // 2
        directions = camera.directions(size * side)
        hits, ends = self._cast(camera, directions)
        place = _Place(hits, self._corners)

        x, y, z = np.ascontiguousarray(np.concatenate(normals).T, np.float32)
        normal = np.stack([place.between(x), place.between(y), place.between(z)])
        normal /= np.sqrt(_dot(normal, normal))
        to_eye = np.ascontiguousarray(directions.take(hits.ray, 0).T)
        np.negative(to_eye, out=to_eye)
        towards = light.towards.astype(np.float32)
        seen, lit = _dot(normal, to_eye), _dot(normal, towards)

        u, v = (place.between(each) for each in self._uv)
        painted = np.concatenate(
            [look_up(paint, u[part], v[part]) for paint, part in zip(paints, _slices(ends), strict=True)]
        )
        out = painted[:, channels:] * (seen > 0)[:, None]

        bright = np.flatnonzero((seen > 0) & (lit > 0))
        bright = bright[self._surface.unoccluded(hits.select(bright), towards)]
        halfway = to_eye.take(bright, 1) + towards[:, None]
        halfway /= np.sqrt(_dot(halfway, halfway))
        upright, apart = _dot(normal.take(bright, 1), halfway), _dot(halfway, towards)
        cosines = np.stack([seen.take(bright), lit.take(bright), upright, apart])
        reflected = painted[:, :channels].take(bright, 0)
        for gloss, part in zip(self._glosses, _slices(np.searchsorted(bright, ends)), strict=True):
            diffuse, white = reflect(gloss, *cosines[:, part])
            reflected[part] *= diffuse[:, None]
            reflected[part] += white[:, None]
        reflected *= np.float32(light.irradiance)
        out[bright] += reflected
        pixels = _expose(hits.ray, out, size, side)
        return pixels[..., :channels], pixels[..., channels]

    def pixel_centre_hits(self, camera: Camera, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """At the middle of each pixel, H x W each: number of the shape, or `NOTHING`, and its u and v."""
        hits, ends = self._cast(camera, camera.directions(size))
        place = _Place(hits, self._corners)
        number, u, v = np.full(size * size, NOTHING), np.zeros(size * size), np.zeros(size * size)
        for index, part in enumerate(_slices(ends)):
            number[hits.ray[part]] = index
        u[hits.ray], v[hits.ray] = (place.between(each) for each in self._uv)
        return number.reshape(size, size), u.reshape(size, size), v.reshape(size, size)

    def _cast(self, camera: Camera, directions: np.ndarray) -> tuple[Hits, np.ndarray]:
        """First hits, shape by shape, and where those of each shape end."""
        hits = self._surface.cast(camera.eye.astype(np.float32), directions)
        number = self._number.take(hits.triangle)
        ends = np.cumsum(np.bincount(number, minlength=len(self._glosses)))
        return hits.select(np.argsort(number, kind="stable")), ends


class _Place:
    """Where hits are between the corners of their triangles."""

    def __init__(self, hits: Hits, corners: np.ndarray) -> None:
        self.corners = [each.take(hits.triangle) for each in corners]
        self.weights = (1 - hits.u - hits.v, hits.u, hits.v)

    def between(self, values: np.ndarray) -> np.ndarray:
        """What points have (V), interpolated linearly to the hits (N)."""
        first, second, third = (
            values.take(corner) * weight for corner, weight in zip(self.corners, self.weights, strict=True)
        )
        first += second
        first += third
        return first


def _expose(ray: np.ndarray, radiance: np.ndarray, size: int, side: int) -> np.ndarray:
    """Means over the side x side rays of each pixel, H x W x (C + 1): radiance, and what met something."""
    channels = radiance.shape[1]
    film = np.zeros(((size * side) ** 2, channels + 1), np.float32)
    film[ray, :channels] = radiance
    film[ray, channels] = 1
    rows = film.reshape(size, side, -1).sum(1)
    return rows.reshape(size, size, side, -1).sum(2) / np.float32(side * side)


def _slices(ends: np.ndarray) -> list[slice]:
    """Slices that end at `ends`, each of which begins where the one before ends."""
    return [slice(start, end) for start, end in zip([0, *ends[:-1]], ends, strict=True)]


def _dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Scalar products of vectors whose components come first; a sum of one order, whatever the processor."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def direction(view: View) -> np.ndarray:
    """Unit vector towards a view's light, in a world with x to the right, y ahead and z up."""
    azimuth, elevation = radians(view.light_azimuth), radians(view.light_elevation)
    return np.array([sin(azimuth) * cos(elevation), -cos(azimuth) * cos(elevation), sin(elevation)])


def paint(colour: np.ndarray, sky: np.ndarray | float) -> np.ndarray:
    """What is painted on a shape, with its glow under the sky: rows x columns x 2 C, float32.

    Parameters
    ----------
    colour : rows x columns x C, linear, at least two rows and columns
    sky : radiance of the sky, of which as much as reaches a place glows from it; a number, or of each texel
    """
    return np.concatenate([colour, colour * np.float32(sky)], -1, dtype=np.float32)


def check_frame(size: int, samples: int) -> None:
    """Raise `InputError` if there is no picture of that many pixels and samples a pixel."""
    if size < 8:
        raise InputError(f"size of a rendered image is {size}; expected at least 8 pixels")
    if samples < 1 or round(samples**0.5) ** 2 != samples:
        raise InputError(f"samples a pixel are {samples}; expected a square number")
