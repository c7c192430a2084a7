"""What is inside the mouth: two rows of teeth in their gums, and the tongue.

Widths and heights of crowns are means of adults (Nelson & Ash 2010, *Wheeler's Dental Anatomy*).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from faceinv.data.faces.morphable_head import Head
from faceinv.data.faces.uv_atlas import ramp


@dataclass(frozen=True)
class Arch:
    """One row of teeth; all in metres.

    Attributes
    ----------
    widths, heights : of the crowns, from the middle to the back
    half_width, depth : half axes of the ellipse along which they stand
    """

    widths: tuple[float, ...]
    heights: tuple[float, ...]
    half_width: float
    depth: float


UPPER_TEETH = Arch(
    (0.0085, 0.0065, 0.0075, 0.007, 0.007),
    (0.0105, 0.0092, 0.0101, 0.0085, 0.0085),
    half_width=0.0275,
    depth=0.042,
)
LOWER = Arch(
    (0.005, 0.0055, 0.007, 0.007, 0.007),
    (0.009, 0.0095, 0.0108, 0.0085, 0.008),
    half_width=0.0255,
    depth=0.039,
)
OVERBITE, OVERJET = 0.0015, 0.0022
"""How far the upper teeth reach over the lower ones, and stand before them, in metres."""
BEHIND_LIPS = 0.012
"""Distance of the upper front teeth behind the foremost point of the lips, in metres."""
EDGE = -0.0025
"""Height of the edges of the upper front teeth above the line between the lips, in metres."""
GUM = 0.0035
"""Height of the gums above the crowns, in metres."""
ACROSS = np.array([0.0, 0.12, 0.5, 0.88])
"""Columns of the mesh of a tooth, as shares of its width."""
DOWN = np.array([-1.0, 0.0, 0.3, 0.75, 1.0])
"""Rows of the mesh: -1 at the top of the gum, 0 where the crown begins, 1 at its edge."""
TOOTH_TEXELS = (28, 14)
"""Rows of the texture of an arch, and columns of a tooth."""
ENAMEL, GUMS = (0.80, 0.755, 0.67), (0.60, 0.33, 0.31)
"""Colours of teeth and gums, sRGB."""
TONGUE, CAVITY = (0.56, 0.27, 0.26), (0.30, 0.11, 0.10)
"""Colours of the tongue and of the inside of the cheeks, sRGB."""
GAP, ROUNDED = 0.0007, 0.0004
"""How far the surface recedes between two teeth, and the corners of their edges are rounded, in metres."""
SECTION = ((-1.0, 0.0, 0.3, 0.8, 1.0), (0.0004, 0.0002, 0.0006, 0.0, -0.0010))
"""Rows of the mesh, and how far the surface lies outside the arch there, in metres."""
GUM_SHARE = 0.3
"""Share of the gums in the texture of an arch."""
TONGUE_SIZE, TONGUE_PLACE = np.array([0.019, 0.027, 0.008]), np.array([0.0, 0.034, -0.0105])
"""Half axes of the tongue, and its middle relative to the edges of the upper front teeth, in metres."""
DARKER_BEHIND = 0.018
"""Distance behind the front teeth, in metres, at which the light of the sky has fallen to 1/e."""
WIDE_OPEN = 0.007
"""Drop of the jaw, in metres, from which on the sky lights the teeth as much as it can."""


class Mouth:
    """Teeth and tongue that fit the neutral mouth of a head; lower teeth and tongue move with the chin.

    Parameters
    ----------
    head : Head
    neutral : V x 3
        The vertices of the neutral head.

    Attributes
    ----------
    teeth_triangles, teeth_uv, tongue_triangles
    """

    def __init__(self, head: Head, neutral: np.ndarray) -> None:
        self._neutral, self._lips = neutral, np.flatnonzero(head.lips > 0.5)
        x, y, z = neutral.T
        self._chin = np.flatnonzero((np.abs(x) < 0.012) & (z < -0.09) & (z > -0.108) & (y < -0.01))
        front = np.array([0, y[self._lips].min() + BEHIND_LIPS, np.median(z[self._lips]) + EDGE])
        upper, uv = row_of_teeth(UPPER_TEETH)
        lower, _ = row_of_teeth(LOWER)
        rows, columns = upper.shape[:2]
        triangles = grid_triangles(rows, columns)
        upper = upper.reshape(-1, 3) + front
        lower = lower.reshape(-1, 3) * [1, 1, -1] + front + [0, OVERJET, OVERBITE]
        self._teeth = np.concatenate([upper, lower]).astype(np.float32)
        self._lower = np.arange(len(self._teeth)) >= len(upper)
        self.teeth_triangles = np.concatenate([triangles, triangles[:, ::-1] + len(upper)])
        u, v = uv.reshape(-1, 2).T
        # one arch above the other in the texture, the gums outside
        self.teeth_uv = np.concatenate([np.stack([u, 0.5 * v], 1), np.stack([u, 1 - 0.5 * v], 1)])
        self._back = np.exp(-np.maximum(self._teeth[:, 1] - front[1], 0) / DARKER_BEHIND)
        self._tongue = (dome(6, 11) * TONGUE_SIZE + front + TONGUE_PLACE).astype(np.float32)
        self.tongue_triangles = grid_triangles(6, 11)

    def place(
        self, vertices: np.ndarray, rest: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Points of the teeth and of the tongue, and the shares of the light of the sky that reach them.

        Parameters
        ----------
        vertices, rest : V x 3, of the head, with and without its expression
        """
        with_mouth = (rest - self._neutral)[self._lips].mean(0)
        with_jaw = (vertices - rest)[self._chin].mean(0)
        teeth = self._teeth + with_mouth + self._lower[:, None] * with_jaw
        tongue = self._tongue + with_mouth + with_jaw
        light = 0.25 + 0.5 * float(ramp(-with_jaw[2], 0.0, WIDE_OPEN))
        return teeth, tongue, light * self._back, np.full(len(tongue), 0.8 * light)


def row_of_teeth(arch: Arch) -> tuple[np.ndarray, np.ndarray]:
    """The outside of an arch of upper teeth (rows x columns x 3), and texture coordinates along it and down.

    The edges of the front teeth are at the origin, and the others behind it (y grows to the back).
    """
    count = 2 * len(arch.widths)
    widths, heights = (np.array([*reversed(half), *half]) for half in (arch.widths, arch.heights))
    tooth = np.repeat(np.arange(count), len(ACROSS))
    share = np.tile(ACROSS, count)
    along = np.cumsum([0, *widths])[tooth] + share * widths[tooth] - widths.sum() / 2
    # the points of the ellipse by the length of its arc from the middle
    t = np.linspace(-0.5, 0.5, 2001) * np.pi
    ellipse = np.stack([arch.half_width * np.sin(t), arch.depth * (1 - np.cos(t))], 1)
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(ellipse, axis=0), axis=1))])
    x, y = (np.interp(along, length - length[1000], each) for each in ellipse.T)
    out = np.stack([x / arch.half_width**2, (y - arch.depth) / arch.depth**2], 1)
    out /= np.linalg.norm(out, axis=1, keepdims=True)

    aside, down = np.abs(2 * share - 1), DOWN[:, None]
    crown = heights[tooth] - ROUNDED * aside**4
    bulge = np.interp(DOWN, *SECTION)[:, None] - np.where(down < 0, 0.0, GAP * aside**3)
    points = np.empty((len(DOWN), len(along), 3))
    points[..., 0], points[..., 1] = x + bulge * out[:, 0], y + bulge * out[:, 1]
    points[..., 2] = arch.heights[0] - np.where(down < 0, GUM * down, crown * down)
    uv = np.empty((len(DOWN), len(along), 2))
    uv[..., 0] = (tooth + share) / count
    uv[..., 1] = np.interp(down, [-1, 0, 1], [0, GUM_SHARE, 1])
    return points, uv


def grid_triangles(rows: int, columns: int) -> np.ndarray:
    """Triangles of a grid of points, seen with its rows downwards and its columns to the right."""
    row, column = (each.ravel() for each in np.mgrid[: rows - 1, : columns - 1])
    a = row * columns + column
    return np.concatenate(
        [np.stack([a, a + columns, a + 1], 1), np.stack([a + 1, a + columns, a + columns + 1], 1)]
    )


def dome(rows: int, columns: int) -> np.ndarray:
    """The front and the top of a unit ball, with a furrow along it."""
    v, u = np.mgrid[0 : 1 : rows * 1j, 0 : 1 : columns * 1j]
    turn, tilt = np.pi * (u - 0.5), np.pi * (0.75 * (1 - v) - 0.2)
    points = np.stack([np.cos(tilt) * np.sin(turn), -np.cos(tilt) * np.cos(turn), np.sin(tilt)], -1)
    points[..., 2] -= 0.25 * np.exp(-((points[..., 0] / 0.25) ** 2)) * np.clip(points[..., 2], 0, 1)
    return points.reshape(-1, 3)


@cache
def paint_teeth() -> np.ndarray:
    """Texture of both arches, one above the other, sRGB: gums, and teeth with dark gaps between them."""
    rows, columns = TOOTH_TEXELS
    count = 2 * len(UPPER_TEETH.widths)
    v, u = np.mgrid[:rows, : columns * count]
    down = ((v + 0.5) / rows - GUM_SHARE) / (1 - GUM_SHARE)
    aside = np.abs(2 * ((u + 0.5) / columns % 1) - 1)
    # gums reach down between the teeth, and are higher above the middle of each
    tooth = ramp(down - 0.30 * aside**3, -0.05, 0.05)
    enamel = np.array(ENAMEL) * (1 - 0.06 * ramp(down, 0.75, 1.0) + 0.03 * (1 - aside**2))[..., None]
    enamel *= 1 - 0.5 * ramp(aside, 0.80, 1.0)[..., None] * np.array([0.85, 1.0, 1.1])
    gums = np.array(GUMS) * (1 + 0.06 * (1 - aside))[..., None]
    one = gums + tooth[..., None] * (enamel - gums)
    return np.concatenate([one, one[::-1]]).astype(np.float32)
