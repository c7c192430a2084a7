"""Test faces masked by one network and classified by another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from faceinv.data.stimuli import evenly_spaced
from faceinv.experiments.conditions import NO_SEED, OWN, condition_label
from faceinv.experiments.relevance.generalization import CrossEvaluation, images_of, masks_for
from faceinv.figures.example_panel import Examples
from faceinv.figures.examples.captions import label_and_answer
from faceinv.figures.examples.pixels import to_bytes, to_floats
from faceinv.figures.style import point
from faceinv.models.architectures import Network
from faceinv.models.training_runs import train
from faceinv.perturbations.fills import filled
from faceinv.perturbations.masks import keep, ranks


def faces_by_mask_source(
    plan: Sequence[CrossEvaluation], most: int = 6
) -> tuple[dict[str, Examples], dict[str, Examples]]:
    """Masked test faces at the middle fraction, with the answers of the evaluated networks (readers).

    Parameters
    ----------
    plan : the evaluations; the first reader of each condition is shown
    most : number of faces per reader

    Returns
    -------
    by_pair : for the points of maker and reader; of makers of one condition, the first other network
    by_relation : for the points of the task of the reader and its relation to the maker: the first reader of
        each task and, for each relation, the first maker
    """
    by_pair: dict[str, Examples] = {}
    by_relation: dict[str, Examples] = {}
    shown: set[str] = set()
    for evaluation in plan:
        run, evaluated = evaluation.evaluated, condition_label(evaluation.evaluated, evaluation.conditions)
        if evaluated in shown:
            continue
        shown.add(evaluated)
        network = train(run).network
        stimuli, fraction = (
            images_of(evaluation),
            sorted(evaluation.fractions)[len(evaluation.fractions) // 2],
        )
        index = evenly_spaced(range(len(stimuli)), most)
        pixels, people = to_floats(stimuli.images), list(stimuli.names(run.task)[index])
        background = filled(pixels, evaluation.fill, run.seed)[index]
        for fields, scores in masks_for(evaluation):
            mask_source, relation = str(fields["maker"]), str(fields["relation"])
            pair, related = point(mask_source, evaluated), point(run.task, relation)
            if related in by_relation and (pair in by_pair or relation == OWN):
                continue
            kept = torch.from_numpy(keep(-ranks(scores, run.seed)[index], fraction))[:, None]
            images = to_bytes(torch.where(kept, pixels[index], background))
            predicted = _answers(network, images)
            source = (
                mask_source
                if fields["maker_seed"] == NO_SEED
                else f"{mask_source}, seed {fields['maker_seed']}"
            )
            example = Examples(
                f"{evaluated}, seed {run.seed}, with {fraction:.0%} of the pixels: mask “{source}”",
                images,
                [label_and_answer(*each) for each in zip(people, predicted, strict=True)],
                np.array(people) != np.array(predicted),
            )
            by_relation.setdefault(related, example)
            if relation != OWN:
                by_pair.setdefault(pair, example)
    return by_pair, by_relation


def _answers(network: Network, images: np.ndarray) -> list[str]:
    """Predicted class of each image."""
    predicted = network.logits(network.prepare(images)).argmax(1).tolist()
    return [network.specification.classes[each] for each in predicted]
