"""Stimuli: images with their identity, gender, view and region maps, and splits that are really held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from faceinv.errors import InputError

REGIONS = (
    "background",
    "skin",
    "brow",
    "eye",
    "nose",
    "mouth",
    "ear",
    "cheek",
    "chin",
    "forehead",
    "neck",
    "hair",
)
"""Labels of a region map: the value of a pixel is an index into this tuple."""

TASKS = ("gender", "identity")

Task = Literal["gender", "identity"]


@dataclass(frozen=True)
class Stimuli:
    """A set of images of faces, or of objects, with what is known of each.

    Attributes
    ----------
    images : ndarray of uint8, N x H x W x 3
        sRGB pixels.
    table : DataFrame of N rows
        One row an image, in the order of `images`, with at least `identity` (str), `gender` (``"female"``,
        ``"male"`` or empty where unknown) and `view` (str, unique within an identity); rendered sets add yaw,
        light and expression.
    regions : ndarray of uint8, N x H x W, or None
        Region maps (see `REGIONS`), or None where they are unknown, as for photographs.
    name : str
        What the set is called in figures and tables.
    """

    images: np.ndarray
    table: pd.DataFrame
    regions: np.ndarray | None = None
    name: str = "stimuli"

    def __post_init__(self) -> None:
        n = len(self.images)
        if self.images.ndim != 4 or self.images.shape[3] != 3 or self.images.dtype != np.uint8:
            raise InputError(
                f"images of {self.name!r} are {self.images.dtype} {self.images.shape}; "
                "expected uint8 of shape N x H x W x 3"
            )
        missing = {"identity", "gender", "view"} - set(self.table.columns)
        if missing:
            raise InputError(f"the table of {self.name!r} lacks the column(s) {', '.join(sorted(missing))}")
        if len(self.table) != n:
            raise InputError(f"{self.name!r} has {n} images but {len(self.table)} rows in its table")
        if self.regions is not None and self.regions.shape != self.images.shape[:3]:
            raise InputError(
                f"region maps of {self.name!r} are {self.regions.shape}; expected {self.images.shape[:3]}"
            )

    def __len__(self) -> int:
        return len(self.images)

    @property
    def size(self) -> int:
        """Height of the images in pixels."""
        return self.images.shape[1]

    def evenly(self, count: int) -> Stimuli:
        """At most `count` of the stimuli, spread evenly over their order."""
        count = min(count, len(self))
        return self.select(np.linspace(0, len(self) - 1, count).round().astype(int))

    def few(self, count: int) -> Stimuli:
        """The first `count` stimuli of every identity, or all where there are fewer."""
        return self.select(np.flatnonzero(self.table.groupby("identity").cumcount() < count))

    def select(self, index: np.ndarray | Sequence[int]) -> Stimuli:
        """The stimuli at `index` (integers, or a boolean for each), in that order."""
        index = np.asarray(index)
        return replace(
            self,
            images=self.images[index],
            table=self.table.iloc[np.flatnonzero(index) if index.dtype == bool else index].reset_index(
                drop=True
            ),
            regions=None if self.regions is None else self.regions[index],
        )

    def classes(self, task: Task) -> tuple[str, ...]:
        """Names of the classes of `task`, sorted."""
        return tuple(sorted(self.table[_column(task)].unique()))

    def labels(self, task: Task, classes: Sequence[str] | None = None) -> np.ndarray:
        """Class of each image as an int64 index into `classes` (default: the set's own classes)."""
        classes = self.classes(task) if classes is None else classes
        place = {name: i for i, name in enumerate(classes)}
        column = self.table[_column(task)]
        unknown = sorted(set(column) - set(place))
        if unknown:
            raise InputError(f"{task} {unknown[0]!r} in {self.name!r} is not among the {len(place)} classes")
        return np.array([place[name] for name in column], dtype=np.int64)


def join(parts: Sequence[Stimuli]) -> Stimuli:
    """Slices of a set, in order, as one."""
    regions = [part.regions for part in parts if part.regions is not None]
    return Stimuli(
        images=np.concatenate([part.images for part in parts]),
        table=pd.concat([part.table for part in parts], ignore_index=True),
        regions=np.concatenate(regions) if regions else None,
        name=parts[0].name,
    )


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


def _column(task: str) -> str:
    if task not in TASKS:
        raise InputError(f"task is {task!r}; expected one of {', '.join(TASKS)}")
    return task
