"""Conserved relevance: how much of what propagation starts from arrives at the pixels, by composite."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from faceinv.data.source_splits import split_source
from faceinv.data.sources import Source
from faceinv.lrp.composites import COMPOSITES
from faceinv.lrp.relevance import relevance
from faceinv.models.architectures import Specification
from faceinv.models.training import single_thread
from faceinv.models.weights import identify, load_base
from faceinv.runtime.cache import disk_cached

CONSERVED, ABSOLUTE = "sum", "absolute sum"


@dataclass(frozen=True)
class BaseExplanation:
    """A pretrained base, which explains its own answers to test images.

    Attributes
    ----------
    architecture, pretraining : of the base
    source, task : stimuli and the task whose test images are explained
    images : maximum number of images
    weights : hash of the file of the base, so that results are computed anew when the file changes
    """

    architecture: str
    pretraining: str
    source: Source
    task: str
    images: int
    weights: str = field(init=False, repr=False, default="")

    def __post_init__(self) -> None:
        base = Specification(self.architecture, ("a", "b"))
        object.__setattr__(self, "weights", identify(f"{self.pretraining}-0", base))


@disk_cached
def conserved(explanation: BaseExplanation) -> pd.DataFrame:
    """Relevance at the pixels relative to that at the output.

    Returns
    -------
    DataFrame
        One row per composite, image and measure: architecture, composite, image, measure (*sum*: of relevance
        over pixels, one where all is conserved; *absolute sum*: of absolute relevance, larger where relevance
        of both signs cancels), value, relative to the start.
    """
    with single_thread():
        network = load_base(explanation.architecture, explanation.pretraining)
        stimuli = split_source(explanation.source, explanation.task).test.evenly(explanation.images)
        inputs = network.prepare(stimuli.images)
        # From a start of one, sums are relative to it.
        maps = {name: relevance(network, inputs, None, name, start="one") for name in COMPOSITES}
    return pd.concat(
        pd.DataFrame({"image": np.arange(len(found)), "value": part.sum((1, 2), dtype=np.float64)}).assign(
            architecture=explanation.architecture, composite=name, measure=measure
        )
        for name, found in maps.items()
        for measure, part in ((CONSERVED, found), (ABSOLUTE, np.abs(found)))
    ).reset_index(drop=True)


def range_over_images(table: pd.DataFrame) -> pd.DataFrame:
    """Median (estimate) and range (low, high) over images, by measure, composite and architecture."""
    groups = table.groupby(["measure", "composite", "architecture"], sort=False)["value"]
    return groups.agg(estimate="median", low="min", high="max").reset_index().assign(seeds=1)
