"""Rendering gives the same bits in any order, and the views that were asked for."""

import numpy as np
import pytest
from scipy.ndimage import binary_fill_holes

from faceinv.data.faces.face_renderer import Renderer, renderer
from faceinv.data.faces.identities import draw_person
from faceinv.data.faces.skin_texture import paint_person
from faceinv.data.faces.uv_atlas import LABEL
from faceinv.data.rendering.views import View
from faceinv.errors import InputError


def put(stage, index, actions=None):
    person = draw_person(0, index)
    rest = stage.head.shape(person.phenotype, person.local)
    stage.set_texture(paint_person(person))
    stage.set_geometry(stage.head.act(rest, actions or {}), rest)


@pytest.fixture(scope="module")
def stage():
    return Renderer(48, 4)


def same(a, b):
    for name in ("radiance", "coverage", "regions"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


def test_bits_do_not_depend_on_what_came_before(stage):
    first = View(yaw=20, light_azimuth=-30)
    put(stage, 0)
    before = stage.view(first)
    put(stage, 1, {"jawOpen": 0.3})
    stage.view(View(yaw=-80))
    put(stage, 0)
    stage.view(View(pitch=10))
    same(before, stage.view(first))
    fresh = Renderer(48, 4)
    put(fresh, 0)
    same(before, fresh.view(first))


def middle(mask):
    return np.argwhere(mask).mean(0)


def test_the_head_turns_to_the_right_and_up_and_moves_as_told(stage):
    put(stage, 2)

    def nose(**view):
        return middle(stage.view(View(**view)).regions == LABEL["nose"])

    straight = nose()
    assert straight[1] == pytest.approx(23.5, abs=1)
    assert nose(yaw=30)[1] > straight[1] + 4 and nose(yaw=-30)[1] < straight[1] - 4
    assert nose(pitch=15)[0] < straight[0] - 2
    assert nose(x=0.1)[1] == pytest.approx(straight[1] + 4.8, abs=0.8)
    assert nose(y=0.1)[0] == pytest.approx(straight[0] + 4.8, abs=0.8)


def test_size_follows_scale(stage):
    put(stage, 2)
    small, large = (
        np.ptp(np.argwhere(stage.view(View(scale=s)).regions == LABEL["eye"])[:, 1]) for s in (0.8, 1.1)
    )
    assert large > 1.2 * small


def test_light_comes_from_where_it_is_said(stage):
    put(stage, 2)
    for side in (-1, 1):
        seen = stage.view(View(light_azimuth=60 * side)).radiance.sum(-1)
        left, right = seen[:, :24].sum(), seen[:, 24:].sum()
        assert side * (right - left) > 0.2 * left


@pytest.mark.parametrize("yaw", [-105, -90, -45, 0, 60, 105])
def test_nothing_is_hollow_from_any_side(stage, yaw):
    put(stage, 3)
    seen = stage.view(View(yaw=yaw))
    solid = seen.coverage > 0.5
    np.testing.assert_array_equal(binary_fill_holes(np.pad(solid, 1))[1:-1, 1:-1], solid)
    lit = seen.radiance[solid].max(-1)
    assert (lit > 0.003).all()  # no black speck where the surface turns away


def test_region_maps_cover_the_head_and_nothing_else(stage):
    put(stage, 4)
    seen = stage.view(View())
    inside, outside = seen.coverage == 1, seen.coverage == 0
    assert (seen.regions[inside] != LABEL["background"]).all()
    assert (seen.regions[outside] == LABEL["background"]).all()
    wanted = ("skin", "brow", "eye", "nose", "mouth", "ear", "cheek", "chin", "forehead", "neck")
    assert set(np.unique(seen.regions)) == {LABEL["background"], *(LABEL[name] for name in wanted)}


def test_an_open_mouth_shows_teeth(stage):
    dark = max(range(20), key=lambda i: draw_person(0, i).melanin)
    put(stage, dark)
    at = stage.view(View()).regions == LABEL["mouth"]
    closed = stage.view(View()).radiance.mean(-1)[at].max()
    put(stage, dark, {"jawOpen": 0.35, "mouthSmileLeft": 0.5, "mouthSmileRight": 0.5})
    assert stage.view(View()).radiance.mean(-1)[at].max() > 1.15 * closed


def test_wrong_sizes_are_named():
    with pytest.raises(InputError, match="samples per pixel are 8; expected a square number"):
        renderer(48, 8)
    with pytest.raises(InputError, match="size of a rendered image is 2"):
        renderer(2, 4)
