"""Masks: keep some pixels of an image, fill the others, and test what a network still recognises.

A mask is boolean, N x H x W, and true where pixels are kept. It is made from *scores*, one number per pixel,
such as relevance: the most relevant pixels are kept first, or the least relevant. The accuracy with a mask is
informative only in comparison with control masks (`faceinv.perturbations.control_masks`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from faceinv.errors import InputError
from faceinv.models.architectures import Network
from faceinv.models.classifiers import Classifier
from faceinv.perturbations.fills import filled

Order = Literal["most", "least"]


def ranks(scores: np.ndarray, seed: int = 0) -> np.ndarray:
    """Rank of each pixel within its image, 0 for the highest score.

    Ties are broken in random order, drawn for each image, so that no position is favoured in uniform areas.

    Parameters
    ----------
    scores : ndarray, N x H x W; compared as float32
    seed : seed of the order of ties

    Returns
    -------
    ndarray of int32, N x H x W
    """
    scores = np.asarray(scores, dtype=np.float32)
    if scores.ndim != 3 or np.isnan(scores).any():
        raise InputError(f"scores are of shape {scores.shape}; expected N x H x W numbers, none of them nan")
    pixels = scores[0].size if len(scores) else 0
    keys = _descending(scores.reshape(len(scores), pixels)) << np.uint64(32)
    # From the highest bits to the lowest, a key holds the score, a random number that breaks ties, and the
    # index of the pixel. Sorting keys is faster than argsort, and gives the same order on every machine.
    place = max(1, pixels - 1).bit_length()
    random = np.random.default_rng([seed, 0]).integers(2 ** (32 - place), size=keys.shape, dtype=np.uint32)
    keys |= (random << np.uint32(place)) | np.arange(pixels, dtype=np.uint32)
    keys.sort(axis=1)
    found = np.empty(keys.shape, dtype=np.int32)
    order = (keys & np.uint64(2**place - 1)).astype(np.int64)
    np.put_along_axis(found, order, np.arange(pixels, dtype=np.int32)[None], 1)
    return found.reshape(scores.shape)


def keep(scores: np.ndarray, fraction: float, order: Order = "most", seed: int = 0) -> np.ndarray:
    """The mask that keeps a fraction of each image's pixels.

    Parameters
    ----------
    scores : ndarray, N x H x W
    fraction : share of the pixels to keep, 0-1; exactly ``round(fraction * H * W)`` are kept
    order : ``"most"`` keeps the highest scores, ``"least"`` the lowest
    seed : seed of the order of ties

    Returns
    -------
    ndarray of bool, N x H x W
        The mask of a smaller fraction is a subset of that of a larger one; ``most`` and ``least`` share no
        pixel as long as their fractions sum to at most one.
    """
    return _kept(ranks(scores, seed), fraction, order)


def check_fractions(fractions: Sequence[float]) -> None:
    """Raise `InputError` for fractions outside 0-1, before anything is computed."""
    wrong = [fraction for fraction in fractions if not 0 <= fraction <= 1]
    if wrong or not fractions:
        raise InputError(
            f"the fraction to keep is {wrong[0] if wrong else 'missing'}; expected a number from 0 to 1"
        )


def apply(inputs: Tensor, mask: np.ndarray, fill: str = "mean", seed: int = 0) -> Tensor:
    """Keep the pixels of the mask exactly as they are, and fill the others.

    Parameters
    ----------
    inputs : Tensor, N x channels x H x W
        Images as `Network.prepare` makes them.
    mask : ndarray of bool, N x H x W
    fill, seed : see `faceinv.perturbations.fills.filled`

    Returns
    -------
    Tensor, N x channels x H x W
    """
    if mask.dtype != bool or mask.shape != (len(inputs), *inputs.shape[2:]):
        raise InputError(
            f"the mask is {mask.dtype} of shape {mask.shape}; "
            f"expected bool of shape {(len(inputs), *inputs.shape[2:])}"
        )
    return torch.where(torch.from_numpy(mask)[:, None], inputs, filled(inputs, fill, seed))


def answers_by_fraction(
    network: Network | Classifier,
    inputs: Tensor,
    labels: np.ndarray,
    scores: Mapping[str, np.ndarray],
    fractions: Sequence[float],
    orders: Sequence[Order] = ("most", "least"),
    fill: str = "mean",
    seed: int = 0,
    batch: int = 64,
) -> pd.DataFrame:
    """Whether a network classifies each masked image correctly.

    Parameters
    ----------
    network : the network that classifies the masked images
    inputs : Tensor, N x channels x H x W, the network's inputs
    labels : ndarray of int, N, the true classes
    scores : score maps (N x H x W) by name of the mask
    fractions : fractions of the pixels to keep
    orders : ``"most"`` and ``"least"``
    fill, seed : see `faceinv.perturbations.fills.filled`; the seed also breaks ties
    batch : batch size

    Returns
    -------
    DataFrame
        One row per mask, order, fraction and image: `mask`, `order`, `fraction`, `fill`, `image` (index in
        `inputs`), `label`, `answer` (index of the predicted class), `correct`.
    """
    labels = _labels(inputs, labels, scores)
    background = filled(inputs, fill, seed)
    same: dict[bool, np.ndarray] = {}
    tables = []
    for name, each in scores.items():
        ranked = ranks(each, seed)
        for order in orders:
            for fraction in fractions:
                mask = _kept(ranked, fraction, order)
                # Keeping all pixels, or none, gives the same images for every mask: they are classified once.
                whole = bool(mask.all())
                if whole not in same or (mask.any() and not whole):
                    masked = torch.where(torch.from_numpy(mask)[:, None], inputs, background)
                    answer = network.logits(masked, batch).argmax(1).numpy()
                    if whole or not mask.any():
                        same[whole] = answer
                else:
                    answer = same[whole]
                tables.append(
                    pd.DataFrame(
                        {
                            "mask": name,
                            "order": order,
                            "fraction": fraction,
                            "fill": fill,
                            "image": np.arange(len(labels)),
                            "label": labels,
                            "answer": answer,
                            "correct": answer == labels,
                        }
                    )
                )
    return pd.concat(tables, ignore_index=True)


def accuracy_by_fraction(answers: pd.DataFrame) -> pd.DataFrame:
    """Accuracy on masked images.

    Parameters
    ----------
    answers : as `answers_by_fraction` makes it

    Returns
    -------
    DataFrame
        One row a mask, order and fraction: `mask`, `order`, `fraction`, `fill`, `accuracy`,
        `balanced_accuracy` (mean over the true classes of the accuracy in each), `n` (images).
    """
    keys = ["mask", "order", "fraction", "fill"]
    by_class = answers.groupby([*keys, "label"], sort=False)["correct"].mean()
    found = answers.groupby(keys, sort=False)["correct"].agg(accuracy="mean", n="size")
    found.insert(1, "balanced_accuracy", by_class.groupby(keys, sort=False).mean())
    return found.reset_index()


def _descending(scores: np.ndarray) -> np.ndarray:
    """Integers (uint64, below 2**32) in descending order of the scores (float32)."""
    bits = (scores + np.float32(0)).view(np.int32)  # adding zero turns minus zero into zero
    # Floats are sign and magnitude: positive ones sort as their bits do, negative ones in reverse.
    return np.where(bits < 0, bits.view(np.uint32), ~bits.view(np.uint32) ^ np.uint32(2**31)).astype(
        np.uint64
    )


def _kept(ranked: np.ndarray, fraction: float, order: Order) -> np.ndarray:
    check_fractions([fraction])
    pixels = ranked.shape[1] * ranked.shape[2]
    count = round(fraction * pixels)
    if order == "most":
        return ranked < count
    if order == "least":
        return ranked >= pixels - count
    raise InputError(f"order is {order!r}; expected one of {', '.join(get_args(Order))}")


def _labels(inputs: Tensor, labels: np.ndarray, scores: Mapping[str, np.ndarray]) -> np.ndarray:
    labels = np.asarray(labels)
    if len(inputs) == 0 or labels.shape != (len(inputs),):
        raise InputError(f"labels are of shape {labels.shape}; expected one for each of {len(inputs)} images")
    for name, each in scores.items():
        if each.shape != (len(inputs), *inputs.shape[2:]):
            raise InputError(
                f"scores {name!r} are of shape {each.shape}; expected {(len(inputs), *inputs.shape[2:])}"
            )
    return labels
