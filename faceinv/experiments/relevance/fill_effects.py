"""Fill effects: what the values in place of removed pixels do to a network, besides removing pixels."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from faceinv.experiments.explanations import held_out
from faceinv.experiments.relevance.faithfulness import Validation, scores_of
from faceinv.models.training_runs import train
from faceinv.perturbations.control_masks import edge_strength
from faceinv.perturbations.masks import apply, keep


def most_common_answers(answers: pd.DataFrame) -> pd.DataFrame:
    """How often each network gives its most frequent answer to masked images, whatever they show.

    Parameters
    ----------
    answers : concatenated results of `faceinv.experiments.relevance.faithfulness.validate`

    Returns
    -------
    DataFrame
        One row per network, fill, mask and fraction: task, pretraining, seed, base, fill, mask, fraction,
        `value`, which is 1 for a network that gives the same answer to all images.
    """
    keys = ["task", "pretraining", "seed", "base", "fill", "mask", "fraction"]
    share = partial(pd.Series.value_counts, normalize=True)
    by_answer = answers.groupby(keys, sort=False)["answer"].agg(lambda column: share(column).max())
    return by_answer.rename("value").reset_index()


def edges_in_place(validation: Validation, fills: Sequence[str], fraction: float) -> pd.DataFrame:
    """Strength of the edges that masks and fills leave in images, as a share of that of the whole images.

    Parameters
    ----------
    validation : network, images and masks
    fills : values of the removed pixels
    fraction : share of the pixels that is kept

    Returns
    -------
    DataFrame
        One row per fill, mask and image: task, seed, fill, mask, image, identity, `value` (mean gradient
        magnitude of the masked image divided by that of the whole image).
    """
    run, stimuli = validation.explanation.run, held_out(validation.explanation)
    inputs = train(run).network.prepare(stimuli.images)
    whole = edge_strength(inputs).mean((1, 2))
    tables = []
    for mask, scores in scores_of(validation.explanation, validation.masks).items():
        kept = keep(scores, fraction, seed=run.seed)
        for fill in fills:
            value = edge_strength(apply(inputs, kept, fill, run.seed)).mean((1, 2)) / whole
            tables.append(
                pd.DataFrame({"fill": fill, "mask": mask, "image": np.arange(len(value)), "value": value})
            )
    table = pd.concat(tables, ignore_index=True)
    identity = stimuli.table["identity"].to_numpy()[table["image"]]
    return table.assign(identity=identity, task=run.task, seed=run.seed)
