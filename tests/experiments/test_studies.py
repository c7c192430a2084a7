"""The first study on tiny networks: explanations, agreement, validation and the plates made of them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from faceinv.data.stimuli import REGIONS
from faceinv.errors import InputError
from faceinv.experiments import design
from faceinv.experiments.explanations import Explanation, explain, held_out, targets
from faceinv.experiments.relevance.faithfulness import (
    MASKS,
    RETRAINED_MASK,
    Validation,
    between,
    masks_of,
    relevance_gain,
    scores_of,
    validate,
)
from faceinv.experiments.relevance.generalization import CrossEvaluation
from faceinv.experiments.relevance.map_agreement import COMPARED_MAPS, agreements
from faceinv.experiments.relevance.retraining import Retraining, retrain
from faceinv.experiments.sizes import Profile
from faceinv.figures import relevance_grids
from faceinv.lrp.relevance import relevance
from faceinv.models.training_runs import TrainingRun, splits, train
from faceinv.perturbations.masks import apply, keep

PROFILE = Profile(
    "tiny",
    size=32,
    samples=1,
    people=12,
    people_views=2,
    identities=4,
    identity_views=6,
    seeds=2,
    exposures=64,
    explained=6,
)


@pytest.fixture(scope="module", autouse=True)
def store(tmp_path_factory: pytest.TempPathFactory) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FACEINV_CACHE", str(tmp_path_factory.mktemp("store")))
        yield


@pytest.fixture(scope="module")
def runs(store: object) -> list[TrainingRun]:
    return design.training_runs(PROFILE, architecture="resnet18")


@pytest.fixture(scope="module")
def explained(runs: list[TrainingRun]) -> list[Explanation]:
    return [Explanation(run, images=PROFILE.explained) for run in runs]


@pytest.fixture(scope="module")
def maps(explained: list[Explanation]) -> dict[Explanation, np.ndarray]:
    everything = explained + [replace(each, trained=False) for each in explained]
    return {each: explain(each) for each in everything}


def test_a_design_has_every_task_and_seed_and_no_person_twice(runs: list[TrainingRun]) -> None:
    assert [(run.task, run.seed) for run in runs] == [
        ("gender", 0),
        ("gender", 1),
        ("identity", 0),
        ("identity", 1),
    ]
    people = [set(splits(run).train.table["identity"]) for run in (runs[0], runs[2])]
    assert not people[0] & people[1]


def test_a_cell_is_trained_the_same_again(
    runs: list[TrainingRun], tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = train(runs[0])
    monkeypatch.setenv("FACEINV_CACHE", str(tmp_path))
    again = train(runs[0])
    state = first.network.module.state_dict()
    assert all((state[name] == value).all() for name, value in again.network.module.state_dict().items())
    pd.testing.assert_frame_equal(first.curves, again.curves)


def test_several_recipes_compete_on_the_validation_split(runs: list[TrainingRun]) -> None:
    recipe = runs[0].recipes[0]
    result = train(replace(runs[0], recipes=(recipe, replace(recipe, rate=1e-6))))
    best = result.curves.groupby("rate")["validation"].max()
    chosen = result.curves[result.curves["chosen"]]["rate"].unique()
    assert len(chosen) == 1 and best[chosen[0]] == best.max()


def test_explanations_are_of_test_images_and_of_the_answer(
    explained: list[Explanation], maps: dict[Explanation, np.ndarray]
) -> None:
    each = explained[0]
    stimuli = held_out(each)
    assert maps[each].shape == (min(6, len(splits(each.run).test)), 32, 32)
    assert set(stimuli.table["identity"]) <= set(splits(each.run).test.table["identity"])
    network = train(each.run).network
    answered = targets(each, network, stimuli)
    assert list(answered) == list(network.logits(network.prepare(stimuli.images)).argmax(1))
    true = targets(replace(each, target="label"), network, stimuli)
    assert list(true) == list(stimuli.labels("gender"))
    with pytest.raises(InputError, match="answer or label"):
        targets(replace(each, target="other"), network, stimuli)  # type: ignore[arg-type]


def test_the_untrained_control_is_another_map(
    explained: list[Explanation], maps: dict[Explanation, np.ndarray]
) -> None:
    assert not np.allclose(maps[explained[0]], maps[replace(explained[0], trained=False)])


def test_agreement_compares_each_network_with_every_control(
    explained: list[Explanation], maps: dict[Explanation, np.ndarray]
) -> None:
    table = agreements(explained, maps)
    # six images of four people: each is compared with three other faces
    counts = table.groupby("compared").size() / len(explained)
    assert counts.to_dict() == {name: 18 if "face" in name else 6 for name in COMPARED_MAPS}
    assert table["value"].between(-1, 1).all()
    pairs = table[(table["task"] == "gender") & (table["compared"] == "another seed")]
    # with two seeds the comparison is the same seen from either
    assert np.allclose(*(pairs[pairs["seed"] == seed]["value"] for seed in (0, 1)))


def test_validation_reads_every_mask_at_every_fraction(explained: list[Explanation]) -> None:
    table = validate(Validation(explained[0], (0.0, 0.2, 1.0)))
    assert table.groupby(["mask", "fraction"]).size().eq(6).all()
    assert set(table["mask"]) == set(MASKS)
    whole = table[table["fraction"] == 1].groupby("mask")["correct"].mean()
    assert whole.nunique() == 1
    network, stimuli = train(explained[0].run).network, held_out(explained[0])
    logits = network.logits(network.prepare(stimuli.images))
    assert whole.iloc[0] == (logits.argmax(1).numpy() == stimuli.labels("gender")).mean()


def test_masks_are_made_of_the_maps(
    explained: list[Explanation], maps: dict[Explanation, np.ndarray]
) -> None:
    stimuli, masks = masks_of(Validation(explained[0], (0.2,)), 0.2)
    assert list(masks) == list(MASKS)
    assert all(mask.sum((1, 2)).tolist() == [round(0.2 * 32 * 32)] * len(stimuli) for mask in masks.values())
    assert np.array_equal(masks["most relevant"], keep(maps[explained[0]], 0.2))
    scores = scores_of(explained[0])
    assert np.array_equal(scores["least relevant"], -scores["most relevant"])


def test_a_validation_may_keep_to_some_masks(explained: list[Explanation]) -> None:
    some = validate(Validation(explained[0], (0.2,), masks=("random", "centre")))
    everything = validate(Validation(explained[0], (0.2,)))
    expected = everything[everything["mask"].isin(["random", "centre"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(some, expected)
    with pytest.raises(InputError, match="no mask 'nose'; the masks are most relevant"):
        Validation(explained[0], (0.2,), masks=("nose",))


def test_a_retrained_network_reads_masks_of_both(explained: list[Explanation]) -> None:
    masks = ("most relevant", "random", RETRAINED_MASK)
    table = validate(Validation(explained[0], (0.2, 1.0), masks=masks, retrained=True))
    assert set(table["mask"]) == set(masks) and table.groupby(["mask", "fraction"]).size().eq(6).all()
    before, after = train(explained[0].run).network, retrain(Retraining(explained[0].run))
    stimuli = held_out(explained[0])
    inputs, labels = after.prepare(stimuli.images), stimuli.labels("gender")
    assert not torch.equal(before.logits(inputs), after.logits(inputs))
    whole = table[(table["fraction"] == 1) & (table["mask"] == "random")]["correct"].mean()
    assert whole == (after.logits(inputs).argmax(1).numpy() == labels).mean()
    maps = relevance(after, inputs, after.logits(inputs).argmax(1).numpy())
    masked = apply(inputs, keep(maps, 0.2))
    own = table[(table["fraction"] == 0.2) & (table["mask"] == RETRAINED_MASK)]
    assert own["answer"].tolist() == after.logits(masked).argmax(1).tolist()


def test_fractions_in_between() -> None:
    table = pd.DataFrame({"fraction": [0.05, 0.1, 0.2, 0.3, 0.4]})
    assert list(between(table, 0.1, 0.3)["fraction"]) == [0.1, 0.2, 0.3]
    with pytest.raises(InputError, match="no fraction"):
        between(table, 0.5, 0.6)


def test_relevance_gain_of_known_curves() -> None:
    curves = {
        "most relevant": (0, 1, 1),
        "least relevant": (0, 0, 1),
        "untrained, most relevant": (0, 0, 1),
        "untrained, least relevant": (0, 0, 1),
    }
    rows = [
        (0, 3, mask, fraction, bool(correct))
        for mask, answers in curves.items()
        for fraction, correct in zip((0.0, 0.4, 1.0), answers, strict=True)
    ]
    table = pd.DataFrame(rows, columns=["seed", "image", "mask", "fraction", "correct"])
    found = relevance_gain(table.sample(frac=1, random_state=0)).set_index("maps")["value"]
    # areas .2 + .6 and 0 + .3, and twice the same
    assert found.to_dict() == pytest.approx({"trained": 0.5, "untrained": 0.0})
    with pytest.raises(InputError, match="expected 0, 1 and some in between"):
        relevance_gain(table[table["fraction"] < 1])


def test_relevance_gain_of_networks(explained: list[Explanation]) -> None:
    table = validate(Validation(explained[0], (0.0, 0.2, 1.0)))
    found = relevance_gain(table)
    assert len(found) == 2 * 6 and found["value"].between(-1, 1).all()
    assert set(found["pretraining"]) == {"none"}


@pytest.mark.slow
def test_plates_show_every_face_and_column(
    explained: list[Explanation], maps: dict[Explanation, np.ndarray]
) -> None:
    sheet = relevance_grids.maps(explained, maps, count=3)
    assert len(sheet.data[0].x) == 2 * 3 * 4  # tasks, faces, and face + two seeds + untrained
    assert len(relevance_grids.mean_maps(explained, maps).data[0].x) == 2 * 3
    assert len(relevance_grids.mean_maps_by_pretraining(explained, maps).data[0].x) == 2
    assert len(relevance_grids.composite_grid(explained).data[0].x) == (2 + 3) * (1 + 6)
    stimuli, masks = masks_of(Validation(explained[0], (0.2,)), 0.2)
    assert len(relevance_grids.masked_grid(stimuli, masks, np.array([0, 1])).data[0].x) == 2 * (
        1 + len(MASKS)
    )
    part = splits(explained[2].run).train
    assert len(relevance_grids.views(part, identities=2, columns=3).data[0].x) == 6
    assert len(relevance_grids.people(part, each=1, columns=2).data[0].x) == 2


def test_regions_are_painted_on_faces(explained: list[Explanation]) -> None:
    stimuli = held_out(explained[0])
    assert stimuli.regions is not None
    exact = relevance_grids.region_grid(stimuli, stimuli.regions, columns=3)
    assert len(exact.data[0].x) == 6
    certain = (stimuli.regions[0] == np.arange(len(REGIONS))[:, None, None]).astype(np.float32)
    atlas = relevance_grids.region_grid(stimuli.select(np.array([0])), certain)
    single = relevance_grids.region_grid(stimuli.select(np.array([0])), stimuli.regions[:1])
    assert atlas.layout.images[0].source == single.layout.images[0].source
    key = {trace.name for trace in exact.data if trace.showlegend is not False}
    assert {"brow", "eye", "nose", "mouth"} < key < set(REGIONS) and "background" not in key


def test_what_has_no_rules_is_refused_before_anything_is_trained(runs: list[TrainingRun]) -> None:
    without = design.training_runs(PROFILE, architecture="mobilenet_v3_small")
    with pytest.raises(InputError, match="mobilenet_v3_small"):
        Explanation(without[0])
    with pytest.raises(InputError, match="mobilenet_v3_small"):
        CrossEvaluation(runs[0], tuple(without))
    with pytest.raises(InputError, match="there is no composite 'gamma'"):
        Explanation(runs[0], "gamma")
