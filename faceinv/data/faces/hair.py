"""Short hair: a cap of strokes on the scalp, with a little volume.

Everybody has the same cut, so that hair does not tell gender; only a receding hairline follows
masculinity a little, as it does in life.
"""

from __future__ import annotations

import numpy as np

from faceinv.data.faces.identities import Person
from faceinv.data.faces.morphable_head import Head
from faceinv.data.faces.uv_atlas import Atlas, ramp
from faceinv.data.rendering.mesh import normals


def hair_cover(person: Person, points: np.ndarray, ears: np.ndarray) -> np.ndarray:
    """How much hair there is at points of the neutral head (metres from between the eyes), 0 to 1."""
    x, y, z = np.abs(points[..., 0]), points[..., 1], points[..., 2]
    turn = np.rad2deg(np.arctan2(x, 0.06 - y))
    t = person.traits
    line = 0.068 + 0.004 * t["fringe"] - 0.004 * (turn / 40) ** 2
    line += 0.012 * t["recession"] * np.exp(-(((turn - 31) / 9) ** 2))
    line += (-0.012 - line) * ramp(turn, 38, 62)  # down the temples to the sideburns
    line -= 0.045 * ramp(turn, 96, 112)  # and behind the ears to the nape
    around_ear = np.clip(2.5 * ears, 0, 1) * (z < 0.02)
    return ramp(z - line, -0.003, 0.007) * (1 - around_ear)


def paint_hair(skin: np.ndarray, person: Person, atlas: Atlas) -> np.ndarray:
    """Paint hair on a skin (sRGB, in place); returns how much covers each texel."""
    cover = hair_cover(person, atlas.position, atlas.fields["ears"]).astype(np.float32)
    edge = np.clip(1.35 * cover + 0.18 * atlas.combed * (cover > 0.02) * (cover < 0.9), 0, 1)
    colour = person.hair.astype(np.float32) * (1 + np.float32(0.3) * atlas.combed)[..., None]
    skin += edge[..., None] * (colour - skin)
    return cover


def grow_hair(vertices: np.ndarray, person: Person, head: Head, neutral: np.ndarray) -> np.ndarray:
    """`vertices` with the volume of the hair, up to 10 mm, where `neutral` ones are covered."""
    cover = hair_cover(person, neutral, head.ears)
    out = ramp(cover, 0.2, 1.0) * (0.003 + 0.007 * person.traits["volume"])
    return (vertices + normals(vertices, head.skin) * out[:, None]).astype(np.float32)
