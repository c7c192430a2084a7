"""Planted cues: networks that learned from faces in which a cue goes with the class, and who relies on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from faceinv.data.faces.counterfactuals import Pairs
from faceinv.data.faces.face_set import FaceSet
from faceinv.data.source_splits import split_source
from faceinv.data.sources import load_pairs
from faceinv.data.stimuli import evenly_spaced
from faceinv.errors import InputError
from faceinv.experiments import design
from faceinv.experiments.causes.map_makers import MapMaker, map_maker
from faceinv.experiments.image_sets import planted_set
from faceinv.experiments.sizes import Profile
from faceinv.metrics.localization import mass_over_area, pixel_roc, pointing_game
from faceinv.models.training import single_thread
from faceinv.models.training_runs import TrainingRun, train
from faceinv.runtime.cache import disk_cached
from faceinv.runtime.locations import cache_folder

TASK = "gender"
"""The label that a cue goes with."""
AGREEMENTS = (0.5, 0.8, 0.95, 1.0)
"""Shares of the people whose class the cue agrees with: at one half it says nothing, at one everything."""
RELIES = 0.1
"""A network relies on a cue if exchanging it costs at least this share of its answers."""
HIT_TOLERANCE = 15 / 224
"""Distance from the cue that still counts as a hit, as a share of the frame (Zhang et al. 2018)."""
CUE_MEASURES = {
    "mass": "relevance on the cue by area",
    "hit": "strongest pixel on the cue",
    "roc": "area under the ROC of pixels",
}
"""Measures of a map of an image that shows the cue."""


@dataclass(frozen=True)
class Planting:
    """A network that learned with a planted cue, and on how many test images it is explained.

    Attributes
    ----------
    run : its source has a cause that goes with a label
    images : maximum number of test images that are explained

    Raises
    ------
    InputError
        If no cue is planted in its images.
    """

    run: TrainingRun
    images: int = 32

    def __post_init__(self) -> None:
        source = self.run.source
        if not isinstance(source, FaceSet) or source.cause is None or source.cause.label != self.run.task:
            raise InputError(
                f"no cue goes with {self.run.task} in {source}; expected rendered faces with a cause that "
                "goes with it"
            )

    @property
    def faces(self) -> FaceSet:
        """The faces that the network learned from."""
        assert isinstance(self.run.source, FaceSet)
        return self.run.source


def plantings(
    profile: Profile,
    cues: Sequence[str],
    agreements: Sequence[float] = AGREEMENTS,
    seeds: int | None = None,
    architectures: Sequence[str] = ("resnet18",),
) -> list[Planting]:
    """Networks for each architecture, cue, agreement and seed."""
    plans = []
    for name in architectures:
        (usual, *others) = design.training_runs(profile, tasks=[TASK], seeds=seeds, architecture=name)
        for cue in cues:
            for agreement in agreements:
                source = planted_set(profile, cue, agreement)
                plans += [
                    Planting(replace(run, source=source), profile.exchanged) for run in (usual, *others)
                ]
    return plans


def tested_pairs(planting: Planting) -> Pairs:
    """The test images of a planting, each without and with the cue."""
    return _tested_pairs(planting.faces, planting.run.task, cache_folder())


@lru_cache(maxsize=2)  # a worker computes many results on the same images in a row
def _tested_pairs(faces: FaceSet, task: str, _: Path) -> Pairs:
    assert faces.cause is not None
    everywhere = replace(faces, cause=replace(faces.cause, label=None, value=None, agreement=1.0))
    pairs, test = load_pairs(everywhere), split_source(faces, task).test.table
    keys = ["identity", "view"]
    rows = np.flatnonzero(
        pd.MultiIndex.from_frame(pairs.originals.table[keys]).isin(pd.MultiIndex.from_frame(test[keys]))
    )
    return Pairs(pairs.originals.select(rows), pairs.counterfactuals.select(rows), pairs.differs[rows])


@disk_cached
def answers_with_cue(planting: Planting) -> pd.DataFrame:
    """Classification of every test image without and with the cue.

    Returns
    -------
    DataFrame
        One row per image and side: image (its index), identity, present (whether it shows the cue), agrees
        (whether that goes with its class) and correct.
    """
    pairs, what = tested_pairs(planting), planting.faces.cause
    assert what is not None
    with single_thread():
        network = train(planting.run).network
        labels = pairs.originals.labels(planting.run.task, network.specification.classes)
        sides = []
        for present, side in ((False, pairs.originals), (True, pairs.counterfactuals)):
            answers = network.logits(network.prepare(side.images)).argmax(1).numpy()
            has = pairs.originals.names(planting.run.task) == what.value
            sides.append(
                pd.DataFrame(
                    {
                        "image": np.arange(len(labels)),
                        "identity": pairs.originals.table["identity"].to_numpy(),
                        "present": present,
                        "agrees": has == present,
                        "correct": answers == labels,
                    }
                )
            )
    return pd.concat(sides, ignore_index=True)


def reliance(answers: pd.DataFrame) -> float:
    """Accuracy on images whose cue agrees with their class, minus that with the cue exchanged."""
    correct = answers.groupby("agrees")["correct"].mean()
    return float(correct[True] - correct[False])


def score_cue(make: MapMaker, planting: Planting) -> pd.DataFrame:
    """Whether the maps of a map maker point to the cue, in test images that show it.

    The class that is explained is the network's answer.

    Returns
    -------
    DataFrame
        One row per image: image, identity and `CUE_MEASURES`: mass (see `mass_over_area`), hit (see
        `pointing_game`) and roc (see `pixel_roc`).
    """
    pairs = tested_pairs(planting)
    rows = evenly_spaced(range(len(pairs.differs)), planting.images)
    shown, differs = pairs.counterfactuals.select(rows), pairs.differs[rows]
    with single_thread():
        network = train(planting.run).network
        inputs = network.prepare(shown.images)
        maps = make(network, inputs, network.logits(inputs).argmax(1).numpy())
    return pd.DataFrame(
        {
            "image": rows,
            "identity": shown.table["identity"].to_numpy(),
            "mass": mass_over_area(maps, differs),
            "hit": pointing_game(maps, differs, HIT_TOLERANCE * shown.size),
            "roc": pixel_roc(maps, differs),
        }
    )


@disk_cached
def cue_scores(planting: Planting, method: str) -> pd.DataFrame:
    """The scores of the maps of a method (see `faceinv.experiments.causes.map_makers.map_maker`)."""
    return score_cue(map_maker(method), planting).assign(method=method)


def scores_of_methods(planting: Planting, methods: Sequence[str]) -> pd.DataFrame:
    """The scores of the maps of a network by each of some methods (see `cue_scores`)."""
    return pd.concat([cue_scores(planting, method) for method in methods], ignore_index=True)


def reliance_by_image(planting: Planting, answers: pd.DataFrame) -> pd.DataFrame:
    """What exchanging the cue does to each image.

    Returns
    -------
    DataFrame
        One row per test image: image, identity, value (1 if the answer is correct only where the cue agrees
        with the class, -1 if only where it does not, 0 otherwise; its mean is the `reliance`), architecture,
        cue, agreement and seed.
    """
    correct = answers.astype({"correct": float}).pivot(
        index=["image", "identity"], columns="agrees", values="correct"
    )
    value = (correct[True] - correct[False]).rename("value").reset_index()
    return value.assign(**conditions_of(planting))


def conditions_of(planting: Planting) -> dict[str, object]:
    """Architecture, cue, agreement and seed of a planting."""
    what = planting.faces.cause
    assert what is not None
    return {
        "architecture": planting.run.architecture,
        "cue": what.cause,
        "agreement": what.agreement,
        "seed": planting.run.seed,
    }
