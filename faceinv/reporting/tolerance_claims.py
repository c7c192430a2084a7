"""Statistics of the second study's claims about the tolerance of architectures and strategies.

Statistics are paired contrasts (see `faceinv.metrics.bootstrap.Bootstrap`), so that their intervals include
the uncertainty of all their terms. A largest or smallest difference is chosen from several, which noise alone
drives apart: its limits are those of intervals that hold for all of them at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from faceinv.errors import InputError
from faceinv.experiments.invariance.tolerance import UNKNOWN_INTERVAL, Interval, interval_of
from faceinv.metrics.bootstrap import Bootstrap
from faceinv.metrics.extremes import greatest, simultaneous
from faceinv.models.training_runs import SCRATCH
from faceinv.perturbations.transformations import PUBLISHED
from faceinv.reporting.claims import Claim, Judgement, judge_margins

DIVERSE = ("imagenet, finetuned", "objects, finetuned")
"""Learning strategies with pretraining on a diverse set: the published one, and that of this project."""


@dataclass(frozen=True)
class ToleranceResults:
    """What the claims about tolerance are judged by.

    Attributes
    ----------
    tolerance : by architecture, strategy and transformation
    matched : the same on images that all compared architectures know untransformed; None if there are none
    variance, matched_variance : share of the variance of tolerance due to strategy, minus that due to
        architecture, and the same on images that all compared networks know
    matched_gain : gain in tolerance by the diverse set where networks know equally much, mean over
        architectures
    gain_over_augmentation : the same, over networks from scratch with pretraining's augmentation
    """

    tolerance: Bootstrap
    matched: Bootstrap | None = None
    variance: Interval = UNKNOWN_INTERVAL
    matched_variance: Interval = UNKNOWN_INTERVAL
    matched_gain: Interval = UNKNOWN_INTERVAL
    gain_over_augmentation: Interval = UNKNOWN_INTERVAL


def comparable(tolerance: Bootstrap) -> Bootstrap:
    """The published transformations alone, and only strategies that all architectures have."""
    conditions = tolerance.estimate.index.to_frame(index=False)
    here = conditions["transformation"].isin(PUBLISHED)
    architectures = conditions[here].groupby("strategy")["architecture"].nunique()
    common = architectures.index[architectures == conditions.loc[here, "architecture"].nunique()]
    return tolerance.take(np.flatnonzero(here & conditions["strategy"].isin(common)))


def by_architecture(tolerance: Bootstrap) -> Bootstrap:
    """Mean over strategies and transformations."""
    return tolerance.average("transformation").average("strategy")


def diverse_strategy(strategies: Iterable[str]) -> str:
    """The first of `DIVERSE` among those given, by which the claim about a diverse set is judged.

    Without any of them it is the last, which networks then do not have.
    """
    given = set(strategies)
    return next((name for name in DIVERSE if name in given), DIVERSE[-1])


def diverse_gain(tolerance: Bootstrap) -> Interval:
    """Tolerance after pretraining on the diverse set, minus that from scratch, over architectures."""
    strategies = tolerance.estimate.index.get_level_values("strategy")
    diverse = diverse_strategy(strategies)
    if diverse not in strategies:
        raise InputError("weights pretrained on imagenet or objects are not available for all architectures")
    means = tolerance.average("transformation").average("architecture")
    return interval_of(means.difference("strategy", diverse, SCRATCH).interval().iloc[0])


def alexnet_lead(tolerance: Bootstrap) -> Interval:
    """Tolerance of AlexNet minus that of the least tolerant other architecture: the highest of its leads.

    It is below zero only if AlexNet is below every other one. Its limits are those of an extreme that was
    chosen from several numbers, see `faceinv.metrics.extremes`.
    """
    means = by_architecture(tolerance)
    names = means.estimate.index.get_level_values("architecture")
    own, others = _split(names, "alexnet")
    pairs = [((name,), (other,)) for name in own for other in others]
    labels = [f"{a} − {b}" for (a,), (b,) in pairs]
    leads = means.differences(pairs, pd.MultiIndex.from_arrays([labels], names=["lead"]))
    return interval_of(greatest(leads))


def pair_lead(tolerance: Bootstrap) -> Interval:
    """Mean tolerance of VGG and ResNet minus that of all others."""
    means = by_architecture(tolerance)
    names = means.estimate.index.get_level_values("architecture")
    vgg, resnet = (_split(names, family)[0] for family in ("vgg", "resnet"))
    others = [name for name in names if name not in (*vgg, *resnet)]
    if not others:
        raise InputError("no architecture but vgg and resnet is among those compared")

    def lead(frame: pd.DataFrame) -> pd.Series:
        by_name = frame.set_axis(names, axis=1)
        of_vgg, of_resnet, rest = (
            by_name[which].mean(axis=1, skipna=False) for which in (vgg, resnet, others)
        )
        return (of_vgg + of_resnet) / 2 - rest

    return interval_of(means.combine(lead).interval().iloc[0])


def pair_difference(tolerance: Bootstrap) -> Interval:
    """The smaller of the largest lead of VGG over ResNet and the largest lead of ResNet over VGG.

    Each lead is the largest over transformations. Its limits are those of intervals that hold for all
    transformations at once: otherwise noise would give each its transformation to excel at.
    """
    leads = simultaneous(pair_leads(tolerance))
    limits = (
        (leads["estimate"], leads["low"], leads["high"]),
        (-leads["estimate"], -leads["high"], -leads["low"]),
    )
    best = [[float(np.max(each.to_numpy())) for each in lead] for lead in limits]
    smaller = dict(
        zip(("estimate", "low", "high"), (min(each) for each in zip(*best, strict=True)), strict=True)
    )
    return interval_of(pd.Series(smaller | {"df": float(np.min(leads["df"].to_numpy()))}))


def pair_leads(tolerance: Bootstrap) -> Bootstrap:
    """Lead of VGG over ResNet by transformation, mean over strategies and over architectures of a family."""

    def lead(_: dict[str, object], names: np.ndarray, rows: np.ndarray) -> np.ndarray:
        vgg, resnet = (_split(list(names), family)[0] for family in ("vgg", "resnet"))
        return np.asarray(
            rows[:, np.isin(names, vgg)].mean(axis=1) - rows[:, np.isin(names, resnet)].mean(axis=1)
        )

    return tolerance.average("strategy").reduce("architecture", lead)


STATISTICS: Mapping[str, Callable[[Bootstrap], Interval]] = {
    "alexnet-least": alexnet_lead,
    "vgg-resnet-more": pair_lead,
    "vgg-resnet-differ": pair_difference,
}
"""Statistics of claims about architectures, taken from all images and from matched ones."""


def margins_of(claim: str, results: ToleranceResults) -> dict[str, Interval]:
    """The statistic of a claim against each of its controls, by the names of ``claims.yml``.

    Raises
    ------
    InputError
        If the claim cannot be judged from what was compared.
    """
    tolerance = comparable(results.tolerance)
    if claim == "pretraining-most":
        return {
            "variance": results.variance,
            "variance on matched images": results.matched_variance,
            "gain": diverse_gain(tolerance),
            "gain at matched accuracy": results.matched_gain,
            "gain over wide augmentation": results.gain_over_augmentation,
        }
    statistic = STATISTICS[claim]
    matched = UNKNOWN_INTERVAL if results.matched is None else statistic(comparable(results.matched))
    return {"all images": statistic(tolerance), "matched images": matched}


def judged(claims: Iterable[Claim], results: ToleranceResults) -> tuple[list[Judgement], dict[str, str]]:
    """Judgements of the claims that can be judged, and for each of the others the reason why not."""
    found, reasons = [], {}
    for claim in claims:
        try:
            margins = margins_of(claim.id, results)
        except InputError as error:
            reasons[claim.id] = str(error)
            continue
        found.append(judge_margins(claim, margins))
    return found, reasons


def _split(names: Sequence[str], family: str) -> tuple[list[str], list[str]]:
    """The architectures of a family, whose members' names begin with the family's name, and all others.

    Raises
    ------
    InputError
        If there are none of the family, or no others.
    """
    own = [name for name in names if name.startswith(family)]
    others = [name for name in names if not name.startswith(family)]
    if not own:
        raise InputError(f"no architecture whose name begins with {family} is among those compared")
    if not others:
        raise InputError(f"no architecture but {family} is among those compared")
    return own, others
