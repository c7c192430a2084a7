"""Hair grows where it should, as long as its cut says, on anyone, and gender does not show in it."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from faceinv.data.faces.face_images import render
from faceinv.data.faces.face_set import FaceSet
from faceinv.data.faces.haircuts import BY_GENDER, CUTS, VARIED, choose_cut
from faceinv.data.faces.identities import draw_person
from faceinv.data.faces.morphable_head import load_head
from faceinv.data.faces.scalp_hair import grow_scalp_hair
from faceinv.data.faces.strands import facing
from faceinv.data.faces.uv_atlas import LABEL
from faceinv.data.rendering.colour import BACKGROUND, CONTRAST
from faceinv.errors import InputError


@pytest.fixture(scope="module")
def person():
    return replace(draw_person(0, 4), age=25.0)


@pytest.fixture(scope="module")
def standing(person):
    head = load_head()
    return head.stand(head.shape(person.phenotype, person.local))


@pytest.mark.parametrize("cut", CUTS)
def test_hair_is_on_the_head_and_as_low_as_its_cut(cut, person, standing):
    hair = grow_scalp_hair(person, cut, standing)
    assert np.isfinite(hair.points).all() and len(hair.points) == len(hair.normals) == len(hair.uv)
    assert hair.triangles.max() == len(hair.points) - 1
    np.testing.assert_allclose(np.linalg.norm(hair.normals, axis=1), 1, atol=1e-3)
    assert hair.points[:, 2].max() < standing[:, 2].max() + 0.08
    low = np.quantile(hair.points[:, 2], 0.02)
    assert (low < -0.09) == (cut in ("long", "waves")) or cut == "bob"
    if cut == "bob":
        assert CUTS[cut].ends - 0.03 < low < CUTS[cut].ends + 0.04
    in_face = (hair.points[:, 1] < -0.005) & (np.abs(hair.points[:, 0]) < 0.035) & (hair.points[:, 2] < 0.0)
    assert in_face.mean() < 0.01


def test_the_same_person_has_the_same_hair(person, standing):
    one, other = (grow_scalp_hair(person, "short", standing) for _ in range(2))
    np.testing.assert_array_equal(one.points, other.points)
    another = grow_scalp_hair(replace(person, surface=draw_person(0, 6).surface), "short", standing)
    assert not np.array_equal(one.points, another.points)


def test_hair_turns_grey(person, standing):
    dark = replace(person, hair=np.array([0.055, 0.042, 0.036]))
    young, old = (grow_scalp_hair(replace(dark, age=a), "short", standing).colour for a in (20.0, 95.0))
    assert young.mean() < 0.03 and old.mean() > 0.25


def test_a_hairline_recedes(person, standing):
    surface = replace(person.surface, half_receded=50.0)
    young, old = (
        grow_scalp_hair(replace(person, surface=surface, age=a), "buzz", standing) for a in (20.0, 80.0)
    )
    front = [(h.points[:, 1] < 0.01).sum() for h in (young, old)]
    assert front[1] < 0.7 * front[0]
    # what has not fallen out is where it was
    assert {*map(tuple, old.points)} < {*map(tuple, young.points)}


@pytest.mark.parametrize("cut", ["parted", "long", "waves"])
def test_without_a_fringe_no_hair_hangs_before_the_face(cut, person, standing):
    x, y, z = grow_scalp_hair(person, cut, standing).points.T
    assert not ((np.abs(x) < 0.05) & (y < 0.005) & (z < 0.05)).any()


def test_normals_of_hairs_face_the_camera():
    normals = np.array([[0, -1, 0], [0, 1, 0]], np.float32)
    turned = facing(normals, np.zeros((2, 3)), np.array([0, -1.0, 0]))
    np.testing.assert_array_equal(turned, [[0, -1, 0], [0, -1, 0]])


def test_cuts_do_not_go_with_gender_unless_they_should():
    people = [draw_person(6, i) for i in range(1200)]
    for hair, differs in ((VARIED, False), (BY_GENDER, True)):
        counts = [
            Counter(choose_cut(p, hair) for p in people if p.gender == gender)
            for gender in ("female", "male")
        ]
        assert set(counts[0]) == set(CUTS)
        largest = max(abs(counts[0][cut] - counts[1][cut]) for cut in CUTS)
        # a cut is worn by 67 of 600; three standard errors of the difference of two such counts are 33
        assert (largest > 33) == differs
        assert all(min(count[cut] for count in counts) > 0 for cut in CUTS)  # anyone may wear any


def test_hair_of_a_set_is_in_the_maps_and_nothing_else_moves():
    faces = FaceSet(identities=2, views=1, size=48, samples=4, expression=False)
    bald, varied, bob = (render(replace(faces, hair=hair)) for hair in (False, True, "bob"))
    assert bald.regions is not None and varied.regions is not None and bob.regions is not None
    assert not (bald.regions == LABEL["hair"]).any()
    assert (varied.regions == LABEL["hair"]).any() and (bob.regions == LABEL["hair"]).mean() > 0.1
    assert set(bald.table["hair"]) == {"none"} and set(bob.table["hair"]) == {"bob"}
    assert set(varied.table["hair"]) <= set(CUTS)
    assert bald.table.drop(columns="hair").equals(varied.table.drop(columns="hair"))


def test_dark_hair_does_not_make_controlled_faces_pale():
    faces = FaceSet(identities=2, views=1, size=48, samples=4, expression=False, hair="bob")
    seen = render(faces)
    assert seen.regions is not None
    for image, regions in zip(seen.images[..., 0].astype(float), seen.regions, strict=True):
        face = image[(regions != LABEL["hair"]) & (regions != LABEL["background"])]
        assert face.mean() == pytest.approx(BACKGROUND, abs=8) and face.std() == pytest.approx(
            CONTRAST, abs=8
        )


def test_wrong_hair_is_named():
    with pytest.raises(InputError, match="hair of a face set is 'mullet'; expected one of none, varied"):
        FaceSet(identities=1, views=1, hair="mullet")
