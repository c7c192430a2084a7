"""Faithfulness: accuracy of a network on its images masked by relevance, compared with control masks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from faceinv.data.stimuli import Stimuli
from faceinv.errors import InputError
from faceinv.experiments.explanations import Explanation, explain, explain_network, held_out, targets
from faceinv.experiments.relevance.controls import controls
from faceinv.experiments.relevance.retraining import Retraining, retrain
from faceinv.models.training import single_thread
from faceinv.models.training_runs import train
from faceinv.perturbations.control_masks import CONTROL_MASKS, MadeFrom
from faceinv.perturbations.fills import check_fill
from faceinv.perturbations.masks import answers_by_fraction, check_fractions, keep
from faceinv.runtime.cache import disk_cached

MASKS = ("most relevant", *CONTROL_MASKS)
"""Masks that are compared: by the relevance of the network, and the control masks."""

RETRAINED_MASK = "most relevant, retrained"
"""Mask by the relevance of the retrained network itself, which only that network is evaluated with."""


@dataclass(frozen=True)
class Validation:
    """A masking experiment with one explanation.

    Attributes
    ----------
    explanation : network, images and method to test
    fractions : shares of the pixels that are kept
    fill : what replaces the other pixels, one of `faceinv.perturbations.fills.FILLS`
    masks : which of `MASKS`
    retrained : whether the network that classifies the masked images has learned from masked images first
        (see `faceinv.experiments.relevance.retraining`). All masks are those of the network as it was
        trained, except for `RETRAINED_MASK`
    """

    explanation: Explanation
    fractions: tuple[float, ...]
    fill: str = "mean"
    masks: tuple[str, ...] = MASKS
    retrained: bool = False

    def __post_init__(self) -> None:
        check_fractions(self.fractions)
        check_fill(self.fill)
        known = (*MASKS, RETRAINED_MASK) if self.retrained else MASKS
        unknown = [mask for mask in self.masks if mask not in known]
        if unknown:
            raise InputError(f"there is no mask {unknown[0]!r}; the masks are {', '.join(known)}")


def scores_of(explanation: Explanation, masks: Sequence[str] = MASKS) -> dict[str, np.ndarray]:
    """Score maps (N x H x W) of the images of an explanation, by mask; the highest scores are kept first."""
    own = explain(explanation)
    names = [name for name in CONTROL_MASKS if name in masks]
    maps: dict[MadeFrom, np.ndarray] = {"relevance": own}
    if any(CONTROL_MASKS[name].made_from == "untrained relevance" for name in names):
        maps["untrained relevance"] = explain(replace(explanation, trained=False))
    inputs = train(explanation.run).network.prepare(held_out(explanation).images)
    first = {"most relevant": own} if "most relevant" in masks else {}
    return first | controls(explanation.run, inputs, maps, names)


def masks_of(validation: Validation, fraction: float) -> tuple[Stimuli, dict[str, np.ndarray]]:
    """The images, and a mask (bool, N x H x W) of every kind that keeps `fraction` of their pixels."""
    scores = scores_of(validation.explanation)
    return held_out(validation.explanation), {name: keep(each, fraction) for name, each in scores.items()}


@disk_cached
def validate(validation: Validation) -> pd.DataFrame:
    """Classification of the test images under every mask and fraction.

    Returns
    -------
    DataFrame
        One row per mask, fraction and image: task, pretraining, seed, base, fill, mask, fraction, image (its
        index in the test images), identity, answer (index of the class), correct.
    """
    explanation = validation.explanation
    run = explanation.run
    with single_thread():
        stimuli, scores = held_out(explanation), scores_of(explanation, validation.masks)
        network = retrain(Retraining(run, validation.fill)) if validation.retrained else train(run).network
        inputs = network.prepare(stimuli.images)
        if RETRAINED_MASK in validation.masks:
            classes = targets(explanation, network, stimuli)
            scores[RETRAINED_MASK] = explain_network(explanation, network, stimuli, classes)
        answers = answers_by_fraction(
            network,
            inputs,
            stimuli.labels(run.task, network.specification.classes),
            scores,
            validation.fractions,
            orders=("most",),
            fill=validation.fill,
            seed=run.seed,
        )
    identity = stimuli.table["identity"].to_numpy()[answers["image"]]
    return answers[["fill", "mask", "fraction", "image", "answer", "correct"]].assign(
        identity=identity, task=run.task, pretraining=run.pretraining, seed=run.seed, base=run.base
    )


def between(answers: pd.DataFrame, low: float, high: float) -> pd.DataFrame:
    """The answers at fractions from `low` to `high`, inclusive."""
    inside = answers[answers["fraction"].between(low - 1e-9, high + 1e-9)]
    if inside.empty:
        raise InputError(f"no fraction lies between {low} and {high}; expected at least one")
    return inside


def relevance_gain(answers: pd.DataFrame) -> pd.DataFrame:
    """Symmetric relevance gain of relevance maps, trained and untrained, per image.

    The area under the curve of accuracy by fraction when the most relevant pixels are kept, minus that when
    the least relevant ones are; equivalently, the area when the least relevant pixels are removed first minus
    that when the most relevant ones are (Blücher et al. 2024).

    Parameters
    ----------
    answers : concatenated results of `validate` for the most and the least relevant pixels, at fractions from
        0 to 1, with any columns that distinguish them

    Returns
    -------
    DataFrame
        One row per image and kind of map: all columns but mask, fraction, answer and correct, with `maps`
        (``trained`` or ``untrained``) and `value`, from -1 to 1; about zero for uninformative maps.
    """
    fractions = np.sort(answers["fraction"].unique())
    if len(fractions) < 3 or fractions[0] > 0 or fractions[-1] < 1:
        raise InputError(f"fractions are {fractions.tolist()}; expected 0, 1 and some in between")
    keys = [name for name in answers if name not in ("mask", "fraction", "answer", "correct")]
    curves = answers.astype({"correct": float}).pivot(
        index=[*keys, "mask"], columns="fraction", values="correct"
    )
    area = pd.Series(np.trapezoid(curves.to_numpy(), fractions, axis=1), curves.index).unstack("mask")
    kinds = {"trained": "", "untrained": "untrained, "}
    return pd.concat(
        [
            (area[f"{prefix}most relevant"] - area[f"{prefix}least relevant"])
            .rename("value")
            .reset_index()
            .assign(maps=kind)
            for kind, prefix in kinds.items()
            if f"{prefix}most relevant" in area
        ],
        ignore_index=True,
    )
