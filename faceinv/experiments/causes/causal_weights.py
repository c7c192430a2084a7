"""Causal weights: how much a network's answer moves when one region of the face alone is exchanged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from faceinv.experiments.causes.exchanges import Exchange, exchanged_images
from faceinv.experiments.conditions import condition
from faceinv.metrics.bootstrap import Bootstrap
from faceinv.metrics.left_out_people import mean_of_networks, without_people
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


def network_weights(weights: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Share of each cause in the effect of all: `keys`, which distinguish networks, cause and value.

    The mean weight over images, divided by the sum of these means; nan for a network that nothing moves.
    """
    means = weights.groupby([*keys, "cause"], sort=False, observed=True)["weight"].mean()
    total = means.groupby(level=list(keys), sort=False).transform("sum")
    return (means / total.where(total > 0)).rename("value").reset_index()


def causal_shares(weights: pd.DataFrame, by: Sequence[str], draws: int = 2000) -> Bootstrap:
    """Mean share of each cause over networks, with networks and people as random samples.

    A person who is left out is left out of the sum over causes as well, so that shares add up to one in each
    replicate.

    Parameters
    ----------
    weights : see `with_conditions`, with the columns `by` and base
    by : conditions of networks; cause is another one
    """
    keys = [*by, "base", "seed"]
    parts = [
        without_people(part, [*keys, "cause"], lambda rest: network_weights(rest, keys))
        for part in tasks_apart(weights)
    ]
    return mean_of_networks(pd.concat(parts, ignore_index=True), [*by, "cause"], draws)


def tasks_apart(table: pd.DataFrame) -> list[pd.DataFrame]:
    """The rows of each task, whose networks are shown the same images."""
    return [part for _, part in table.groupby("task", sort=False)] if "task" in table else [table]


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
