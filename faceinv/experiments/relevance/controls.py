"""Controls: scores of control masks for the images that a network is tested on, and the better of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from torch import Tensor

from faceinv.metrics.bootstrap import Bootstrap
from faceinv.metrics.extremes import smallest
from faceinv.models.training_runs import TrainingRun, splits, train
from faceinv.perturbations.control_masks import CONTROL_MASKS, MadeFrom

TRAINING_IMAGES = 200
"""Training images, evenly spaced, of which the mean face is made."""


def controls(
    run: TrainingRun, inputs: Tensor, maps: Mapping[MadeFrom, np.ndarray], names: Sequence[str]
) -> dict[str, np.ndarray]:
    """Scores (N x H x W) of control masks by name.

    Parameters
    ----------
    run : the network that the masks control for; its training images and its seed are used
    inputs : Tensor, N x channels x H x W, its test images as `Network.prepare` makes them
    maps : relevance maps of these images (N x H x W), as far as any of the masks is made from them
    names : of `CONTROL_MASKS`
    """
    chosen = {name: CONTROL_MASKS[name] for name in names}
    made_from: dict[MadeFrom, object] = {"image": inputs, **maps}
    if any(control.made_from == "training images" for control in chosen.values()):
        shown = splits(run).train.evenly(TRAINING_IMAGES)
        made_from["training images"] = train(run).network.prepare(shown.images)
    shape = (len(inputs), *inputs.shape[2:])
    return {
        name: np.broadcast_to(control.scores(made_from[control.made_from], run.seed), shape)
        for name, control in chosen.items()
    }


def margin_to_better(
    boot: Bootstrap, name: str, value: str, others: Sequence[str], level: float = 0.95
) -> tuple[float, float, float]:
    """How far a condition exceeds the better of several controls: the smallest of its margins over them.

    Which control is the better one is not known beforehand, so that the margin is the smallest of several
    (see `faceinv.metrics.extremes.smallest`): it is above zero only if each margin is, as in an
    intersection-union test (Berger 1982), and below zero only if the intervals of all at once say so.

    Parameters
    ----------
    boot : means by condition; `name` is the condition that has the values, and the only one
    value, others : the value that is claimed to exceed, and the controls
    level : of the interval

    Returns
    -------
    tuple of float
        Estimate, low and high; nan if one of the margins has no interval.
    """
    index = pd.MultiIndex.from_tuples([(other,) for other in others], names=[name])
    margins = boot.differences([((value,), (other,)) for other in others], index)
    found = smallest(margins, level)
    return float(found["estimate"]), float(found["low"]), float(found["high"])
