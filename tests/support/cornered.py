"""Images of two classes that differ in a corner alone, and networks that read it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from faceinv.data.stimuli import Stimuli
from faceinv.data.tasks import Split

SIDE = 32
CORNER = (slice(0, 4), slice(0, 4))


def cornered(count: int, seed: int = 0) -> Stimuli:
    """Light noise; the corner is black in every second image, which is male, and white in the others.

    The opposite corner has the other colour, so that the mean of an image says nothing.
    """
    images = np.random.default_rng(seed).integers(140, 200, (count, SIDE, SIDE, 1), dtype=np.uint8)
    male = np.arange(count) % 2 == 0
    black = np.where(male, 0, 255).astype(np.uint8)[:, None, None, None]
    images[:, *CORNER], images[:, -4:, -4:] = black, 255 - black
    table = pd.DataFrame(
        {
            "identity": [f"i{seed}-{k}" for k in range(count)],
            "view": "000",
            "gender": np.where(male, "male", "female"),
        }
    )
    return Stimuli(np.repeat(images, 3, axis=3), table)


def split_of_corners(count: int = 8) -> Split:
    """As many images to learn from, to choose by, and to test on."""
    return Split(*(cornered(count, seed) for seed in range(3)))


def corner() -> np.ndarray:
    """Weights that are one in the corner."""
    weights = np.zeros((SIDE, SIDE))
    weights[CORNER] = 1
    return weights
