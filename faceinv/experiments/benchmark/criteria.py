"""Criteria: the five numbers of the leaderboard, what each answers, and how to read it.

A module of its own, so that pages can show them without importing PyTorch, which takes seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

LIMITS = (-1.0, 1.0)
"""Least and largest value of any of the numbers: correlations, probabilities, differences of accuracies."""


@dataclass(frozen=True)
class Criterion:
    """One of the numbers of a method.

    Attributes
    ----------
    name : name in tables and figures
    question : what it answers
    reading : how to read it, with the value of an uninformative map, and the best one
    nothing, best : these two values
    least : the smallest value that it can have
    needs_causes : whether it can only be measured where everything that an image shows is known
    """

    name: str
    question: str
    reading: str
    nothing: float
    best: float = 1.0
    least: float = LIMITS[0]
    needs_causes: bool = False


CRITERIA: Mapping[str, Criterion] = MappingProxyType(
    {
        each.name: each
        for each in (
            Criterion(
                "cause",
                "Does the map rank the regions of a face as the network's answer depends on them?",
                "the rank correlation, over the regions of a face, of a region's share of the map with how "
                "much the answer moves when that region alone is exchanged; 0 for an uninformative map, "
                "1 at best",
                0.0,
                needs_causes=True,
            ),
            Criterion(
                "cue found",
                "Does the map show a planted cue where the network relies on it?",
                "the probability that a pixel of the cue has more of the map than another pixel, in networks "
                "that rely on the cue; 0.5 for an uninformative map, 1 at best",
                0.5,
                least=0.0,
                needs_causes=True,
            ),
            Criterion(
                "cue not invented",
                "Does the map leave out a cue where the network does not rely on it?",
                "the probability that a pixel of the cue has less of the map than another pixel, in networks "
                "that do not rely on the cue; 0.5 for an uninformative map. A map that shows the cue "
                "whether or not the network relies on it has a high *cue found* and a low number here",
                0.5,
                least=0.0,
                needs_causes=True,
            ),
            Criterion(
                "masking",
                "Does the network need the pixels that the map shows?",
                "the area under the curve of accuracy when the highest pixels of the map are kept, minus "
                "that when the lowest are; 0 for an uninformative map",
                0.0,
            ),
            Criterion(
                "sanity",
                "Does the map change when everything that the network has learned is removed?",
                "one minus the absolute rank correlation with the map of the same network with random "
                "weights; 0 for a map that does not depend on what was learned. It excludes, and does not "
                "recommend: noise that depends on the weights has 1",
                0.0,
                least=0.0,
            ),
        )
    }
)
"""The numbers of the leaderboard by name."""
