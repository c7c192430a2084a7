"""The leaderboard of scores that are known by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from faceinv.experiments.benchmark.criteria import CRITERIA
from faceinv.experiments.benchmark.leaderboard import benchmark_runs, described, leaderboard, parts
from faceinv.experiments.benchmark.parts import Masked, Randomised
from faceinv.experiments.causes.exchanges import Exchange
from faceinv.experiments.causes.planted_cues import Planting
from faceinv.experiments.profiles import PROFILES
from faceinv.reporting.leaderboard_table import board_html, wide_board

SCORES = pd.DataFrame(
    [
        (criterion, seed, f"i{identity}", value + 0.1 * seed, method)
        for method, value in (("occlusion", 0.6), ("mine", 0.2))
        for criterion in ("masking", "cause")
        for seed in range(3)
        for identity in range(4)
    ],
    columns=["criterion", "seed", "identity", "value", "method"],
)
BOARD = described(leaderboard(SCORES, draws=200), {"mine": 7.0})
NOTHING = {name: each.nothing for name, each in CRITERIA.items()}


def test_methods_have_means_with_intervals_over_networks() -> None:
    assert BOARD[["criterion", "method"]].to_numpy().tolist() == [
        *(["cause", name] for name in ("occlusion", "mine")),
        *(["masking", name] for name in ("occlusion", "mine")),
    ]
    assert BOARD["estimate"].tolist() == pytest.approx([0.7, 0.3, 0.7, 0.3])
    assert ((BOARD["low"] < BOARD["estimate"]) & (BOARD["estimate"] < BOARD["high"])).all()
    assert (BOARD["seeds"] == 3).all()
    assert BOARD["cost"].tolist() == [101, 7, 101, 7] and BOARD["family"].tolist()[1] == "own"


def test_a_single_network_gives_no_interval() -> None:
    alone = leaderboard(SCORES[SCORES["seed"] == 0])
    assert alone["low"].isna().all() and alone["estimate"].tolist() == pytest.approx([0.6, 0.2, 0.6, 0.2])


def test_no_interval_reaches_beyond_what_is_possible() -> None:
    """Two networks of .8 and 1: Student's t with one degree of freedom alone would reach above 2."""
    two = SCORES[SCORES["seed"] < 2]
    board = leaderboard(two.assign(value=0.8 + 0.2 * two["seed"]), draws=20)
    assert board["estimate"].tolist() == pytest.approx([0.9] * 4)
    assert (board["high"] == 1).all() and (board["low"] > -1).all()
    near = leaderboard(two.assign(value=0.1 + 0.2 * two["seed"], criterion="cue found"), draws=20)
    assert (near["low"] == 0).all()  # a probability; the plain interval is 0.2 plus and minus 1.27


def test_scores_that_are_not_defined_do_not_count() -> None:
    scores = SCORES.assign(value=SCORES["value"].where(SCORES["criterion"] == "cause"))
    assert leaderboard(scores, draws=20)["criterion"].unique().tolist() == ["cause"]


def test_the_table_has_a_row_a_method_and_marks_what_exceeds_nothing() -> None:
    wide = wide_board(BOARD)
    assert wide.columns.tolist() == ["method", "family", "cost", "cause", "masking"]
    assert wide["cause"].iloc[0].startswith("0.70 [0.")
    assert wide_board(BOARD.assign(low=-0.001))["cause"].iloc[0].startswith("0.70 [0.00, ")
    page = board_html(BOARD.assign(low=np.where(BOARD["method"] == "mine", -0.1, BOARD["low"])), NOTHING)
    assert "faceinv-sortable" in page and page.count("<strong>") == 2 and page.count("<tr>") == 3
    assert page.index("occlusion") < page.index("mine") and "<td>101</td>" in page


def test_photographs_have_no_parts_whose_causes_are_unknown() -> None:
    smoke = PROFILES["smoke"]
    kinds = [type(part) for part in parts(smoke)]
    assert {kind: kinds.count(kind) for kind in kinds} == {Masked: 2, Randomised: 2, Exchange: 2, Planting: 4}
    assert [run.task for run in benchmark_runs(smoke)] == ["gender", "gender"]
    needed = [name for name, each in CRITERIA.items() if each.needs_causes]
    assert needed == ["cause", "cue found", "cue not invented"] and len(CRITERIA) == 5
