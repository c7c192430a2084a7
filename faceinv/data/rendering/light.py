"""Light: a lamp and the sky."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, radians, sin, sqrt, tan

import numpy as np

from faceinv.data.rendering.views import View


@dataclass(frozen=True)
class Light:
    """A lamp, far away, and how the light of the sky differs from one that is the same from everywhere.

    Attributes
    ----------
    towards : unit vector towards the middle of the lamp (3)
    irradiance : of a surface that faces it
    radius : of the disc of the lamp as seen from the scene, in degrees; 0 is a point, with hard shadows
    fill : 3, shorter than 2/3; the sky is 1 + 1.5 fill . w times as bright as its mean in the direction w,
        and so lights a surface 1 + fill . normal times as much; None for a uniform sky
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

    def spread(self, turn: np.ndarray) -> np.ndarray:
        """Deviation in radians of the lamp as a mirror shows it whose normal turns by `turn` between samples.

        The deviation of a disc is half its radius. Neighbouring samples see directions that differ by twice
        the turn of the normal, and no more than two deviations, so that none misses the lamp.
        """
        return np.sqrt(np.float32(radians(self.radius) / 2) ** 2 + turn * turn)


def direction(view: View) -> np.ndarray:
    """Unit vector towards the light of a view; x points right, y forwards and z up."""
    azimuth, elevation = radians(view.light_azimuth), radians(view.light_elevation)
    return np.array([sin(azimuth) * cos(elevation), -cos(azimuth) * cos(elevation), sin(elevation)])
