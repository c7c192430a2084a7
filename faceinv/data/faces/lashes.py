"""Lashes: hairs that are rooted on the front edges of the lids and follow them.

People have 90 to 160 lashes on the upper lid and 75 to 80, shorter, on the lower one; here every drawn hair
stands for two.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faceinv.data.faces.identities import Person
from faceinv.data.faces.lids import LidEdge, lid_edges
from faceinv.data.faces.morphable_head import load_head
from faceinv.data.faces.strands import along_ribbons, ribbon_triangles, ribbons, unit

UPPER, LOWER = 52, 30
"""Hairs of an upper and of a lower lid."""
LENGTH = (0.0068, 0.0040)
"""Of upper and lower lashes, in metres."""
HALF_WIDTH = np.array([0.00011, 0.00008])
"""Half of the width at the root and in the middle, in metres."""


@dataclass(frozen=True)
class Lashes:
    """Lashes of a person (see `faceinv.data.faces.strands.Hairs`), N hairs.

    Attributes
    ----------
    start, end : N, vertices of the lid's edge between which a hair is rooted
    share : N, how far from `start` to `end`
    side : N, 0 for the left eye in the image and 1 for the right one
    bend : N x 3 x 3
        Way from the root to each point, in metres: outwards from the eyeball, up, and sideways.
    triangles, uv, colour, sky : as of `Hairs`
    """

    start: np.ndarray
    end: np.ndarray
    share: np.ndarray
    side: np.ndarray
    bend: np.ndarray
    triangles: np.ndarray
    uv: np.ndarray
    colour: np.ndarray
    sky: float = 0.5

    def place(self, vertices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Points and normals on a standing head with these vertices."""
        centre = load_head().eye_centres(vertices)[self.side]
        root = vertices[self.start] + self.share[:, None] * (vertices[self.end] - vertices[self.start])
        outwards = unit(root - centre)
        up = unit(np.array([0, 0, 1]) - outwards[:, 2:] * outwards)
        sideways = np.cross(up, outwards) * np.where(self.side == 1, -1.0, 1.0)[:, None]
        frame = np.stack([outwards, up, sideways], 1)
        curve = root[:, None] + np.einsum("nkf,nfx->nkx", self.bend, frame)
        across = HALF_WIDTH[None, :, None] * unit(vertices[self.end] - vertices[self.start])[:, None]
        normal = np.broadcast_to(outwards[:, None], curve.shape)
        return ribbons(curve, across).points, along_ribbons(normal).astype(np.float32)


def grow_lashes(person: Person) -> Lashes:
    """The lashes of a person: longer and closer together where the trait `lash` is larger."""
    rng = np.random.default_rng([person.surface.hair_seed, 1])
    amount = person.traits["lash"]
    parts = []
    for side, lids in enumerate(lid_edges()):
        for lid, (margin, count, length) in enumerate(zip(lids, (UPPER, LOWER), LENGTH, strict=True)):
            parts.append(
                _row(rng, margin, side, lid == 0, round(count * (0.75 + 0.3 * amount)), length, amount)
            )
    start, end, share, side_of, bend = (np.concatenate(each) for each in zip(*parts, strict=True))
    count = len(start)
    dark = np.minimum(0.35 * person.hair**2.2, 0.05) + 0.004
    return Lashes(
        start=start,
        end=end,
        share=share,
        side=side_of,
        bend=bend,
        triangles=ribbon_triangles(count, 3),
        uv=np.full((5 * count, 2), 0.5),
        colour=np.full((2, 2, 3), dark, np.float32),
    )


def _row(
    rng: np.random.Generator,
    margin: LidEdge,
    side: int,
    upper: bool,
    count: int,
    length: float,
    amount: float,
) -> tuple[np.ndarray, ...]:
    """Roots and bends of the hairs of one lid."""
    low, high = (0.10, 0.985) if upper else (0.22, 0.97)
    along = low + (high - low) * (np.arange(count) + rng.uniform(0.1, 0.9, count)) / count
    at = np.clip(np.searchsorted(margin.along, along) - 1, 0, len(margin.along) - 2)
    start, end = margin.vertices[at], margin.vertices[at + 1]
    share = (along - margin.along[at]) / np.maximum(margin.along[at + 1] - margin.along[at], 1e-9)
    # shorter towards the inner corner; neighbours lean together and differ in length
    long = length * (0.8 + 0.35 * amount) * (0.45 + 0.55 * np.sin(np.pi * np.clip(along * 0.75 + 0.12, 0, 1)))
    long = long * rng.uniform(0.7, 1.08, count)
    lean = 0.75 * (along - 0.42) + rng.normal(0, 0.10, count)
    curl = rng.normal(1, 0.12, count)
    s = np.array([0.0, 0.5, 1.0])
    ways = (0.8 * s, -0.22 * s + 0.72 * s * s) if upper else (0.62 * s, -0.15 * s - 0.40 * s * s)
    bend = np.stack(
        [
            np.broadcast_to(ways[0], (count, 3)),
            curl[:, None] * ways[1],
            lean[:, None] * (0.4 * s + 0.6 * s * s),
        ],
        2,
    )
    return start, end, share, np.full(count, side), long[:, None, None] * bend
