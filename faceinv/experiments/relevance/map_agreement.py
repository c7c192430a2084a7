"""Agreement between relevance maps of an image: rank correlation, and overlap of the most relevant pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from faceinv.experiments.conditions import NO_SEED, condition, condition_label, relation
from faceinv.experiments.explanations import Explanation, explain, held_out
from faceinv.experiments.relevance.generalization import CrossEvaluation, explanation
from faceinv.metrics.map_similarity import (
    rank_correlation,
    share_in_common,
    standard_ranks,
    top_pixels,
)
from faceinv.metrics.resampling import NO_BASE
from faceinv.models.training import single_thread
from faceinv.models.training_runs import train
from faceinv.perturbations.control_masks import CONTROL_MAPS, control_scores
from faceinv.runtime.cache import disk_cached

COMPARED_MAPS = ("another seed", "untrained network", *CONTROL_MAPS, "another seed, another face")
"""Maps that the map of a trained network is compared with."""


def agreements(explanations: Sequence[Explanation], maps: Mapping[Explanation, np.ndarray]) -> pd.DataFrame:
    """Rank correlation of the maps of each trained network with maps of other origin.

    Parameters
    ----------
    explanations : of trained networks; two or more seeds per task, with the same images
    maps : relevance maps of the explanations, and of each with ``trained=False``

    Returns
    -------
    DataFrame
        One row per explanation, image and other map: task, seed, other_seed (-1 if the other map is not of
        another trained network), identity, compared (see `COMPARED_MAPS`), value; *another face* is the one
        half the set further on.
    """
    tables = []
    for each in explanations:
        own, stimuli = maps[each], held_out(each)
        inputs = train(each.run).network.prepare(stimuli.images)
        others = {("untrained network", NO_SEED): maps[replace(each, trained=False)]}
        others |= {(name, NO_SEED): control_scores(inputs, name, each.run.seed) for name in CONTROL_MAPS}
        for other in explanations:
            if other.run.task == each.run.task and other != each:
                others["another seed", other.run.seed] = maps[other]
                another_face = np.roll(maps[other], len(own) // 2, axis=0)
                others["another seed, another face", other.run.seed] = another_face
        tables += [
            stimuli.table[["identity"]].assign(
                task=each.run.task,
                seed=each.run.seed,
                other_seed=seed,
                compared=compared,
                value=rank_correlation(own, other),
            )
            for (compared, seed), other in others.items()
        ]
    return pd.concat(tables, ignore_index=True)


PAIRED_UNITS = ("seed", "other_seed", "identity")
"""Units of sampling of maps that are compared between networks: both are networks, and people."""


TOP = 0.1
"""Share of the pixels whose overlap is measured; also the expected overlap of two random maps."""

AGREEMENT_MEASURES = ("rank correlation", "overlap of the top tenth")
"""Measures of the agreement of two maps of an image (see `faceinv.metrics.map_similarity`)."""

ANOTHER_FACE = "another face"


@disk_cached
def compare_maps(evaluation: CrossEvaluation) -> pd.DataFrame:
    """Agreement of the maps of a network (reader) with those of all others (makers), on its test images.

    Returns
    -------
    DataFrame
        One row per other map, measure and identity: `maker`, `maker_seed`, `maker_base`, the same three of
        the reader, `reader_<condition>`, `relation`, `face` (*same face*, or *another face*: the other map of
        a face half the set further on, the baseline of any two maps), `measure` (see `AGREEMENT_MEASURES`),
        `identity`, `value`. Makers also include the untrained network (*untrained*) and the `CONTROL_MAPS`.
    """
    run = evaluation.evaluated
    with single_thread():
        own, stimuli = explain(explanation(evaluation, run)), held_out(explanation(evaluation, run))
        inputs = train(run).network.prepare(stimuli.images)
        others: dict[tuple[str, int, str, str], np.ndarray] = {
            (
                condition_label(mask_source, evaluation.conditions),
                mask_source.seed,
                mask_source.base,
                relation(mask_source, run, evaluation.conditions),
            ): explain(explanation(evaluation, mask_source))
            for mask_source in evaluation.mask_sources
            if mask_source != run
        }
        untrained = explain(explanation(evaluation, run, trained=False))
        others["untrained", run.seed, NO_BASE, "untrained"] = untrained
        for name in CONTROL_MAPS:
            others[name, run.seed, NO_BASE, name] = control_scores(inputs, name, run.seed)
        # Ranks and top pixels of a map serve both faces that it is compared with.
        own_ranks, own_top = standard_ranks(own), top_pixels(own, TOP)
        rows = []
        for (mask_source, seed, base, relation_name), other in others.items():
            other_ranks, other_top = standard_ranks(other), top_pixels(other, TOP, seed=1)
            for face, further in (("same face", 0), (ANOTHER_FACE, len(own) // 2)):
                values = (
                    (own_ranks * np.roll(other_ranks, further, 0)).mean(1),
                    share_in_common(own_top, np.roll(other_top, further, 0)),
                )
                rows += [
                    stimuli.table[["identity"]].assign(
                        maker=mask_source,
                        maker_seed=seed,
                        maker_base=base,
                        relation=relation_name,
                        face=face,
                        measure=measure,
                        value=value,
                    )
                    for measure, value in zip(AGREEMENT_MEASURES, values, strict=True)
                ]
    keys = ["maker", "maker_seed", "maker_base", "relation", "face", "measure", "identity"]
    table = pd.concat(rows).groupby(keys, sort=False)["value"].mean().reset_index()
    evaluated = {f"reader_{name}": value for name, value in condition(run, evaluation.conditions).items()}
    return table.assign(
        reader=condition_label(run, evaluation.conditions),
        reader_seed=run.seed,
        reader_base=run.base,
        **evaluated,
    )
