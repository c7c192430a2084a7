"""What networks read is found on the head, in faces and networks that are made so that it is known."""

import numpy as np
import pandas as pd
import pytest
from known_readers import reader

from faceinv.data.faces.causes import EXCHANGED
from faceinv.data.faces.face_images import render_identities
from faceinv.data.faces.face_regions import region_weight
from faceinv.data.faces.face_set import FaceSet
from faceinv.data.faces.surface_points import head_mesh
from faceinv.data.stimuli import REGIONS
from faceinv.experiments.causes import head_atlas
from faceinv.experiments.causes.head_atlas import (
    READING_MEASURES,
    causal_density,
    densest_regions,
    density_by_cause,
    on_head,
    reading_intervals,
    reading_of_networks,
)
from faceinv.experiments.causes.map_makers import UNTRAINED, map_maker
from faceinv.metrics.surface_atlas import SurfaceAtlas, gather
from faceinv.models.training import TrainingConfig
from faceinv.models.training_runs import TrainingRun

SIZE = 48
FACES = FaceSet(
    2, 1, size=SIZE, samples=1, yaws=(0.0,), expression=False, light=False, jitter=0.0, first=60_000
)


@pytest.fixture(scope="module")
def faces():
    return render_identities(FACES, 0, 2)


@pytest.fixture(scope="module")
def place(faces):
    return on_head(FACES, faces)


def test_vertices_are_labelled_by_the_regions_of_the_pictures(place):
    x, y, z = head_mesh().vertices.T
    tip = (np.abs(x) < 0.01) & (z < -0.025) & (z > -0.045) & (y < -0.02) & (place.seen > 0.2)
    assert tip.sum() > 20 and (place.labels[tip] == REGIONS.index("nose")).mean() > 0.9
    assert (place.labels[place.seen == 0] == REGIONS.index("background")).all()


def test_the_head_is_where_the_face_is(faces, place):
    for shows, regions in zip(place.weights, faces.regions, strict=True):
        beside = (regions == REGIONS.index("background")).ravel()
        assert not np.asarray(shows.sum(1)).ravel()[beside].any()
    assert place.seen.sum() == pytest.approx((faces.regions != 0).sum(), rel=0.03)


def test_hair_hides_the_head(faces, place):
    hat = faces.regions.copy()
    hat[:, : SIZE // 4] = np.where(hat[:, : SIZE // 4] > 0, REGIONS.index("hair"), 0)
    capped = on_head(FACES, type(faces)(faces.images, faces.table, hat))
    top = head_mesh().vertices[:, 2] > 0.07
    assert place.seen[top].sum() > 50 and capped.seen[top].sum() == 0


@pytest.mark.parametrize("region", ["nose", "mouth"])
def test_a_network_that_reads_one_region_reads_it_on_the_head(faces, place, region):
    where = (faces.regions == REGIONS.index(region)).all(0)
    network = reader(np.random.default_rng(0).normal(size=(SIZE, SIZE)) * where)
    inputs = network.prepare(faces.images)
    maps = map_maker("saliency")(network, inputs, np.ones(2, int))
    atlas = gather(maps, place.weights)
    assert densest_regions(atlas.density, place, 0.02) == [region]


def weights_of(shares):
    return pd.DataFrame({"cause": list(shares), "image": 0, "weight": list(shares.values())})


def test_a_cause_lies_on_its_region_and_nowhere_else_is_a_value(place):
    density = causal_density(weights_of({name: 2.0 * (name == "nose") for name in EXCHANGED}), place.seen)
    points = head_mesh().vertices
    every = np.stack([region_weight(name, points) for name in EXCHANGED])
    nose, mouth = (every[EXCHANGED.index(name)] == every.sum(0) for name in ("nose", "mouth"))
    nose, mouth = (only & (every.sum(0) > 0.99) for only in (nose, mouth))
    known = place.seen >= 0.5
    inside = {name: region_weight(name, points) @ place.seen for name in EXCHANGED}
    expected = sum(inside.values()) / inside["nose"]
    np.testing.assert_allclose(density[nose & known], expected, rtol=1e-5)
    assert (density[mouth & known] == 0).all() and np.isnan(density[~known]).all()
    assert np.isnan(density[points[:, 2] > 0.06]).all()  # no exchange reaches the top of the forehead


def test_weights_in_proportion_to_area_are_even(place):
    points = head_mesh().vertices
    areas = {name: region_weight(name, points) @ place.seen for name in EXCHANGED}
    assert density_by_cause(weights_of(areas), place.seen).to_numpy() == pytest.approx(1)
    density = causal_density(weights_of(areas), place.seen)
    np.testing.assert_allclose(density[~np.isnan(density)], 1, rtol=1e-5)


def test_answers_that_nothing_moves_have_no_causes_on_the_head(place):
    assert np.isnan(causal_density(weights_of(dict.fromkeys(EXCHANGED, 0.0)), place.seen)).all()


def run_of(seed):
    return TrainingRun(FACES, "gender", seed, (TrainingConfig(),))


def test_networks_are_described_by_how_they_differ_from_even_and_from_untrained():
    seen = np.ones(10)
    even, single = SurfaceAtlas(np.ones(10), seen), SurfaceAtlas(np.arange(10) / 4.5, seen)
    atlases = [{"one": single, UNTRAINED: single}, {"one": single, UNTRAINED: even}]
    table = reading_of_networks([run_of(0), run_of(1)], atlases).set_index(["seed", "method", "measure"])[
        "value"
    ]
    assert (
        table[0, "one", READING_MEASURES[0]] == pytest.approx(0.2)
        and table[1, UNTRAINED, READING_MEASURES[0]] == 0.1
    )
    assert table[0, "one", READING_MEASURES[1]] == pytest.approx(1) and np.isnan(
        table[1, "one", READING_MEASURES[1]]
    )
    assert (0, UNTRAINED, READING_MEASURES[1]) not in table.index


def test_intervals_keep_the_order_and_end_where_values_do():
    rows = [
        {
            "task": task,
            "pretraining": "none",
            "seed": seed,
            "base": "",
            "method": "b",
            "measure": name,
            "value": v,
        }
        for task in ("identity", "gender")
        for seed, v in ((0, 0.1), (1, 0.9))
        for name in READING_MEASURES
    ]
    table = reading_intervals(pd.DataFrame(rows), 50)
    assert table["task"].tolist() == ["identity", "identity", "gender", "gender"]
    assert table["estimate"].to_numpy() == pytest.approx(0.5)
    assert table["low"].tolist() == [0, -1, 0, -1] and (table["high"] == 1).all()


def test_all_networks_are_gathered_by_all_methods(monkeypatch):
    called = []
    monkeypatch.setattr(head_atlas, "gathered", lambda run, images, method: (run.seed, images, method))
    monkeypatch.setattr(head_atlas, "test_images_on_head", lambda run, images: called.append(run.task))
    monkeypatch.setattr(head_atlas.parallel, "parallel_map", lambda f, runs, _: [f(run) for run in runs])
    made = head_atlas.gather_networks([run_of(0), run_of(3)], 5, ["a", "b"])
    assert made == [{"a": (0, 5, "a"), "b": (0, 5, "b")}, {"a": (3, 5, "a"), "b": (3, 5, "b")}]
    assert called == ["gender"]
