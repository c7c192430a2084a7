"""The Gabor-jet model of early vision, which predicts how similar two faces look to people.

At each point of a grid a *jet* is the vector of magnitudes of Gabor wavelets of several scales and
orientations (Lades et al. 1993). Distances between jets follow the psychophysical discriminability of faces
that differ metrically almost perfectly (Yue et al. 2012; Margalit et al. 2016). It is a model, not a
measurement of people.
"""

from __future__ import annotations

import numpy as np
import torch
from torch.nn.functional import interpolate

SIZE = 128
"""Height and width, in pixels, of the images that the model was defined for; others are resized to it."""

SCALES, ORIENTATIONS, GRID = 5, 8, 10
SPREAD = 2 * np.pi
"""Standard deviation of a wavelet's envelope times its frequency."""

FREQUENCIES = np.pi / 2 * 2 ** (-np.arange(SCALES) / 2)
"""Radians per pixel, half an octave apart: wavelengths of 4 to 16 pixels."""

ANGLES = np.pi * np.arange(ORIENTATIONS) / ORIENTATIONS
"""Directions in which wavelets oscillate, clockwise from the right of the image."""


def jets(images: np.ndarray) -> np.ndarray:
    """Magnitudes of the wavelet responses at each point of a regular grid.

    Parameters
    ----------
    images : ndarray of uint8, N x H x W x 3; averaged over channels

    Returns
    -------
    ndarray of float32, N x grid points (row by row) x wavelets (scale by scale)
        A grating of amplitude 1 (on the scale 0-1) gives 0.5 in the wavelet that matches it.
    """
    grey = torch.from_numpy(images.mean(axis=3, dtype=np.float32) / 255)[:, None]
    if grey.shape[-2:] != (SIZE, SIZE):
        grey = interpolate(grey, (SIZE, SIZE), mode="bilinear", antialias=True, align_corners=False)
    spectra = np.fft.fft2(grey[:, 0].numpy())
    points = ((np.arange(GRID) + 0.5) * SIZE / GRID).astype(int)
    filters = [wavelet(frequency, angle) for frequency in FREQUENCIES for angle in ANGLES]
    magnitudes = np.stack(
        [np.abs(np.fft.ifft2(spectra * each))[:, points[:, None], points] for each in filters], axis=-1
    )
    return magnitudes.reshape(len(images), GRID**2, len(filters)).astype(np.float32)


def wavelet(frequency: float, angle: float) -> np.ndarray:
    """Spectrum of a wavelet (SIZE x SIZE, in the order of `numpy.fft`).

    A Gaussian around its frequency, minus its response to mean brightness.
    """
    y, x = np.meshgrid(*[2 * np.pi * np.fft.fftfreq(SIZE)] * 2, indexing="ij")
    width = SPREAD**2 / (2 * frequency**2)
    away = (x - frequency * np.cos(angle)) ** 2 + (y - frequency * np.sin(angle)) ** 2
    return np.exp(-width * away) - np.exp(-width * (x**2 + y**2 + frequency**2))


def gabor_similarity(images: np.ndarray) -> np.ndarray:
    """Similarity of each pair of images (N x N): the cosine between their jets."""
    vectors = jets(images).reshape(len(images), -1).astype(np.float64)
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors = np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0)
    return vectors @ vectors.T
