"""Refined meshes are closed, and closer to the smooth surface."""

import numpy as np
import pytest
from scipy.spatial import ConvexHull

from faceinv.data.rendering.mesh import curved_middles, edges_of, normals, split_edges


@pytest.fixture(scope="module")
def globe():
    points = np.random.default_rng(0).normal(size=(300, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    triangles = ConvexHull(points).simplices
    a, b, c = (points[triangles[:, k]] for k in range(3))
    inwards = np.einsum("tk,tk->t", np.cross(b - a, c - a), a) < 0
    triangles[inwards] = triangles[inwards][:, ::-1]
    return points, triangles


def test_middles_of_a_ball_lie_on_it(globe):
    points, triangles = globe
    edges = edges_of(triangles)
    middle, normal = curved_middles(points, points, edges)
    flat = 1 - np.linalg.norm(points[edges].mean(1), axis=1)
    away = np.abs(1 - np.linalg.norm(middle, axis=1))
    assert flat.max() > 0.02 and away.max() < 0.1 * flat.max()
    np.testing.assert_allclose(normal, middle / np.linalg.norm(middle, axis=1, keepdims=True), atol=1e-6)


def test_middles_of_a_plane_lie_in_it():
    points, normal = np.array([[0.0, 0, 0], [1, 2, 0]]), np.array([[0.0, 0, 1], [0, 0, 1]])
    middle, across = curved_middles(points, normal, np.array([[0, 1]]))
    np.testing.assert_allclose(middle, [[0.5, 1, 0]])
    np.testing.assert_allclose(across, [[0, 0, 1]])


def volume(points, triangles):
    a, b, c = (points[triangles[:, k]] for k in range(3))
    return np.einsum("tk,tk->t", np.cross(a, b), c).sum() / 6


@pytest.mark.parametrize("share", [0.0, 0.2, 0.6, 1.0])
def test_a_split_mesh_stays_closed_and_turns_the_same_way(globe, share):
    points, triangles = globe
    edges = edges_of(triangles)
    chosen = edges[np.random.default_rng(0).random(len(edges)) < share]
    made = split_edges(triangles, chosen, len(points))
    whole = np.concatenate([points, points[chosen].mean(1)])
    directed = np.concatenate(
        [made.triangles[:, [0, 1]], made.triangles[:, [1, 2]], made.triangles[:, [2, 0]]]
    )
    # each edge runs once in either direction
    assert len(np.unique(directed, axis=0)) == len(directed)
    np.testing.assert_array_equal(np.unique(directed, axis=0), np.unique(directed[:, ::-1], axis=0))
    assert volume(whole, made.triangles) == pytest.approx(volume(points, triangles))
    assert len(made.triangles) == len(triangles) + 2 * len(chosen)
    assert not len(chosen) or set(np.unique(made.triangles)) == set(range(len(whole)))


def test_a_refined_ball_is_rounder(globe):
    points, triangles = globe
    edges = edges_of(triangles)
    made = split_edges(triangles, edges, len(points))
    middle, _ = curved_middles(points, points, edges)
    finer = volume(np.concatenate([points, middle]), made.triangles)
    true = 4 / 3 * np.pi
    assert true - finer < 0.35 * (true - volume(points, triangles))
    assert normals(points, triangles).shape == points.shape
