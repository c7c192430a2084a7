"""The score of the mutants, by what mutmut says of each."""

from __future__ import annotations

import importlib.util

import pytest
from conftest import REPOSITORY

_SPEC = importlib.util.spec_from_file_location("mutation_score", REPOSITORY / "scripts" / "mutation_score.py")
assert _SPEC is not None and _SPEC.loader is not None
mutation_score = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(mutation_score)

SAID = """
    faceinv.a.masks.x_ranks__mutmut_1: killed
    faceinv.a.masks.x_ranks__mutmut_2: survived
    faceinv.a.masks.x_ranks__mutmut_3: timeout
    faceinv.b.xǁRulesǁapply__mutmut_1: no tests
    faceinv.b.xǁRulesǁapply__mutmut_2: not checked
"""


def test_mutants_are_counted_by_module_and_in_all() -> None:
    table = mutation_score.score_table(SAID).set_index("module")
    assert table["mutants"].to_dict() == {"faceinv.a.masks": 3, "faceinv.b": 1, "all": 4}
    assert table["killed"].to_dict() == {"faceinv.a.masks": 2, "faceinv.b": 0, "all": 2}
    assert table["score"].to_dict() == pytest.approx({"faceinv.a.masks": 2 / 3, "faceinv.b": 0, "all": 0.5})


def test_without_mutants_there_is_no_score() -> None:
    assert mutation_score.score_table("")["mutants"].tolist() == [0]


def test_a_sample_fails_only_if_chance_does_not_explain_it() -> None:
    assert mutation_score.too_few(899, 1000, left_out=0)
    assert not mutation_score.too_few(900, 1000, left_out=0)
    # The interval of 890 of 1,000 ends at .908, that of 870 at .889 (the formula of Wilson 1927).
    assert not mutation_score.too_few(890, 1000, left_out=9000)
    assert mutation_score.too_few(870, 1000, left_out=9000)
