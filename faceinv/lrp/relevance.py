"""Relevance maps: how much each pixel speaks for a class, in batches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from faceinv.errors import InputError
from faceinv.lrp.composites import composite as make_composite
from faceinv.models.architectures import Network


def relevance(
    network: Network,
    inputs: Tensor,
    targets: np.ndarray,
    composite: str = "epsilon-plus-flat",
    contrastive: bool = False,
    batch: int = 64,
    progress: bool = False,
) -> np.ndarray:
    """Relevance maps of images, each for the class that `targets` names.

    Parameters
    ----------
    network : Network
        It is the same afterwards, whatever happens.
    inputs : Tensor, N x 3 x H x W
        Images as `Network.prepare` makes them.
    targets : ndarray of int, N
        The class whose logit is explained, for each image.
    composite : str
        Rules, one of `faceinv.lrp.composites.COMPOSITES`.
    contrastive : bool
        Explain what speaks for the target and not for the others: the target's logit minus the mean of the
        other logits. Propagation being linear in the relevance it starts from, this is the relevance of the
        target minus the mean relevance of the other classes. It has the aim of contrastive LRP (Gu, Yang &
        Tresp 2018) and of softmax-gradient LRP (Iwana, Kuroki & Uchida 2019), with weights that do not depend
        on the network's confidence.
    batch : int
        Images explained at a time; it changes no result beyond rounding.
    progress : bool
        Show a progress bar.

    Returns
    -------
    ndarray of float32, N x H x W
        Relevance summed over channels, in units of the logit. It starts from the logit itself, so that a
        negative logit has negative relevance, and sums to it where the rules promise that.

    Raises
    ------
    InputError
        If the composite is unknown or not defined for the architecture, or a target is not a class.
    """
    targets = _checked(network, inputs, targets)
    chosen = make_composite(composite, network)
    maps = np.empty((len(inputs), *inputs.shape[-2:]), dtype=np.float32)
    device = next(network.module.parameters()).device
    with frozen(network.module), chosen.context(network.module), torch.enable_grad():
        for start in tqdm(range(0, len(inputs), batch), "relevance", disable=not progress, leave=False):
            part = slice(start, start + batch)
            images = inputs[part].detach().to(device)
            classes = torch.from_numpy(targets[part]).to(device)
            maps[part] = explained(network.module, images, classes, contrastive)[1].cpu().numpy()
    return maps


def explained(
    module: nn.Module, images: Tensor, targets: Tensor, contrastive: bool = False
) -> tuple[Tensor, Tensor]:
    """Logits (N x classes) and relevance maps (N x H x W) of a module on which a composite is registered.

    Parameters
    ----------
    module : nn.Module
        In evaluation mode, with parameters that autograd does not follow.
    images : Tensor, N x 3 x H x W
    targets : Tensor of int64, N
    contrastive : see `relevance`
    """
    images = images.detach().requires_grad_()
    logits = module(images)
    chosen = (targets[:, None] == torch.arange(logits.shape[1], device=logits.device)).to(logits.dtype)
    shares = chosen - (1 - chosen) / (logits.shape[1] - 1) if contrastive else chosen
    (found,) = torch.autograd.grad(logits, images, logits.detach() * shares)
    return logits.detach(), found.sum(1)


def _checked(network: Network, inputs: Tensor, targets: np.ndarray) -> np.ndarray:
    if inputs.ndim != 4 or inputs.shape[1] != 3:
        raise InputError(f"inputs are of shape {tuple(inputs.shape)}; expected N x 3 x H x W")
    targets = np.asarray(targets)
    if targets.shape != (len(inputs),) or targets.dtype.kind not in "iu":
        raise InputError(
            f"targets are {targets.dtype} of shape {targets.shape}; "
            f"expected one integer for each of {len(inputs)} images"
        )
    classes = len(network.specification.classes)
    if len(targets) and not 0 <= targets.min() <= targets.max() < classes:
        raise InputError(
            f"targets reach from {targets.min()} to {targets.max()}; "
            f"expected numbers of the {classes} classes, from 0"
        )
    return targets.astype(np.int64)


@contextmanager
def frozen(module: nn.Module) -> Iterator[None]:
    """For the time being, evaluate, and keep autograd from following the parameters."""
    required = [(parameter, parameter.requires_grad) for parameter in module.parameters()]
    modes = [(child, child.training) for child in module.modules()]
    module.requires_grad_(False).eval()
    try:
        yield
    finally:
        for parameter, flag in required:
            parameter.requires_grad_(flag)
        for child, mode in modes:
            child.training = mode
