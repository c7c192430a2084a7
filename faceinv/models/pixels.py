"""Pixels: convert images to the normalised input of a network."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from faceinv.errors import InputError

Images = np.ndarray | Tensor
"""Images: an array, N x H x W x channels (or N x H x W, grey), or a tensor, N x channels x H x W."""

ValueRange = tuple[float, float]
"""Values of a black and of a white pixel."""


def is_uint8(images: Images) -> bool:
    """Whether images are uint8, so that black is 0 and white is 255."""
    return images.dtype in (np.uint8, torch.uint8)


def to_unit_range(images: Images, value_range: ValueRange | None = None) -> Tensor:
    """Images as float32, N x channels x H x W, on a scale from 0 (black) to 1 (white).

    Parameters
    ----------
    images : ndarray, N x H x W x channels or N x H x W; or Tensor, N x channels x H x W
        uint8, or floats with a `value_range`; one channel or three.
    value_range : values of black and white in float images, such as ``(0, 1)`` or ``(-1, 1)``

    Raises
    ------
    InputError
        If the images have another shape, or are floats without a range or outside it.

    Examples
    --------
    >>> to_unit_range(np.array([[[0, 51, 255]]], np.uint8))
    tensor([[[[0.0000, 0.2000, 1.0000]]]])
    """
    is_array = isinstance(images, np.ndarray)
    layout = "N x H x W x channels" if is_array else "N x channels x H x W"
    shape = tuple(images.shape)
    grey = is_array and images.ndim == 3
    channels = 1 if grey else shape[3 if is_array else 1] if images.ndim == 4 else 0
    if channels not in (1, 3):
        raise InputError(f"the images are of shape {shape}; expected {layout}, with one channel or three")
    pixels = torch.from_numpy(np.ascontiguousarray(images)) if isinstance(images, np.ndarray) else images
    if is_array:
        pixels = pixels[..., None] if grey else pixels
        pixels = pixels.permute(0, 3, 1, 2)
    if is_uint8(images):
        return pixels.float() / 255
    if value_range is None or not pixels.is_floating_point():
        raise InputError(
            f"the images are {images.dtype}; expected uint8, or floats with their range, "
            "such as value_range=(0, 1)"
        )
    low, high = value_range
    if not low < high:
        raise InputError(
            f"value_range is {value_range}; expected the value of black and a larger value of white"
        )
    if pixels.numel() and not (low <= float(pixels.min()) and float(pixels.max()) <= high):
        raise InputError(
            f"the images range from {float(pixels.min()):.3g} to {float(pixels.max()):.3g}; "
            f"expected values from {low:g} to {high:g}, as value_range says"
        )
    return (pixels.float() - low) / (high - low)


def normalize(pixels: Tensor, mean: Sequence[float], std: Sequence[float], size: int | None) -> Tensor:
    """Resize pixels (0-1, N x channels x H x W), subtract `mean` and divide by `std`.

    Raises
    ------
    InputError
        If the images have another number of channels than `mean`.
    """
    channels = len(mean)
    if pixels.shape[1] != channels:
        raise InputError(
            f"the images have {pixels.shape[1]} channel(s) and the network takes {channels}; "
            f"expected images with {channels}"
        )
    if size is not None and pixels.shape[-2:] != (size, size):
        pixels = nn.functional.interpolate(
            pixels, (size, size), mode="bilinear", antialias=True, align_corners=False
        )
    # repeated along a row: numbers of three neighbours in memory at a time would take seven times as long
    row = (1, channels, 1, pixels.shape[3])
    centre, scale = (
        torch.tensor(value).to(pixels.device).view(1, channels, 1, 1).expand(row) for value in (mean, std)
    )
    centre, scale = (each.contiguous(memory_format=torch.channels_last) for each in (centre, scale))
    return ((pixels - centre) / scale).contiguous(memory_format=torch.channels_last)
