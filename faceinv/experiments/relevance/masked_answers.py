"""Masked answers: accuracy of one network on images under many masks, by identity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from faceinv.data.stimuli import Stimuli
from faceinv.models.architectures import Network
from faceinv.perturbations.masks import answers_by_fraction


def masked_answers(
    network: Network,
    stimuli: Stimuli,
    task: str,
    masks: Iterable[tuple[Mapping[str, object], np.ndarray]],
    fractions: Sequence[float],
    fill: str = "mean",
    seed: int = 0,
) -> pd.DataFrame:
    """Accuracy of a network on masked images: one forward pass per image, fraction and mask.

    Parameters
    ----------
    network, stimuli, task : the network to evaluate, the images, and the task
    masks : table fields of each mask, and its scores, N x H x W
    fractions, fill, seed : see `answers_by_fraction`

    Returns
    -------
    DataFrame
        One row per mask, fraction and identity: the fields of the mask, fraction, identity, correct, weight
        and chance (see `faceinv.experiments.relevance.generalization.evaluate_masks`).
    """
    inputs, classes = network.prepare(stimuli.images), network.specification.classes
    labels = stimuli.labels(task, classes)
    people = _people(stimuli, labels)
    tables = []
    for names, scores in masks:
        table = answers_by_fraction(
            network, inputs, labels, {"": scores}, fractions, orders=("most",), fill=fill, seed=seed
        )
        table["identity"] = stimuli.table["identity"].to_numpy()[table["image"]]
        share = table.groupby(["fraction", "identity"], sort=False)["correct"].mean().reset_index()
        tables.append(share.merge(people, on="identity").assign(**names))
    return pd.concat(tables, ignore_index=True).assign(chance=1 / len(classes))


def _people(stimuli: Stimuli, labels: np.ndarray) -> pd.DataFrame:
    """Weight of each identity in the balanced accuracy: its share of the images of its class."""
    shares = 1 / np.bincount(labels)[labels]
    identity = stimuli.table["identity"].to_numpy()
    return pd.Series(shares).groupby(identity).sum().rename("weight").rename_axis("identity").reset_index()
