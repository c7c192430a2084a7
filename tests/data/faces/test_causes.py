"""Changing one cause changes nothing out of its reach, and a set has it as often as was asked for."""

from dataclasses import replace
from unittest import mock

import numpy as np
import pandas as pd
import pytest
from reach import reach, recorded

from faceinv.data.faces import face_renderer
from faceinv.data.faces.causes import CAUSES, EXCHANGED, WHOLE_FACE, Intervention, is_changed
from faceinv.data.faces.counterfactuals import change_images, pairs_of_identities, plant, render_pairs
from faceinv.data.faces.face_images import (
    background,
    choose_faces,
    counterfactuals_of,
    render,
    render_identities,
)
from faceinv.data.faces.face_set import FaceSet
from faceinv.data.faces.identities import GENDERS
from faceinv.data.sources import caution, describe, is_standardised, load_pairs
from faceinv.errors import InputError

SIZE, SAMPLES = 48, 9
BOTH = FaceSet(identities=1, views=2, size=SIZE, samples=SAMPLES, yaws=(0.0, 45.0), first=9)
SMALL = FaceSet(identities=8, views=2, size=16, samples=1)


@pytest.mark.slow
@pytest.mark.parametrize(("colour", "hair"), [("controlled", "none"), ("colour", "fringe")])
@pytest.mark.parametrize("cause", CAUSES)
def test_nothing_changes_out_of_reach(cause, colour, hair):
    hair = "swept" if CAUSES[cause].needs_hair else hair
    faces = replace(BOTH, colour=colour, hair=hair).with_cause(cause)
    with recorded() as pictures:
        pairs = pairs_of_identities(faces, 0, 1)
    originals = choose_faces(faces, faces.first)
    changed = counterfactuals_of(faces, faces.first, originals)
    assert len(pictures) == 2 * len(originals)  # the originals, and then the others
    for k, (one, other) in enumerate(zip(originals, changed, strict=True)):
        assert other is not None
        grounds = background(one, SIZE) != background(other, SIZE)
        reached = reach(pictures[k], pictures[k + len(originals)], SIZE, SAMPLES) | grounds[..., 0]
        assert pairs.originals.regions is not None and pairs.counterfactuals.regions is not None
        moved = pairs.originals.regions[k] != pairs.counterfactuals.regions[k]
        assert pairs.differs[k].any()
        assert not (pairs.differs[k] & ~reached).any()
        assert not (moved & ~reached).any()
        face = (pairs.originals.regions[k] > 0) | (pairs.counterfactuals.regions[k] > 0)
        if CAUSES[cause].region not in (WHOLE_FACE, "skin", "hair"):
            assert reached.sum() < 0.4 * face.sum()  # else it would hold of any image


@pytest.mark.parametrize(
    ("cause", "scenes"),
    [("mole", 1), ("iris brightness", 1), ("light", 1), ("nose texture", 1), ("nose shape", 2)],
)
def test_a_counterfactual_needs_no_new_scene_where_geometry_stays(cause, scenes):
    with mock.patch.object(face_renderer, "Scene", wraps=face_renderer.Scene) as built:
        pairs_of_identities(replace(SMALL, identities=1).with_cause(cause), 0, 1)
    assert built.call_count == scenes


@pytest.fixture(scope="module")
def planted():
    faces = replace(SMALL, identities=8).with_cause("mark", label="gender", value="male", agreement=0.75)
    return faces, render(faces), render_pairs(faces)


def test_a_planted_set_holds_originals_and_counterfactuals(planted):
    _, stimuli, pairs = planted
    present = stimuli.table["present"].to_numpy()
    np.testing.assert_array_equal(stimuli.images[present], pairs.counterfactuals.images[present])
    np.testing.assert_array_equal(stimuli.images[~present], pairs.originals.images[~present])
    np.testing.assert_array_equal(pairs.counterfactuals.table["present"], present)
    assert pairs.differs.any((1, 2)).all() and 0 < present.mean() < 1


def test_originals_are_the_faces_of_the_set_without_the_cause(planted):
    faces, _, pairs = planted
    plain = render(faces.originals)
    np.testing.assert_array_equal(plain.images, pairs.originals.images)
    pd.testing.assert_frame_equal(plain.table, pairs.originals.table)


def test_a_planted_set_is_chosen_from_pairs(planted):
    faces, stimuli, pairs = planted
    chosen = plant(pairs, faces.cause, faces.seed)
    np.testing.assert_array_equal(chosen.images, stimuli.images)
    np.testing.assert_array_equal(chosen.regions, stimuli.regions)
    pd.testing.assert_frame_equal(chosen.table, stimuli.table)


def test_some_images_of_a_set_are_changed_as_in_their_pairs():
    faces = replace(SMALL, identities=3, first=4)
    originals, changed = change_images(faces, [(6, 1), (5, 0), (6, 0)], ["nose", "mark"])
    rows = [5, 2, 4]
    for name, each in changed.items():
        pairs = render_pairs(faces.with_cause(name))
        np.testing.assert_array_equal(originals.images, pairs.originals.images[rows])
        np.testing.assert_array_equal(each.images, pairs.counterfactuals.images[rows])
        expected = pairs.counterfactuals.table.drop(columns="present").iloc[rows].reset_index(drop=True)
        pd.testing.assert_frame_equal(each.table, expected)


def test_a_region_is_exchanged_with_shape_and_texture():
    faces = replace(SMALL, identities=2, views=1, size=48)
    changed = {name: render_pairs(faces.with_cause(name)) for name in ("nose", "nose shape", "nose texture")}
    either = changed["nose shape"].differs | changed["nose texture"].differs
    assert (changed["nose"].differs <= either).mean() > 0.99
    whole, shape, texture = (each.counterfactuals.images.astype(int) for each in changed.values())
    assert (whole != shape).any() and (whole != texture).any()


def test_regions_that_are_exchanged_share_no_label():
    labels = [label for name in EXCHANGED for label in CAUSES[name].labels]
    assert len(set(labels)) == len(labels)


def test_slices_of_a_planted_set_have_the_same_bits(planted):
    faces, stimuli, _ = planted
    part = render_identities(faces, 3, 2)
    np.testing.assert_array_equal(part.images, stimuli.images[6:10])
    pd.testing.assert_frame_equal(part.table, stimuli.table.iloc[6:10].reset_index(drop=True))


def test_the_table_says_what_was_changed():
    faces = SMALL.with_cause("nose shape", 0.5, label="gender", value="female", agreement=0.75)
    table = render(faces).table
    others = table[table["present"]]
    assert set(others["strength"]) == {0.5} and set(table["region"]) == {"nose"}
    assert (
        set(table["strength"][~table["present"]])
        == {0.0}
        == set(map(float, table["donor"][~table["present"]].str.len()))
    )
    for identity, donor in others[["identity", "donor"]].itertuples(index=False):
        mine, theirs = (int(name.partition("-")[2]) for name in (identity, donor))
        assert abs(mine - theirs) == 1 and mine // 2 == theirs // 2  # the neighbour of the other gender
    assert set(table["label"] + "=" + table["value"]) == {"gender=female"} and set(table["agreement"]) == {
        0.75
    }


@pytest.mark.parametrize("agreement", [0.5, 0.6, 0.75, 0.9, 1.0])
def test_a_cue_agrees_with_gender_in_the_share_that_was_asked_for(agreement):
    what = Intervention("mole", label="gender", value="female", agreement=agreement)
    for start, count in ((0, 200), (37, 40)):  # of any run of people
        found = [
            (i % 2, is_changed(what, 3, i, 0, GENDERS[i % 2]) == (i % 2 == 0))
            for i in range(start, start + count)
        ]
        for gender in (0, 1):
            agrees = [a for g, a in found if g == gender]
            assert sum(agrees) == pytest.approx(agreement * len(agrees), abs=2)


def test_which_people_have_a_cue_is_not_regular():
    what = Intervention("mole", label="gender", value="female", agreement=0.5)
    has = np.array([is_changed(what, 0, i, 0, "female") for i in range(0, 400, 2)])
    for step in (1, 2, 4):
        assert 0.3 < (has[step:] == has[:-step]).mean() < 0.7


def test_a_cue_agrees_with_expression_in_the_share_that_was_asked_for():
    what = Intervention("mole", label="expression", value="smile", agreement=0.8)
    for shown, has in (("smile", True), ("open", False)):
        agrees = [is_changed(what, 0, i, k, "male", shown) == has for i in range(100) for k in range(10)]
        assert np.mean(agrees) == pytest.approx(0.8, abs=0.04)  # three standard errors of 0.013


def test_strength_is_how_far_a_cause_goes():
    whole, half = (
        render_pairs(replace(BOTH, views=1, yaws=(0.0,), colour="grey").with_cause("mole", strength))
        for strength in (1.0, 0.5)
    )
    way = [
        np.abs(each.counterfactuals.images.astype(int) - each.originals.images).sum()
        for each in (whole, half)
    ]
    assert 0.3 * way[0] < way[1] < 0.7 * way[0]


def test_a_signed_cause_goes_both_ways():
    one = replace(BOTH, views=1, yaws=(0.0,), colour="grey")
    lighter, darker = (
        (pairs.counterfactuals.images.astype(int) - pairs.originals.images).sum()
        for pairs in (render_pairs(one.with_cause("iris brightness", s)) for s in (1.0, -1.0))
    )
    assert lighter > 0 > darker


def test_a_set_with_a_cause_is_a_value():
    faces = SMALL.with_cause("age", -1.0)
    assert faces == SMALL.with_cause("age", -1.0) != SMALL and hash(faces) != hash(SMALL)
    assert faces.originals == SMALL and "age" in faces.name
    assert describe(faces) == "rendered faces with age changed, controlled"
    assert is_standardised(describe(faces)) and "with age changed" in caution(describe(faces))


def test_pairs_are_cached(tmp_path, monkeypatch):
    monkeypatch.setenv("FACEINV_CACHE", str(tmp_path))
    faces = replace(SMALL, identities=2).with_cause("mark")
    first, again = load_pairs(faces), load_pairs(faces)
    np.testing.assert_array_equal(first.differs, again.differs)
    assert list(tmp_path.rglob("_render_pairs-*/*.pkl"))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"cause": "aura"}, "cause is 'aura'; expected one of brow shape, eye shape"),
        ({"strength": -0.5}, "strength of the cause 'mole' is -0.5; expected 0 to 1, and not 0"),
        ({"strength": 0.0}, "strength of the cause 'mole' is 0.0"),
        ({"cause": "age", "strength": -1.5}, "strength of the cause 'age' is -1.5; expected -1 to 1"),
        ({"cause": "hair shape", "strength": 0.5}, "strength of the cause 'hair shape' is 0.5; expected 1"),
        ({"donor": "anybody"}, "donor of a cause is 'anybody'"),
        ({"label": "gender"}, "goes with the label 'gender' and its value None; expected both or neither"),
        ({"label": "light", "value": "left"}, "and a label among gender, expression"),
        ({"label": "gender", "value": "smile"}, "value of the label 'gender' is 'smile'"),
        ({"agreement": 0.4}, "agreement of a cause is 0.4; expected 0.5 to 1"),
    ],
)
def test_wrong_causes_are_named(wrong, message):
    with pytest.raises(InputError, match=message):
        Intervention(**({"cause": "mole"} | wrong))


def test_sets_that_have_no_cause_to_change_are_named():
    with pytest.raises(InputError, match="'8 faces in 2 views' has no cause to change"):
        render_pairs(SMALL)
    with pytest.raises(InputError, match="bald, and 'hair shape' is changed; expected hair"):
        SMALL.with_cause("hair shape")
