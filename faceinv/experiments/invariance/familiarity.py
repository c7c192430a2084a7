"""Familiarity: whether networks tolerate more of people whom their base has met in pretraining.

Half of the set are people of the pretraining set of faces, in other pictures, and half are people whom no
base has met; both are classes of the same networks. Some people are easier than others whatever was learned
before, so networks from scratch, to which all are new, are the control.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from faceinv.data.faces.face_set import FaceSet
from faceinv.data.sources import load_stimuli
from faceinv.experiments import design
from faceinv.experiments.image_sets import FACES
from faceinv.experiments.sizes import Profile
from faceinv.metrics.bootstrap import Bootstrap
from faceinv.models.pretraining import PRETRAINING_SETS
from faceinv.models.training_runs import SCRATCH, TrainingRun

FAMILIAR, NOVEL = "familiar", "novel"
LEARNED_FACES = "faces"
"""The pretraining set whose people are familiar."""


def half_familiar(faces: FaceSet) -> FaceSet:
    """A set like `faces` of the last people of the pretraining set and as many who follow them.

    Indices of people are consecutive: a set that begins within the pretraining set and ends beyond it is half
    of people that were met, and half of new ones drawn from the same population.
    """
    met = PRETRAINING_SETS[LEARNED_FACES].source
    assert isinstance(met, FaceSet)
    half = faces.identities // 2
    return replace(
        faces,
        identities=2 * half,
        first=met.first + met.identities - half,
        seed=met.seed,
    )


def familiar_runs(profile: Profile, architecture: str, seeds: int | None = None) -> list[TrainingRun]:
    """Runs on the half-familiar set, from scratch and finetuned from faces; none without a base."""
    if LEARNED_FACES not in design.pretrainings(profile, architecture):
        return []
    runs = [
        run
        for name in ("none", LEARNED_FACES)
        for run in design.tolerance_runs(profile, FACES, seeds, architecture, name)
    ]
    assert isinstance(runs[0].source, FaceSet)
    people = half_familiar(runs[0].source)
    return [replace(run, source=people, checkpoints=()) for run in runs]


def with_familiarity(run: TrainingRun, answers: pd.DataFrame) -> pd.DataFrame:
    """Answers of a network to the half-familiar set with the column people, `FAMILIAR` or `NOVEL`."""
    order = list(dict.fromkeys(load_stimuli(run.source).table["identity"]))
    met = set(order[: len(order) // 2])
    return answers.assign(people=[FAMILIAR if name in met else NOVEL for name in answers["identity"]])


def familiarity_gain(measure: Bootstrap) -> Bootstrap:
    """Familiar minus novel people after pretraining on faces, minus the same from scratch, by architecture.

    Parameters
    ----------
    measure : a summary of tolerance curves by architecture, strategy and people, see
        `faceinv.experiments.invariance.tolerance.summaries`
    """
    lead = measure.difference("people", FAMILIAR, NOVEL)
    return lead.difference("strategy", f"{LEARNED_FACES}, finetuned", SCRATCH)
