"""Grad-CAM: the last feature maps, weighted by their mean gradients, as Captum computes it."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from faceinv.attribution.request import OnCopy, Request
from faceinv.errors import InputError
from faceinv.models.hooks import recorded


def grad_cam(request: Request, layer: str | None = None) -> np.ndarray:
    """Feature maps weighted by the mean gradient of the logit, where the sum is positive.

    Parameters
    ----------
    request : Request
    layer : path of the layer whose output is weighted; by default `last_feature_maps`

    Raises
    ------
    InputError
        If there is no such layer, or none with feature maps.
    """
    module = request.module
    paths = dict(module.named_modules())
    if layer is not None and layer not in paths:
        raise InputError(f"the network has no layer {layer!r}; expected a path of named_modules()")
    chosen = layer or last_feature_maps(module, request.inputs[:1].to(request.device))
    from captum.attr import LayerGradCam

    explain = LayerGradCam(OnCopy(module), module.get_submodule(chosen))
    size = request.inputs.shape[2:]

    def maps(images: Tensor, targets: Tensor) -> Tensor:
        coarse = explain.attribute(images, targets, relu_attributions=True)
        if not isinstance(coarse, Tensor) or coarse.ndim != 4:
            raise InputError(f"layer {chosen!r} has no feature maps; expected a layer that returns images")
        return nn.functional.interpolate(coarse, size, mode="bilinear", align_corners=False)

    return request.gathered(maps)


def last_feature_maps(module: nn.Module, image: Tensor) -> str:
    """Path of the layer that returns the last feature maps: those of the last convolution that has places.

    They are the last output of the same height and width as the output of the last convolution with more than
    one place, so that the activation, the normalisation and the addition after it are included, and pooling
    is not.

    Parameters
    ----------
    module : nn.Module
    image : Tensor, 1 x C x H x W

    Raises
    ------
    InputError
        If there is no convolution whose output has more than one place.
    """
    sizes: list[tuple[str, tuple[int, ...]]] = []

    def note(path: str, _: Tensor, output: object) -> None:
        if isinstance(output, Tensor) and output.ndim == 4 and output.shape[2] * output.shape[3] > 1:
            sizes.append((path, tuple(output.shape[2:])))

    paths = [path for path, layer in module.named_modules() if path]
    with recorded(module, paths, note), torch.no_grad():
        module(image.clone())
    convolutions = [
        i for i, (path, _) in enumerate(sizes) if isinstance(module.get_submodule(path), nn.Conv2d)
    ]
    if not convolutions:
        raise InputError(
            "grad-cam does not apply: the network has no convolution whose output has more than one place; "
            "expected one, or a layer by its path"
        )
    last = convolutions[-1]
    return [path for path, size in sizes[last:] if size == sizes[last][1]][-1]
