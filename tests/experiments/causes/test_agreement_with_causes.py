"""Agreement of maps with causes, in tables whose correlations are known by hand."""

import numpy as np
import pandas as pd
import pytest

from faceinv.experiments.causes.agreement import (
    network_shares,
    over_images,
    over_kinds,
    over_regions,
    with_weights,
)
from faceinv.experiments.causes.causal_weights import causal_shares
from faceinv.experiments.causes.map_shares import exchanged_shares
from faceinv.metrics.bootstrap import bootstrap
from faceinv.metrics.left_out_people import WITHOUT, mean_of_networks

CAUSES_OF_TEST = ["eye", "nose", "mouth"]


def table_of(weights, shares, **conditions):
    """A table of images x causes."""
    weights, shares = np.asarray(weights, float), np.asarray(shares, float)
    n = len(weights)
    return pd.DataFrame(
        {
            "cause": np.tile(CAUSES_OF_TEST, n),
            "image": np.repeat(range(n), 3),
            "identity": np.repeat([f"i{k}" for k in range(n)], 3),
            "weight": weights.ravel(),
            "share": shares.ravel(),
            **conditions,
        }
    )


def test_regions_are_ranked_within_each_image():
    table = table_of([[1, 2, 3], [1, 2, 3], [5, 5, 5]], [[0.1, 0.2, 0.7], [0.7, 0.2, 0.1], [0.1, 0.2, 0.7]])
    found = over_regions(table.assign(seed=0), ["seed"]).set_index("image")["value"]
    assert found[0] == pytest.approx(1) and found[1] == pytest.approx(-1) and np.isnan(found[2])


def test_images_are_ranked_within_each_region():
    table = table_of([[1, 9, 1], [2, 8, 5], [3, 7, 3]], [[0.1, 0.1, 0.8], [0.2, 0.2, 0.6], [0.3, 0.3, 0.4]])
    found = over_images(table.assign(seed=0), ["seed"]).set_index("cause")["value"]
    assert found["eye"] == pytest.approx(1) and found["nose"] == pytest.approx(-1)
    assert found["mouth"] == pytest.approx(-0.5)


def test_networks_are_compared_by_shares_of_their_own_weights():
    # by a factor of ten more movable in all regions, which no share shows
    networks = [
        table_of([[10, 80, 10]], [[0.2, 0.7, 0.1]], pretraining="none", seed=0),
        table_of([[2, 6, 2]], [[0.3, 0.5, 0.2]], pretraining="faces", seed=0),
        table_of([[3, 4, 3]], [[0.4, 0.3, 0.3]], pretraining="objects", seed=0),
    ]
    table = pd.concat(networks)
    shares = network_shares(table, ["pretraining", "seed"]).set_index(["pretraining", "cause"])
    assert shares.loc[("none", "nose"), "causal"] == 0.8 and shares.loc[("faces", "nose"), "share"] == 0.5
    found = over_kinds(table, ["seed"], ["pretraining"]).set_index("cause")["value"]
    assert found.to_numpy() == pytest.approx(1)
    assert over_kinds(pd.concat(networks[:2]), ["seed"], ["pretraining"]).empty


def test_shares_count_only_what_lies_on_the_regions():
    regions = np.array([[[0, 3], [4, 5]]], np.uint8)  # background, eye, nose, mouth
    maps = np.array([[[96.0, -1.0], [3.0, 0.0]]])
    shares = exchanged_shares(maps, regions, CAUSES_OF_TEST)
    assert shares["cause"].tolist() == CAUSES_OF_TEST
    assert shares["share"].to_numpy() == pytest.approx([0.25, 0.75, 0])
    weights = pd.DataFrame({"cause": CAUSES_OF_TEST, "image": 0, "identity": "a", "weight": [1, 2, 0]})
    assert with_weights(weights, shares.assign(method="m"))["weight"].tolist() == [1, 2, 0]


def weights_of(*networks):
    """Networks of one kind, each with weights of people x causes."""
    return pd.concat(
        [
            table_of(own, own, task="gender", seed=seed, base="none").drop(columns="share")
            for seed, own in enumerate(networks)
        ],
        ignore_index=True,
    )


def test_a_share_without_a_person_is_one_of_the_weights_of_all_others():
    weights = weights_of([[8, 1, 1], [1, 2, 2], [1, 2, 2]], [[40, 30, 20], [20, 10, 0], [10, 0, 10]])
    found = causal_shares(weights, ["task"])
    eye = ("gender", "eye")
    # ten of 20 and seventy of 140; the first person alone has eight of ten and 40 of 90
    assert found.estimate[eye] == 0.5
    rows = found.left_out[eye]
    assert rows["identity"].tolist() == pytest.approx([0.4, (9 / 15 + 5 / 11) / 2, 0.55])
    assert rows["seed"].tolist() == pytest.approx([0.5, 0.5])
    assert found.left_out.T.groupby("task").sum().to_numpy() == pytest.approx(1)
    # as it is if each weight is divided by the sum of the whole sample, and averaged
    relative = weights.assign(value=weights["weight"] / weights["seed"].map({0: 20 / 3, 1: 140 / 3}))
    means = bootstrap(relative, "value", ["task", "cause"]).estimate
    assert found.estimate.to_dict() == pytest.approx(means.to_dict())


def test_one_person_who_moves_everything_leaves_shares_as_they_are():
    same = [[0.5, 0.3, 0.2]] * 4
    weights = weights_of(*(np.array(same) * [[100], [1], [1], [1]] for _ in range(2)))
    found = causal_shares(weights, ["task"]).interval()
    assert found["se"].to_numpy() == pytest.approx(0, abs=1e-12) and found["identities"].eq(4).all()


def test_images_that_differ_in_weight_and_share_are_no_evidence_of_each_other():
    """All networks see the same images: an interval over networks alone excludes zero in most trials."""
    excluded = {"networks": 0, "both": 0}
    for trial in range(10):
        rng = np.random.default_rng(trial)
        of_image = rng.normal(size=(2, 20, 3))
        tables = [
            table_of(*np.exp(of_image + 0.3 * rng.normal(size=(2, 20, 3))), seed=seed, task="t")
            for seed in range(5)
        ]
        values = over_images(pd.concat(tables), ["task", "seed"])
        alone = bootstrap(values, "value", ["task"], units=("seed",)).interval().iloc[0]
        both = mean_of_networks(values, ["task"]).interval().iloc[0]
        assert both["estimate"] == pytest.approx(alone["estimate"])
        excluded["networks"] += not alone["low"] <= 0 <= alone["high"]
        excluded["both"] += not both["low"] <= 0 <= both["high"]
    assert excluded["networks"] >= 3 and excluded["both"] <= 1


def test_correlations_without_a_person_are_those_of_the_other_images():
    table = table_of(
        [[1, 9, 1], [2, 8, 5], [3, 7, 3], [0, 1, 9]],
        [[0.1, 0.1, 0.8]] + [[0.2, 0.2, 0.6]] * 2 + [[0.4, 0, 0.6]],
    )
    found = over_images(table.assign(seed=0), ["seed"]).set_index("cause")
    # of the eye: weights 1, 2, 3 and shares .1, .2, .2 without the last image
    assert found.loc["eye", f"{WITHOUT}i3"] == pytest.approx(np.sqrt(3) / 2)
    assert np.isinf(over_images(table[table["image"] < 2].assign(seed=0), ["seed"])[f"{WITHOUT}i0"]).all()


def kinds_of(task, names, seeds=2, base="none"):
    """Networks of a task by pretraining, with random weights and shares of four images."""
    rng = np.random.default_rng(len(names))
    return pd.concat(
        [
            table_of(*rng.random((2, 4, 3)), task=task, pretraining=name, seed=seed).assign(
                base=base if name == "none" else f"{name} #{seed % 2}"
            )
            for name in names
            for seed in range(seeds)
        ]
    )


def test_a_task_keeps_its_kinds_of_network_where_another_task_has_more():
    own = kinds_of("gender", ["none", "faces", "objects"])
    both = pd.concat([own, kinds_of("identity", ["none", "faces", "objects", "deeper"])])
    keys, kinds = ["task", "seed"], ["pretraining"]
    found, alone = over_kinds(both, keys, kinds), over_kinds(own, keys, kinds)
    assert found.groupby("task").size().to_dict() == {"gender": 6, "identity": 6}
    pd.testing.assert_frame_equal(found[found["task"] == "gender"], alone)
    fewer = pd.concat([own, kinds_of("identity", ["none", "faces"])])
    assert set(over_kinds(fewer, keys, kinds)["task"]) == {"gender"}


def test_seeds_that_share_a_base_are_left_out_together():
    table = kinds_of("gender", ["none", "faces", "objects"], seeds=4)
    found = over_kinds(table, ["task", "seed"], ["pretraining"])
    assert found.groupby("seed")["base"].first().str.partition(" #")[2].tolist() == ["0", "1", "0", "1"]
    means = mean_of_networks(found, ["task"])
    assert means.interval().loc[0, "bases"] == 2
    kinds = means.left_out.index.get_level_values("kind").value_counts().to_dict()
    assert kinds == {"base": 2, "identity": 4}
    # each row of a network is a mean over people: without one it is that of the others
    who = table[table["identity"] != "i1"]
    rest = over_kinds(who, ["task", "seed"], ["pretraining"])["value"].mean()
    assert means.left_out.loc[("identity", "", "i1"), "gender"].iloc[0] == pytest.approx(rest)
