"""Rays: where lines from a point first meet a surface of triangles, and what of it a light reaches.

Embree (Wald et al. 2014) finds both, one ray at a time and in one thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from embreex.mesh_construction import TriangleMesh
from embreex.rtcore import EmbreeDevice
from embreex.rtcore_scene import EmbreeScene

OFFSET = np.float32(1500 * 2.0**-24)
"""How far above a surface its shadow rays begin, relative to 1 plus the coordinates, so that they miss it."""


@dataclass(frozen=True)
class Hits:
    """Where rays met a surface; those that met nothing are left out. N of them.

    Attributes
    ----------
    ray, triangle : N, which one met which
    u, v : N, float32, place in the triangle: weights of its second and its third corner
    point, normal : N x 3, float32; the normal is that of the triangle, of any length
    """

    ray: np.ndarray
    triangle: np.ndarray
    u: np.ndarray
    v: np.ndarray
    point: np.ndarray
    normal: np.ndarray

    def select(self, index: np.ndarray) -> Hits:
        """Those of some indices, in their order."""
        return Hits(*(getattr(self, name).take(index, 0) for name in self.__dataclass_fields__))


class Surface:
    """Triangles that rays are cast at.

    Parameters
    ----------
    points : V x 3, float32
    triangles : T x 3, indices of points
    """

    def __init__(self, points: np.ndarray, triangles: np.ndarray) -> None:
        self._scene = EmbreeScene(device(), robust=False)
        TriangleMesh(self._scene, points.astype(np.float32), triangles.astype(np.int32))

    def cast(self, origin: np.ndarray, directions: np.ndarray) -> Hits:
        """The first hits of rays from one origin (3) in unit directions (R x 3), both float32."""
        found = self._scene.run(np.broadcast_to(origin, directions.shape), directions, output=True)
        ray = np.flatnonzero(found["primID"] >= 0)
        point = directions.take(ray, 0)
        point *= found["tfar"].take(ray)[:, None]
        point += origin
        return Hits(
            ray,
            found["primID"].take(ray).astype(np.intp),
            found["u"].take(ray),
            found["v"].take(ray),
            point,
            found["Ng"].take(ray, 0),
        )

    def unoccluded(self, hits: Hits, towards: np.ndarray) -> np.ndarray:
        """Whether light from the direction `towards` (unit, 3, float32) reaches each hit (N, bool)."""
        x, y, z = hits.normal.T
        tx, ty, tz = towards
        above = np.sign(x * tx + y * ty + z * tz) / np.sqrt(x * x + y * y + z * z)
        away = np.abs(hits.point)
        above *= OFFSET * (1 + np.maximum(np.maximum(away[:, 0], away[:, 1]), away[:, 2]))
        start = hits.normal * above[:, None]
        start += hits.point
        return self._scene.run(start, towards[None], query="OCCLUDED") < 0


@cache
def device() -> EmbreeDevice:
    """Embree, begun once a process."""
    return EmbreeDevice()
