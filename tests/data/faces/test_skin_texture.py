"""Skin, brows and eyes are painted as a person's traits say."""

from dataclasses import replace

import numpy as np
import pytest

from faceinv.data.faces.identities import draw_person
from faceinv.data.faces.skin_texture import IRIS_SIZE, brow_cover, paint_person
from faceinv.data.faces.uv_atlas import LABEL, load_atlas
from faceinv.data.rendering.colour import decode_srgb


@pytest.fixture(scope="module")
def person():
    return draw_person(0, 3)


def with_traits(person, **traits):
    return replace(person, traits={**person.traits, **traits})


def brightness(person, where):
    return paint_person(person).skin[where].mean()


def test_textures_are_reflectances(person):
    texture = paint_person(person, hair=True)
    assert texture.skin.shape == (*load_atlas().sky.shape, 3) and texture.skin.dtype == np.float32
    assert texture.eye.shape == (IRIS_SIZE, IRIS_SIZE, 3)
    for part in (texture.skin, texture.eye):
        assert part.min() >= 0 and part.max() <= 1


def test_painting_is_pure(person):
    np.testing.assert_array_equal(paint_person(person).skin, paint_person(person).skin)


def test_linear_values_are_close_to_the_standards(person):
    s = np.linspace(0, 1, 500)
    exact = np.where(s <= 0.04045, s / 12.92, ((s + 0.055) / 1.055) ** 2.4)
    np.testing.assert_allclose(decode_srgb(s), exact, atol=0.002)


def test_melanin_darkens(person):
    everywhere = load_atlas().regions == LABEL["cheek"]
    light, dark = (brightness(replace(person, melanin=m), everywhere) for m in (0.1, 0.9))
    assert dark < 0.5 * light


@pytest.mark.parametrize(
    ("trait", "where"),
    [
        ("beard", "beard"),
        ("lash", "upper_lash"),
        ("lip_contrast", "lips"),
        ("smile_fold", "smile_fold"),
        ("forehead_lines", "forehead_lines"),
        ("under_eye", "under_eye"),
    ],
)
def test_traits_darken_where_they_are(person, trait, where):
    there = load_atlas().fields[where] > 0.6
    without, with_it = (brightness(with_traits(person, **{trait: v}), there) for v in (0.0, 0.5))
    assert with_it < without


def test_brows_cover_what_they_darken(person):
    texture = paint_person(person)
    covered = texture.brow > 0.8
    z = load_atlas().position[covered][:, 2]
    assert covered.sum() > 100 and z.min() > 0.005 and z.max() < 0.045
    assert texture.skin[covered].mean() < 0.7 * texture.skin[load_atlas().regions == LABEL["forehead"]].mean()


def test_thicker_brows_cover_more(person):
    x, z = np.meshgrid(np.linspace(0, 0.07, 60), np.linspace(0, 0.04, 60))
    thin, thick = (brow_cover(replace(person.brow, thickness=t), x, z).sum() for t in (0.003, 0.006))
    assert thick > 1.5 * thin


def test_moles_differ_between_people_not_between_paintings(person):
    plain = paint_person(replace(person, moles=())).skin
    marked = [paint_person(p).skin for p in (draw_person(0, i) for i in range(12)) if p.moles]
    assert marked
    one = replace(person, moles=(*draw_moles(),))
    changed = np.abs(paint_person(one).skin - plain).max(-1) > 1e-3
    assert 4 < changed.sum() < 200


def draw_moles():
    return next(p.moles for p in (draw_person(0, i) for i in range(50)) if len(p.moles) == 1)


def test_hair_grows_above_the_forehead_only(person):
    texture = paint_person(person, hair=True)
    labels = load_atlas().regions
    assert paint_person(person).hair is None
    assert texture.hair is not None
    for name in ("nose", "mouth", "eye", "chin"):
        assert texture.hair[labels == LABEL[name]].max() == 0, name
    assert texture.hair[load_atlas().position[..., 2] > 0.1].min() > 0.9


def test_gaze_has_a_dark_pupil_in_a_light_eye(person):
    eye = paint_person(person).eye.mean(-1)
    middle = IRIS_SIZE // 2
    assert eye[middle, middle] < 0.05 < 0.2 < eye[middle, IRIS_SIZE // 5]
