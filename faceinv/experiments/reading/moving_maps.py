"""Moving maps: the map of a transformed face against the transformed map of the face, and the answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from faceinv.attribution.attribute import attribute
from faceinv.attribution.methods import attribution_method
from faceinv.metrics.bootstrap import Bootstrap, bootstrap
from faceinv.metrics.equivariance import correlation_within, moved_maps
from faceinv.metrics.roc import area_under_roc
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
face, and with the map of the face as it was."""
CELL = ["seed", "transformation", "level"]
"""Columns within which images are compared."""
WITHOUT = "without "
"""First word of the columns with areas that leave out one identity."""


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
        identity, correct, and `MAP_MEASURES`.
    """
    transformation = named(plan.transformation)
    with single_thread():
        network, stimuli = train(plan.run).network, splits(plan.run).test.evenly(plan.images)
        explained = network if plan.trained else untrained(network)
        labels = stimuli.labels(plan.run.task, network.specification.classes)
        inputs, places = network.prepare(stimuli.images), torch.arange(len(stimuli))
        classes = network.logits(inputs).argmax(1).numpy()
        still = attribute(explained, inputs, classes, plan.method)
        parts = []
        for level in transformation.levels_at(plan.run.source.size):

            def move(maps: Tensor, level: float = level) -> Tensor:
                return transformation(maps, level, places, background=0.0)

            shown = transformation(inputs, level, places)
            now = attribute(explained, shown, classes, plan.method)
            along, inside = moved_maps(still, move)
            other, _ = moved_maps(np.roll(still, 1, axis=0), move)
            parts.append(
                pd.DataFrame(
                    {
                        "level": level,
                        "image": np.arange(len(stimuli)),
                        "identity": stimuli.table["identity"].to_numpy(),
                        "correct": network.logits(shown).argmax(1).numpy() == labels,
                        "along": correlation_within(now, along, inside),
                        "other": correlation_within(now, other, inside),
                        "stays": correlation_within(now, still, inside),
                    }
                )
            )
    return pd.concat(parts, ignore_index=True).assign(
        task=plan.run.task,
        architecture=plan.run.architecture,
        seed=plan.run.seed,
        transformation=plan.transformation,
    )


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
        One row per network, transformation and level: `by`, seed, transformation, level and value, the area
        under the ROC of ``along``: among the images that are known untransformed, those that are known at the
        level against those that are not; nan where all are, or none is. Further columns, which begin with
        `WITHOUT`, have the area without the images of each identity (see `mean_areas`).
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
        As `survival`; value is the area under the ROC of ``along`` at a level, among the images that are
        known there and untransformed: those that are known at the next level too against those that are not.
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


def mean_areas(areas: pd.DataFrame, by: Sequence[str], draws: int = 2000, seed: int = 0) -> Bootstrap:
    """Mean area over networks, transformations and levels, with seeds and identities as random samples.

    The same images are shown to all networks. Faces that are hard to recognise and happen to have maps that
    move badly would therefore look like an effect in every network, however many there are.

    Parameters
    ----------
    areas : concatenated results of `survival` or `early_warning`, of the same images
    by : columns whose values are compared
    """
    known = areas.dropna(subset="value").reset_index(drop=True)
    of_seeds = bootstrap(known, "value", by, draws, seed, units=("seed",))
    names = [name for name in known if name.startswith(WITHOUT)]
    if len(names) < 2:
        return of_seeds
    means = known.groupby(list(by), observed=True)[names].mean().T
    means.columns = of_seeds.estimate.index
    units = pd.MultiIndex.from_tuples(
        [("identity", "", name.removeprefix(WITHOUT)) for name in names], names=of_seeds.left_out.index.names
    )
    return replace(
        of_seeds,
        left_out=pd.concat([of_seeds.left_out, means.set_axis(units)]),
        involved=pd.concat([of_seeds.involved, means.notna().set_axis(units)]),
    )


def areas_by_cell(table: pd.DataFrame, keys: Sequence[str], positive: str) -> pd.DataFrame:
    """Area under the ROC of ``along`` for a column of bool, by `keys`; images without a map are left out.

    Returns
    -------
    DataFrame
        One row per combination of `keys`: value, and value without each identity (see `survival`).
    """
    known = table.dropna(subset="along")
    names = np.sort(known["identity"].unique())
    rows = []
    for key, part in known.groupby(list(keys), sort=False, observed=True):
        along, group = part["along"].to_numpy(), part[positive].to_numpy(dtype=bool)
        who = part["identity"].to_numpy()[:, None] == names
        rows.append((*key, float(area_under_roc(along, group)), *_without_each(along, group, who)))
    return pd.DataFrame(rows, columns=[*keys, "value", *(f"{WITHOUT}{name}" for name in names)])


def _without_each(scores: np.ndarray, positive: np.ndarray, who: np.ndarray) -> np.ndarray:
    """Area under the ROC without each unit (images x units: whose image it is); nan where no pair is left."""
    difference = scores[positive][:, None] - scores[~positive]
    wins, ones = (difference > 0) + 0.5 * (difference == 0), np.ones_like(difference)
    mine, theirs = who[positive].astype(float), who[~positive].astype(float)
    won, pairs = (
        each.sum()
        - mine.T @ each.sum(axis=1)
        - each.sum(axis=0) @ theirs
        + np.einsum("iu,ij,ju->u", mine, each, theirs)
        for each in (wins, ones)
    )
    return np.divide(won, pairs, out=np.full(who.shape[1], np.nan), where=pairs > 0.5)
