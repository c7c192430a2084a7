"""Any module as a classifier: what it takes, what it returns, and what is refused."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from faceinv.errors import InputError
from faceinv.models.architectures import Specification, build
from faceinv.models.classifiers import Classifier, as_classifier
from faceinv.models.pixels import to_unit_range

GREY = np.array([[[0, 51], [102, 255]]], np.uint8)
"""One grey image of two by two pixels."""


class Corners(nn.Module):
    """Its two logits are the first and the last pixel."""

    def forward(self, images: Tensor) -> Tensor:
        flat = images.flatten(1)
        return torch.stack([flat[:, 0], flat[:, -1]], 1)


def test_pixels_of_any_type_reach_from_black_to_white() -> None:
    expected = torch.tensor([[[[0.0, 0.2], [0.4, 1.0]]]])
    torch.testing.assert_close(to_unit_range(GREY), expected)
    torch.testing.assert_close(to_unit_range(GREY[..., None]), expected)
    torch.testing.assert_close(to_unit_range(torch.from_numpy(GREY)[:, None]), expected)
    torch.testing.assert_close(to_unit_range(GREY / 255, (0, 1)), expected)
    torch.testing.assert_close(to_unit_range(GREY / 127.5 - 1, (-1, 1)), expected)
    colour = np.array([[[[255, 0, 51]]]], np.uint8)  # one pixel: red, green and blue become planes
    assert to_unit_range(colour)[0, :, 0, 0].tolist() == pytest.approx([1, 0, 0.2])


def test_inputs_are_normalised_where_mean_and_deviation_are_known() -> None:
    classifier = Classifier(Corners(), mean=(0.5,), std=(0.25,), size=4)
    inputs = classifier.inputs(np.full((1, 2, 2), 255, np.uint8))
    torch.testing.assert_close(inputs, torch.full((1, 1, 4, 4), 2.0))
    torch.testing.assert_close(classifier.inputs(np.ones((1, 2, 2)), (0, 1)), inputs)
    torch.testing.assert_close(classifier.inputs(np.zeros((1, 2, 2)), (-1, 1)), torch.zeros(1, 1, 4, 4))


def test_floats_without_a_range_are_inputs_already() -> None:
    given = torch.randn(2, 1, 2, 2)
    for classifier in (as_classifier(Corners()), Classifier(Corners(), mean=(0.5,), std=(0.25,))):
        assert classifier.inputs(given) is given
        torch.testing.assert_close(classifier.inputs(given.numpy()), given)


def test_a_module_that_says_nothing_takes_floats_as_they_are() -> None:
    pixels = GREY / 127.5 - 1
    torch.testing.assert_close(
        as_classifier(Corners()).inputs(pixels, (-1, 1)), torch.from_numpy(pixels).float()[:, None]
    )


def test_logits_are_those_of_evaluation_and_the_module_stays_as_it_was() -> None:
    last = nn.Linear(2, 2, bias=False).eval()
    module = nn.Sequential(nn.Dropout(0.5), Corners(), last)
    with torch.no_grad():
        last.weight.copy_(torch.eye(2))
    images = torch.rand(5, 1, 2, 2)
    found = as_classifier(module).logits(images, batch=2)
    torch.testing.assert_close(found, images.flatten(1)[:, [0, -1]])
    assert (module.training, module[0].training, module[2].training) == (True, True, False)


def test_classes_are_named_or_numbered() -> None:
    inputs = torch.zeros(1, 1, 2, 2)
    assert as_classifier(Corners()).with_classes(inputs).classes == ("0", "1")
    assert as_classifier(Corners(), ["cat", "dog"]).with_classes(inputs).classes == ("cat", "dog")


def test_a_network_of_the_package_is_a_classifier() -> None:
    network = build(Specification("resnet18", ("female", "male"), 0.0625, 32))
    images = np.random.default_rng(0).integers(256, size=(2, 40, 40, 3), dtype=np.uint8)
    classifier = as_classifier(network)
    assert classifier.classes == ("female", "male")
    inputs = network.prepare(images)
    assert torch.equal(classifier.inputs(images), inputs)
    assert torch.equal(network.prepare(images / 255, (0, 1)), inputs)
    assert torch.equal(classifier.logits(inputs), network.logits(inputs))


@pytest.mark.parametrize(
    ("images", "value_range", "message"),
    [
        (GREY / 255, None, "the images are float64; expected uint8, or floats with their range"),
        (GREY / 255, (1, 0), r"value_range is \(1, 0\); expected the value of black and a larger value"),
        (GREY / 1.0, (0, 1), "the images range from 0 to 255; expected values from 0 to 1"),
        (GREY[0], None, r"the images are of shape \(2, 2\); expected N x H x W x channels"),
        (torch.zeros(1, 2, 2, 3), (0, 1), r"shape \(1, 2, 2, 3\); expected N x channels x H x W"),
    ],
)
def test_pixels_without_a_meaning_are_refused(images: Any, value_range: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        to_unit_range(images, value_range)


def test_a_network_says_that_floats_need_a_range() -> None:
    network = build(Specification("resnet18", ("female", "male"), 0.0625, 32))
    with pytest.raises(InputError, match=r"floats with their range, such as value_range=\(0, 1\)"):
        network.prepare(np.zeros((1, 32, 32, 3)))
    with pytest.raises(InputError, match=r"the images have 1 channel\(s\) and the network takes 3"):
        network.prepare(GREY)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: as_classifier(cast(Any, "resnet18")),
            "the model is of type str; expected",
        ),
        (lambda: Classifier(Corners(), mean=(0.5,)), r"mean is \(0.5,\) and std is None; expected both"),
        (lambda: Classifier(Corners(), mean=(0.0,), std=(0.0,)), "expected numbers above 0"),
        (lambda: as_classifier(Corners(), ["a", "a"]), "two classes have the same name"),
        (lambda: as_classifier(Corners()).inputs(GREY), "the model's mean and std are not known"),
        (
            lambda: as_classifier(Corners()).inputs(cast(Any, [0])),
            "the images are of type list; expected an array",
        ),
        (lambda: as_classifier(Corners()).inputs(np.zeros((2, 2))), r"float64 of shape \(2, 2\)"),
        (
            lambda: as_classifier(Corners(), ["a"]).logits(torch.zeros(1, 1, 2, 2)),
            "there are 1 names of classes and the model returns 2 logits",
        ),
        (
            lambda: as_classifier(nn.Conv2d(3, 2, 1)).logits(torch.zeros(1, 1, 2, 2)),
            "the model cannot take images of 1 x 2 x 2: .*expected.* 3 channels",
        ),
        (
            lambda: as_classifier(nn.Conv2d(1, 2, 1)).logits(torch.zeros(1, 1, 2, 2)),
            r"the model returns \(1, 2, 2, 2\); expected logits, N x classes",
        ),
    ],
)
def test_what_is_no_classifier_is_refused(make: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()
