"""Numbers of pairs of networks: each is left out in both places, and runs with few pairs vary more."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from faceinv.metrics.bootstrap import Bootstrap, bootstrap
from faceinv.metrics.prediction import prediction_intervals

PAIRED = ("seed", "other_seed", "identity")


def table_of(values: np.ndarray) -> pd.DataFrame:
    """One row per ordered pair of different networks and face, from networks x networks x faces."""
    seed, other, identity = (each.ravel() for each in np.indices(values.shape))
    table = pd.DataFrame(
        {"seed": seed, "other_seed": other, "identity": identity, "value": values.ravel(), "compared": "pair"}
    )
    return table[table["seed"] != table["other_seed"]]


def drawn(rng: np.random.Generator, networks: int, faces: int, own: float, interaction: float) -> np.ndarray:
    """Similarities of pairs: effects of both networks, and what differs by pair and face."""
    effects = rng.normal(0, own, networks)
    noise = rng.normal(0, interaction, (networks, networks, faces))
    noise = np.triu(np.ones((networks, networks)))[..., None] * noise
    return effects[:, None, None] + effects[None, :, None] + noise + noise.transpose(1, 0, 2)


def paired(values: np.ndarray) -> Bootstrap:
    return bootstrap(table_of(values), "value", ["compared"], draws=10, units=PAIRED)


def networks_variance(found: Bootstrap) -> float:
    return sum(float((part**2).sum()) for kind, part, _ in found.strata if kind == "seed")


def test_pairs_are_counted_once_and_only_where_there_are_two_networks() -> None:
    table = table_of(drawn(np.random.default_rng(0), 4, 3, 1, 1))
    alone = table.assign(other_seed=-1, compared="alone").drop_duplicates(["seed", "identity"])
    found = bootstrap(pd.concat([table, alone]), "value", ["compared"], draws=10, units=PAIRED)
    assert found.interval().set_index("compared")["pairs"].to_dict() == {"alone": 0, "pair": 6}
    assert found.contrast("compared", "pair", "alone")["pairs"].tolist() == [6]
    assert "pairs" not in bootstrap(alone, "value", ["compared"], draws=10).interval()


@pytest.mark.parametrize("networks", [3, 10])
def test_a_network_is_left_out_in_both_places(networks: int) -> None:
    """By hand: deviations are 2 (n - 1) / (n - 2) times those of networks left out in the first place."""
    values = drawn(np.random.default_rng(1), networks, 5, 1, 0.3)
    both = networks_variance(paired(values))
    one = networks_variance(bootstrap(table_of(values), "value", ["compared"], draws=10))
    assert both == pytest.approx((2 * (networks - 1) / (networks - 2)) ** 2 * one)


def test_two_networks_are_one_pair_without_an_interval() -> None:
    found = paired(drawn(np.random.default_rng(2), 2, 5, 1, 1)).interval().iloc[0]
    assert np.isfinite(found["estimate"]) and np.isnan(found["low"]) and "undefined" in found["note"]


def many(rng: np.random.Generator, trials: int, *sizes: float) -> pd.DataFrame:
    """Simulated studies in one table; see `drawn`."""
    networks, faces, own, interaction = sizes
    studies = (
        table_of(drawn(rng, int(networks), int(faces), own, interaction)).assign(compared=trial)
        for trial in range(trials)
    )
    return pd.concat(studies, ignore_index=True)


def test_intervals_of_pairs_cover_the_mean() -> None:
    table = many(np.random.default_rng(3), 300, 5, 2, 1, 0.1)
    covered = []
    for units in (PAIRED, ("seed", "identity")):
        found = bootstrap(table, "value", ["compared"], draws=10, units=units).interval()
        covered.append(((found["low"] <= 0) & (found["high"] >= 0)).mean())
    assert covered[0] >= 0.93
    assert covered[1] < 0.85  # so that this test can fail


def test_a_run_of_few_pairs_lies_inside_where_all_is_interaction() -> None:
    """Ten networks and 32 faces have 120 times as many pairs with a face as three networks and four faces."""
    rng = np.random.default_rng(4)
    evidence, run = (
        bootstrap(many(rng, 100, *sizes, 0, 0.5), "value", ["compared"], draws=10, units=PAIRED).interval()
        for sizes in ((10, 32), (3, 4))
    )
    assert prediction_intervals(evidence, run)["inside"].mean() >= 0.93
    # the larger of the two ratios is not enough, and with neither pairs nor parts there is no other
    unknown = [table.drop(columns=["pairs", "se_faces"]) for table in (evidence, run)]
    assert prediction_intervals(*unknown)["inside"].mean() < 0.85


@pytest.mark.parametrize(
    ("known", "found", "pairs"),
    [
        ({"pairs": 45}, {"pairs": 3}, 15),
        ({"pairs": 45}, {"pairs": 0}, 10 / 3),
        ({"pairs": 0}, {"pairs": 3}, 10 / 3),
        ({}, {"pairs": 3}, 10 / 3),
        ({"pairs": 45}, {}, 10 / 3),
    ],
)
def test_pairs_take_the_place_of_networks_where_both_tables_have_them(
    known: dict[str, int], found: dict[str, int], pairs: float
) -> None:
    numbers = {"estimate": [0.0], "low": -1.0, "high": 1.0, "df": 9.0, "se": 2.0, "se_faces": 1.0}
    evidence = pd.DataFrame(numbers | {"seeds": 10, "identities": 32} | known)
    run = pd.DataFrame(numbers | {"seeds": 3, "identities": 4} | found)
    # a quarter of the variance is due to faces, of which there are 8 times as many
    ratio = 0.75 * 10 / 3 + 0.25 * 8 + 0.25 * (pairs * 8 - 10 / 3 - 8)
    assert prediction_intervals(evidence, run)["predicted_high"].iloc[0] == pytest.approx(np.sqrt(1 + ratio))


def test_interaction_adds_nothing_where_the_run_has_more_faces() -> None:
    numbers = {"estimate": [0.0], "low": -1.0, "high": 1.0, "df": 9.0, "se": 2.0, "se_faces": 1.0}
    evidence, run = (
        pd.DataFrame(numbers | {"seeds": seeds, "identities": faces}) for seeds, faces in ((10, 8), (5, 16))
    )
    found = prediction_intervals(evidence, run)["predicted_high"].iloc[0]
    assert found == pytest.approx(np.sqrt(1 + 0.75 * 2 + 0.25 * 0.5))
