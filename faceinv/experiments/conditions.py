"""Conditions: the fields by which networks are grouped, and how two networks differ."""

from __future__ import annotations

from collections.abc import Sequence

from faceinv.errors import InputError
from faceinv.models.training_runs import TrainingRun

OWN = "same network"

NO_SEED = -1
"""Seed, in a table, of a mask that does not come from a single network."""


def condition(run: TrainingRun, conditions: Sequence[str]) -> dict[str, object]:
    """Values of the fields that define the condition of a training run.

    Raises
    ------
    InputError
        If training runs do not have one of the fields.
    """
    unknown = sorted(set(conditions) - set(vars(run)))
    if unknown:
        raise InputError(f"a network has no {unknown[0]!r}; it has {', '.join(vars(run))}")
    return {name: vars(run)[name] for name in conditions}


def condition_label(run: TrainingRun, conditions: Sequence[str]) -> str:
    """Name of the condition of a training run in tables and figures."""
    return ", ".join(str(value) for value in condition(run, conditions).values())


def relation(mask_source: TrainingRun, evaluated: TrainingRun, conditions: Sequence[str]) -> str:
    """How a mask source differs from the evaluated network: *other seed*, *other pretraining and task* ..."""
    if mask_source == evaluated:
        return OWN
    a, b = (condition(run, conditions) for run in (mask_source, evaluated))
    return "other " + (" and ".join(name for name in conditions if a[name] != b[name]) or "seed")
