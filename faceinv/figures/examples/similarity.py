"""Pairs of faces that a measure finds similar."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.stats import rankdata

from faceinv.data.stimuli import Stimuli
from faceinv.experiments.relevance.face_similarity import Similarity
from faceinv.figures.example_panel import Examples
from faceinv.figures.style import point


def most_similar_pairs(
    similarities: Sequence[Similarity],
    reference: np.ndarray,
    faces: Stimuli,
    lines: Callable[[Similarity], Sequence[object]],
    most: int = 6,
) -> dict[str, Examples]:
    """The most similar pairs of faces for each similarity measure.

    Parameters
    ----------
    similarities : similarities of `faces`; the first of each line is shown
    reference : N x N, similarity to people or a model of them; nan where unknown
    lines : values that identify the point of a similarity
    most : number of pairs per point
    """
    a, b = np.triu_indices(len(faces), 1)
    ratings = reference[a, b]
    rank_of = np.full(len(a), np.nan)
    rated = ~np.isnan(ratings)
    rank_of[rated] = rankdata(-ratings[rated], method="min")
    examples: dict[str, Examples] = {}
    for each in similarities:
        name = point(*lines(each))
        if name in examples:
            continue
        values = each.matrix[a, b]
        first = np.argsort(-values, kind="stable")[:most]
        images = faces.images[np.stack([a[first], b[first]], axis=1).ravel()]
        words = []
        for pair, (value, rank) in enumerate(zip(values[first], rank_of[first], strict=True), 1):
            judgement = "not judged" if np.isnan(rank) else f"reference: {rank:.0f} of {rated.sum()}"
            words += [f"pair {pair}: {value:.2f}", judgement]
        examples[name] = Examples(
            f"{each.fields['kind']}: the {len(first)} most similar pairs of faces, two by two, and "
            "their ranks among all pairs by the reference",
            images,
            words,
            np.zeros(len(images), bool),
        )
    return examples
