"""Tolerance curves of classifiers whose answers are known by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from faceinv.errors import InputError
from faceinv.metrics.tolerance_curve import tolerance_curve
from faceinv.models.architectures import Specification, build
from faceinv.perturbations.transformations import TRANSFORMATIONS


class LeftOrRight(nn.Module):
    """It answers which half of an image is brighter, left (0) or right (1)."""

    most = 0  # images that it was given at a time

    def forward(self, images: Tensor) -> Tensor:
        self.most = max(self.most, len(images))
        half = images.shape[-1] // 2
        return torch.stack([images[..., :half].sum((1, 2, 3)), images[..., half:].sum((1, 2, 3))], 1)


IMAGES = torch.zeros(4, 1, 16, 16)
IMAGES[[0, 2], :, 8, 6] = 1
IMAGES[[1, 3], :, 8, 9] = 1
LABELS = [0, 1, 0, 1]
"""A dot close to the middle line. In the order of the study the images move right, down, left and up."""


def test_a_dot_that_crosses_the_middle_is_no_longer_known() -> None:
    table = tolerance_curve(LeftOrRight(), IMAGES, LABELS, "position", (0, 1 / 16, 1 / 8))
    assert list(table) == ["transformation", "level", "accuracy", "balanced_accuracy", "n"]
    # Two pixels to the right take the first dot from column 6 to 8; the third moves left, and stays known.
    assert table["accuracy"].tolist() == [1, 1, 3 / 4]
    assert table["balanced_accuracy"].tolist() == [1, 1, (1 / 2 + 1) / 2]
    assert table["level"].tolist() == [0, 1 / 16, 1 / 8]
    assert (table["n"] == 4).all()
    for batch in (2, 3):
        model = LeftOrRight()
        batched = tolerance_curve(model, IMAGES, LABELS, "position", (0, 1 / 16, 1 / 8), batch=batch)
        assert batched.equals(table) and model.most == batch


class Third(nn.Module):
    """It answers which third of an image is brightest, from left to right."""

    def forward(self, images: Tensor) -> Tensor:
        return torch.stack([part.sum((1, 2, 3)) for part in images.tensor_split(3, dim=-1)], 1)


def test_balanced_accuracy_is_the_mean_over_the_true_classes() -> None:
    images = torch.zeros(4, 1, 12, 12)
    images[[0, 1, 2, 3], 0, 6, [1, 1, 5, 9]] = 1
    table = tolerance_curve(Third(), images, [0, 1, 1, 2], "position", [0])
    assert table["accuracy"].tolist() == [3 / 4]
    assert table["balanced_accuracy"].tolist() == [(1 + 1 / 2 + 1) / 3]


def test_all_transformations_at_their_own_levels() -> None:
    table = tolerance_curve(LeftOrRight(), IMAGES)
    assert list(table["transformation"].unique()) == list(TRANSFORMATIONS)
    for name, part in table.groupby("transformation"):
        assert tuple(part["level"]) == TRANSFORMATIONS[str(name)].levels_at(16)
        assert part["accuracy"].iloc[0] == 1  # what is answered untransformed is taken to be true


def test_levels_are_given_by_name() -> None:
    table = tolerance_curve(LeftOrRight(), IMAGES, LABELS, ["size", "blur"], {"blur": [0, 0.5]})
    assert tuple(table.query("transformation == 'size'")["level"]) == TRANSFORMATIONS["size"].levels
    assert table.query("transformation == 'blur'")["level"].tolist() == [0, 0.5]


def test_a_network_of_the_package_takes_pixels() -> None:
    network = build(Specification("resnet18", ("female", "male"), 0.0625, 32))
    images = np.random.default_rng(0).integers(256, size=(4, 40, 40, 3), dtype=np.uint8)
    table = tolerance_curve(network, images, ["female"] * 4, "rotation", [0])
    answers = network.logits(network.prepare(images)).argmax(1)
    assert table["accuracy"].tolist() == [float((answers == 0).float().mean())]
    floats = images.astype(np.float32) / 255
    same = tolerance_curve(network, floats, answers.numpy(), "rotation", [0], value_range=(0, 1))
    assert same["accuracy"].tolist() == [1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"transformations": "shear"}, "transformation is 'shear'; expected one of position"),
        (
            {"transformations": ["size", "position"], "levels": {"blur": [0]}},
            "there are levels of 'blur'; expected some of size, position$",
        ),
        ({"levels": [0]}, "size is 0.0; expected a factor above 0"),
        ({"labels": [0]}, r"labels are of shape \(1,\); expected one for each of 4 images"),
        ({"images": np.zeros((1, 4, 4), np.uint8)}, "the model's mean and std are not known"),
    ],
)
def test_what_makes_no_curve_is_one_sentence(change: dict[str, Any], message: str) -> None:
    given: dict[str, Any] = {
        "model": LeftOrRight(),
        "images": IMAGES,
        "labels": LABELS,
        "transformations": "size",
    }
    given |= change
    with pytest.raises(InputError, match=message) as error:
        tolerance_curve(**given)
    assert "\n" not in str(error.value)
