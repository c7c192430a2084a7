"""Colour scales whose equal steps look equal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from faceinv.data.rendering.colour import decode_srgb
from faceinv.figures.image_grid import POSITIVE

# linear sRGB to the responses of three cones, and their cube roots to lightness and two opponent colours
_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_OPPONENTS = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)

RELEVANCE_STOPS = ((226, 223, 218), (236, 158, 128), tuple(int(c) for c in POSITIVE), (110, 12, 16))
"""From a pale grey through the colour of positive relevance to a dark red (sRGB, 0 to 255)."""


def to_oklab(colours: np.ndarray) -> np.ndarray:
    """Lightness and opponent colours in Oklab (Ottosson 2020) of sRGB colours (... x 3, 0 to 255)."""
    linear = decode_srgb(np.asarray(colours, float) / 255)
    return np.cbrt(linear @ _CONES.T) @ _OPPONENTS.T


def uniform_scale(stops: Sequence[Sequence[int]] = RELEVANCE_STOPS, count: int = 64) -> np.ndarray:
    """Colours between some stops, at equal distances in Oklab from one to the next.

    Parameters
    ----------
    stops : sRGB colours, 0 to 255
    count : number of colours

    Returns
    -------
    ndarray of uint8, count x 3
        The first and the last are the first and the last stop.
    """
    ends = np.asarray(stops, float)
    share = np.linspace(0, len(ends) - 1, 50 * (len(ends) - 1) + 1)
    fine = np.stack([np.interp(share, range(len(ends)), channel) for channel in ends.T], 1)
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(to_oklab(fine), axis=0), axis=1))])
    at = np.linspace(0, length[-1], count)
    return np.rint(np.stack([np.interp(at, length, channel) for channel in fine.T], 1)).astype(np.uint8)
