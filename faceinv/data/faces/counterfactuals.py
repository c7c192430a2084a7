"""Counterfactual pairs: faces, the same faces with one cause changed, and the pixels that differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from faceinv.data.faces.causes import CAUSES, Donor, Intervention, change_faces, donor_index, is_changed, told
from faceinv.data.faces.face_images import (
    IDENTITIES_AT_ONCE,
    Picture,
    choose_faces,
    counterfactuals_of,
    draw_changes,
    draw_pairs,
)
from faceinv.data.faces.face_set import FaceSet
from faceinv.data.faces.identities import draw_person
from faceinv.data.rendering.slices import check_slice, draw_slices
from faceinv.data.stimuli import REGIONS, Stimuli, join
from faceinv.errors import InputError


@dataclass(frozen=True)
class Pairs:
    """N pairs of a face and its counterfactual.

    Attributes
    ----------
    originals : the faces, as `faceinv.render` gives them
    counterfactuals : the same faces with the cause changed; their table says what was changed
    differs : N x H x W, bool, where the pixels of the two images are not equal
    """

    originals: Stimuli
    counterfactuals: Stimuli
    differs: np.ndarray

    def measure(self) -> pd.DataFrame:
        """How much of each pair differs.

        Returns
        -------
        DataFrame of N rows
            `identity`, `cause` and `region`; `differing`, the share of the pixels that differ; and `inside`,
            the share of these that lie in the region of the cause in either image, NaN where none differs.
        """
        table = self.counterfactuals.table[["identity", "cause", "region"]].copy()
        maps = [each.regions for each in (self.originals, self.counterfactuals) if each.regions is not None]
        inside = np.zeros(len(table))
        for name in table["cause"].unique():
            rows = (table["cause"] == name).to_numpy()
            wanted = [REGIONS.index(label) for label in CAUSES[name].labels or REGIONS[1:]]
            region = np.any([np.isin(each[rows], wanted) for each in maps], axis=0)
            inside[rows] = (self.differs[rows] & region).sum((1, 2))
        count = self.differs.sum((1, 2))
        table["differing"] = self.differs.mean((1, 2))
        table["inside"] = np.where(count, inside / np.maximum(count, 1), np.nan)
        return table


def render_pairs(faces: FaceSet, processes: int = 1, progress: bool = False) -> Pairs:
    """Render every face of a set without and with its cause changed, whatever label it goes with.

    Parameters
    ----------
    faces : FaceSet
        With a cause (see `FaceSet.with_cause`).
    processes : number of worker processes; each uses one core
    progress : whether to show a progress bar

    Returns
    -------
    Pairs
        The table of the counterfactuals says what was changed: `cause`, `region`, `strength`, `donor`, and
        where a label goes with it `label`, `value`, `agreement`, and whether the image of the set is the
        changed one (`present`).

    Raises
    ------
    InputError
        If the set has no cause.

    Examples
    --------
    >>> faces = faceinv.FaceSet(identities=1, views=2, size=32).with_cause("nose shape")
    >>> faceinv.render_pairs(faces).differs.shape
    (2, 32, 32)
    """
    people = faces.identities
    return join_pairs(
        draw_slices(pairs_of_identities, faces, people, IDENTITIES_AT_ONCE, processes, progress)
    )


def pairs_of_identities(faces: FaceSet, first: int, count: int) -> Pairs:
    """The pairs of `count` identities of a set, from its `first` on: a pure function of its arguments."""
    check_slice("identities", "a face set", first, count, faces.identities)
    if faces.cause is None:
        raise InputError(f"the set {faces.name!r} has no cause to change; expected one (FaceSet.with_cause)")
    sides: tuple[list[Picture], list[Picture]] = [], []
    for index in range(faces.first + first, faces.first + first + count):
        originals = choose_faces(faces, index)
        pairs = draw_pairs(faces, index, originals, counterfactuals_of(faces, index, originals))
        for k, (face, (original, other)) in enumerate(zip(originals, pairs, strict=True)):
            assert other is not None
            other[2].update(told(faces.cause, faces.seed, index, changed=True))
            other[2]["present"] = is_changed(
                faces.cause, faces.seed, index, k, face.person.gender, face.expression
            )
            sides[0].append(original)
            sides[1].append(other)
    originals_, others = (
        Stimuli(
            np.stack([image for image, _, _ in side]),
            pd.DataFrame([row for _, _, row in side]),
            np.stack([regions for _, regions, _ in side]),
            name,
        )
        for side, name in zip(sides, (faces.originals.name, faces.name), strict=True)
    )
    return Pairs(originals_, others, (originals_.images != others.images).any(-1))


def plant(pairs: Pairs, what: Intervention, seed: int) -> Stimuli:
    """The images of a set in which a cause goes with a label, chosen from the pairs of the set.

    Parameters
    ----------
    pairs : every face of the set without and with the cause changed
    what : the cause, and the label that it goes with
    seed : of the population of the set

    Returns
    -------
    Stimuli
        As `faceinv.render` gives them for the set with this cause and label.
    """
    table = pairs.originals.table
    index = table["identity"].str.rpartition("-")[2].astype(int)
    present = np.array(
        [
            is_changed(what, seed, *row)
            for row in zip(
                index, table.groupby("identity").cumcount(), table["gender"], table["expression"], strict=True
            )
        ]
    )
    told_of = [
        told(what, seed, i, has) | {"present": has} for i, has in zip(index, present.tolist(), strict=True)
    ]
    both = join(
        [pairs.originals, replace(pairs.counterfactuals, table=pairs.counterfactuals.table[list(table)])]
    )
    chosen = both.select(np.arange(len(table)) + len(table) * present)
    return replace(chosen, table=chosen.table.join(pd.DataFrame(told_of)), name=pairs.counterfactuals.name)


def change_images(
    faces: FaceSet,
    images: Sequence[tuple[int, int]],
    causes: Sequence[str],
    donor: Donor = "other gender",
) -> tuple[Stimuli, dict[str, Stimuli]]:
    """Some images of a set, and the same images with one cause changed, for each of some causes.

    Parameters
    ----------
    faces : FaceSet
        Without a cause.
    images : index of the person in the population, and of the view, for each image
    causes : keys of `faceinv.data.faces.causes.CAUSES`
    donor : who a region is taken from

    Returns
    -------
    Stimuli
        The images as they are in the set.
    dict of str to Stimuli
        The changed images by cause, in the same order.
    """
    places: dict[int, list[int]] = {}
    for place, (index, _) in enumerate(images):
        places.setdefault(index, []).append(place)
    originals: list[Picture | None] = [None] * len(images)
    changed: dict[str, list[Picture | None]] = {name: [None] * len(images) for name in causes}
    for index, own in places.items():
        every = choose_faces(faces, index)
        chosen = {images[place][1]: every[images[place][1]] for place in own}
        what = [Intervention(name, donor=donor) for name in causes]
        others = [
            change_faces(each, list(chosen.values()), draw_person(faces.seed, donor_index(each, index)))
            for each in what
        ]
        drawn, counterfactuals = draw_changes(faces, index, chosen, others)
        for (
            place,
            view,
        ) in zip(own, range(len(own)), strict=True):
            originals[place] = drawn[view]
            for each, pictures in zip(what, counterfactuals, strict=True):
                picture = pictures[view]
                assert picture is not None
                picture[2].update(told(each, faces.seed, index, changed=True))
                changed[each.cause][place] = picture
    sides = {name: _stack(pictures, faces.with_cause(name).name) for name, pictures in changed.items()}
    return _stack(originals, faces.name), sides


def _stack(pictures: Sequence[Picture | None], name: str) -> Stimuli:
    """Pictures as stimuli."""
    images, regions, rows = zip(*(picture for picture in pictures if picture is not None), strict=True)
    return Stimuli(np.stack(images), pd.DataFrame(list(rows)), np.stack(regions), name)


def join_pairs(parts: Sequence[Pairs]) -> Pairs:
    """Concatenate the pairs of slices of a set, in order."""
    return Pairs(
        join([part.originals for part in parts]),
        join([part.counterfactuals for part in parts]),
        np.concatenate([part.differs for part in parts]),
    )
