"""EyeBalls are balls with a cornea that look at the camera, between lids that shade them."""

import numpy as np
import pytest

from faceinv.data.faces.eyes import CORNEA, FIXATION, LID_SKY, RINGS, EyeBalls, eye_profile, lid_shade
from faceinv.data.faces.head_surface import load_surface
from faceinv.data.faces.morphable_head import load_head


@pytest.fixture(scope="module")
def eyes():
    head = load_head()
    neutral = load_surface(1e-3).neutral
    return EyeBalls(head, neutral), neutral, head


def test_the_cornea_is_a_smaller_sphere_before_a_larger_one():
    distance, _ = eye_profile()
    assert distance[-1] == pytest.approx(1) and distance[0] == pytest.approx(1.095, abs=0.003)
    # both points of the cornea are as far from its middle
    at = np.stack([distance * np.sin(RINGS), distance * np.cos(RINGS)], 1)
    middle = np.array([0, distance[0] - CORNEA])
    np.testing.assert_allclose(np.linalg.norm(at[:4] - middle, axis=1), CORNEA, atol=0.004)


def test_normals_stand_on_the_surface(eyes):
    points, normals, _ = eyes[0].place(eyes[1])
    triangles = eyes[0].triangles
    a, b, c = (points[triangles[:, k]] for k in range(3))
    across = np.cross(b - a, c - a)
    area = np.linalg.norm(across, axis=1)
    cosine = np.einsum("tk,tk->t", across, normals[triangles].mean(1))[area > 1e-9] / area[area > 1e-9]
    assert np.quantile(cosine, 0.02) > 0.97  # outwards, and perpendicular


def test_lines_of_sight_meet_before_the_face(eyes):
    points, normals, _ = eyes[0].place(eyes[1])
    half = len(points) // 2
    for first, centre in zip((0, half), eyes[2].eye_centres(eyes[1]), strict=True):
        meeting = centre + FIXATION * normals[first] / -normals[first][1]
        np.testing.assert_allclose(meeting[0], 0, atol=1e-3)


def test_eyes_go_where_the_head_goes(eyes):
    moved = eyes[1] + np.array([0.01, -0.02, 0.03], np.float32)
    before, after = (eyes[0].place(each)[0] for each in (eyes[1], moved))
    np.testing.assert_allclose((after - before).mean(0), [0.01, -0.02, 0.03], atol=2e-3)


def test_lids_shade_what_is_near_them(eyes):
    # a margin along x, of an upper lid: the eye is below it
    margin = np.array([[[-0.01, -0.01, 0.005], [0.01, -0.01, 0.005]]])
    below = np.stack([np.zeros(5), np.full(5, -0.01), 0.005 - np.linspace(0, 0.01, 5)], 1)
    points = np.concatenate([below, [[0, 0.02, 0]]])
    share = lid_shade(points, margin)
    assert share[0] < 0.4 and share[4] == 1 and (np.diff(share[:5]) >= 0).all()
    assert share[5] == LID_SKY  # behind
