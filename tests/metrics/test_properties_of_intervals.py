"""What holds for the estimates and intervals of any table: searched for counterexamples."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from faceinv.metrics.bootstrap import bootstrap
from faceinv.metrics.roc import area_under_roc

some = settings(max_examples=15, deadline=None, derandomize=True)  # as reproducible as all other tests


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Two conditions, two to five seeds, two to six identities, and some of their cells missing."""
    seeds, identities = draw(st.integers(2, 5)), draw(st.integers(2, 6))
    cells = [(c, s, i) for c in "ab" for s in range(seeds) for i in range(identities)]
    table = pd.DataFrame(cells, columns=["condition", "seed", "identity"])
    table["value"] = draw(arrays(np.float64, len(table), elements=st.floats(-8, 8, width=16)))
    kept = draw(arrays(bool, len(table))) | (table["seed"] + table["identity"] < 2).to_numpy()
    return table[kept].reset_index(drop=True)


@some
@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_the_names_of_seeds_do_not_matter(table: pd.DataFrame, random: object) -> None:
    order = list(range(len(table)))
    random.shuffle(order)  # type: ignore[attr-defined]
    other = table.iloc[order].assign(seed=lambda rows: 17 + 3 * rows["seed"])
    one, two = (bootstrap(each, "value", ["condition"]).interval() for each in (table, other))
    pd.testing.assert_frame_equal(one, two, atol=1e-9)


@some
@given(tables())
def test_the_estimate_is_the_mean_and_lies_inside_its_interval(table: pd.DataFrame) -> None:
    found = bootstrap(table, "value", ["condition"]).interval()
    means = table.groupby("condition")["value"].mean()
    np.testing.assert_allclose(found["estimate"], means, atol=1e-12)
    assert (found["low"] <= found["estimate"] + 1e-12).all()
    assert (found["high"] >= found["estimate"] - 1e-12).all()


@some
@given(tables(), st.floats(0.125, 8, width=16), st.floats(-4, 4, width=16))
def test_units_of_the_measure_do_not_matter(table: pd.DataFrame, scale: float, shift: float) -> None:
    found = bootstrap(table, "value", ["condition"]).interval()
    other = bootstrap(table.assign(value=scale * table["value"] + shift), "value", ["condition"]).interval()
    for name in ("estimate", "low", "high"):
        np.testing.assert_allclose(other[name], scale * found[name] + shift, atol=1e-8)


@some
@given(tables())
def test_a_difference_is_that_of_the_estimates_and_changes_sign(table: pd.DataFrame) -> None:
    boot = bootstrap(table, "value", ["condition"])
    one, other = (boot.difference("condition", *pair).interval().iloc[0] for pair in (("a", "b"), ("b", "a")))
    np.testing.assert_allclose(
        [one["estimate"], one["low"], one["high"]],
        [-other["estimate"], -other["high"], -other["low"]],
        atol=1e-9,
    )


@some
@given(st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=2, max_size=12))
def test_the_area_is_the_share_of_pairs_in_order(pairs: list[tuple[int, bool]]) -> None:
    scores, group = (np.array(each) for each in zip(*pairs, strict=True))
    members, others = scores[group], scores[~group]
    found = float(area_under_roc(scores, group))
    if len(members) == 0 or len(others) == 0:
        assert np.isnan(found)
        return
    difference = members[:, None] - others
    assert np.isclose(found, np.mean((difference > 0) + 0.5 * (difference == 0)))
