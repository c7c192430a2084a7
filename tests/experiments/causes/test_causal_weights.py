"""Causes find what constructed networks read, and nothing in networks that cannot see it."""

import numpy as np
import pytest
from known_readers import reader

from faceinv.data.faces.causes import CAUSES, EXCHANGED
from faceinv.data.faces.counterfactuals import change_images
from faceinv.data.faces.face_set import FaceSet
from faceinv.data.stimuli import REGIONS
from faceinv.experiments.causes.agreement import over_regions, with_weights
from faceinv.experiments.causes.causal_weights import margins, weigh
from faceinv.experiments.causes.map_makers import map_maker
from faceinv.experiments.causes.map_shares import exchanged_shares

SIZE = 48
FACES = FaceSet(
    *(4, 1), size=SIZE, samples=1, yaws=(0.0,), expression=False, light=False, jitter=0.0, first=60_000
)


@pytest.fixture(scope="module")
def changed():
    return change_images(FACES, [(60_000 + i, 0) for i in range(4)], EXCHANGED)


def images_of(changed):
    originals, others = changed
    return originals.images, {name: each.images for name, each in others.items()}


def common(originals, cause):
    """Pixels that show the region of a cause in every face."""
    labels = [REGIONS.index(label) for label in CAUSES[cause].labels]
    return np.isin(originals.regions, labels).all(0)


@pytest.mark.parametrize("cause", EXCHANGED)
def test_a_region_that_a_network_cannot_see_has_no_weight(changed, cause):
    originals, others = images_of(changed)
    hidden = (others[cause] != originals).any((0, 3))
    table = weigh(reader(1.0 * ~hidden), originals, others).groupby("cause")["weight"].mean()
    assert table[cause] == 0 and table.drop(cause).gt(0).all()


@pytest.mark.parametrize("cause", ["eye", "nose", "mouth"])
def test_a_network_that_reads_one_region_is_found_by_causes_and_by_its_map(changed, cause):
    originals, _ = changed
    pattern = np.random.default_rng(0).normal(
        size=(SIZE, SIZE)
    )  # a sum would not see what is moved within it
    network = reader(pattern * common(originals, cause))
    weights = weigh(network, *images_of(changed)).assign(identity=0)
    means = weights.groupby("cause")["weight"].mean()
    assert means.idxmax() == cause and means[cause] > 2 * means.drop(cause).max()
    inputs = network.prepare(originals.images)
    maps = map_maker("epsilon")(network, inputs, np.ones(4, int))
    shares = exchanged_shares(maps, originals.regions, EXCHANGED)
    assert shares[shares["cause"] == cause]["share"].to_numpy() == pytest.approx(1)
    found = over_regions(with_weights(weights, shares).assign(method="epsilon"), ["method"])
    assert found["value"].mean() > 0.6  # at most 0.79, as four regions of five are tied in the map


def test_a_network_that_ignores_the_image_has_no_weights_and_no_map(changed):
    originals, _ = changed
    network = reader(np.zeros((SIZE, SIZE)))
    pictures, others = images_of(changed)
    table = weigh(network, pictures, others, np.zeros(4, int))
    assert (table["weight"] == 0).all() and table["kept"].all()
    assert (table["correct"] == table["still_correct"]).all() and (table["pixels"] > 0).all()
    maps = map_maker("epsilon")(network, network.prepare(originals.images), np.ones(4, int))
    assert not maps.any()
    shares = exchanged_shares(maps, originals.regions, EXCHANGED)
    found = over_regions(with_weights(table.assign(identity=0), shares), [])
    assert shares["share"].isna().all() and found["value"].isna().all()


def test_a_margin_is_the_distance_to_the_best_rival():
    logits = np.array([[3.0, 1.0, 2.0], [0.0, 5.0, 1.0]])
    assert margins(logits, np.array([0, 2])).tolist() == [1, -4]


def test_an_answer_moves_by_what_its_margin_loses():
    dark, light = np.zeros((1, 2, 2, 3), np.uint8), np.full((1, 2, 2, 3), 255, np.uint8)
    network = reader(np.ones((2, 2)))  # black is -2 and white 2 in its input, 12 values of them
    row = weigh(network, light, {"dark": dark}, labels=np.array([1])).iloc[0]
    assert (row["margin"], row["moved"], row["weight"], row["pixels"]) == (48, 96, 96, 4)
    assert not row["kept"] and row["correct"] and not row["still_correct"]
    row = weigh(network, dark, {"light": light}).iloc[0]
    assert (row["margin"], row["moved"]) == (48, 96) and "correct" not in row
