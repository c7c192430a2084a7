"""Widths of intervals against Student's t and Fieller's definition."""

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import t as student

from faceinv.metrics.intervals import fieller_limits, inflated, logit_limits, matching_degrees, stretched


def test_each_variance_is_inflated_by_its_own_quantile() -> None:
    parts = [(np.array([1.0, 0.0]), np.array([2.0, 2.0])), (np.array([4.0, 9.0]), np.array([15.0, 15.0]))]
    t = student.ppf(0.95, [2, 15]) ** 2
    assert inflated(parts, 0.9) == pytest.approx([t[0] + 4 * t[1], 9 * t[1]])
    fewest = student.ppf(0.975, 1) ** 2  # less than one degree of freedom counts as one
    assert inflated([(np.ones(2), np.array([1.0, 0.4]))]) == pytest.approx([fewest, fewest])


def test_degrees_are_those_at_which_students_t_has_the_quantile() -> None:
    degrees = np.array([1.0, 2.5, 9.0, 100.0])
    assert matching_degrees(student.ppf(0.975, degrees)) == pytest.approx(degrees, rel=1e-3)
    assert np.isnan(matching_degrees(np.array([np.nan]))).all()


def test_limits_of_fieller_solve_their_equation() -> None:
    n, d, nn, nd, dd = (np.array([each]) for each in (2.0, 3.0, 0.5, 0.1, 1.0))
    for limit in fieller_limits(n, d, nn, nd, dd):
        assert (n - limit * d) ** 2 == pytest.approx(nn - 2 * limit * nd + limit**2 * dd)
    low, high = fieller_limits(n, np.array([0.9]), nn, nd, dd)
    assert np.isnan([low, high]).all()
    low, high = fieller_limits(n, d / 10, nn / 100, nd / 100, dd / 100)  # a denominator below one, but safe
    assert low < 20 / 3 < high
    low, high = fieller_limits(n, np.ones(1), nn, nd, np.ones(1))  # it is zero at the end of its interval
    assert np.isnan([low, high]).all()


def test_limits_of_a_share_are_symmetric_in_its_logit() -> None:
    share, half = np.array([0.8, 0.5, 0.0, 1.0]), np.array([0.1, 0.0, 0.1, 0.1])
    low, high = logit_limits(share, half)
    wide = 0.1 / (0.8 * 0.2)
    assert low.tolist() == pytest.approx([expit(logit(0.8) - wide), 0.5, 0, 1])
    assert high.tolist() == pytest.approx([expit(logit(0.8) + wide), 0.5, 0, 1])


def test_an_interval_is_stretched_to_another_level() -> None:
    low, high = stretched(1.0, 1 - student.ppf(0.975, 4), 1 + 2 * student.ppf(0.975, 4), 4, 0.99)
    assert (1 - low, high - 1) == pytest.approx((student.ppf(0.995, 4), 2 * student.ppf(0.995, 4)))
