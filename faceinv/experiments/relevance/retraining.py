"""Retraining: networks that have learned from masked images, so that masks are nothing new to them.

A network that has never seen a masked image may fail on it because the image is strange, and not because
pixels that it needs are missing. ROAR (Hooker et al. 2019) answers with a network trained anew for each mask
and fraction. Here one network is trained with random masks of all fractions instead: one training serves all
masks, and since the masks of its training know neither image nor class, none of those compared is favoured.
"""

from __future__ import annotations

from dataclasses import replace

from faceinv.experiments.profiles import LONGER
from faceinv.models.training_runs import TrainingRun
from faceinv.perturbations.random_masks import RandomMasks


def trained_on_masks(run: TrainingRun, fill: str = "mean") -> TrainingRun:
    """The same training with random masks, filled as those of the evaluation are, and `LONGER` exposures."""
    masks = RandomMasks(fill)
    recipes = (replace(each, masks=masks, exposures=LONGER * each.exposures) for each in run.recipes)
    return replace(run, recipes=tuple(recipes))
