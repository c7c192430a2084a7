"""What training adds to a region: one interval for each region, and one that holds for all of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from faceinv.experiments.relevance.facial_regions import share_gained
from faceinv.metrics.bootstrap import bootstrap
from faceinv.metrics.prediction import prediction_intervals

REGIONS, GAINS = ("brow", "eye", "nose", "mouth"), np.array([0.0, 0.1, 0.5])


def gained() -> pd.DataFrame:
    """Three networks, in which each region gains as much by training."""
    rows = [
        (maps, region, seed, 0.2 + (gain if maps == "trained" else 0.0))
        for maps in ("trained", "untrained")
        for region in REGIONS
        for seed, gain in enumerate(GAINS)
    ]
    table = pd.DataFrame(rows, columns=["maps", "region", "seed", "value"])
    return share_gained(bootstrap(table, "value", ["maps", "region"], draws=10, units=("seed",)))


def test_both_intervals_are_those_of_student() -> None:
    found, error = gained(), GAINS.std(ddof=1) / np.sqrt(3)
    assert set(found["region"]) == set(REGIONS) and found["estimate"].to_numpy() == pytest.approx(0.2)
    for name, level in (("", 0.95), ("_all", 1 - 0.05 / 4)):
        half = student.ppf((1 + level) / 2, 2) * error
        assert found[f"low{name}"].to_numpy() == pytest.approx(0.2 - half)
        assert found[f"high{name}"].to_numpy() == pytest.approx(0.2 + half)


def test_prediction_intervals_are_those_of_the_single_regions() -> None:
    """By hand: of as many networks again, the variance is twice that of the mean."""
    found = gained()
    predicted = prediction_intervals(found, found)
    half = np.sqrt(2) * student.ppf(0.975, 2) * GAINS.std(ddof=1) / np.sqrt(3)
    assert (predicted["predicted_high"] - 0.2).to_numpy() == pytest.approx(half, rel=1e-3)
