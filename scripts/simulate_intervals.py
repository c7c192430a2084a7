"""Simulate the coverage of the book's intervals and the nulls of its claims, and write both tables.

Run ``python scripts/simulate_intervals.py`` after a change of `faceinv.metrics.bootstrap` or of what a
claim's statistic is. It takes a few minutes on one core; the tables are shown on the page *Statistics*.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from faceinv.experiments.claim_nulls import NULLS, OVER_PRETRAININGS, describe_null
from faceinv.experiments.coverage import MEASURES, OF_NETWORK, Design, coverage

FOLDER = Path(__file__).parents[1] / "book" / "results" / "statistics"
MUCH = 3 * OF_NETWORK
"""Standard deviation of networks that differ more than identities do."""

DESIGNS = [
    *(Design(seeds, identities) for seeds in (2, 3, 5, 10) for identities in (16, 48, 112)),
    Design(10, 48, bases=3),
    Design(3, 48, networks=MUCH),
    Design(10, 48, networks=MUCH),
]
PROFILES = {"quick": Design(3, 16), "full": Design(10, 16)}
"""Networks and identities of the profiles, for the nulls."""
BASES = 3
"""Bases of each pretraining, for nulls over networks of several pretrainings."""


def coverage_table(trials: int) -> pd.DataFrame:
    """Coverage of each measure with each design, and of means where effects of networks are exponential."""
    rows = []
    for name in MEASURES:
        for design in DESIGNS:
            rows.append(_row(name, design, trials, skewed=False))
    rows += [_row("mean", design, trials, skewed=True) for design in DESIGNS[-2:]]
    return pd.DataFrame(rows)


def _row(name: str, design: Design, trials: int, skewed: bool) -> dict[str, object]:
    count = trials // 4 if name == "largest difference" else trials
    spread = "exponential" if skewed else "large" if design.networks == MUCH else "moderate"
    known = {"measure": name, "seeds": design.seeds, "bases": design.bases, "identities": design.identities}
    return known | {"networks": spread, "trials": count} | coverage(name, design, count, skewed=skewed)


def null_table(trials: int) -> pd.DataFrame:
    """False-support rate of each claim with the networks and identities of each profile."""
    rates = {
        (simulation, profile): simulation(
            replace(design, bases=BASES) if simulation in OVER_PRETRAININGS else design,
            trials,
            np.random.default_rng(1),
        )
        for simulation in dict.fromkeys(NULLS.values())
        for profile, design in PROFILES.items()
    }
    rows = []
    for claim, simulation in NULLS.items():
        own = {profile: rates[simulation, profile] for profile in PROFILES}
        row: dict[str, object] = {"claim": claim, "null": describe_null(simulation), "trials": trials}
        row |= {profile: rate.rate for profile, rate in own.items()}
        rows.append(row | {"full_uncorrected": own["full"].uncorrected})
    return pd.DataFrame(rows)


def main() -> None:
    """Write both tables."""
    parser = argparse.ArgumentParser(description="Simulate coverage and nulls.")
    parser.add_argument("--trials", type=int, default=1000, help="simulated studies a design (1000)")
    parser.add_argument("--nulls", type=int, default=400, help="simulated studies a null (400)")
    parser.add_argument("--only", choices=("coverage", "nulls"), help="one of the tables")
    options = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    if options.only != "nulls":
        coverage_table(options.trials).round(4).to_csv(FOLDER / "coverage.csv", index=False)
    if options.only != "coverage":
        null_table(options.nulls).round(4).to_csv(FOLDER / "nulls.csv", index=False)


if __name__ == "__main__":
    main()
