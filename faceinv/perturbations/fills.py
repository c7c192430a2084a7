"""Fills: the values that replace removed pixels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import torch
from scipy.ndimage import gaussian_filter
from torch import Tensor

from faceinv.errors import InputError

BLUR = 1 / 8
"""Standard deviation of the Gaussian of the fill ``blur``, as a fraction of the image's height."""

SMOOTH = 1 / 16
"""Standard deviation of the Gaussian that smooths the fill ``smooth noise``, likewise."""


@dataclass(frozen=True)
class Fill:
    """The values that replace removed pixels.

    Attributes
    ----------
    name : name in parameters and tables
    description : description in one line
    images : function of images (Tensor, N x channels x H x W) and a seed; returns images of the same shape,
        from which the values of removed pixels are taken
    """

    name: str
    description: str
    images: Callable[[Tensor, int], Tensor]


def own_mean(inputs: Tensor, seed: int = 0) -> Tensor:
    """Each image's mean over all pixels, by channel."""
    return inputs.mean((2, 3), keepdim=True).expand_as(inputs)


def blurred(inputs: Tensor, seed: int = 0) -> Tensor:
    """Each image, blurred with a Gaussian (`BLUR`)."""
    width = BLUR * inputs.shape[2]
    return torch.from_numpy(gaussian_filter(inputs.numpy(), width, axes=(2, 3), mode="reflect"))


def grey_noise(inputs: Tensor, seed: int = 0) -> Tensor:
    """Gaussian noise of each image's mean and standard deviation, the same in all channels.

    A grey image stays grey. The noise depends only on the seed and on the image's index in the batch.
    """
    return _as_bright_as(inputs, _normal(inputs, seed))


def smooth_noise(inputs: Tensor, seed: int = 0) -> Tensor:
    """The noise of `grey_noise`, smoothed with a Gaussian (`SMOOTH`) to the same standard deviation.

    It has the mean and the contrast of noise, and none of its fine edges.
    """
    width = SMOOTH * inputs.shape[2]
    smooth = gaussian_filter(_normal(inputs, seed), width, axes=(2, 3), mode="wrap")
    smooth -= smooth.mean((2, 3), keepdims=True)
    return _as_bright_as(inputs, smooth / smooth.std((2, 3), keepdims=True))


def _normal(inputs: Tensor, seed: int) -> np.ndarray:
    """Standard normal numbers, N x 1 x H x W."""
    shape = (len(inputs), 1, *inputs.shape[2:])
    return np.random.default_rng([seed, 1]).standard_normal(shape, dtype=np.float32)


def _as_bright_as(inputs: Tensor, noise: np.ndarray) -> Tensor:
    """Noise of mean 0 and standard deviation 1, with the mean and standard deviation of each image."""
    deviation, mean = torch.std_mean(inputs, (2, 3), keepdim=True, correction=0)
    return mean + deviation * torch.from_numpy(noise)


FILLS: Mapping[str, Fill] = MappingProxyType(
    {
        fill.name: fill
        for fill in (
            Fill("mean", "each image's own mean over all pixels, by channel", own_mean),
            Fill("blur", "the image, blurred with a Gaussian of an eighth of its height", blurred),
            Fill("noise", "Gaussian noise with the image's own mean and standard deviation", grey_noise),
            Fill("smooth noise", "the same noise without its fine edges, of the same contrast", smooth_noise),
        )
    }
)
"""Fills by name."""


def check_fill(name: str) -> None:
    """Raise `InputError` for an unknown fill, before anything is computed."""
    if name not in FILLS:
        raise InputError(f"fill is {name!r}; expected one of {', '.join(FILLS)}")


def filled(inputs: Tensor, fill: str = "mean", seed: int = 0) -> Tensor:
    """Images from which the values of removed pixels are taken.

    Parameters
    ----------
    inputs : Tensor, N x channels x H x W
    fill : one of `FILLS`
    seed : seed of the noise

    Returns
    -------
    Tensor, N x channels x H x W

    Raises
    ------
    InputError
        If there is no such fill.
    """
    check_fill(fill)
    return FILLS[fill].images(inputs, seed)
