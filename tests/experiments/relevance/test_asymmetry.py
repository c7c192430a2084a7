from math import comb

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind
from simulated_tables import simulated_masks

from faceinv.errors import InputError
from faceinv.experiments.relevance.asymmetry import asymmetries, compare_surpluses, net_generalization
from faceinv.experiments.relevance.generalization import pairs


def one_way(maker: str, seed: int, reader: str, reader_seed: int) -> float:
    """Gender's masks serve identity better than the way back; makers and readers differ by seed."""
    return {"gender": 0.9, "identity": 0.6}.get(maker, 0.3) + 0.02 * seed - 0.03 * reader_seed


def test_there_minus_back() -> None:
    found = asymmetries(simulated_masks(one_way), draws=300).iloc[0]
    assert (found["a"], found["b"]) == ("gender", "identity")
    assert found["there"] == pytest.approx(0.9 - 0.01 * 1.5)
    assert found["estimate"] == pytest.approx(0.3)
    assert found["low"] <= found["estimate"] <= found["high"]
    assert found["p"] == pytest.approx(2 / comb(8, 4)) == found["p_least"]
    assert found["q"] == found["p"] and found["networks"] == 8 and found["effect"] > 1


def test_surpluses_add_up_to_the_difference() -> None:
    rng = np.random.default_rng(0)
    table = simulated_masks(lambda *_: float(rng.uniform(0.2, 1)), seeds=3)
    of_pairs = pairs(table)
    a, b = net_generalization(of_pairs, "gender", "identity")
    there = of_pairs.query("maker == 'gender' and reader == 'identity'")["generalization"].mean()
    back = of_pairs.query("maker == 'identity' and reader == 'gender'")["generalization"].mean()
    assert (a.mean() - b.mean()) / 6 == pytest.approx(there - back)
    assert a.sum() + b.sum() == pytest.approx(0)


def test_without_asymmetry_p_values_are_even() -> None:
    p = []
    for trial in range(60):
        rng = np.random.default_rng(trial)
        a, b = rng.normal(size=(2, 5))
        p.append(compare_surpluses(a, b, seed=trial)["p"])
    assert 0.35 < np.mean(p) < 0.65


def test_p_agrees_with_the_t_test_on_normal_samples() -> None:
    a, b = np.random.default_rng(3).normal([[0.0], [1.2]], 1, (2, 10))
    assert compare_surpluses(a, b, permutations=20000)["p"] == pytest.approx(ttest_ind(a, b).pvalue, abs=0.01)


def test_effect_is_hedges_g() -> None:
    a, b = np.array([1.0, 2.0, 3.0]), np.array([3.0, 4.0, 5.0])
    assert compare_surpluses(a, b)["effect"] == pytest.approx(-2 * (1 - 3 / 15))


def test_every_pair_of_conditions_and_wider_intervals_for_all() -> None:
    table = simulated_masks(lambda m, s, r, t: 0.5, conditions=("a", "b", "c"), seeds=3, noise=0.2)
    found = asymmetries(table, draws=400)
    assert found[["a", "b"]].to_numpy().tolist() == [["a", "b"], ["a", "c"], ["b", "c"]]
    assert (found["low_all"] <= found["low"]).all() and (found["high_all"] >= found["high"]).all()
    assert (found["q"] >= found["p"]).all()


def test_readers_that_read_nothing_are_left_out() -> None:
    table = simulated_masks(one_way)
    blind = (table["reader"] == "gender") & (table["reader_seed"] == 0)
    found = asymmetries(table.assign(correct=table["correct"].mask(blind, 0.5)), draws=50)
    assert found["networks"].tolist() == [7]


def test_one_condition_is_refused() -> None:
    with pytest.raises(InputError, match="at least two"):
        asymmetries(simulated_masks(lambda *_: 0.5, conditions=("gender",)))


def test_too_few_networks_have_no_p() -> None:
    assert pd.isna(compare_surpluses(np.array([1.0]), np.array([2.0, 3.0]))["p"])


def with_bases(table: pd.DataFrame, bases: int) -> pd.DataFrame:
    """The table with bases of each condition, shared by every third seed; controls have none."""
    return table.assign(
        **{
            f"{role}_base": [
                f"{name} #{seed % bases}" if seed >= 0 else "none"
                for name, seed in zip(table[role], table[f"{role}_seed"], strict=True)
            ]
            for role in ("maker", "reader")
        }
    )


def test_networks_of_one_base_are_one_case() -> None:
    found = asymmetries(with_bases(simulated_masks(one_way, seeds=6), 3), draws=50).iloc[0]
    assert found["networks"] == 6 and found["p_least"] == pytest.approx(2 / comb(6, 3))
    alone = asymmetries(with_bases(simulated_masks(one_way, seeds=4), 1), draws=50).iloc[0]
    assert alone["networks"] == 8  # one base each: the networks are all that there is


def test_bases_are_averaged() -> None:
    of_pairs = pairs(with_bases(simulated_masks(one_way, seeds=4), 2))
    plain = pairs(simulated_masks(one_way, seeds=4))
    (a, _), (each, _) = (net_generalization(table, "gender", "identity") for table in (of_pairs, plain))
    assert a == pytest.approx([(each[0] + each[2]) / 2, (each[1] + each[3]) / 2])
