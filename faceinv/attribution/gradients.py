"""Gradients of a logit, and averages of them, as Captum computes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

from faceinv.attribution.request import OnCopy, Request
from faceinv.errors import InputError


def saliency(request: Request) -> np.ndarray:
    """Absolute gradient of the logit."""
    from captum.attr import Saliency

    explain = Saliency(OnCopy(request.module))
    return request.gathered(lambda images, targets: explain.attribute(images, targets, abs=True))


def input_x_gradient(request: Request) -> np.ndarray:
    """Input times the gradient of the logit."""
    from captum.attr import InputXGradient

    explain = InputXGradient(OnCopy(request.module))
    return request.gathered(explain.attribute)


def integrated_gradients(request: Request, steps: int = 20, baseline: float = 0.0) -> np.ndarray:
    """Input minus the baseline, times the mean gradient on the way between the two.

    Parameters
    ----------
    request : Request
    steps : points on the way, those of Gauss-Legendre quadrature
    baseline : value of all pixels of the baseline, in the module's input
    """
    check_at_least("steps", steps, 1)
    from captum.attr import IntegratedGradients

    explain = IntegratedGradients(OnCopy(request.module))

    def maps(images: Tensor, targets: Tensor) -> Tensor:
        return explain.attribute(
            images, baseline, targets, n_steps=steps, internal_batch_size=max(len(images), request.batch)
        )

    return request.gathered(maps)


def smoothgrad(request: Request, samples: int = 20, noise: float = 0.15) -> np.ndarray:
    """Absolute value of the gradient's mean over noisy copies of the image.

    Parameters
    ----------
    request : Request
    samples : copies of each image
    noise : standard deviation of their noise, relative to the range of the image's values
    """
    check_at_least("samples", samples, 1)
    check_at_least("noise", noise, 0)
    from captum.attr import NoiseTunnel, Saliency

    explain = NoiseTunnel(Saliency(OnCopy(request.module)))

    def maps(image: Tensor, target: Tensor) -> Tensor:
        with seeded(request):
            found = explain.attribute(
                image,
                nt_samples=samples,
                nt_samples_batch_size=min(samples, request.batch),
                stdevs=noise * value_span(image),
                target=target,
                abs=False,
            )
        return found.abs()

    return request.gathered(maps, size=1)


def gradient_shap(
    request: Request, samples: int = 20, noise: float = 0.15, baseline: float = 0.0
) -> np.ndarray:
    """Integrated gradients at random points on the way from the baseline to noisy copies of the image.

    Parameters
    ----------
    request : Request
    samples : random points for each image
    noise : standard deviation of the noise, relative to the range of the image's values
    baseline : value of all pixels of the baseline, in the module's input
    """
    check_at_least("samples", samples, 1)
    check_at_least("noise", noise, 0)
    from captum.attr import GradientShap

    explain = GradientShap(OnCopy(request.module))

    def maps(image: Tensor, target: Tensor) -> Tensor:
        with seeded(request):
            return explain.attribute(
                image,
                torch.full_like(image, baseline),
                n_samples=samples,
                stdevs=noise * value_span(image),
                target=target,
            )

    return request.gathered(maps, size=1)


@contextmanager
def seeded(request: Request) -> Iterator[None]:
    """Draw the same random numbers for every image, and leave the random states of the caller as they are.

    Captum draws from the global generators of PyTorch and NumPy. As every image gets the same draws, its map
    does not depend on the images beside it.
    """
    devices = [request.device] if request.device.type == "cuda" else []
    state = np.random.get_state()  # noqa: NPY002
    try:
        with torch.random.fork_rng(devices):
            torch.manual_seed(request.seed)
            np.random.seed(request.seed)  # noqa: NPY002
            yield
    finally:
        np.random.set_state(state)  # noqa: NPY002


def value_span(image: Tensor) -> float:
    """Range of the values of an image."""
    values = image.detach()
    return float(values.max() - values.min())


def check_at_least(name: str, value: float, least: float) -> None:
    """Raise `InputError` if an option of a method is too small or no number."""
    if not isinstance(value, int | float | np.number) or not value >= least:
        raise InputError(f"{name} of the attribution method is {value!r}; expected at least {least}")
