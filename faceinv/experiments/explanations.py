"""Explanations: relevance maps of the test images of a trained network, computed once and cached."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from faceinv.data.source_splits import split_source
from faceinv.data.sources import Source, load_stimuli
from faceinv.data.stimuli import Stimuli
from faceinv.errors import InputError
from faceinv.lrp import composites, contrasts, starts
from faceinv.lrp.relevance import relevance
from faceinv.models.architectures import Network, Specification, build, untrained
from faceinv.models.training import single_thread
from faceinv.models.training_runs import TrainingRun, train
from faceinv.runtime.cache import disk_cached

Target = Literal["answer", "label"]


@dataclass(frozen=True)
class Explanation:
    """The network and images to explain, and the method.

    Attributes
    ----------
    run : the trained network, whose test images are explained
    composite, against : see `faceinv.lrp.relevance.relevance`
    target : explain the predicted class (``"answer"``; the map then contains no information about the true
        class that the network does not have), or the true class (``"label"``)
    images : maximum number of test images, evenly spaced in the test set
    trained : explain the trained network, or its untrained counterpart for the same targets: a control for
        the effects of architecture and image
    on : other stimuli to explain instead: the test set of a task, or the whole set if the task is None. The
        predicted class can be explained for any face, including people that are no class of the network
    start : see `faceinv.lrp.relevance.relevance`. The default starts every map positive, because masks keep
        the highest relevance first: from the logit itself, the maps of untrained networks, half of whose
        logits are negative, would be upside down in half of the cases, and control for nothing

    Raises
    ------
    InputError
        If the composite, the start or the contrast is unknown, or there are no rules for the architecture.
    """

    run: TrainingRun
    composite: str = "epsilon-plus-flat"
    against: str = "none"
    target: Target = "answer"
    images: int = 300
    trained: bool = True
    on: tuple[Source, str | None] | None = None
    start: str = "absolute"

    def __post_init__(self) -> None:
        starts.start(self.start)
        contrasts.contrast(self.against)
        check_rules(self.composite, self.run.architecture, self.run.width, self.run.source.size)


@cache
def check_rules(composite: str, architecture: str, width: float, size: int) -> None:
    """Raise `InputError` for an unknown composite or an architecture without rules, before any training."""
    composites.composite(composite, build(Specification(architecture, ("a", "b"), width, size)))


def held_out(explanation: Explanation) -> Stimuli:
    """The images that are explained: test images, or those of the stimuli in ``on``."""
    source, task = explanation.on or (explanation.run.source, explanation.run.task)
    test = load_stimuli(source) if task is None else split_source(source, task).test
    return test.evenly(explanation.images)


def targets(explanation: Explanation, network: Network, stimuli: Stimuli) -> np.ndarray:
    """Index of the class that is explained, per image."""
    if explanation.target == "answer":
        return network.logits(network.prepare(stimuli.images)).argmax(1).numpy()
    if explanation.target == "label":
        return stimuli.labels(explanation.run.task, network.specification.classes)
    raise InputError(f"target is {explanation.target!r}; expected answer or label")


@disk_cached
def explain(explanation: Explanation) -> np.ndarray:
    """Relevance maps (float32, N x H x W) of the images of an explanation."""
    with single_thread():
        network = train(explanation.run).network
        stimuli = held_out(explanation)
        classes = targets(explanation, network, stimuli)
        return explain_network(
            explanation, network if explanation.trained else untrained(network), stimuli, classes
        )


def explain_network(
    explanation: Explanation, network: Network, stimuli: Stimuli, classes: np.ndarray
) -> np.ndarray:
    """Relevance maps (float32, N x H x W) of a network for given classes, by the method of an explanation."""
    return relevance(
        network,
        network.prepare(stimuli.images),
        classes,
        explanation.composite,
        explanation.against,
        explanation.start,
    )
