"""Holm's correction against p values and levels that are known by hand."""

import numpy as np
import pytest
from scipy.stats import t as student

from faceinv.reporting.claims import Claim, corrections, judge, judge_margins, scoreboard
from faceinv.reporting.criteria import First, Terms
from faceinv.reporting.multiplicity import doubt, holm

ABOVE = Terms("text", "statistic", criterion=0.0, direction="above")
BELOW = Terms("text", "statistic", criterion=0.0, direction="below")
WITHIN = Terms("text", "statistic", "equivalence", bounds=(-1.0, 1.0))


def row(estimate: float, error: float = 1.0, df: float = 9) -> tuple[float, float, float, float]:
    half = student.ppf(0.975, df) * error
    return estimate, estimate - half, estimate + half, df


def test_doubt_is_the_p_value_of_students_test() -> None:
    assert doubt(ABOVE, row(2.5)) == pytest.approx(2 * student.sf(2.5, 9))
    assert doubt(BELOW, row(-2.5, df=2)) == pytest.approx(2 * student.sf(2.5, 2))
    assert doubt(ABOVE, row(-0.1)) == 1
    # two one-sided tests: the nearer bound decides
    assert doubt(WITHIN, row(0.4, 0.1)) == pytest.approx(2 * student.sf(6, 9))
    assert doubt(ABOVE, (1.0, 1.0, 1.0, 9)) == 0
    estimate, low, high, _ = row(2.0, df=1e6)
    assert doubt(ABOVE, (estimate, low, high, float("nan"))) == pytest.approx(0.0455, abs=1e-4)


def test_levels_are_those_of_holm() -> None:
    """p values .001, .02, .03 and 1: the first passes .05 / 4, the second fails .05 / 3, as do all others."""
    errors = {name: student.isf(p / 2, 9) for name, p in (("a", 0.001), ("b", 0.02), ("c", 0.03))}
    found = {name: (ABOVE, [row(value)]) for name, value in errors.items()} | {"d": (ABOVE, [row(-1)])}
    corrected = holm(found)
    assert [corrected[name].level for name in "abcd"] == pytest.approx([1 - 0.05 / 4] + [1 - 0.05 / 3] * 3)
    assert [corrected[name].low > 0 for name in "abcd"] == [True, False, False, False]
    wide = student.ppf(1 - 0.05 / 8, 9)
    assert corrected["a"].low == pytest.approx(errors["a"] - wide)


def test_a_claim_with_several_controls_is_as_clear_as_the_least_clear_of_them() -> None:
    found = holm({"a": (ABOVE, [row(5), row(2.4)]), "b": (ABOVE, [row(4)])})
    assert found["b"].level == pytest.approx(0.975) and found["a"].level == pytest.approx(0.95)
    assert found["a"].low == pytest.approx(row(2.4)[1])


def test_an_interval_with_few_degrees_of_freedom_is_stretched_by_its_own_quantiles() -> None:
    """The clearer of two claims is judged at .975, where Student's t of 4.7 degrees is 3.24 and not 2.62."""
    claim = Claim("a", "crawford2020", "abstract", "01_a", First("t", "s", criterion=0.0, direction="above"))
    judged = judge(claim, 1.0, 0.2, 1.8, 4.7)
    assert judged.df == 4.7
    clear = {name: judge(claim, *row(9)) for name in ("b", "c")}
    last = corrections(dict.fromkeys("abc", claim), {"a": judged} | clear)["a"]
    assert (last.low, last.high) == pytest.approx((0.2, 1.8))
    both = corrections(dict.fromkeys("ab", claim), {"a": judged, "b": judge(claim, 1.0, 0.1, 1.9, 4.7)})
    assert both["a"].low == pytest.approx(1 - 0.8 * 3.2434 / 2.6207, abs=1e-4)
    assert both["b"].low == pytest.approx(0.1)


def test_what_is_not_judged_is_not_counted() -> None:
    report = Terms("text", "statistic", "report")
    found = holm({"a": (ABOVE, [row(3)]), "b": (report, [row(9)]), "c": (ABOVE, [(0, np.nan, np.nan, 9)])})
    assert list(found) == ["a"] and found["a"].level == pytest.approx(0.95)


def test_a_corrected_interval_ends_where_values_of_its_statistic_do() -> None:
    """For two claims, t with two degrees of freedom is 6.205 instead of 4.303: 0.25 becomes 0.36."""
    first = First("A.", "difference", criterion=0.5, direction="above")
    claims = {
        name: Claim(name, "faceinv", "own", "13_a", first, least=-1.0, largest=largest)
        for name, largest in (("bounded", 1.0), ("free", None))
    }
    judgements = {name: judge(each, 0.7, 0.45, 0.95, 2.0) for name, each in claims.items()}
    joint = corrections(claims, judgements)
    assert joint["bounded"].high == 1.0 and joint["free"].high == pytest.approx(1.0605, abs=1e-3)
    assert joint["bounded"].low == pytest.approx(joint["free"].low) == pytest.approx(0.3395, abs=1e-3)
    page = scoreboard(claims, {"run": judgements}, corrected=True).data
    assert page.count("1.00]</small>") == 1


def test_the_interval_of_a_share_is_corrected_on_its_logit() -> None:
    """Logits of 0.5, 0.7 and 0.9: ln 1, ln 7/3 and ln 9; for two claims the sides grow by 6.205 / 4.303."""
    first = First("A.", "area", criterion=0.5, direction="above")
    claims = {name: Claim(name, "faceinv", "own", "13_a", first, least=0.0, largest=1.0) for name in "ab"}
    judgements = {name: judge(each, 0.7, 0.5, 0.9, 2.0) for name, each in claims.items()}
    joint = corrections(claims, judgements)
    grown, middle = 6.2053 / 4.3027, np.log(7 / 3)
    low, high = middle - grown * middle, middle + grown * (np.log(9) - middle)
    assert joint["b"].low == pytest.approx(1 / (1 + np.exp(-low)), abs=1e-4)
    assert joint["b"].high == pytest.approx(1 / (1 + np.exp(-high)), abs=1e-4) and joint["b"].high < 1
    # without a logit, as where all answers are right, the interval keeps its own scale
    certain = corrections(claims, {name: judge(each, 1.0, 0.8, 1.0, 2.0) for name, each in claims.items()})
    least = min(each.low for each in certain.values())
    assert least == pytest.approx(1 - 0.2 * grown, abs=1e-3) and certain["b"].high == 1


def test_hardly_any_of_many_nulls_is_supported() -> None:
    rng = np.random.default_rng(0)
    wrong = 0
    for _ in range(300):
        samples = rng.normal(size=(10, 5))
        means, errors = samples.mean(1), samples.std(1, ddof=1) / np.sqrt(5)
        found = holm({str(i): (ABOVE, [row(means[i], errors[i], 4)]) for i in range(10)})
        wrong += any(each.low > 0 for each in found.values())
    assert wrong / 300 <= 0.05


def test_the_scoreboard_shows_both_intervals() -> None:
    def claim(name: str, **terms: object) -> Claim:
        first = First("text", "s", criterion=0.0, direction="above", **terms)  # type: ignore[arg-type]
        return Claim(name, "crawford2020", "abstract", "01_a", first)

    claims = {"a": claim("a"), "b": claim("b"), "c": claim("c", controls=("x", "y"))}
    judgements = {
        "a": judge(claims["a"], *row(2.4)),
        "b": judge(claims["b"], *row(9)),
        "c": judge_margins(claims["c"], {"x": row(8), "y": row(7)}),
    }
    joint = corrections(claims, judgements)
    assert joint["a"].level == pytest.approx(0.95) and joint["b"].level == pytest.approx(1 - 0.05 / 3)
    page = scoreboard(claims, {"run": judgements}, corrected=True).data
    assert page.count("corrected for the number of claims: supported") == 3
    assert "corrected for" not in scoreboard(claims, {"run": judgements}).data
