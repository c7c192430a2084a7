"""Confounds: how far simple properties of the images give a task away, without any network."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch.nn.functional import adaptive_avg_pool2d

from faceinv.data.stimuli import Stimuli
from faceinv.data.tasks import split

PIXELS = 16  # side of the reduced image that the linear classifier on pixels sees


def brightness(stimuli: Stimuli) -> np.ndarray:
    """Mean over all pixels and channels, N x 1, 0-1."""
    return stimuli.images.mean(axis=(1, 2, 3))[:, None] / 255


def colour(stimuli: Stimuli) -> np.ndarray:
    """Mean colour, N x 3, 0-1."""
    return stimuli.images.mean(axis=(1, 2)) / 255


def position(stimuli: Stimuli) -> np.ndarray:
    """Where the face was put in the frame and how large, N x 3, or N x 0 where that is not known."""
    known = {"x", "y", "scale"} <= set(stimuli.table)
    return stimuli.table[["x", "y", "scale"] if known else []].to_numpy(dtype=float)


def outline(stimuli: Stimuli) -> np.ndarray:
    """Centre and spread, along both axes, of what differs from the image's corner (N x 4, in pixels)."""
    grey = stimuli.images.mean(axis=3)
    shown = np.abs(grey - grey[:, :1, :1]) > 8
    weight = shown / np.maximum(shown.sum(axis=(1, 2), keepdims=True), 1)
    y, x = np.mgrid[: stimuli.size, : stimuli.size]
    centre = [(weight * axis).sum(axis=(1, 2)) for axis in (y, x)]
    spread = [
        np.sqrt((weight * (axis - mean[:, None, None]) ** 2).sum(axis=(1, 2)))
        for axis, mean in zip((y, x), centre, strict=True)
    ]
    return np.stack([*centre, *spread], axis=1)


def pixels(stimuli: Stimuli) -> np.ndarray:
    """The grey image reduced to 16 x 16 pixels, N x 256, 0-1."""
    grey = torch.from_numpy(stimuli.images.mean(axis=3, dtype=np.float32) / 255)
    return adaptive_avg_pool2d(grey[:, None], PIXELS).flatten(1).numpy()


CUES: dict[str, Callable[[Stimuli], np.ndarray]] = {
    "mean brightness": brightness,
    "mean colour": colour,
    "position and size": position,
    "outline": outline,
    "pixels": pixels,
}
"""Simple properties of an image, by name."""


def predict(stimuli: Stimuli, task: str, splits: int = 5) -> pd.DataFrame:
    """How well a linear classifier does the task from each cue alone, on the same held-out test as a network.

    Parameters
    ----------
    stimuli : Stimuli
    task : name of a column, see `faceinv.data.tasks.split`
    splits : independent splits into train and test, which stand in for seeds

    Returns
    -------
    DataFrame
        One row a cue, split and test image: task, cue, seed, identity, correct. Cues that are not known of
        these stimuli are left out.
    """
    rows = []
    for seed in range(splits):
        parts = split(stimuli, task, seed=seed)
        for cue, measure in CUES.items():
            known = measure(parts.train)
            if not known.size:
                continue
            classifier = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500))
            classifier.fit(known, parts.train.names(task))
            correct = classifier.predict(measure(parts.test)) == parts.test.names(task)
            rows.append(parts.test.table[["identity"]].assign(cue=cue, seed=seed, correct=correct))
    return pd.concat(rows, ignore_index=True).assign(task=task)
