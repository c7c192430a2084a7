"""Training configurations: how a network is trained, by value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch

from faceinv.runtime.devices import learning_device


class Augmentation(Protocol):
    """A random change of training images (N x C x H x W): a small frozen dataclass, given by value."""

    def __call__(self, images: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        """The changed images, of the same shape and on the same device."""


@dataclass(frozen=True)
class TrainingConfig:
    """How a network is trained.

    Attributes
    ----------
    optimiser : ``"sgd"`` (Nesterov momentum .9) or ``"adamw"``
    rate : peak learning rate, reached by linear warm-up in a tenth of the steps, then annealed to 0 by a
        cosine
    exposures, batch : training images in total (which determines the number of epochs), and per step
    decay : weight decay
    flip : mirror each training image horizontally with probability 0.5
    shift : largest shift of a training image in pixels, drawn uniformly in both directions
    rotation : largest rotation of a training image in degrees, either way
    scale : largest relative change of its size, either way
    warped : share of the training images that are rotated and resized; interpolation blurs, and a network
        trained on blurred images alone would fail on sharp ones
    contrast : largest relative change of the contrast of a training image, and of its brightness in standard
        deviations of the image
    smoothing : label smoothing
    precision : ``"float32"``, or ``"bfloat16"`` for automatic mixed precision by PyTorch's autocast; weights
        and updates are float32 either way
    masks : what hides parts of the training images after all other augmentation, such as
        `faceinv.perturbations.random_masks.RandomMasks`; None shows them whole
    """

    optimiser: str = "sgd"
    rate: float = 0.02
    exposures: int = 12_000
    batch: int = 16
    decay: float = 5e-4
    flip: bool = True
    shift: int = 2
    rotation: float = 0.0
    scale: float = 0.0
    warped: float = 1.0
    contrast: float = 0.2
    smoothing: float = 0.0
    precision: str = "float32"
    masks: Augmentation | None = None


def fastest(device: str | None = None) -> str:
    """The fastest precision for training on a device: bfloat16 where it has native support, else float32.

    By default the device on which networks learn (see `faceinv.runtime.devices.learning_device`).
    """
    device = device or learning_device()
    processor = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    kind = torch.device(device).type
    native = kind == "cuda" or (
        kind == "cpu" and bool(processor.get("amx_bf16") or processor.get("avx512_bf16"))
    )
    return "bfloat16" if native else "float32"
