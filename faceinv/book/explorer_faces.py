"""The faces of the book's explorer: their labels, the right answers, and the face to open on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from faceinv.data.rendering.colour import BACKGROUND, CONTRAST
from faceinv.data.sources import is_standardised
from faceinv.data.stimuli import REGIONS, Stimuli, join
from faceinv.lrp.relevance import relevance
from faceinv.models.architectures import Network
from faceinv.perturbations import masks

FACES_OF_A_TASK = 12
"""Largest number of faces to choose from for a task; of people whom networks identify, one each is shown."""

PEOPLE = 24
"""Largest number of people whom networks identify and whose faces can be chosen."""

OPENING_FRACTION = 0.3
"""Fraction of the pixels that the explorer's mask keeps when it opens."""


def offered_faces(tests: dict[str, Stimuli]) -> tuple[Stimuli, dict[str, Any]]:
    """Faces to choose from, one of each person, and what an explorer's index says about them.

    Parameters
    ----------
    tests : images of each task that its networks were not trained on

    Returns
    -------
    Stimuli
        The faces.
    dict
        ``labels``, ``truths`` (of each task: the class of each face, None if it is none of the task's),
        ``eyes`` (see `mean_eyes`) and ``names`` of the people.
    """
    chosen = {task: stimuli.select(one_of_each(stimuli, task)) for task, stimuli in tests.items()}
    faces = join(list(chosen.values()))
    known = [task for task, part in chosen.items() for _ in range(len(part.images))]
    people = sorted(set(chosen["identity"].table["identity"])) if "identity" in chosen else []
    names = {person: f"person {i}" for i, person in enumerate(people, 1)}
    table = faces.table
    truths = {
        task: [
            str(value) if task != "identity" or of == task else None
            for value, of in zip(table[task], known, strict=True)
        ]
        for task in tests
    }
    labels = [
        f"{names[row.identity]}, {row.gender}" if of == "identity" else f"{row.gender}, face {i + 1}"
        for i, (row, of) in enumerate(zip(table.itertuples(), known, strict=True))
    ]
    return faces, {"labels": labels, "truths": truths, "eyes": mean_eyes(faces), "names": names}


def one_of_each(stimuli: Stimuli, task: str = "gender") -> np.ndarray:
    """Indices of one image each, the most frontal one, of people evenly spaced through the set."""
    table = stimuli.table.reset_index(drop=True)
    if "yaw" in table and table["yaw"].notna().all():
        table = table.iloc[np.argsort(table["yaw"].abs(), kind="stable")]
    first = np.sort(table.drop_duplicates("identity").index.to_numpy())
    count = min(PEOPLE if task == "identity" else FACES_OF_A_TASK, len(first))
    return first[np.linspace(0, len(first) - 1, count).astype(int)]


def mean_eyes(faces: Stimuli) -> list[list[float]]:
    """Mean position (x, y) of the left and the right eye in the picture, as fractions of the frame."""
    assert faces.regions is not None
    _, rows, columns = np.nonzero(faces.regions == REGIONS.index("eye"))
    x, y = (columns + 0.5) / faces.size, (rows + 0.5) / faces.size
    sides = [x < 0.5, x >= 0.5]
    return [[round(float(x[side].mean()), 3), round(float(y[side].mean()), 3)] for side in sides]


def mean_oval(regions: np.ndarray) -> list[float]:
    """The ellipse that faces cover on average: its centre (x, y) and radii, as fractions of the frame.

    Its first and second moments are those of the faces' pixels: the variance along an axis of an ellipse is a
    quarter of its squared radius.

    Parameters
    ----------
    regions : region maps, N x H x W
    """
    face = regions != REGIONS.index("background")
    _, rows, columns = np.nonzero(face)
    places = [(columns + 0.5) / regions.shape[2], (rows + 0.5) / regions.shape[1]]
    numbers = [each.mean() for each in places] + [2 * each.std() for each in places]
    return [round(float(number), 3) for number in numbers]


def photograph_standard(descriptions: Sequence[str], regions: np.ndarray) -> dict[str, Any] | None:
    """What a photograph is brought to, to be like the images that networks learned from.

    Parameters
    ----------
    descriptions : what the networks learned from (`faceinv.data.sources.describe`)
    regions : region maps of the faces that are shown, N x H x W

    Returns
    -------
    dict or None
        ``level`` and ``contrast`` (mean and standard deviation of the grey levels), ``oval`` (see
        `mean_oval`; None if they learned from photographs, which have no background) and whether faces
        were ``rendered``; None if the networks did not learn from grey images with one mean and contrast.
    """
    if not all(is_standardised(each) for each in descriptions):
        return None
    rendered = all(each.startswith("rendered") for each in descriptions)
    oval = mean_oval(regions) if rendered else None
    return {"level": BACKGROUND, "contrast": CONTRAST, "oval": oval, "rendered": rendered}


def opening_of(
    network: Network, faces: Stimuli, truths: Sequence[str | None], composite: str
) -> tuple[int, bool]:
    """Index of the face to open on for a network, and whether its answers are right (see `best_opening`).

    Parameters
    ----------
    network, faces, composite : the network, the faces to choose from, and the composite of its first heatmap
    truths : class of each face; None if it is none of the network's
    """
    classes = network.specification.classes
    inputs = network.prepare(faces.images)
    whole = network.logits(inputs).softmax(1).numpy()
    maps = relevance(network, inputs, whole.argmax(1), composite)
    rest = masks.apply(inputs, masks.keep(maps, OPENING_FRACTION))
    kept = network.logits(rest).softmax(1).numpy()
    places = np.array([classes.index(truth) if truth in classes else -1 for truth in truths])
    return best_opening(places, whole, kept)


def best_opening(truths: np.ndarray, whole: np.ndarray, kept: np.ndarray) -> tuple[int, bool]:
    """Index of the face that shows best what an explorer is for, and whether it does.

    It does if the face is classified correctly, whole and with its most relevant pixels alone. Of the faces
    for which this holds, the one is chosen whose true class has the highest probability in the worse of the
    two cases. If there is none, the first face that is classified correctly as a whole is chosen, or else
    the first one whose class is known.

    Parameters
    ----------
    truths : index of each face's class, -1 if it is not known (N)
    whole, kept : probabilities of the classes for the whole face, and for the kept pixels (N x classes)
    """
    known = np.flatnonzero(truths >= 0)
    if not len(known):
        return 0, False
    right = known[whole[known].argmax(1) == truths[known]]
    both = right[kept[right].argmax(1) == truths[right]]
    if len(both):
        worse = np.minimum(whole[both, truths[both]], kept[both, truths[both]])
        return int(both[worse.argmax()]), True
    return int(right[0] if len(right) else known[0]), False
