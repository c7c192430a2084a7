"""Hairs as thin ribbons of triangles, which scenes hold beside the skin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np


class Hairs(Protocol):
    """Hairs of one kind of a person: they follow the head, and are shapes of the scene.

    Attributes
    ----------
    triangles : T x 3, indices into the points
    uv : V x 2, texture coordinates of the points
    colour : rows x columns x 3, linear reflectance, float32
    sky : share of the light of the sky that reaches them; one number, or rows x columns
    """

    @property
    def triangles(self) -> np.ndarray: ...
    @property
    def uv(self) -> np.ndarray: ...
    @property
    def colour(self) -> np.ndarray: ...
    @property
    def sky(self) -> np.ndarray | float: ...

    def place(self, vertices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Points and unit normals (V x 3 each, float32) on a standing head with these vertices."""
        ...


@dataclass(frozen=True)
class Ribbons:
    """N ribbons along curves of K points, each of which ends in a tip.

    Attributes
    ----------
    points : N (2 K - 1) x 3
        Of each ribbon the left and the right edge by turns, from its root on, and its tip.
    triangles : N (2 K - 3) x 3
    """

    points: np.ndarray
    triangles: np.ndarray


def ribbons(curves: np.ndarray, across: np.ndarray) -> Ribbons:
    """Ribbons along curves.

    Parameters
    ----------
    curves : N x K x 3
        Points of the curves, from root to tip.
    across : N x (K - 1) x 3
        From the curve to the right edge, at all points but the tip.
    """
    count, steps, _ = curves.shape
    body = np.stack([curves[:, :-1] - across, curves[:, :-1] + across], 2).reshape(count, -1, 3)
    points = np.concatenate([body, curves[:, -1:]], 1).reshape(-1, 3)
    return Ribbons(points.astype(np.float32), ribbon_triangles(count, steps))


def ribbon_triangles(count: int, steps: int) -> np.ndarray:
    """Triangles of `count` ribbons along curves of `steps` points."""
    i = np.arange(2 * steps - 3)
    # every other triangle is turned round, so that all face the same way
    strip = np.stack([i, i + 1 + i % 2, i + 2 - i % 2], 1)
    return (strip + (2 * steps - 1) * np.arange(count)[:, None, None]).reshape(-1, 3)


def along_ribbons(values: np.ndarray) -> np.ndarray:
    """Values at the points of curves (N x K x C) as values at the points of their ribbons."""
    edges = np.repeat(values[:, :-1], 2, axis=1)
    return np.concatenate([edges, values[:, -1:]], 1).reshape(-1, values.shape[-1])


def unit(vectors: np.ndarray) -> np.ndarray:
    """Vectors (along the last axis) of length one."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)


def facing(normals: np.ndarray, points: np.ndarray, eye: np.ndarray) -> np.ndarray:
    """Normals (V x 3) of hairs at `points`, turned to the side from which the camera at `eye` sees them."""
    towards = np.einsum("vk,vk->v", normals, eye.astype(np.float32) - points)
    return np.where(towards[:, None] < 0, -normals, normals)
