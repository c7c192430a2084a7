"""Stimuli: images with their identity, gender, view and region maps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

import numpy as np
import pandas as pd

from faceinv.errors import InputError
from faceinv.runtime.large_arrays import large_empty, take_rows

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

FRONTAL = 10.0
"""Yaw in degrees up to which a face looks to the front."""


@dataclass(frozen=True)
class Stimuli:
    """A set of images of faces or objects, with labels for each.

    Attributes
    ----------
    images : ndarray of uint8, N x H x W x 3
        sRGB pixels.
    table : DataFrame of N rows
        One row per image, in the order of `images`, with at least `identity` (str) and `view` (str, unique
        within an identity), and any labels: `gender` (``"female"``, ``"male"`` or empty where unknown), age
        group, smiling. Rendered sets have gender, expression, yaw and light.
    regions : ndarray of uint8, N x H x W, or None
        Region maps (see `REGIONS`), or None if they are unknown, as for photographs.
    name : str
        Name of the set in figures and tables.
    held_out : mapping from str to str
        What the split of a task holds out, ``"identity"`` or ``"view"``, if that is not left to
        `faceinv.data.tasks.split`.
    """

    images: np.ndarray
    table: pd.DataFrame
    regions: np.ndarray | None = None
    name: str = "stimuli"
    held_out: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        n = len(self.images)
        if self.images.ndim != 4 or self.images.shape[3] != 3 or self.images.dtype != np.uint8:
            raise InputError(
                f"images of {self.name!r} are {self.images.dtype} {self.images.shape}; "
                "expected uint8 of shape N x H x W x 3"
            )
        missing = {"identity", "view"} - set(self.table.columns)
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
        """At most `count` of the stimuli, evenly spaced in their order."""
        return self.select(evenly_spaced(range(len(self)), count))

    def first_per_identity(self, count: int) -> Stimuli:
        """The first `count` stimuli of every identity, or all if there are fewer."""
        return self.select(np.flatnonzero(self.table.groupby("identity").cumcount() < count))

    def select(self, index: np.ndarray | Sequence[int]) -> Stimuli:
        """The stimuli at `index` (integers in the wanted order, or one boolean per stimulus)."""
        index = np.asarray(index)
        rows = np.flatnonzero(index) if index.dtype == bool else index
        return replace(
            self,
            images=take_rows(self.images, rows),
            table=self.table.iloc[rows].reset_index(drop=True),
            regions=None if self.regions is None else take_rows(self.regions, rows),
        )

    def classes(self, task: str) -> tuple[str, ...]:
        """Names of the classes of `task`, sorted; numerically for a column of numbers."""
        names = set(self.names(task))
        return tuple(
            sorted(
                names,
                key=float
                if self.table[task].dtype.kind in "iuf" and "" not in names and task != "view"
                else None,
            )
        )

    def names(self, task: str) -> np.ndarray:
        """Class name of each image: the values of the column `task` of the table as text (N strings).

        For the task ``"view"`` it is ``"left"``, ``"frontal"`` or ``"right"`` if the yaw is known: the side
        of the image that the face is turned to by more than `FRONTAL` degrees. The column itself only
        numbers the images.

        Raises
        ------
        InputError
            If the table has no such column.
        """
        if task not in self.table:
            raise InputError(
                f"task is {task!r}, which is no column in the table of {self.name!r}; "
                f"expected one of {', '.join(self.table.columns)}"
            )
        if task == "view" and "yaw" in self.table:
            yaw = self.table["yaw"].to_numpy()
            return np.where(yaw < -FRONTAL, "left", np.where(yaw > FRONTAL, "right", "frontal")).astype(
                object
            )
        column = self.table[task]
        if column.dtype.kind == "f":  # whole numbers with some unknown
            return np.array(["" if np.isnan(value) else f"{value:.12g}" for value in column], dtype=object)
        return column.astype(str).to_numpy(dtype=object)

    def labels(self, task: str, classes: Sequence[str] | None = None) -> np.ndarray:
        """Class of each image as an int64 index into `classes` (default: the set's own classes)."""
        classes = self.classes(task) if classes is None else classes
        place = {name: i for i, name in enumerate(classes)}
        names = self.names(task)
        unknown = sorted(set(names) - set(place))
        if unknown:
            raise InputError(f"{task} {unknown[0]!r} in {self.name!r} is not among the {len(place)} classes")
        return np.array([place[name] for name in names], dtype=np.int64)


def join(parts: Iterable[Stimuli], count: int | None = None) -> Stimuli:
    """Concatenate slices of a set, in order.

    Parameters
    ----------
    parts : at least one slice; either all of them have region maps, or none
    count : stimuli in all. If it is given, slices are taken one by one, and are not held together in memory
    """
    if count is None:
        parts = list(parts)
        count = sum(map(len, parts))
    coming = iter(parts)
    first = next(coming)
    images = large_empty((count, *first.images.shape[1:]))
    regions = None if first.regions is None else large_empty(images.shape[:3])
    tables, end = [], 0
    for part in chain([first], coming):
        start, end = end, end + len(part)
        images[start:end] = part.images
        if regions is not None:
            regions[start:end] = part.regions
        tables.append(part.table)
    table = pd.concat(tables, ignore_index=True)
    return Stimuli(images, table, regions, name=first.name, held_out=first.held_out)


def evenly_spaced(values: Sequence[int] | np.ndarray, count: int) -> np.ndarray:
    """At most `count` of the values, evenly spaced in their order."""
    values = np.asarray(values)
    return values[np.linspace(0, len(values) - 1, min(count, len(values))).round().astype(int)]
