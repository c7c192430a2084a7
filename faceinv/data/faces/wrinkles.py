"""Wrinkles: where the skin of a face folds with age, and how deeply it has."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.spatial import cKDTree

from faceinv.data.faces.identities import Person
from faceinv.data.faces.morphable_head import EYE_DISTANCE
from faceinv.data.faces.surface import WRINKLES, wrinkle_depth
from faceinv.data.faces.uv_atlas import Window, load_atlas, ramp

DEPTHS = {
    "forehead": 0.21,
    "frown": 0.25,
    "crow": 0.32,
    "under_eye": 0.27,
    "smile": 0.26,
    "mouth": 0.24,
    "neck": 0.18,
}
"""Darkening (of the logarithm of radiance) in the middle of the deepest wrinkles of each kind."""


def wrinkle_shade(person: Person, window: Window, scale: int) -> np.ndarray:
    """What the wrinkles of a person add to the logarithm of reflectance in a window of the atlas, float32."""
    out = np.zeros(load_atlas(scale).sky[window].shape, np.float32)
    for kind, name in enumerate(WRINKLES):
        depth = DEPTHS[name] * wrinkle_depth(person.surface, name, person.age, person.melanin)
        # the mixture of both variants is the person's own
        share = 0.5 + 0.5 * np.tanh(person.noise[8 + kind])
        first, second = grooves(scale)[name]
        out += np.float32(depth * share) * first[window]
        out += np.float32(depth * (1 - share)) * second[window]
    return out


@cache
def grooves(scale: int) -> dict[str, np.ndarray]:
    """Relief of each kind of wrinkles, in two variants of which people have a mixture.

    Returns
    -------
    dict of ndarray of float32, 2 x rows x columns
        Negative in a groove, positive along its lower rim, about -1 to 0.5.
    """
    atlas = load_atlas(scale)
    position, front = atlas.position, atlas.fields["front"]
    x, z = np.abs(position[..., 0]), position[..., 2]
    side = position[..., 0] > 0
    ex = EYE_DISTANCE / 2

    def curve(points: list[tuple[float, float]], width: float) -> np.ndarray:
        knots = np.array(points)
        t = np.linspace(0, 1, 80)
        path = np.stack([np.interp(t, np.linspace(0, 1, len(knots)), k) for k in knots.T], 1)
        box = (x > path[:, 0].min() - 4 * width) & (x < path[:, 0].max() + 4 * width)
        box &= (z > path[:, 1].min() - 4 * width) & (z < path[:, 1].max() + 4 * width) & (front > 0)
        distance, index = cKDTree(path).query(np.stack([x[box], z[box]], -1))
        taper = np.sin(np.pi * np.clip(index / 79 * 0.86 + 0.1, 0, 1)) ** 0.8
        out = np.zeros(x.shape)
        out[box] = np.exp(-((distance / width) ** 2) / 2) * taper
        return out

    def ray(degrees: float, start: float, end: float, bow: float) -> list[tuple[float, float]]:
        """A line of crow's feet: from near the outer corner of the eye outwards."""
        r, a = np.linspace(start, end, 6), np.deg2rad(degrees + bow * np.linspace(-1, 1, 6))
        return list(zip(ex + 0.0085 + r * np.cos(a), -0.003 + r * np.sin(a), strict=True))

    def bands(
        heights: list[float], wave: float, phase: float, reach: float, width: float = 0.0011
    ) -> np.ndarray:
        lines = [
            np.exp(
                -(
                    ((z - h - wave * np.cos((x + 0.2 * position[..., 0]) / 0.011 + phase + 2 * i)) / width)
                    ** 2
                )
            )
            * (1 - ramp(x + 0.004 * np.sin(7 * i + phase + 3 * side), reach - 0.018, reach))
            for i, h in enumerate(heights)
        ]
        return np.sum(lines, 0) * front

    smile = [(0.0165, -0.037), (0.0215, -0.045), (0.0265, -0.056), (0.0300, -0.066), (0.0312, -0.073)]
    kinds = {
        "forehead": [
            bands([0.037, 0.047, 0.058], 0.0016, 0.5, 0.050),
            bands([0.041, 0.0515, 0.0625], 0.0024, 2.0, 0.042),
        ],
        "frown": [
            curve([(0.0055, 0.011), (0.0062, 0.018), (0.0052, 0.027)], 0.0010),
            curve([(0.0085, 0.013), (0.0078, 0.020), (0.0085, 0.025)], 0.0010)
            + bands([0.003], 0.0006, 0.0, 0.012),
        ],
        "crow": [
            sum((curve(ray(a, 0.011, 0.026, 6), 0.0008) for a in (34, 8, -18)), np.zeros(x.shape)),
            sum((curve(ray(a, 0.010, 0.023, -5), 0.0008) for a in (22, -4, -32)), np.zeros(x.shape)),
        ],
        "under_eye": [
            curve(
                [(ex - 0.013, -0.0095), (ex - 0.006, -0.0150), (ex + 0.004, -0.0170), (ex + 0.013, -0.0135)],
                0.0011,
            ),
            curve([(ex - 0.010, -0.0105), (ex - 0.002, -0.0135), (ex + 0.008, -0.0125)], 0.0008)
            + 0.8 * curve([(ex - 0.012, -0.0140), (ex - 0.004, -0.0200), (ex + 0.004, -0.0225)], 0.0012),
        ],
        "smile": [curve(smile, 0.0017), curve([(a + 0.0022, b - 0.001) for a, b in smile], 0.0022)],
        "mouth": [
            curve([(0.0285, -0.071), (0.0300, -0.079), (0.0285, -0.090)], 0.0013),
            curve([(0.0270, -0.070), (0.0285, -0.076), (0.0295, -0.083)], 0.0010)
            + sum(
                (curve([(a, -0.0570), (1.04 * a, -0.0615)], 0.0006) for a in (0.004, 0.008, 0.012, 0.016)),
                np.zeros(x.shape),
            ),
        ],
        "neck": [
            np.exp(-(((z + 0.132 + 0.02 * x - 0.1 * position[..., 1]) / 0.002) ** 2)),
            np.exp(-(((z + 0.150 - 0.1 * position[..., 1]) / 0.002) ** 2)),
        ],
    }
    # light from above falls into a groove's lower side
    return {
        name: np.stack([0.42 * np.roll(line, 2 * scale, 0) - line for line in lines]).astype(np.float32)
        for name, lines in kinds.items()
    }
