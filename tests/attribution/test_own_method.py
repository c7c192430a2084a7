"""A method of one's own is checked, and its errors say where they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from faceinv.attribution.attribute import attribute
from faceinv.errors import InputError

LAST = nn.Linear(48, 2)
MODULE = nn.Sequential(nn.Flatten(), LAST)
IMAGES = torch.rand(3, 3, 4, 4)


def slope(model: nn.Module, images: Tensor, targets: Tensor) -> Tensor:
    images.requires_grad_()
    logits = model(images).gather(1, targets[:, None])
    return torch.autograd.grad(logits.sum(), images)[0].sum(1)


def broken(model: nn.Module, images: Tensor, targets: Tensor) -> Tensor:
    return images @ targets  # the line that is named


def test_a_gradient_written_by_hand_is_the_gradient() -> None:
    found = attribute(MODULE, IMAGES, 1, slope)
    expected = LAST.weight[1].detach().view(3, 4, 4).sum(0).numpy()
    np.testing.assert_allclose(found, np.stack([expected] * 3), atol=1e-6)
    assert found.dtype == np.float32 and not IMAGES.requires_grad


@pytest.mark.parametrize(
    ("method", "message"),
    [
        (broken, r"the method broken failed in line \d+ of .*test_own_method.py \(return images @ targets"),
        (lambda m, x, t: x, r"maps of shape \(3, 3, 4, 4\); expected one map .* \(3, 4, 4\); sum it over"),
        (lambda m, x, t: x[:2, 0], r"maps of shape \(2, 4, 4\)"),
        (lambda m, x, t: x[:, 0] / 0, "returned 48 values that are nan or infinite"),
        (lambda m, x, t: None, "returned maps of shape"),
        (lambda m, x, t: "map", "returned str; expected maps"),
        (nn.Linear(2, 2), "the method Linear failed in line .*: TypeError"),
    ],
)
def test_what_is_wrong_is_one_sentence(method: Callable[..., Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        attribute(MODULE, IMAGES, 0, method)
