"""Statistics of the second study's claims about the tolerance of architectures and strategies.

Each statistic is computed for the estimate and for every bootstrap draw (see
`faceinv.metrics.bootstrap.Bootstrap`), so that its interval includes the uncertainty of all its terms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import isnan, nan

import pandas as pd

from faceinv.errors import InputError
from faceinv.metrics.bootstrap import Bootstrap
from faceinv.models.training_runs import SCRATCH
from faceinv.perturbations.transformations import PUBLISHED
from faceinv.reporting.claims import Claim, Judgement, judge

DIVERSE = "objects, finetuned"


def values_of(tolerance: Bootstrap) -> pd.DataFrame:
    """Estimates (first row) and draws of tolerance, a column per architecture, strategy and transformation.

    Only the published transformations are kept, and only strategies that all architectures have.
    """
    names = ["architecture", "strategy", "transformation"]
    draws = tolerance.draws.reorder_levels(names, axis=1)
    first = pd.DataFrame([tolerance.estimate.to_numpy()], columns=draws.columns)
    values = pd.concat([first, draws], ignore_index=True)
    values = values.loc[:, values.columns.get_level_values("transformation").isin(PUBLISHED)]
    pairs = values.columns.droplevel("transformation").unique()
    counts = pairs.get_level_values("strategy").value_counts()
    architectures = pairs.get_level_values("architecture").nunique()
    common = counts.index[counts == architectures]
    return values.loc[:, values.columns.get_level_values("strategy").isin(common)]


def pretraining_lead(values: pd.DataFrame) -> pd.Series:
    """Gain by diverse pretraining over none, minus the largest difference between architectures in either.

    The difference is a maximum, which noise increases, so that the statistic is biased against the claim.
    """
    by = _mean(values, ["strategy", "architecture"])
    if DIVERSE not in by.columns.get_level_values("strategy"):
        raise InputError("bases pretrained on objects are not available for all architectures")
    if by[SCRATCH].shape[1] < 2:
        raise InputError("only one architecture is compared")
    gain = (by[DIVERSE] - by[SCRATCH]).mean(axis=1)
    gaps = [
        by[each].max(axis=1, skipna=False) - by[each].min(axis=1, skipna=False) for each in (SCRATCH, DIVERSE)
    ]
    return gain - pd.concat(gaps, axis=1).max(axis=1, skipna=False)


def alexnet_lead(values: pd.DataFrame) -> pd.Series:
    """Tolerance of AlexNet minus that of the least tolerant other architecture, over shared strategies."""
    by = _mean(values, ["architecture"])
    return _family(by, "alexnet") - _others(by, "alexnet").min(axis=1, skipna=False)


def pair_lead(values: pd.DataFrame) -> pd.Series:
    """Mean tolerance of VGG and ResNet minus that of all others, over shared strategies."""
    by = _mean(values, ["architecture"])
    others = _others(by, "vgg", "resnet").mean(axis=1, skipna=False)
    return (_family(by, "vgg") + _family(by, "resnet")) / 2 - others


def pair_difference(values: pd.DataFrame) -> pd.Series:
    """The smaller of the largest lead of VGG over ResNet and the largest lead of ResNet over VGG.

    Each lead is a maximum over transformations, which noise increases, so that the statistic is biased in
    favour of the claim.
    """
    by = _mean(values, ["architecture", "transformation"])
    lead = pd.DataFrame(
        {
            name: _family(part, "vgg") - _family(part, "resnet")
            for name in by.columns.unique("transformation")
            for part in [by.xs(name, axis=1, level="transformation")]
        }
    )
    leads = [lead.max(axis=1, skipna=False), (-lead).max(axis=1, skipna=False)]
    return pd.concat(leads, axis=1).min(axis=1, skipna=False)


STATISTICS: Mapping[str, Callable[[pd.DataFrame], pd.Series]] = {
    "pretraining-most": pretraining_lead,
    "alexnet-least": alexnet_lead,
    "vgg-resnet-more": pair_lead,
    "vgg-resnet-differ": pair_difference,
}
"""Statistic of each claim, by the claim's id."""


def judged(claims: Iterable[Claim], tolerance: Bootstrap) -> tuple[list[Judgement], dict[str, str]]:
    """Judgements of the claims that can be judged, and for each of the others the reason why not.

    Parameters
    ----------
    claims : claims with a statistic in `STATISTICS`
    tolerance : tolerance by architecture, strategy and transformation
    """
    values = values_of(tolerance)
    found, reasons = [], {}
    for claim in claims:
        try:
            statistic = STATISTICS[claim.id](values)
        except InputError as error:
            reasons[claim.id] = str(error)
            continue
        estimate = float(statistic[0])
        # a network at chance has no tolerance: without an estimate there is no interval, whatever the draws
        low, high = (nan, nan) if isnan(estimate) else statistic[1:].quantile([0.025, 0.975])
        found.append(judge(claim, estimate, float(low), float(high)))
    return found, reasons


def _mean(values: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Means over all conditions but those named; nan if any of them is nan."""
    groups = values.T.groupby(level=by, sort=False)
    whole = groups.count().eq(groups.size(), axis=0)
    return groups.mean().where(whole).T


def _family(by: pd.DataFrame, family: str) -> pd.Series:
    """Mean over the architectures of a family, those whose names begin with the family's name."""
    names = by.columns.get_level_values("architecture")
    if not names.str.startswith(family).any():
        raise InputError(f"no architecture whose name begins with {family} is among those compared")
    return by.loc[:, names.str.startswith(family)].mean(axis=1, skipna=False)


def _others(by: pd.DataFrame, *families: str) -> pd.DataFrame:
    """The architectures that belong to none of the families."""
    names = by.columns.get_level_values("architecture")
    if names.str.startswith(families).all():
        raise InputError(f"no architecture but {' and '.join(families)} is among those compared")
    return by.loc[:, ~names.str.startswith(families)]
