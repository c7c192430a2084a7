import numpy as np
import pytest
from scipy.stats import spearmanr

from faceinv.errors import InputError
from faceinv.metrics.map_similarity import rank_correlation, top_overlap


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


def test_overlap_counts_shared_top_pixels() -> None:
    a = np.arange(100.0).reshape(1, 10, 10)
    b = np.roll(a, 5, axis=2).copy()
    top = {tuple(place) for place in np.argwhere(a[0] >= 90)} & {tuple(p) for p in np.argwhere(b[0] >= 90)}
    assert top_overlap(a, b, 0.1) == pytest.approx([len(top) / 10])
    assert top_overlap(a, a, 0.1) == top_overlap(a, 3 * a - 7, 0.1) == [1.0]
    assert top_overlap(a, -a, 0.1) == [0.0]
    with pytest.raises(InputError, match="at least one pixel"):
        top_overlap(a, b, 0.001)


def test_overlap_of_independent_maps_and_of_flat_ones_is_the_fraction() -> None:
    rng = np.random.default_rng(2)
    noise, flat = rng.random((2, 300, 20, 20)), np.zeros((300, 20, 20))
    for a, b in (noise, (flat, flat)):
        # five standard deviations of a hypergeometric share, over 300 images
        assert top_overlap(a, b, 0.1).mean() == pytest.approx(0.1, abs=5 * (0.09 * 0.9 / 40 / 300) ** 0.5)
