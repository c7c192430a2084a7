"""Requests: what every attribution method is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from faceinv.models.architectures import Network
from faceinv.models.classifiers import Classifier, Model
from faceinv.runtime.devices import in_batches

MapFunction: TypeAlias = Callable[..., np.ndarray]
"""``function(request, **options)``: returns maps, float32, N x H x W."""


class OnCopy(nn.Module):
    """A network that is given a copy of its input, which it may overwrite.

    A network whose first layer works in place would otherwise overwrite the images, and PyTorch refuses to
    compute gradients with respect to them.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        return self.network(images.clone())


@dataclass(frozen=True)
class Request:
    """Images and classes to explain.

    Attributes
    ----------
    model : Model
        As it was given: a module, a Classifier or a Network.
    classifier : Classifier
        The same model; its module is in evaluation mode, without gradients of parameters.
    inputs : Tensor, N x C x H x W
        Images as the module takes them.
    targets : ndarray of int64, N
        The class of each image whose logit is explained.
    batch : int
        Number of images that pass through the network at a time.
    seed : int
        Of noise and of random weights.
    """

    model: Model
    classifier: Classifier
    inputs: Tensor
    targets: np.ndarray
    batch: int
    seed: int

    @property
    def module(self) -> nn.Module:
        """The module, which maps images to logits."""
        return self.classifier.module

    @property
    def device(self) -> torch.device:
        """Where the module's parameters are."""
        return next((value.device for value in self.module.parameters()), self.inputs.device)

    def network(self) -> Network | None:
        """The model, if it is a Network of this package."""
        return self.model if isinstance(self.model, Network) else None

    def gathered(self, function: Callable[[Tensor, Tensor], Tensor], size: int | None = None) -> np.ndarray:
        """Maps (float32, N x H x W) by a function of images and targets that returns N x C x H x W.

        Images and targets are on the device of the module, `size` (by default `batch`) at a time, or fewer
        where memory runs out.
        """
        maps = np.empty((len(self.inputs), *self.inputs.shape[2:]), dtype=np.float32)

        def compute(part: slice) -> None:
            targets = torch.from_numpy(self.targets[part]).to(self.device)
            images = self.inputs[part].detach().to(self.device).requires_grad_()
            maps[part] = function(images, targets).detach().sum(1).cpu().numpy()

        if len(maps):
            in_batches(compute, len(maps), size or self.batch)
        return maps
