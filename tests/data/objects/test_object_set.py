"""An object set is a pure function of its record, and its classes are well-made solids that differ."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from faceinv.data.objects import object_set
from faceinv.data.objects.assembly import around, block, body, mirrored, rotation_about, slab
from faceinv.data.objects.categories import CLASSES, draw_shape
from faceinv.data.objects.framing import extent, fitted_pose
from faceinv.data.objects.meshes import Solid, ball, box, join_meshes, refined, rod, tube, turn
from faceinv.data.objects.object_renderer import CREASE, TEXELS, picture
from faceinv.data.objects.object_set import ObjectSet, render_classes, render_objects
from faceinv.data.objects.textures import PATTERNS, draw_pattern, field
from faceinv.data.rendering.views import View, rotation_matrix
from faceinv.data.sources import load_stimuli
from faceinv.errors import InputError

SMALL = ObjectSet(classes=4, images=3, size=32, samples=1)


def volume(solid: Solid) -> float:
    """Signed volume within a closed surface, by the divergence theorem."""
    a, b, c = (solid.points[solid.triangles[:, k]] for k in range(3))
    return float(np.einsum("tk,tk->", np.cross(a, b), c)) / 6


@pytest.fixture(scope="module")
def small():
    return render_objects(SMALL)


@pytest.mark.slow
def test_slices_and_processes_give_the_same_bits(small):
    for other in (render_classes(SMALL, 2, 2), render_objects(SMALL, processes=2).select(range(6, 12))):
        np.testing.assert_array_equal(other.images, small.images[6:])
        pd.testing.assert_frame_equal(other.table, small.table.iloc[6:].reset_index(drop=True))


def test_first_moves_along_the_same_images(small):
    later = render_objects(replace(SMALL, images=1, first=2))
    np.testing.assert_array_equal(later.images, small.images[2::3])
    assert set(later.table["view"]) == {"00002"}


@pytest.mark.slow
def test_sources_load_object_sets(small, tmp_path, monkeypatch):
    monkeypatch.setenv("FACEINV_CACHE", str(tmp_path))
    np.testing.assert_array_equal(load_stimuli(SMALL).images, small.images)


def test_the_table_describes_each_image(small):
    assert small.classes("identity") == tuple(sorted(CLASSES[:4])) and small.regions is None
    assert small.table.groupby("identity")["view"].nunique().eq(3).all()
    assert small.table["gender"].eq("").all()
    assert {"yaw", "pitch", "roll", "light", "light_azimuth", "x", "y", "scale"} <= set(small.table.columns)


def test_images_show_the_object_and_not_only_the_background(small):
    grey, turn_ = np.full((TEXELS, TEXELS, 3), 0.5, np.float32), np.eye(3)
    for radius in (0.5, 1.0):  # against the area of a disc
        view = View(yaw=20.0, pitch=20.0, scale=radius)
        _, cover = picture(ball(detail=24), grey, np.eye(3)[:2], turn_, view, 32, 1)
        assert cover.mean() == pytest.approx(np.pi * radius**2 / 4, rel=0.05)
    right = replace(view, x=0.25, scale=0.3)
    _, cover = picture(ball(), grey, np.eye(3)[:2], turn_, right, 32, 1)
    assert np.average(np.arange(32) + 0.5, weights=cover.sum(0)) / 32 == pytest.approx(0.75, abs=0.03)
    down = replace(view, y=0.25, scale=0.3)
    _, cover = picture(ball(), grey, np.eye(3)[:2], turn_, down, 32, 1)
    assert np.average(np.arange(32) + 0.5, weights=cover.sum(1)) / 32 == pytest.approx(0.75, abs=0.03)


def test_light_comes_from_where_it_is_said_to():
    grey = np.full((TEXELS, TEXELS, 3), 0.5, np.float32)
    pose = View(yaw=20.0, pitch=20.0, scale=0.9, light_elevation=5.0)
    for azimuth, brighter in ((-60.0, slice(0, 16)), (60.0, slice(16, 32))):
        view = replace(pose, light_azimuth=azimuth)
        radiance, _ = picture(ball(), grey, np.eye(3)[:2], np.eye(3), view, 32, 4)
        assert radiance[:, brighter].sum() > 0.6 * radiance.sum()


def test_grey_has_no_colour_and_colour_has(small):
    assert np.ptp(small.images.astype(int), axis=-1).max() == 0
    colour = render_classes(replace(SMALL, colour="colour"), 0, 1)
    assert np.ptp(colour.images.astype(int), axis=-1).max() > 20


def test_seeds_give_other_images(small):
    assert not np.array_equal(render_classes(replace(SMALL, seed=1), 0, 1).images, small.images[:3])


@pytest.mark.parametrize("kind", CLASSES)
def test_every_class_is_a_family_of_closed_solids(kind):
    first, other = (draw_shape(kind, np.random.default_rng(seed)) for seed in (0, 1))
    for solid in (first, other):
        assert np.isfinite(solid.points).all()
        assert solid.triangles.min() >= 0 and solid.triangles.max() < len(solid.points)
        assert np.linalg.norm(solid.points, axis=1).max() == pytest.approx(1)
        assert volume(solid) > 0.005  # triangles face outwards
        # a closed surface has no area vector, whoever looks at it
        a, b, c = (solid.points[solid.triangles[:, k]] for k in range(3))
        assert np.abs(np.cross(b - a, c - a).sum(0)).max() < 0.05 * np.abs(np.cross(b - a, c - a)).sum()
    same = draw_shape(kind, np.random.default_rng(0))
    np.testing.assert_array_equal(same.points, first.points)
    assert first.points.shape != other.points.shape or np.abs(first.points - other.points).max() > 0.02


def test_solids_have_the_volume_that_geometry_says():
    assert volume(box(size=(1, 2, 3))) == pytest.approx(6)
    assert volume(ball(radius=(1, 2, 1), detail=60)) == pytest.approx(8 / 3 * np.pi, rel=0.01)
    assert volume(turn([(0, 0), (1, 0), (0, 3)], 200)) == pytest.approx(np.pi, rel=0.01)
    assert volume(rod((1, 1, 1), (1, 1, 3), 0.5, sides=100)) == pytest.approx(np.pi / 2, rel=0.01)
    t = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    ring = tube(np.stack([np.cos(t), np.sin(t), 0 * t], 1), 0.2, 60, closed=True)
    assert volume(ring) == pytest.approx(2 * np.pi**2 * 0.04, rel=0.01)  # Pappus
    two = join_meshes(box(), box((3, 0, 0)))
    assert volume(two) == pytest.approx(2) and two.triangles.max() == len(two.points) - 1


def test_a_closed_tube_is_not_torn_where_its_ends_meet():
    t = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    path = np.stack([np.cos(t), np.sin(t), 0.6 * np.sin(2 * t)], 1)
    grid = tube(path, 0.1, 8, closed=True).points.reshape(90, 8, 3)
    steps = [np.linalg.norm(b - a, axis=1).max() for a, b in pairwise([*grid, grid[0]])]
    assert max(steps) < 2.5 * np.median(steps)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_patterns_are_shares(pattern):
    share = field(np.random.default_rng(0), pattern, 48)
    assert share.shape == (48, 48) and share.min() >= 0 and share.max() <= 1
    assert (share.std() > 0.05) == (pattern != "plain")


def test_contrast_draws_a_pattern_together():
    full, faint = (draw_pattern(np.random.default_rng(5), 32, contrast) for contrast in (1.0, 0.2))
    assert 0 < np.ptp(faint) < 0.4 * np.ptp(full)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"classes": 0}, "classes of an object set is 0; expected at least 1"),
        ({"classes": 1000}, "classes of an object set is 1000; there are"),
        ({"samples": 6}, "samples of an object set is 6; expected a square number"),
        ({"colour": "sepia"}, "colour of an object set is 'sepia'"),
    ],
)
def test_wrong_sets_are_named(wrong, message):
    with pytest.raises(InputError, match=message):
        replace(SMALL, **wrong)


def test_wrong_slices_are_named():
    with pytest.raises(InputError, match="classes 3 to 5 of an object set were requested"):
        render_classes(SMALL, 3, 3)


@pytest.mark.slow
def test_objects_lie_wholly_within_the_frame_and_are_large_enough():
    """Of every class, in pixels of 64: nothing on the border, and at least 6 in either direction."""
    for kind in CLASSES:
        for index in range(3):
            rng = np.random.default_rng([index, CLASSES.index(kind)])
            solid = draw_shape(kind, rng)
            view = fitted_pose(solid, rng)
            texture = np.full((TEXELS, TEXELS, 3), 0.5, np.float32)
            _, cover = picture(solid, texture, np.eye(3)[:2], rotation_matrix(view), view, 64, 4)
            assert not cover[[0, -1]].any() and not cover[:, [0, -1]].any(), kind
            down, across = (np.flatnonzero(cover.any(axis)) for axis in (1, 0))
            assert np.ptp(down) >= 5 and np.ptp(across) >= 5, kind
            (left, top), (right, bottom) = 64 * extent(solid, view)
            assert [across[0], down[0]] == pytest.approx([left, top], abs=3), kind
            assert [across[-1], down[-1]] == pytest.approx([right, bottom], abs=3), kind


def test_there_are_three_hundred_classes_and_no_more_can_be_drawn():
    assert len(CLASSES) >= 300 and ObjectSet().classes == len(CLASSES) == len(set(CLASSES))
    with pytest.raises(InputError, match=f"classes of an object set is 999; there are {len(CLASSES)}"):
        ObjectSet(classes=999)


def test_an_image_depends_on_the_name_of_a_class_and_not_on_its_place(monkeypatch):
    there = render_classes(SMALL, 1, 1)
    monkeypatch.setattr(object_set, "CLASSES", (CLASSES[1], *CLASSES))
    np.testing.assert_array_equal(render_classes(SMALL, 0, 1).images, there.images)


def test_refined_solids_have_short_edges_and_the_same_volume():
    coarse = join_meshes(box(size=(2, 0.5, 1)), ball(detail=6), rod((0, 0, -2), (0, 0, 2), 0.2))
    fine = refined(coarse, 0.4)
    assert volume(fine) == pytest.approx(volume(coarse)) and len(fine.triangles) > len(coarse.triangles)
    edges = fine.points[fine.triangles] - fine.points[np.roll(fine.triangles, 1, 1)]
    assert np.linalg.norm(edges, axis=2).max() <= 0.52
    assert refined(fine, 9) == fine


def test_a_crease_is_sharp_and_a_smooth_surface_stays_smooth():
    grey = np.full((TEXELS, TEXELS, 3), 0.5, np.float32)
    view = View(light_azimuth=0.0, light_elevation=80.0, scale=0.8)
    top = rotation_matrix(View(pitch=-60.0))
    drum = rod((0, 0, -0.5), (0, 0, 0.5), 0.8, sides=32)
    smooth, sharp = (picture(drum, grey, np.eye(3)[:2], top, view, 32, 4, c)[0] for c in (-1.0, CREASE))
    assert np.ptp(sharp[5:18, 16, 0]) < 0.07 and np.ptp(smooth[5:18, 16, 0]) > 0.14  # on the lid
    one, other = (
        picture(ball(detail=24), grey, np.eye(3)[:2], top, view, 32, 4, c)[0] for c in (-1.0, CREASE)
    )
    np.testing.assert_allclose(one, other, atol=0.01)


def test_slabs_of_any_outline_have_the_volume_of_their_area():
    bent = [(0, 0), (2, 0), (2, 1), (1, 1), (1, 3), (0, 3)]  # an L of area 4
    for outline in (bent, bent[::-1]):
        assert volume(slab(outline, 0.5)) == pytest.approx(2)
    assert volume(body([(0, 0, 0, 0), (0.01, 0, 1, 2), (3, 0, 1, 2)], sides=60, count=60)) == pytest.approx(
        6 * np.pi, rel=0.02
    )
    assert volume(mirrored(box((0, 2, 0)))) == pytest.approx(2) == volume(around(box((3, 0, 0)), 2))
    assert volume(block(lambda x, y: 0 * x, base=-0.5)) == pytest.approx(2)
    np.testing.assert_allclose(rotation_about("z", 90) @ [1, 0, 0], [0, 1, 0], atol=1e-12)
