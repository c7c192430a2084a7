"""The faces of the explorer: labels, right answers, and the face on which it opens."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from faceinv.book.explorer_faces import (
    best_opening,
    mean_oval,
    offered_faces,
    one_of_each,
    photograph_standard,
)
from faceinv.data.stimuli import REGIONS, Stimuli

SURE, UNSURE, WRONG = [0.1, 0.9], [0.4, 0.6], [0.7, 0.3]
"""Probabilities of two classes, of which the second is the true one."""


@pytest.mark.parametrize(
    ("truths", "whole", "kept", "expected"),
    [
        ([1, 1, 1], [SURE, UNSURE, SURE], [UNSURE, UNSURE, SURE], (2, True)),
        ([1, 1, 1], [SURE, UNSURE, WRONG], [WRONG, UNSURE, SURE], (1, True)),
        ([1, 1], [WRONG, SURE], [SURE, WRONG], (1, False)),  # its mask does not keep the answer
        ([1, 1], [WRONG, WRONG], [SURE, SURE], (0, False)),
        ([-1, 1], [SURE, WRONG], [SURE, SURE], (1, False)),  # a stranger cannot be classified correctly
        ([-1, -1], [SURE, SURE], [SURE, SURE], (0, False)),
        ([0, 1], [WRONG, UNSURE], [WRONG, UNSURE], (0, True)),
    ],
)
def test_the_explorer_opens_on_a_success(
    truths: list[int], whole: list[list[float]], kept: list[list[float]], expected: tuple[int, bool]
) -> None:
    assert best_opening(np.array(truths), np.array(whole), np.array(kept)) == expected


def stimuli(people: list[str], yaws: list[float], gender: str) -> Stimuli:
    count = len(people)
    regions = np.zeros((count, 8, 8), np.uint8)
    regions[:, 3, 2] = regions[:, 3, 5] = REGIONS.index("eye")
    table = pd.DataFrame(
        {"identity": people, "view": [str(i) for i in range(count)], "gender": gender, "yaw": yaws}
    )
    return Stimuli(np.zeros((count, 8, 8, 3), np.uint8), table, regions)


def test_one_image_of_each_person_is_chosen_the_most_frontal_one() -> None:
    faces = stimuli(["a", "b", "a", "b", "c"], [-30.0, 20.0, 10.0, -5.0, 90.0], "male")
    assert one_of_each(faces, "identity").tolist() == [2, 3, 4]
    many = stimuli([f"{i:02d}" for i in range(40)], [0.0] * 40, "male")
    assert len(one_of_each(many, "identity")) == 24
    assert one_of_each(many)[[0, -1]].tolist() == [0, 39]
    assert len(one_of_each(many)) == 12


def test_strangers_have_no_truth_as_people_but_all_have_a_gender() -> None:
    tests = {"gender": stimuli(["x"], [0.0], "male"), "identity": stimuli(["b", "a"], [0.0, 0.0], "female")}
    faces, about = offered_faces(tests)
    assert len(faces.images) == 3
    assert about["truths"] == {"gender": ["male", "female", "female"], "identity": [None, "b", "a"]}
    assert about["names"] == {"a": "person 1", "b": "person 2"}
    assert about["labels"] == ["male, face 1", "person 2, female", "person 1, female"]
    assert about["eyes"] == [[0.312, 0.438], [0.688, 0.438]]


def test_the_oval_of_an_ellipse_is_the_ellipse() -> None:
    rows, columns = (np.indices((200, 200)) + 0.5) / 200
    inside = ((columns - 0.4) / 0.2) ** 2 + ((rows - 0.5) / 0.3) ** 2 <= 1
    assert mean_oval(inside.astype(np.uint8)[None]) == pytest.approx([0.4, 0.5, 0.2, 0.3], abs=0.002)


def test_photographs_are_standardised_as_the_training_images_were() -> None:
    regions = np.ones((1, 4, 4), np.uint8)
    rendered = photograph_standard(["rendered faces, controlled"], regions)
    assert rendered is not None and rendered["level"] == 128 and rendered["contrast"] == 40
    assert rendered["rendered"] and rendered["oval"][:2] == [0.5, 0.5]
    aligned = photograph_standard(["photographs, aligned"], regions)
    assert aligned is not None and aligned["oval"] is None and not aligned["rendered"]
    assert photograph_standard(["rendered faces, controlled", "photographs"], regions) is None
