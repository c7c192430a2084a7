"""Light: a lamp and the sky."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, radians, sin, sqrt, tan

import numpy as np

from faceinv.data.rendering.views import View

WINDOW = 9.0
"""Deviation in degrees of the window that lights one side, as wet surfaces mirror it."""


@dataclass(frozen=True)
class Light:
    """A lamp, far away, and how the light of the sky differs from one that is the same from everywhere.

    Attributes
    ----------
    towards : unit vector towards the middle of the lamp (3)
    irradiance : of a surface that faces it
    radius : of the disc of the lamp as seen from the scene, in degrees; 0 is a point, with hard shadows
    fill : 3, shorter than 1; the sky lights a surface 1 + fill . normal times as much as a uniform one, as
        it does if it is 1 + 1.5 fill . w times as bright in the direction w; None for a uniform sky
    sky : mean radiance of the sky, which wet surfaces mirror
    """

    towards: np.ndarray
    irradiance: float
    radius: float = 0.0
    fill: np.ndarray | None = None
    sky: float = 0.0

    def directions(self, samples: int) -> np.ndarray:
        """Unit vectors towards the points of the lamp that light the samples of each pixel, n x 3, float32.

        They lie on a spiral that covers the disc evenly (Vogel 1979) and is balanced about its middle. One
        direction is given for all samples if the lamp is a point.
        """
        if not self.radius:
            return self.towards.astype(np.float32)[None]
        turns = np.arange(samples) * pi * (3 - sqrt(5))
        distance = np.sqrt((np.arange(samples) + 0.5) / samples)
        places = np.stack([distance * np.cos(turns), distance * np.sin(turns)])
        places -= places.mean(1, keepdims=True)
        across = np.cross(self.towards, (0, 0, 1) if abs(self.towards[2]) < 0.9 else (0, 1, 0))
        across /= np.linalg.norm(across)
        along = np.cross(across, self.towards)
        out = self.towards + tan(radians(self.radius)) * (places.T @ np.stack([across, along]))
        return (out / np.linalg.norm(out, axis=1, keepdims=True)).astype(np.float32)

    def mirrored_lamp(self, mirrored: np.ndarray, turn: np.ndarray) -> np.ndarray:
        """Radiance of the lamp where a mirror shows it, by its irradiance (N).

        Parameters
        ----------
        mirrored : 3 x N, unit vectors, mirrored directions to the camera, float32
        turn : N, by how much the normal of the mirror turns between neighbouring samples, in radians
        """
        return _seen(mirrored, self.towards, radians(self.radius) / 2, turn)

    def mirrored_sky(self, mirrored: np.ndarray, turn: np.ndarray) -> np.ndarray:
        """Radiance of the sky where a mirror shows it (N); what lights one side more is seen as a window."""
        out = np.full(mirrored.shape[1], self.sky, np.float32)
        strength = 0.0 if self.fill is None else float(np.linalg.norm(self.fill))
        if self.fill is not None and strength:
            window = _seen(mirrored, self.fill / strength, radians(WINDOW), turn)
            out += np.float32(pi * self.sky * strength) * window
        return out


def _seen(mirrored: np.ndarray, towards: np.ndarray, deviation: float, turn: np.ndarray) -> np.ndarray:
    """Radiance, by irradiance, of a light that is brightest in its middle, as a normal distribution.

    Neighbouring samples see directions that differ by twice the turn of the normal; blurred to two deviations
    for that, the light is missed by none.
    """
    difference = mirrored - towards.astype(np.float32)[:, None]
    square = (difference * difference).sum(0)  # that of the angle, where it is small
    variance = np.float32(deviation * deviation) + turn * turn
    return np.exp(square / (-2 * variance)) / (np.float32(2 * pi) * variance)


def direction(view: View) -> np.ndarray:
    """Unit vector towards the light of a view; x points right, y forwards and z up."""
    azimuth, elevation = radians(view.light_azimuth), radians(view.light_elevation)
    return np.array([sin(azimuth) * cos(elevation), -cos(azimuth) * cos(elevation), sin(elevation)])
