"""Transformed test faces, for the figures of tolerance curves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import torch

from faceinv.data.stimuli import evenly_spaced
from faceinv.experiments.invariance.tolerance import Tolerance, images_to_transform
from faceinv.figures.example_panel import Examples
from faceinv.figures.examples.captions import wrong_answers
from faceinv.figures.examples.pixels import to_bytes, to_floats
from faceinv.figures.style import point
from faceinv.models.training_runs import TrainingRun
from faceinv.perturbations.transformations import named


def transformed_faces(
    answers: Mapping[Tolerance, pd.DataFrame],
    lines: Callable[[TrainingRun], Sequence[tuple[str, str]]],
    most: int = 12,
) -> dict[str, Examples]:
    """Transformed test faces at every level, with the answers of the first network of each line of a figure.

    Parameters
    ----------
    answers : results of `faceinv.experiments.invariance.tolerance.measure`, by network and transformation
    lines : row and colour of each line (see `faceinv.figures.small_multiples.tolerance`) to which a network
        contributes
    most : number of faces per point
    """
    examples_by_point: dict[str, Examples] = {}
    taken = set()
    for plan, own in answers.items():
        places = [place for place in lines(plan.run) if (plan.transformation, place) not in taken]
        if not places:
            continue
        taken |= {(plan.transformation, place) for place in places}
        stimuli, change = images_to_transform(plan), named(plan.transformation)
        index = torch.from_numpy(evenly_spaced(range(len(stimuli)), most))
        pixels = to_floats(stimuli.images[index])
        people = list(stimuli.table["identity"].iloc[index.numpy()])
        network = f"{plan.run.architecture}, {places[0][1]}".removesuffix(f", {plan.run.architecture}")
        for level, part in own.groupby("level"):
            part = part.set_index("image").sort_index()
            examples = Examples(
                f"{network}, seed {plan.run.seed}: {change.name} {change.text(level)}; "
                f"of the {len(part)} test faces {wrong_answers(part['correct'])}",
                to_bytes(change(pixels, level, index)),
                people,
                ~part["correct"].to_numpy()[index],
            )
            examples_by_point |= {point(row, change.name, colour, level): examples for row, colour in places}
    return examples_by_point
