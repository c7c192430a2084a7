import numpy as np
import pandas as pd
import pytest
from simulated_tables import simulated_masks

from faceinv.experiments.relevance.consensus import (
    BEST,
    CANDIDATES,
    best_single,
    meets_threshold,
    share_served,
)

LEVELS = {"consensus": 0.95, "untrained": 0.5, "consensus, untrained": 0.6, "local contrast": 0.7}


def share(maker: str, seed: int, reader: str, reader_seed: int) -> float:
    """Seed 2 of gender makes the best masks of all, but none that serves identity's seed 0."""
    if (maker, seed) == ("gender", 2):
        return 0.1 if (reader, reader_seed) == ("identity", 0) else 0.92
    return LEVELS.get(maker, 0.4)


def test_which_readers_are_served() -> None:
    found = meets_threshold(simulated_masks(share))
    assert set(found["mask"]) == set(CANDIDATES)
    assert found.groupby("mask").size().eq(8).all()
    rates = found.groupby("mask")["served"].mean()
    assert rates["consensus"] == 1 and rates["local contrast"] == 0 and rates["untrained"] == 0
    found = meets_threshold(simulated_masks(share), level=0.7)
    assert found.groupby("mask")["served"].mean()["local contrast"] == 1


def test_the_best_single_maker_is_chosen_without_the_reader() -> None:
    best = meets_threshold(simulated_masks(share)).query("mask == @BEST").set_index(["reader", "reader_seed"])
    chosen = best.loc[("identity", 0)]
    assert (chosen["maker"], chosen["maker_seed"], chosen["served"]) == ("gender", 2, 0)
    others = meets_threshold(simulated_masks(share)).query("mask != @BEST")
    assert others["maker_seed"].isna().all() and others["maker"].isna().all()
    assert chosen["generalization"] == pytest.approx(0.1)
    assert best.loc[("gender", 2), "maker_seed"] != 2 or best.loc[("gender", 2), "maker"] != "gender"
    assert best["served"].sum() == 6  # all but identity's seed 0 and the maker itself


def test_share_has_an_interval_over_seeds() -> None:
    found = share_served(meets_threshold(simulated_masks(share)), draws=200).interval().set_index("mask")
    assert found.loc["consensus", ["estimate", "low", "high"]].tolist() == [1, 1, 1]
    assert found.loc[BEST, "estimate"] == pytest.approx(6 / 8)
    assert 0 <= found.loc[BEST, "low"] < 6 / 8 < found.loc[BEST, "high"] <= 1
    assert (found["seeds"] == 4).all()


def test_readers_at_chance_are_neither_served_nor_not() -> None:
    table = simulated_masks(share)
    blind = (table["reader"] == "identity") & (table["reader_seed"] == 0)
    table.loc[blind, "correct"] = 0.5
    found = meets_threshold(table)
    gone = found[(found["reader"] == "identity") & (found["reader_seed"] == 0)]
    assert len(gone) == len(CANDIDATES) and gone["served"].isna().all()
    assert share_served(found, draws=200).estimate["consensus",] == 1
    table.loc[table["reader_seed"] > 0, "correct"] = 0.5  # one reader is left
    assert share_served(meets_threshold(table), draws=200).interval()["low"].isna().all()


def test_the_best_maker_is_not_the_one_that_is_hardest_to_serve() -> None:
    """Reader 5 is hard for all; as a maker it is a little worse than the others, but never reads itself."""
    pairs = [(maker, reader) for maker in range(6) for reader in range(6) if maker != reader]
    table = pd.DataFrame(pairs, columns=["maker_seed", "reader_seed"]).assign(maker="a", reader="a")
    table["generalization"] = np.where(table["reader_seed"] == 5, 0.2, 0.9) - 0.05 * (
        table["maker_seed"] == 5
    )
    assert (best_single(table)["maker_seed"] != 5).all()


def test_readers_of_one_base_are_one_case() -> None:
    bases = {0: 0.0, 1: 1.0, 2: 1.0}
    table = pd.DataFrame(
        {"mask": "m", "reader_seed": range(9), "reader_base": [f"set #{seed % 3}" for seed in range(9)]}
    )
    found = share_served(table.assign(served=table["reader_seed"].mod(3).map(bases))).interval().iloc[0]
    assert found["bases"] == 3 and found["se"] == pytest.approx(np.std([0, 1, 1], ddof=1) / np.sqrt(3))


def test_the_bases_of_readers_are_kept() -> None:
    table = simulated_masks(share)
    table = table.assign(reader_base="set #" + table["reader_seed"].mod(2).astype(str), maker_base="none")
    found = meets_threshold(table)
    assert found["reader_base"].tolist() == ("set #" + found["reader_seed"].mod(2).astype(str)).tolist()
