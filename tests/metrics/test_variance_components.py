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
    with pytest.raises(InputError, match="every strategy with every architecture"):
        variance_components(table.iloc[1:], "value", ("strategy", "architecture"))


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
