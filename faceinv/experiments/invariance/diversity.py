"""Diversity: what networks tolerate after pretraining on more, on other, and on more different images.

Bases differ in one thing at a time: the kind of images, their number at constant exposures, the exposures at
constant images, or the number of classes at constant images and exposures. Whichever bases are available are
compared, and those that are missing are named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from faceinv.errors import InputError
from faceinv.experiments import design
from faceinv.experiments.image_sets import FACES, Data
from faceinv.experiments.sizes import Profile
from faceinv.metrics.bootstrap import Bootstrap
from faceinv.models.pretraining import PRETRAINING_SETS, WHOLE, Portion, base_name
from faceinv.models.training_runs import SCRATCH, TrainingRun
from faceinv.models.weights import base_records

CLASS_SHARE = 4
"""Denominator of the share of classes, compared with the same share of the images of all classes."""
CONSTANT = 1.25
"""Largest ratio of exposures of two bases that still counts as the same."""

KIND, IMAGES, EXPOSURES, COUNT = "kind of images", "number of images", "exposures", "number of classes"


@dataclass(frozen=True)
class Condition:
    """One pretraining in the comparison, and what its base has seen.

    Attributes
    ----------
    questions : what it is compared for, some of `KIND`, `IMAGES`, `EXPOSURES`, `COUNT`
    label : name in figures
    pretraining : name for a training run
    base : name of the file; of several seeds the first
    images, classes : in its training set
    exposures, kept : training images shown, and those until the weights that validation chose
    accuracy : on held-out images of its own set
    """

    questions: tuple[str, ...]
    label: str
    pretraining: str
    base: str
    images: int
    classes: int
    exposures: int
    kept: int
    accuracy: float


def wanted(profile: Profile, set_: str) -> list[tuple[tuple[str, ...], str, str, Portion]]:
    """Every condition that is asked for: questions, label, set and part.

    Parameters
    ----------
    profile : says which shares of images and exposures are compared
    set_ : the set of which parts are compared
    """
    of_parts = [
        ((IMAGES, COUNT) if n == CLASS_SHARE else (IMAGES,), f"1/{n} of the images", Portion(share=n))
        for n in profile.image_shares
    ]
    of_parts += [((COUNT,), f"1/{CLASS_SHARE} of the classes", Portion(classes=CLASS_SHARE))]
    of_parts += [
        ((EXPOSURES,), f"1/{n} of the exposures", Portion(shorter=n)) for n in profile.exposure_shares
    ]
    return [
        *(((KIND,), name, name, WHOLE) for name in PRETRAINING_SETS if name != set_),
        *((questions, f"{set_}, {label}", set_, part) for questions, label, part in of_parts),
        ((KIND, IMAGES, EXPOSURES), set_, set_, WHOLE),
    ]


def conditions(profile: Profile, architecture: str, set_: str) -> tuple[list[Condition], list[str]]:
    """Conditions of an architecture whose bases are available, and names of the bases that are missing."""
    known = set(design.pretrainings(profile, architecture))
    records = {record["name"]: record for record in base_records(architecture, profile.width)}
    found, missing = [], []
    for questions, label, name, part in wanted(profile, set_):
        base = base_name(name, architecture, 0, part, profile.width)
        if base not in records or (part == WHOLE and name not in known):
            if name in PRETRAINING_SETS:  # nothing can be missing of published weights, which have no parts
                missing.append(base)
            continue
        pretraining = name if part == WHOLE else f"{name}-0{part.suffix}"
        found.append(Condition(questions, label, pretraining, base, **_seen(records[base])))
    return found, missing


def condition_runs(
    profile: Profile,
    architecture: str,
    chosen: Sequence[Condition],
    data: Data = FACES,
    seeds: int | None = None,
) -> list[tuple[str, TrainingRun]]:
    """Runs on the task identity by label: from scratch, and finetuned from the base of each condition."""
    pairs = [(SCRATCH, "none"), *((each.label, each.pretraining) for each in chosen)]
    return [
        (label, run)
        for label, name in pairs
        for run in design.tolerance_runs(profile, data, seeds, architecture, name)
    ]


def labels(profile: Profile, set_: str) -> list[str]:
    """Labels of all conditions in the order of figures, training from scratch first."""
    return [SCRATCH, *(label for _, label, _, _ in wanted(profile, set_))]


def by_question(found: Mapping[str, Sequence[Condition]]) -> dict[str, list[str]]:
    """Labels of the conditions of any architecture that each question compares."""
    return {
        question: list(
            dict.fromkeys(
                each.label for chosen in found.values() for each in chosen if question in each.questions
            )
        )
        for question in (KIND, IMAGES, EXPOSURES, COUNT)
    }


def smallest_part(found: Mapping[str, Sequence[Condition]], set_: str) -> str | None:
    """Label of the smallest part of a set that is compared with all of it; None without one."""
    parts = [each for chosen in found.values() for each in chosen if IMAGES in each.questions]
    smallest = min(parts, key=lambda each: each.images, default=None)
    return None if smallest is None or smallest.label == set_ else smallest.label


def difference_from(measure: Bootstrap, label: str, reference: str) -> Bootstrap:
    """One condition minus another, by architecture, for the architectures that have both.

    Parameters
    ----------
    measure : by architecture and condition

    Raises
    ------
    InputError
        If no architecture has both.
    """
    conditions = measure.estimate.index.to_frame(index=False)
    here = conditions["condition"].isin([label, reference])
    counts = conditions[here].groupby("architecture")["condition"].nunique()
    both = here & conditions["architecture"].isin(counts.index[counts == 2])
    if not both.any():
        raise InputError(f"no architecture was pretrained both on {label!r} and on {reference!r}")
    return measure.take(np.flatnonzero(both)).difference("condition", label, reference)


def base_table(found: Mapping[str, Sequence[Condition]]) -> pd.DataFrame:
    """What the bases of each architecture have seen, one row per base."""
    rows = [
        {
            "architecture": architecture,
            "base": each.base,
            "images": each.images,
            "classes": each.classes,
            "exposures": each.exposures,
            "kept": each.kept,
            "times each": round(each.exposures / each.images, 1),
            "accuracy": each.accuracy,
        }
        for architecture, chosen in found.items()
        for each in chosen
    ]
    return pd.DataFrame(rows)


def confounded(chosen: Sequence[Condition]) -> list[str]:
    """Questions whose available bases differ in more than the question; see `is_fair`."""
    asked = [
        question
        for question in (KIND, IMAGES, EXPOSURES, COUNT)
        if sum(question in each.questions for each in chosen) > 1
    ]
    return [question for question in asked if not is_fair(chosen, question)]


def are_constant(values: Sequence[float]) -> bool:
    """Whether the largest of several numbers is at most `CONSTANT` times the smallest."""
    return max(values) <= CONSTANT * min(values)


def is_fair(chosen: Sequence[Condition], question: str) -> bool:
    """Whether the conditions of a question differ in nothing else that is counted here.

    Exposures must be constant, both those shown and those until the kept weights, unless they are the
    question; and so must the number of images, unless that is.
    """
    of_question = [each for each in chosen if question in each.questions]
    if len(of_question) < 2:
        return False
    constant = {"exposures", "kept", "images"} - {EXPOSURES: {"exposures", "kept"}, IMAGES: {"images"}}.get(
        question, set()
    )
    return all(are_constant([getattr(each, name) for each in of_question]) for name in constant)


def _seen(record: dict[str, Any]) -> dict[str, Any]:
    """What a base has seen, from its provenance."""
    made, images = record["pretraining"], record["images"]["train"]
    kept = next(row["epoch"] for row in record["curve"] if row["kept"])
    return {
        "images": images,
        "classes": round(1 / record["chance"]),
        "exposures": made["exposures"] // made.get("shorter", 1),
        "kept": (kept + 1) * images,
        "accuracy": record["accuracy"],
    }
