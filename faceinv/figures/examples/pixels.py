"""Pixels of examples, as images and as tensors."""

from __future__ import annotations

import numpy as np
import torch


def to_floats(images: np.ndarray) -> torch.Tensor:
    """Pixels (uint8, N x H x W x 3) as floats N x 3 x H x W."""
    return torch.from_numpy(images).permute(0, 3, 1, 2).float()


def to_bytes(pixels: torch.Tensor) -> np.ndarray:
    """Images (uint8, N x H x W x 3) from floats N x 3 x H x W, 0 to 255."""
    return pixels.round().clamp(0, 255).byte().permute(0, 2, 3, 1).numpy()
