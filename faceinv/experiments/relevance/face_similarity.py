"""Face similarity: by pixels, by a network, and by people or a model of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import torch
from scipy.stats import rankdata

from faceinv.data.stimuli import Stimuli
from faceinv.errors import InputError
from faceinv.experiments.conditions import NO_SEED, condition
from faceinv.experiments.explanations import Explanation, explain, held_out
from faceinv.metrics.bootstrap import Bootstrap
from faceinv.metrics.resampling import BASE, NO_BASE, ROLE, count_bases, networks_left_out
from faceinv.models.architectures import Network, untrained
from faceinv.models.heads import output_layer
from faceinv.models.hooks import recorded
from faceinv.models.training import single_thread
from faceinv.models.training_runs import train
from faceinv.perturbations.control_masks import local_contrast
from faceinv.runtime.cache import disk_cached

WITHOUT_NETWORK = ("pixels", "pixels of high contrast")
"""Similarities that need no network: of pixels, all alike or each with its local contrast as a weight."""

SIMILARITIES = (
    *WITHOUT_NETWORK,
    "relevant pixels",
    "relevant pixels, untrained",
    "features",
    "features, untrained",
)
"""Similarities that are compared; those without a network and the untrained ones need no learning."""


@dataclass(frozen=True)
class Similarity:
    """Similarity of each pair of faces (N x N), and its fields in a table: kind, seed, base, conditions."""

    fields: Mapping[str, object]
    matrix: np.ndarray


FEWEST_FACES = 4
"""Fewest faces that are compared: each is left out in turn, and a rank correlation needs three pairs."""


def faces_of(explanation: Explanation) -> tuple[Stimuli, np.ndarray]:
    """The faces to compare, which are the first image of each identity, and their indices in `held_out`.

    Raises
    ------
    InputError
        If there are fewer than `FEWEST_FACES`.
    """
    stimuli = held_out(explanation)
    index = np.sort(np.unique(stimuli.table["identity"], return_index=True)[1])
    if len(index) < FEWEST_FACES:
        raise InputError(
            f"the images whose similarity is compared show {len(index)} people; expected at least "
            f"{FEWEST_FACES}, held out for the task gender: add people, or choose a larger profile"
        )
    return stimuli.select(index), index


def image_names(stimuli: Stimuli) -> list[str]:
    """Names of the images in a table of ratings: identity/view."""
    return [f"{row.identity}/{row.view}" for row in stimuli.table.itertuples()]


def face_similarities(explanation: Explanation, conditions: Sequence[str] = ("task",)) -> list[Similarity]:
    """Similarities of faces by a network, for each of `SIMILARITIES`.

    Parameters
    ----------
    explanation : of a trained network, on the faces to compare (see `Explanation.on`)
    conditions : fields of its training run to include
    """
    run = explanation.run
    own = {**condition(run, conditions), "seed": run.seed, "base": run.base}
    without_network = {**dict.fromkeys(conditions, ""), "seed": NO_SEED, "base": NO_BASE}
    return [
        Similarity({"kind": kind, **(without_network if kind in WITHOUT_NETWORK else own)}, matrix)
        for kind, matrix in zip(SIMILARITIES, _matrices(explanation), strict=True)
    ]


@disk_cached
def _matrices(explanation: Explanation) -> np.ndarray:
    """Similarity matrices in the order of `SIMILARITIES`."""
    with single_thread():
        faces, index = faces_of(explanation)
        network = train(explanation.run).network
        inputs = network.prepare(faces.images)
        grey = inputs.mean(1).flatten(1).double().numpy()
        maps = [explain(replace(explanation, trained=trained))[index] for trained in (True, False)]
        representations = [features(each, inputs) for each in (network, untrained(network))]
    weighting = (np.ones(inputs[:, 0].shape), local_contrast(inputs), *map(np.abs, maps))
    weights = (each.reshape(grey.shape).astype(np.float64) for each in weighting)
    return np.stack(
        [weighted_correlation(grey, each) for each in weights] + [np.corrcoef(f) for f in representations]
    )


def weighted_correlation(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted correlation of each pair of faces over pixels, with the mean of the weights of both faces.

    Parameters
    ----------
    values : ndarray of float, N x pixels
    weights : ndarray of float, N x pixels, not negative; each row is scaled to sum to one

    Returns
    -------
    ndarray of float, N x N
        Pearson's correlation if all weights are equal.
    """
    total = weights.sum(axis=1, keepdims=True)
    if weights.shape != values.shape or (weights < 0).any() or (total == 0).any():
        raise InputError("weights of a face are missing, negative or all zero; expected one for each pixel")
    share = weights / total

    def mean(own: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Weighted mean, for each pair of faces, of `own` of the first times `other` of the second."""
        return ((share * own) @ other.T + own @ (share * other).T) / 2

    one = np.ones_like(values)
    first, square = mean(values, one), mean(values**2, one)
    covariance = mean(values, values) - first * first.T
    variance = square - first**2
    return covariance / np.sqrt(variance * variance.T)


@torch.no_grad()
def features(network: Network, inputs: torch.Tensor) -> np.ndarray:
    """Inputs of the last layer of a network (float64, N x features)."""
    captured: list[torch.Tensor] = []

    def record(_: str, input: torch.Tensor, __: torch.Tensor) -> None:
        captured.append(input.flatten(1).cpu())

    with recorded(network.module, [output_layer(network.module)], record):
        network.logits(inputs)
    return torch.cat(captured).double().numpy()


def correlations(
    compared: Sequence[Similarity],
    reference: np.ndarray,
    by: Sequence[str] = ("kind",),
    draws: int = 1000,
    seed: int = 0,
) -> Bootstrap:
    """Rank correlation of similarities with a reference, by condition.

    Parameters
    ----------
    compared : similarities of the same faces; where their fields have a base, networks of a condition with
        two or more bases are left out by base
    reference : ndarray, participants x N x N
        One matrix for a model; nan for pairs that a participant did not rate. The result is the mean over
        participants of Spearman's correlation, which is bounded by
        `faceinv.experiments.relevance.human_ratings.noise_ceiling`.
    by : fields that distinguish conditions; results are means over seeds
    draws, seed : see `Bootstrap`; intervals are over bases or seeds, and over faces

    Raises
    ------
    InputError
        If the reference is of other faces, or there is only one seed.
    """
    matrices = np.stack([each.matrix for each in compared])
    faces = matrices.shape[1]
    if reference.ndim != 3 or reference.shape[1:] != (faces, faces):
        raise InputError(
            f"the reference is of shape {reference.shape}; expected participants x {faces} x {faces}"
        )
    table = pd.DataFrame([dict(each.fields) for each in compared])
    groups = table.groupby(list(by), sort=False).indices
    seeds = np.sort(table.loc[table["seed"] != NO_SEED, "seed"].unique())
    if len(seeds) == 1:
        raise InputError(f"there is only one seed, {seeds[0]}; an interval over seeds needs at least two")
    all_faces = np.arange(faces)
    whole = _spearman(matrices, reference, all_faces)
    rows: list[list[float]] = []
    units: list[tuple[str, str, object]] = []
    involved: list[list[bool]] = []
    for name, factors, here in networks_left_out(table, by, [ROLE]):
        rows.append(_means(whole, groups, factors))
        units.append(name)
        involved.append([here[places].any() for places in groups.values()])
    for left in all_faces:
        values = _spearman(matrices, reference, np.delete(all_faces, left))
        rows.append(_means(values, groups, np.ones(len(table))))
        units.append(("face", "", left))
        involved.append([True] * len(groups))
    names = [key if isinstance(key, tuple) else (key,) for key in groups]
    index = pd.MultiIndex.from_tuples(names, names=list(by))
    units_index = pd.MultiIndex.from_tuples(units, names=["kind", "stratum", "unit"])
    codes = np.empty(len(table), dtype=int)
    for code, places in enumerate(groups.values()):
        codes[places] = code
    return Bootstrap(
        pd.Series(_means(whole, groups, np.ones(len(table))), index=index, name="estimate"),
        pd.DataFrame(rows, units_index, index),
        pd.DataFrame(involved, units_index, index),
        len(seeds),
        draws,
        seed,
        count_bases(table, [BASE] if BASE in table else [], codes, index),
    )


def _means(values: np.ndarray, groups: Mapping[object, np.ndarray], weight: np.ndarray) -> list[float]:
    """Weighted mean of the values of each group; nan if all weights are zero."""
    return [
        float(np.average(values[rows], weights=weight[rows])) if weight[rows].any() else np.nan
        for rows in groups.values()
    ]


def _spearman(matrices: np.ndarray, reference: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Rank correlation of each matrix with the ratings over pairs of `faces`, averaged over participants."""
    a, b = np.triu_indices(len(faces), 1)
    a, b = faces[a], faces[b]
    values = np.empty((len(reference), len(matrices)))
    for participant, ratings in enumerate(reference):
        rated = ratings[a, b]
        here = ~np.isnan(rated)
        ranked = _standardised(rankdata(matrices[:, a[here], b[here]], axis=1))
        values[participant] = ranked @ _standardised(rankdata(rated[here])) / max(1, here.sum())
    return values.mean(axis=0)


def _standardised(values: np.ndarray) -> np.ndarray:
    values = values - values.mean(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return values / values.std(axis=-1, keepdims=True)
