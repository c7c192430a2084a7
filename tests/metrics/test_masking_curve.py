"""Masking curves of classifiers whose answers are known by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from faceinv.errors import InputError
from faceinv.lrp.composites import composite
from faceinv.metrics.masking_curve import masking_curve
from faceinv.models.architectures import Specification, build
from faceinv.models.classifiers import Classifier
from faceinv.perturbations.control_masks import control_names


class FirstPixel(nn.Module):
    """It answers 1 where the first pixel is above zero, and 0 where it is not."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(16, 2, bias=False)
        with torch.no_grad():
            self.layer.weight.zero_()
            self.layer.weight[0, 0], self.layer.weight[1, 0] = -1, 1

    def forward(self, images: Tensor) -> Tensor:
        return self.layer(images.flatten(1))


LABELS = [0, 1, 1]
IMAGES = torch.full((3, 1, 4, 4), -0.25)
IMAGES[0] *= -1
IMAGES[:, 0, 0, 0] = torch.tensor([-1.0, 1.0, 2.0])
"""Their means have the other sign than their first pixels: without these the answers are wrong."""

POINTER = np.zeros((3, 4, 4))
POINTER[:, 0, 0] = 1
"""Scores that point at what matters."""


def accuracy(table: Any, **chosen: Any) -> float:
    rows = table[np.logical_and.reduce([table[name] == value for name, value in chosen.items()])]
    assert len(rows) == 1
    return float(rows["accuracy"].iloc[0])


def test_the_pixel_that_decides_is_all_that_is_needed() -> None:
    table = masking_curve(FirstPixel(), IMAGES, LABELS, POINTER, fractions=(0, 1 / 16, 15 / 16, 1))
    for fraction, most, least in ((0, 0, 0), (1 / 16, 1, 0), (15 / 16, 1, 0), (1, 1, 1)):
        assert accuracy(table, mask="scores", order="most", fraction=fraction) == most
        assert accuracy(table, mask="scores", order="least", fraction=fraction) == least
    assert list(table) == ["mask", "order", "fraction", "fill", "accuracy", "balanced_accuracy", "n"]
    assert set(table["mask"]) == {"scores", *control_names("image")}
    assert (table["n"] == 3).all()


def test_relevance_is_a_mask_that_finds_it() -> None:
    table = masking_curve(FirstPixel(), IMAGES, LABELS, "epsilon", fractions=[1 / 16], controls=["centre"])
    assert accuracy(table, mask="relevance", order="most") == 1
    assert accuracy(table, mask="relevance", order="least") == 0
    assert accuracy(table, mask="centre", order="most") == 0  # the corner is what lies farthest from it
    assert accuracy(table, mask="centre", order="least", fraction=1 / 16) in (0, 1 / 3, 2 / 3, 1)


def test_relevance_may_be_by_a_composite_of_other_parameters() -> None:
    chosen = composite("epsilon", epsilon=0.1)
    table = masking_curve(FirstPixel(), IMAGES, LABELS, chosen, fractions=[1 / 16], controls=())
    assert accuracy(table, mask="relevance", order="most") == 1


def test_several_scores_are_masks_by_name() -> None:
    scores = {"there": POINTER, "elsewhere": -POINTER}
    table = masking_curve(FirstPixel(), IMAGES, LABELS, scores, fractions=[1 / 16], controls=())
    assert list(table["mask"].unique()) == ["there", "elsewhere"]
    assert (
        accuracy(table, mask="there", order="most") == accuracy(table, mask="elsewhere", order="least") == 1
    )


def test_accuracy_is_balanced_over_the_true_classes() -> None:
    wrong = [1, 1, 1]  # of the three answers 0, 1, 1 two are right; of the only class, two thirds
    table = masking_curve(FirstPixel(), IMAGES, wrong, POINTER, fractions=[1], controls=())
    assert table["accuracy"].tolist() == table["balanced_accuracy"].tolist() == [2 / 3, 2 / 3]
    mixed = [0, 0, 1]
    table = masking_curve(FirstPixel(), IMAGES, mixed, POINTER, fractions=[1], controls=(), orders=["most"])
    assert table["balanced_accuracy"].tolist() == [(1 / 2 + 1) / 2]


def test_without_labels_the_whole_image_says_what_is_right() -> None:
    table = masking_curve(FirstPixel(), IMAGES, scores=POINTER, fractions=(0, 1), controls=())
    assert accuracy(table, order="most", fraction=1) == 1
    assert accuracy(table, order="most", fraction=0) == 0


def test_labels_are_numbers_or_names() -> None:
    named = Classifier(FirstPixel(), ("dark", "bright"))
    expected = masking_curve(FirstPixel(), IMAGES, LABELS, POINTER)
    for labels in (torch.tensor(LABELS), np.array(LABELS), ["dark", "bright", "bright"]):
        assert masking_curve(named, IMAGES, labels, POINTER).equals(expected)


def test_a_network_of_the_package_is_read_as_its_study_reads_it() -> None:
    network = build(Specification("resnet18", ("female", "male"), 0.0625, 32))
    images = np.random.default_rng(0).integers(256, size=(4, 40, 40, 3), dtype=np.uint8)
    table = masking_curve(network, images, ["female", "male", "male", "female"], fractions=[0.3, 1])
    answers = network.logits(network.prepare(images)).argmax(1).numpy()
    assert accuracy(table, mask="relevance", order="most", fraction=1) == (answers == [0, 1, 1, 0]).mean()
    prepared = masking_curve(network, network.prepare(images), [0, 1, 1, 0], fractions=[0.3, 1])
    assert prepared.equals(table)


def many(seed: int = 0) -> tuple[Tensor, np.ndarray]:
    """Images whose first pixel says the class, and what says nothing."""
    images = torch.randn(40, 1, 4, 4, generator=torch.Generator().manual_seed(seed))
    return images, (images[:, 0, 0, 0] > 0).long().numpy()


def test_a_seed_is_of_random_masks_of_noise_and_of_ties() -> None:
    images, labels = many()
    flat = {"flat": np.zeros((40, 4, 4))}

    def curves(fill: str, **seed: Any) -> list[float]:
        table = masking_curve(
            FirstPixel(), images, labels, flat, fractions=(0.3, 0.6), controls=["random"], fill=fill, **seed
        )
        return table["accuracy"].tolist()

    for fill in ("mean", "noise"):
        assert curves(fill) == curves(fill, seed=0)
        assert len({tuple(curves(fill, seed=seed)) for seed in range(4)}) == 4
    by_mask = [
        masking_curve(FirstPixel(), images, labels, flat, fractions=[0.5], controls=["random"], seed=seed)
        .groupby("mask")["accuracy"]
        .apply(tuple)
        for seed in range(4)
    ]
    assert all(len({found[mask] for found in by_mask}) > 1 for mask in ("flat", "random"))


def test_float_images_are_on_the_scale_that_is_given() -> None:
    named = Classifier(FirstPixel(), ("dark", "bright"), mean=(0.5,), std=(0.25,), size=4)
    bytes_ = np.random.default_rng(0).integers(256, size=(20, 4, 4, 1), dtype=np.uint8)
    expected = masking_curve(named, bytes_, scores=np.zeros((20, 4, 4)), fractions=(0.5, 1))
    floats = torch.from_numpy(bytes_).permute(0, 3, 1, 2).float()
    for scale, most in ((floats, 255.0), (floats / 255, 1.0)):
        found = masking_curve(
            named, scale, scores=np.zeros((20, 4, 4)), fractions=(0.5, 1), value_range=(0.0, most)
        )
        assert found["accuracy"].tolist() == pytest.approx(expected["accuracy"].tolist())


def test_images_are_classified_so_many_at_a_time() -> None:
    seen = []

    class Counting(FirstPixel):
        def forward(self, images: Tensor) -> Tensor:
            seen.append(len(images))
            return super().forward(images)

    images, labels = many()
    masking_curve(Counting(), images, labels, np.zeros((40, 4, 4)), fractions=[0.5], controls=(), batch=16)
    assert max(seen) == 16


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fractions": [2]}, "the fraction to keep is 2"),
        ({"fill": "black"}, "fill is 'black'; expected one of mean"),
        ({"orders": ["first"]}, "order is 'first'; expected one of most, least"),
        ({"controls": ["no such"]}, "there is no control mask 'no such'"),
        ({"labels": [0, 1]}, r"labels are of shape \(2,\); expected one for each of 3 images"),
        ({"labels": [0, 1, 2]}, "labels range from 0 to 2; expected indices of the 2 classes"),
        ({"labels": ["0", "1", "cat"]}, "the label 'cat' is not a class; expected one of the 2 classes 0, 1"),
        ({"scores": POINTER[:2]}, r"scores 'scores' are of shape \(2, 4, 4\)"),
        ({"scores": "guess"}, "there is no composite 'guess'"),
        ({"images": IMAGES[:0]}, "there are no images; expected at least one"),
        ({"images": torch.zeros(1, 3, 5, 5)}, "the model cannot take images of 3 x 5 x 5"),
        ({"model": "resnet18"}, "the model is of type str"),
    ],
)
def test_what_makes_no_curve_is_one_sentence(change: dict[str, Any], message: str) -> None:
    given: dict[str, Any] = {"model": FirstPixel(), "images": IMAGES, "labels": LABELS, "scores": POINTER}
    given |= change
    with pytest.raises(InputError, match=message) as error:
        masking_curve(**given)
    assert "\n" not in str(error.value)
