"""Faces behind the points of a figure."""

from __future__ import annotations

import base64
import io
import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from faceinv.data.faces.face_set import FaceSet
from faceinv.data.stimuli import REGIONS, Stimuli
from faceinv.experiments.conditions import OWN
from faceinv.experiments.explanations import Explanation, explain
from faceinv.experiments.invariance.tolerance import Tolerance, images_to_transform, measure
from faceinv.experiments.relevance.face_similarity import Similarity
from faceinv.experiments.relevance.facial_regions import MAPS, regional
from faceinv.experiments.relevance.faithfulness import Validation, held_out, masks_of, validate
from faceinv.experiments.relevance.generalization import cross_evaluations, explanation, images_of
from faceinv.experiments.relevance.generalization import evaluate_masks as read_masks
from faceinv.figures import charts, example_panel
from faceinv.figures.example_panel import Examples
from faceinv.figures.examples.answers import answered
from faceinv.figures.examples.first_filters import filters_of_networks
from faceinv.figures.examples.generalization import faces_by_mask_source
from faceinv.figures.examples.masking import masked_faces
from faceinv.figures.examples.regions import faces_by_region
from faceinv.figures.examples.similarity import most_similar_pairs
from faceinv.figures.examples.transformations import transformed_faces
from faceinv.figures.style import point
from faceinv.figures.transformation_grids import FILTER
from faceinv.metrics import filters
from faceinv.models.training_config import TrainingConfig
from faceinv.models.training_runs import TrainingRun, train
from faceinv.perturbations.masks import apply, keep

CELL = TrainingRun(
    FaceSet(identities=4, views=6, size=32, samples=1),
    "identity",
    0,
    (TrainingConfig(exposures=64, batch=8),),
    "resnet18",
)


def flat(value: int, count: int = 1) -> np.ndarray:
    return np.full((count, 8, 8, 3), value, np.uint8)


def read(html: str) -> tuple[np.ndarray, dict[str, Any]]:
    """The sheet of a panel and what it says."""
    (encoded,) = re.findall(r"base64,([^\"]+)", html)
    (said,) = re.findall(r"<script[^>]*>(.*?)</script>", html, flags=re.DOTALL)
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(encoded)))), json.loads(said)


def test_a_panel_holds_every_image_once() -> None:
    both = np.concatenate([flat(200), flat(40)])
    html = example_panel.panel(
        {
            "a": Examples("two", both, ["x", "</script>"], np.array([True, False])),
            "b": Examples("one", flat(40), ["y"], np.array([False])),
            "c": Examples("same", both, ["x", "</script>"], np.array([False, True])),
        }
    )
    sheet, said = read(html)
    assert sheet.shape == (8, 16, 3)
    assert said["size"] == 8
    assert said["points"]["a"] == {
        "caption": "two",
        "tiles": [0, 1],
        "words": 0,
        "wrong": [0],
    }
    assert said["points"]["c"] == {"caption": "same", "tiles": [0, 1], "words": 0, "wrong": [1]}
    assert said["labels"] == [["x", "</script>"], ["y"]]
    (tile,) = said["points"]["b"]["tiles"]
    assert abs(int(sheet[4, tile * 8 + 4, 0]) - 40) < 6  # as far as compression goes


def test_more_images_than_fit_a_row_go_on_in_the_next() -> None:
    n = example_panel.SHEET_COLUMNS + 1
    images = np.concatenate([flat(i * 8) for i in range(n)])
    sheet, said = read(example_panel.panel({"a": Examples("", images, [""] * n, np.zeros(n, bool))}))
    assert sheet.shape == (16, 8 * example_panel.SHEET_COLUMNS, 3)
    assert said["points"]["a"]["tiles"] == list(range(n))
    assert abs(int(sheet[12, 4, 0]) - (n - 1) * 8) < 6


def test_nothing_behind_is_no_panel() -> None:
    assert example_panel.panel({}) == ""


def test_answers_of_the_first_network_stand_behind_their_group() -> None:
    table = pd.DataFrame({"identity": list("abcd"), "gender": ["female"] * 4, "view": list("0123")})
    test = Stimuli(np.concatenate([flat(i) for i in range(4)]), table)
    answers = pd.DataFrame(
        {
            "task": "gender",
            "seed": np.repeat([3, 5], 4),
            "turn": [10.0, 10, 20, 20] * 2,
            "label": "female",
            "answer": ["male", "female", "female", "female", *["male"] * 4],
        },
        index=[*range(4), *range(4)],
    )
    answers["correct"] = answers["label"] == answers["answer"]
    found = answered(answers, ["task", "turn"], {"gender": test})
    assert set(found) == {point("gender", 10), point("gender", 20)}
    turned = found[point("gender", 10)]
    assert turned.images[:, 0, 0, 0].tolist() == [0, 1]
    assert turned.wrong.tolist() == [True, False]
    assert list(turned.words) == ["female, classified as male", "female"]
    assert "seed 3" in turned.caption and "1 is classified incorrectly" in turned.caption
    assert not found[point("gender", 20)].wrong.any()
    assert "none is classified incorrectly" in found[point("gender", 20)].caption
    (few,) = {len(each.images) for each in answered(answers, ["task", "turn"], {"gender": test}, 1).values()}
    assert few == 1


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FACEINV_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.mark.slow
def test_masked_faces_are_what_the_network_read(cache: object) -> None:
    plan = Validation(Explanation(CELL), (0.0, 0.3, 1.0), "noise")
    answers = validate(plan)
    found = masked_faces([plan], answers, most=3)
    stimuli, masks = masks_of(plan, 0.3)
    assert len(found) == 3 * len(masks)
    places = np.linspace(0, len(stimuli) - 1, 3).round().astype(int)
    part = answers[(answers["mask"] == "random") & (answers["fraction"] == 0.3)]
    examined = found[point("identity", "random", 0.3)]
    assert np.array_equal(examined.wrong, ~part["correct"].to_numpy()[places])
    same = (examined.images == stimuli.images[places]).all(axis=3)
    assert 0.3 <= same.mean() < 0.4  # what is kept, and what the noise hits by chance
    whole = found[point("identity", "centre", 1.0)]
    assert np.array_equal(whole.images, held_out(plan.explanation).images[places])


def test_transformed_faces_stand_behind_every_row_of_the_figure(cache: object) -> None:
    plan = Tolerance(CELL, "position", levels=(0.0, 0.25), images=6)
    answers = measure(plan)
    others = {replace(plan, run=replace(CELL, seed=7)): answers}  # what is shown is of the first network

    def lines(run: TrainingRun) -> list[tuple[str, str]]:
        return [("accuracy", run.architecture), ("share", run.architecture)]

    found = transformed_faces({plan: answers, **others}, lines, most=4)
    assert set(found) == {
        point(row, "position", "resnet18", level) for row in ("accuracy", "share") for level in (0, 0.25)
    }
    untouched = found[point("accuracy", "position", "resnet18", 0)]
    stimuli = images_to_transform(plan)
    places = np.linspace(0, len(stimuli) - 1, 4).round().astype(int)
    assert np.array_equal(untouched.images, stimuli.images[places])
    moved = found[point("share", "position", "resnet18", 0.25)]
    assert np.array_equal(moved.images[0][:, 8:], stimuli.images[0][:, :-8])  # the first moves right
    wrong = ~answers.query("level == 0.25").set_index("image")["correct"].loc[places]
    assert moved.wrong.tolist() == wrong.tolist()


@pytest.mark.slow
def test_what_a_reader_sees_of_every_mask(cache: object) -> None:
    runs = [replace(CELL, seed=seed) for seed in range(2)]
    plan = cross_evaluations(runs, ("task",), fractions=(0.1, 0.3), images=6)
    of_pairs, of_relations = faces_by_mask_source(plan, most=3)
    answers = pd.concat(read_masks(each) for each in plan)
    known = answers[answers["relation"] != OWN]
    assert set(of_pairs) == {point(*each) for each in zip(known["maker"], known["reader"], strict=True)}
    assert set(of_relations) == {point("identity", name) for name in answers["relation"]}
    own = of_relations[point("identity", OWN)]
    stimuli = images_of(plan[0])
    places = np.linspace(0, len(stimuli) - 1, 3).round().astype(int)
    kept = keep(explain(explanation(plan[0], runs[0])), 0.3)
    masked = apply(torch.from_numpy(stimuli.images).permute(0, 3, 1, 2).float(), kept)[places]
    assert np.array_equal(own.images, masked.round().byte().permute(0, 2, 3, 1).numpy())
    network = train(runs[0]).network
    called = network.logits(network.prepare(own.images)).argmax(1).tolist()
    people = stimuli.table["identity"].iloc[places]
    assert own.wrong.tolist() == [
        network.specification.classes[a] != b for a, b in zip(called, people, strict=True)
    ]
    assert (
        "seed 1" in of_pairs[point("identity", "identity")].caption
    )  # another network, not the reader itself


def test_regions_are_seen_alone(cache: object) -> None:
    plan = Explanation(CELL)
    found = faces_by_region([plan], (*MAPS, "area"), lambda each, maps: (each.run.task, maps), most=2)
    assert set(found) == {point("identity", maps, name) for maps in (*MAPS, "area") for name in REGIONS}
    stimuli = held_out(plan)
    assert stimuli.regions is not None
    places = np.array([0, len(stimuli) - 1])
    eye = found[point("identity", "area", "eye")]
    inside = stimuli.regions[places] == REGIONS.index("eye")
    assert inside.any()
    assert np.abs(eye.images[inside].mean() / eye.images[~inside].mean()) > 2
    shares = [float(text.split(": ")[1].rstrip("%")) / 100 for text in eye.words]
    assert np.allclose(shares, inside.mean(axis=(1, 2)), atol=6e-4)
    table = regional(plan).query("maps == 'trained' and region == 'nose'")["share"].to_numpy()
    said = found[point("identity", "trained", "nose")].words
    assert [text.split(": ")[1] for text in said] == [f"{table[place]:.1%}" for place in places]


def test_the_likeliest_pairs_stand_behind_a_likeness() -> None:
    table = pd.DataFrame({"identity": list("abcd"), "gender": "female", "view": "0"})
    faces = Stimuli(np.concatenate([flat(40 * i) for i in range(4)]), table)
    likeness = np.array([[1, 0.1, 0.9, 0.2], [0.1, 1, 0.3, 0.8], [0.9, 0.3, 1, 0], [0.2, 0.8, 0, 1.0]])
    reference = -likeness
    reference[1, 3] = reference[3, 1] = np.nan
    like = Similarity({"kind": "pixels"}, likeness)
    found = most_similar_pairs([like], reference, faces, lambda each: ("none", each.fields["kind"]), most=2)
    best = found[point("none", "pixels")]
    assert best.images[:, 0, 0, 0].tolist() == [0, 80, 40, 120]
    assert best.words == ["pair 1: 0.90", "reference: 5 of 5", "pair 2: 0.80", "not judged"]


def test_filters_stand_behind_their_measures(cache: object) -> None:
    measures = {"selectivity": ("selectivity", True), "colour": ("colourfulness", False)}

    def line(run: TrainingRun, trained: bool) -> tuple[str, str]:
        return ("trained" if trained else "untrained", run.architecture)

    found = filters_of_networks([CELL], measures, line, most=3)
    assert set(found) == {
        point(name, state, "resnet18") for name in measures for state in ("trained", "untrained")
    }
    weights = filters.first_filters(train(CELL).network)[:3]
    values = filters.measure_filters(filters.shared(weights), 32)["selectivity"]
    shown = found[point("selectivity", "trained", "resnet18")]
    assert shown.words == [f"{value:.2g}" for value in values]
    assert (shown.images.max(axis=3) == shown.images.min(axis=3)).all()  # what the colours share is grey
    assert shown.images.shape[1:] == (FILTER, FILTER, 3)
    assert found[point("colour", "trained", "resnet18")].words != shown.words


def test_every_point_of_a_figure_of_curves_finds_its_faces(cache: object) -> None:
    plan = Validation(Explanation(CELL), (0.0, 0.5, 1.0))
    answers = validate(plan)
    table = answers.groupby(["task", "mask", "fraction"], as_index=False)["correct"].mean()
    table = table.rename(columns={"correct": "estimate"}).assign(low=0.0, high=1.0, seeds=1)
    figure = charts.curves(table, "fraction", "mask", "task")
    named = {name for trace in figure.data if trace.ids is not None for name in trace.ids}
    assert named == set(masked_faces([plan], answers))
