import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from faceinv.metrics.bootstrap import Bootstrap, bootstrap
from faceinv.metrics.extremes import greatest, largest, simultaneous, smallest, widest


def test_the_largest_difference_is_bounded_by_all() -> None:
    table = pd.DataFrame({"estimate": [0.1, -0.4, 0.2], "low": [-0.1, -0.5, 0.1], "high": [0.3, -0.2, 0.7]})
    assert largest(table) == (0.4, 0.2, 0.7)
    assert largest(table.iloc[:1]) == (0.1, 0, 0.3)
    assert largest(table.iloc[1:2]) == (0.4, 0.2, 0.5)
    estimate, low, high = largest(pd.concat([table, table.iloc[:1] * np.nan]))
    assert (estimate, low) == (0.4, 0.2) and np.isnan(high)


def three(means: tuple[float, ...], rng_seed: int = 0, seeds: int = 10) -> Bootstrap:
    """Numbers with independent noise of known variance, the same in all seeds of none."""
    rng = np.random.default_rng(rng_seed)
    rows = [
        (name, s, 0, mean + rng.normal())
        for name, mean in zip("abc", means, strict=True)
        for s in range(seeds)
    ]
    table = pd.DataFrame(rows, columns=["number", "seed", "identity", "value"])
    return bootstrap(table, "value", ["number"])


def test_limits_of_extremes_come_from_single_and_from_joint_intervals() -> None:
    numbers = three((-3.0, 0.0, 3.0))
    plain, joint = numbers.interval(), simultaneous(numbers)
    low, high = smallest(numbers), greatest(numbers)
    assert low["estimate"] == numbers.estimate["a"] and high["estimate"] == numbers.estimate["c"]
    assert (low["low"], low["high"]) == (plain["low"].min(), joint["high"].min())
    assert (high["low"], high["high"]) == (joint["low"].max(), plain["high"].max())
    wide = widest(numbers)
    assert wide["estimate"] == numbers.estimate.abs().max()
    assert wide["low"] == max(joint["low"].max(), -joint["high"].min())
    assert low["df"] == min(plain["df"])
    negative = three((-5.0, 0.0, 1.0))
    assert widest(negative)["high"] == -negative.interval()["low"].min()


def test_the_widest_of_nothing_is_rarely_found() -> None:
    """Three numbers that are zero: the plain interval of the widest excludes it three times as often."""
    found = [three((0.0, 0.0, 0.0), trial) for trial in range(60)]
    joint = np.mean([widest(each)["low"] > 0 for each in found])
    plain = np.mean([(each.interval()[["low", "high"]].prod(axis=1) > 0).any() for each in found])
    assert joint <= 0.08 < plain


def test_an_extreme_of_what_is_not_known_is_not_known() -> None:
    numbers = three((0.0, 1.0, 2.0)).where(np.array([True, False, True]), "near chance")
    for extreme in (smallest, greatest, widest):
        assert extreme(numbers)[["estimate", "low", "high"]].isna().all()
    joint, plain = simultaneous(numbers).set_index("number"), numbers.interval().set_index("number")
    assert joint.loc["b", ["low", "high"]].isna().all()
    for known in "ac":  # of two numbers, each of which may be the largest
        assert joint.loc[known, "high"] > plain.loc[known, "high"]


def test_the_level_is_that_of_both_intervals() -> None:
    numbers = three((-3.0, 0.0, 3.0))
    plain, joint = numbers.interval(0.8), simultaneous(numbers, 0.8)
    assert smallest(numbers, 0.8)["high"] == joint["high"].min()
    assert greatest(numbers, 0.8)["low"] == joint["low"].max()
    wide = widest(numbers, 0.8)
    assert wide["low"] == max(joint["low"].max(), -joint["high"].min())
    assert wide["high"] == max(plain["high"].max(), -plain["low"].min())


def test_what_does_not_vary_has_no_width() -> None:
    same = pd.concat(over_seeds(np.full(5, value), c) for c, value in (("a", 1.0), ("b", 2.0)))
    joint = simultaneous(bootstrap(same, "value", ["condition"]))
    assert joint["low"].tolist() == joint["high"].tolist() == [1, 2]


def over_seeds(values: np.ndarray, condition: str) -> pd.DataFrame:
    return pd.DataFrame({"seed": range(len(values)), "identity": 0, "condition": condition, "value": values})


def test_joint_intervals_are_wider_the_more_numbers_there_are_and_the_less_they_depend_on_each_other() -> (
    None
):
    rng = np.random.default_rng(3)
    independent = pd.concat(over_seeds(rng.normal(size=30), c) for c in "abcde")
    one = pd.concat(over_seeds(np.arange(30.0), c) for c in "abcde")

    def wider(table: pd.DataFrame) -> float:
        boot = bootstrap(table, "value", ["condition"], draws=20000)
        joint, plain = simultaneous(boot), boot.interval()
        return float(((joint["high"] - joint["low"]) / (plain["high"] - plain["low"])).mean())

    assert wider(one) == pytest.approx(1, abs=0.02)
    # Bonferroni with five numbers: t at 1 % over t at 5 %
    assert 1.2 < wider(independent) < student.ppf(0.995, 29) / student.ppf(0.975, 29) + 0.03
