"""Maps of two faces: which faces are compared, and what their intervals rest on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from faceinv.experiments.relevance.map_agreement import PAIRED_UNITS
from faceinv.experiments.relevance.other_faces import FURTHER, other_faces
from faceinv.metrics.bootstrap import bootstrap
from faceinv.metrics.prediction import prediction_intervals

TRIALS, SEEDS, PEOPLE = 300, 4, 10


def test_faces_are_compared_with_those_of_the_next_people() -> None:
    """Anna has two images, Bert three and Carla one."""
    people = np.array(["bert", "anna", "carla", "bert", "anna", "bert"])
    next_of, second_of = other_faces(people)
    assert next_of.tolist() == [2, 0, 1, 2, 3, 2]
    assert second_of.tolist() == [1, 2, 0, 4, 2, 1]


@pytest.mark.parametrize(("people", "compared"), [(1, 0), (2, 1), (4, 3), (5, 4), (100, FURTHER)])
def test_no_person_is_compared_twice_or_with_itself(people: int, compared: int) -> None:
    identities = np.repeat(np.arange(people), 3)
    found = other_faces(identities)
    assert len(found) == compared
    for image, own in enumerate(identities):
        assert len({int(own), *(int(identities[faces[image]]) for faces in found)}) == 1 + compared


def two_faces(rng: np.random.Generator, compared: list[np.ndarray]) -> pd.DataFrame:
    """Studies in which maps of two faces agree by an effect of each face and little noise; the mean is 0."""
    effects = rng.normal(size=(TRIALS, PEOPLE))
    trial, seed, other, person = np.indices((TRIALS, SEEDS, SEEDS, PEOPLE))
    parts = []
    for faces in compared:
        values = effects[trial, person] + effects[trial, faces[person]] + 0.1 * rng.normal(size=trial.shape)
        columns = {"trial": trial, "seed": seed, "other_seed": other, "identity": person}
        columns |= {"other_identity": faces[person], "value": values}
        parts.append(pd.DataFrame({name: each[seed != other] for name, each in columns.items()}))
    return pd.concat(parts, ignore_index=True)


def covered(table: pd.DataFrame) -> float:
    found = bootstrap(table, "value", ["trial"], draws=10, units=PAIRED_UNITS).interval()
    return float(((found["low"] <= 0) & (found["high"] >= 0)).mean())


def test_intervals_of_maps_of_two_faces_cover_their_mean() -> None:
    rng = np.random.default_rng(0)
    assert 0.93 <= covered(two_faces(rng, other_faces(np.arange(PEOPLE)))) <= 0.99
    # half the set further on, and a person left out as the first alone: so that this test can fail
    half = two_faces(rng, [np.roll(np.arange(PEOPLE), PEOPLE // 2)])
    assert covered(half.drop(columns="other_identity")) < 0.9


def test_standard_errors_are_those_that_studies_have() -> None:
    table = two_faces(np.random.default_rng(1), other_faces(np.arange(PEOPLE)))
    found = bootstrap(table, "value", ["trial"], draws=10, units=PAIRED_UNITS).interval()
    true = 2 / np.sqrt(PEOPLE)  # of twice the mean of the effects
    assert found["estimate"].std() == pytest.approx(true, rel=0.1)
    assert true <= np.sqrt((found["se_faces"] ** 2).mean()) <= 1.15 * true


def test_a_new_study_lies_in_the_prediction_interval() -> None:
    rng = np.random.default_rng(2)
    evidence, run = (
        bootstrap(
            two_faces(rng, other_faces(np.arange(PEOPLE))), "value", ["trial"], draws=10, units=PAIRED_UNITS
        ).interval()
        for _ in range(2)
    )
    assert (evidence["identities"] == PEOPLE).all()
    assert prediction_intervals(evidence, run)["inside"].mean() >= 0.93
