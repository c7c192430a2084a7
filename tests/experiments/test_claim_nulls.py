"""Nulls of the claims: a subset of them, with few trials."""

import numpy as np
import pytest
from conftest import REPOSITORY

from faceinv.experiments import claim_nulls
from faceinv.experiments.claim_nulls import NULLS, describe_null
from faceinv.experiments.coverage import Design
from faceinv.reporting.claims import read_claims


@pytest.mark.parametrize(
    "simulation",
    [
        claim_nulls.simulate_difference,
        claim_nulls.simulate_pairs,
        claim_nulls.simulate_mean,
        claim_nulls.simulate_controls,
        claim_nulls.simulate_roc,
        claim_nulls.simulate_margin,
    ],
)
def test_what_is_just_not_true_is_rarely_supported(simulation: claim_nulls.Simulation) -> None:
    # 5 % of 100, and two standard errors
    assert simulation(Design(3, 8), 100, np.random.default_rng(0)).rate <= 0.1


def test_extremes_are_supported_by_noise_unless_they_are_corrected() -> None:
    """The smaller of two maxima, as the claim about VGG and ResNet had it first."""
    found = claim_nulls.simulate_both_lead(Design(5, 8), 40, np.random.default_rng(0))
    assert found.rate <= 0.05 and found.uncorrected > 0.1


def test_networks_that_see_the_same_images_are_no_independent_cases() -> None:
    found = claim_nulls.simulate_survival(Design(10, 8), 40, np.random.default_rng(0))
    assert found.rate <= 0.05 and found.uncorrected > 0.1


def test_every_claim_that_is_judged_has_a_null() -> None:
    claims = read_claims(REPOSITORY / "book" / "claims.yml")
    judged = [name for name, claim in claims.items() if claim.terms.test != "report"]
    assert [name for name in judged if name not in NULLS] == []


def test_every_simulation_says_what_is_true_in_it() -> None:
    for simulation in set(NULLS.values()):
        assert len(describe_null(simulation)) > 20 and not describe_null(simulation).endswith(".")


def test_generalization_over_two_pretrainings_is_rarely_supported_by_chance() -> None:
    rate = claim_nulls.simulate_generalization(Design(10, 16, bases=3), 100, np.random.default_rng(0)).rate
    assert rate <= 0.07
