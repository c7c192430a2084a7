"""Supplements: comparisons on which no claim rests, and which a replication leaves to the evidence.

A profile that leaves them out trains fewer networks, and its figures and tables show those of the evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from faceinv.experiments.design import USUAL_PRETRAININGS
from faceinv.experiments.invariance.diversity import EXPOSURES, IMAGES, Condition

SUPPLEMENTS: Mapping[str, str] = MappingProxyType(
    {
        "colour": "chapter 1: what predicts gender and identity where colours are not controlled",
        "hair": "chapter 1: what predicts gender from heads with hair",
        "many identities": "chapter 2: networks that identify the people of a pretraining set",
        "retraining": "chapter 4: networks that go on learning from masked images",
        "crossed augmentation": "chapter 9: wide augmentation after pretraining, and transformed images",
        "plain AlexNet": "chapter 9: AlexNet without batch normalisation",
        "kinds and classes": "chapter 10: further kinds of images, and the number of classes",
    }
)
"""What each supplement compares, by name."""

REPLICATIONS = ("quick",)
"""Profiles that leave supplements out."""


def compares(profile: str, supplement: str) -> bool:
    """Whether a profile makes a comparison of `SUPPLEMENTS`."""
    if supplement not in SUPPLEMENTS:
        raise KeyError(supplement)
    return profile not in REPLICATIONS


def compared_conditions(profile: str, found: Sequence[Condition]) -> list[Condition]:
    """The pretrainings that chapter 10 compares with a profile, of those that are available.

    Without the supplement, these are the amounts of pretraining, and the kinds of images of the other
    chapters.
    """
    return [
        each
        for each in found
        if compares(profile, "kinds and classes")
        or {IMAGES, EXPOSURES}.intersection(each.questions)
        or each.pretraining in USUAL_PRETRAININGS
    ]
