"""Networks that share a base are left out together, and a network in two roles in both at once."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from faceinv.metrics.bootstrap import bootstrap
from faceinv.metrics.resampling import replicates

EFFECTS = np.array([1.0, 2.0, 6.0])


def from_bases(bases: int, effects: np.ndarray = EFFECTS, seeds: int = 9, **columns: str) -> pd.DataFrame:
    """Networks of several seeds, all of whose variance is that of their bases."""
    rows = [(s, f"objects-net #{s % bases}", effects[s % bases] + 0.001 * (s // bases)) for s in range(seeds)]
    return pd.DataFrame(rows, columns=["seed", "base", "value"]).assign(**({"start": "objects"} | columns))


def test_ten_seeds_of_three_bases_are_three() -> None:
    found = bootstrap(from_bases(3), "value", ["start"], units=("seed",)).interval().iloc[0]
    assert found["se"] == pytest.approx(EFFECTS.std(ddof=1) / np.sqrt(3))
    assert found["high"] - found["estimate"] == pytest.approx(student.ppf(0.975, 2) * found["se"])
    assert found["bases"] == 3
    blind = (
        bootstrap(from_bases(3).drop(columns="base"), "value", ["start"], units=("seed",)).interval().iloc[0]
    )
    assert blind["se"] < 0.6 * found["se"] and "bases" not in blind


def test_one_base_is_said_and_its_interval_is_over_seeds() -> None:
    table = from_bases(1)
    found = bootstrap(table, "value", ["start"], units=("seed",)).interval().iloc[0]
    assert found["bases"] == 1 and found["note"] == "one base"
    assert found["se"] == pytest.approx(table["value"].std() / 3)


def test_networks_without_a_base_are_left_out_by_seed_beside_others_with_bases() -> None:
    scratch = from_bases(9, np.arange(9.0)).assign(base="none", start="none")
    boot = bootstrap(pd.concat([from_bases(3), scratch]), "value", ["start"], units=("seed",))
    found = boot.interval().set_index("start")
    assert found["bases"].to_dict() == {"none": 0, "objects": 3}
    assert found.loc["none", "se"] == pytest.approx(scratch["value"].std() / 3)
    assert found.loc["none", "df"] == pytest.approx(8, rel=1e-3)
    gain = boot.contrast("start", "objects", "none").iloc[0]
    parts = found["se"].to_numpy()
    assert gain["se"] == pytest.approx(np.sqrt((parts**2).sum())) and gain["bases"] == 3
    width = np.sqrt(((student.ppf(0.975, [8, 2]) * parts) ** 2).sum())
    assert gain["high"] - gain["estimate"] == pytest.approx(width)


def test_bases_of_other_architectures_are_a_sample_of_their_own() -> None:
    other = from_bases(3, EFFECTS[::-1]).assign(base=lambda t: t["base"].str.replace("net", "other"))
    table = pd.concat([from_bases(3, net="net"), other.assign(net="other")])
    boot = bootstrap(table, "value", ["net"], units=("seed",))
    assert boot.left_out.index.get_level_values("stratum").unique().tolist() == [
        "objects-net",
        "objects-other",
    ]
    single, mean = boot.interval(), boot.average("start") if "start" in boot.estimate.index.names else None
    assert mean is None and np.allclose(single["df"], 2, rtol=1e-3)
    pooled = boot.combine(lambda rows: rows.mean(axis=1)).interval().iloc[0]
    assert pooled["se"] == pytest.approx(single["se"][0] / np.sqrt(2))
    assert pooled["df"] == pytest.approx(4, rel=1e-3)  # two samples of three, of equal variance


def test_groups_that_are_averaged_keep_their_shares_when_a_base_is_left_out() -> None:
    """The means of both sets lie far apart, and that is no variance between bases."""
    faces = from_bases(3, EFFECTS + 100).assign(base=lambda t: t["base"].str.replace("objects", "faces"))
    table = pd.concat([from_bases(3), faces])
    found = bootstrap(table.assign(all="all"), "value", ["all"], units=("seed",)).interval().iloc[0]
    assert found["bases"] == 3
    assert found["se"] == pytest.approx(EFFECTS.std(ddof=1) / np.sqrt(3) / np.sqrt(2))


def crossed(effect: np.ndarray) -> pd.DataFrame:
    """Each network reads the masks of each other one."""
    n = len(effect)
    rows = [(s, m, effect[s] + effect[m]) for s in range(n) for m in range(n) if s != m]
    return pd.DataFrame(rows, columns=["reader_seed", "maker_seed", "value"]).assign(by="other seed")


def test_a_network_is_left_out_as_reader_and_as_maker_at_once() -> None:
    effect = np.array([0.0, 1.0, 5.0, 2.0])
    boot = bootstrap(crossed(effect), "value", ["by"], units=("reader_seed", "maker_seed"))
    assert len(boot.left_out) == 4
    expected = [2 * np.delete(effect, i).mean() for i in range(4)]
    assert np.allclose(boot.left_out.iloc[:, 0], expected)
    # a mean of two effects of one network each, not of two independent ones
    assert boot.standard_error[0] == pytest.approx(2 * effect.std(ddof=1) / 2)


def test_what_is_no_network_is_never_left_out() -> None:
    table = crossed(np.array([0.0, 1.0, 5.0])).assign(maker_seed=-1)
    found = replicates(table, "value", ["by"], ("reader_seed", "maker_seed"), None)
    assert found.left_out.index.get_level_values("unit").tolist() == [0, 1, 2]


def test_bases_of_readers_and_makers_are_the_same_bases() -> None:
    effect = np.repeat(EFFECTS, 2)
    table = crossed(effect).assign(
        reader_base=lambda t: "set #" + (t["reader_seed"] // 2).astype(str),
        maker_base=lambda t: "set #" + (t["maker_seed"] // 2).astype(str),
    )
    boot = bootstrap(table, "value", ["by"], units=("reader_seed", "maker_seed"))
    assert boot.left_out.index.get_level_values("kind").tolist() == ["base"] * 3
    assert np.allclose(boot.left_out.iloc[:, 0], [2 * np.delete(EFFECTS, i).mean() for i in range(3)])


def test_conditions_with_fewer_seeds_have_their_own_degrees_of_freedom() -> None:
    few, many = from_bases(3, seeds=3, start="few"), from_bases(3, seeds=9, start="many")
    table = pd.concat([few, many]).drop(columns="base")
    found = bootstrap(table, "value", ["start"], units=("seed",)).interval().set_index("start")
    assert found["df"].round(2).to_dict() == {"few": 2.0, "many": 8.0}
    assert found.loc["few", "se"] == pytest.approx(few["value"].std() / np.sqrt(3))


def test_without_any_base_there_are_none() -> None:
    rows = [(s, i, "none", 0.1 * s + i) for s in range(3) for i in range(2)]
    table = pd.DataFrame(rows, columns=["seed", "identity", "base", "value"]).assign(a="a")
    found = replicates(table, "value", ["a"], ("seed", "identity"), None)
    assert found.bases is not None and found.bases.tolist() == [0]
    assert set(found.left_out.index.get_level_values("kind")) == {"seed", "identity"}


def test_two_bases_are_left_out_in_turn() -> None:
    table = from_bases(2, EFFECTS[:2])
    found = replicates(table, "value", ["start"], ("seed",), None)
    assert found.left_out.index.names == ["kind", "stratum", "unit"]
    assert found.left_out.index.tolist() == [("base", "objects-net", f"objects-net #{i}") for i in range(2)]
    means = table.groupby("base")["value"].mean()
    assert found.left_out["objects"].iloc[:, 0].tolist() == pytest.approx(means[::-1].tolist())
    assert found.estimate.name == "estimate" and found.bases is not None and found.bases.name == "bases"
    assert found.bases.index.equals(found.estimate.index) and found.bases.index.names == ["start"]


def test_a_hash_in_what_bases_have_in_common_is_part_of_it() -> None:
    kinds = [from_bases(3).assign(base=lambda t, k=k: f"set #{k} " + t["base"]) for k in range(2)]
    found = replicates(pd.concat(kinds), "value", ["start"], ("seed",), None)
    strata = found.left_out.index.get_level_values("stratum")
    assert strata.tolist() == [f"set #{k} objects-net" for k in (0, 0, 0, 1, 1, 1)]
    assert found.bases is not None and found.bases.tolist() == [3]  # of either kind


def test_a_single_unit_of_one_column_is_kept_and_those_of_the_next_are_left_out() -> None:
    rows = [(s, "front", i, 1.0 * i) for s in range(2) for i in range(3)]
    table = pd.DataFrame(rows, columns=["seed", "view", "identity", "value"]).assign(a="a")
    found = replicates(table, "value", ["a"], ("seed", "view", "identity"), None)
    units = [("seed", "", 0), ("seed", "", 1), *(("identity", "", i) for i in range(3))]
    assert found.left_out.index.tolist() == units
    assert found.left_out.iloc[2:, 0].tolist() == [1.5, 1.0, 0.5] and found.bases is None


def test_a_unit_is_involved_where_it_was_measured() -> None:
    """Seed 2 was not measured at `b` although it has rows there, and identity 1 has one row, at `a`."""
    rows = [("a", s, i, 1.0) for s in range(3) for i in range(2) if (s, i) in ((0, 0), (1, 0), (2, 1))]
    rows += [("b", s, 0, np.nan if s == 2 else 1.0) for s in range(3)]
    table = pd.DataFrame(rows, columns=["at", "seed", "identity", "value"])
    found = replicates(table, "value", ["at"], ("seed", "identity"), None).involved
    assert found["a"].iloc[:, 0].tolist() == [True] * 5
    assert found["b"].iloc[:, 0].tolist() == [True, True, False, True, False]


def test_categories_that_no_row_has_are_no_conditions() -> None:
    start = pd.Categorical(["objects"] * 9, categories=["faces", "none", "objects"])
    found = replicates(from_bases(3).assign(start=start), "value", ["start"], ("seed",), None)
    assert found.estimate.index.tolist() == [("objects",)] and found.left_out.shape == (3, 1)
    assert found.bases is not None and found.bases.tolist() == [3]


def two_people(**where: str) -> pd.DataFrame:
    """Three comparisons of two of three people each, by two networks alike."""
    rows = [("a", "b", 1.0), ("b", "c", 2.0), ("c", "a", 6.0)]
    table = pd.DataFrame(rows, columns=["identity", "other_identity", "value"]).assign(**where)
    return pd.concat([table.assign(seed=seed) for seed in (0, 1)])


def test_a_person_is_left_out_in_both_roles_at_once() -> None:
    """By hand: without a person, the comparison of the other two remains."""
    found = bootstrap(two_people(faces="two"), "value", ["faces"])
    without = found.left_out["two"].iloc[:, 0].loc["identity"]
    assert without.droplevel("stratum").to_dict() == {"a": 2.0, "b": 6.0, "c": 1.0}
    row = found.interval().iloc[0]
    # deviations of 2, 6 and 1 from their mean, 3, have squares of 1 + 9 + 4; times (3 - 1) / 3
    assert row["se_faces"] == pytest.approx(np.sqrt(14 * 2 / 3)) == pytest.approx(row["se"])
    assert row["identities"] == 3


def test_a_person_who_is_compared_with_itself_counts_once() -> None:
    same = pd.DataFrame({"identity": list("abc"), "value": [1.0, 2.0, 6.0], "faces": "one"})
    same = pd.concat([same.assign(seed=seed) for seed in (0, 1)])
    plain = bootstrap(same, "value", ["faces"]).left_out
    twice = bootstrap(same.assign(other_identity=same["identity"]), "value", ["faces"]).left_out
    pd.testing.assert_frame_equal(plain, twice)
    both = pd.concat([two_people(faces="two"), same.assign(other_identity=same["identity"])])
    apart = bootstrap(both, "value", ["faces"]).difference("faces", "two", "one")
    without = apart.left_out.iloc[:, 0].loc["identity"].droplevel("stratum")
    assert without.to_dict() == {"a": 2.0 - 4.0, "b": 6.0 - 3.5, "c": 1.0 - 1.5}


def test_a_person_may_have_the_second_role_alone() -> None:
    table = two_people(faces="two").query("identity != 'c'")
    found = replicates(table, "value", ["faces"], ("seed", "identity"), None)
    without = found.left_out["two"].iloc[:, 0].loc["identity"].droplevel("stratum")
    assert without.to_dict() == {"a": 2.0, "b": pytest.approx(np.nan, nan_ok=True), "c": 1.0}
    assert found.involved["two"].iloc[:, 0].all()
