"""Skin, brows and eyes are painted as a person's traits say."""

from dataclasses import replace

import numpy as np
import pytest

from faceinv.data.faces.eyes import EYE_TEXELS
from faceinv.data.faces.identities import draw_person
from faceinv.data.faces.skin_texture import paint_person
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
    assert texture.eye.shape == (EYE_TEXELS, EYE_TEXELS, 3)
    for part in (texture.skin, texture.eye):
        assert part.min() >= 0 and part.max() <= 1


def test_painting_is_pure(person):
    np.testing.assert_array_equal(paint_person(person).skin, paint_person(person).skin)


def test_linear_values_are_close_to_the_standards(person):
    s = np.linspace(0, 1, 500)
    exact = np.where(s <= 0.04045, s / 12.92, ((s + 0.055) / 1.055) ** 2.4)
    np.testing.assert_allclose(decode_srgb(s), exact, atol=0.002)


def test_melanin_darkens_and_blood_reddens(person):
    cheek = load_atlas().regions == LABEL["cheek"]
    light, dark = (brightness(replace(person, melanin=m), cheek) for m in (0.1, 0.9))
    assert dark < 0.5 * light
    colours = [
        paint_person(replace(person, melanin=0.2, surface=replace(person.surface, haemoglobin=h)))
        .skin[cheek]
        .mean(0)
        for h in (0.1, 0.9)
    ]
    red = [c[0] / c[1] for c in colours]
    assert red[1] > 1.1 * red[0]


@pytest.mark.parametrize(
    ("trait", "where"),
    [("beard", "beard"), ("lash", "upper_lash"), ("lip_contrast", "lips"), ("under_eye", "under_eye")],
)
def test_traits_darken_where_they_are(person, trait, where):
    there = load_atlas().fields[where] > 0.6
    without, with_it = (brightness(with_traits(person, **{trait: v}), there) for v in (0.0, 0.5))
    assert with_it < without


def test_lips_are_redder_than_the_skin_around_them(person):
    atlas = load_atlas()
    lips, cheek = atlas.fields["lips_soft"] > 0.95, atlas.regions == LABEL["cheek"]
    for melanin, factor in ((0.1, 1.2), (0.5, 1.1), (0.9, 1.02)):
        skin = paint_person(replace(person, melanin=melanin)).skin
        assert skin[lips][:, 0].mean() / skin[lips][:, 1].mean() > factor * (
            skin[cheek][:, 0].mean() / skin[cheek][:, 1].mean()
        )


def test_the_edge_of_the_lips_is_soft(person):
    """Between the middle of a lip and bare skin, no step is as large as a sharp border's."""
    atlas = load_atlas()
    soft = atlas.fields["lips_soft"]
    assert np.abs(np.diff(soft, axis=0)).max() < 0.55


def test_the_finer_atlas_shows_the_same_person(person):
    coarse, fine = (paint_person(person, scale=scale).skin for scale in (1, 2))
    rows, columns, _ = coarse.shape
    assert fine.shape == (2 * rows, 2 * columns, 3)
    mean = fine.reshape(rows, 2, columns, 2, 3).mean((1, 3))
    front = load_atlas().fields["front"] > 0
    assert np.abs(mean - coarse)[front].mean() < 0.04 * coarse[front].mean()
    patterns = [(image[..., 1] / image[..., 1][front].mean())[front] for image in (mean, coarse)]
    assert np.corrcoef(*patterns)[0, 1] > 0.93


def test_the_scalp_shows_where_hair_was_shaven(person):
    young = replace(person, age=20.0)
    atlas = load_atlas()
    crown = atlas.position[..., 2] > 0.1
    forehead = atlas.regions == LABEL["forehead"]
    assert brightness(young, crown) < 0.95 * brightness(young, forehead)


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
    assert np.median(texture.hair[load_atlas().position[..., 2] > 0.1]) > 0.9


def test_gaze_has_a_dark_pupil_in_a_light_eye(person):
    eye = paint_person(person).eye.mean(-1)
    middle = EYE_TEXELS // 2
    assert eye[middle, middle] < 0.05 < 0.2 < eye[middle, EYE_TEXELS // 5]
