"""Meshes: vertices and triangles."""

from __future__ import annotations

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
