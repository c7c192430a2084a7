from dataclasses import replace

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
    at_eighty = bootstrap(known(np.tile(level[:, None], 4)), "value", ["condition"]).interval(0.8).iloc[0]
    assert at_eighty["df"] == pytest.approx(4, rel=1e-3) and at_eighty["se"] == pytest.approx(error)
    assert at_eighty["high"] - level.mean() == pytest.approx(student.ppf(0.9, 4) * error)


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
    with pytest.raises(InputError, match=r"^a ratio needs two bootstraps of the same conditions and units$"):
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
    at_eighty = of[0].ratio(of[1]).interval(0.8).iloc[0]
    t = student.ppf(0.9, 11)
    for limit in at_eighty[["low", "high"]]:
        apart = top - limit * bottom
        assert abs(apart.mean()) / (apart.std(ddof=1) / np.sqrt(12)) == pytest.approx(t)


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
    assert found["note"] == "undefined without 1 of 5 units" and np.isnan(found["se"])


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
    assert back.estimate.index.tolist() == [("x",)] and back.estimate.name == "estimate"
    named = boot.take([1], pd.MultiIndex.from_tuples([("y",)], names=["condition"]))
    assert named.estimate.index.tolist() == [("y",)] and named.estimate.iloc[0] == boot.estimate["b"]
    assert boot.map(np.square).estimate["a"] == boot.estimate["a"] ** 2


def test_a_contrast_is_made_at_each_level_of_the_other_conditions() -> None:
    table = pd.concat([observations(rng_seed=k).assign(level=k) for k in range(3)])
    boot = bootstrap(table, "value", ["condition", "level"])
    found = boot.contrast("condition", "a", "b")
    assert found["level"].tolist() == [0, 1, 2] and set(found["contrast"]) == {"a − b"}
    assert found["estimate"].tolist() == pytest.approx((boot.estimate["a"] - boot.estimate["b"]).tolist())
    assert "statistic" not in boot.average("level").contrast("condition", "a", "b")
    with pytest.raises(InputError, match=r"^condition is never 'c'; it is one of \['a', 'b'\]$"):
        boot.difference("condition", "a", "c")
    uneven = bootstrap(
        table[(table["condition"] == "a") | (table["level"] > 0)], "value", ["condition", "level"]
    )
    with pytest.raises(InputError, match=r"^condition 'a' and 'b' were not measured at the same levels"):
        uneven.difference("condition", "a", "b")
    shifted = table.assign(level=table["level"] + (table["condition"] == "b"))
    with pytest.raises(InputError, match="not measured at the same levels"):
        bootstrap(shifted, "value", ["condition", "level"]).difference("condition", "a", "b")


def test_intervals_end_where_the_possible_values_do() -> None:
    rows = [(c, s, i, c == "a" and s > 0) for c in "ab" for s in range(3) for i in range(4)]
    table = pd.DataFrame(rows, columns=["condition", "seed", "identity", "value"])
    boot = bootstrap(table, "value", ["condition"])
    mean = bootstrap(table.assign(level=1), "value", ["condition", "level"]).average("level")
    assert boot.bounds == mean.bounds == boot.take([1]).bounds == (0, 1)
    apart = boot.difference("condition", "a", "b")
    found = apart.interval().iloc[0]
    assert apart.bounds == (-1, 1) and found["estimate"] == pytest.approx(2 / 3)
    free = replace(apart, bounds=None).interval().iloc[0]
    assert free["low"] > -1 and free["high"] > 1
    assert (found["low"], found["high"]) == (free["low"], 1)
    turned = boot.difference("condition", "b", "a").interval().iloc[0]
    assert (turned["low"], turned["high"]) == (-1, -free["low"])
    assert replace(boot, bounds=(-2.0, 5.0)).difference("condition", "a", "b").bounds == (-7, 7)
    assert boot.combine(lambda rows: rows.mean(axis=1)).bounds is None


def test_an_average_keeps_the_names_of_its_conditions() -> None:
    table = pd.concat([observations(rng_seed=k).assign(level=k, kind="x") for k in range(3)])
    boot = bootstrap(table, "value", ["condition", "level", "kind"])
    assert boot.average("level").estimate.index.names == ["condition", "kind"]
    once = boot.average("level").average("kind").estimate
    assert isinstance(once.index, pd.MultiIndex) and once.index.names == ["condition"]
    assert once.name == "estimate"


def test_notes_are_kept_and_joined() -> None:
    table = pd.concat(known(np.arange(4.0)[:, None], condition=c) for c in "abc")
    boot = bootstrap(table, "value", ["condition"], units=("seed",))
    assert "note" not in boot.interval()
    first = boot.where(np.array([False, True, True]), "near chance")
    both = first.where(np.array([False, False, True]), "no images")
    assert both.notes is not None and both.notes.tolist() == ["near chance", "no images", ""]
    assert both.notes.index.equals(both.estimate.index) and both.left_out.isna().all().tolist() == [
        True,
        True,
        False,
    ]
    apart = both.difference("condition", "a", "b")
    assert apart.interval()["note"].tolist() == ["near chance and no images"]
    assert apart.notes is not None and apart.notes.index.equals(apart.estimate.index)
    assert both.interval()["se"].isna().tolist() == [True, True, False]


def test_the_fewest_bases_are_reported_and_a_single_one_is_a_note() -> None:
    rows = [
        (name, seed, f"set-{name} #{seed % bases}" if bases else "none", float(seed))
        for name, bases in (("a", 3), ("b", 1), ("c", 0), ("d", 0))
        for seed in range(6)
    ]
    table = pd.DataFrame(rows, columns=["condition", "seed", "base", "value"])
    boot = bootstrap(table, "value", ["condition"], units=("seed",))
    assert boot.interval()["note"].tolist() == ["", "one base", "", ""]
    assert boot.interval()["bases"].tolist() == [3, 1, 0, 0]
    for a, b, fewest in (("a", "b", 1), ("a", "c", 3), ("c", "d", 0)):
        apart = boot.difference("condition", a, b)
        assert apart.bases is not None and apart.bases.tolist() == [fewest]
        assert apart.bases.index.equals(apart.estimate.index)
    unknown = boot.where(np.array([True, False, True, True]), "near chance").interval()
    assert unknown["note"].tolist() == ["", "near chance", "", ""]


def test_degrees_of_freedom_of_two_groups_of_bases_are_those_of_satterthwaite() -> None:
    effects = np.array([1.0, 2.0, 6.0])
    rows = [
        (seed, f"set-{kind} #{seed}", factor * effects[seed])
        for kind, factor in (("x", 1), ("y", 3))
        for seed in range(3)
    ]
    table = pd.DataFrame(rows, columns=["seed", "base", "value"]).assign(all="all")
    found = bootstrap(table, "value", ["all"], units=("seed",)).interval().iloc[0]
    assert found["df"] == pytest.approx((1 + 9) ** 2 / (1 / 2 + 81 / 2), rel=1e-3)


def test_a_unit_of_either_part_of_a_ratio_is_a_unit_of_the_ratio() -> None:
    values = np.array([[3.0], [4.0], [5.0]])
    top, bottom = known(values), known(values / 10)
    bottom.loc[2, "value"] = np.nan
    units = ("seed",)
    of = [bootstrap(each, "value", ["condition"], units=units) for each in (top, bottom)]
    ratio = of[0].ratio(of[1])
    assert of[1].involved["a"].iloc[:, 0].tolist() == [True, True, False]
    assert ratio.involved["a"].iloc[:, 0].tolist() == [True, True, True]
    small = known(np.array([[0.5], [0.49], [0.51]]))  # a denominator below one, and safely above zero
    safe = of[0].ratio(bootstrap(small, "value", ["condition"], units=units)).interval()
    assert safe["estimate"].item() == pytest.approx(8) and "note" not in safe


def test_draws_are_the_same_each_time_and_others_with_another_seed() -> None:
    table = observations()
    one, same, other = (bootstrap(table, "value", ["condition"], 20, seed).draws for seed in (3, 3, 4))
    assert one.equals(same) and not one.equals(other) and len(one) == 20


def two_sets(rng: np.random.Generator, top: tuple[float, float], bottom: tuple[float, float]) -> list:
    """Numerator and denominator of networks of three bases in each of two sets, with spreads by set.

    Both are large in the same networks, as accuracies with two masks are.
    """
    names = [f"{kind} #{number}" for kind in "ab" for number in range(3)]
    shared, tables = rng.normal(size=6), []
    for mean, spreads in ((2.0, top), (2.5, bottom)):
        values = mean * (1 + np.repeat(spreads, 3) * shared) + 0.02 * rng.normal(size=6)
        tables.append(pd.DataFrame({"seed": range(6), "base": names, "value": values, "all": "all"}))
    return [bootstrap(table, "value", ["all"], units=("seed",)) for table in tables]


def test_the_ratio_of_pooled_sets_has_one_quantile_of_student() -> None:
    of = two_sets(np.random.default_rng(0), (0.2, 0.02), (0.1, 0.1))
    ratio = of[0].ratio(of[1])
    (spread, freedom), (_, of_top) = ratio.covariance(ratio)[0], of[0].covariance(of[0])[0]
    assert freedom[0] != pytest.approx(of_top[0], rel=0.05)  # sets differ in how much each adds
    top, bottom, both = (a.covariance(b)[0][0][0] for a, b in ((of[0],) * 2, (of[1],) * 2, of))
    found, t = ratio.interval().iloc[0], student.ppf(0.975, freedom[0])
    for limit in found[["low", "high"]]:
        apart = of[0].estimate.iloc[0] - limit * of[1].estimate.iloc[0]
        assert abs(apart) == pytest.approx(t * np.sqrt(top - 2 * limit * both + limit**2 * bottom))
    assert spread[0] > 0 and found["low"] < found["estimate"] < found["high"]


def test_the_ratio_of_pooled_sets_lies_inside_its_interval() -> None:
    """Numerator and denominator go together, and the sets differ in which of the two varies."""
    rng = np.random.default_rng(1)
    inside, held = [], []
    for _ in range(200):
        of = two_sets(rng, (0.1, 0.05), (0.08, 0.09))
        row = of[0].ratio(of[1]).interval().iloc[0]
        inside.append(row["low"] < row["estimate"] < row["high"])
        held.append(row["low"] < 2.0 / 2.5 < row["high"])
    assert all(inside) and np.mean(held) > 0.93
