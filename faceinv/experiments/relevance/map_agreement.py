"""Agreement between relevance maps of an image: rank correlation, and overlap of the most relevant pixels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from faceinv.experiments.conditions import condition, label, relation
from faceinv.experiments.explanations import Explanation, explain, held_out
from faceinv.experiments.relevance.generalization import CrossEvaluation, explanation
from faceinv.metrics.map_similarity import rank_correlation, top_overlap
from faceinv.models.training import single_thread
from faceinv.models.training_runs import train
from faceinv.perturbations.control_masks import CONTROL_MAPS, control_scores
from faceinv.runtime.cache import disk_cached

COMPARED = ("another seed", "untrained network", *CONTROL_MAPS, "another seed, another face")
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
        others = [found[e] for e in explanations if e.run.task == each.run.task and e != each]
        inputs = train(each.run).network.prepare(stimuli.images)
        another_face = [np.roll(other, len(other) // 2, axis=0) for other in others]
        values = {
            "another seed": np.mean([rank_correlation(own, other) for other in others], axis=0),
            "untrained network": rank_correlation(own, found[replace(each, trained=False)]),
            **{
                name: rank_correlation(own, control_scores(inputs, name, each.run.seed))
                for name in CONTROL_MAPS
            },
            "another seed, another face": np.mean(
                [rank_correlation(own, other) for other in another_face], axis=0
            ),
        }
        for compared, value in values.items():
            table = stimuli.table[["identity"]].assign(task=each.run.task, seed=each.run.seed)
            tables.append(table.assign(compared=compared, value=value))
    return pd.concat(tables, ignore_index=True)


TOP = 0.1
"""Share of the pixels whose overlap is measured; two random maps share as much of their top pixels."""

AGREEMENT_MEASURES: Mapping[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "rank correlation": rank_correlation,
    "overlap of the top tenth": partial(top_overlap, fraction=TOP),
}
"""How the agreement of two maps of an image is measured, by name."""

ANOTHER_FACE = "another face"


@disk_cached
def compare(evaluation: CrossEvaluation) -> pd.DataFrame:
    """How a reader's maps agree with those of every maker, on the reader's test images.

    Returns
    -------
    DataFrame
        One row another map, measure and identity: `maker`, `maker_seed`, `reader`, `reader_seed`,
        `reader_<condition>`, `relation`, `face` (*same face*, or *another face*: the other's map of a face
        half the set further on, the level that any two maps share), `measure` (see
        `AGREEMENT_MEASURES`), `identity`, `value`. Beside makers stand the reader before training
        (*untrained*) and the `CONTROL_MAPS`.
    """
    run = evaluation.evaluated
    with single_thread():
        own, stimuli = explain(explanation(evaluation, run)), held_out(explanation(evaluation, run))
        inputs = train(run).network.prepare(stimuli.images)
        others: dict[tuple[str, int, str], np.ndarray] = {
            (
                label(mask_source, evaluation.conditions),
                mask_source.seed,
                relation(mask_source, run, evaluation.conditions),
            ): explain(explanation(evaluation, mask_source))
            for mask_source in evaluation.mask_sources
            if mask_source != run
        }
        untrained = explain(explanation(evaluation, run, trained=False))
        others["untrained", run.seed, "untrained"] = untrained
        # no network made them, so they are beside the makers of every seed
        for name in CONTROL_MAPS:
            scores = control_scores(inputs, name, run.seed)
            others |= {(name, mask_source.seed, name): scores for mask_source in evaluation.mask_sources}
        rows = [
            stimuli.table[["identity"]].assign(
                maker=mask_source, maker_seed=seed, relation=related, face=face, measure=measure, value=value
            )
            for (mask_source, seed, related), theirs in others.items()
            for face, shown in (("same face", theirs), (ANOTHER_FACE, np.roll(theirs, len(theirs) // 2, 0)))
            for measure, function in AGREEMENT_MEASURES.items()
            for value in [function(own, shown)]
        ]
    keys = ["maker", "maker_seed", "relation", "face", "measure", "identity"]
    table = pd.concat(rows).groupby(keys, sort=False)["value"].mean().reset_index()
    evaluated = {f"reader_{name}": value for name, value in condition(run, evaluation.conditions).items()}
    return table.assign(reader=label(run, evaluation.conditions), reader_seed=run.seed, **evaluated)
