import numpy as np
import pandas as pd
import pytest
from scipy.special import logit
from scipy.stats import t as student

from faceinv.errors import InputError
from faceinv.metrics.bootstrap import bootstrap


def observations(
    seeds: int = 4, identities: int = 12, effect: float = 0.3, rng_seed: int = 0
) -> pd.DataFrame:
    """Two conditions with additive effects of seed, identity and image, and a known difference."""
    rng = np.random.default_rng(rng_seed)
    of_seed, of_identity = rng.normal(0, 1, seeds), rng.normal(0, 1, identities)
    rows = [
        (condition, s, i, (condition == "a") * effect + of_seed[s] + of_identity[i] + rng.normal(0, 0.1))
        for condition in "ab"
        for s in range(seeds)
        for i in range(identities)
        for _ in range(3)
    ]
    return pd.DataFrame(rows, columns=["condition", "seed", "identity", "value"])


def test_estimate_is_the_plain_mean() -> None:
    table = observations()
    boot = bootstrap(table, "value", ["condition"])
    expected = table.groupby("condition")["value"].mean()
    assert np.allclose(boot.interval().set_index("condition")["estimate"], expected)


def test_paired_contrast_is_tighter_than_its_parts_and_covers_the_effect() -> None:
    boot = bootstrap(observations(), "value", ["condition"])
    parts = boot.interval()
    contrast = boot.contrast("condition", "a", "b").iloc[0]
    assert contrast["low"] < 0.3 < contrast["high"]
    assert contrast["high"] - contrast["low"] < 0.2 * (parts["high"] - parts["low"]).min()


def known(values: np.ndarray, condition: str = "a") -> pd.DataFrame:
    """A table of values, seeds x identities, of one condition."""
    rows = [(s, i, values[s, i]) for s, i in np.ndindex(values.shape)]
    return pd.DataFrame(rows, columns=["seed", "identity", "value"]).assign(condition=condition)


def test_an_interval_over_seeds_is_that_of_student() -> None:
    level = np.random.default_rng(1).normal(0, 1, 5)
    found = bootstrap(known(np.tile(level[:, None], 4)), "value", ["condition"]).interval().iloc[0]
    error = level.std(ddof=1) / np.sqrt(5)
    assert found["se"] == pytest.approx(error) and found["df"] == pytest.approx(4, rel=1e-3)
    assert found["high"] - level.mean() == pytest.approx(student.ppf(0.975, 4) * error)


def test_variances_of_seeds_and_identities_add_up_each_with_its_t() -> None:
    rng = np.random.default_rng(2)
    values = rng.normal(0, 1, (3, 1)) + rng.normal(0, 1, (1, 16)) + rng.normal(0, 1, (3, 16))
    found = bootstrap(known(values), "value", ["condition"]).interval(0.9).iloc[0]
    of_seeds, of_identities = values.mean(1).var(ddof=1) / 3, values.mean(0).var(ddof=1) / 16
    t = student.ppf(0.95, [2, 15])
    assert found["se"] == pytest.approx(np.sqrt(of_seeds + of_identities))
    width = np.sqrt(t[0] ** 2 * of_seeds + t[1] ** 2 * of_identities)
    assert (found["high"] - found["low"]) / 2 == pytest.approx(width)
    assert 2 < found["df"] < 15


def test_intervals_of_shares_end_where_shares_do() -> None:
    values = np.ones((3, 8), dtype=bool)
    values[0, :4] = False
    table = known(values)
    found = bootstrap(table, "value", ["condition"]).interval().iloc[0]
    assert 0 < found["low"] < found["estimate"] < found["high"] < 1
    # as far on either side in logits, by the derivative of the logit
    middle, ends = logit(found["estimate"]), logit(found[["low", "high"]].to_numpy(float))
    plain = bootstrap(table.astype({"value": float}), "value", ["condition"]).interval().iloc[0]
    wide = (plain["high"] - plain["estimate"]) / (found["estimate"] * (1 - found["estimate"]))
    assert ends - middle == pytest.approx(np.array([-wide, wide]))
    assert plain["high"] > 1


def test_draws_have_the_variance_of_their_intervals() -> None:
    table = observations(seeds=40, identities=40)
    boot = bootstrap(table, "value", ["condition"], draws=20000)
    assert np.allclose(boot.draws.std(), boot.standard_error, rtol=0.05)
    apart = boot.draws["a"].to_numpy() - boot.draws["b"].to_numpy()
    assert apart.std() == pytest.approx(boot.difference("condition", "a", "b").standard_error[0], rel=0.05)


def test_average_over_a_condition() -> None:
    table = pd.concat([observations(rng_seed=k).assign(level=k) for k in range(3)])
    boot = bootstrap(table, "value", ["condition", "level"])
    mean = boot.average("level")
    assert mean.estimate.iloc[0] == pytest.approx(boot.estimate["a"].mean())
    assert mean.draws.shape == (2000, 2) and mean.left_out.shape == (16, 2)
    contrast = boot.average("level").contrast("condition", "a", "b")
    assert len(contrast) == 1


def test_order_of_rows_does_not_matter() -> None:
    table = observations()
    one = bootstrap(table, "value", ["condition"]).interval()
    other = bootstrap(table.sample(frac=1, random_state=3), "value", ["condition"]).interval()
    pd.testing.assert_frame_equal(one, other)


def test_one_seed_is_refused() -> None:
    with pytest.raises(InputError, match="at least two"):
        bootstrap(observations(seeds=1), "value", ["condition"])


def test_reduce_hands_whole_curves_to_the_function() -> None:
    table = pd.concat([observations(rng_seed=k).assign(level=k) for k in (2, 0, 1)])
    boot = bootstrap(table, "value", ["condition", "level"])
    seen = []

    def mean(labels: dict[str, str], at: np.ndarray, values: np.ndarray) -> np.ndarray:
        seen.append((labels["condition"], at.tolist()))
        return values.mean(axis=1)

    mine, other = boot.reduce("level", mean), boot.average("level")
    assert seen == [("a", [0, 1, 2]), ("b", [0, 1, 2])]
    assert np.allclose(mine.estimate, other.estimate) and np.allclose(mine.left_out, other.left_out)
    assert len(mine.contrast("condition", "a", "b")) == 1


def test_weights_weigh_the_mean() -> None:
    table = observations().assign(weight=lambda t: 1.0 + t["identity"])
    found = bootstrap(table, "value", ["condition"], weight="weight").estimate
    for condition, rows in table.groupby("condition"):
        assert found[condition] == pytest.approx(np.average(rows["value"], weights=rows["weight"]))


def test_three_crossed_units_give_the_variance_of_their_sum() -> None:
    rng = np.random.default_rng(2)
    n = (5, 6, 7)
    effects = [rng.normal(0, 1, size) for size in n]
    rows = [("c", i, j, k, effects[0][i] + effects[1][j] + effects[2][k]) for i, j, k in np.ndindex(n)]
    table = pd.DataFrame(rows, columns=["condition", "reader", "maker", "identity", "value"])
    boot = bootstrap(table, "value", ["condition"], units=("reader", "maker", "identity"))
    expected = sum(effect.var(ddof=1) / size for effect, size in zip(effects, n, strict=True))
    assert boot.standard_error[0] ** 2 == pytest.approx(expected)
    assert boot.seeds == 5


def test_one_unit_is_enough() -> None:
    table = pd.DataFrame({"seed": [0, 1, 2], "mask": "a", "value": [1.0, 2.0, 6.0]})
    boot = bootstrap(table, "value", ["mask"], units=("seed",))
    assert boot.estimate.iloc[0] == 3
    assert boot.standard_error[0] == pytest.approx(table["value"].std() / np.sqrt(3))


def test_a_ratio_of_proportional_numbers_is_exact() -> None:
    table = observations().assign(value=lambda t: t["value"] + 9, double=lambda t: 2 * t["value"])
    ratio = bootstrap(table, "double", ["condition"]).ratio(bootstrap(table, "value", ["condition"]))
    assert np.allclose(ratio.interval()[["estimate", "low", "high"]], 2) and np.allclose(ratio.left_out, 2)
    with pytest.raises(InputError, match="same conditions"):
        ratio.ratio(bootstrap(table, "value", ["condition"], units=("seed",)))


def test_a_ratio_has_the_interval_of_fieller() -> None:
    rng = np.random.default_rng(4)
    top, bottom = rng.normal(2, 1, 12), rng.normal(3, 1, 12)
    of = [bootstrap(known(each[:, None]), "value", ["condition"], units=("seed",)) for each in (top, bottom)]
    found = of[0].ratio(of[1]).interval().iloc[0]
    t = student.ppf(0.975, 11)
    for limit in found[["low", "high"]]:  # by definition: a ratio that a t test just does not reject
        apart = top - limit * bottom
        assert abs(apart.mean()) / (apart.std(ddof=1) / np.sqrt(12)) == pytest.approx(t)
    assert found["high"] - found["estimate"] > found["estimate"] - found["low"]


def test_a_ratio_whose_denominator_may_be_zero_is_none_and_says_so() -> None:
    near = known(np.array([[0.3], [-0.1], [0.1]]))
    far = known(np.array([[3.0], [2.9], [3.1]]), condition="b")
    table = pd.concat([near, far])
    top = table.assign(value=1.0 + table["seed"])
    units = ("seed",)
    ratio = bootstrap(top, "value", ["condition"], units=units).ratio(
        bootstrap(table, "value", ["condition"], units=units)
    )
    found = ratio.interval().set_index("condition")
    assert found.loc["a", ["estimate", "low", "high", "se"]].isna().all()
    assert found["note"].tolist() == ["denominator may be zero", ""]
    assert found.loc["b", "low"] < 2 / 3 < found.loc["b", "high"]
    apart = ratio.contrast("condition", "a", "b")
    assert apart["note"][0] == "denominator may be zero" and np.isnan(apart["estimate"][0])


def test_what_is_undefined_without_a_unit_has_no_interval_and_says_so() -> None:
    table = known(np.arange(6.0).reshape(3, 2)).assign(value=lambda t: t["value"].where(t["seed"] == 0))
    found = bootstrap(table, "value", ["condition"]).interval().iloc[0]
    assert found["estimate"] == 0.5 and np.isnan([found["low"], found["high"]]).all()
    assert found["note"] == "undefined without 1 of 5 units"


def test_what_was_not_observed_does_not_count() -> None:
    table = observations()
    holed = table.assign(value=table["value"].where(table.index % 3 > 0))
    boot = bootstrap(holed, "value", ["condition"])
    assert np.allclose(boot.estimate, holed.groupby("condition")["value"].mean())
    without = bootstrap(holed.dropna(), "value", ["condition"])
    assert np.allclose(boot.left_out, without.left_out)


def test_one_number_from_all_conditions() -> None:
    boot = bootstrap(observations(), "value", ["condition"])
    one = boot.combine(lambda rows: rows[("a",)] - rows[("b",)])
    pd.testing.assert_frame_equal(
        one.interval()[["estimate", "low", "high", "se"]],
        boot.contrast("condition", "a", "b")[["estimate", "low", "high", "se"]],
    )
    back = boot.differences([(("b",), ("a",))], pd.MultiIndex.from_tuples([("x",)], names=["pair"]))
    assert back.estimate.iloc[0] == -one.estimate.iloc[0]
    turned = boot.take([1, 0])
    assert turned.estimate.index.tolist() == [("b",), ("a",)]
    assert boot.map(np.square).estimate["a"] == boot.estimate["a"] ** 2
