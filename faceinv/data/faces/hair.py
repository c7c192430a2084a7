"""Where hair grows on a head, and the scalp below it, painted as densely as hair covers it."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.ndimage import gaussian_filter

from faceinv.data.faces.identities import Person
from faceinv.data.faces.surface import grey_share, receded
from faceinv.data.faces.uv_atlas import Atlas, load_atlas, ramp

SHAVEN_EDGE = 8
"""Standard deviation of the gradual hairline of a shaven scalp, in texels of the atlas at scale 1."""
GREY_HAIR = np.array([0.45, 0.415, 0.365], np.float32)
"""Linear reflectance of hair without pigment."""


def hairline_cover(points: np.ndarray, ears: np.ndarray, recession: float) -> np.ndarray:
    """Cover by hair, 0 to 1, at points of the neutral head (in metres, origin midway between the eyes)."""
    x, y, z = np.abs(points[..., 0]), points[..., 1], points[..., 2]
    azimuth = np.rad2deg(np.arctan2(x, 0.06 - y))
    hairline = 0.068 - 0.004 * (azimuth / 40) ** 2 + 0.010 * recession
    hairline += 0.030 * recession * np.exp(-(((azimuth - 28) / 13) ** 2))
    hairline += (-0.012 - hairline) * ramp(azimuth, 38, 62)  # down the temples to the sideburns
    hairline -= 0.045 * ramp(azimuth, 96, 112)  # and behind the ears to the nape
    around_ear = np.clip(2.5 * ears, 0, 1) * (z < 0.02)
    return ramp(z - hairline, -0.004, 0.009) * (1 - around_ear)


@cache
def _covers(scale: int) -> np.ndarray:
    """Cover of each texel of the atlas without and with a receded hairline, 2 x rows x columns."""
    atlas = load_atlas(scale)
    covers = [hairline_cover(atlas.position, atlas.fields["ears"], r) for r in (0.0, 1.0)]
    return np.stack(covers).astype(np.float32)


def scalp_cover(person: Person, scale: int = 1) -> np.ndarray:
    """Where hair grows on the head of a person, if it is not shaven: rows x columns, 0 to 1, float32."""
    share = np.float32(receded(person.surface, person.age))
    full, bare = _covers(scale)
    return full + share * (bare - full)


@cache
def _soft_covers(scale: int) -> np.ndarray:
    """`_covers` with the gradual hairline of a shaven scalp, on which hairs thin out over a few cm."""
    return np.stack([gaussian_filter(cover, SHAVEN_EDGE * scale) for cover in _covers(scale)])


def shaven_cover(person: Person, scale: int = 1) -> np.ndarray:
    """How dense shaven hair is on the scalp of a person: rows x columns, 0 to 1, float32."""
    full, bare = _soft_covers(scale)
    return full + np.float32(receded(person.surface, person.age)) * (bare - full)


def paint_hair(skin: np.ndarray, person: Person, atlas: Atlas) -> np.ndarray:
    """Paint hair on a skin texture (linear, in place) and return its cover of each texel, 0 to 1."""
    cover = scalp_cover(person, atlas.scale)
    grey = grey_share(person.surface, person.age)
    tone = ((1 - grey) * person.hair**2.2 + grey * GREY_HAIR) * 0.55
    edge = np.clip(1.35 * cover + 0.18 * atlas.combed * (cover > 0.02) * (cover < 0.9), 0, 1)
    colour = tone.astype(np.float32) * np.clip(1 + np.float32(0.3) * atlas.combed, 0.2, 2)[..., None]
    skin += edge[..., None] * (colour - skin)
    return cover
