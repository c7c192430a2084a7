"""Agreement between relevance maps of an image: rank correlation, and overlap of the most relevant pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from faceinv.cache import kept
from faceinv.errors import InputError
from faceinv.explanation import Explanation, explain, held_out
from faceinv.generalization import Reading, condition, explanation, label, relation
from faceinv.masking import control_scores, ranks
from faceinv.models.cells import train
from faceinv.models.training import single_thread

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


MEASURES = ("rank correlation", "overlap of the top tenth")
TOP = 0.1
"""Share of the pixels whose overlap is measured; two random maps share as much of their top pixels."""
ANOTHER_FACE = "another face"


@kept
def compare(reading: Reading) -> pd.DataFrame:
    """How a reader's maps agree with those of every maker, on the reader's test images.

    Returns
    -------
    DataFrame
        One row another map, measure and identity: `maker`, `maker_seed`, `reader`, `reader_seed`,
        `reader_<condition>`, `relation`, `face` (*same face*, or *another face*: the other's map of a face
        half the set further on, the level that any two maps share), `measure` (see `MEASURES`), `identity`,
        `value`. Beside makers stand the reader before training (*untrained*) and *local contrast*.
    """
    cell = reading.reader
    with single_thread():
        own, stimuli = explain(explanation(reading, cell)), held_out(explanation(reading, cell))
        inputs = train(cell).network.prepare(stimuli.images)
        others: dict[tuple[str, int, str], np.ndarray] = {
            (
                label(maker, reading.conditions),
                maker.seed,
                relation(maker, cell, reading.conditions),
            ): explain(explanation(reading, maker))
            for maker in reading.makers
            if maker != cell
        }
        untrained = explain(explanation(reading, cell, trained=False))
        others["untrained", cell.seed, "untrained"] = untrained
        # no network made it, so it is beside the makers of every seed
        contrast = control_scores(inputs, "contrast")
        others |= {("local contrast", maker.seed, "local contrast"): contrast for maker in reading.makers}
        rows = [
            stimuli.table[["identity"]].assign(
                maker=maker, maker_seed=seed, relation=related, face=face, measure=measure, value=value
            )
            for (maker, seed, related), theirs in others.items()
            for face, shown in (("same face", theirs), (ANOTHER_FACE, np.roll(theirs, len(theirs) // 2, 0)))
            for measure, value in zip(
                MEASURES, (rank_correlation(own, shown), top_overlap(own, shown, TOP)), strict=True
            )
        ]
    keys = ["maker", "maker_seed", "relation", "face", "measure", "identity"]
    table = pd.concat(rows).groupby(keys, sort=False)["value"].mean().reset_index()
    reader = {f"reader_{name}": value for name, value in condition(cell, reading.conditions).items()}
    return table.assign(reader=label(cell, reading.conditions), reader_seed=cell.seed, **reader)


def top_overlap(a: np.ndarray, b: np.ndarray, fraction: float) -> np.ndarray:
    """Share of the top `fraction` of the pixels of one map that is in the top of the other, for each image.

    Parameters
    ----------
    a, b : ndarray, N x H x W
    fraction : of the pixels, 0-1

    Returns
    -------
    ndarray of float, N
        One where both have the same top pixels; `fraction` on average for two that are independent.
    """
    if a.shape != b.shape:
        raise InputError(f"maps of the shapes {a.shape} and {b.shape} cannot be compared")
    count = round(fraction * a[0].size)
    if not 0 < count <= a[0].size:
        raise InputError(f"the top fraction is {fraction}; expected a share that holds at least one pixel")
    tops = [ranks(maps, seed) < count for seed, maps in enumerate((a, b))]  # ties fall apart by chance
    return (tops[0] & tops[1]).sum(axis=(1, 2)) / count


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
