"""Filters of the first convolution, measured by their spectrum.

A filter is described by its amplitude spectrum: the Fourier transform of its weights, zero-padded for fine
sampling, with the power summed over the three colour channels. The spectrum of a filter of 3 x 3 pixels is
smooth whatever its weights, and tells little. Compare every measure with that of the untrained network, whose
filters are noise.
"""

from __future__ import annotations

from collections.abc import Callable
from math import log2, nan

import numpy as np
import pandas as pd
from scipy.ndimage import map_coordinates
from torch import nn

from faceinv.errors import InputError
from faceinv.models.architectures import Network

PADDED = 128
"""Width of the padded filters, in pixels: spectra are sampled every 1/128 cycles per pixel."""

FILTER_MEASURES = ("frequency", "cycles", "bandwidth", "selectivity", "colourfulness")
"""Columns of `measure_filters` whose means can be compared; orientation is an angle and cannot."""


def first_filters(network: Network) -> np.ndarray:
    """Weights of the first convolution (float32, filters x channels x height x width)."""
    first = next((layer for layer in network.module.modules() if isinstance(layer, nn.Conv2d)), None)
    if first is None:
        raise InputError(f"{network.specification.architecture} has no convolution, and so no first filters")
    return first.weight.detach().cpu().numpy().copy()


def measure_filters(
    weights: np.ndarray, size: int, tuning_of: Callable[[np.ndarray], np.ndarray] = np.asarray
) -> pd.DataFrame:
    """Spatial frequency, orientation and colour tuning of each filter.

    Parameters
    ----------
    weights : ndarray, filters x channels x height x width
    size : width of the network's input in pixels
    tuning_of : the part of the filters whose frequency, orientation, bandwidth and selectivity are measured,
        such as `shared`; by default all of it

    Returns
    -------
    DataFrame
        One row per filter:
        ``filter``, its index;
        ``frequency`` and ``cycles``, the spatial frequency at which the spectrum peaks, in cycles per pixel
        and per image;
        ``orientation`` of its stripes, in degrees anticlockwise from 0 (horizontal) to 180, NaN for a peak at
        zero;
        ``bandwidth``, the full width at half maximum of the amplitude spectrum along the line from zero
        through the peak, in octaves, NaN if one side never falls to half, as in a low-pass filter;
        ``selectivity`` for orientation, from 0 (none) to 1 (a single orientation), the length of the mean
        vector of the doubled angles, weighted by power;
        ``colourfulness``, the share of the squared weights that is not common to the three channels, 0 to 1;
        ``norm``, the square root of the sum of squared weights.
    """
    if weights.ndim != 4:
        raise InputError(
            f"filters are of shape {weights.shape}; expected filters x channels x height x width"
        )
    energy = (weights**2).sum((1, 2, 3))
    common = weights.mean(1, keepdims=True)
    chromatic = ((weights - common) ** 2).sum((1, 2, 3))
    rows = [_tuning(spectrum) for spectrum in spectra(tuning_of(weights))]
    table = pd.DataFrame(rows, columns=["frequency", "orientation", "bandwidth", "selectivity"])
    table.insert(0, "filter", np.arange(len(table)))
    table.insert(2, "cycles", table["frequency"] * size)
    return table.assign(
        colourfulness=np.divide(chromatic, energy, out=np.full(len(energy), nan), where=energy > 0),
        norm=np.sqrt(energy),
    )


def spectra(weights: np.ndarray) -> np.ndarray:
    """Amplitude spectra (filters x PADDED x PADDED) of filters, with zero frequency in the centre."""
    transformed = np.fft.fft2(weights, (PADDED, PADDED))
    return np.fft.fftshift(np.sqrt((np.abs(transformed) ** 2).sum(1)), axes=(1, 2))


def shared(weights: np.ndarray) -> np.ndarray:
    """The mean of each filter over its colour channels (filters x 1 x height x width)."""
    return weights.mean(1, keepdims=True)


def pictures(weights: np.ndarray) -> np.ndarray:
    """Filters as images (uint8, filters x height x width x 3), for `faceinv.figures.image_grid.sheet`.

    Each is scaled by its largest absolute weight, zero is mid-grey, and filters with one channel are grey.
    """
    largest = np.abs(weights).max((1, 2, 3), keepdims=True)
    scaled = np.divide(weights, largest, out=np.zeros_like(weights), where=largest > 0)
    colours = np.broadcast_to(scaled, (len(scaled), 3, *scaled.shape[2:])).transpose(0, 2, 3, 1)
    return np.rint(127.5 + 127.5 * colours).astype(np.uint8)


def _tuning(amplitude: np.ndarray) -> tuple[float, float, float, float]:
    """Peak frequency, orientation, bandwidth and orientation selectivity of one amplitude spectrum."""
    centre = PADDED // 2
    if not amplitude.any():
        return nan, nan, nan, nan
    y, x = (np.indices(amplitude.shape) - centre) / PADDED
    # the spectrum of a real filter is symmetric, so one half suffices
    half = (y > 0) | ((y == 0) & (x >= 0))
    peak = np.unravel_index(np.where(half, amplitude, -1).argmax(), amplitude.shape)
    down, right = y[peak], x[peak]
    frequency = float(np.hypot(down, right))
    # rows increase downwards and angles anticlockwise; stripes are orthogonal to their modulation
    direction = np.degrees(np.arctan2(-down, right))
    orientation = float((direction + 90) % 180) if frequency else nan
    angle, power = np.arctan2(y, x), amplitude**2
    power[centre, centre] = 0
    selectivity = float(np.abs((power * np.exp(2j * angle)).sum()) / power.sum()) if power.any() else nan
    return frequency, orientation, _bandwidth(amplitude, down, right), selectivity


def _bandwidth(amplitude: np.ndarray, down: float, right: float) -> float:
    """Octaves between the points of half the peak amplitude on either side, along the line through zero."""
    frequency = np.hypot(down, right)
    if not frequency:
        return nan
    furthest = 0.5 / max(abs(down), abs(right))  # where the line leaves the spectrum, in units of the peak
    steps = np.linspace(0, furthest, 8 * PADDED)
    line = map_coordinates(
        amplitude, np.outer([down, right], steps) * PADDED + PADDED // 2, order=1, mode="grid-wrap"
    )
    peak = int(np.abs(steps - 1).argmin())
    below = line < line[peak] / 2
    if not below[:peak].any() or not below[peak:].any():
        return nan
    low = steps[np.flatnonzero(below[:peak])[-1] + 1]
    high = steps[peak + np.flatnonzero(below[peak:])[0]]
    return log2(high / low)
