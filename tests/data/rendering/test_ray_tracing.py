"""Rays find the first surface on their way, and what a light reaches."""

import numpy as np

from faceinv.data.objects.meshes import ball
from faceinv.data.rendering.ray_tracing import Surface


def test_rays_that_meet_nothing_are_left_out_and_shadows_fall():
    solid = ball(radius=0.5, detail=20)
    roof = np.array([[-1, -1, 2], [1, -1, 2], [0, 1, 2]])
    points = np.concatenate([solid.points, roof])
    surface = Surface(
        points, np.concatenate([solid.triangles, [[len(points) - 3, len(points) - 2, len(points) - 1]]])
    )
    aims = np.array([[0, 0, 0], [0.3, 0, 0.2], [3, 0, 0]], np.float32)
    origin = np.array([0, -5, 0], np.float32)
    directions = aims - origin
    hits = surface.cast(origin, directions / np.linalg.norm(directions, axis=1, keepdims=True))
    assert hits.ray.tolist() == [0, 1]
    np.testing.assert_allclose(np.linalg.norm(hits.point, axis=1), 0.5, atol=0.02)
    assert surface.unoccluded(hits, np.array([[0], [-1], [0]], np.float32)).all()
    assert not surface.unoccluded(hits, np.array([[0], [0], [1]], np.float32)).any()
    assert not surface.unoccluded(hits, np.array([[0], [1], [0]], np.float32)).any()  # behind itself
