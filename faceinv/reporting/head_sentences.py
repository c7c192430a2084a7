"""What atlases of the head show, in sentences."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from faceinv.experiments.causes.head_atlas import CAUSAL, READING_MEASURES, OnHead, densest_regions
from faceinv.reporting.findings.wording import listed, number


def describe_kinds(
    densities: Mapping[tuple[str, str, str], np.ndarray],
    reading: pd.DataFrame,
    places: Mapping[str, OnHead],
    by_cause: pd.DataFrame,
) -> dict[tuple[str, str, str], str]:
    """What is seen on the head, in a sentence or two for each kind of network.

    Parameters
    ----------
    densities : see `faceinv.experiments.causes.head_atlas.densities_by_kind`
    reading : intervals of the measures of `faceinv.experiments.causes.head_atlas.reading_of_networks`, with
        task, pretraining, method and measure
    places : of the images, by task
    by_cause : see `faceinv.experiments.causes.head_atlas.densities_by_cause`
    """
    out = {}
    for (task, pretraining, name), density in densities.items():
        if name == CAUSAL:
            own = by_cause[(by_cause["task"] == task) & (by_cause["pretraining"] == pretraining)]
            out[task, pretraining, name] = _densest_cause(own.dropna(subset="density"))
        else:
            regions = densest_regions(density, places[task])
            row = {"task": task, "pretraining": pretraining, "method": name, "measure": READING_MEASURES[0]}
            out[task, pretraining, name] = (
                f"Most of the most densely read tenth of the visible head lies on {listed(regions)}; this "
                f"tenth has {number(reading, **row).text('.0%')} of the positive relevance."
                if regions
                else "No relevance is positive."
            )
    return out


def _densest_cause(by_cause: pd.DataFrame) -> str:
    if by_cause.empty:
        return "No exchange of a region moves the answers."
    first = by_cause.loc[by_cause["density"].idxmax()]
    return (
        f"For its area, the {first['cause']} moves the answer most: {first['density']:.1f} times as much as "
        "if each exchanged region counted by its area."
    )
