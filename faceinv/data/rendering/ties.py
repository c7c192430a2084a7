"""Ties: rays that meet two surfaces in the same point, as where a hair grows out of the skin.

Which of the two a ray tracer finds is up to its tree of boxes around all triangles, and so to triangles
anywhere else. Two scenes with most triangles in common shall look the same where these are seen: where a ray
finds one of them in either scene, but not the same one, the second scene is shown as the first was.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faceinv.data.rendering.ray_tracing import Hits, Surface

NO_TRIANGLE = -1


@dataclass(frozen=True)
class Mesh:
    """The triangles of a scene, shape by shape.

    Attributes
    ----------
    points : 3 x V
    corners : 3 x T, indices of points
    ends : index at which the triangles of each shape end
    """

    points: np.ndarray
    corners: np.ndarray
    ends: np.ndarray

    def places(self, triangle: np.ndarray) -> np.ndarray:
        """Places of the corners of n triangles, n x 3 x 3 (corner, axis)."""
        return np.moveaxis(self.points[:, self.corners.take(triangle, 1)], 2, 0).transpose(0, 2, 1)

    def in_order(self, triangle: np.ndarray, other: Mesh) -> np.ndarray:
        """Index in another mesh of triangles with the same number in the same shape; or `NO_TRIANGLE`."""
        shape = np.searchsorted(self.ends, triangle, side="right")
        like = np.minimum(shape, len(other.ends) - 1)
        index = triangle - np.concatenate([[0], self.ends])[shape] + np.concatenate([[0], other.ends])[like]
        return np.where((shape == like) & (index < other.ends[like]), index, NO_TRIANGLE)

    def counterparts(self, triangle: np.ndarray, other: Mesh) -> np.ndarray:
        """Index in another mesh of triangles of this one; `NO_TRIANGLE` where it has no such triangle."""
        index = self.in_order(triangle, other)
        there = index >= 0
        there[there] = (self.places(triangle[there]) == other.places(index[there])).all((1, 2))
        return np.where(there, index, NO_TRIANGLE)


@dataclass(frozen=True)
class Seen:
    """What the rays of an image met: the triangles of a scene, and which of them each ray hit (R)."""

    mesh: Mesh
    triangle: np.ndarray


def seen_by(hits: Hits, mesh: Mesh, rays: int) -> Seen:
    """What the rays of an image met, from their hits."""
    triangle = np.full(rays, NO_TRIANGLE, np.int32)
    triangle[hits.ray] = hits.triangle
    return Seen(mesh, triangle)


def settle_ties(hits: Hits, mesh: Mesh, before: Seen, origin: np.ndarray, directions: np.ndarray) -> Hits:
    """Hits in which ties are settled as they were before, in another scene.

    Parameters
    ----------
    hits : of rays from one origin (3) in unit directions (R x 3) on a mesh, in the order of the rays
    mesh, before : the triangles of the scene, and what the same rays met in the other one
    """
    met = seen_by(hits, mesh, len(directions)).triangle
    rays = np.flatnonzero((met >= 0) & (before.triangle >= 0))
    rays = rays[before.mesh.in_order(before.triangle[rays], mesh) != met[rays]]
    wanted = before.mesh.counterparts(before.triangle[rays], mesh)
    known = mesh.counterparts(met[rays], before.mesh) >= 0
    tied = np.flatnonzero(known & (wanted >= 0) & (wanted != met[rays]))
    if not len(tied):
        return hits
    out = Hits(*(getattr(hits, name).copy() for name in hits.__dataclass_fields__))
    for ray, triangle in zip(rays[tied], wanted[tied], strict=True):
        alone = Surface(mesh.places(np.array([triangle]))[0], np.arange(3)[None])
        one = alone.cast(origin, directions[ray][None])
        at = np.searchsorted(out.ray, ray)
        if len(one.ray):
            for name in ("u", "v", "distance", "point", "normal"):
                getattr(out, name)[at] = getattr(one, name)[0]
            out.triangle[at] = triangle
    return out
