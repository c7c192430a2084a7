"""Occlusion: how much the logit falls when a window of the image is covered, as Captum computes it."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from faceinv.attribution.gradients import check_at_least
from faceinv.attribution.request import OnCopy, Request
from faceinv.errors import InputError

WINDOW_SHARE = 1 / 5
"""Side of the window, as a share of the image's height."""


def occlusion(
    request: Request, window: int | None = None, stride: int | None = None, baseline: float = 0.0
) -> np.ndarray:
    """Fall of the logit when a window is covered, at each pixel the mean over the windows that cover it.

    Parameters
    ----------
    request : Request
    window : side of the window in pixels; by default `WINDOW_SHARE` of the height
    stride : pixels between windows; by default half a window
    baseline : value of covered pixels, in the module's input
    """
    side, step = sides(request.inputs.shape[2], window, stride)
    if side > min(request.inputs.shape[2:]):
        raise InputError(f"the window of occlusion is {side} pixels; expected at most the image's height")
    from captum.attr import Occlusion

    explain = Occlusion(OnCopy(request.module))
    channels = request.inputs.shape[1]

    def maps(images: Tensor, targets: Tensor) -> Tensor:
        found = explain.attribute(
            images,
            sliding_window_shapes=(channels, side, side),
            strides=(channels, step, step),
            baselines=baseline,
            target=targets,
            perturbations_per_eval=max(1, request.batch // len(images)),
        )
        return found / channels  # Captum gives each channel of a window the whole fall

    return request.gathered(maps)


def sides(height: int, window: int | None = None, stride: int | None = None) -> tuple[int, int]:
    """Side of the window and stride, in pixels."""
    side = max(1, round(WINDOW_SHARE * height)) if window is None else window
    step = max(1, side // 2) if stride is None else stride
    for name, value in (("window", side), ("stride", step)):
        check_at_least(name, value, 1)
    if step > side:
        raise InputError(f"the stride of occlusion is {step}; expected at most the window, {side} pixels")
    return side, step
