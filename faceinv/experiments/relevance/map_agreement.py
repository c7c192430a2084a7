"""Agreement between relevance maps of an image: rank correlation, and overlap of the most relevant pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from faceinv.experiments.conditions import NO_SEED, condition, condition_label, relation
from faceinv.experiments.explanations import Explanation, explain, held_out
from faceinv.experiments.relevance.generalization import CrossEvaluation, explanation
from faceinv.experiments.relevance.other_faces import other_faces
from faceinv.metrics.map_similarity import share_in_common, standard_ranks, top_pixels
from faceinv.metrics.resampling import NO_BASE
from faceinv.models.training import single_thread
from faceinv.models.training_runs import train
from faceinv.perturbations.control_masks import CONTROL_MAPS, control_scores
from faceinv.runtime.cache import disk_cached

ANOTHER_FACE = "another face"

COMPARED_MAPS = ("another seed", "untrained network", *CONTROL_MAPS, f"another seed, {ANOTHER_FACE}")
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
        another trained network), identity, other_identity (the person of the other map; for all but *another
        face* the same), compared (see `COMPARED_MAPS`), value. *Another face* has one row for each of
        `other_faces`.
    """
    tables = []
    for each in explanations:
        own, stimuli = standard_ranks(maps[each]), held_out(each)
        people = stimuli.table["identity"].to_numpy()
        own_faces, further = np.arange(len(people)), other_faces(people)
        inputs = train(each.run).network.prepare(stimuli.images)
        others = {("untrained network", NO_SEED): maps[replace(each, trained=False)]}
        others |= {(name, NO_SEED): control_scores(inputs, name, each.run.seed) for name in CONTROL_MAPS}
        for other in explanations:
            if other.run.task == each.run.task and other != each:
                others["another seed", other.run.seed] = maps[other]
                others[f"another seed, {ANOTHER_FACE}", other.run.seed] = maps[other]
        for (compared, seed), compared_maps in others.items():
            ranked = standard_ranks(compared_maps)
            tables += [
                pd.DataFrame({"identity": people, "other_identity": people[faces]}).assign(
                    task=each.run.task,
                    seed=each.run.seed,
                    other_seed=seed,
                    compared=compared,
                    value=(own * ranked[faces]).mean(1),
                )
                for faces in (further if compared.endswith(ANOTHER_FACE) else [own_faces])
            ]
    return pd.concat(tables, ignore_index=True)


PAIRED_UNITS = ("seed", "other_seed", "identity")
"""Units of sampling of maps that are compared between networks: both are networks, and people, who have a
second role in the column ``other_identity`` (see `faceinv.metrics.resampling`)."""


TOP = 0.1
"""Share of the pixels whose overlap is measured; also the expected overlap of two random maps."""

AGREEMENT_MEASURES = ("rank correlation", "overlap of the top tenth")
"""Measures of the agreement of two maps of an image (see `faceinv.metrics.map_similarity`)."""


@disk_cached
def compare_maps(evaluation: CrossEvaluation) -> pd.DataFrame:
    """Agreement of the maps of a network (reader) with those of all others (makers), on its test images.

    Returns
    -------
    DataFrame
        One row per other map, measure and two identities: `maker`, `maker_seed`, `maker_base`, the same three
        of the reader, `reader_<condition>`, `relation`, `face` (*same face*, or *another face*: the other map
        of each of `other_faces`, the baseline of any two maps), `measure` (see `AGREEMENT_MEASURES`),
        `identity`, `other_identity`, `value`. Makers also include the untrained network (*untrained*) and the
        `CONTROL_MAPS`.
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
        people = stimuli.table["identity"].to_numpy()
        pairs = [("same face", np.arange(len(people)))]
        pairs += [(ANOTHER_FACE, faces) for faces in other_faces(people)]
        # Ranks and top pixels of a map serve all faces that it is compared with.
        own_ranks, own_top = standard_ranks(own), top_pixels(own, TOP)
        rows = []
        for (mask_source, seed, base, relation_name), other in others.items():
            other_ranks, other_top = standard_ranks(other), top_pixels(other, TOP, seed=1)
            for face, faces in pairs:
                values = (
                    (own_ranks * other_ranks[faces]).mean(1),
                    share_in_common(own_top, other_top[faces]),
                )
                rows += [
                    pd.DataFrame({"identity": people, "other_identity": people[faces]}).assign(
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
    keys = ["maker", "maker_seed", "maker_base", "relation", "face", "measure", "identity", "other_identity"]
    table = pd.concat(rows).groupby(keys, sort=False)["value"].mean().reset_index()
    evaluated = {f"reader_{name}": value for name, value in condition(run, evaluation.conditions).items()}
    return table.assign(
        reader=condition_label(run, evaluation.conditions),
        reader_seed=run.seed,
        reader_base=run.base,
        **evaluated,
    )
