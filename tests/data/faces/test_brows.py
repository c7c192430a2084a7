"""Brows are of hairs, which lie where the brow is, run the way they should and turn grey."""

from dataclasses import replace

import numpy as np
import pytest

from faceinv.data.faces.brows import (
    HAIR_POINTS,
    INNER,
    LENGTH,
    brow_cover,
    draw_hairs,
    hair_curves,
    middle_and_width,
    place_on_atlas,
)
from faceinv.data.faces.identities import draw_person
from faceinv.data.faces.skin_texture import paint_person
from faceinv.data.faces.uv_atlas import LABEL, load_atlas


@pytest.fixture(scope="module")
def person():
    return replace(draw_person(0, 3), age=25.0)


@pytest.mark.parametrize("scale", [1, 2])
def test_the_place_of_a_texel_is_that_texel(scale):
    atlas = load_atlas(scale)
    row, column = (part.start + (part.stop - part.start) // 3 for part in atlas.brow_window)
    x, _, z = atlas.position[row, column]
    found = place_on_atlas(np.array([[x, z]]), scale)
    np.testing.assert_allclose([found[0][0], found[1][0]], [row, column], atol=0.35 * scale)


def test_hairs_stand_up_at_the_inner_end_and_lie_along_the_tail(person):
    curves = hair_curves(person, 1, 400)
    assert curves.shape == (400, HAIR_POINTS, 2)
    way = curves[:, -1] - curves[:, 0]
    angle = np.rad2deg(np.arctan2(way[:, 1], way[:, 0]))
    along = (curves[:, 0, 0] - INNER) / LENGTH
    assert np.median(angle[along < 0.1]) > 45 and np.abs(np.median(angle[along > 0.7])) < 30
    assert (np.linalg.norm(way, axis=1) < 0.012).all()


def test_hairs_are_dense_in_the_middle_and_sparse_at_the_ends(person):
    along = (hair_curves(person, 1, 2000)[:, 0, 0] - INNER) / LENGTH
    counts = np.histogram(along, bins=np.linspace(-0.1, 1.1, 7))[0]
    assert counts[0] < 0.6 * counts[1:3].max() and counts[-1] < 0.25 * counts[1:3].max()


def test_both_brows_have_hairs_of_their_own(person):
    left, right = hair_curves(person, -1, 50), hair_curves(person, 1, 50)
    assert not np.allclose(np.abs(left[..., 0]), right[..., 0])


def test_tails_have_no_hook():
    """The outer part of a brow falls gently."""
    along = np.linspace(0, 1, 50)
    for i in range(200):
        b = draw_person(1, i).brow
        middle = middle_and_width(b, along)[0]
        slope = np.diff(middle)[35:] / (LENGTH / 49)
        assert slope.min() > -0.75  # never steeper than 37 degrees


def test_brows_cover_what_they_darken(person):
    texture = paint_person(person)
    covered = texture.brow > 0.8
    z = load_atlas().position[covered][:, 2]
    assert covered.sum() > 100 and z.min() > 0.005 and z.max() < 0.045
    assert texture.skin[covered].mean() < 0.7 * texture.skin[load_atlas().regions == LABEL["forehead"]].mean()


def test_thicker_brows_cover_more_and_have_more_hairs(person):
    x, z = np.meshgrid(np.linspace(0, 0.07, 60), np.linspace(0, 0.04, 60))
    brows = [replace(person.brow, thickness=t) for t in (0.003, 0.006)]
    thin, thick = (brow_cover(b, x, z).sum() for b in brows)
    assert thick > 1.5 * thin
    thin, thick = (draw_hairs(replace(person, brow=b), load_atlas())[0].sum() for b in brows)
    assert thick > 1.3 * thin


def test_brows_turn_grey_with_age(person):
    brow = paint_person(person).brow > 0.5
    dark = replace(person, hair=np.array([0.05, 0.04, 0.035]), melanin=0.3)
    young, old = (paint_person(replace(dark, age=age)).skin[brow].mean() for age in (20.0, 95.0))
    assert old > 1.2 * young


def test_another_brow_changes_nothing_else(person):
    other = paint_person(replace(person, brow=draw_person(0, 9).brow)).skin
    changed = (other != paint_person(person).skin).any(-1)
    rows, columns = np.where(changed)
    window = load_atlas().brow_window
    for at, part in zip((rows, columns), window, strict=True):
        assert at.min() >= part.start and at.max() < part.stop
