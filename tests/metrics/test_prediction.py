"""Prediction intervals against variances known by hand, and their coverage in simulations."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from faceinv.metrics.bootstrap import bootstrap
from faceinv.metrics.prediction import prediction_intervals

Q = stats.norm.ppf(0.975)


def intervals(estimate: object, error: object, seeds: int, **units: int) -> pd.DataFrame:
    """A table of estimates with the intervals of normal distributions."""
    table = pd.DataFrame({"estimate": np.atleast_1d(np.asarray(estimate, float))})
    table["low"], table["high"] = table["estimate"] - Q * error, table["estimate"] + Q * error
    return table.assign(seeds=seeds, **units)


def test_three_seeds_against_ten_with_a_variance_known_by_hand() -> None:
    found = prediction_intervals(intervals(5, 1, 10), intervals(7, 1, 3)).iloc[0]
    # ten seeds have the variance 1, so three have 10 / 3; t with 9 degrees of freedom is 2.262
    half = 2.2622 * np.sqrt(1 + 10 / 3)
    assert found["predicted_low"] == pytest.approx(5 - half, abs=1e-3)
    assert found["predicted_high"] == pytest.approx(5 + half, abs=1e-3)
    assert found["z"] == pytest.approx(2 / np.sqrt(13 / 3)) and found["inside"]


def test_each_side_has_its_own_width() -> None:
    evidence = intervals([1, 1], 1, 10).assign(high=1 + 3 * Q)
    found = prediction_intervals(evidence, intervals([10, -10], 1, 10))
    near = prediction_intervals(evidence, intervals([1.5, 0.5], 1, 10))
    assert near["z"].tolist() == pytest.approx([0.5 / 3 / np.sqrt(2), -0.5 / np.sqrt(2)])
    ends = found[["predicted_low", "predicted_high"]].to_numpy()
    assert np.ptp(ends - 1, axis=0) == pytest.approx(0)
    assert (ends[0, 1] - 1) / (1 - ends[0, 0]) == pytest.approx(3)
    assert found["z"].tolist() == pytest.approx([9 / 3 / np.sqrt(2), -11 / np.sqrt(2)])


def test_the_units_of_which_there_are_fewest_decide() -> None:
    evidence = intervals(0, 1, 10, identities=96)
    wide = prediction_intervals(evidence, intervals(0, 1, 10, identities=12))
    same = prediction_intervals(evidence, intervals(0, 1, 10, identities=96))
    ratio = wide["predicted_high"] / same["predicted_high"]
    assert ratio.item() == pytest.approx(np.sqrt((1 + 8) / (1 + 1)))


def test_networks_and_faces_count_by_their_parts_of_the_variance() -> None:
    # 0.36 of the variance is due to faces, of which the run has a quarter, and half of the networks
    evidence = intervals(0, 1, 10, identities=96).assign(se=2.0, se_faces=1.2)
    found = prediction_intervals(evidence, intervals(0, 1, 5, identities=24)).iloc[0]
    # and which may differ from network to network: then eight times as much in the run
    known = stats.t.ppf(0.975, 9) * np.sqrt(1 + (0.64 - 0.36) * 2 + 0.36 * 2 * 4)
    assert found["predicted_high"] == pytest.approx(known)


def test_a_table_carries_what_a_prediction_needs() -> None:
    rows = [(seed, face, 2.0 * seed + face) for seed in range(3) for face in range(4)]
    found = bootstrap(pd.DataFrame(rows, columns=["seed", "identity", "value"]).assign(k=1), "value", ["k"])
    row = found.interval().iloc[0]
    assert row["seeds"] == 3 and row["identities"] == 4
    # means of seeds are 0, 2, 4 with the variance 4, of faces 0 to 3 with the variance 5 / 3
    assert row["se_faces"] == pytest.approx(np.sqrt(5 / 3 / 4))
    assert row["se"] == pytest.approx(np.sqrt(5 / 3 / 4 + 4 / 3))


def test_a_flat_interval_takes_the_width_of_the_new_run() -> None:
    # 3 seeds have the standard error 0.1; 10 of the same have 0.1 * sqrt(3 / 10)
    found = prediction_intervals(intervals([1, 1], 0, 10), intervals([0.9, 0.1], 0.1, 3))
    half = stats.t.ppf(0.975, 2) * 0.1 * np.sqrt(1 + 3 / 10)
    assert found["predicted_low"].tolist() == pytest.approx([1 - half] * 2)
    assert found["inside"].tolist() == [True, False]


def test_what_never_varies_agrees_only_with_itself() -> None:
    found = prediction_intervals(intervals([1, 1], 0, 10), intervals([1, 0.99], 0, 3))
    assert found["inside"].tolist() == [True, False] and found["z"].tolist() == [0, -np.inf]


@pytest.mark.parametrize("part", ["estimate", "low", "high", "seeds"])
def test_without_a_number_there_is_no_prediction(part: str) -> None:
    evidence = intervals(1, 1, 10).assign(**{part: 1 if part == "seeds" else np.nan})
    found = prediction_intervals(evidence, intervals(1, 1, 3))
    assert found["inside"].isna().all() and found["z"].isna().all()


def simulated(
    rng: np.random.Generator, seeds: int, faces: int, effects: tuple[float, float, float], runs: int = 500
) -> pd.DataFrame:
    """Intervals of many runs with crossed seeds and faces, whose effects have these standard deviations."""
    values = (
        rng.normal(0, effects[0], (runs, seeds, 1))
        + rng.normal(0, effects[1], (runs, 1, faces))
        + rng.normal(0, effects[2], (runs, seeds, faces))
    )
    run, seed, face = (each.ravel() for each in np.indices(values.shape))
    table = pd.DataFrame({"run": run, "seed": seed, "identity": face, "value": values.ravel()})
    found = bootstrap(table, "value", ["run"], draws=500).interval()
    return found.assign(identities=faces)


@pytest.mark.parametrize(
    ("faces", "effects"), [((1, 1), (1, 0, 0)), ((48, 16), (0.1, 0, 0.4)), ((16, 16), (0.1, 0.2, 0.4))]
)
def test_nominal_95_covers_93_or_more_for_three_seeds_of_ten(
    faces: tuple[int, int], effects: tuple[float, float, float]
) -> None:
    rng = np.random.default_rng(0)
    evidence, run = simulated(rng, 10, faces[0], effects), simulated(rng, 3, faces[1], effects)
    inside = prediction_intervals(evidence, run)["inside"]
    assert inside.mean() >= 0.93


def test_the_width_follows_the_degrees_of_freedom_of_the_interval() -> None:
    """Ten seeds of three bases: the interval was made with t of two degrees, and so is the prediction."""
    df, half = 2.3, 1.7
    evidence = pd.DataFrame({"estimate": [5.0], "low": [5 - half], "high": [5 + half], "seeds": [10]})
    run = intervals(5, 1, 5).set_axis([7])
    for level in (0.95, 0.8):
        found = prediction_intervals(evidence.assign(df=df), run.assign(df=4.0), level)
        error = half / stats.t.ppf(0.975, df) * np.sqrt(1 + 10 / 5)
        wide = stats.t.ppf((1 + level) / 2, df) * error
        assert found["predicted_high"].tolist() == pytest.approx([5 + wide])
        assert found.index.tolist() == [7] and found["inside"].dtype == "boolean"
    moved = prediction_intervals(evidence.assign(df=df), run.assign(df=4.0, estimate=6.0))
    assert moved["z"].item() == pytest.approx(1 / error)


def test_two_seeds_are_enough_for_a_prediction() -> None:
    found = prediction_intervals(intervals([1, 1], np.array([1, 0]), 2), intervals([1, 1], 1, 2))
    assert found["inside"].tolist() == [True, True]


def test_units_that_one_table_does_not_have_do_not_count() -> None:
    alone = prediction_intervals(intervals(0, 1, 10), intervals(0, 1, 5))
    for more in ((intervals(0, 1, 10, identities=96), intervals(0, 1, 5)),
                 (intervals(0, 1, 10), intervals(0, 1, 5, identities=2))):  # fmt: skip
        pd.testing.assert_frame_equal(prediction_intervals(*more), alone)
