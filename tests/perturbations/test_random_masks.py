"""Random masks of training images: what they keep, and that a network is trained on what they leave."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from faceinv.data.faces.face_set import FaceSet
from faceinv.errors import InputError
from faceinv.models.augmentation import augment
from faceinv.models.training_config import TrainingConfig
from faceinv.models.training_runs import TrainingRun
from faceinv.perturbations.fills import filled
from faceinv.perturbations.random_masks import RandomMasks, random_kept
from faceinv.runtime.cache import disk_cached

PLAIN = TrainingConfig(flip=False, shift=0, contrast=0)


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    return torch.rand(200, 3, 64, 64, generator=rng(1))


def test_training_images_keep_some_pixels_and_lose_the_others(images: torch.Tensor) -> None:
    shown = augment(images, replace(PLAIN, masks=RandomMasks(share=1.0)), rng())
    same = (shown == images).all(1)
    assert torch.allclose(torch.where(same[:, None], filled(images), shown), filled(images))
    fraction = same.float().mean((1, 2))
    assert fraction.min() < 0.05 and fraction.max() > 0.95 and 0.45 < fraction.mean() < 0.55
    assert torch.equal(shown, augment(images, replace(PLAIN, masks=RandomMasks(share=1.0)), rng()))
    assert not torch.equal(shown, augment(images, replace(PLAIN, masks=RandomMasks(share=1.0)), rng(1)))


def test_the_share_of_masked_images_is_as_given(images: torch.Tensor) -> None:
    for share in (0.0, 0.5, 1.0):
        shown = RandomMasks(share=share)(images, rng())
        masked = (shown != images).any(1).any(1).any(1)
        assert float(masked.float().mean()) == pytest.approx(share, abs=0.08)
    assert torch.equal(augment(images, PLAIN, rng()), images)


def test_masks_are_pixels_and_blocks() -> None:
    kept = random_kept(400, 64, 64, rng())
    part = kept[(kept.float().mean((1, 2)) - 0.5).abs() < 0.2].float()
    # Neighbours are alike in chance's half of the cases between single pixels, and nearly always in blocks.
    alike = (part[:, :, 1:] == part[:, :, :-1]).float().mean((1, 2))
    assert alike.min() < 0.6 and alike.max() > 0.9


@pytest.mark.parametrize("size", [(20, 16), (48, 48), (65, 33)])
def test_masks_have_the_size_of_the_image(size: tuple[int, int]) -> None:
    height, width = size
    kept = random_kept(30, height, width, rng())
    assert kept.shape == (30, *size) and kept.dtype == torch.bool
    assert kept.any() and not kept.all()


@pytest.mark.parametrize("fill", ["mean", "blur", "noise"])
def test_any_fill_can_be_trained_with(images: torch.Tensor, fill: str) -> None:
    shown = RandomMasks(fill, share=1.0)(images[:4], rng())
    assert shown.shape == (4, 3, 64, 64) and torch.isfinite(shown).all()
    assert 0 < (shown == images[:4]).float().mean() < 1


def test_a_network_trained_on_masks_is_another_network() -> None:
    @disk_cached
    def trained(run: TrainingRun) -> None: ...

    faces = FaceSet(4, 4)
    runs = [
        TrainingRun(faces, "identity", 0, (replace(PLAIN, masks=masks),))
        for masks in (None, RandomMasks(), RandomMasks("blur"), RandomMasks(share=0.5))
    ]
    assert len({trained.file_of(run) for run in runs}) == 4  # type: ignore[attr-defined]
    assert RandomMasks().code == RandomMasks("blur").code != ""


def test_what_does_not_exist_is_refused() -> None:
    with pytest.raises(InputError, match="fill is 'grey'"):
        RandomMasks("grey")
    with pytest.raises(InputError, match=r"share of masked images is 1\.5; expected a number from 0 to 1"):
        RandomMasks(share=1.5)
