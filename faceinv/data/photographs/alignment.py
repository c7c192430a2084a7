"""Alignment: a photograph turned, scaled and shifted so that its eyes lie where those of rendered faces do.

Eyes are found by the cascades of Viola and Jones (2001) that OpenCV's package holds, so that nothing is
downloaded; it is an extra (``pip install 'faceinv[photographs]'``). Or a person says where they are.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from math import ceil, hypot
from typing import Any

import numpy as np
from PIL import Image

from faceinv.errors import InputError

MARKS = ((0.357, 0.430), (0.643, 0.430))
"""Centres of the eyes in rendered faces that look into the camera: x and y in widths of the frame."""

FACE_CASCADES = ("haarcascade_frontalface_alt2.xml", "haarcascade_frontalface_default.xml")
EYE_CASCADES = (
    "haarcascade_eye.xml",
    "haarcascade_eye_tree_eyeglasses.xml",
    "haarcascade_lefteye_2splits.xml",
    "haarcascade_righteye_2splits.xml",
)
"""Cascades for faces, of which the first that finds any counts, and for eyes, which vote."""

USUAL_EYES = np.array([[0.303, 0.380], [0.697, 0.380]])
"""Where the eyes usually are in the square that a cascade finds, in widths of that square."""

EYE_ZONE = 0.65  # share of that square in which eyes are looked for
SIDE = 240  # pixels of its side, in which the cascades for eyes look
SAME_EYE = 0.05  # distance in widths of the square within which two findings are one eye
VOTE = 0.03  # what each finding that agrees is worth, in widths of the square

_cascades = threading.local()  # a cascade must not be used by two threads at once


@dataclass(frozen=True)
class Eyes:
    """The centres of two eyes in pixels of a photograph: first the one at the left of the picture.

    Raises
    ------
    InputError
        If the first one is not to the left of the second.
    """

    x1: float
    y1: float
    x2: float
    y2: float

    def __post_init__(self) -> None:
        if self.x2 - self.x1 < 1:
            raise InputError(
                f"the eyes are at x {self.x1:g} and {self.x2:g}; expected the eye at the left of the picture "
                "first, and the other one to the right of it"
            )


def parse_eyes(text: str) -> Eyes:
    """Eyes as written on the command line: ``x1,y1,x2,y2``."""
    try:
        x1, y1, x2, y2 = (float(word) for word in text.split(","))
    except ValueError as error:
        raise InputError(f"eyes are {text!r}; expected four numbers of pixels, x1,y1,x2,y2") from error
    return Eyes(x1, y1, x2, y2)


def align(image: Image.Image, eyes: Eyes, size: int, crop: float = 1.0) -> Image.Image:
    """A photograph as a square whose eyes lie on `MARKS`.

    Parameters
    ----------
    image : RGB photograph
    eyes : where its eyes are
    size : height and width of the result in pixels
    crop : side of the central part that is kept, as a fraction of the square

    Returns
    -------
    Image
        Mid grey where the photograph ends.
    """
    left, right = complex(eyes.x1, eyes.y1), complex(eyes.x2, eyes.y2)
    marks = [complex(*(0.5 + (value - 0.5) / crop for value in mark)) for mark in MARKS]
    width = (right - left) / (
        marks[1] - marks[0]
    )  # of the frame in pixels of the photograph, as it is turned
    corner = left - width * marks[0]
    fine = size * max(1, ceil(abs(width) / size))  # at least as fine as the photograph: no detail is skipped
    step = width / fine
    matrix = (step.real, -step.imag, corner.real, step.imag, step.real, corner.imag)
    turned = image.transform(
        (fine, fine), Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC, fillcolor=(128, 128, 128)
    )
    return turned.resize((size, size), Image.Resampling.LANCZOS)


def find_eyes(image: Image.Image) -> Eyes | None:
    """The eyes of the largest face in a photograph, or None where no face with two eyes is found.

    Of all pairs of findings that lie side by side in the upper part of the face, the one that is nearest to
    where eyes usually are, and that most findings agree on, is taken.

    Raises
    ------
    InputError
        If OpenCV is not installed.
    """
    grey = np.asarray(image.convert("L"))
    least = min(grey.shape) // 6
    for name in FACE_CASCADES:
        faces = _cascade(name).detectMultiScale(grey, 1.05, 4, minSize=(least, least))
        if len(faces):
            break
    else:
        return None
    x, y, side, _ = (int(value) for value in max(faces, key=lambda face: face[2]))
    points = _eye_candidates(grey[y : y + int(EYE_ZONE * side), x : x + side], side)
    pair = _best_pair(points)
    if pair is None:
        return None
    (x1, y1), (x2, y2) = pair * side + (x, y)
    return Eyes(float(x1), float(y1), float(x2), float(y2))


def _eye_candidates(upper: np.ndarray, side: int) -> np.ndarray:
    """Centres of all that a cascade takes for an eye (N x 2), in widths of the face's square."""
    scale = SIDE / side
    shape = (round(upper.shape[1] * scale), round(upper.shape[0] * scale))
    plain = Image.fromarray(upper).resize(shape, Image.Resampling.BICUBIC)
    values = np.asarray(plain)
    ranks = np.cumsum(np.bincount(values.ravel(), minlength=256)) / values.size
    flat = (255 * ranks[values]).astype(np.uint8)  # histogram equalised, for faces in the shade
    found = [
        (x + width / 2, y + height / 2)
        for picture in (values, flat)
        for name in EYE_CASCADES
        for x, y, width, height in _cascade(name).detectMultiScale(
            np.ascontiguousarray(picture), 1.1, 1, minSize=(28, 28), maxSize=(100, 100)
        )
    ]
    return np.array(found, dtype=float).reshape(-1, 2) / SIDE


def _best_pair(points: np.ndarray) -> np.ndarray | None:
    """The two eyes (2 x 2, left one first) among candidates (N x 2), each the mean of those that agree."""
    agree = np.linalg.norm(points[:, None] - points, axis=2) < SAME_EYE
    votes = agree.sum(axis=1)
    best, least = None, np.inf
    for i, j in np.argwhere(np.ones((len(points),) * 2, dtype=bool)):
        across, down = points[j] - points[i]
        if not 0.25 < across < 0.52 or abs(down) > 0.35 * across:
            continue
        away = hypot(*(points[i] - USUAL_EYES[0])) + hypot(*(points[j] - USUAL_EYES[1]))
        cost = away - VOTE * (votes[i] + votes[j])
        if cost < least:
            best, least = np.stack([points[agree[i]].mean(axis=0), points[agree[j]].mean(axis=0)]), cost
    return best


def _cascade(name: str) -> Any:
    """A cascade that OpenCV's package holds, read once in each thread."""
    try:
        import cv2.data
    except ModuleNotFoundError as error:
        raise InputError(
            "finding eyes needs OpenCV, which is not installed; install it with: "
            "pip install 'faceinv[photographs]', or say where the eyes are"
        ) from error
    if not hasattr(_cascades, name):
        setattr(_cascades, name, cv2.CascadeClassifier(cv2.data.haarcascades + name))
    return getattr(_cascades, name)
