"""The plane of a texture: coordinates of its pixels, waves and noise over them; and families of textures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import tau as TAU

import numpy as np


@dataclass(frozen=True)
class Plane:
    """The part of the plane that an image shows: S x S points, one frame wide.

    Attributes
    ----------
    side : S
    angle : of rotation, radians
    zoom : factor on the size of everything
    centre : where the origin lies: x and y from the middle of the frame, in frames
    """

    side: int
    angle: float = 0.0
    zoom: float = 1.0
    centre: tuple[float, float] = (0.0, 0.0)

    @cached_property
    def xy(self) -> tuple[np.ndarray, np.ndarray]:
        """Coordinates of the points, in frames: rotated about the origin and zoomed (S x S each)."""
        t = (np.arange(self.side) + 0.5) / self.side - 0.5
        right, down = t - self.centre[0], (t - self.centre[1])[:, None]
        c, s = np.cos(self.angle) / self.zoom, np.sin(self.angle) / self.zoom
        return c * right + s * down, c * down - s * right

    @cached_property
    def polar(self) -> tuple[np.ndarray, np.ndarray]:
        """Distance from the origin, in frames, and angle about it (S x S each)."""
        x, y = self.xy
        return np.hypot(x, y), np.arctan2(y, x)

    @cached_property
    def frequencies(self) -> tuple[np.ndarray, np.ndarray]:
        """Frequencies of `numpy.fft.rfft2` along the rotated axes, in cycles a frame at zoom one."""
        down = (np.fft.fftfreq(self.side) * self.side)[:, None]
        right = np.fft.rfftfreq(self.side) * self.side
        c, s = np.cos(self.angle) * self.zoom, np.sin(self.angle) * self.zoom
        return c * right + s * down, c * down - s * right

    def filtered(self, rng: np.random.Generator, amplitude: np.ndarray) -> np.ndarray:
        """White noise with some amplitude at each of `frequencies`: mean 0, standard deviation 1."""
        spectrum = np.fft.rfft2(rng.standard_normal((self.side, self.side))) * amplitude
        spectrum[0, 0] = 0
        field = np.fft.irfft2(spectrum, (self.side, self.side))
        return field / max(float(field.std()), 1e-12)

    def noise(
        self, rng: np.random.Generator, slope: float, coarsest: float = 1.0, stretch: float = 1.0
    ) -> np.ndarray:
        """Noise with the amplitude frequency ** -slope, from `coarsest` cycles a frame on.

        `stretch` is how much longer its structure is along x than along y.
        """
        along, across = self.frequencies
        frequency = np.hypot(along * stretch, across)
        return self.filtered(rng, np.maximum(frequency, coarsest) ** -slope)


def periodic(kind: str, cycles: np.ndarray) -> np.ndarray:
    """One period a unit of `cycles`, 0 to 1: ``sine``, ``square``, ``saw``, ``triangle`` or ``line``."""
    if kind == "sine":
        return 0.5 + 0.5 * np.sin(TAU * cycles)
    if kind == "square":
        return 0.5 + 0.5 * np.tanh(6 * np.sin(TAU * cycles))
    if kind == "saw":
        return cycles % 1
    if kind == "triangle":
        return np.abs(2 * (cycles % 1) - 1)
    return np.exp(-(((cycles % 1 - 0.5) / 0.09) ** 2))


def look_up_wrapped(tile: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Bilinear lookup in a periodic tile (N x N): u along its columns, v down its rows, 1 is once around."""
    n = len(tile)
    x, y = u * n, v * n
    i, j = np.floor(x).astype(int), np.floor(y).astype(int)
    fx, fy = x - i, y - j
    i, j, k, m = i % n, j % n, (i + 1) % n, (j + 1) % n
    return (tile[j, i] * (1 - fx) + tile[j, k] * fx) * (1 - fy) + (
        tile[m, i] * (1 - fx) + tile[m, k] * fx
    ) * fy


Formula = Callable[..., np.ndarray]
"""A texture: ``formula(plane, rng, **parameters)`` gives a value for each point, in any range."""


@dataclass(frozen=True)
class Family:
    """A formula, and the values of its parameters that are classes.

    Attributes
    ----------
    formula : its parameters are the plane, a generator, and those of a class
    cells : parameters of each class
    """

    formula: Formula
    cells: tuple[dict[str, str | float], ...] = ({},)

    @property
    def name(self) -> str:
        """Name of the formula, in words."""
        return self.formula.__name__.replace("_", " ")

    def classes(self) -> dict[str, dict[str, str | float]]:
        """The classes by name, which is that of the family and the values of the parameters."""
        return {
            " ".join([self.name, *(_text(value) for value in cell.values())]): cell for cell in self.cells
        }


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def cells(**values: tuple[str | float, ...]) -> tuple[dict[str, str | float], ...]:
    """All combinations of some values of parameters."""
    return tuple(dict(zip(values, chosen, strict=True)) for chosen in product(*values.values()))
