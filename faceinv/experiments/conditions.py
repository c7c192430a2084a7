"""Conditions: by which fields networks are grouped, and how two networks differ."""

from __future__ import annotations

from collections.abc import Sequence

from faceinv.errors import InputError
from faceinv.models.training_runs import TrainingRun

OWN = "same network"

NO_SEED = -1
"""Seed in the table of a mask that no single network made."""


def condition(run: TrainingRun, conditions: Sequence[str]) -> dict[str, object]:
    """The fields of a training run that tell its condition.

    Raises
    ------
    InputError
        If a training run has no such field.
    """
    unknown = sorted(set(conditions) - set(vars(run)))
    if unknown:
        raise InputError(f"a network has no {unknown[0]!r}; it has {', '.join(vars(run))}")
    return {name: vars(run)[name] for name in conditions}


def label(run: TrainingRun, conditions: Sequence[str]) -> str:
    """What the condition of a training run is called in tables and figures."""
    return ", ".join(str(value) for value in condition(run, conditions).values())


def relation(mask_source: TrainingRun, evaluated: TrainingRun, conditions: Sequence[str]) -> str:
    """How a maker differs from a reader: *other seed*, *other task*, *other pretraining and task* ..."""
    if mask_source == evaluated:
        return OWN
    a, b = (condition(run, conditions) for run in (mask_source, evaluated))
    return "other " + (" and ".join(name for name in conditions if a[name] != b[name]) or "seed")
