"""Short hair: strokes painted on the scalp, with a little volume.

Everybody has the same haircut, so that hair does not reveal gender; only a receding hairline correlates
slightly with masculinity, as in real faces.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from faceinv.data.faces.identities import Person
from faceinv.data.faces.morphable_head import Head
from faceinv.data.faces.surface import receded
from faceinv.data.faces.uv_atlas import Atlas, load_atlas, ramp
from faceinv.data.rendering.mesh import normals


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


def paint_hair(skin: np.ndarray, person: Person, atlas: Atlas) -> np.ndarray:
    """Paint hair on a skin texture (linear, in place) and return its cover of each texel, 0 to 1."""
    cover = scalp_cover(person, atlas.scale)
    edge = np.clip(1.35 * cover + 0.18 * atlas.combed * (cover > 0.02) * (cover < 0.9), 0, 1)
    colour = (person.hair**2.2).astype(np.float32) * np.clip(1 + np.float32(0.3) * atlas.combed, 0.2, 2)[
        ..., None
    ]
    skin += edge[..., None] * (colour - skin)
    return cover


def grow_hair(vertices: np.ndarray, person: Person, head: Head, neutral: np.ndarray) -> np.ndarray:
    """Add the volume of the hair, up to 10 mm, to `vertices` where the `neutral` head is covered."""
    cover = hairline_cover(neutral, head.ears, receded(person.surface, person.age))
    out = ramp(cover, 0.2, 1.0) * (0.003 + 0.007 * person.traits["volume"])
    return (vertices + normals(vertices, head.skin) * out[:, None]).astype(np.float32)
