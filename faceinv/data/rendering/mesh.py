"""Meshes: vertices and triangles, their normals, and smooth refinement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


def normals(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Unit vertex normals: the mean of the normals of adjacent triangles, weighted by area; float32."""
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    cross = np.cross(b - a, c - a)
    total = np.empty(vertices.shape)
    for axis in range(3):
        component = np.tile(cross[:, axis], 3)
        total[:, axis] = np.bincount(triangles.T.ravel(), component, len(vertices))
    length = np.linalg.norm(total, axis=1, keepdims=True)
    return (total / np.maximum(length, 1e-12)).astype(np.float32)


def curved_middles(
    points: np.ndarray, normal: np.ndarray, edges: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Middles of edges, moved to the smooth surface through their ends, and the normals there.

    The surface is that of PN triangles (Vlachos et al. 2001), whose edges are cubic curves, perpendicular to
    the normals at their ends.

    Parameters
    ----------
    points, normal : V x 3, float32; normals have unit length
    edges : E x 2, indices of points
    """
    start, end = points.take(edges[:, 0], 0), points.take(edges[:, 1], 0)
    first, last = normal.take(edges[:, 0], 0), normal.take(edges[:, 1], 0)
    along, both = end - start, first + last
    rise = np.einsum("ek,ek->e", along, last)[:, None] * last
    rise -= np.einsum("ek,ek->e", along, first)[:, None] * first
    slope = np.einsum("ek,ek->e", along, both) / np.einsum("ek,ek->e", along, along)
    across = both - 2 * slope[:, None] * along
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    across += 0.5 * both
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    return 0.5 * (start + end) + 0.125 * rise, across


def edges_of(triangles: np.ndarray) -> np.ndarray:
    """The edges of triangles, each once, E x 2: lower index first, in ascending order."""
    pairs = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), 1)
    return np.unique(pairs, axis=0)


@dataclass(frozen=True)
class Refinement:
    """Triangles some of whose edges were split in the middle.

    Attributes
    ----------
    edges : E x 2
        The edges that were split; the vertex in the middle of edge i is number V + i.
    triangles : T x 3
    """

    edges: np.ndarray
    triangles: np.ndarray


def split_edges(triangles: np.ndarray, edges: np.ndarray, count: int) -> Refinement:
    """Split edges in the middle; triangles become two, three or four, so that no gap opens between them.

    Parameters
    ----------
    triangles : T x 3
    edges : E x 2, as `edges_of` gives them
    count : number of vertices
    """
    if not len(edges):
        return Refinement(edges, triangles)
    key = edges[:, 0] * count + edges[:, 1]

    def middles(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Vertex in the middle of each edge from `a` to `b`, or -1 if it is not split."""
        wanted = np.minimum(a, b) * count + np.maximum(a, b)
        at = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
        return np.where(key[at] == wanted, count + at, -1)

    a, b, c = triangles.T
    split = np.stack([middles(a, b), middles(b, c), middles(c, a)])
    number = (split >= 0).sum(0)
    # turned so that the only split edge comes first, or the only whole edge comes last
    turn = np.where(number == 1, split.argmax(0), np.where(number == 2, ((split < 0).argmax(0) + 1) % 3, 0))
    order = (np.arange(3)[:, None] + turn) % 3
    a, b, c = np.take_along_axis(triangles.T, order, 0)
    ab, bc, ca = np.take_along_axis(split, order, 0)
    parts = (
        (number == 0, (a, b, c)),
        (number == 1, (a, ab, c)),
        (number == 1, (ab, b, c)),
        (number == 2, (ab, b, bc)),
        (number == 2, (a, ab, bc)),
        (number == 2, (a, bc, c)),
        (number == 3, (a, ab, ca)),
        (number == 3, (ab, b, bc)),
        (number == 3, (ca, bc, c)),
        (number == 3, (ab, bc, ca)),
    )
    return Refinement(edges, np.concatenate([np.stack(corners, 1)[where] for where, corners in parts]))
