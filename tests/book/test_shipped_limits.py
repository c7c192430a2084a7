"""Intervals of the evidence end where values of their statistic do."""

from __future__ import annotations

import pandas as pd
import pytest
from conftest import REPOSITORY

from faceinv.experiments.benchmark.criteria import CRITERIA
from faceinv.reporting.claims import read_claims, read_judgements, rejudge
from faceinv.reporting.evidence import SHIPPED, parse_table

FULL = REPOSITORY / SHIPPED


@pytest.mark.parametrize(
    ("table", "rows", "least"),
    [
        ("02_networks/accuracy", "", 0),
        ("04_masking/choices", "", -1),
        ("04_masking/differences", "", -1),
        ("04_masking/fill_effects", "measure != 'edges'", 0),
        ("04_masking/fills", "", -1),
        ("04_masking/methods", "", -1),
        ("12_causes/agreement", "", -1),
        ("12_causes/lost", "", -1),
        ("13_planted_cues/detection", "", 0),
        ("13_planted_cues/reliance", "", -1),
        ("13_planted_cues/scores", "measure != 'mass'", 0),
        ("14_leaderboard/randomised", "", -1),
        ("14_leaderboard/relabelled", "", -1),
        *(
            (("14_leaderboard/leaderboard"), f"criterion == '{name}'", each.least)
            for name, each in CRITERIA.items()
        ),
    ],
)
def test_no_limit_lies_beyond_what_is_possible(table: str, rows: str, least: float) -> None:
    found = parse_table((FULL / f"{table}.csv").read_bytes())
    found = found.query(rows) if rows else found
    known = found[["low", "high"]].dropna().to_numpy()
    assert len(known) and known.min() >= least - 1e-12 and known.max() <= 1 + 1e-12


def test_no_judgement_lies_beyond_what_its_claim_says_is_possible() -> None:
    judged = read_judgements(FULL)
    bounded = 0
    for name, claim in read_claims(REPOSITORY / "book/claims.yml").items():
        now = rejudge(claim, judged[name]) if name in judged else None
        for low, high in [row[1:3] for row in now.margins.values()] or [(now.low, now.high)] if now else []:
            assert claim.least is None or pd.isna(low) or low >= claim.least, name
            assert claim.largest is None or pd.isna(high) or high <= claim.largest, name
            bounded += claim.largest is not None
    assert bounded
