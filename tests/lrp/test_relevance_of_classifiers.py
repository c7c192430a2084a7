"""Relevance of networks that say how they take pixels and what their classes are called."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from any_networks import images, linear

from faceinv.errors import InputError
from faceinv.lrp.composites import composite
from faceinv.lrp.relevance import relevance
from faceinv.models.classifiers import Classifier

NAMES = ("cat", "dog", "horse")


def test_targets_may_be_names() -> None:
    named, given = Classifier(linear(), NAMES), images(2, size=8)
    expected = relevance(named, given, [1, 0])
    assert not np.array_equal(expected, relevance(named, given, [0, 1]))
    np.testing.assert_array_equal(relevance(named, given, ["dog", "cat"]), expected)
    np.testing.assert_array_equal(relevance(named, given, "dog")[0], expected[0])
    with pytest.raises(InputError, match="the target 'bird' is not a class; expected one of cat, dog, horse"):
        relevance(named, given, ["dog", "bird"])


def test_bounds_of_a_classifier_are_black_and_white() -> None:
    module = linear()
    classifier = Classifier(module, mean=(0.5,) * 3, std=(0.25,) * 3)
    found = relevance(classifier, images(size=8), 0, "epsilon-gamma-box")
    expected = relevance(module, images(size=8), 0, composite("epsilon-gamma-box", low=-2, high=2))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6 * np.abs(expected).max())
    other = relevance(module, images(size=8), 0, composite("epsilon-gamma-box", low=-3, high=3))
    assert not np.allclose(found, other, rtol=1e-2)


def test_pixels_are_explained_as_the_input_that_they_become() -> None:
    classifier = Classifier(linear(), mean=(0.5,) * 3, std=(0.25,) * 3)
    white = np.full((1, 8, 8, 3), 255, np.uint8)
    expected = relevance(classifier, torch.full((1, 3, 8, 8), 2.0), 0)
    assert expected.any()
    np.testing.assert_allclose(relevance(classifier, white, 0), expected, rtol=1e-4, atol=1e-7)
    shares = relevance(classifier, white / 255, 0, value_range=(0, 1))
    np.testing.assert_allclose(shares, expected, rtol=1e-4, atol=1e-7)
