"""Masked test faces, for the figures of masking curves."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import torch

from faceinv.data.stimuli import evenly_spaced
from faceinv.experiments.explanations import held_out
from faceinv.experiments.relevance.faithfulness import Validation, scores_of
from faceinv.figures.example_panel import Examples
from faceinv.figures.examples.captions import wrong_answers
from faceinv.figures.examples.pixels import to_bytes, to_floats
from faceinv.figures.style import point
from faceinv.perturbations.fills import filled
from faceinv.perturbations.masks import keep, ranks


def masked_faces(plans: Sequence[Validation], answers: pd.DataFrame, most: int = 6) -> dict[str, Examples]:
    """Masked test faces of the first network of each task, for every mask and fraction.

    Parameters
    ----------
    plans : networks and masks
    answers : results of `faceinv.experiments.relevance.faithfulness.validate` for these networks
    most : number of faces per task
    """
    examples_by_point = {}
    for task in dict.fromkeys(plan.explanation.run.task for plan in plans):
        plan = next(plan for plan in plans if plan.explanation.run.task == task)
        stimuli, seed = held_out(plan.explanation), plan.explanation.run.seed
        index = evenly_spaced(range(len(stimuli)), most)
        pixels = to_floats(stimuli.images)
        # ranks and fill are computed for the whole set, of which some faces are shown
        background = filled(pixels, plan.fill, seed)[index]
        ranked = {name: ranks(each, seed)[index] for name, each in scores_of(plan.explanation).items()}
        own = answers[(answers["task"] == task) & (answers["seed"] == seed)]
        for (mask, fraction), part in own.groupby(["mask", "fraction"], sort=False):
            kept = torch.from_numpy(keep(-ranked[mask], fraction))[:, None]
            examples_by_point[point(task, mask, fraction)] = Examples(
                f"{task}, seed {seed}: what “{mask}” leaves at {fraction:.0%} of the pixels; "
                f"of the {len(part)} test faces {wrong_answers(part['correct'])}",
                to_bytes(torch.where(kept, pixels[index], background)),
                list(stimuli.names(task)[index]),
                ~part["correct"].to_numpy()[index],
            )
    return examples_by_point
