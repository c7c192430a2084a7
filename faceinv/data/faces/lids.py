"""The front edges of the lids, where lashes grow."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from faceinv.data.faces.morphable_head import Phenotype, load_head

UPPER_RING, LOWER_RING = 3, 2
"""Edges of the mesh from where the socket begins, behind the lid, to the front edge of either lid."""


@dataclass(frozen=True)
class LidEdge:
    """The front edge of one lid.

    Attributes
    ----------
    vertices : N, from the inner to the outer corner of the eye
    along : N, their share of that way
    """

    vertices: np.ndarray
    along: np.ndarray


@cache
def lid_edges() -> tuple[tuple[LidEdge, LidEdge], tuple[LidEdge, LidEdge]]:
    """Edges of the upper and the lower lid of the left eye in the image, and of the right one."""
    head = load_head()
    points = head.stand(head.shape(Phenotype(), np.zeros(len(head.local_names))))
    skin = head.skin[~head.socket]
    ring = np.full(len(points), -1)
    ring[np.intersect1d(head.skin[head.socket], skin)] = 0
    for distance in range(max(UPPER_RING, LOWER_RING)):
        reached = np.unique(skin[(ring[skin] == distance).any(1)])
        ring[reached[ring[reached] < 0]] = distance + 1
    left, right = (
        (
            _edge(points, ring == UPPER_RING, side, upper=True),
            _edge(points, ring == LOWER_RING, side, upper=False),
        )
        for side in (-1, 1)
    )
    return left, right


def _edge(points: np.ndarray, ring: np.ndarray, side: int, upper: bool) -> LidEdge:
    """The upper or lower half of a ring of vertices around the left (-1) or right (1) eye."""
    vertices = np.flatnonzero(ring & (np.sign(points[:, 0]) == side))
    x, z = np.abs(points[vertices, 0]), points[vertices, 2]
    inner, outer = x.argmin(), x.argmax()
    along = (x - x[inner]) / (x[outer] - x[inner])
    above = z - (z[inner] + (z[outer] - z[inner]) * along)
    half = above >= 0 if upper else above <= 0
    half[[inner, outer]] = True
    order = np.flatnonzero(half)[np.argsort(along[half])]
    return LidEdge(vertices[order], along[order])
