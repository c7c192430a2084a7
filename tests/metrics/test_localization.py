"""Measures of localization on maps whose scores are known by hand."""

import numpy as np
import pytest

from faceinv.errors import InputError
from faceinv.metrics.localization import mass_over_area, pixel_roc, pointing_game
from faceinv.metrics.roc import area_under_roc

MASK = np.zeros((1, 4, 4), bool)
MASK[0, 0, :2] = True


def single(place, value=1.0):
    found = np.zeros((1, 4, 4))
    found[0][place] = value
    return found


def test_mass_is_counted_relative_to_area_and_without_sign():
    half = single((0, 0), -3) + single((3, 3), 3)
    assert mass_over_area(half, MASK) == 0.5 / (2 / 16)
    assert mass_over_area(np.ones((1, 4, 4)), MASK) == 1
    assert np.isnan(mass_over_area(np.zeros((1, 4, 4)), MASK))
    assert np.isnan(mass_over_area(half, np.zeros_like(MASK)))


def test_the_highest_pixel_hits_or_misses():
    assert pointing_game(single((0, 1), -2) + single((3, 3)), MASK) == 1
    assert pointing_game(single((0, 2)), MASK) == 0
    assert pointing_game(single((0, 2)), MASK, tolerance=1) == 1
    assert pointing_game(single((1, 2)), MASK, tolerance=1) == 0  # it is the square root of two away
    assert pointing_game(np.ones((1, 4, 4)), MASK) == 2 / 16
    assert np.isnan(pointing_game(single((0, 2)), np.zeros_like(MASK)))


def test_pixels_of_a_region_are_ranked_against_all_others():
    assert pixel_roc(single((0, 0)) + single((0, 1), -1), MASK) == 1
    assert pixel_roc(1 - single((0, 0)) - single((0, 1)), MASK) == 0
    assert pixel_roc(np.ones((1, 4, 4)), MASK) == 0.5
    assert pixel_roc(single((0, 0)), MASK) == 0.5 + 0.5 / 2  # one of two above all others, the other tied


def test_the_area_under_the_roc_counts_pairs():
    scores = np.array([3.0, 1.0, 2.0, 0.0, 2.0])
    group = np.array([True, True, True, False, False])
    # 3 beats 0 and 2; 1 beats 0; 2 beats 0 and ties with 2
    assert area_under_roc(scores, group) == (2 + 1 + 1.5) / 6
    assert area_under_roc(-scores, group) == 1 - 4.5 / 6
    assert np.isnan(area_under_roc(scores, np.ones(5, bool)))
    assert np.isnan(area_under_roc(np.array([1.0, np.nan]), np.array([True, False])))


def test_rows_are_separate():
    found = area_under_roc(np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([[False, True]] * 2))
    assert found.tolist() == [1, 0]


@pytest.mark.parametrize("masks", [MASK[:, :2], MASK.astype(float), np.zeros((2, 4, 4), bool)])
def test_masks_that_do_not_fit_are_refused(masks):
    with pytest.raises(InputError, match="expected maps N x H x W and boolean masks"):
        pixel_roc(np.ones((1, 4, 4)), masks)
    with pytest.raises(InputError, match="scores are of shape"):
        area_under_roc(np.ones(3), np.ones(2, bool))
