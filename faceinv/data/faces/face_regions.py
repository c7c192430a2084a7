"""Where a region of the face lies, as smooth weights that are exactly zero outside it.

The same functions of a point of the neutral head weigh its vertices and the texels of its atlas, so that a
region is one place whether its shape or its texture is exchanged.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from faceinv.data.faces.uv_atlas import ramp

MOUTH_HEIGHT = -0.068
"""Height of the middle of the lips below that of the eyes, in metres."""


def region_weight(region: str, points: np.ndarray) -> np.ndarray:
    """Weight of points in a region, 0 to 1: one within it, falling smoothly to exactly zero around it.

    Parameters
    ----------
    region : a key of `FACE_REGIONS`
    points : ... x 3, of the neutral head in metres, the origin midway between the eyes
    """
    x, y, z = np.abs(points[..., 0]), points[..., 1], points[..., 2]
    front = 1 - ramp(y, 0.030, 0.045)
    return (FACE_REGIONS[region](x, y, z) * front).astype(np.float32)


def _brow(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    return ramp(z, 0.006, 0.014) * (1 - ramp(z, 0.032, 0.042)) * (1 - ramp(x, 0.056, 0.066))


def _eye(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    return 1 - ramp(np.hypot((x - 0.031) / 0.0205, z / 0.0135), 0.9, 1.3)


def _nose(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    down = np.clip((0.012 - z) / 0.0595, 0, 1)
    across = 1 - ramp(x / (0.0085 + 0.0135 * down**1.3), 1.0, 1.5)
    return across * (1 - ramp(z, 0.006, 0.018)) * ramp(z, -0.056, -0.047)


def _mouth(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    return 1 - ramp(np.hypot(x / 0.032, (z - MOUTH_HEIGHT) / 0.0205), 0.85, 1.25)


def _jaw(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    azimuth = np.rad2deg(np.arctan2(x, 0.04 - y))
    top = -0.078 + 0.030 * ramp(azimuth, 30, 75)  # rises from below the mouth towards the ears
    neck = -0.1105 + 0.42 * (y + 0.02)
    along = 1 - ramp(azimuth, 85, 105)
    return (1 - ramp(z - top, -0.012, 0.006)) * ramp(z - neck, -0.010, 0.004) * along * (1 - _mouth(x, y, z))


FACE_REGIONS: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]] = {
    "brow": _brow,
    "eye": _eye,
    "nose": _nose,
    "mouth": _mouth,
    "jaw": _jaw,
}
"""Weights of the regions by distance from the midline, depth and height in metres."""
