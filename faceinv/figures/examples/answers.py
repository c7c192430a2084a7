"""Test faces with the answers of a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from faceinv.data.stimuli import Stimuli, evenly_spaced
from faceinv.figures.example_panel import Examples
from faceinv.figures.examples.captions import label_and_answer, wrong_answers
from faceinv.figures.style import point


def answered(
    answers: pd.DataFrame, by: Sequence[str], stimuli: Mapping[str, Stimuli], most: int = 24
) -> dict[str, Examples]:
    """Test faces of each group of answers, with the answers of the first network of each task.

    Parameters
    ----------
    answers : results of `faceinv.models.training.evaluate`, with columns task and seed
    by : columns that define the groups, including task
    stimuli : test images by task
    most : maximum number of faces per group, evenly spaced
    """
    first = answers[answers["seed"] == answers.groupby("task")["seed"].transform("min")]
    examples_by_point = {}
    for key, part in first.groupby(list(by), observed=True):
        task, seed = part["task"].iloc[0], part["seed"].iloc[0]
        rows = part.iloc[evenly_spaced(range(len(part)), most)]
        examples_by_point[point(*key)] = Examples(
            f"{task}, seed {seed}: {len(rows)} of {len(part)} test faces; "
            f"of all of these {wrong_answers(part['correct'])}",
            stimuli[task].images[rows.index],
            [label_and_answer(row.label, row.answer) for row in rows.itertuples()],
            ~rows["correct"].to_numpy(),
        )
    return examples_by_point
