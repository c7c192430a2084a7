"""What atlases of the head show, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from faceinv.experiments.causes.head_atlas import CAUSAL, READING_MEASURES, OnHead, densest_regions
from faceinv.experiments.causes.map_makers import UNTRAINED

KEYS = ["task", "pretraining", "method"]


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
    most = reading[reading["measure"] == READING_MEASURES[0]].set_index(KEYS)
    out = {}
    for (task, pretraining, name), density in densities.items():
        if name == CAUSAL:
            own = by_cause[(by_cause["task"] == task) & (by_cause["pretraining"] == pretraining)]
            out[task, pretraining, name] = _densest_cause(own.dropna(subset="density"))
        else:
            regions = densest_regions(density, places[task])
            share = interval(most.loc[(task, pretraining, name)], "%")
            out[task, pretraining, name] = (
                f"Densest on {listed(regions)}. The most densely read tenth of the visible head has "
                f"{share} of the positive relevance."
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


def summary_of_reading(reading: pd.DataFrame, method: str) -> str:
    """How concentrated the atlases of a method are, and how alike those before training, in Markdown.

    Parameters
    ----------
    reading : see `describe_kinds`
    method : whose atlases are described
    """
    concentrated, alike = (reading[reading["measure"] == name].set_index(KEYS) for name in READING_MEASURES)
    lines = []
    for task in dict.fromkeys(reading["task"]):
        starts = list(dict.fromkeys(reading.loc[reading["task"] == task, "pretraining"]))

        def numbers(table: pd.DataFrame, of: str, unit: str, task: str = task, starts: list = starts) -> str:
            return listed([f"{interval(table.loc[(task, each, of)], unit)} ({each})" for each in starts])

        lines.append(
            f"- **{task}**: the most densely read tenth of the visible head has "
            f"{numbers(concentrated, method, '%')} of the positive relevance of {method}, by pretraining; "
            f"before training it has {numbers(concentrated, UNTRAINED, '%')}. The rank correlation of the "
            f"atlas with that before training is {numbers(alike, method, '')}."
        )
    return "\n".join(["An even map has 10 % of its relevance on any tenth of the visible head.", "", *lines])


def interval(row: pd.Series, unit: str) -> str:
    """An estimate and its interval in a sentence, as percentages if the unit is ``"%"``."""
    shown = [100 * row[name] if unit else row[name] for name in ("estimate", "low", "high")]
    first, low, high = (f"{value:.0f}" if unit else f"{value:.2f}" for value in shown)
    return f"{first}{' %' if unit else ''} [{low}, {high}]"


def listed(names: Sequence[str]) -> str:
    """Names in a sentence."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else "nothing"
