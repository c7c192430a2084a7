"""Tasks: what a network is asked about an image, and splits in which the test is really held out.

A task is the name of a column in the table of the stimuli: its values are the classes. Any column will do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from zlib import crc32

import numpy as np

from faceinv.data.stimuli import Stimuli
from faceinv.errors import InputError

TASKS = ("gender", "identity")
"""The tasks of the two studies, which chapters set their networks by default."""

HeldOut = Literal["identity", "view"]
"""What a split holds out: whole identities, or views of identities that are known."""

ATTEMPTS = 1000
"""Random deals that are tried until each class is in each part."""


@dataclass(frozen=True)
class Split:
    """Three disjoint sets of stimuli: to train on, to choose settings on, and to report on."""

    train: Stimuli
    validation: Stimuli
    test: Stimuli


def split(
    stimuli: Stimuli,
    task: str,
    fractions: tuple[float, float, float] = (0.6, 0.15, 0.25),
    seed: int = 0,
    held_out: HeldOut | None = None,
) -> Split:
    """Split so that the test of `task` is a real one.

    By identity, whole identities are dealt out, so that the task is tested on people never seen: the same
    share of each class where all images of a person have the same label, as for gender; otherwise, as for
    expression, so that each class is in each part. By view, the images of each class are dealt out, so that
    the task is tested on views never seen of people who are known.

    Parameters
    ----------
    stimuli : Stimuli
    task : name of a column of the table
    fractions : shares of train, validation and test, summing to one
    seed : which random deal
    held_out : ``"identity"`` or ``"view"``. By default what ``stimuli.held_out`` says of the task; where it
        says nothing, views for the task ``"identity"`` and identities, the stricter test, for every other one

    Raises
    ------
    InputError
        If there is no such column, it holds a single class or leaves an image without a label, or a class is
        too small to appear in all three parts.
    """
    if abs(sum(fractions) - 1) > 1e-9 or min(fractions) <= 0:
        raise InputError(
            f"fractions of a split are {fractions}; expected three positive shares that sum to 1"
        )
    labels = _checked_labels(stimuli, task)
    rng = np.random.default_rng([seed, TASKS.index(task) if task in TASKS else crc32(task.encode())])
    identities = stimuli.table["identity"].to_numpy()
    of_identities = len(set(zip(identities, labels, strict=True))) == len(set(identities))
    part = np.empty(len(stimuli), dtype=np.int64)
    if held_out_by(stimuli, task, held_out) == "view":
        for name in sorted(set(labels)):
            rows = np.flatnonzero(labels == name)
            part[rows] = _deal(len(rows), fractions, rng, f"{task} {name!r}", "images")
    elif of_identities:
        for name in sorted(set(labels)):
            names = np.array(sorted(set(identities[labels == name])))
            dealt = _deal(len(names), fractions, rng, f"{task} {name!r}", "identities")
            for which in range(3):
                part[np.isin(identities, names[dealt == which])] = which
    else:
        part = _deal_identities(identities, labels, fractions, rng, f"{task} in {stimuli.name!r}")
    return Split(*(stimuli.select(np.flatnonzero(part == which)) for which in range(3)))


def held_out_by(stimuli: Stimuli, task: str, held_out: HeldOut | None = None) -> HeldOut:
    """What the split of a task holds out: what is asked for, what the stimuli say, or else what suits it."""
    chosen = held_out or stimuli.held_out.get(task) or ("view" if task == "identity" else "identity")
    if chosen == "view":
        return "view"
    if chosen == "identity" and task != "identity":
        return "identity"
    if chosen == "identity":
        raise InputError(
            "the split of identity holds out identities; expected view, for nobody can be told apart who was "
            "not seen in training"
        )
    raise InputError(
        f"the split of {task} in {stimuli.name!r} holds out {chosen!r}; expected identity or view"
    )


def _checked_labels(stimuli: Stimuli, task: str) -> np.ndarray:
    """The label of each image, known of all and of at least two classes."""
    labels = stimuli.names(task)
    unknown = int((labels == "").sum())
    if unknown:
        raise InputError(
            f"the column {task} of {stimuli.name!r} is empty for {unknown} of {len(labels)} images; "
            "expected a label for each"
        )
    classes = sorted(set(labels))
    if task == "gender" and classes != ["female", "male"]:
        raise InputError(
            f"the genders in {stimuli.name!r} are {classes}; the task gender needs people who are female and "
            "people who are male"
        )
    if len(classes) < 2:
        raise InputError(
            f"the column {task} of {stimuli.name!r} holds only {classes[0]!r}; "
            "expected at least two classes for a task"
        )
    return labels


def _deal_identities(
    identities: np.ndarray,
    labels: np.ndarray,
    fractions: tuple[float, float, float],
    rng: np.random.Generator,
    task: str,
) -> np.ndarray:
    """Which part each image goes to, by its identity, so that each class is in each part."""
    names, person = np.unique(identities, return_inverse=True)
    classes, label = np.unique(labels, return_inverse=True)
    shown = np.zeros((len(names), len(classes)), dtype=bool)
    shown[person, label] = True
    for name, count in zip(classes, shown.sum(axis=0), strict=True):
        if count < 3:
            raise InputError(
                f"class {name!r} of {task} is shown by {count} identities; expected at least 3, one each for "
                "training, validation and test"
            )
    for _ in range(ATTEMPTS):
        dealt = _deal(len(names), fractions, rng, task, "identities")
        if all(shown[dealt == which].any(axis=0).all() for which in range(3)):
            return dealt[person]
    raise InputError(
        f"{task} has too few identities ({len(names)}) for each of its {len(classes)} classes to be in "
        "training, validation and test; expected more people, or fewer classes"
    )


def _deal(
    n: int, fractions: tuple[float, float, float], rng: np.random.Generator, whose: str, what: str
) -> np.ndarray:
    """Which of the three parts each of `n` things goes to; every part gets at least one."""
    if n < 3:
        raise InputError(
            f"{whose} has {n} {what}; expected at least 3, one each for training, validation and test"
        )
    validation, test = (max(1, round(n * share)) for share in fractions[1:])
    train = max(1, n - validation - test)
    sizes = (train, validation, n - train - validation)
    return rng.permutation(np.repeat(np.arange(3), sizes))
