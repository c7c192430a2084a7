"""Other faces: whose maps a map is compared with, to learn how similar any two maps of faces are."""

from __future__ import annotations

import numpy as np

FURTHER = 4
"""How many other people each face is compared with. If it were one, half of what the two faces add to the
variance would be counted once more when a person is left out in both roles; of four, it is an eighth."""


def other_faces(identities: np.ndarray) -> list[np.ndarray]:
    """For each image, the places of images of other people, of one person in each array.

    The people are the next `FURTHER` in the order of their names, in which the first follows the last. All
    are other people, so of few people there are fewer arrays; no person is taken twice for an image.

    Parameters
    ----------
    identities : ndarray, N
        The person of each image.

    Returns
    -------
    list of ndarrays of int, each N
    """
    names, person = np.unique(identities, return_inverse=True)
    images = [np.flatnonzero(person == number) for number in range(len(names))]
    # which of the images of its person an image is
    which = np.array([np.searchsorted(images[number], place) for place, number in enumerate(person)])
    found = []
    for further in range(1, min(FURTHER, len(names) - 1) + 1):
        of_others = [images[number] for number in (person + further) % len(names)]
        found.append(np.array([of[at % len(of)] for of, at in zip(of_others, which, strict=True)]))
    return found
