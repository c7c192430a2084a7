"""Moving maps: the map of a transformed face against the transformed map of the face, and the answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from faceinv.attribution.attribute import attribute
from faceinv.attribution.methods import attribution_method
from faceinv.errors import InputError
from faceinv.metrics.equivariance import correlation_within, moved_maps
from faceinv.metrics.left_out_people import NOTHING_LEFT, WITHOUT
from faceinv.models.architectures import untrained
from faceinv.models.training import single_thread
from faceinv.models.training_runs import TrainingRun, splits, train
from faceinv.perturbations.transformations import named
from faceinv.runtime.cache import disk_cached

MAP_MEASURES = {
    "along": "map moves along",
    "other": "moved map of another face",
    "stays": "map stays where it was",
}
"""Rank correlations of the map of the transformed face: with the moved map of the face, with that of another
person's face (see `other_person`), and with the map of the face as it was."""
MAP_DECIMALS = 4
"""Decimals of these correlations: far below what they vary, and a third of the size where they ship."""
CELL = ["seed", "transformation", "level", "direction"]
"""Columns within which images are compared. How much of a face leaves the frame, for example, depends on the
direction in which it moves, and so do its map and its answer."""
POSE = ["yaw", "pitch", "roll"]
"""Columns with the angles of a rendered head, in degrees."""


@dataclass(frozen=True)
class Reading:
    """A trained network that reads transformed faces.

    Attributes
    ----------
    run : the network, whose test images are transformed
    transformation : a key of `faceinv.perturbations.transformations.TRANSFORMATIONS`
    images : maximum number of test images, evenly spaced in the test set
    method : a key of `faceinv.attribution.methods.ATTRIBUTION_METHODS`
    trained : explain the trained network, or the same network before training; answers are the trained one's

    Raises
    ------
    InputError
        If there is no such transformation or method.
    """

    run: TrainingRun
    transformation: str
    images: int = 16
    method: str = "epsilon-plus-flat"
    trained: bool = True

    def __post_init__(self) -> None:
        named(self.transformation)
        attribution_method(self.method)


@disk_cached
def read_moving(plan: Reading) -> pd.DataFrame:
    """Answers to the test images at every level of a transformation, and how their maps have moved.

    The class that is explained is the network's answer to the untransformed image, at every level.

    Returns
    -------
    DataFrame
        One row per level and image: task, architecture, seed, transformation, level, image (its index),
        direction (in which it moves or turns), identity, correct, and `MAP_MEASURES`.
    """
    transformation = named(plan.transformation)
    with single_thread():
        network, stimuli = train(plan.run).network, splits(plan.run).test.evenly(plan.images)
        explained = network if plan.trained else untrained(network)
        labels = stimuli.labels(plan.run.task, network.specification.classes)
        inputs, places = network.prepare(stimuli.images), torch.arange(len(stimuli))
        classes = network.logits(inputs).argmax(1).numpy()
        still = attribute(explained, inputs, classes, plan.method)
        others = still[other_person(stimuli.table)]
        parts = []
        for level in transformation.levels_at(plan.run.source.size):

            def move(maps: Tensor, level: float = level) -> Tensor:
                return transformation(maps, level, places, background=0.0)

            shown = transformation(inputs, level, places)
            # At the first level nothing is changed, and a map takes several forward passes.
            same = torch.equal(shown, inputs)
            now = still if same else attribute(explained, shown, classes, plan.method)
            along, inside = moved_maps(still, move)
            other, _ = moved_maps(others, move)
            parts.append(
                pd.DataFrame(
                    {
                        "level": level,
                        "image": places.numpy(),
                        "direction": transformation.direction(places.numpy()),
                        "identity": stimuli.table["identity"].to_numpy(),
                        "correct": network.logits(shown).argmax(1).numpy() == labels,
                        "along": correlation_within(now, along, inside).round(MAP_DECIMALS),
                        "other": correlation_within(now, other, inside).round(MAP_DECIMALS),
                        "stays": correlation_within(now, still, inside).round(MAP_DECIMALS),
                    }
                )
            )
    return pd.concat(parts, ignore_index=True).assign(
        task=plan.run.task,
        architecture=plan.run.architecture,
        seed=plan.run.seed,
        transformation=plan.transformation,
    )


def other_person(table: pd.DataFrame) -> np.ndarray:
    """For each image, the place of an image of another person: that of the most similar pose.

    What a map has in common with that of another person in the same pose is not the reading of this face.

    Parameters
    ----------
    table : of the images: identity, and `POSE` where it is known; otherwise all poses count as alike

    Returns
    -------
    ndarray of int, N
        Of several images that are equally near, the next in the order of the table, in which the first
        follows the last.

    Raises
    ------
    InputError
        If all images are of one person.
    """
    who, n = table["identity"].to_numpy(), len(table)
    if len(np.unique(who)) < 2:
        raise InputError("all images are of one person; expected two or more, to compare their maps")
    angles = table[POSE].to_numpy(dtype=float) if set(POSE) <= set(table) else np.zeros((n, 1))
    apart = np.linalg.norm(angles[:, None] - angles, axis=2).round(6)
    apart[who[:, None] == who] = np.inf
    further = (np.arange(n) - np.arange(n)[:, None]) % n
    return np.lexsort((further, apart))[:, 0]


def transformed_only(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of all levels but the identity."""
    strength = _strengths(table)
    least = strength.groupby(table["transformation"]).transform("min")
    return table[strength > least]


def _strengths(table: pd.DataFrame) -> pd.Series:
    """Strength of the transformation in each row."""
    return pd.Series(
        [named(n).strength(level) for n, level in zip(table["transformation"], table["level"], strict=True)],
        table.index,
    )


def survival(table: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Whether the answer survives where the map moves along.

    Parameters
    ----------
    table : concatenated results of `read_moving`, with the columns `by`, which distinguish networks

    Returns
    -------
    DataFrame
        One row per network, transformation and level: see `areas_by_cell`. The area compares, among the
        images that are known untransformed, those that are known at the level with those that are not.
    """
    start = _first_level(table)
    keys = [*by, "seed", "transformation", "image"]
    known = start[start["correct"]][keys]
    return areas_by_cell(transformed_only(table).merge(known, on=keys), [*by, *CELL], "correct")


def early_warning(table: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Whether the map of a face that is still known moves less well if the face is lost at the next level.

    Returns
    -------
    DataFrame
        As `survival`. The area compares, among the images that are known untransformed and at the level,
        those that are known at the next level too with those that are not.
    """
    keys = [*by, "seed", "transformation", "image"]
    start = _first_level(table)
    ordered = table.assign(strength=_strengths(table)).sort_values("strength", kind="stable")
    ordered["next"] = ordered.groupby(keys, sort=False)["correct"].shift(-1)
    here = transformed_only(ordered)
    here = here[here["correct"] & here["next"].notna()].merge(start[start["correct"]][keys], on=keys)
    return areas_by_cell(here.assign(next=here["next"].astype(bool)), [*by, *CELL], "next")


def _first_level(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the identity."""
    return table.drop(transformed_only(table).index)


def areas_by_cell(table: pd.DataFrame, keys: Sequence[str], positive: str) -> pd.DataFrame:
    """Area under the ROC of ``along`` for a column of bool, by `keys`; images without a map are left out.

    Directions, if they are one of the keys, are compared each for itself and counted together: the area is
    the share of all pairs of images that move in the same direction. So the pairs of a transformation with
    four directions count no more than those of one that has none.

    Returns
    -------
    DataFrame
        One row per combination of the other keys: these, and value, the area; nan where there is no such
        pair. A column for each person has the area without them (see
        `faceinv.metrics.left_out_people.WITHOUT`).
    """
    known = table.dropna(subset="along")
    names = np.sort(known["identity"].unique())
    within = [key for key in keys if key != "direction"]
    rows = []
    for key, part in known.groupby(within, sort=False, observed=True):
        along, group = part["along"].to_numpy(), part[positive].to_numpy(dtype=bool)
        ways = part["direction"].to_numpy() if "direction" in keys else np.zeros(len(part))
        who = part["identity"].to_numpy()[:, None] == names
        rows.append((*key, *_areas(along, group, ways, who)))
    return pd.DataFrame(rows, columns=[*within, "value", *(f"{WITHOUT}{name}" for name in names)])


def _areas(scores: np.ndarray, positive: np.ndarray, ways: np.ndarray, who: np.ndarray) -> np.ndarray:
    """Area under the ROC over pairs that move in one way, and the same without each person.

    `who` says whose image each is (images x people); see `NOTHING_LEFT` for what cannot be computed.
    """
    difference = scores[positive][:, None] - scores[~positive]
    ones = (ways[positive][:, None] == ways[~positive]).astype(float)
    wins = ones * ((difference > 0) + 0.5 * (difference == 0))
    mine, theirs = who[positive].astype(float), who[~positive].astype(float)
    won, pairs = (
        each.sum()
        - mine.T @ each.sum(axis=1)
        - each.sum(axis=0) @ theirs
        + np.einsum("iu,ij,ju->u", mine, each, theirs)
        for each in (wins, ones)
    )
    rest = np.divide(won, pairs, out=np.full(who.shape[1], NOTHING_LEFT), where=pairs > 0.5)
    whole = wins.sum() / ones.sum() if ones.any() else np.nan
    return np.array([whole, *np.where(who.any(axis=0), rest, np.nan)])
