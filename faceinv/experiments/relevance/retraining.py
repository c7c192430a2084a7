"""Retraining: networks that go on learning from masked images, so that masks are nothing new to them.

A network that has never seen a masked image may fail on it because the image is strange, and not because
pixels that it needs are missing. ROAR (Hooker et al. 2019) answers with a network trained anew for each mask
and fraction. Here each network learns from random masks of all fractions instead: one training serves all
masks, and since the masks of its training know neither image nor class, none of those compared is favoured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch

from faceinv.models.architectures import Network
from faceinv.models.training import fit, single_thread
from faceinv.models.training_config import TrainingConfig
from faceinv.models.training_runs import TrainingRun, may_flip, splits, train
from faceinv.perturbations.fills import check_fill
from faceinv.perturbations.random_masks import RandomMasks
from faceinv.runtime.cache import disk_cached


@dataclass(frozen=True)
class Retraining:
    """Further training of a network on masked images.

    Attributes
    ----------
    run : the network as it was trained
    fill : values of the removed pixels, as in the evaluation
    share : exposures of the further training, relative to those of the first
    """

    run: TrainingRun
    fill: str = "mean"
    share: float = 0.5

    def __post_init__(self) -> None:
        check_fill(self.fill)

    @property
    def recipe(self) -> TrainingConfig:
        """The configuration that was chosen for the network, with random masks (see `RandomMasks`)."""
        curves = train(self.run).curves
        rate = curves.loc[curves["chosen"], "rate"].iloc[0]
        chosen = next(each for each in self.run.recipes if each.rate == rate)
        return replace(chosen, masks=RandomMasks(self.fill), exposures=round(self.share * chosen.exposures))


def retrain(retraining: Retraining) -> Network:
    """The network after its further training: from the cache, or trained now."""
    network = train(retraining.run).network
    weights = _weights(retraining)
    network.module.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    return network


@disk_cached
def _weights(retraining: Retraining) -> Mapping[str, np.ndarray]:
    with single_thread():
        network, recipe = train(retraining.run).network, retraining.recipe
        recipe = replace(recipe, flip=recipe.flip and may_flip(network.specification.classes))
        trained, _ = fit(network, splits(retraining.run), recipe)
    return {name: value.cpu().numpy() for name, value in trained.module.state_dict().items()}
