"""Parts of the benchmark: networks and images on which one number of a method is measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from torch import Tensor

from faceinv.attribution.attribute import Method
from faceinv.data.stimuli import Stimuli
from faceinv.experiments.causes.agreement import judge_by_causes
from faceinv.experiments.causes.exchanges import Exchange
from faceinv.experiments.causes.map_makers import map_maker
from faceinv.experiments.causes.planted_cues import RELIES, Planting, answers_with_cue, reliance, score_cue
from faceinv.experiments.relevance.faithfulness import relevance_gain
from faceinv.metrics.sanity import randomisation_curve
from faceinv.models.architectures import Network
from faceinv.models.training import single_thread
from faceinv.models.training_runs import TrainingRun, splits, train
from faceinv.perturbations.masks import answers_by_fraction
from faceinv.runtime.cache import disk_cached

KEPT_FRACTIONS = (0.0, 0.1, 0.3, 1.0)
"""Shares of the pixels that masks keep."""
SCORE_COLUMNS = ["criterion", "seed", "identity", "value"]
"""Columns of a table of scores."""


@dataclass(frozen=True)
class Masked:
    """A network whose test images are masked by the maps of their answers.

    Attributes
    ----------
    run : the network
    images : maximum number of test images
    """

    run: TrainingRun
    images: int


@dataclass(frozen=True)
class Randomised:
    """A network whose layers are randomised from the output to the input.

    Attributes
    ----------
    run : the network
    images : maximum number of test images
    shares : of the layers that are random, see `faceinv.metrics.sanity.randomisation_curve`
    """

    run: TrainingRun
    images: int
    shares: tuple[float, ...] = (1.0,)


BenchmarkPart: TypeAlias = Exchange | Planting | Masked | Randomised


@dataclass(frozen=True)
class Judged:
    """A part of the benchmark, and a method by name."""

    part: BenchmarkPart
    method: str


@disk_cached
def score_by_name(judged: Judged) -> pd.DataFrame:
    """The scores of a method on a part, see `score`."""
    if isinstance(judged.part, Randomised):
        found = _sanity(cascade_by_name(judged))
    else:
        found = score(judged.part, judged.method)
    return found.assign(method=judged.method)


def masking_gains(run: TrainingRun, images: int, methods: Sequence[str]) -> pd.DataFrame:
    """Symmetric relevance gain of a network by several methods: task, method, seed, identity and value."""
    scores = [score_by_name(Judged(Masked(run, images), method)) for method in methods]
    return pd.concat(scores, ignore_index=True).assign(task=run.task)


def score(part: BenchmarkPart, method: Method) -> pd.DataFrame:
    """The scores of a method on a part of the benchmark.

    Returns
    -------
    DataFrame
        One row an image: criterion (a key of `faceinv.experiments.benchmark.criteria.CRITERIA`), seed (of
        the network), identity, value.
    """
    with single_thread():
        if isinstance(part, Exchange):
            table = judge_by_causes(map_maker(method), [part]).assign(criterion="cause")
        elif isinstance(part, Planting):
            table = _cue(part, method)
        elif isinstance(part, Masked):
            table = _masking(part, method)
        else:
            table = _sanity(cascade(part, method))
    return table.assign(seed=part.run.seed)[SCORE_COLUMNS]


def cascade(part: Randomised, method: Method) -> pd.DataFrame:
    """The randomisation curve of a method on the test images of a network, with seed and identity."""
    network = train(part.run).network
    stimuli, inputs, answers = answered_inputs(network, splits(part.run).test, part.images)
    curve = randomisation_curve(network, inputs, answers, method, shares=part.shares, seed=part.run.seed)
    identity = stimuli.table["identity"].to_numpy()[curve["image"]]
    return curve.assign(seed=part.run.seed, identity=identity)


@disk_cached
def cascade_by_name(judged: Judged) -> pd.DataFrame:
    """The randomisation curve of a method by its name, see `cascade`."""
    assert isinstance(judged.part, Randomised)
    with single_thread():
        return cascade(judged.part, judged.method).assign(method=judged.method)


def answered_inputs(network: Network, test: Stimuli, images: int) -> tuple[Stimuli, Tensor, np.ndarray]:
    """Some test images, evenly spaced, as stimuli and as the network takes them, and its answers to them."""
    stimuli = test.evenly(images)
    inputs = network.prepare(stimuli.images)
    return stimuli, inputs, network.logits(inputs).argmax(1).numpy()


def _cue(part: Planting, method: Method) -> pd.DataFrame:
    """Whether maps show the cue where a network relies on it, and do not where it does not."""
    relies = reliance(answers_with_cue(part)) >= RELIES
    scores = score_cue(map_maker(method), part)
    value = scores["roc"] if relies else 1 - scores["roc"]
    return scores.assign(criterion="cue found" if relies else "cue not invented", value=value)


def _masking(part: Masked, method: Method) -> pd.DataFrame:
    """Accuracy when what the map shows is kept, minus that when it is removed."""
    network = train(part.run).network
    stimuli, inputs, answers = answered_inputs(network, splits(part.run).test, part.images)
    maps = map_maker(method)(network, inputs, answers)
    labels = stimuli.labels(part.run.task, network.specification.classes)
    found = answers_by_fraction(network, inputs, labels, {"map": maps}, KEPT_FRACTIONS, seed=part.run.seed)
    kept = found["order"].map({"most": "most relevant", "least": "least relevant"})
    gain = relevance_gain(found[["fraction", "image", "correct"]].assign(mask=kept))
    identity = stimuli.table["identity"].to_numpy()[gain["image"]]
    return gain.assign(criterion="masking", identity=identity)


def _sanity(curve: pd.DataFrame) -> pd.DataFrame:
    """One minus the similarity to the map of the same network with random weights in all layers."""
    random = curve[curve["share"] == 1].reset_index(drop=True)
    scores = random.assign(criterion="sanity", value=1 - random["rank_correlation"].abs())
    return scores[SCORE_COLUMNS]
