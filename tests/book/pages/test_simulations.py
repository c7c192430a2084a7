"""The page on statistics shows what was simulated, and names the worst of it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from conftest import REPOSITORY

from faceinv.book.pages.simulations import (
    LEAST_COVERAGE,
    coverage_page,
    coverage_part,
    coverages,
    null_page,
    read_simulated,
)
from faceinv.errors import InputError
from faceinv.experiments.claim_nulls import LIMIT, NULLS
from faceinv.reporting.claims import read_claims


def test_every_design_that_ships_covers_and_no_claim_is_supported_too_often() -> None:
    covered = read_simulated(REPOSITORY, "coverage")
    assert covered.loc[covered["networks"] != "exponential", "covered"].min() >= LEAST_COVERAGE
    assert {2, 3, 5, 10} <= set(covered["seeds"]) and {16, 48, 112} <= set(covered["identities"])
    rates = read_simulated(REPOSITORY, "nulls")
    assert rates[["quick", "full"]].max(axis=None) <= LIMIT
    assert list(rates["claim"]) == list(NULLS)


def test_claims_that_are_simulated_are_claims() -> None:
    assert set(NULLS) <= set(read_claims(REPOSITORY / "book/claims.yml"))


def test_the_worst_is_named() -> None:
    row = {"measure": "mean", "networks": "large", "seeds": 3, "bases": 0, "identities": 16, "undefined": 0}
    table = pd.DataFrame(
        [
            row | {"covered": 0.97, "percentile": 0.8},
            row | {"covered": 0.94, "measure": "area", "percentile": None},
            row | {"covered": 0.9, "networks": "exponential", "percentile": None},
        ]
    )
    page = coverage_page(table)
    assert "nominal 95% is 94.0% (area, 3 seeds, 16 identities)" in page and "it is 90.0%" in page
    shown = coverage_part(table)
    assert "<td>0.970</td><td>0.800</td>" in shown and "share without an interval" in shown
    ours, percentiles = coverages(table).data
    assert list(ours.x) == [0.97, 0.94, 0.9] and list(percentiles.x) == [0.8]
    assert [round(y) for y in ours.y] == [0, 1, 0]
    assert "ratios have no interval" not in page
    ratio = row | {"measure": "ratio", "networks": "moderate", "covered": 0.98, "percentile": None}
    two = [ratio | {"seeds": 2, "undefined": share} for share in (0.4, 0.6)]
    page = coverage_page(pd.DataFrame([*two, ratio | {"undefined": 0.02}]))
    said = "networks differ moderately, 50% of the ratios have no interval with two seeds, and 2% with three"
    assert f"Where {said}. The default" in page
    large = ratio | {"networks": "large", "undefined": 0.39}
    page = coverage_page(pd.DataFrame([*two, ratio | {"undefined": 0.02}, large]))
    assert f"{said}; where they differ much, 39% have none with three. The default" in page
    nulls = pd.DataFrame(
        [("a", "Nothing", 0.02, 0.01, 0.4), ("b", "Zero", 0.0, 0.03, None)],
        columns=["claim", "null", "quick", "full", "full_uncorrected"],
    )
    page = null_page(nulls, ["a", "c"])
    assert "is 3.0% (`b`)" in page and "Not simulated: `c`." in page
    assert "| `a` | Nothing | 2.0% | 1.0% | 40.0% |" in page


def test_a_table_that_was_not_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no table .*coverage.csv; write it with"):
        read_simulated(tmp_path, "coverage")
