"""Cameras: the rays of an image."""

from __future__ import annotations

from dataclasses import dataclass
from math import radians, tan

import numpy as np

FIELD_OF_VIEW = 12.0
"""Of the camera, in degrees, as in a portrait from about a metre."""


@dataclass(frozen=True)
class Camera:
    """A perspective camera.

    Attributes
    ----------
    eye : its position
    axes : 3 x 3; the rows point right, forwards and up
    x, y : shift of the image to the right and down, in widths of the frame
    """

    eye: np.ndarray
    axes: np.ndarray
    x: float = 0.0
    y: float = 0.0

    def directions(self, count: int) -> np.ndarray:
        """Unit directions of rays through the centres of count x count cells of the frame; float32."""
        centre = (np.arange(count) + 0.5) / count
        half_width = tan(radians(FIELD_OF_VIEW / 2))
        right = half_width * (2 * (centre - self.x) - 1)
        up = -half_width * (2 * (centre - self.y) - 1)[:, None]
        length = np.sqrt(right * right + 1 + up * up).astype(np.float32)
        out = np.empty((count, count, 3), np.float32)
        for axis, (along, forwards, upwards) in enumerate(self.axes.T):
            across = (along * right).astype(np.float32)
            np.divide(across + (forwards + upwards * up).astype(np.float32), length, out=out[..., axis])
        return out.reshape(-1, 3)
