"""Each pixel of a rendered face shows a known place of the head."""

import numpy as np
import pytest

from faceinv.data.faces.face_images import choose_faces, render_identities
from faceinv.data.faces.face_renderer import EYE_HEIGHT, camera_at
from faceinv.data.faces.face_set import FaceSet
from faceinv.data.faces.surface_points import head_mesh, placed_vertices, points_of_view, surface_points
from faceinv.data.rendering.camera import FIELD_OF_VIEW
from faceinv.data.rendering.views import View, rotation_matrix
from faceinv.data.stimuli import REGIONS

SIZE = 48
FACES = FaceSet(1, 2, size=SIZE, samples=1, first=60_000, light=False, max_yaw=30.0)


@pytest.fixture(scope="module")
def points():
    return surface_points(FACES, [(60_000, 0), (60_000, 1)])


def test_places_on_the_head_are_those_of_the_pictures(points):
    regions = render_identities(FACES, 0, 1).regions
    assert regions is not None
    for own, labels in zip(points, regions, strict=True):
        shown = np.asarray(own.vertex_weights().sum(1)).reshape(SIZE, SIZE)
        inside = labels != REGIONS.index("background")
        assert (shown[inside] > 0.3).mean() > 0.995 and (shown[~inside] < 0.7).mean() > 0.995


def test_weights_of_a_pixel_sum_to_the_share_of_it_that_shows_the_head(points):
    for own in points:
        shown = np.asarray(own.vertex_weights().sum(1)).ravel()
        rays = np.bincount(own.pixel, minlength=SIZE**2)
        np.testing.assert_allclose(shown, rays / 9, atol=1e-5)
        assert shown.max() == pytest.approx(1) and shown.min() == 0


def test_a_place_is_seen_in_its_pixel(points):
    face = choose_faces(FACES, 60_000)[0]
    vertices, own = placed_vertices(face), points[0]
    place = np.einsum("nkd,nk->nd", vertices[head_mesh().triangles[own.triangle]], own.weights)
    turn = rotation_matrix(face.view)
    seen = (place - camera_at(turn, face.view.scale)) @ turn.T
    half = np.tan(np.radians(FIELD_OF_VIEW / 2))
    across = (seen[:, 0] / seen[:, 1] / half + 1) / 2 + face.view.x
    down = (1 - seen[:, 2] / seen[:, 1] / half) / 2 + face.view.y + EYE_HEIGHT - 0.5
    pixel = np.floor(down * SIZE + 1e-3) * SIZE + np.floor(across * SIZE + 1e-3)
    assert (pixel == own.pixel).mean() > 0.999


def seen_at(yaw):
    """How much of the pixels shows each vertex of the neutral head."""
    own = points_of_view(head_mesh().vertices, View(yaw=yaw), SIZE)
    return np.asarray(own.vertex_weights().sum(0)).ravel()


def test_both_sides_of_a_turned_head_are_told_apart():
    x, y, z = head_mesh().vertices.T
    left, right = (np.flatnonzero((side > 0.06) & (y > 0.05) & (z > -0.09)) for side in (-x, x))
    # turned to the right of the image, a head shows the side that is on the left of it
    to_right, to_left, front = (seen_at(yaw) for yaw in (60.0, -60.0, 0.0))
    assert to_right[left].sum() > 100 and to_right[right].sum() == 0
    assert to_left[right].sum() > 100 and to_left[left].sum() == 0
    assert front[x < -1e-3].sum() == pytest.approx(front[x > 1e-3].sum(), rel=0.03)


def test_what_no_pixel_shows_has_no_weight():
    back = head_mesh().vertices[:, 1] > 0.14
    assert back.sum() > 100 and not seen_at(0.0)[back].any()
