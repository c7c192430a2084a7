"""Similarity: how alike faces are to their pixels, to a network, and to people or a model of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import torch
from scipy.stats import rankdata
from torch import nn

from faceinv.data.stimuli import Stimuli
from faceinv.errors import InputError
from faceinv.experiments.conditions import NO_SEED, condition
from faceinv.experiments.explanations import Explanation, explain, held_out
from faceinv.metrics.bootstrap import Bootstrap
from faceinv.models.architectures import Network, untrained
from faceinv.models.training import single_thread
from faceinv.models.training_runs import train
from faceinv.runtime.cache import disk_cached

KINDS = ("pixels", "relevant pixels", "relevant pixels, untrained", "features", "features, untrained")
"""Similarities that are compared; the first knows no network, the untrained ones nothing that was learned."""


@dataclass(frozen=True)
class Similarity:
    """Similarity of each pair of faces (N x N), and what a table says of it: kind, seed and conditions."""

    fields: Mapping[str, object]
    matrix: np.ndarray


def faces_of(explanation: Explanation) -> tuple[Stimuli, np.ndarray]:
    """The faces that are compared, the first image of each identity, and their places in `held_out`."""
    stimuli = held_out(explanation)
    places = np.sort(np.unique(stimuli.table["identity"], return_index=True)[1])
    return stimuli.select(places), places


def image_names(stimuli: Stimuli) -> list[str]:
    """Names by which a table of ratings calls the images: identity/view."""
    return [f"{row.identity}/{row.view}" for row in stimuli.table.itertuples()]


def similarities(explanation: Explanation, conditions: Sequence[str] = ("task",)) -> list[Similarity]:
    """Similarities of faces to a network, by each of `KINDS`.

    Parameters
    ----------
    explanation : of a trained network, on the faces that are compared (see `Explanation.on`)
    conditions : fields of its training run that the table is to have
    """
    run = explanation.run
    own = {**condition(run, conditions), "seed": run.seed}
    nobody = {**dict.fromkeys(conditions, ""), "seed": NO_SEED}
    return [
        Similarity({"kind": kind, **(nobody if kind == "pixels" else own)}, matrix)
        for kind, matrix in zip(KINDS, _matrices(explanation), strict=True)
    ]


@disk_cached
def _matrices(explanation: Explanation) -> np.ndarray:
    """Similarity matrices in the order of `KINDS`."""
    with single_thread():
        faces, places = faces_of(explanation)
        network = train(explanation.run).network
        inputs = network.prepare(faces.images)
        grey = inputs.mean(1).flatten(1).double().numpy()
        maps = [explain(replace(explanation, trained=trained))[places] for trained in (True, False)]
        seen = [features(each, inputs) for each in (network, untrained(network))]
    even = np.ones_like(grey)
    weights = (even, *(np.abs(each).reshape(grey.shape).astype(np.float64) for each in maps))
    return np.stack([weighted_correlation(grey, each) for each in weights] + [np.corrcoef(f) for f in seen])


def weighted_correlation(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Correlation of each pair of faces over pixels, which weigh what they weigh in either face on average.

    Parameters
    ----------
    values : ndarray of float, N x pixels
    weights : ndarray of float, N x pixels, not negative; each row is scaled to sum to one

    Returns
    -------
    ndarray of float, N x N
        Pearson's correlation where all weights are equal.
    """
    total = weights.sum(axis=1, keepdims=True)
    if weights.shape != values.shape or (weights < 0).any() or (total == 0).any():
        raise InputError("a face's weights are missing, negative or all zero; expected one for each pixel")
    share = weights / total

    def mean(own: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Weighted mean, under each pair's weights, of the first face's `own` times the second's `other`."""
        return ((share * own) @ other.T + own @ (share * other).T) / 2

    one = np.ones_like(values)
    first, square = mean(values, one), mean(values**2, one)
    covariance = mean(values, values) - first * first.T
    variance = square - first**2
    return covariance / np.sqrt(variance * variance.T)


@torch.no_grad()
def features(network: Network, inputs: torch.Tensor) -> np.ndarray:
    """What the last layer of a network looks at (float64, N x features)."""
    last = [layer for layer in network.module.modules() if isinstance(layer, nn.Linear | nn.Conv2d)][-1]
    caught: list[torch.Tensor] = []
    handle = last.register_forward_pre_hook(lambda _, seen: caught.append(seen[0].flatten(1)))
    try:
        network.logits(inputs)
    finally:
        handle.remove()
    return torch.cat(caught).double().numpy()


def correlations(
    found: Sequence[Similarity],
    reference: np.ndarray,
    by: Sequence[str] = ("kind",),
    draws: int = 1000,
    seed: int = 0,
) -> Bootstrap:
    """Rank correlation of similarities with those of a reference, by condition.

    Parameters
    ----------
    found : similarities of the same faces
    reference : ndarray, participants x N x N
        One matrix for a model; nan where a participant did not rate a pair. The mean over participants of
        Spearman's correlation is taken, which `faceinv.experiments.relevance.human_ratings.noise_ceiling`
        bounds.
    by : fields that tell conditions apart; the mean is taken over seeds
    draws, seed : of a bootstrap that draws both seeds and faces. A pair of a face with itself, which drawing
        faces twice makes, is left out, as usual (Nili et al. 2014).
    """
    matrices = np.stack([each.matrix for each in found])
    faces = matrices.shape[1]
    if reference.ndim != 3 or reference.shape[1:] != (faces, faces):
        raise InputError(
            f"the reference is of shape {reference.shape}; expected participants x {faces} x {faces}"
        )
    table = pd.DataFrame([dict(each.fields) for each in found])
    groups = table.groupby(list(by), sort=False).indices
    seeds = np.sort(table.loc[table["seed"] != NO_SEED, "seed"].unique())
    rng = np.random.default_rng(seed)
    everyone = np.arange(faces)
    estimate = _means(_spearman(matrices, reference, everyone), groups, np.ones(len(table)))
    drawn = np.empty((draws, len(groups)))
    for draw in range(draws):
        times = rng.multinomial(max(1, len(seeds) - 1), np.full(len(seeds), 1 / len(seeds)))
        weight = np.array([1 if s == NO_SEED else times[np.searchsorted(seeds, s)] for s in table["seed"]])
        values = _spearman(matrices, reference, rng.choice(everyone, faces))
        drawn[draw] = _means(values, groups, weight)
    names = [key if isinstance(key, tuple) else (key,) for key in groups]
    index = pd.MultiIndex.from_tuples(names, names=list(by))
    return Bootstrap(pd.Series(estimate, index=index), pd.DataFrame(drawn, columns=index), len(seeds))


def _means(values: np.ndarray, groups: Mapping[object, np.ndarray], weight: np.ndarray) -> list[float]:
    """Weighted mean of the values of each group; nan where nothing weighs."""
    return [
        float(np.average(values[rows], weights=weight[rows])) if weight[rows].any() else np.nan
        for rows in groups.values()
    ]


def _spearman(matrices: np.ndarray, reference: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Mean over participants of the rank correlation of each matrix with theirs, over pairs of `faces`."""
    a, b = np.triu_indices(len(faces), 1)
    a, b = faces[a], faces[b]
    a, b = a[a != b], b[a != b]
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
