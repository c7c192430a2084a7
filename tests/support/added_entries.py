"""What the studies find of the entries that the recipes of CONTRIBUTING.md add, on tiny networks, as JSON.

A program for the folder of a copy of the project in which the recipes have been followed.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from faceinv.book.chapters import find_chapter
from faceinv.book.pages.summaries import read_summaries
from faceinv.book.parameters import read_parameters
from faceinv.data.faces.face_set import FACE_SETS
from faceinv.data.objects.categories import CLASSES
from faceinv.data.textures.texture_set import TEXTURE_CLASSES
from faceinv.errors import InputError
from faceinv.experiments import design, image_sets
from faceinv.experiments.explanations import Explanation, explain
from faceinv.experiments.invariance import tolerance
from faceinv.experiments.profiles import PROFILES
from faceinv.experiments.relevance.facial_regions import regional
from faceinv.experiments.relevance.faithfulness import Validation, validate
from faceinv.experiments.relevance.generalization import cross_evaluations, evaluate_masks
from faceinv.experiments.relevance.map_agreement import agreements, compare_maps
from faceinv.experiments.sizes import Profile
from faceinv.lrp.composites import COMPOSITES
from faceinv.models.training_runs import TrainingRun, answers_of, train
from faceinv.models.weights import PRETRAININGS
from faceinv.perturbations.fills import FILLS
from faceinv.perturbations.transformations import TRANSFORMATIONS
from faceinv.reporting.claims import judge_chapter, read_claims

PROFILE = Profile(
    "tiny",
    size=32,
    samples=1,
    people=12,
    people_views=2,
    identities=4,
    identity_views=6,
    seeds=2,
    exposures=32,
)


def network(architecture: str) -> TrainingRun:
    return design.training_runs(PROFILE, tasks=["identity"], seeds=1, architecture=architecture)[0]


def transformations(run: TrainingRun) -> list[str]:
    tables = [tolerance.measure(tolerance.Tolerance(run, name, images=4)) for name in TRANSFORMATIONS]
    return [table["transformation"].iloc[0] for table in tables]


def masks(runs: list[TrainingRun]) -> list[list[str]]:
    """Rows of the tables of masks and maps of chapters 3 to 6."""
    explained = [Explanation(run, images=4) for run in runs]
    both = [each for plain in explained for each in (plain, replace(plain, trained=False))]
    evaluation = cross_evaluations(runs, ("task",), images=4)[0]
    columns = (
        agreements(explained, {each: explain(each) for each in both})["compared"],
        validate(Validation(explained[0], (0.0, 0.2, 1.0)))["mask"],
        evaluate_masks(evaluation)["maker"],
        compare_maps(evaluation)["maker"],
        regional(explained[0])["maps"],
    )
    return [sorted(set(column)) for column in columns]


def fills(run: TrainingRun) -> list[str]:
    explanation = Explanation(run, images=4)
    return [validate(Validation(explanation, (0.2,), name))["fill"].iloc[0] for name in FILLS]


def composites(run: TrainingRun) -> list[str]:
    return [name for name in COMPOSITES if explain(Explanation(run, name, images=2)).any()]


def architecture(run: TrainingRun) -> list[Any]:
    """How many test images are answered, the batch, and why the network is not explained."""
    try:
        Explanation(run)
    except InputError as error:
        return [len(answers_of(run)), run.recipes[0].batch, str(error)]
    return [len(answers_of(run)), run.recipes[0].batch, "it is explained"]


def task(folder: Path) -> list[str]:
    """The classes that a network tells from a column of a folder of photographs."""
    pixels = np.random.default_rng(0)
    rows = ["identity,gender,smiling"]
    for i in range(12):
        images = folder / "images" / f"p{i:02}"
        images.mkdir(parents=True)
        for k in range(2):
            Image.fromarray(pixels.integers(0, 255, (32, 32, 3), np.uint8)).save(images / f"{k}.png")
        rows.append(f"p{i:02},{'female' if i % 2 else 'male'},{'yes' if i % 3 else 'no'}")
    (folder / "people.csv").write_text("\n".join(rows) + "\n")
    run = design.training_runs(PROFILE, str(folder), ["smiling"], 1, "resnet18")[0]
    return sorted(set(answers_of(run)["label"]))


def claim(path: Path) -> list[str]:
    results = {"trained-maps-differ": (0.5, 0.4, 0.6)}
    (judgement,) = judge_chapter(read_claims(path), "03_relevance", results)
    return [judgement.claim, judgement.verdict]


def chapter(root: Path) -> list[Any]:
    found = find_chapter(root, "16_brightness")
    parameters = [each.name for each in read_parameters(found.notebook)]
    return [found.title, parameters, read_summaries(root / "book/summaries.yml")[found.name].question]


def explorer(run: TrainingRun) -> list[Any]:
    from faceinv.widgets.plain import PlainExplorer  # type: ignore[import-not-found]

    shown = PlainExplorer(train(run).network, np.zeros((1, 32, 32, 3), np.uint8))
    return [shown._parts, list(shown.heatmap.shape)]


if __name__ == "__main__":
    runs = design.training_runs(PROFILE, tasks=["identity"], architecture="resnet18")
    found = {
        "A transformation": transformations(runs[0]),
        "A control mask": masks(runs),
        "A fill": fills(runs[0]),
        "A composite": composites(runs[0]),
        "An architecture": architecture(network("mobilenet_v3_small")),
        "A set of stimuli": [*FACE_SETS, *PRETRAININGS],
        "A cause": [set_.cause.cause for set_ in image_sets.counterfactual_sets(PROFILE) if set_.cause],
        "A task": task(Path("photographs")),
        "A claim": claim(Path("book/claims.yml")),
        "A chapter": chapter(Path()),
        "A profile": list(PROFILES),
        "A kind of object": list(CLASSES),
        "A texture": list(TEXTURE_CLASSES),
        "An explorer in a notebook": explorer(runs[0]),
    }
    print(json.dumps(found))
