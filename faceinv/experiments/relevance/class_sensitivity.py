"""Class sensitivity: whether maps of two classes differ, and whether other seeds find the same difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from faceinv.experiments.conditions import NO_SEED
from faceinv.experiments.explanations import Explanation, held_out, targets
from faceinv.experiments.relevance.other_faces import other_faces
from faceinv.lrp.composites import COMPOSITES
from faceinv.lrp.contrasts import CONTRASTS
from faceinv.lrp.relevance import relevance
from faceinv.metrics.map_similarity import standard_ranks
from faceinv.models.training import single_thread
from faceinv.models.training_runs import train
from faceinv.runtime.cache import disk_cached

OTHER_CLASS, OTHER_SEED, OTHER_FACE = "another class", "another seed", "another seed, another face"

CLASS_COMPARISONS = (
    OTHER_CLASS,
    *(
        compared if against == "none" else f"{compared}, against {against}"
        for compared in (OTHER_SEED, OTHER_FACE)
        for against in CONTRASTS
    ),
)
"""What the map of a class is compared with: the map of the strongest other class in the same network, the map
of another seed, and, as the level that any two maps share, another seed's map of another face."""


@disk_cached
def class_maps(explanation: Explanation) -> np.ndarray:
    """Maps of the explained class and of the strongest other class, by every composite.

    Parameters
    ----------
    explanation : of a trained network; its composite and contrast are not used

    Returns
    -------
    ndarray of float32, composites x (1 + contrasts) x N x H x W
        First the other class alone, then the explained class against each of `CONTRASTS`.
    """
    with single_thread():
        network, stimuli = train(explanation.run).network, held_out(explanation)
        inputs = network.prepare(stimuli.images)
        classes = targets(explanation, network, stimuli)
        logits = network.logits(inputs).numpy()
        logits[np.arange(len(logits)), classes] = -np.inf
        others, two = logits.argmax(1), logits.shape[1] == 2
        found = []
        for name in COMPOSITES:
            rows = [relevance(network, inputs, others, name, start=explanation.start)]
            for against in CONTRASTS:
                if two and against == "runner-up":  # the only competitor there is
                    rows.append(rows[-1])
                else:
                    rows.append(relevance(network, inputs, classes, name, against, explanation.start))
            found.append(rows)
    return np.array(found)


def class_sensitivity(explanations: Sequence[Explanation], maps: Sequence[np.ndarray]) -> pd.DataFrame:
    """Agreement of the map of a class with others, by composite.

    Parameters
    ----------
    explanations : of trained networks; two or more seeds per task, with the same images
    maps : `class_maps` of each

    Returns
    -------
    DataFrame
        One row per explanation, image, composite, comparison, and network and image that it is compared with:
        task, seed, other_seed (-1 for the same network), identity, other_identity (the person of the other
        map), composite, compared (see `CLASS_COMPARISONS`), value (rank correlation over pixels).
    """
    tables = []
    for explanation, own in zip(explanations, maps, strict=True):
        task = explanation.run.task
        others = {
            each.run.seed: other
            for each, other in zip(explanations, maps, strict=True)
            if each.run.task == task and each != explanation
        }
        identities = held_out(explanation).table["identity"].to_numpy()
        for place, name in enumerate(COMPOSITES):
            of_others = {seed: other[place] for seed, other in others.items()}
            values = compare_classes(own[place], of_others, identities)
            tables.append(values.assign(task=task, seed=explanation.run.seed, composite=name))
    return pd.concat(tables, ignore_index=True)


def compare_classes(
    own: np.ndarray, others: Mapping[int, np.ndarray], identities: np.ndarray
) -> pd.DataFrame:
    """Rank correlations of one network's maps with each other and with those of other seeds.

    Parameters
    ----------
    own, others : (1 + contrasts) x N x H x W, in the order of `class_maps`; the others by their seed
    identities : the person of each of the N images

    Returns
    -------
    DataFrame
        One row per image, comparison, other seed (-1 for the same network) and, of another face, each of
        `other_faces`: identity, other_identity, compared (see `CLASS_COMPARISONS`), other_seed, value.
    """
    same, further = np.arange(len(identities)), other_faces(identities)
    ranks = [standard_ranks(maps) for maps in own]
    tables: list[pd.DataFrame] = []

    def compare(compared: str, seed: int, of: np.ndarray, other: np.ndarray, faces: np.ndarray) -> None:
        people = {"identity": identities, "other_identity": identities[faces]}
        values = (of * other[faces]).mean(1)
        tables.append(pd.DataFrame(people).assign(compared=compared, other_seed=seed, value=values))

    compare(OTHER_CLASS, NO_SEED, ranks[1], ranks[0], same)
    for place, against in enumerate(CONTRASTS, 1):
        suffix = "" if against == "none" else f", against {against}"
        for seed, maps in others.items():
            other = standard_ranks(maps[place])
            compare(OTHER_SEED + suffix, seed, ranks[place], other, same)
            for faces in further:
                compare(OTHER_FACE + suffix, seed, ranks[place], other, faces)
    return pd.concat(tables, ignore_index=True)
