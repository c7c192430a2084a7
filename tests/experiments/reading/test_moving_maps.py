"""Maps that move with the face and maps that do not, and what survival is said to be where it is known."""

import numpy as np
import pandas as pd
import pytest
import torch

from faceinv.errors import InputError
from faceinv.experiments.reading.moving_maps import (
    areas_by_cell,
    early_warning,
    other_person,
    survival,
    transformed_only,
)
from faceinv.metrics.equivariance import correlation_within, moved_maps
from faceinv.metrics.left_out_people import WITHOUT, mean_of_networks
from faceinv.metrics.roc import area_under_roc
from faceinv.perturbations.transformations import TRANSFORMATIONS

LEVELS = TRANSFORMATIONS["rotation"].levels[:4]


def moving(level):
    position = TRANSFORMATIONS["position"]
    return lambda maps: position(maps, level, torch.arange(len(maps)), background=0.0)


def test_a_map_that_moves_with_the_image_correlates_perfectly_where_the_image_is():
    maps = np.random.default_rng(0).normal(size=(4, 16, 16)).astype(np.float32)
    along, inside = moved_maps(maps, moving(0.25))
    assert inside.mean() == 0.75  # a quarter comes from beyond the border
    np.testing.assert_array_equal(along[0][:, 4:], maps[0][:, :-4])  # the first image moves to the right
    now = np.where(inside, along, 100)  # whatever lies in the part that is new
    assert correlation_within(now, along, inside) == pytest.approx(1)
    assert (np.abs(correlation_within(now, maps, inside)) < 0.3).all()


def test_the_identity_moves_nothing():
    maps = np.random.default_rng(0).normal(size=(2, 8, 8)).astype(np.float32)
    along, inside = moved_maps(maps, moving(0.0))
    assert inside.all() and (along == maps).all()
    assert np.isnan(correlation_within(np.ones((1, 8, 8)), maps[:1], inside[:1])).all()


def table_of(correct, along):
    """One network, images x levels."""
    correct, along = np.asarray(correct, bool), np.asarray(along, float)
    images, levels = correct.shape
    return pd.DataFrame(
        {
            "kind": "a",
            "seed": 0,
            "transformation": "rotation",
            "level": np.tile(LEVELS[:levels], images),
            "image": np.repeat(range(images), levels),
            "direction": 0,
            "identity": np.repeat(range(images), levels),
            "correct": correct.ravel(),
            "along": along.ravel(),
        }
    )


def test_survival_compares_images_that_were_known():
    table = table_of(
        [[1, 1, 1], [1, 0, 0], [1, 1, 0], [0, 1, 1]],
        [[1, 0.9, 0.8], [1, 0.5, 0.4], [1, 0.4, 0.2], [1, 0.0, 0.0]],
    )
    found = survival(table, ["kind"]).set_index("level")["value"]
    # at the first level 0.9 and 0.4 are known and 0.5 is lost; the last image was never known
    assert found.to_dict() == {LEVELS[1]: 0.5, LEVELS[2]: 1.0}
    assert len(transformed_only(table)) == 8


def test_a_warning_is_early_if_the_face_is_still_known():
    table = table_of(
        [[1, 1, 1, 0], [1, 1, 0, 0], [1, 1, 1, 1], [1, 0, 0, 0]],
        [[1, 0.9, 0.2, 0], [1, 0.3, 0.1, 0], [1, 0.8, 0.7, 0], [1, 0.0, 0.9, 0]],
    )
    found = early_warning(table, ["kind"]).set_index("level")["value"]
    # the second image, with 0.3, is lost next; then the first, with 0.2; what is lost already does not count
    assert found.to_dict() == {LEVELS[1]: 1.0, LEVELS[2]: 1.0}


def test_maps_that_tell_nothing_have_an_area_of_one_half():
    rng = np.random.default_rng(0)
    tables = [
        table_of(np.column_stack([np.ones(30), rng.random((30, 2)) < 0.5]), rng.random((30, 3))).assign(
            seed=k
        )
        for k in range(40)
    ]
    assert survival(pd.concat(tables), ["kind"])["value"].mean() == pytest.approx(0.5, abs=0.03)
    assert early_warning(pd.concat(tables), ["kind"])["value"].mean() == pytest.approx(0.5, abs=0.05)


def test_a_direction_that_changes_maps_and_answers_is_no_link_between_them():
    """Maps move along only upwards, where answers survive: over all directions, and not within one."""
    upward = np.arange(24) % 4 == 3
    table = table_of(
        np.column_stack([np.ones(24), np.ones(24), upward | (np.arange(24) < 12), upward]),
        np.column_stack([np.ones(24), upward, upward, upward]),
    )
    # six of the 15 that survive move up, and none of the 9 that do not: 0.4 + 0.6 / 2
    pooled = survival(table, ["kind"]).set_index("level")["value"]
    assert pooled[LEVELS[2]] == pytest.approx(0.7) and pooled[LEVELS[3]] == 1
    assert early_warning(table, ["kind"])["value"].tolist() == pytest.approx([0.7, 1])
    table["direction"] = table["image"] % 4
    found = survival(table, ["kind"]).set_index("level")["value"]
    assert np.isnan(found[LEVELS[1]]) and found[LEVELS[2]] == 0.5  # first nothing is lost
    assert np.isnan(found[LEVELS[3]])  # then each direction keeps all or loses all
    assert set(early_warning(table, ["kind"])["value"].dropna()) == {0.5}


def test_pairs_of_all_directions_count_together():
    table = pd.DataFrame({"cell": 0, "identity": range(7), "along": [3, 1, 2, 9, 8, 7, 5]})
    table["kept"] = [True, False, False, True, False, False, False]
    table["direction"] = [0, 0, 1, 1, 1, 1, 1]
    # 3 against 1; 9 against 2, 8, 7 and 5
    found = areas_by_cell(table.replace({"along": {9: 6}}), ["cell", "direction"], "kept").iloc[0]
    assert found["value"] == (1 + 2) / 5 and found[f"{WITHOUT}0"] == 2 / 4 and found[f"{WITHOUT}4"] == 3 / 4
    some = pd.concat([table, table.assign(cell=1).iloc[3:]])
    found = areas_by_cell(some, ["cell", "direction"], "kept").set_index("cell")
    assert np.isnan(found.loc[1, f"{WITHOUT}0"])  # whose images are not in this cell


def people(per_person, count=12):
    """A table of images, sorted by person."""
    return pd.DataFrame({"identity": np.repeat(np.arange(count) * 7, per_person)})


@pytest.mark.parametrize("per_person", [1, 3])
@pytest.mark.parametrize("posed", [False, True])
def test_the_map_of_another_person_is_never_that_of_the_same(per_person, posed):
    table = people(per_person)
    if posed:
        angles = np.random.default_rng(0).normal(0, 20, (len(table), 3))
        table[["yaw", "pitch", "roll"]] = angles
    found = other_person(table)
    assert (table["identity"].to_numpy()[found] != table["identity"].to_numpy()).all()
    if not posed:  # the first image of the next person; the first person follows the last
        assert (
            found.tolist()
            == np.roll(np.repeat(range(0, len(table), per_person), per_person), -per_person).tolist()
        )


def test_the_other_person_is_the_one_of_the_most_similar_pose():
    table = pd.DataFrame({"identity": [0, 0, 1, 1, 2, 2], "pitch": 0.0, "roll": 0.0})
    table["yaw"] = [0.0, 30.0, 28.0, -1.0, 5.0, 31.0]
    # the second image is as near as 28 and 31 are: 2 and 1 degrees; the fourth is nearest to the first
    assert other_person(table).tolist() == [3, 5, 1, 0, 0, 1]
    assert other_person(table.assign(yaw=0.0)).tolist() == [2, 2, 4, 4, 0, 0]
    with pytest.raises(InputError, match="one person"):
        other_person(table.assign(identity=0))


def test_areas_without_an_identity_are_those_of_the_other_images():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"cell": 0, "identity": [0, 0, 1, 1, 2, 2, 3], "along": rng.integers(0, 4, 7)})
    table["known"] = [True, False, True, True, False, True, False]
    found = areas_by_cell(table, ["cell"], "known").iloc[0]
    for who in range(4):
        rest = table[table["identity"] != who]
        rest = area_under_roc(rest["along"].to_numpy(), rest["known"].to_numpy())
        assert found[f"{WITHOUT}{who}"] == pytest.approx(float(rest))
    alone = areas_by_cell(table.assign(identity=[0, 0, 0, 0, 0, 0, 1]), ["cell"], "known").iloc[0]
    assert np.isinf(alone[f"{WITHOUT}0"])  # no pair is left


def test_images_that_differ_in_both_are_no_evidence_however_many_networks_see_them():
    """Ten networks give the same answers and maps: only other identities tell chance from a link."""
    rng = np.random.default_rng(0)
    one = pd.DataFrame({"identity": range(20), "along": rng.random(20), "kept": rng.random(20) < 0.5})
    table = pd.concat([one.assign(seed=seed, question="q") for seed in range(10)])
    found = mean_of_networks(areas_by_cell(table, ["question", "seed"], "kept"), ["question"])
    kinds = {kind: (deviation**2).sum() for kind, deviation, _ in found.strata}
    assert kinds["seed"] == pytest.approx(0) and kinds["identity"] > 0
    interval = found.interval().iloc[0]
    assert interval["low"] < 0.5 < interval["high"]
    # of one network: the standard error of an area without a link (Hanley & McNeil 1982)
    positive = one["kept"].sum()
    expected = np.sqrt(21 / (12 * positive * (20 - positive)))
    assert interval["se"] == pytest.approx(expected, rel=0.3)
