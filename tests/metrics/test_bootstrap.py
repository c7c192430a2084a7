from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest

from faceinv.errors import InputError
from faceinv.metrics.bootstrap import Bootstrap, bootstrap, largest, variance_components


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


def test_spread_over_seeds_is_the_standard_error_over_seeds() -> None:
    rng = np.random.default_rng(1)
    level = rng.normal(0, 1, 5)
    table = pd.DataFrame(
        [("a", s, i, level[s]) for s in range(5) for i in range(4)],
        columns=["condition", "seed", "identity", "value"],
    )
    draws = bootstrap(table, "value", ["condition"], draws=20000).draws.to_numpy()
    assert draws.std() == pytest.approx(level.std(ddof=1) / np.sqrt(5), rel=0.05)


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    covered = []
    for trial in range(200):
        contrast = bootstrap(
            observations(seeds=8, identities=10, rng_seed=trial), "value", ["condition"], draws=400
        ).interval()
        truth = {"a": 0.3, "b": 0.0}
        covered += [row.low < truth[row.condition] < row.high for row in contrast.itertuples()]
    assert 0.85 < np.mean(covered) <= 1


def test_average_over_a_condition() -> None:
    table = pd.concat([observations(rng_seed=k).assign(level=k) for k in range(3)])
    boot = bootstrap(table, "value", ["condition", "level"])
    mean = boot.average("level")
    assert mean.estimate.iloc[0] == pytest.approx(boot.estimate["a"].mean())
    assert mean.draws.shape == (2000, 2)
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
    assert np.allclose(mine.estimate, other.estimate) and np.allclose(mine.draws, other.draws)
    assert len(mine.contrast("condition", "a", "b")) == 1


SPREADS = {"strategy": 0.5, "architecture": 0.3, "interaction": 0.2, "seed": 0.4}


def networks(seeds: int, rng_seed: int) -> tuple[pd.DataFrame, dict[str, float]]:
    """Networks with known effects of strategy, architecture and both, and the variances of those effects."""
    rng = np.random.default_rng(rng_seed)
    rows, columns = rng.normal(0, SPREADS["strategy"], (4, 1)), rng.normal(0, SPREADS["architecture"], (1, 7))
    both = rng.normal(0, SPREADS["interaction"], (4, 7))
    means = rows + columns + both
    grand, by_row, by_column = means.mean(), means.mean(1, keepdims=True), means.mean(0, keepdims=True)
    truth = {
        "strategy": by_row.var(),
        "architecture": by_column.var(),
        "interaction": (means - by_row - by_column + grand).var(),
        "seed": SPREADS["seed"] ** 2,
    }
    noise = rng.normal(0, SPREADS["seed"], (4, 7, seeds))
    table = [
        (f"strategy {i}", f"net {j}", s, means[i, j] + noise[i, j, s])
        for i in range(4)
        for j in range(7)
        for s in range(seeds)
    ]
    return pd.DataFrame(table, columns=["strategy", "architecture", "seed", "value"]), truth


@pytest.mark.parametrize("seeds", [2, 3, 10])
def test_variance_components_are_those_of_the_simulation(seeds: int) -> None:
    found, truth, covered = [], [], []
    for trial in range(60):
        table, known = networks(seeds, trial)
        result = variance_components(table, "value", ("strategy", "architecture"), draws=300).set_index(
            "component"
        )
        total = sum(known.values())
        found.append(result["variance"].to_numpy())
        truth.append([known[name] for name in result.index])
        covered += [row.low <= known[name] / total <= row.high for name, row in result.iterrows()]
        assert result["estimate"].sum() == pytest.approx(1)
    errors = np.subtract(found, truth)
    standard_error = errors.std(axis=0) / np.sqrt(len(errors))
    assert np.all(np.abs(errors.mean(axis=0)) < 3 * standard_error)
    assert np.all(standard_error < 0.03 * np.mean(truth, axis=0).sum())
    if seeds == 10:
        assert 0.85 < np.mean(covered) <= 1


def test_variance_components_without_noise_are_exact() -> None:
    table, _ = networks(2, 0)
    table["value"] = table.groupby(["strategy", "architecture"])["value"].transform("mean")
    means = table.query("seed == 0").pivot(index="strategy", columns="architecture", values="value")
    result = variance_components(table, "value", ("strategy", "architecture"), draws=50)
    assert result["variance"].sum() == pytest.approx(means.to_numpy().var())
    assert result["variance"][0] == pytest.approx(means.mean(axis=1).var(ddof=0))
    assert np.allclose(result["low"], result["high"])


def test_variance_components_need_every_combination() -> None:
    table, _ = networks(2, 0)
    with pytest.raises(InputError, match="every strategy with every architecture"):
        variance_components(table.iloc[1:], "value", ("strategy", "architecture"))


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
    boot = bootstrap(table, "value", ["condition"], draws=20000, units=("reader", "maker", "identity"))
    expected = sum(effect.var(ddof=1) / size for effect, size in zip(effects, n, strict=True))
    assert boot.draws.to_numpy().var() == pytest.approx(expected, rel=0.05)
    assert boot.seeds == 5


def test_one_unit_is_enough() -> None:
    table = pd.DataFrame({"seed": [0, 1, 2], "mask": "a", "value": [1.0, 2.0, 6.0]})
    boot = bootstrap(table, "value", ["mask"], draws=20000, units=("seed",))
    assert boot.estimate.iloc[0] == 3
    assert boot.draws.to_numpy().std() == pytest.approx(table["value"].std() / np.sqrt(3), rel=0.05)


def test_a_ratio_is_taken_draw_by_draw() -> None:
    table = observations().assign(double=lambda t: 2 * t["value"])
    ratio = bootstrap(table, "double", ["condition"]).ratio(bootstrap(table, "value", ["condition"]))
    assert np.allclose(ratio.estimate, 2) and np.allclose(ratio.draws, 2)
    with pytest.raises(InputError, match="same conditions"):
        ratio.ratio(bootstrap(table, "value", ["condition"], draws=10))


def test_what_was_not_observed_does_not_count() -> None:
    table = observations()
    holed = table.assign(value=table["value"].where(table.index % 3 > 0))
    boot = bootstrap(holed, "value", ["condition"], draws=200)
    assert np.allclose(boot.estimate, holed.groupby("condition")["value"].mean())
    without = bootstrap(holed.dropna(), "value", ["condition"], draws=200)
    assert np.allclose(boot.draws, without.draws)


def test_the_largest_difference_is_bounded_by_all() -> None:
    table = pd.DataFrame({"estimate": [0.1, -0.4, 0.2], "low": [-0.1, -0.5, 0.1], "high": [0.3, -0.2, 0.7]})
    assert largest(table) == (0.4, 0.2, 0.7)
    assert largest(table.iloc[:1]) == (0.1, 0, 0.3)
    estimate, low, high = largest(pd.concat([table, table.iloc[:1] * np.nan]))
    assert (estimate, low) == (0.4, 0.2) and np.isnan(high)


def test_what_is_not_reliably_known_is_nan() -> None:
    index = pd.MultiIndex.from_arrays([["a", "b"]], names=["condition"])
    draws = pd.DataFrame(np.ones((100, 2)), columns=index)
    known = pd.DataFrame(True, index=range(100), columns=index)
    known.iloc[:2, 0] = False
    known.iloc[:3, 1] = False
    found = Bootstrap(pd.Series([1.0, 1.0], index=index), draws, 3).only(known)
    assert found.estimate.isna().tolist() == [False, True]
    assert found.draws.isna().sum().tolist() == [2, 100]


EFFECT = np.random.default_rng(3).normal(size=8)
ERROR = EFFECT.std(ddof=1) / np.sqrt(8)


def pairs_of(value: Callable[[np.ndarray, np.ndarray], np.ndarray], n: int = 8) -> pd.DataFrame:
    """A measure of all pairs of units, which depends on an effect of either."""
    maker, reader = (each.ravel() for each in np.indices((n, n)))
    table = pd.DataFrame({"reader": reader, "maker": maker, "value": value(EFFECT[maker], EFFECT[reader])})
    return table.assign(kind=np.where(maker == reader, "itself", "another"), all="all")


def spread(table: pd.DataFrame, together: Sequence[str] = ("reader", "maker"), by: str = "kind") -> pd.Series:
    boot = bootstrap(table, "value", [by], 4000, units=("reader", "maker"), together=together)
    return pd.Series({name: boot.draws[name,].std() for (name,) in boot.draws})


def test_units_in_two_roles_are_drawn_once() -> None:
    """What a unit adds in both roles counts twice, and what it adds in one and takes in the other, never."""
    adding = pairs_of(lambda maker, reader: maker + reader)
    assert spread(adding).to_dict() == pytest.approx({"another": 2 * ERROR, "itself": 2 * ERROR}, rel=0.05)
    assert spread(adding, ())["another"] < 1.6 * ERROR
    assert spread(adding, by="all")["all"] == pytest.approx(2 * ERROR, rel=0.05)
    taking = pairs_of(lambda maker, reader: maker - reader)
    assert spread(taking).to_numpy() == pytest.approx(0, abs=1e-12)
    assert spread(taking, ())["another"] > ERROR


def test_an_effect_in_one_role_counts_once() -> None:
    one = pairs_of(lambda maker, reader: maker)
    assert spread(one).to_dict() == pytest.approx({"another": ERROR, "itself": ERROR}, rel=0.05)
    assert spread(one, by="all")["all"] == pytest.approx(ERROR, rel=0.05)


def test_no_draw_of_pairs_is_empty() -> None:
    for n in (2, 3):
        table = pairs_of(lambda maker, reader: maker + 3 * reader, n)
        boot = bootstrap(
            table, "value", ["kind"], 4000, units=("reader", "maker"), together=("reader", "maker")
        )
        assert boot.draws.notna().all(axis=None)
        error = boot.draws.std().max() / np.sqrt(4000)
        assert boot.draws.mean().to_numpy() == pytest.approx(boot.estimate.to_numpy(), abs=4 * error + 1e-9)
