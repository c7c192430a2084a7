"""What the findings say of numbers that are the same."""

from pathlib import Path

import pandas as pd
import pytest

from faceinv.reporting.findings import methods_and_motion
from faceinv.reporting.findings.sources import FoundTables
from faceinv.reporting.findings.wording import extremes, numbers


def test_what_is_equal_but_for_rounding_is_not_ranked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Baselines that do not depend on weights: their sanity is zero, and 3e-17 in the table."""
    values = {"random": 0.0, "centre": 3e-17, "even": -5e-18}
    table = pd.DataFrame({"method": list(values), "estimate": list(values.values())})
    table = table.assign(low=table["estimate"], high=table["estimate"], family="baseline", criterion="sanity")
    some = table.assign(criterion="cause", estimate=[1.0, 1.0 - 1e-16, 0.5])
    found = pd.concat([table, some])
    monkeypatch.setattr(FoundTables, "__call__", lambda self, name: found)
    said = methods_and_motion.best_baselines(FoundTables("14_leaderboard", Path()))
    assert "*sanity*, none, as all are alike (0.00 [0.00, 0.00])" in said
    assert "*cause*, random and centre (1.00" in said
    said = extremes("It", numbers(some, "method"))
    assert "highest for random and centre, at 1.00" in said and "lowest for even, at 0.50" in said
    assert extremes("It", numbers(table, "method")) == "It is 0.00 [0.00, 0.00] for all 3."
