"""Lashes sit on the lids, follow them, and are the person's own."""

from dataclasses import replace

import numpy as np
import pytest

from faceinv.data.faces.face_renderer import Renderer
from faceinv.data.faces.identities import draw_person
from faceinv.data.faces.lashes import grow_lashes
from faceinv.data.faces.lids import lid_edges
from faceinv.data.faces.morphable_head import Phenotype, load_head
from faceinv.data.faces.skin_texture import paint_person
from faceinv.data.faces.strands import ribbons
from faceinv.data.faces.uv_atlas import LABEL
from faceinv.data.rendering.views import View


@pytest.fixture(scope="module")
def person():
    return draw_person(0, 0)


@pytest.fixture(scope="module")
def head():
    return load_head()


def test_a_ribbon_has_its_width_and_a_tip():
    curve = np.array([[[0.0, 0, 0], [0, 0, 1], [0, 0, 2]]])
    made = ribbons(curve, np.array([[[0.1, 0, 0], [0.05, 0, 0]]]))
    np.testing.assert_allclose(made.points[:, 0], [-0.1, 0.1, -0.05, 0.05, 0], atol=1e-7)
    a, b, c = (made.points[made.triangles[:, k]] for k in range(3))
    cross = np.cross(b - a, c - a)
    assert len(made.triangles) == 3 and (cross[:, 1] * cross[0, 1] > 0).all()  # one side faces the viewer
    np.testing.assert_allclose(np.abs(cross[:, 1]).sum() / 2, 0.15 + 0.05, rtol=1e-5)


def test_edges_run_from_the_inner_to_the_outer_corner(head):
    points = head.stand(head.shape(Phenotype(), np.zeros(len(head.local_names))))
    for side, (upper, lower) in zip((-1, 1), lid_edges(), strict=True):
        for lid in (upper, lower):
            x = points[lid.vertices, 0] * side
            assert x[0] == min(x) and x[-1] == max(x) and (np.diff(lid.along) >= 0).all()
        open_by = [np.interp(0.5, lid.along, points[lid.vertices, 2]) for lid in (upper, lower)]
        assert open_by[0] > open_by[1] + 0.005


def test_lashes_point_forwards_and_away_from_the_eye(person, head):
    rest = head.stand(head.shape(person.phenotype, person.local))
    lashes = grow_lashes(person)
    points, normals = lashes.place(rest)
    hairs = points.reshape(-1, 5, 3)
    root, tip = hairs[:, :2].mean(1), hairs[:, 4]
    centre = head.eye_centres(rest)[lashes.side]
    assert (np.linalg.norm(tip - centre, axis=1) > np.linalg.norm(root - centre, axis=1)).all()
    assert np.mean(tip[:, 1] < root[:, 1]) > 0.95
    long = np.linalg.norm(tip - root, axis=1)
    assert long.min() > 0.001 and long.max() < 0.012
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-5)


def test_lashes_follow_a_lid_that_opens_wide(person, head):
    rest = head.shape(person.phenotype, person.local)
    lashes = grow_lashes(person)
    wide = head.act(rest, {"eyeWideLeft": 1.0, "eyeWideRight": 1.0})
    moved = lashes.place(head.stand(wide, rest))[0] - lashes.place(head.stand(rest))[0]
    assert moved.reshape(-1, 5, 3)[:, :, 2].max() > 0.001  # the upper ones go up
    assert np.abs(np.ptp(moved.reshape(-1, 5, 3), axis=1)).max() < 0.003  # and hardly bend


def test_more_of_the_trait_is_longer_lashes(person, head):
    rest = head.stand(head.shape(person.phenotype, person.local))
    spans = []
    for amount in (0.1, 0.9):
        one = grow_lashes(replace(person, traits={**person.traits, "lash": amount}))
        hairs = one.place(rest)[0].reshape(-1, 5, 3)
        spans.append(np.linalg.norm(hairs[:, 4] - hairs[:, 0], axis=1).mean())
    assert spans[1] > 1.15 * spans[0]


def test_without_lashes_the_rest_of_the_picture_is_the_same(person):
    stage = Renderer(64, 9)
    rest = stage.head.shape(person.phenotype, person.local)
    texture, pictures = paint_person(person), []
    for lash in (None, grow_lashes(person)):
        stage.set_hairs(lash=lash)
        stage.set_texture(texture)
        stage.set_geometry(rest, rest)
        pictures.append(stage.view(View(light_azimuth=0)))
    bare, lashed = pictures
    changed = (bare.radiance != lashed.radiance).any(-1)
    near = np.argwhere(lashed.regions == LABEL["eye"])
    assert changed.any()
    assert np.abs(np.argwhere(changed)[:, 0] - near[:, 0].mean()).max() < 12  # lashes and their shadows
    np.testing.assert_array_equal(bare.coverage, lashed.coverage)
