"""Ray tracing: the first hits of rays on a triangle mesh, and whether light reaches them.

Both are computed by Embree (Wald et al. 2014), one ray at a time and in one thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from embreex.mesh_construction import TriangleMesh
from embreex.rtcore import EmbreeDevice
from embreex.rtcore_scene import EmbreeScene

OFFSET = np.float32(1500 * 2.0**-24)
"""Height above a surface at which shadow rays start, relative to 1 plus the coordinates: avoids self-hits."""


@dataclass(frozen=True)
class Hits:
    """The N rays that hit a surface, and where; rays that hit nothing are left out.

    Attributes
    ----------
    ray, triangle : N, index of the ray and of the triangle that it hits
    u, v : N, float32, barycentric coordinates: weights of the second and third corner of the triangle
    distance : N, float32, from the origin of the ray
    point, normal : N x 3, float32; the normal is that of the triangle, not normalised
    """

    ray: np.ndarray
    triangle: np.ndarray
    u: np.ndarray
    v: np.ndarray
    distance: np.ndarray
    point: np.ndarray
    normal: np.ndarray

    def select(self, index: np.ndarray) -> Hits:
        """The hits at `index`, in that order."""
        return Hits(*(getattr(self, name).take(index, 0) for name in self.__dataclass_fields__))


class Surface:
    """A triangle mesh to cast rays at.

    Parameters
    ----------
    points : V x 3, float32
    triangles : T x 3, indices into `points`; or these as tuples, which are read in half the time
    """

    def __init__(self, points: np.ndarray, triangles: np.ndarray) -> None:
        self._scene = EmbreeScene(device(), robust=False)
        points = points.astype(np.float32)
        if triangles.dtype == object:
            TriangleMesh(self._scene, points.astype(object), triangles)
        else:
            TriangleMesh(self._scene, points, triangles.astype(np.int32))

    def cast(self, origin: np.ndarray, directions: np.ndarray) -> Hits:
        """The first hits of rays from one origin (3) in unit directions (R x 3), both float32."""
        result = self._scene.run(np.broadcast_to(origin, directions.shape), directions, output=True)
        ray = np.flatnonzero(result["primID"] >= 0)
        point, distance = directions.take(ray, 0), result["tfar"].take(ray)
        point *= distance[:, None]
        point += origin
        return Hits(
            ray,
            result["primID"].take(ray).astype(np.intp),
            result["u"].take(ray),
            result["v"].take(ray),
            distance,
            point,
            result["Ng"].take(ray, 0),
        )

    def unoccluded(self, hits: Hits, towards: np.ndarray, lift: np.ndarray | None = None) -> np.ndarray:
        """Whether light reaches each hit (N, bool).

        Parameters
        ----------
        hits : N
        towards : 3 x 1 or 3 x N, unit vectors to the light, float32
        lift : 3 x N, shift of the points where the rays start, float32
        """
        x, y, z = hits.normal.T
        tx, ty, tz = towards
        offset = np.sign(x * tx + y * ty + z * tz) / np.sqrt(x * x + y * y + z * z)
        largest = np.abs(hits.point)
        offset *= OFFSET * (1 + np.maximum(np.maximum(largest[:, 0], largest[:, 1]), largest[:, 2]))
        start = hits.normal * offset[:, None]
        start += hits.point
        if lift is not None:
            start += lift.T
        return self._scene.run(start, np.ascontiguousarray(towards.T), query="OCCLUDED") < 0


def as_tuples(triangles: np.ndarray) -> np.ndarray:
    """Triangles (T x 3) as T tuples: worth the time if several surfaces have the same."""
    return np.fromiter(zip(*triangles.T.tolist(), strict=True), object, len(triangles))


@cache
def device() -> EmbreeDevice:
    """The Embree device, created once per process."""
    return EmbreeDevice()
