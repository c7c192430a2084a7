"""Facial regions: share and density of relevance by region, for networks and control maps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from faceinv.experiments.conditions import condition
from faceinv.experiments.explanations import Explanation, explain, held_out
from faceinv.metrics.bootstrap import Bootstrap
from faceinv.metrics.intervals import LEVEL
from faceinv.metrics.regions import region_maps_or_atlas, region_shares
from faceinv.models.training_runs import train
from faceinv.perturbations.control_masks import CONTROL_MAPS, control_scores

MAPS = ("trained", "untrained", *CONTROL_MAPS)
"""Maps whose shares are compared: of the trained and the untrained network, and control maps."""


def regional(explanation: Explanation, conditions: Sequence[str] = ("task",)) -> pd.DataFrame:
    """Relevance by facial region on the images of an explanation.

    Parameters
    ----------
    explanation : of a trained network
    conditions : fields of its training run that become columns

    Returns
    -------
    DataFrame
        One row per kind of map (see `MAPS`), image and region: the conditions, seed, base, maps, identity,
        regions (``"exact"`` region maps, or ``"atlas"`` if the stimuli have none), region, share, area,
        density (see `region_shares`).
    """
    run, stimuli = explanation.run, held_out(explanation)
    where = region_maps_or_atlas(stimuli)
    parts = [region_shares(each, where).assign(maps=name) for name, each in maps_of(explanation).items()]
    table = pd.concat(parts, ignore_index=True)
    return table.drop(columns="image").assign(
        identity=stimuli.table["identity"].to_numpy()[table["image"]],
        regions="atlas" if stimuli.regions is None else "exact",
        seed=run.seed,
        base=run.base,
        **condition(run, conditions),
    )


def maps_of(explanation: Explanation) -> dict[str, np.ndarray]:
    """Maps (N x H x W) of the images of an explanation, by kind (see `MAPS`)."""
    inputs = train(explanation.run).network.prepare(held_out(explanation).images)
    return {
        "trained": explain(explanation),
        "untrained": explain(replace(explanation, trained=False)),
        **{name: control_scores(inputs, name, explanation.run.seed) for name in CONTROL_MAPS},
    }


def share_gained(share: Bootstrap, level: float = LEVEL) -> pd.DataFrame:
    """Share of relevance on each region in trained networks minus that in the same networks before training.

    Parameters
    ----------
    share : mean share by maps (see `MAPS`), region and other conditions
    level : of the intervals

    Returns
    -------
    DataFrame
        As `Bootstrap.contrast` gives it, with low_all and high_all, which hold for all regions of a kind of
        network at once (Bonferroni).
    """
    regions = share.estimate.index.get_level_values("region").nunique()
    own, joint = (
        share.contrast("maps", "trained", "untrained", each) for each in (level, 1 - (1 - level) / regions)
    )
    return own.assign(low_all=joint["low"], high_all=joint["high"])
