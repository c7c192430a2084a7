"""Scenes: textured shapes under a sky and one lamp, rendered by a camera.

Rendering is free of noise, so that few samples are enough and an image does not depend on a seed: the light
of the lamp comes from one direction, or for each sample of a pixel from another point of a disc, and casts
exact shadows; the light of the sky is precomputed and emitted by the surfaces; and the samples of a pixel lie
on a regular grid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import radians, tan

import numpy as np

from faceinv.data.rendering.brdf import Coat, Gloss, look_up, reflect
from faceinv.data.rendering.camera import FIELD_OF_VIEW, Camera
from faceinv.data.rendering.light import Light
from faceinv.data.rendering.ray_tracing import Hits, Surface, as_tuples
from faceinv.data.rendering.ties import Mesh, Seen, settle_ties
from faceinv.errors import InputError

GRAZING = np.float32(0.06)
"""Least cosine between the direction to the camera and a normal of what it sees of a smooth surface."""
SLANTING = 0.3
"""Cosine between the direction to the lamp and a normal below which triangles may shadow their neighbours."""
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
    sky : V, share of the light of the sky at each point that its surroundings leave over, times that of the
        texture; None if all
    coat : of its surface; None if it is not wet
    """

    points: np.ndarray
    triangles: np.ndarray
    gloss: Gloss | None = None
    uv: np.ndarray | None = None
    sky: np.ndarray | None = None
    coat: Coat | None = None


class _Barycentric:
    """Barycentric interpolation from the corners of triangles to hits."""

    def __init__(self, hits: Hits, corners: np.ndarray) -> None:
        self.corners = [each.take(hits.triangle) for each in corners]
        self.weights = (1 - hits.u - hits.v, hits.u, hits.v)

    def interpolate(self, values: np.ndarray, part: slice = slice(None)) -> np.ndarray:
        """Values at the points (V), interpolated linearly to the hits (N), or to a part of them."""
        first, second, third = (
            values.take(corner[part]) * weight[part]
            for corner, weight in zip(self.corners, self.weights, strict=True)
        )
        first += second
        first += third
        return first


@dataclass(frozen=True)
class Sight:
    """What the samples of an image hit.

    Attributes
    ----------
    size, side : width of the image in pixels, and samples along a side of each
    directions : R x 3, unit directions of all rays
    hits : N, sorted by shape
    ends : index at which the hits of each shape end
    barycentric : interpolation to the hits
    u, v : N, texture coordinates
    """

    size: int
    side: int
    directions: np.ndarray
    hits: Hits
    ends: np.ndarray
    barycentric: _Barycentric
    u: np.ndarray
    v: np.ndarray

    def sample(self) -> np.ndarray:
        """Which sample of its pixel each hit is, N."""
        return _samples(self.size, self.side).take(self.hits.ray)

    def spacing(self, index: np.ndarray | slice) -> np.ndarray:
        """Distance between neighbouring samples at the hits at `index`, across the view, float32."""
        angle = 2 * tan(radians(FIELD_OF_VIEW / 2)) / (self.size * self.side)
        return self.hits.distance[index] * np.float32(angle)

    def pixel_centres(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Index of the shape (or `NOTHING`), u and v at the centre of each pixel, H x W each.

        Seen by the middle sample of each pixel: there is one if the number along a side is odd.
        """
        middle = self.side // 2
        index = np.flatnonzero(self.sample() == middle * self.side + middle)
        row, column = np.divmod(self.hits.ray.take(index), self.size * self.side)
        pixel = row // self.side * self.size + column // self.side
        number, u, v = (np.full(self.size**2, value) for value in (NOTHING, 0.0, 0.0))
        number[pixel] = np.searchsorted(self.ends, index, side="right")
        u[pixel], v[pixel] = self.u.take(index), self.v.take(index)
        shape = self.size, self.size
        return number.reshape(shape), u.reshape(shape), v.reshape(shape)


class Scene:
    """Shapes in fixed positions; their textures and normals are given for each image.

    Parameters
    ----------
    shapes : in the order of their indices
    smooth : whether the triangles stand for smooth surfaces, and nothing shall show them: shadow rays then
        start at the surface that the vertex normals describe (Hanika 2021), and where an interpolated normal
        faces away from the camera, although its triangle does not, it is bent towards it
    before : a scene some of whose shapes have the same triangles, the same objects: they are not read again
    """

    def __init__(self, shapes: Sequence[Shape], smooth: bool = False, before: Scene | None = None) -> None:
        starts = np.cumsum([0, *(len(shape.points) for shape in shapes)])
        triangles = np.concatenate(
            [shape.triangles + start for shape, start in zip(shapes, starts, strict=False)]
        )
        points = np.concatenate([shape.points for shape in shapes])
        self._shapes, self._smooth = list(shapes), smooth
        self._corners = np.ascontiguousarray(triangles.T, np.intp)
        self._points = np.ascontiguousarray(points.T, np.float32)
        uv = [np.zeros((len(s.points), 2)) if s.uv is None else s.uv for s in shapes]
        self._uv = np.ascontiguousarray(np.concatenate(uv).T, np.float32)
        sky = [np.ones(len(s.points)) if s.sky is None else s.sky for s in shapes]
        self._sky = np.concatenate(sky).astype(np.float32)
        self._shape_index = np.repeat(
            np.arange(len(shapes), dtype=np.uint8), [len(s.triangles) for s in shapes]
        )
        self.mesh = Mesh(self._points, self._corners, np.cumsum([len(s.triangles) for s in shapes]))
        self._tuples: list[np.ndarray] = []
        if before is not None:
            self._tuples = before.tuples_for(shapes)
            triangles = np.concatenate(self._tuples)
        self._surface = Surface(points, triangles)

    def tuples_for(self, shapes: Sequence[Shape]) -> list[np.ndarray]:
        """Triangles of each of other shapes as tuples, as far as possible those that are known already."""
        out, start, same = [], 0, True
        for i, shape in enumerate(shapes):
            own = self._shapes[i] if i < len(self._shapes) else None
            # indices are the same as long as all shapes before have as many points
            known = same and own is not None and own.triangles is shape.triangles and i < len(self._tuples)
            out.append(self._tuples[i] if known else as_tuples(shape.triangles + start))
            same = same and own is not None and len(own.points) == len(shape.points)
            start += len(shape.points)
        return out

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
        return self.shade(self.look(camera, size, samples), light, normals, paints)

    def look(self, camera: Camera, size: int, samples: int, before: Seen | None = None) -> Sight:
        """What the samples of an image hit (see `picture`); `before` is what they met in a like scene."""
        side = round(samples**0.5)
        directions, origin = camera.directions(size * side), camera.eye.astype(np.float32)
        hits = self._surface.cast(origin, directions)
        if before is not None and before.mesh is not self.mesh:
            hits = settle_ties(hits, self.mesh, before, origin, directions)
        number = self._shape_index.take(hits.triangle)
        ends = np.cumsum(np.bincount(number, minlength=len(self._shapes)))
        hits = hits.select(np.argsort(number, kind="stable"))
        barycentric = _Barycentric(hits, self._corners)
        u, v = (barycentric.interpolate(each) for each in self._uv)
        return Sight(size, side, directions, hits, ends, barycentric, u, v)

    def shade(
        self, sight: Sight, light: Light, normals: Sequence[np.ndarray], paints: Sequence[np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Radiance and coverage of the image of what is seen; see `picture`."""
        hits, ends, channels = sight.hits, sight.ends, paints[0].shape[-1] // 2
        to_eye = np.ascontiguousarray(sight.directions.take(hits.ray, 0).T)
        np.negative(to_eye, out=to_eye)
        corner_normals = np.ascontiguousarray(np.concatenate(normals).T, np.float32)
        normal = np.stack([sight.barycentric.interpolate(each) for each in corner_normals])
        normal /= np.sqrt(_dot(normal, normal))
        if self._smooth:
            _bend(normal, to_eye, hits.normal)
        towards = light.directions(sight.side**2).T
        if light.radius:
            towards = towards.take(sight.sample(), 1)
        n_dot_v, n_dot_l = _dot(normal, to_eye), _dot(normal, towards)

        texels = np.concatenate(
            [
                look_up(paint, sight.u[part], sight.v[part])
                if shape.uv is not None
                # a uniform colour
                else np.broadcast_to(paint[0, 0], (part.stop - part.start, 2 * channels))
                for shape, paint, part in zip(self._shapes, paints, _slices(ends), strict=True)
            ]
        )
        out = texels[:, channels:] * (n_dot_v > 0)[:, None]
        self._shade_sky(out, sight, normal, to_eye, light)

        lit = np.flatnonzero((n_dot_v > 0) & (n_dot_l > 0))
        lift = self._lift(sight, corner_normals, lit, n_dot_l.take(lit)) if self._smooth else None
        reached = self._surface.unoccluded(
            hits.select(lit), towards.take(lit, 1) if light.radius else towards, lift
        )
        lit = lit[reached]
        if light.radius:
            towards = towards.take(lit, 1)
        halfway = to_eye.take(lit, 1) + towards
        halfway /= np.sqrt(_dot(halfway, halfway))
        n_dot_h, l_dot_h = _dot(normal.take(lit, 1), halfway), _dot(halfway, towards)
        cosines = np.stack([n_dot_v.take(lit), n_dot_l.take(lit), n_dot_h, l_dot_h])
        reflected = texels[:, :channels].take(lit, 0)
        parts = _slices(np.searchsorted(lit, ends))
        for shape, part in zip(self._shapes, parts, strict=True):
            diffuse, specular = reflect(shape.gloss, *cosines[:, part])
            reflected[part] *= diffuse[:, None]
            reflected[part] += specular[:, None]
            if shape.coat is not None:
                at = lit[part]
                turn = sight.spacing(at) / np.float32(shape.coat.curvature)
                seen = light.mirrored_lamp(_mirrored(normal[:, at], to_eye[:, at]), turn)
                seen *= shape.coat.reflectance(n_dot_v.take(at))
                reflected[part] += seen[:, None]
        reflected *= np.float32(light.irradiance)
        out[lit] += reflected
        pixels = _pixel_means(hits.ray, out, sight.size, sight.side)
        return pixels[..., :channels], pixels[..., channels]

    def pixel_centre_hits(self, camera: Camera, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Index of the shape (or `NOTHING`), u and v at the centre of each pixel, H x W each."""
        return self.look(camera, size, 1).pixel_centres()

    def _shade_sky(
        self, out: np.ndarray, sight: Sight, normal: np.ndarray, to_eye: np.ndarray, light: Light
    ) -> None:
        """Turn the light of a uniform sky, which textures hold, into that of this sky (N x C, in place)."""
        if light.fill is None:
            return
        fill = light.fill.astype(np.float32)
        out *= (1 + _dot(normal, fill))[:, None]
        for shape, part in zip(self._shapes, _slices(sight.ends), strict=True):
            if shape.coat is not None:
                mirrored = _mirrored(normal[:, part], to_eye[:, part])
                turn = sight.spacing(part) / np.float32(shape.coat.curvature)
                seen = light.mirrored_sky(mirrored, turn)
                seen *= shape.coat.reflectance(_dot(normal[:, part], to_eye[:, part]))
                out[part] += seen[:, None]
            if shape.sky is not None:
                out[part] *= sight.barycentric.interpolate(self._sky, part)[:, None]

    def _lift(
        self, sight: Sight, corner_normals: np.ndarray, lit: np.ndarray, n_dot_l: np.ndarray
    ) -> np.ndarray:
        """From the hits at `lit` to the smooth surface above them, 3 x n; nothing where light falls steeply.

        The point is projected to the tangent planes of the three corners, if it lies below them, and the
        projections are interpolated (Hanika 2021).
        """
        out = np.zeros((3, len(lit)), np.float32)
        at = np.flatnonzero(n_dot_l < SLANTING)
        index = lit.take(at)
        point = np.ascontiguousarray(sight.hits.point.take(index, 0).T)
        lift = np.zeros_like(point)
        for corners, weights in zip(sight.barycentric.corners, sight.barycentric.weights, strict=True):
            corner = corners.take(index)
            normal = corner_normals.take(corner, 1)
            below = np.minimum(_dot(point - self._points.take(corner, 1), normal), 0)
            lift -= weights.take(index) * below * normal
        out[:, at] = lift
        return out


def _pixel_means(ray: np.ndarray, radiance: np.ndarray, size: int, side: int) -> np.ndarray:
    """Means over the side x side rays of each pixel, H x W x (C + 1): radiance, then coverage."""
    channels = radiance.shape[1]
    film = np.zeros(((size * side) ** 2, channels + 1), np.float32)
    film[ray, :channels] = radiance
    film[ray, channels] = 1
    rows = film.reshape(size, side, -1).sum(1)
    return rows.reshape(size, size, side, -1).sum(2) / np.float32(side * side)


def _bend(normal: np.ndarray, to_eye: np.ndarray, triangle_normal: np.ndarray) -> None:
    """Bend normals (3 x N, in place) towards the camera where they face away but their triangle does not."""
    away = np.flatnonzero(_dot(normal, to_eye) < GRAZING)
    at, to = normal.take(away, 1), to_eye.take(away, 1)
    of_triangle = triangle_normal.take(away, 0).T
    seen = np.flatnonzero(_dot(of_triangle, to) * _dot(of_triangle, at) > 0)
    at, to = at.take(seen, 1), to.take(seen, 1)
    at += (GRAZING - _dot(at, to)) * to
    at /= np.sqrt(_dot(at, at))
    normal[:, away[seen]] = at


def _mirrored(normal: np.ndarray, to_eye: np.ndarray) -> np.ndarray:
    """Directions that a mirror with these normals shows to the camera, 3 x N."""
    return 2 * _dot(normal, to_eye) * normal - to_eye


@lru_cache(maxsize=4)
def _samples(size: int, side: int) -> np.ndarray:
    """Which sample of its pixel each ray is."""
    along = np.arange(size * side) % side
    return (along[:, None] * side + along).ravel()


def _slices(ends: np.ndarray) -> list[slice]:
    """Consecutive slices that end at `ends`."""
    return [slice(start, end) for start, end in zip([0, *ends[:-1]], ends, strict=True)]


def _dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Dot products along the first axis; always summed in the same order, whatever the processor."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


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
