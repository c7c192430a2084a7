"""Validation: relevance masks beside control masks, each read by the network that they explain."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from faceinv.cache import kept
from faceinv.data import Stimuli
from faceinv.errors import InputError
from faceinv.explanation import Explanation, explain, held_out
from faceinv.masking import Fill, answers_by_fraction, control_scores, keep
from faceinv.models.cells import train
from faceinv.models.training import single_thread

MASKS = (
    "most relevant",
    "least relevant",
    "random",
    "centre",
    "local contrast",
    "untrained, most relevant",
    "untrained, least relevant",
)
"""Masks that are compared; all but the first two know nothing of what the network learned."""


@dataclass(frozen=True)
class Validation:
    """An explanation that is put to the test.

    Attributes
    ----------
    explanation : what is tested
    fractions : shares of the pixels that are kept
    fill : what stands in place of the others
    masks : which of `MASKS`
    """

    explanation: Explanation
    fractions: tuple[float, ...]
    fill: Fill = "mean"
    masks: tuple[str, ...] = MASKS

    def __post_init__(self) -> None:
        unknown = [mask for mask in self.masks if mask not in MASKS]
        if unknown:
            raise InputError(f"there is no mask {unknown[0]!r}; the masks are {', '.join(MASKS)}")


def scores_of(explanation: Explanation) -> dict[str, np.ndarray]:
    """Score maps (N x H x W) of the explanation's test images: most relevant means the highest score."""
    inputs = train(explanation.cell).network.prepare(held_out(explanation).images)
    own, untrained = explain(explanation), explain(replace(explanation, trained=False))
    seed = explanation.cell.seed
    scores = (
        own,
        -own,
        control_scores(inputs, "random", seed),
        control_scores(inputs, "centre"),
        control_scores(inputs, "contrast"),
        untrained,
        -untrained,
    )
    return dict(zip(MASKS, scores, strict=True))


def masks_of(validation: Validation, fraction: float) -> tuple[Stimuli, dict[str, np.ndarray]]:
    """The test images, and the mask (bool, N x H x W) of every kind that keeps `fraction` of their pixels."""
    scores = scores_of(validation.explanation)
    return held_out(validation.explanation), {name: keep(each, fraction) for name, each in scores.items()}


@kept
def validate(validation: Validation) -> pd.DataFrame:
    """Answers of the network to its test images under every mask and fraction.

    Returns
    -------
    DataFrame
        One row a mask, fraction and image: task, seed, fill, mask, fraction, identity, correct.
    """
    explanation = validation.explanation
    with single_thread():
        network, stimuli = train(explanation.cell).network, held_out(explanation)
        answers = answers_by_fraction(
            network,
            network.prepare(stimuli.images),
            stimuli.labels(explanation.cell.task, network.specification.classes),
            {name: each for name, each in scores_of(explanation).items() if name in validation.masks},
            validation.fractions,
            orders=("most",),
            fill=validation.fill,
            seed=explanation.cell.seed,
        )
    identity = stimuli.table["identity"].to_numpy()[answers["image"]]
    return answers[["fill", "mask", "fraction", "correct"]].assign(
        identity=identity, task=explanation.cell.task, seed=explanation.cell.seed
    )


def between(answers: pd.DataFrame, low: float, high: float) -> pd.DataFrame:
    """The answers at fractions from `low` to `high`, both included."""
    inside = answers[answers["fraction"].between(low - 1e-9, high + 1e-9)]
    if inside.empty:
        raise InputError(f"no fraction lies between {low} and {high}; expected at least one")
    return inside
