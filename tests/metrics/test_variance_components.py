import numpy as np
import pandas as pd
import pytest

from faceinv.errors import InputError
from faceinv.metrics.variance_components import component_shares, variance_components

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
    both = ("strategy", "architecture")
    with pytest.raises(InputError, match="every strategy with every architecture") as error:
        variance_components(table.iloc[1:], "value", both)
    assert f"got {len(table) - 1} networks of 4 x 7 combinations" in str(error.value)
    one = table[table["strategy"] == "strategy 0"]
    with pytest.raises(InputError, match="of 1 x 7 combinations"):
        variance_components(one, "value", both)
    assert len(variance_components(table[table["strategy"] < "strategy 2"], "value", both, draws=50)) == 4


def test_networks_of_one_base_are_one_when_variance_is_explained() -> None:
    """Nine networks of three bases each, whose noise is that of their bases, count as three."""
    table, _ = networks(3, 0)
    copies = [
        table.assign(base=lambda t: "set #" + t["seed"].astype(str), seed=table["seed"] + 3 * k)
        for k in range(3)
    ]
    both = ("strategy", "architecture")
    of_bases = component_shares(pd.concat(copies), "value", both)
    pd.testing.assert_series_equal(of_bases.estimate, component_shares(table, "value", both).estimate)
    assert of_bases.seeds == 3
    blind = component_shares(pd.concat(copies).drop(columns="base"), "value", both)
    assert blind.standard_error[-1] < of_bases.standard_error[-1]


def test_effects_are_corrected_for_the_noise_in_their_means() -> None:
    """Three by four combinations of two networks each, whose means and noise are given."""
    means = np.array([[3.0, 1, 2, 0], [5, 4, 4, 1], [0, 2, 1, 6]])
    half = np.arange(1, 13).reshape(3, 4) / 4  # two values at this distance from their mean
    rows = [
        (i, j, s, means[i, j] + (2 * s - 1) * half[i, j])
        for i in range(3)
        for j in range(4)
        for s in range(2)
    ]
    table = pd.DataFrame(rows, columns=["row", "column", "seed", "value"])
    within, grand = 2 * half**2, means.mean()
    by_row, by_column = means.mean(1, keepdims=True), means.mean(0, keepdims=True)
    both = means - by_row - by_column + grand
    noise = within.mean() / 2 / 12  # the variance of the mean of all
    known = [by_row.var() - 2 * noise, by_column.var() - 3 * noise, both.var() - 6 * noise, within.mean()]
    found = variance_components(table, "value", ("row", "column"), draws=50)
    assert list(found)[:3] == ["component", "variance", "estimate"]
    assert found["variance"].tolist() == pytest.approx(known)
    shares = np.maximum(known, 0) / np.maximum(known, 0).sum()
    assert found["estimate"].tolist() == pytest.approx(shares.tolist())

    boot = component_shares(table, "value", ("row", "column"), draws=70)
    assert len(boot.draws) == 70 and boot.bounds == (0, 1)
    assert boot.left_out.index.names == ["kind", "stratum", "unit"] and len(boot.left_out) == 24
    # without the first network of the first combination, its mean is that of the other, whose variance
    # is taken to be the mean of the others
    without, changed, sizes = means.copy(), within.copy(), np.full((3, 4), 2.0)
    without[0, 0] += half[0, 0]
    changed[0, 0], sizes[0, 0] = within.ravel()[1:].mean(), 1
    noise = (changed / sizes).sum() / 12**2
    by_row, by_column = without.mean(1, keepdims=True), without.mean(0, keepdims=True)
    both = without - by_row - by_column + without.mean()
    parts = [by_row.var() - 2 * noise, by_column.var() - 3 * noise, both.var() - 6 * noise, changed.mean()]
    shares = np.maximum(parts, 0) / np.maximum(parts, 0).sum()
    assert boot.left_out.iloc[0].tolist() == pytest.approx(shares.tolist())


def test_networks_that_all_share_one_base_are_counted_by_seed_and_two_bases_as_two() -> None:
    table, _ = networks(4, 0)
    both = ("strategy", "architecture")
    by_seed = component_shares(table, "value", both)
    of_one = component_shares(table.assign(base="set #0"), "value", both)
    pd.testing.assert_series_equal(of_one.estimate, by_seed.estimate)
    assert of_one.seeds == by_seed.seeds == 4
    of_two = component_shares(table.assign(base="set #" + (table["seed"] % 2).astype(str)), "value", both)
    assert of_two.seeds == 2


def of_people(table: pd.DataFrame, values: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Networks whose values are means over people (networks x people), and the same without each of them."""
    people = values.shape[1]
    rest = (values.sum(1, keepdims=True) - values) / (people - 1)
    without = table.loc[table.index.repeat(people)].assign(value=rest.ravel())
    return table.assign(value=values.mean(1)), without.assign(without=np.tile(np.arange(people), len(table)))


def test_people_are_a_sample_too() -> None:
    """Networks of a combination are the same, and four people differ between two strategies, by hand."""
    names = [(f"s{i}", f"a{j}", seed) for i in range(2) for j in range(2) for seed in range(2)]
    table = pd.DataFrame(names, columns=["strategy", "architecture", "seed"])
    gain = np.array([0.0, 2.0, 4.0, 6.0])  # of the second strategy, by person: 3 on average, variance 20 / 3
    second = (table["strategy"] == "s1").to_numpy()
    built = np.where(table["architecture"] == "a1", 1.0, 0.0)
    both = ("strategy", "architecture")
    mean, without = of_people(table, second[:, None] * gain + built[:, None])
    found = variance_components(mean, "value", both, without=without)
    # the effects are half of the differences, 3 and 1; the squared error of 3 / 2 is 20 / 3 / 4 people / 4
    assert found["variance"].tolist() == pytest.approx([2.25 - 5 / 12, 0.25, 0, 0])
    assert (found["identities"] == 4).all()
    boot = component_shares(mean, "value", both, without=without)
    without_last = (1.0**2 - 5 / 12) / (1.0**2 - 5 / 12 + 0.25)  # the others gain 2
    assert boot.left_out.loc[("identity", "", 3), "strategy"].item() == pytest.approx(without_last)
    assert found["se"][0] == pytest.approx(found["se_faces"][0]) and found["se"][0] > 0.1
    assert component_shares(mean, "value", both).standard_error == pytest.approx(0)


def test_what_people_do_to_single_networks_is_subtracted_once() -> None:
    """No effects at all: the expected variances of effects are zero, whatever networks and people do."""
    rng = np.random.default_rng(0)
    index = pd.MultiIndex.from_product([range(3), range(4), range(3)], names=["row", "column", "seed"])
    table = index.to_frame(index=False)
    found = []
    for _ in range(60):
        values = rng.normal(0, 0.5, (36, 1)) + np.repeat(rng.normal(0, 2, (12, 8)), 3, axis=0)
        mean, without = of_people(table, values + rng.normal(0, 3, (36, 8)))
        found.append(variance_components(mean, "value", ("row", "column"), without=without)["variance"])
    errors = np.array(found) - [0, 0, 0, 0.25]
    assert np.all(np.abs(errors.mean(axis=0)) < 3 * errors.std(axis=0) / np.sqrt(60))


def test_a_network_that_has_no_value_without_a_person_leaves_the_interval_open() -> None:
    table, _ = networks(3, 0)
    mean, without = of_people(table, table["value"].to_numpy()[:, None] + np.zeros((1, 5)))
    without.iloc[7, list(without).index("value")] = np.nan
    found = variance_components(mean, "value", ("strategy", "architecture"), without=without)
    assert found["estimate"].notna().all() and found["low"].isna().all()
    assert found["note"].str.contains("undefined without").all()
