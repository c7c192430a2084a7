"""Random labels: networks that learned to tell images apart by labels that mean nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from faceinv.data.stimuli import Stimuli
from faceinv.data.tasks import Split
from faceinv.errors import InputError
from faceinv.experiments.benchmark.parts import answered_inputs
from faceinv.experiments.causes.map_makers import map_maker
from faceinv.metrics.sanity import similarities
from faceinv.models.architectures import Network, Specification, build
from faceinv.models.training import evaluate, fit, single_thread
from faceinv.models.training_config import TrainingConfig
from faceinv.models.training_runs import TrainingRun, splits
from faceinv.runtime.cache import disk_cached

REPEATS = 50
"""How often each image is shown, until its label is known by heart."""


@dataclass(frozen=True)
class Relabelled:
    """A network that learns a few images by heart.

    Attributes
    ----------
    run : the network, its images and its task
    learned : number of training images, few enough for a network to remember each
    shuffled : whether the labels are dealt out among the images at random, or are the true ones
    images : maximum number of test images that are explained

    Raises
    ------
    InputError
        If the network does not learn from random weights.
    """

    run: TrainingRun
    learned: int
    shuffled: bool = True
    images: int = 8

    def __post_init__(self) -> None:
        if self.run.pretraining != "none":
            raise InputError(
                f"the network is pretrained on {self.run.pretraining}; expected one that learns from random "
                "weights, so that it knows the labels only"
            )


def with_random_labels(stimuli: Stimuli, task: str, seed: int) -> Stimuli:
    """The same stimuli with the labels of a task dealt out among the images at random."""
    order = np.random.default_rng([seed, 3]).permutation(len(stimuli))
    labels = stimuli.table[task].to_numpy()[order]
    return replace(stimuli, table=stimuli.table.assign(**{task: labels}))


def learned_images(relabelled: Relabelled) -> Stimuli:
    """The training images, with the labels that the network learns."""
    run = relabelled.run
    chosen = splits(run).train.evenly(relabelled.learned)
    return with_random_labels(chosen, run.task, run.seed) if relabelled.shuffled else chosen


@disk_cached
def learned_by_heart(relabelled: Relabelled) -> tuple[Network, float]:
    """The network of a `Relabelled`, and its accuracy on its training images.

    Images are not mirrored, moved or changed in contrast, so that each can be remembered.
    """
    run = relabelled.run
    images = learned_images(relabelled)
    specification = Specification(
        run.architecture,
        splits(run).train.classes(run.task),
        width=run.width,
        size=run.source.size,
        task=run.task,
        seed=run.seed,
    )
    recipe: TrainingConfig = replace(
        run.recipes[0], exposures=REPEATS * relabelled.learned, flip=False, shift=0, contrast=0.0, decay=0.0
    )
    with single_thread():
        # The epoch is chosen by what was learned, as nothing can be known about other images.
        network, _ = fit(build(specification), Split(images, images, images), recipe)
        return network, float(evaluate(network, images)["correct"].mean())


def label_similarities(relabelled: Relabelled, methods: Sequence[str]) -> pd.DataFrame:
    """Similarity of maps (see `label_similarity`) by several methods, with method, seed and learned.

    The last are the shares of the training images whose label the two networks have learned: `learned_true`
    and `learned_random`.
    """
    known = {
        "learned_true": learned_by_heart(replace(relabelled, shuffled=False))[1],
        "learned_random": learned_by_heart(relabelled)[1],
    }
    tables = [label_similarity(relabelled, method).assign(method=method) for method in methods]
    return pd.concat(tables, ignore_index=True).assign(seed=relabelled.run.seed, **known)


@disk_cached
def label_similarity(relabelled: Relabelled, method: str) -> pd.DataFrame:
    """Similarity of the maps of a network that learned true labels to those of one that learned random ones.

    Both begin with the same weights and see the same images in the same order. The class that is explained is
    the answer of the network with true labels.

    Returns
    -------
    DataFrame
        One row an image: image (its index), identity, rank_correlation, structural_similarity.
    """
    true, _ = learned_by_heart(replace(relabelled, shuffled=False))
    random, _ = learned_by_heart(relabelled)
    with single_thread():
        stimuli, inputs, answers = answered_inputs(true, splits(relabelled.run).test, relabelled.images)
        maps = [map_maker(method)(network, inputs, answers) for network in (true, random)]
    table = similarities(maps[0], maps[1:]).drop(columns="network")
    return table.assign(identity=stimuli.table["identity"].to_numpy())
