"""Pixel baselines: how well simple image properties predict the classes of a task, without any network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch.nn.functional import adaptive_avg_pool2d

from faceinv.data.faces.haircuts import CUTS
from faceinv.data.stimuli import Stimuli
from faceinv.data.tasks import split

PIXELS = 16  # side of the downsampled image for the linear classifier on pixels


def brightness(stimuli: Stimuli) -> np.ndarray:
    """Mean over all pixels and channels, N x 1, 0-1."""
    return stimuli.images.mean(axis=(1, 2, 3))[:, None] / 255


def colour(stimuli: Stimuli) -> np.ndarray:
    """Mean colour, N x 3, 0-1."""
    return stimuli.images.mean(axis=(1, 2)) / 255


def face_position(stimuli: Stimuli) -> np.ndarray:
    """Position and scale of the face in the frame, N x 3, or N x 0 if they are unknown."""
    available = {"x", "y", "scale"} <= set(stimuli.table)
    return stimuli.table[["x", "y", "scale"] if available else []].to_numpy(dtype=float)


def outline(stimuli: Stimuli) -> np.ndarray:
    """Centre and spread along both axes of the pixels that differ from the corner (N x 4, in pixels)."""
    grey = stimuli.images.mean(axis=3)
    differs = np.abs(grey - grey[:, :1, :1]) > 8
    weight = differs / np.maximum(differs.sum(axis=(1, 2), keepdims=True), 1)
    y, x = np.mgrid[: stimuli.size, : stimuli.size]
    centre = [(weight * axis).sum(axis=(1, 2)) for axis in (y, x)]
    spread = [
        np.sqrt((weight * (axis - mean[:, None, None]) ** 2).sum(axis=(1, 2)))
        for axis, mean in zip((y, x), centre, strict=True)
    ]
    return np.stack([*centre, *spread], axis=1)


def pixels(stimuli: Stimuli) -> np.ndarray:
    """The grey image downsampled to 16 x 16 pixels, N x 256, 0-1."""
    grey = torch.from_numpy(stimuli.images.mean(axis=3, dtype=np.float32) / 255)
    return adaptive_avg_pool2d(grey[:, None], PIXELS).flatten(1).numpy()


def age(stimuli: Stimuli) -> np.ndarray:
    """Age in years, N x 1."""
    return stimuli.table[["age"]].to_numpy(dtype=float)


def light(stimuli: Stimuli) -> np.ndarray:
    """Direction (degrees) and strength of the light, N x 3."""
    return stimuli.table[["light_azimuth", "light_elevation", "light"]].to_numpy(dtype=float)


def haircut(stimuli: Stimuli) -> np.ndarray:
    """Which haircut a person has: one column of zeros and ones for each cut."""
    return (stimuli.table["hair"].to_numpy()[:, None] == np.array(list(CUTS))).astype(float)


CUES: dict[str, Callable[[Stimuli], np.ndarray]] = {
    "mean brightness": brightness,
    "mean colour": colour,
    "position and size": face_position,
    "outline": outline,
    "pixels": pixels,
}
"""Simple image properties by name."""
RENDERED_CUES: dict[str, Callable[[Stimuli], np.ndarray]] = {"age": age, "light": light, "haircut": haircut}
"""What varies between rendered faces beside the person, by name."""


def predict(
    stimuli: Stimuli,
    task: str,
    splits: int = 5,
    cues: Mapping[str, Callable[[Stimuli], np.ndarray]] = MappingProxyType(CUES),
) -> pd.DataFrame:
    """Accuracy of a linear classifier on each cue alone, on the same held-out test images as a network.

    Parameters
    ----------
    stimuli : Stimuli
    task : name of a column, see `faceinv.data.tasks.split`
    splits : number of independent splits into train and test, which take the place of seeds
    cues : functions that measure a property of the images, by name

    Returns
    -------
    DataFrame
        One row per cue, split and test image: task, cue, seed, identity, correct. Cues that are unknown for
        these stimuli are left out.
    """
    rows = []
    for seed in range(splits):
        parts = split(stimuli, task, seed=seed)
        for cue, measure in cues.items():
            values = measure(parts.train)
            if not values.size:
                continue
            classifier = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500))
            classifier.fit(values, parts.train.names(task))
            correct = classifier.predict(measure(parts.test)) == parts.test.names(task)
            rows.append(parts.test.table[["identity"]].assign(cue=cue, seed=seed, correct=correct))
    return pd.concat(rows, ignore_index=True).assign(task=task)
