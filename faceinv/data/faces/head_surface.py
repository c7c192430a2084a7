"""The surface of the skin: triangles of the head, split where its outline would show their edges."""

from __future__ import annotations

from functools import cache

import numpy as np

from faceinv.data.faces.morphable_head import Head, Phenotype, load_head
from faceinv.data.faces.uv_atlas import load_atlas
from faceinv.data.rendering.mesh import curved_middles, edges_of, normals, split_edges

SPLITS = 2
"""How often an edge may be split."""


LOWEST = -0.21
"""Height below which no view of a head shows the neck and the shoulders, in metres: left out."""


class HeadSurface:
    """The skin as a smooth surface.

    Parameters
    ----------
    head : Head
    tolerance : float
        Edges are split whose middle is farther from the smooth surface than this in the neutral head; metres.

    Attributes
    ----------
    corner_vertex : C
        Vertex of each corner; those beyond the head's own lie in the middle of edges.
    triangles : T x 3
        Triangles of corners.
    uv : C x 2
        Texture coordinates of the corners.
    neutral : V x 3
        The vertices of the neutral head.
    """

    def __init__(self, head: Head, tolerance: float) -> None:
        self.neutral = head.stand(head.shape(Phenotype(), np.zeros(len(head.local_names))))
        self._skin = head.skin
        self._edges: list[np.ndarray] = []
        # the lining of the sockets is hidden behind the eyeballs, and would pierce the lids of a few people
        seen = (self.neutral[head.skin, 2] > LOWEST).any(1) & ~head.socket
        self.corner_vertex, self.triangles = head.corner_vertex, head.skin_corners[seen]
        self.uv = load_atlas().uv
        points, normal = self.neutral, normals(self.neutral, head.skin)
        for _ in range(SPLITS):
            edges = edges_of(self.corner_vertex[self.triangles])
            middle, across = curved_middles(points, normal, edges)
            away = np.linalg.norm(middle - points[edges].mean(1), axis=1)
            split = away > tolerance
            edges, middle, across = edges[split], middle[split], across[split]
            self._split(edges, len(points))
            points, normal = np.concatenate([points, middle]), np.concatenate([normal, across])

    def _split(self, edges: np.ndarray, count: int) -> None:
        """Split edges between vertices, of which there are `count`, in both triangles that share them."""
        self._edges.append(edges)
        between = edges_of(self.triangles)
        ends = np.sort(self.corner_vertex[between], 1)
        key, wanted = edges[:, 0] * count + edges[:, 1], ends[:, 0] * count + ends[:, 1]
        between, wanted = between[np.isin(wanted, key)], wanted[np.isin(wanted, key)]
        self.triangles = split_edges(self.triangles, between, len(self.corner_vertex)).triangles
        self.corner_vertex = np.concatenate([self.corner_vertex, count + np.searchsorted(key, wanted)])
        self.uv = np.concatenate([self.uv, self.uv[between].mean(1)])

    def smooth(self, vertices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Points of the corners, and their unit normals, from the vertices of a head; float32, C x 3."""
        points, normal = vertices, normals(vertices, self._skin)
        for edges in self._edges:
            middle, across = curved_middles(points, normal, edges)
            points, normal = np.concatenate([points, middle]), np.concatenate([normal, across])
        return points.take(self.corner_vertex, 0), normal.take(self.corner_vertex, 0)


@cache
def load_surface(tolerance: float) -> HeadSurface:
    """The surface of the head in `head.npz`, made once."""
    return HeadSurface(load_head(), tolerance)
