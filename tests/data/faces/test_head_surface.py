"""The skin is as smooth as asked for, without gaps along the seams of its texture."""

import numpy as np
import pytest

from faceinv.data.faces.head_surface import HeadSurface
from faceinv.data.faces.morphable_head import load_head
from faceinv.data.rendering.mesh import curved_middles, edges_of, normals

TOLERANCE = 3e-4


@pytest.fixture(scope="module")
def surface():
    return HeadSurface(load_head(), TOLERANCE)


def test_edges_are_as_near_to_the_smooth_surface_as_asked_for(surface):
    head = load_head()
    points, normal = surface.smooth(surface.neutral)
    edges = edges_of(surface.triangles)
    middle, _ = curved_middles(points, normal, edges)
    away = np.linalg.norm(middle - points[edges].mean(1), axis=1)
    coarse = edges_of(head.skin)
    middle, _ = curved_middles(surface.neutral, normals(surface.neutral, head.skin), coarse)
    before = np.linalg.norm(middle - surface.neutral[coarse].mean(1), axis=1)
    assert np.mean(before > TOLERANCE) > 0.02
    assert np.mean(away > TOLERANCE) < 0.002


def test_vertices_of_the_head_stay_where_they_are(surface):
    head = load_head()
    points, normal = surface.smooth(surface.neutral)
    own = len(head.corner_vertex)
    np.testing.assert_array_equal(points[:own], surface.neutral[head.corner_vertex])
    np.testing.assert_allclose(np.linalg.norm(normal, axis=1), 1, atol=1e-5)
    assert surface.uv.shape == (len(points), 2) and surface.uv.min() > 0 and surface.uv.max() < 1


def open_edges(triangles):
    """Number of edges that belong to one triangle only."""
    directed = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    _, count = np.unique(np.sort(directed, 1), axis=0, return_counts=True)
    return int((count == 1).sum())


def test_nothing_opens_between_triangles(surface):
    head = load_head()
    before, after = open_edges(head.skin), open_edges(surface.corner_vertex[surface.triangles])
    # only edges of the rim of the skin, at the neck and where the mouth begins, are open; some were split
    assert before <= after <= 2 * before
