"""Random masks: training images of which only a part is shown, so that masked images are nothing new."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from faceinv.errors import InputError
from faceinv.perturbations.fills import check_fill, filled
from faceinv.runtime.fingerprints import source_fingerprint

SIDES = (1, 2, 4, 8)
"""Sides of the squares of pixels that are kept or removed together, in 64ths of the image's height: single
pixels, as random masks have them, up to blocks, as relevance leaves them."""


@dataclass(frozen=True)
class RandomMasks:
    """An augmentation that keeps a random fraction of the pixels of some images, and fills the others.

    Whether an image is masked, the fraction that is kept (uniform between 0 and 1), the side of the squares
    of which the mask consists (one of `SIDES`) and which squares are kept are drawn for each image. The mask
    knows neither the image nor the class.

    Attributes
    ----------
    fill : values of the removed pixels, one of `faceinv.perturbations.fills.FILLS`
    share : share of the images that are masked
    code : hash of the source of masks and fills, so that networks are trained anew when it changes
    """

    fill: str = "mean"
    share: float = 0.75
    code: str = field(init=False, repr=False, default="")

    def __post_init__(self) -> None:
        check_fill(self.fill)
        if not 0 <= self.share <= 1:
            raise InputError(f"the share of masked images is {self.share}; expected a number from 0 to 1")
        object.__setattr__(self, "code", source_fingerprint(__name__))

    def __call__(self, images: Tensor, rng: torch.Generator) -> Tensor:
        """Mask images, N x C x H x W, at random."""
        count, _, height, width = images.shape
        kept = random_kept(count, height, width, rng)
        kept |= (torch.rand(count, 1, 1, generator=rng) >= self.share).expand_as(kept)
        seed = int(torch.randint(2**31, (1,), generator=rng))
        on_cpu = images.cpu()  # where fills are computed
        return torch.where(kept[:, None], on_cpu, filled(on_cpu, self.fill, seed)).to(images.device)


def random_kept(count: int, height: int, width: int, rng: torch.Generator) -> Tensor:
    """Random masks (bool, N x H x W, true where pixels are kept) of squares of one of `SIDES` each."""
    fraction = torch.rand(count, 1, 1, 1, generator=rng)
    chosen = torch.randint(len(SIDES), (count,), generator=rng)
    masks = torch.empty(count, height, width, dtype=torch.bool)
    for index, unit in enumerate(SIDES):
        here = chosen == index
        if not here.any():
            continue
        side = max(1, round(unit * height / 64))
        # one square more than fits, so that the grid can begin at any pixel
        grid = torch.rand(int(here.sum()), 1, height // side + 2, width // side + 2, generator=rng)
        kept = nn.functional.interpolate((grid < fraction[here]).float(), scale_factor=side)
        y, x = torch.randint(side, (2,), generator=rng).tolist()
        masks[here] = kept[:, 0, y : y + height, x : x + width] > 0
    return masks
