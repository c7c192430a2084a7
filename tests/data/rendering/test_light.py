"""A lamp is a disc, its shadows are as soft as geometry says, and wet surfaces mirror it where they must."""

from dataclasses import replace
from math import radians, tan

import numpy as np
import pytest

from faceinv.data.objects.meshes import ball, box
from faceinv.data.rendering.brdf import Coat
from faceinv.data.rendering.camera import Camera
from faceinv.data.rendering.light import Light
from faceinv.data.rendering.scene import Scene, Shape

FROM_FRONT = Camera(np.array([0.0, -9.5, 0.0]), np.eye(3))
"""Sees about two units of length at the origin."""


@pytest.mark.parametrize("samples", [4, 9, 25])
def test_points_of_a_lamp_fill_its_disc_about_its_middle(samples):
    middle = np.array([0.48, -0.6, 0.64])
    towards = Light(middle, 1.0, radius=10.0).directions(samples)
    np.testing.assert_allclose(np.linalg.norm(towards, axis=1), 1, atol=1e-6)
    assert towards.mean(0) @ middle == pytest.approx(np.linalg.norm(towards.mean(0)), abs=1e-4)
    angle = np.rad2deg(np.arccos(towards @ middle))
    assert angle.max() < 11.5
    # the mean square of the distance from the middle of a disc is half that of its radius
    assert np.mean(angle**2) == pytest.approx(10**2 / 2, rel=0.15)


def test_a_point_has_one_direction():
    towards = np.array([0.0, -1.0, 0.0])
    np.testing.assert_array_equal(Light(towards, 1.0).directions(9), [towards])


def wall_behind_a_plate(light):
    """Brightness across a wall, 0.5 behind a plate whose right edge is at x = 0."""
    wall, plate = box((0, 0.05, 0), (3, 0.1, 3)), box((-2, -0.51, 0), (4, 0.02, 4))
    scene = Scene([Shape(s.points, s.triangles) for s in (wall, plate)])
    normals = [np.broadcast_to([0.0, -1.0, 0.0], s.points.shape) for s in (wall, plate)]
    paints = [np.array([[[1.0, 0.0]] * 2] * 2, np.float32), np.zeros((2, 2, 2), np.float32)]
    radiance, _ = scene.picture(FROM_FRONT, light, normals, paints, 200, 25)
    return radiance[100, :, 0]


def test_shadows_are_as_soft_as_the_lamp_is_large():
    # light comes from the left at 45 degrees, so that the camera sees the whole shadow beside the plate
    towards = np.array([-1.0, -1.0, 0.0]) / np.sqrt(2)
    radius = 8.0
    seen = wall_behind_a_plate(Light(towards, np.pi, radius))
    x = (np.arange(200) + 0.5 - 100) / 100 * 9.5 * tan(radians(6))
    low, high = 0.5 * tan(radians(45 - radius)), 0.5 * tan(radians(45 + radius))
    dark, lit = seen < 1e-6, seen > 0.97 * seen[x > high + 0.05].mean()
    assert dark[(x > 0.03) & (x < low - 0.03)].all() and lit[x > high + 0.03].all()
    penumbra = x[~dark & ~lit & (x > 0.03)]
    assert np.ptp(penumbra) == pytest.approx(high - low, rel=0.15)
    assert penumbra.mean() == pytest.approx(0.5 * (low + high), abs=0.03)
    hard = wall_behind_a_plate(Light(towards, np.pi))
    steps = np.flatnonzero(np.abs(np.diff(hard[x > 0.03])) > 1e-3)
    assert len(steps) <= 2  # one edge, within two pixels


def sphere(coat=None, smooth=False, detail=60):
    solid = ball(radius=0.8, detail=detail)
    scene = Scene([Shape(solid.points, solid.triangles, coat=coat)], smooth)
    return scene, solid.points / np.linalg.norm(solid.points, axis=1, keepdims=True)


TOWARDS = np.array([0.5, -0.7, 0.4]) / np.linalg.norm([0.5, -0.7, 0.4])
BEHIND = np.array([0.0, 1.0, 0.0])


@pytest.mark.parametrize("samples", [4, 25])
@pytest.mark.parametrize(
    "light",
    [Light(TOWARDS, 1.0, radius=6.0), Light(BEHIND, 0.0, fill=0.4 * TOWARDS, sky=1e-6)],
    ids=["lamp", "window"],
)
def test_a_wet_ball_mirrors_a_light_halfway_between_it_and_the_camera(light, samples):
    black = [np.zeros((2, 2, 2), np.float32)]
    scene, normals = sphere(Coat(1.376, 0.8))
    radiance, _ = scene.picture(FROM_FRONT, light, [normals], black, 100, samples)
    # what is mirrored evenly, and strongly along the outline, comes from everywhere
    even = replace(light, fill=np.zeros(3)) if light.fill is not None else replace(light, irradiance=0.0)
    radiance = radiance - scene.picture(FROM_FRONT, even, [normals], black, 100, samples)[0]
    bright = radiance[..., 0]
    rows, columns = np.mgrid[:100, :100]
    x, z = (np.average(each, weights=bright) for each in (columns - 49.5, 49.5 - rows))
    pixel = 9.5 * tan(radians(6)) / 50
    halfway = TOWARDS - np.array([0.0, 1.0, 0.0])
    halfway /= np.linalg.norm(halfway)
    np.testing.assert_allclose([x * pixel, z * pixel], 0.8 * halfway[[0, 2]], atol=0.06)


def test_what_a_ball_mirrors_is_as_bright_however_many_samples_see_it():
    towards = np.array([0.3, -0.9, 0.3]) / np.linalg.norm([0.3, -0.9, 0.3])
    black = [np.zeros((2, 2, 2), np.float32)]
    scene, normals = sphere(Coat(1.376, 0.8))
    few, many = (
        scene.picture(FROM_FRONT, Light(towards, 1.0, 6.0), [normals], black, size, samples)[0].mean()
        for size, samples in ((12, 4), (100, 25))
    )
    assert few == pytest.approx(many, rel=0.15)


def test_a_sky_that_is_brighter_on_one_side_lights_that_side_more():
    fill = np.array([0.4, 0.0, 0.0])
    light = Light(np.array([0.0, 1.0, 0.0]), 0.0, fill=fill)
    scene, normals = sphere()
    paints = [np.ones((2, 2, 2), np.float32)]
    radiance, coverage = scene.picture(FROM_FRONT, light, [normals], paints, 80, 9)
    pixel = 9.5 * tan(radians(6)) / 40
    x = (np.arange(80) - 39.5) * pixel / 0.8
    inside = coverage[40] == 1
    np.testing.assert_allclose(radiance[40, inside, 0], 1 + 0.4 * x[inside], atol=0.03)


def test_light_that_surroundings_take_away_is_missed():
    solid = ball(radius=0.8, detail=30)
    share = (solid.points[:, 0] > 0).astype(float)
    scene = Scene([Shape(solid.points, solid.triangles, sky=share)])
    normals = solid.points / np.linalg.norm(solid.points, axis=1, keepdims=True)
    light = Light(np.array([0.0, 1.0, 0.0]), 0.0, fill=np.zeros(3))
    radiance, _ = scene.picture(FROM_FRONT, light, [normals], [np.ones((2, 2, 2), np.float32)], 40, 4)
    assert radiance[20, 8, 0] == 0 and radiance[20, 32, 0] == 1


def test_a_coarse_ball_that_is_smooth_shows_no_triangles_where_light_ends():
    towards = np.array([1.0, -0.25, 0.0]) / np.linalg.norm([1.0, -0.25, 0.0])
    light, paints = Light(towards, np.pi), [np.array([[[1.0, 0.0]] * 2] * 2, np.float32)]

    def seen(smooth):
        scene, normals = sphere(smooth=smooth, detail=6)
        return scene.picture(FROM_FRONT, light, [normals], paints, 80, 9)[0][..., 0]

    rows, columns = np.mgrid[:80, :80]
    pixel = 9.5 * tan(radians(6)) / 40
    x, z = (columns - 39.5) * pixel / 0.8, (39.5 - rows) * pixel / 0.8
    inside = np.hypot(x, z) < 0.9
    depth = np.sqrt(np.clip(1 - x**2 - z**2, 0, None))
    expected = np.clip(x * towards[0] - depth * towards[1], 0, None)
    faceted, smooth = (np.abs(seen(way) - expected)[inside].max() for way in (False, True))
    assert smooth < 0.05 < 0.2 < faceted


def test_no_outline_of_a_smooth_ball_is_black():
    scene, normals = sphere(smooth=True, detail=10)
    light = Light(np.array([0.0, -1.0, 0.0]), 1.0)
    radiance, coverage = scene.picture(FROM_FRONT, light, [normals], [np.ones((2, 2, 2), np.float32)], 80, 9)
    assert (radiance[..., 0][coverage == 1] >= 1).all()
