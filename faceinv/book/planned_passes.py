"""Planned passes: how many images each chapter sends through its networks after training, roughly.

These numbers only predict time. They count what grows with the sizes of a profile, by network of the chapter,
and leave out what does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from faceinv.attribution.methods import ATTRIBUTION_METHODS
from faceinv.data.faces.causes import EXCHANGED
from faceinv.experiments.relevance.faithfulness import MASKS
from faceinv.experiments.sizes import Profile
from faceinv.lrp.composites import COMPOSITES
from faceinv.perturbations.fills import FILLS
from faceinv.perturbations.transformations import PUBLISHED, TRANSFORMATIONS

TEST_SHARE = 0.25
"""Share of a set that is tested, about."""
FEW_MASKS, COARSE, INSIDE, KEPT = 4, 4, 3, 8
"""Masks that a chapter compares at a few shares, and numbers of shares: coarse, inside of the range, all."""


@dataclass(frozen=True)
class Passes:
    """Images that pass through one network.

    Attributes
    ----------
    forward : images that are classified
    relevance : images that are explained
    """

    forward: float = 0
    relevance: float = 0


def _masking(sizes: Profile, _: int) -> Passes:
    """Masks of all kinds, further composites and fills, retrained networks and other methods.

    One network in three is from scratch, and all but the comparison of pretrainings is of those alone.
    """
    choices = len(COMPOSITES) + 2
    scratch = (
        sizes.explained * len(MASKS) * KEPT
        + sizes.read * (choices * FEW_MASKS * COARSE + len(FILLS) * FEW_MASKS * INSIDE)
        + sizes.read * 2 * FEW_MASKS * COARSE
        + sizes.judged * 2 * COARSE * len(_methods(sizes))
        + sizes.judged * sum(ATTRIBUTION_METHODS[name].cost for name in _methods(sizes))
    )
    return Passes(
        scratch / 3 + sizes.read * FEW_MASKS * INSIDE,
        (2 * sizes.explained + 2 * choices * sizes.read) / 3 + 2 * sizes.read,
    )


def _methods(sizes: Profile) -> tuple[str, ...]:
    """The attribution methods that a profile compares."""
    return sizes.methods or tuple(ATTRIBUTION_METHODS)


def _generalization(sizes: Profile, networks: int) -> Passes:
    """Each network with the masks of all others and of the controls, at three shares."""
    return Passes((networks + len(MASKS)) * INSIDE * sizes.read, 2 * sizes.read)


def _levels(sizes: Profile, names: tuple[str, ...] = tuple(TRANSFORMATIONS)) -> int:
    """Number of levels of some transformations together."""
    return sum(len(TRANSFORMATIONS[name].levels_at(sizes.size)) for name in names)


def _strategies(sizes: Profile, _: int) -> Passes:
    """Every level of every transformation, at the end and at checkpoints of training, and tests."""
    along = len(sizes.checkpoints) * _levels(sizes, PUBLISHED)
    test = TEST_SHARE * sizes.tested_identities * sizes.tested_views
    return Passes(sizes.transformed * (_levels(sizes) + along) + 2 * test)


def _causes(sizes: Profile, _: int) -> Passes:
    """Exchanged regions, and maps by every method."""
    cost = sum(ATTRIBUTION_METHODS[name].cost for name in _methods(sizes))
    return Passes(sizes.exchanged * (1 + len(EXCHANGED) + cost), sizes.exchanged)


def _leaderboard(sizes: Profile, _: int) -> Passes:
    """Maps by every entry, of networks at three shares of random layers and under masks."""
    entries = sizes.entries or tuple(ATTRIBUTION_METHODS)
    cost = sum(ATTRIBUTION_METHODS[name].cost if name in ATTRIBUTION_METHODS else 1 for name in entries)
    return Passes((3 * sizes.judged + sizes.read) * cost + sizes.read * 2 * COARSE * len(entries))


CHAPTER_PASSES: Mapping[str, Callable[[Profile, int], Passes]] = MappingProxyType(
    {
        "02_networks": lambda sizes, _: Passes(TEST_SHARE * sizes.people * sizes.people_views),
        "03_relevance": lambda sizes, _: Passes(0, sizes.explained + sizes.read),
        "04_masking": _masking,
        "05_generalization": _generalization,
        "06_regions": lambda sizes, _: Passes(0, 2 * sizes.explained),
        "07_humans": lambda sizes, _: Passes(sizes.explained, 2 * sizes.explained),
        "08_transformations": lambda sizes, _: Passes(sizes.transformed * 2 * _levels(sizes)),
        "09_architecture_and_strategy": _strategies,
        "10_how_much_pretraining": lambda sizes, _: Passes(sizes.transformed * _levels(sizes)),
        "11_kernels": lambda sizes, _: Passes(sizes.transformed * _levels(sizes)),
        "12_causes": _causes,
        "13_planted_cues": _causes,
        "14_leaderboard": _leaderboard,
        "15_reading_under_transformation": lambda sizes, _: Passes(
            sizes.transformed * _levels(sizes), sizes.transformed * _levels(sizes)
        ),
    }
)
"""Passes through each network of a chapter, from the sizes and the number of its networks."""
