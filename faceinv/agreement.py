"""Agreement between relevance maps: rank correlation, image by image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from faceinv.errors import InputError
from faceinv.explanation import Explanation, held_out
from faceinv.masking import control_scores
from faceinv.models.cells import train

COMPARED = ("another seed", "untrained network", "local contrast", "another seed, another face")
"""What the map of a trained network is compared with."""


def agreements(explanations: Sequence[Explanation], found: Mapping[Explanation, np.ndarray]) -> pd.DataFrame:
    """Rank correlation of each trained network's maps with what they might be mistaken for.

    Parameters
    ----------
    explanations : of trained networks; those of one task must be of the same images, in two seeds or more
    found : relevance maps of the explanations, and of each with ``trained=False``

    Returns
    -------
    DataFrame
        One row an explanation, image and comparison: task, seed, identity, compared (see `COMPARED`), value.
        With the other seeds it is the mean over them; *another face* is the one half the set further on.
    """
    tables = []
    for each in explanations:
        own, stimuli = found[each], held_out(each)
        others = [found[e] for e in explanations if e.cell.task == each.cell.task and e != each]
        inputs = train(each.cell).network.prepare(stimuli.images)
        values = (
            np.mean([rank_correlation(own, other) for other in others], axis=0),
            rank_correlation(own, found[replace(each, trained=False)]),
            rank_correlation(own, control_scores(inputs, "contrast")),
            np.mean([rank_correlation(own, np.roll(o, len(o) // 2, axis=0)) for o in others], axis=0),
        )
        for compared, value in zip(COMPARED, values, strict=True):
            table = stimuli.table[["identity"]].assign(task=each.cell.task, seed=each.cell.seed)
            tables.append(table.assign(compared=compared, value=value))
    return pd.concat(tables, ignore_index=True)


def rank_correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Spearman's rank correlation of two maps of each image, over pixels.

    Parameters
    ----------
    a, b : ndarray, N x H x W

    Returns
    -------
    ndarray of float, N
        NaN where a map is constant.
    """
    if a.shape != b.shape:
        raise InputError(f"maps of the shapes {a.shape} and {b.shape} cannot be compared")
    x, y = (_standardised(rankdata(m.reshape(len(m), -1), axis=1)) for m in (a, b))
    return (x * y).mean(axis=1)


def _standardised(values: np.ndarray) -> np.ndarray:
    values = values - values.mean(axis=1, keepdims=True)
    spread = values.std(axis=1, keepdims=True)
    return np.divide(values, spread, out=np.full_like(values, np.nan), where=spread > 0)
