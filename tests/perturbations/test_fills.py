"""Fills: what stands where pixels are taken away."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from faceinv.errors import InputError
from faceinv.perturbations import masks
from faceinv.perturbations.fills import FILLS, filled


@pytest.fixture(scope="module")
def scores() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((6, 20, 16), dtype=np.float32)


@pytest.fixture(scope="module")
def inputs() -> torch.Tensor:
    grey = torch.rand(6, 1, 20, 16, generator=torch.Generator().manual_seed(0))
    return grey.expand(6, 3, 20, 16).contiguous()


@pytest.mark.parametrize("fill", FILLS)
def test_fills_keep_kept_pixels_and_change_the_others(
    scores: np.ndarray, inputs: torch.Tensor, fill: str
) -> None:
    mask = masks.keep(scores, 0.3)
    masked = masks.apply(inputs, mask, fill)
    kept = torch.from_numpy(mask)[:, None].expand_as(inputs)
    assert masked.dtype == torch.float32 and masked.shape == inputs.shape
    assert torch.equal(masked[kept], inputs[kept])
    assert (masked[~kept] != inputs[~kept]).float().mean() > 0.99
    torch.testing.assert_close(masked[:, 0], masked[:, 2])  # grey stays grey
    assert torch.equal(masked, masks.apply(inputs, mask, fill))


def test_fills_are_what_they_say(inputs: torch.Tensor) -> None:
    mean = filled(inputs, "mean")
    torch.testing.assert_close(mean[:, :, 0, 0], inputs.mean((2, 3)))
    torch.testing.assert_close(mean.std((2, 3)), torch.zeros(6, 3))
    blur = filled(inputs, "blur")
    assert (blur.std((2, 3)) < 0.35 * inputs.std((2, 3))).all()
    noise = filled(inputs.repeat(1, 1, 8, 8), "noise")
    torch.testing.assert_close(noise.mean((2, 3)), inputs.mean((2, 3)), atol=0.02, rtol=0)
    torch.testing.assert_close(noise.std((2, 3)), inputs.std((2, 3)), atol=0.02, rtol=0)
    assert not torch.equal(filled(inputs, "noise"), filled(inputs, "noise", seed=1))


def test_smooth_noise_has_the_contrast_of_noise_without_its_edges() -> None:
    images = torch.rand(3, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    noise, smooth = (filled(images, fill, seed=4) for fill in ("noise", "smooth noise"))
    torch.testing.assert_close(smooth.mean((2, 3)), images.mean((2, 3)))
    torch.testing.assert_close(smooth.std((2, 3)), images.std((2, 3)), atol=1e-3, rtol=0)
    steps = [fill.diff(dim=3).abs().mean() for fill in (smooth, noise)]
    assert steps[0] < 0.2 * steps[1]


def test_noise_of_an_image_does_not_depend_on_those_after_it(inputs: torch.Tensor) -> None:
    for fill in ("noise", "smooth noise"):
        assert torch.equal(filled(inputs, fill)[:2], filled(inputs[:2], fill))


def test_an_unknown_fill_is_refused_by_name(inputs: torch.Tensor) -> None:
    with pytest.raises(InputError, match="fill is 'grey'; expected one of mean, blur, noise, smooth noise"):
        filled(inputs, "grey")
