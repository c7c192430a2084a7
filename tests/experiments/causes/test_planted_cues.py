"""Reliance on planted cues, and what maps show of it, in networks that are known to rely on it or not."""

import numpy as np
import pandas as pd
import pytest
import torch
from known_readers import reader

from faceinv.data.faces.face_set import FaceSet
from faceinv.errors import InputError
from faceinv.experiments.causes import planted_cues
from faceinv.experiments.causes.detection import area_intervals, detection, judge_by_cues
from faceinv.experiments.causes.map_makers import CONTROL_METHODS, map_maker
from faceinv.experiments.causes.planted_cues import Planting, answers_with_cue, reliance, score_cue
from faceinv.lrp.relevance import relevance
from faceinv.models.architectures import Specification, build, duplicate
from faceinv.models.training_runs import Trained, TrainingRun

SIZE = 32
PLAIN = FaceSet(identities=10, views=1, size=SIZE, samples=1, first=70_000)
CUED = PLAIN.with_cause("mark", label="gender", value="male", agreement=1.0)


def corner():
    weights = np.zeros((SIZE, SIZE))
    weights[:4, :4] = 1
    return weights


def face():
    weights = np.zeros((SIZE, SIZE))
    weights[8:24, 8:24] = np.arange(256).reshape(16, 16) % 7 - 3
    return weights


@pytest.fixture
def planting(tmp_path, monkeypatch):
    """Make a planting whose network is known."""
    monkeypatch.setenv("FACEINV_CACHE", str(tmp_path))
    known = {}

    def make(weights, seed=0):
        known[seed] = Trained(reader(weights), pd.DataFrame())
        monkeypatch.setattr(planted_cues, "train", lambda run: known[run.seed])
        return Planting(TrainingRun(CUED, "gender", seed, ()), images=2)

    return make


def test_a_network_that_reads_the_cue_relies_on_it_and_its_map_shows_it(planting):
    plan = planting(-corner())  # a dark corner speaks for male
    answers = answers_with_cue(plan)
    assert len(answers) == 2 * answers["image"].nunique() and answers["agrees"].mean() == 0.5
    assert answers["correct"].equals(answers["agrees"]) and reliance(answers) == 1
    scores = score_cue(map_maker("epsilon"), plan)
    assert (scores["hit"] == 1).all() and (scores["mass"] > 10).all() and (scores["roc"] > 0.9).all()


def test_a_network_that_reads_the_face_does_not(planting):
    plan = planting(face())
    assert reliance(answers_with_cue(plan)) == 0
    scores = score_cue(map_maker("epsilon"), plan)
    assert (scores["hit"] == 0).all() and (scores["mass"] == 0).all() and (scores["roc"] < 0.5).all()
    even = score_cue(map_maker("even"), plan)
    assert even["mass"].to_numpy() == pytest.approx(1) and even["roc"].to_numpy() == pytest.approx(0.5)


def test_a_network_that_ignores_the_image_relies_on_nothing_and_has_no_map(planting):
    plan = planting(np.zeros((SIZE, SIZE)))
    assert reliance(answers_with_cue(plan)) == 0
    assert score_cue(map_maker("epsilon"), plan)["mass"].isna().all()


def test_a_method_that_shows_the_cue_detects_who_relies_on_it(planting):
    plans = [planting(-corner(), 0), planting(face(), 1)]
    found = judge_by_cues(map_maker("epsilon"), plans)
    assert found["relies"].tolist() == [True, False] and found["agreement"].tolist() == [1, 1]
    assert detection(found, draws=10).estimate.item() == 1
    assert detection(judge_by_cues(map_maker("even"), plans), draws=10).estimate.item() == 0.5


def test_detection_counts_pairs_within_an_architecture_and_a_cue():
    rows = [("a", "mole", 0, True, 2), ("a", "mole", 1, False, 1), ("a", "mole", 1, False, 3)]
    rows += [("b", "mole", 0, True, 0), ("b", "mole", 1, False, 0)]  # a tie; its scale is another
    names = ["architecture", "cue", "seed", "relies", "mass"]
    networks = pd.DataFrame(rows, columns=names).assign(method="m")
    assert detection(networks).estimate.item() == (1 + 0 + 0.5) / 3
    alone = networks[networks["relies"]]
    assert np.isnan(detection(alone).estimate.item())


@pytest.mark.parametrize(("seeds", "known"), [(3, False), (6, True)])
def test_groups_that_do_not_overlap_need_several_seeds_for_an_interval(seeds, known):
    networks = pd.DataFrame({"seed": np.repeat(range(seeds), 2), "relies": [True, False] * seeds})
    networks = networks.assign(mass=networks["relies"] * 1.0, method="m", architecture="a", cue="mole")
    row = area_intervals(detection(networks)).iloc[0]
    assert row["estimate"] == 1 and (row["low"] == 1 if known else np.isnan(row["low"]))


def test_the_interval_of_an_area_is_symmetric_in_its_logit():
    rng = np.random.default_rng(1)
    networks = pd.DataFrame({"seed": np.repeat(range(10), 2), "relies": [True, False] * 10})
    networks = networks.assign(
        mass=rng.normal(size=20) + networks["relies"], method="m", architecture="a", cue="c"
    )
    row = area_intervals(detection(networks)).iloc[0]
    low, middle, high = (np.log(row[n] / (1 - row[n])) for n in ("low", "estimate", "high"))
    assert 0 < row["low"] < row["high"] < 1 and high - middle == pytest.approx(middle - low)


def test_seeds_are_the_unit_of_detection():
    rng = np.random.default_rng(0)
    networks = pd.DataFrame(
        {
            "seed": np.repeat(range(10), 2),
            "relies": np.tile([True, False], 10),
            "mass": rng.normal(size=20),
            "method": "m",
            "architecture": "a",
            "cue": "mole",
        }
    )
    interval = detection(networks).interval().iloc[0]
    assert interval["low"] < 0.5 < interval["high"] and interval["seeds"] == 10


@pytest.mark.parametrize("name", CONTROL_METHODS)
def test_controls_have_the_shape_of_maps(name):
    network = reader(face())
    maps = map_maker(name)(network, network.prepare(np.zeros((2, SIZE, SIZE, 3), np.uint8)), np.zeros(2, int))
    assert maps.shape == (2, SIZE, SIZE)


def drawn(seed):
    return build(Specification("vgg11_bn", ("a", "b"), width=1 / 16, size=SIZE, seed=seed))


def test_the_untrained_control_follows_the_rules_of_the_maps_that_it_controls():
    before = drawn(seed=3)
    network, inputs, classes = duplicate(before), torch.rand(2, 3, SIZE, SIZE), np.array([0, 1])
    for weights in network.module.parameters():
        weights.data.mul_(1.5)  # what training does to them does not matter
    expected = {
        rules: relevance(before, inputs, classes, rules) for rules in ("epsilon-plus-flat", "epsilon")
    }
    maps = map_maker("untrained")(network, inputs, classes)
    np.testing.assert_array_equal(maps, expected["epsilon-plus-flat"])
    assert not np.allclose(maps, expected["epsilon"], rtol=0.1)


def test_random_maps_of_two_seeds_are_independent():
    inputs, classes = torch.zeros(2, 3, SIZE, SIZE), np.zeros(2, int)
    one, again, other = (map_maker("random")(drawn(seed), inputs, classes) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, again)
    assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.1


def test_what_has_no_cue_is_refused():
    with pytest.raises(InputError, match="no cue goes with gender"):
        Planting(TrainingRun(PLAIN, "gender", 0, ()))
    with pytest.raises(InputError, match="the method is 'none'; expected one of"):
        map_maker("none")
