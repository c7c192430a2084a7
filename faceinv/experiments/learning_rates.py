"""Learning rates by architecture and pretraining, chosen by validation and recorded as data.

``faceinv tune`` chooses them (see `faceinv.experiments.invariance.tuning`) and writes `RECORDED`, with the
command and its date beside it; profiles that try no rates of their own take what is recorded.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

RECORDED = Path(__file__).with_name("learning_rates.csv")
"""Candidates: architecture, pretraining, factor (on the rate of the architecture's `Pace`), validation
(accuracy), seeds, chosen."""

TRIED_BEYOND = Path(__file__).with_name("learning_rates_beyond.csv")
"""Factors beyond the candidates, which were tried after the choice to see what it may have missed:
architecture, pretraining, factor, validation (accuracy), seeds, images (on which each was validated)."""


@cache
def recorded_rates() -> pd.DataFrame:
    """All candidates that were tried, and which of them were chosen."""
    return pd.read_csv(RECORDED)


@cache
def rates_beyond() -> pd.DataFrame:
    """Factors that were tried beyond the candidates, see `TRIED_BEYOND`."""
    return pd.read_csv(TRIED_BEYOND)


def rate_factor(architecture: str, pretraining: str) -> float:
    """Factor on the rate of the architecture's pace for networks that begin with a pretraining; else 1.

    A pretraining on a part of a set, such as ``objects-0-16``, has the factor of the set.
    """
    table = recorded_rates()
    which = table["chosen"] & (table["architecture"] == architecture)
    factors = table.loc[which & (table["pretraining"] == pretraining.partition("-")[0]), "factor"]
    return 1.0 if factors.empty else float(factors.iloc[0])
