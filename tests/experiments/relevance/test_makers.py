"""Makers: which masks serve others best, on simulated readings."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from simulated_tables import simulated_masks

from faceinv.experiments.relevance.generalization import among
from faceinv.experiments.relevance.makers import makers_compared

GOOD = {"faces, identity": 0.9, "faces, gender": 0.8, "objects, identity": 0.7, "objects, gender": 0.6}


def simulated(good: dict[str, float], noise: float = 0.01, seeds: int = 3) -> pd.DataFrame:
    table = simulated_masks(
        lambda maker, *_: good.get(maker, 0.3), tuple(good), seeds, identities=2, noise=noise
    )
    for role in ("maker", "reader"):
        known = table[role].isin(list(good))
        parts = table[role].where(known, ", ").str.split(", ", expand=True)
        table = table.assign(**{f"{role}_pretraining": parts[0], f"{role}_task": parts[1]})
    return table


def test_the_best_maker_is_named_with_its_lead() -> None:
    found = makers_compared(simulated(GOOD), draws=300)
    assert "**faces, identity** serve others best" in found.sentence
    assert "**objects, gender** least" in found.sentence
    rows = found.table.set_index(["of", "a", "b"])
    lead = rows.loc[("maker", "faces, identity", "objects, gender")]
    assert lead["estimate"] == pytest.approx(0.3, abs=0.03) and lead["low"] > 0.2
    assert rows.loc[("pretraining", "faces", "objects"), "estimate"] == pytest.approx(0.2, abs=0.03)
    assert rows.loc[("task", "identity", "gender"), "estimate"] == pytest.approx(0.1, abs=0.03)
    assert (found.table["of"] == "maker").sum() == 4 + 6


def test_a_lead_by_chance_has_an_interval_around_zero() -> None:
    rng = np.random.default_rng(2)
    leads = 0
    table = simulated(dict.fromkeys(GOOD, 0.6), noise=0.0, seeds=10)
    for _ in range(4):
        good = {(maker, s): rng.normal(0, 0.05) for maker in GOOD for s in range(10)}
        shift = [good.get(key, 0) for key in zip(table["maker"], table["maker_seed"], strict=True)]
        rows = makers_compared(table.assign(correct=table["correct"] + shift), draws=800).table
        leads += (rows[(rows["of"] == "maker") & (rows["b"] != "")]["low"] > 0).any()
    assert leads <= 1


def test_networks_of_some_pretrainings_are_compared() -> None:
    table = simulated({**GOOD, "none, gender": 0.5})
    part = among(table, ["faces", "objects"])
    assert set(part["reader_pretraining"]) == {"faces", "objects"}
    assert set(part["maker_pretraining"]) == {"faces", "objects", ""}
    assert "local contrast" in set(part["maker"])
    one = makers_compared(among(table, ["none"]), draws=50)
    assert one.sentence.startswith("There are no two kinds")
