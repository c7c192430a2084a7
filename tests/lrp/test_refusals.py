"""What cannot be explained is refused in a sentence."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torchvision
from any_networks import (
    images,
    linear,
)
from torch import Tensor, nn

from faceinv.errors import InputError
from faceinv.lrp.relevance import relevance


class Branching(nn.Module):
    def forward(self, images: Tensor) -> Tensor:
        return images.flatten(1)[:, :3] if images.sum() > 0 else images.flatten(1)[:, 3:6]


class Gate(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gate = torchvision.ops.SqueezeExcitation(3, 2)

    def forward(self, images: Tensor) -> Tensor:
        return self.gate(images).flatten(1)


def _hook(_: nn.Module, __: object, output: Tensor) -> Tensor:
    return output * 2


def hooked() -> nn.Module:
    module = linear()
    module[1].register_forward_hook(_hook)
    return module


REFUSED: list[tuple[Callable[[], nn.Module], str]] = [
    (lambda: nn.Sequential(nn.Conv2d(3, 4, 3), nn.GELU(), nn.Flatten()), "'1' is a GELU"),
    (lambda: nn.Sequential(nn.Flatten(), nn.LayerNorm(192), nn.Linear(192, 2)), "'1' is a LayerNorm"),
    (lambda: nn.Sequential(nn.Flatten(), nn.Linear(192, 2), nn.Softmax(1)), "is a Softmax.*up to its logits"),
    (lambda: nn.Sequential(nn.Flatten(), nn.BatchNorm1d(192, track_running_stats=False)), "of the batch"),
    (Gate, "'gate' is a Sigmoid|'gate' calls|'gate.scale_activation' is a Sigmoid"),
    (Branching, "cannot be traced"),
    (hooked, "does not trace"),
    (lambda: nn.Sequential(nn.Conv2d(3, 2, 3)), "expected logits"),
    (lambda: torchvision.models.VisionTransformer(8, 4, 1, 2, 8, 8), "no LRP rule"),
    (lambda: nn.Linear(8, 8), "expected logits"),
    (lambda: nn.Linear(7, 7), r"does not take images of shape \(3, 8, 8\)"),
    (lambda: linear().half(), "float16"),
]


@pytest.mark.parametrize(("make", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_network_without_rules_is_refused_in_a_sentence(make: Callable[[], nn.Module], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        relevance(make().eval(), images(2, size=8), 0)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "targets", "message"),
    [
        (images(size=8), 3, "targets range from 3 to 3.*3 classes"),
        (images(size=8), [0, 1], "one integer for each of 3 images"),
        (images(size=8), [0.5, 1, 2], "one integer"),
        (images(size=8)[0], 0, "floats N x channels x H x W"),
        (np.zeros((2, 8, 8, 3), np.uint8), 0, "the model's mean and std are not known"),
        ("faces.png", 0, "the images are of type str"),
        (images(size=8) * float("nan"), 0, "contain infinite values or nan"),
        (images(size=8), "cat", "the target 'cat' is not a class; expected one of 0 to 2"),
    ],
)
def test_wrong_images_and_targets_are_named(given: object, targets: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        relevance(linear(), given, targets)  # type: ignore[arg-type]


def test_what_is_no_model_is_named() -> None:
    with pytest.raises(InputError, match="the model is of type str"):
        relevance("resnet18", images())  # type: ignore[arg-type]


def test_one_logit_has_nothing_to_contrast_with() -> None:
    module = nn.Sequential(nn.Flatten(), nn.Linear(192, 1))
    assert relevance(module, images(size=8)).any()
    with pytest.raises(InputError, match="one logit"):
        relevance(module, images(size=8), against="runner-up")
