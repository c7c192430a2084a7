"""Causal weights: how much a network's answer moves when one region of the face alone is exchanged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from faceinv.experiments.causes.exchanges import Exchange, exchanged_images
from faceinv.experiments.conditions import condition
from faceinv.models.architectures import untrained
from faceinv.models.classifiers import Model, given
from faceinv.models.training import single_thread
from faceinv.models.training_runs import train
from faceinv.runtime.cache import disk_cached


def margins(logits: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """The logit of a class minus that of its best rival, per image (N).

    Parameters
    ----------
    logits : ndarray, N x classes
    classes : ndarray of int, N
    """
    rows = np.arange(len(logits))
    rivals = logits.astype(float)
    own = rivals[rows, classes]
    rivals[rows, classes] = -np.inf
    return own - rivals.max(1)


def weigh(
    model: Model, originals: np.ndarray, changed: Mapping[str, np.ndarray], labels: np.ndarray | None = None
) -> pd.DataFrame:
    """How much the answers of a model move when images are changed.

    Parameters
    ----------
    model : see `faceinv.models.classifiers.Model`
    originals : images as the model takes them, N x ...
    changed : the same images with one cause changed, by cause
    labels : true class of each image (int, N); None if they are unknown

    Returns
    -------
    DataFrame
        One row per cause and image: cause, image (its index); margin, of the answer to the original (its
        logit minus that of the best rival), and moved, by how much it falls for the changed image; weight,
        the size of that movement; kept, whether the answer is the same; correct and still_correct, without
        and with the change, where labels are known; and pixels, the mean absolute change of the input.
    """
    classifier, inputs = given(model, originals)
    logits = classifier.logits(inputs).double().numpy()
    answers = logits.argmax(1)
    before = margins(logits, answers)
    parts = []
    for cause, images in changed.items():
        others = classifier.inputs(images)
        after = classifier.logits(others).double().numpy()
        moved = before - margins(after, answers)
        part = pd.DataFrame(
            {
                "cause": cause,
                "image": np.arange(len(inputs)),
                "margin": before,
                "moved": moved,
                "weight": np.abs(moved),
                "kept": after.argmax(1) == answers,
                "pixels": (others - inputs).abs().mean((1, 2, 3)).numpy(),
            }
        )
        if labels is not None:
            part = part.assign(correct=answers == labels, still_correct=after.argmax(1) == labels)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


@disk_cached
def causal_weights(exchange: Exchange) -> pd.DataFrame:
    """The causal weights of the regions of a network's test images (see `weigh`), with identity."""
    with single_thread():
        network = train(exchange.run).network
        network = network if exchange.trained else untrained(network)
        originals, changed = exchanged_images(exchange)
        labels = originals.labels(exchange.run.task, network.specification.classes)
        table = weigh(
            network, originals.images, {name: each.images for name, each in changed.items()}, labels
        )
    return table.assign(identity=originals.table["identity"].to_numpy()[table["image"]])


def relative_weights(weights: pd.DataFrame) -> pd.Series:
    """Weights of one network divided by the sum over causes of their means, so that these are shares.

    Nan for a network that nothing moves.
    """
    total = weights.groupby("cause")["weight"].mean().sum()
    return weights["weight"] / (total if total > 0 else np.nan)


def with_conditions(
    tables: Sequence[pd.DataFrame], exchanges: Sequence[Exchange], conditions: Sequence[str]
) -> pd.DataFrame:
    """Tables of exchanges as one, with seed and fields of their training runs as columns."""
    return pd.concat(
        [
            table.assign(seed=each.run.seed, **condition(each.run, conditions))
            for table, each in zip(tables, exchanges, strict=True)
        ],
        ignore_index=True,
    )
