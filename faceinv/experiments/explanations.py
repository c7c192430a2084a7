"""Explanations: the relevance maps of a trained network's test images, computed once and kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from faceinv.data.sources import Source, load
from faceinv.data.stimuli import Stimuli
from faceinv.data.tasks import split
from faceinv.errors import InputError
from faceinv.lrp import composites
from faceinv.lrp.relevance import relevance
from faceinv.models.architectures import Network, Specification, build, untrained
from faceinv.models.training import single_thread
from faceinv.models.training_runs import TrainingRun, train
from faceinv.runtime.cache import disk_cached

Target = Literal["answer", "label"]


@dataclass(frozen=True)
class Explanation:
    """What is explained, and how.

    Attributes
    ----------
    run : the trained network, which brings its test images
    composite, contrastive : see `faceinv.lrp.relevance.relevance`
    target : explain the class that the network answers (a map then carries nothing of the true class that the
        network does not know), or the class that is true
    images : test images at most, spread evenly over the test set
    trained : explain the trained network, or the same network before it learned anything, for the same
        targets: the control that shows how much of a map is architecture and image
    on : the stimuli whose images are explained instead: the test set of a task, or with None for the task the
        whole set. A network explains its answer on any face, of people whom it has no class for as well

    Raises
    ------
    InputError
        If there is no such composite, or no rules for the architecture.
    """

    run: TrainingRun
    composite: str = "epsilon-plus-flat"
    contrastive: bool = False
    target: Target = "answer"
    images: int = 300
    trained: bool = True
    on: tuple[Source, str | None] | None = None

    def __post_init__(self) -> None:
        check_rules(self.composite, self.run.architecture, self.run.width, self.run.source.size)


@cache
def check_rules(composite: str, architecture: str, width: float, size: int) -> None:
    """Refuse a composite that is unknown, or an architecture without rules, before any network is trained."""
    composites.composite(composite, build(Specification(architecture, ("a", "b"), width, size)))


def held_out(explanation: Explanation) -> Stimuli:
    """The test images that are explained, or those of the stimuli named in their place."""
    source, task = explanation.on or (explanation.run.source, explanation.run.task)
    stimuli = load(source)
    test = stimuli if task is None else split(stimuli, task).test
    return test.evenly(explanation.images)


def targets(explanation: Explanation, network: Network, stimuli: Stimuli) -> np.ndarray:
    """The class that is explained in each image, as an index."""
    if explanation.target == "answer":
        return network.logits(network.prepare(stimuli.images)).argmax(1).numpy()
    if explanation.target == "label":
        return stimuli.labels(explanation.run.task, network.specification.classes)
    raise InputError(f"target is {explanation.target!r}; expected answer or label")


@disk_cached
def explain(explanation: Explanation) -> np.ndarray:
    """Relevance maps (float32, N x H x W) of the explanation's test images."""
    with single_thread():
        network = train(explanation.run).network
        stimuli = held_out(explanation)
        explained = targets(explanation, network, stimuli)
        if not explanation.trained:
            network = untrained(network)
        return relevance(
            network,
            network.prepare(stimuli.images),
            explained,
            explanation.composite,
            explanation.contrastive,
        )
