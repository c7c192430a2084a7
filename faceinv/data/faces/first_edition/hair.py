"""Short hair: strokes painted on the scalp, with a little volume.

Everybody has the same haircut, so that hair does not reveal gender; only a receding hairline correlates
slightly with masculinity, as in real faces.
"""

from __future__ import annotations

import numpy as np

from faceinv.data.faces.first_edition.identities import Person
from faceinv.data.faces.first_edition.uv_atlas import Atlas, ramp
from faceinv.data.faces.morphable_head import Head
from faceinv.data.rendering.mesh import normals


def hair_cover(person: Person, points: np.ndarray, ears: np.ndarray) -> np.ndarray:
    """Hair cover, 0 to 1, at points of the neutral head (in metres, origin midway between the eyes)."""
    x, y, z = np.abs(points[..., 0]), points[..., 1], points[..., 2]
    azimuth = np.rad2deg(np.arctan2(x, 0.06 - y))
    t = person.traits
    hairline = 0.068 + 0.004 * t["fringe"] - 0.004 * (azimuth / 40) ** 2
    hairline += 0.012 * t["recession"] * np.exp(-(((azimuth - 31) / 9) ** 2))
    hairline += (-0.012 - hairline) * ramp(azimuth, 38, 62)  # down the temples to the sideburns
    hairline -= 0.045 * ramp(azimuth, 96, 112)  # and behind the ears to the nape
    around_ear = np.clip(2.5 * ears, 0, 1) * (z < 0.02)
    return ramp(z - hairline, -0.003, 0.007) * (1 - around_ear)


def paint_hair(skin: np.ndarray, person: Person, atlas: Atlas) -> np.ndarray:
    """Paint hair on a skin texture (sRGB, in place) and return its cover of each texel, 0 to 1."""
    cover = hair_cover(person, atlas.position, atlas.fields["ears"]).astype(np.float32)
    edge = np.clip(1.35 * cover + 0.18 * atlas.combed * (cover > 0.02) * (cover < 0.9), 0, 1)
    colour = person.hair.astype(np.float32) * (1 + np.float32(0.3) * atlas.combed)[..., None]
    skin += edge[..., None] * (colour - skin)
    return cover


def grow_hair(vertices: np.ndarray, person: Person, head: Head, neutral: np.ndarray) -> np.ndarray:
    """Add the volume of the hair, up to 10 mm, to `vertices` where the `neutral` head is covered."""
    cover = hair_cover(person, neutral, head.ears)
    out = ramp(cover, 0.2, 1.0) * (0.003 + 0.007 * person.traits["volume"])
    return (vertices + normals(vertices, head.skin) * out[:, None]).astype(np.float32)
