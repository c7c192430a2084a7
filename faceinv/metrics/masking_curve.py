"""Masking curve: how much of its accuracy any classifier keeps when it sees a share of each image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import pandas as pd
from torch import Tensor
from zennit.core import Composite

from faceinv.lrp.composites import CompositeSpec
from faceinv.lrp.relevance import relevance
from faceinv.models.classifiers import Labels, Model, given
from faceinv.models.pixels import Images, ValueRange
from faceinv.perturbations.control_masks import control_names, control_scores
from faceinv.perturbations.fills import check_fill
from faceinv.perturbations.masks import Order, accuracy_by_fraction, answers_by_fraction, check_fractions

FRACTIONS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
"""Shares of the pixels that are kept, closest where accuracy rises."""

Scores: TypeAlias = str | CompositeSpec | Composite | np.ndarray | Mapping[str, np.ndarray]
"""What masks are made from: relevance by a composite, or scores (N x H x W), or several by name."""


def masking_curve(
    model: Model,
    images: Images,
    labels: Labels | None = None,
    scores: Scores = "epsilon-plus-flat",
    *,
    fractions: Sequence[float] = FRACTIONS,
    orders: Sequence[Order] = ("most", "least"),
    fill: str = "mean",
    controls: Sequence[str] | None = None,
    value_range: ValueRange | None = None,
    seed: int = 0,
    batch: int = 64,
) -> pd.DataFrame:
    """Accuracy of a classifier on what masks leave of its images.

    If scores such as relevance are right, accuracy stays high while the pixels of the highest scores are kept
    and falls when only the lowest are. That shows only beside control masks, which know nothing of the model.

    Parameters
    ----------
    model : nn.Module, Classifier or Network
    images : uint8 or floats, see `faceinv.models.classifiers.Classifier.inputs`
    labels : the true class of each image, as a number or a name; without labels, what the model answers to
        the whole image is taken to be true
    scores : a composite (see `faceinv.lrp.relevance.relevance`), whose relevance for the model's own answers
        makes the mask ``relevance``; or scores (N x H x W, the mask ``scores``); or several of those by name
    fractions : shares of the pixels that are kept, 0-1
    orders : keep the ``"most"`` relevant pixels (the highest scores), or the ``"least"``
    fill : what stands in place of the others, one of `faceinv.perturbations.fills.FILLS`
    controls : names of control masks made from the image, see `faceinv.perturbations.control_masks`; None
        takes all of them
    value_range : values of black and white in float images
    seed : of random masks, of noise, and of the order of equal scores
    batch : images classified at a time

    Returns
    -------
    DataFrame
        One row a mask, order and fraction: `mask`, `order`, `fraction`, `fill`, `accuracy`,
        `balanced_accuracy` (mean over the true classes of the share that is right), `n` (images).

    Raises
    ------
    InputError
        If the model cannot be explained or cannot take the images, or any of the choices does not exist.

    Examples
    --------
    A model whose answer depends on whether the first pixel is brighter than the second:

    >>> model = nn.Sequential(nn.Flatten(), nn.Linear(4, 2, bias=False))
    >>> weights = torch.tensor([[1.0, 0, 0, 0], [0, 1.0, 0, 0]])
    >>> model[1].load_state_dict({"weight": weights})
    <All keys matched successfully>
    >>> images = torch.tensor([[[[0.9, 0.1], [0.5, 0.5]]], [[[0.2, 0.8], [0.5, 0.5]]]])
    >>> curve = faceinv.masking_curve(model, images, [0, 1], "epsilon", fractions=[0.25])
    >>> most = curve.query("order == 'most'").set_index("mask")["accuracy"]
    >>> float(most["relevance"])
    1.0
    """
    check_fractions(fractions)
    check_fill(fill)
    classifier, inputs = given(model, images, value_range)
    answers = classifier.logits(inputs, batch).argmax(1).numpy()
    truth = answers if labels is None else classifier.class_numbers(labels, len(inputs))
    masks = _scores(model, inputs, answers, scores)
    names = control_names("image") if controls is None else controls
    masks |= {name: control_scores(inputs, name, seed) for name in names}
    return accuracy_by_fraction(
        answers_by_fraction(classifier, inputs, truth, masks, fractions, orders, fill, seed, batch)
    )


def _scores(model: Model, inputs: Tensor, answers: np.ndarray, scores: Scores) -> dict[str, np.ndarray]:
    """Score maps (N x H x W) by the name of the mask."""
    if isinstance(scores, str | CompositeSpec | Composite):
        return {"relevance": relevance(model, inputs, answers, scores)}
    if isinstance(scores, Mapping):
        return {name: np.asarray(each) for name, each in scores.items()}
    return {"scores": np.asarray(scores)}
