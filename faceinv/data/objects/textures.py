"""Textures: random patterns of stripes, checks, spots and clouds, for surfaces and backgrounds."""

from __future__ import annotations

import colorsys
from functools import cache

import numpy as np

PATTERNS = ("plain", "gradient", "stripes", "checks", "spots", "clouds", "patches")


def draw_pattern(rng: np.random.Generator, size: int, contrast: float = 1.0) -> np.ndarray:
    """A random pattern in two random colours with a little grain: sRGB 0-1, float32, size x size x 3.

    `contrast` scales the difference of the second colour, and the grain, from the first colour.
    """
    share = field(rng, str(rng.choice(PATTERNS)), size)
    one, other = draw_colour(rng), draw_colour(rng)
    grain = rng.uniform(0, 0.06) * clouds(rng, size, 0.8)
    picture = one + contrast * (share[..., None] * (other - one) + grain[..., None])
    return np.clip(picture, 0.02, 0.98).astype(np.float32)


def draw_colour(rng: np.random.Generator) -> np.ndarray:
    """A random colour of any hue, sRGB 0-1."""
    return np.array(colorsys.hsv_to_rgb(rng.uniform(), rng.uniform(0, 0.8), rng.uniform(0.12, 0.95)))


def field(rng: np.random.Generator, pattern: str, size: int) -> np.ndarray:
    """Share of the second colour at each pixel, 0 to 1 (size x size)."""
    angle, phase = rng.uniform(0, 2 * np.pi, 2)
    y, x = np.mgrid[:size, :size] / size - 0.5
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    count, edge = rng.uniform(2, 7), rng.uniform(2, 12)
    if pattern == "gradient":
        return np.clip(0.5 + along, 0, 1)
    if pattern == "stripes":
        wave = np.sin(2 * np.pi * count * along + phase + rng.uniform(0, 2) * np.sin(4 * across))
        return 0.5 + 0.5 * np.tanh(edge * (wave - rng.uniform(-0.5, 0.5)))
    if pattern == "checks":
        wave = np.sin(2 * np.pi * count * along + phase) * np.sin(2 * np.pi * count * across)
        return 0.5 + 0.5 * np.tanh(edge * wave)
    if pattern == "spots":
        wave = np.cos(2 * np.pi * count * along + phase) + np.cos(2 * np.pi * count * across)
        return 0.5 + 0.5 * np.tanh(edge * (wave - rng.uniform(0.3, 1.3)))
    if pattern == "clouds":
        return np.clip(0.5 + 0.3 * clouds(rng, size, rng.uniform(1, 2)), 0, 1)
    if pattern == "patches":
        return 0.5 + 0.5 * np.tanh(edge * clouds(rng, size, rng.uniform(1.5, 2.2)))
    return np.zeros((size, size))


def clouds(rng: np.random.Generator, size: int, slope: float) -> np.ndarray:
    """Noise with mean 0, standard deviation 1 and an amplitude spectrum that falls as frequency ** -slope."""
    spectrum = np.fft.rfft2(rng.normal(size=(size, size))) * _frequency(size) ** -slope
    noise = np.fft.irfft2(spectrum, (size, size))
    return (noise - noise.mean()) / max(float(noise.std()), 1e-9)


@cache
def _frequency(size: int) -> np.ndarray:
    """Frequency of each coefficient of `numpy.fft.rfft2`, in cycles per image, at least 1."""
    down, right = np.fft.fftfreq(size) * size, np.fft.rfftfreq(size) * size
    return np.hypot(down[:, None], right).clip(1)
