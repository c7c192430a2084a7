"""Tasks: what is asked of a network about an image, and splits in which the test is really held out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from faceinv.data.stimuli import Stimuli
from faceinv.errors import InputError

TASKS = ("gender", "identity")

Task = Literal["gender", "identity"]


@dataclass(frozen=True)
class Split:
    """Three disjoint sets of stimuli: to train on, to choose settings on, and to report on."""

    train: Stimuli
    validation: Stimuli
    test: Stimuli


def split(
    stimuli: Stimuli,
    task: Task,
    fractions: tuple[float, float, float] = (0.6, 0.15, 0.25),
    seed: int = 0,
) -> Split:
    """Split so that the test of `task` is a real one.

    For ``gender`` whole identities are dealt out, the same share of each gender, so that gender is tested on
    people never seen; for ``identity`` the views of each identity are, so that an identity is tested on
    views never seen.

    Parameters
    ----------
    stimuli : Stimuli
    task : ``"gender"`` or ``"identity"``
    fractions : shares of train, validation and test, summing to one
    seed : which random deal

    Raises
    ------
    InputError
        If an identity or a gender is too small to appear in all three parts.
    """
    if abs(sum(fractions) - 1) > 1e-9 or min(fractions) <= 0:
        raise InputError(
            f"fractions of a split are {fractions}; expected three positive shares that sum to 1"
        )
    rng = np.random.default_rng([seed, TASKS.index(task)])
    identities = stimuli.table["identity"].to_numpy()
    part = np.empty(len(stimuli), dtype=np.int64)
    if task == "identity":
        for name in sorted(set(identities)):
            rows = np.flatnonzero(identities == name)
            part[rows] = _deal(len(rows), fractions, rng, f"identity {name!r}", "images")
    else:
        people = stimuli.table.drop_duplicates("identity")
        if set(people["gender"]) != {"female", "male"}:
            raise InputError(
                f"the genders in {stimuli.name!r} are {sorted(set(people['gender']))}; the task gender needs "
                "people who are female and people who are male"
            )
        for gender in sorted(people["gender"].unique()):
            names = np.sort(people.loc[people["gender"] == gender, "identity"].to_numpy())
            dealt = _deal(len(names), fractions, rng, f"gender {gender!r}", "identities")
            for which in range(3):
                part[np.isin(identities, names[dealt == which])] = which
    return Split(*(stimuli.select(np.flatnonzero(part == which)) for which in range(3)))


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
