"""Simulated studies: their truth, and that intervals hold it as often as they say."""

import numpy as np
import pytest

from faceinv.errors import InputError
from faceinv.experiments.coverage import (
    MEASURES,
    Design,
    coverage,
    simulate_answers,
    true_accuracy,
)

FEW = Design(3, 16, networks=2.0)


@pytest.mark.parametrize("skewed", [False, True])
@pytest.mark.parametrize("bases", [0, 3])
def test_the_truth_is_the_mean_of_many_networks(bases: int, skewed: bool) -> None:
    design = Design(30, 40, bases and 30, networks=1.0)
    answers = simulate_answers(design, np.array([0.8]), 60, np.random.default_rng(0), skewed)
    assert answers.mean() == pytest.approx(true_accuracy(design, 0.8, skewed), abs=0.01)


def test_intervals_over_three_seeds_cover_where_percentiles_do_not() -> None:
    found = coverage("mean", FEW, trials=400)
    assert found["covered"] > 0.92 and found["percentile"] < 0.9
    assert found["covered"] + found["above"] + found["below"] == pytest.approx(1)


@pytest.mark.parametrize("measure", [name for name in MEASURES if name != "largest difference"])
def test_every_measure_is_covered(measure: str) -> None:
    assert coverage(measure, Design(5, 16), trials=150)["covered"] > 0.92


def test_bases_are_covered_only_if_they_are_known() -> None:
    design = Design(9, 16, bases=3)
    assert coverage("mean", design, trials=200)["covered"] > 0.92


def test_the_largest_difference_is_covered() -> None:
    assert coverage("largest difference", Design(3, 16), trials=25)["covered"] > 0.9


def test_an_unknown_measure_is_named() -> None:
    with pytest.raises(InputError, match="measure is 'median'; expected one of mean, difference"):
        coverage("median", FEW)
