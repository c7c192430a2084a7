"""Tolerance curve: how much of its accuracy any classifier keeps when its images are transformed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from faceinv.errors import InputError
from faceinv.models.architectures import Network
from faceinv.models.classifiers import Classifier, Labels, Model, given
from faceinv.models.pixels import Images, ValueRange
from faceinv.perturbations.transformations import TRANSFORMATIONS, named

BATCH = 64
"""Images that are classified at a time."""


def tolerance_curve(
    model: Model,
    images: Images,
    labels: Labels | None = None,
    transformations: str | Sequence[str] | None = None,
    levels: Sequence[float] | Mapping[str, Sequence[float]] | None = None,
    *,
    value_range: ValueRange | None = None,
    batch: int = BATCH,
) -> pd.DataFrame:
    """Accuracy of a classifier on its images when they are moved, scaled, turned, blurred or coarsened.

    Parameters
    ----------
    model : nn.Module, Classifier or Network
    images : uint8 or floats, see `faceinv.models.classifiers.Classifier.inputs`
    labels : the true class of each image, as a number or a name; without labels, what the model answers to
        the untransformed image is taken to be true
    transformations : names, see `faceinv.perturbations.transformations.TRANSFORMATIONS`; None takes all
    levels : in the unit of the transformation, for all of them or by name; None, or a name that is left out,
        takes the transformation's own
    value_range : values of black and white in float images
    batch : images classified at a time

    Returns
    -------
    DataFrame
        One row a transformation and level: `transformation`, `level`, `accuracy`, `balanced_accuracy` (mean
        over the true classes of the share that is right), `n` (images).

    Raises
    ------
    InputError
        If the model cannot take the images, or there is no such transformation or level.

    Examples
    --------
    A model whose answer is the brighter half of the image, left or right:

    >>> model = nn.Sequential(nn.AdaptiveAvgPool2d((1, 2)), nn.Flatten())
    >>> images = torch.zeros(2, 1, 8, 8)
    >>> images[0, :, 3, 1] = images[1, :, 3, 6] = 1
    >>> curve = faceinv.tolerance_curve(model, images, [0, 1], "position", [0, 1 / 4, 3 / 8])
    >>> curve["accuracy"].tolist()  # the first image moves to the right, the second one down
    [1.0, 1.0, 0.5]
    """
    names = (
        [transformations] if isinstance(transformations, str) else transformations or list(TRANSFORMATIONS)
    )
    chosen = levels if isinstance(levels, Mapping) else dict.fromkeys(names, levels or ())
    if unknown := [name for name in chosen if name not in names]:
        raise InputError(f"there are levels of {unknown[0]!r}; expected some of {', '.join(names)}")
    classifier, inputs = given(model, images, value_range)
    answers = classifier.logits(inputs, batch).argmax(1).numpy()
    truth = answers if labels is None else classifier.class_numbers(labels, len(inputs))
    rows = []
    for name in names:
        for level in chosen.get(name) or named(name).levels_at(inputs.shape[2]):
            correct = transformed_answers(classifier, inputs, name, float(level), batch) == truth
            by_class = [correct[truth == each].mean() for each in np.unique(truth)]
            rows.append((name, float(level), correct.mean(), np.mean(by_class), len(truth)))
    return pd.DataFrame(rows, columns=["transformation", "level", "accuracy", "balanced_accuracy", "n"])


def transformed_answers(
    model: Network | Classifier, inputs: Tensor, transformation: str, level: float, batch: int = BATCH
) -> np.ndarray:
    """The class (index, N) that a model sees in each image when it is transformed.

    Parameters
    ----------
    model : whose classes they are
    inputs : Tensor, N x channels x H x W, as the model takes them
    transformation, level : see `faceinv.perturbations.transformations`
    batch : images transformed and classified at a time
    """
    transform, places = named(transformation), torch.arange(len(inputs))
    parts = [
        model.logits(transform(part, level, place)).argmax(1)
        for part, place in zip(inputs.split(batch), places.split(batch), strict=True)
    ]
    return torch.cat(parts).numpy()
