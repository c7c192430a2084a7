"""Pictures are those that Mitsuba draws."""

from dataclasses import replace
from typing import Any

import mitsuba_reference
import numpy as np
import pytest

from faceinv.data.faces.face_renderer import Renderer
from faceinv.data.faces.identities import draw_person
from faceinv.data.faces.lashes import grow_lashes
from faceinv.data.faces.scalp_hair import grow_scalp_hair
from faceinv.data.faces.skin_texture import paint_person
from faceinv.data.objects.meshes import ball, box
from faceinv.data.rendering.brdf import Gloss
from faceinv.data.rendering.camera import Camera
from faceinv.data.rendering.light import Light, direction
from faceinv.data.rendering.scene import NOTHING, Scene, Shape
from faceinv.data.rendering.views import View


def assert_same_picture(scene, reference):
    """Of thousands of samples one may fall to the other side of an outline or of a shadow."""
    (radiance, coverage), (expected, covered) = scene, reference
    assert 0.05 < covered.mean() < 0.98
    np.testing.assert_array_equal(coverage, covered)
    away = np.abs(radiance - expected)
    assert np.mean(away > 1e-4) < 2e-3
    assert away.mean() < 1e-5 < 1e-3 < expected.mean()


def drawn_head(yaw, as_smooth, monkeypatch, cut=None):
    """What a scene was given for a head with an open mouth, and the picture that it gave."""
    taken: dict[str, Any] = {}

    def plain(shapes, smooth, before):
        # lids and lips leave less of the sky, and eyes mirror the lamp: measured elsewhere
        taken["shapes"] = [replace(shape, sky=None, coat=None) for shape in shapes]
        return Scene(taken["shapes"], smooth and as_smooth)

    monkeypatch.setattr("faceinv.data.faces.face_renderer.Scene", plain)
    stage = Renderer(48, 4)
    person = draw_person(0, 3)
    rest = stage.head.shape(person.phenotype, person.local)
    hair = grow_scalp_hair(person, cut, stage.head.stand(rest), scale=1) if cut else None
    stage.set_hairs(lash=grow_lashes(person), hair=hair)
    stage.set_texture(paint_person(person, hair=cut is not None))
    stage.set_geometry(stage.head.act(rest, {"jawOpen": 0.4}), rest)
    assert len(taken["shapes"]) == len(stage.names) == (7 if cut else 6)
    scene = stage.scene
    assert scene is not None
    shade = scene.shade
    monkeypatch.setattr(scene, "shade", lambda *given: taken.update(given=given) or shade(*given))
    view = View(yaw=yaw, pitch=5, roll=3, light_azimuth=-40, x=0.04, y=-0.03, scale=0.9)
    look = scene.look
    monkeypatch.setattr(scene, "look", lambda *given: taken.update(seen=given) or look(*given))
    seen = stage.view(view, regions=False)
    camera, size, samples, *_ = taken["seen"]
    _, light, normals, paints = taken["given"]
    assert light.radius > 5 and np.linalg.norm(light.fill) > 0.1
    return (taken["shapes"], camera, light, normals, paints, size, samples), (seen.radiance, seen.coverage)


@pytest.mark.parametrize("yaw", [0, -50, 90])
def test_a_head_looks_as_mitsuba_draws_it(yaw, monkeypatch):
    given, seen = drawn_head(yaw, False, monkeypatch)
    assert_same_picture(seen, mitsuba_reference.soft_picture(*given))


def test_hair_looks_as_mitsuba_draws_it(monkeypatch):
    given, (radiance, coverage) = drawn_head(30, False, monkeypatch, "bob")
    expected, covered = mitsuba_reference.soft_picture(*given)
    # at the edges of thin ribbons more samples than elsewhere fall to the other side
    assert np.mean(coverage != covered) < 5e-3
    away = np.abs(radiance - expected)
    assert np.mean(away > 1e-4) < 2e-2 and away.mean() < 2e-4


@pytest.mark.parametrize("yaw", [0, -50, 90])
def test_a_smooth_head_differs_from_its_triangles_by_little(yaw, monkeypatch):
    given, (radiance, coverage) = drawn_head(yaw, True, monkeypatch)
    expected, covered = mitsuba_reference.soft_picture(*given)
    np.testing.assert_array_equal(coverage, covered)
    away = np.abs(radiance - expected).max(-1)
    # along outlines and where light only grazes the skin
    assert np.mean(away > 0.02) < 0.02
    assert away.mean() < 0.01 * expected.mean()


def test_shapes_shadow_each_other_as_mitsuba_draws_it():
    rng = np.random.default_rng(0)
    solids = [ball(radius=0.5, detail=20), box((0.5, -0.6, 0.4), (0.3, 0.3, 0.3))]
    glosses = [Gloss(0.4, 0.4), None]
    shapes = [
        Shape(s.points, s.triangles, gloss, rng.random((len(s.points), 2)))
        for s, gloss in zip(solids, glosses, strict=True)
    ]
    normals = [s.points - s.points.mean(0) for s in solids]
    normals = [n / np.linalg.norm(n, axis=1, keepdims=True) for n in normals]
    paints = [rng.random((rows, columns, 6), np.float32) for rows, columns in ((5, 7), (2, 3))]
    camera = Camera(np.array([0.0, -9.0, 0.0]), np.eye(3), x=0.1, y=-0.05)
    light = Light(direction(View(light_azimuth=30, light_elevation=20)), 2.0)
    assert_same_picture(
        Scene(shapes).picture(camera, light, normals, paints, 40, 9),
        mitsuba_reference.picture(shapes, camera, light, normals, paints, 40, 9),
    )


def test_middles_tell_what_is_where():
    left, right = (box((x, 0, 0), (0.5, 0.5, 0.5)) for x in (-0.5, 0.5))
    uv = np.stack([left.points[:, 0] + 0.75, 0.25 - left.points[:, 2]], 1)
    scene = Scene([Shape(left.points, left.triangles, None, 2 * uv), Shape(right.points, right.triangles)])
    camera = Camera(np.array([0.0, -12.0, 0.0]), np.eye(3))
    shape, u, v = scene.pixel_centre_hits(camera, 32)
    assert set(shape[16]) == {0, 1, NOTHING} and (shape[0] == NOTHING).all()
    assert (np.flatnonzero(shape[16] == 0) < 16).all() and (np.flatnonzero(shape[16] == 1) >= 16).all()
    inside = shape == 0
    rows, columns = np.nonzero(inside)
    assert np.corrcoef(columns, u[inside])[0, 1] > 0.99 and np.corrcoef(rows, v[inside])[0, 1] > 0.99


def test_a_camera_that_looks_past_everything_sees_nothing():
    solid = box((9, 0, 0), (0.5, 0.5, 0.5))
    scene = Scene([Shape(solid.points, solid.triangles)])
    camera = Camera(np.array([0.0, -12.0, 0.0]), np.eye(3))
    light = Light(direction(View()), 1.0)
    normals, paints = [np.ones((len(solid.points), 3))], [np.ones((2, 2, 6), np.float32)]
    radiance, coverage = scene.picture(camera, light, normals, paints, 16, 4)
    assert radiance.shape == (16, 16, 3) and not radiance.any() and not coverage.any()
    assert (scene.pixel_centre_hits(camera, 16)[0] == NOTHING).all()
