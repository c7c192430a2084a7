import numpy as np
import pytest
from scipy.stats import spearmanr

from faceinv.agreement import rank_correlation
from faceinv.errors import InputError


def test_equals_scipy_image_by_image_with_ties() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 9, (2, 5, 8, 8)).astype(float)
    expected = [spearmanr(x.ravel(), y.ravel()).statistic for x, y in zip(a, b, strict=True)]
    assert np.allclose(rank_correlation(a, b), expected)


def test_monotone_change_leaves_one_and_a_constant_map_has_none() -> None:
    a = np.random.default_rng(1).random((2, 6, 6))
    assert np.allclose(rank_correlation(a, np.exp(a)), 1)
    assert np.isnan(rank_correlation(a, np.ones_like(a))).all()


def test_other_shapes_are_refused() -> None:
    with pytest.raises(InputError, match="cannot be compared"):
        rank_correlation(np.zeros((1, 2, 2)), np.zeros((1, 3, 3)))
