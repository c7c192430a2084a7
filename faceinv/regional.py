"""Regional relevance: share and density by facial region, of networks and of what mimics them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from faceinv.explanation import Explanation, explain, held_out
from faceinv.generalization import condition
from faceinv.lrp.regions import by_region, located
from faceinv.masking import control_scores
from faceinv.models.cells import train

MAPS = ("trained", "untrained", "local contrast")
"""Maps whose shares are compared: the network's, the same network's before training, and no network's."""


def regional(explanation: Explanation, conditions: Sequence[str] = ("task",)) -> pd.DataFrame:
    """Relevance by facial region on the explanation's test images.

    Parameters
    ----------
    explanation : of a trained network
    conditions : fields of its cell that become columns

    Returns
    -------
    DataFrame
        One row a kind of map (see `MAPS`), image and region: the conditions, seed, maps, identity, regions
        (``"exact"`` region maps, or ``"atlas"`` where the stimuli have none), region, share, area, density
        (see `by_region`).
    """
    cell, stimuli = explanation.cell, held_out(explanation)
    where = located(stimuli)
    parts = [by_region(each, where).assign(maps=name) for name, each in maps_of(explanation).items()]
    table = pd.concat(parts, ignore_index=True)
    return table.drop(columns="image").assign(
        identity=stimuli.table["identity"].to_numpy()[table["image"]],
        regions="atlas" if stimuli.regions is None else "exact",
        seed=cell.seed,
        **condition(cell, conditions),
    )


def maps_of(explanation: Explanation) -> dict[str, np.ndarray]:
    """The maps (N x H x W) of an explanation's test images, by their kind (see `MAPS`)."""
    inputs = train(explanation.cell).network.prepare(held_out(explanation).images)
    scores = (
        explain(explanation),
        explain(replace(explanation, trained=False)),
        control_scores(inputs, "contrast"),
    )
    return dict(zip(MAPS, scores, strict=True))
