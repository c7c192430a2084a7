"""A texture set is a pure function of its record, and its classes are patterns of any size and direction."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from faceinv.data.sources import describe, load_stimuli
from faceinv.data.textures import fractals, growth, mosaics, tilings, waves
from faceinv.data.textures.plane import Family, Plane, cells, look_up_wrapped, periodic
from faceinv.data.textures.texture_set import (
    FAMILIES,
    LEAST_DIFFERENCE,
    TEXTURE_CLASSES,
    TEXTURES,
    TextureSet,
    draw_colours,
    draw_texture,
    normalised,
    render_texture_classes,
    render_textures,
)
from faceinv.errors import InputError

SMALL = TextureSet(classes=5, images=3, size=24, samples=1)


@pytest.fixture(scope="module")
def small():
    return render_textures(SMALL)


@pytest.mark.slow
def test_slices_and_processes_give_the_same_bits(small):
    for other in (
        render_texture_classes(SMALL, 2, 2),
        render_textures(SMALL, processes=2).select(range(6, 12)),
    ):
        np.testing.assert_array_equal(other.images, small.images[6:12])
        pd.testing.assert_frame_equal(other.table, small.table.iloc[6:12].reset_index(drop=True))


def test_first_moves_along_the_same_images(small):
    later = render_textures(replace(SMALL, images=1, first=2))
    np.testing.assert_array_equal(later.images, small.images[2::3])


@pytest.mark.slow
def test_sources_load_texture_sets(small, tmp_path, monkeypatch):
    monkeypatch.setenv("FACEINV_CACHE", str(tmp_path))
    np.testing.assert_array_equal(load_stimuli(SMALL).images, small.images)
    assert describe(SMALL) == "rendered textures"


def test_the_table_labels_each_image_with_class_and_family(small):
    assert small.classes("identity") == tuple(sorted(SMALL.kinds)) and small.regions is None
    assert (
        small.table.groupby("identity")["view"].nunique().eq(3).all() and small.table["gender"].eq("").all()
    )
    assert [TEXTURES[kind][0] for kind in small.table["identity"]] == list(small.table["family"])
    assert {"angle", "zoom", "x", "y"} <= set(small.table.columns)


def test_there_are_three_hundred_classes_of_many_families():
    assert len(TEXTURE_CLASSES) >= 300 and len(set(TEXTURE_CLASSES)) == len(TEXTURE_CLASSES)
    assert len(FAMILIES) >= 60 and {family for family, _, _ in TEXTURES.values()} == set(FAMILIES)
    assert TextureSet().kinds == TEXTURE_CLASSES and SMALL.kinds == TEXTURE_CLASSES[:5]


@pytest.mark.parametrize("kind", TEXTURE_CLASSES)
def test_every_class_is_a_pattern_that_differs_between_images(kind):
    textures = TextureSet(size=32, samples=1)
    images = [draw_texture(textures, kind, index)[0] for index in (0, 1)]
    again = draw_texture(textures, kind, 0)[0]
    np.testing.assert_array_equal(again, images[0])
    for image in images:
        assert image.shape == (32, 32, 3) and image.dtype == np.uint8
        assert np.ptp(image) > 250 * LEAST_DIFFERENCE * 0.5 and image.std() > 3
    assert np.abs(images[0].astype(int) - images[1]).mean() > 3


def test_grey_has_no_colour_and_colour_has(small):
    assert np.ptp(small.images.astype(int), axis=-1).max() == 0
    colour = render_texture_classes(replace(SMALL, colour="colour"), 0, 1)
    assert np.ptp(colour.images.astype(int), axis=-1).max() > 20


def test_seeds_give_other_images(small):
    assert not np.array_equal(render_texture_classes(replace(SMALL, seed=1), 0, 1).images, small.images[:3])


def test_which_of_two_colours_is_brighter_is_left_to_chance():
    """So that the mean of an image does not tell how much of the pattern is dark."""
    rng = np.random.default_rng(0)
    pairs = np.array([draw_colours(rng).mean(1) for _ in range(300)])
    assert 0.4 < (pairs[:, 0] > pairs[:, 1]).mean() < 0.6


def test_samples_average_the_same_pattern():
    kind = "concentric rings sine 5"
    one, many = (draw_texture(TextureSet(size=32, samples=n), kind, 0)[0].astype(int) for n in (1, 16))
    assert 0 < np.abs(one - many).mean() < 3


def test_coordinates_are_turned_zoomed_and_moved():
    x, y = Plane(4).xy
    np.testing.assert_allclose(x[0], [-0.375, -0.125, 0.125, 0.375])
    np.testing.assert_allclose(y[:, 0], x[0])
    turned = Plane(4, angle=np.pi / 2).xy
    np.testing.assert_allclose(turned[0], y, atol=1e-12)
    np.testing.assert_allclose(turned[1], -x, atol=1e-12)
    np.testing.assert_allclose(Plane(4, zoom=2.0).xy[0], x / 2)
    np.testing.assert_allclose(Plane(4, centre=(0.375, 0.0)).xy[0][0], [-0.75, -0.5, -0.25, 0])


def test_waves_have_the_period_and_direction_that_they_say():
    plane = Plane(64, zoom=2.0)
    wave = waves.grating(plane, np.random.default_rng(0), "sine", 8)
    spectrum = np.abs(np.fft.fft2(wave - wave.mean()))[0, :32]
    assert spectrum.argmax() == 4 and np.ptp(wave, axis=0).max() < 1e-9
    noise = Plane(64, angle=np.pi / 2).noise(np.random.default_rng(0), 1.0, 1, 10.0)
    assert (
        noise.std() == pytest.approx(1)
        and np.abs(np.diff(noise, axis=0)).mean() < np.abs(np.diff(noise)).mean()
    )
    for kind in ("sine", "square", "saw", "triangle", "line"):
        value = periodic(kind, np.linspace(0, 1, 50))
        assert value.min() >= 0 and value.max() <= 1
        np.testing.assert_allclose(periodic(kind, np.array([0.3])), periodic(kind, np.array([5.3])))


def test_the_nearest_point_is_the_nearest_of_all():
    found = mosaics.nearest(Plane(32), np.random.default_rng(0), 6, "grid")
    x, y = (6 * each for each in Plane(32).xy)
    np.testing.assert_allclose(found.first, np.hypot((x % 1) - 0.5, (y % 1) - 0.5), atol=1e-9)
    assert (found.second >= found.first).all()


@pytest.mark.parametrize(("group", "turns"), [("p2", 2), ("p4", 4), ("p4m", 4), ("pmm", 2), ("pgg", 2)])
def test_wallpaper_has_the_turns_of_its_group(group, turns):
    """About a point of the lattice, here the middle of the frame; half a period away is another."""
    pattern = tilings.wallpaper(Plane(65), np.random.default_rng(0), group, "soft")
    turned = np.rot90(pattern, 4 // turns)
    np.testing.assert_allclose(turned, pattern, atol=1e-9)
    assert np.abs(np.rot90(pattern) - pattern).max() > 0.1 or turns == 4


@pytest.mark.parametrize(("group", "turns"), [("p3", 3), ("p6", 6), ("p31m", 3), ("p6m", 6)])
def test_wallpaper_on_triangles_has_the_turns_of_its_group(group, turns):
    patterns = [
        tilings.wallpaper(Plane(64, angle=angle), np.random.default_rng(0), group, "soft")
        for angle in (0.0, 2 * np.pi / turns)
    ]
    # lookup is bilinear on axes that are not at right angles, and so only nearly the same after a turn
    assert np.corrcoef([pattern.ravel() for pattern in patterns])[0, 1] > 0.97


def test_the_gasket_lies_within_its_triangle():
    points = fractals.chaos_game(fractals.NAMED_SYSTEMS["gasket"], np.ones(3), np.random.default_rng(0))
    assert np.hypot(*points.T).max() <= 1 + 1e-9 and points[:, 1].min() >= -0.5 - 1e-9
    assert (np.hypot(*points.T) > 0.249).all()  # the middle is cut out


def test_large_images_of_fractals_are_as_dense_as_small_ones():
    small, large = (fractals.known_fractal(Plane(n), np.random.default_rng(0), "carpet") for n in (128, 480))
    assert large.shape == (480, 480)
    assert (large > 0.5).mean() == pytest.approx((small > 0.5).mean(), rel=0.3)


def test_points_escape_outside_the_disc_and_stay_within():
    z = np.array([[0.0, 0.5, 1.5, 30.0]]) + 0j
    steps = fractals.escape(z, 0, 2, steps=20)[0]
    assert steps[0] == steps[1] == np.log1p(20) and steps[3] < steps[2] < steps[1]


def test_rule_90_is_the_sum_of_its_neighbours():
    """Of one living cell it makes Pascal's triangle modulo two, row by row."""
    field = growth.automaton(Plane(72), np.random.default_rng(0), 90, "random")
    rows = field[1::2, 1::2]
    np.testing.assert_array_equal(rows[1:, 1:-1], (rows[:-1, :-2] + rows[:-1, 2:]) % 2)


def test_values_outside_the_middle_98_percent_are_cut_off():
    level = normalised(np.arange(10_000.0).reshape(100, 100))
    assert level.min() == 0 and level.max() == 1 and level[50, 50] == pytest.approx(0.5, abs=0.01)
    sparse = np.zeros((40, 40))
    sparse[0, 0] = 2
    assert normalised(sparse)[0, 0] == 1
    tile = np.arange(16.0).reshape(4, 4)
    assert look_up_wrapped(tile, np.array([0.25, 1.25]), np.array([0.5, -0.5])).tolist() == [9, 9]


def test_a_class_is_named_by_its_family_and_its_parameters():
    def round_thing(plane, rng, size, shown):
        return plane.polar[0]

    family = Family(round_thing, cells(size=(1, 2.5), shown=("soft", "hard")))
    names = ["round thing 1 soft", "round thing 1 hard", "round thing 2.5 soft", "round thing 2.5 hard"]
    assert list(family.classes()) == names and family.classes()[names[2]] == {"size": 2.5, "shown": "soft"}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"classes": 0}, "classes of a texture set is 0; expected at least 1"),
        ({"classes": 5000}, "classes of a texture set is 5000; there are"),
        ({"samples": 6}, "samples of a texture set is 6; expected a square number"),
        ({"colour": "sepia"}, "colour of a texture set is 'sepia'"),
    ],
)
def test_wrong_sets_are_named(wrong, message):
    with pytest.raises(InputError, match=message):
        replace(SMALL, **wrong)


def test_wrong_slices_are_named():
    with pytest.raises(InputError, match="classes 3 to 5 of a texture set were requested"):
        render_texture_classes(SMALL, 3, 3)
