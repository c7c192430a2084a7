"""Brows: some hundreds of hairs, each drawn as a thin curve into the texture of the skin.

Hairs drawn into the texture are as fine as its texels, and a camera sees their mean where its pixels are
larger: brows of geometry, of which a ray hits a hair or none, would sparkle in small images.

The hairs of a brow grow upwards at its inner end, outwards along its middle, where those of the upper edge
turn down and those of the lower edge turn up, and along its tail.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from faceinv.data.faces.hair import GREY_HAIR
from faceinv.data.faces.identities import Brow, Person
from faceinv.data.faces.morphable_head import load_head
from faceinv.data.faces.surface import grey_share
from faceinv.data.faces.uv_atlas import Atlas, load_atlas, neutral_points, ramp

INNER, LENGTH = 0.010, 0.045
"""Where a brow begins, from the midline, and how far it reaches, in metres."""
BROW_HAIRS = 280
"""Hairs of a brow of mean thickness."""
HAIR_WIDTH = 0.00013
"""Width of a hair, in metres."""
HAIR_POINTS = 9
"""Points at which each hair is drawn."""
GRID = 0.001
"""Distance, in metres, of the points at which the place on the atlas is looked up."""
GRID_ORIGIN = (-0.075, -0.004)
GRID_SHAPE = (151, 62)
"""Of the grid across the forehead (x) and up (z)."""
BROW_TINT = np.array([0.85, 0.7, 0.65])
"""Colour of the brows relative to that of the hair, without what both have of black."""
LATER_GREY = 9
"""Years by which the hairs of the brows keep their pigment longer than those of the head."""


def paint_brows(skin: np.ndarray, person: Person, atlas: Atlas) -> np.ndarray:
    """Paint both brows on a skin texture (linear, in place); their cover of each texel, 0 to 1."""
    b, window = person.brow, atlas.brow_window
    x, z = np.abs(atlas.position[window][..., 0]), atlas.position[window][..., 2]
    cover = (brow_cover(b, x, z) * atlas.fields["front"][window]).astype(np.float32)
    hairs, grey = draw_hairs(person, atlas)
    part = skin[window]
    dark = brow_colour(person)
    # the roots of the finest hairs, which are not drawn one by one, darken the skin between the others
    under = (np.float32(0.34 * b.darkness) * cover)[..., None]
    part += under * (part * (0.30 + 0.6 * dark) + 0.3 * dark - part)
    share = np.clip(grey / np.maximum(hairs, 1e-6), 0, 1)[..., None]
    weight = (1 - np.exp(-hairs))[..., None]
    part += weight * (dark + share * (GREY_HAIR * np.array([0.68, 0.62, 0.54], np.float32) - dark) - part)
    full = np.zeros(skin.shape[:2], np.float32)
    full[window] = cover
    return full


def brow_colour(person: Person) -> np.ndarray:
    """Linear reflectance of the pigmented hairs of the brows: darker than the hair of the head."""
    return (BROW_TINT * np.minimum(person.hair, 0.32) ** 2.2 + 0.006).astype(np.float32)


def middle_and_width(b: Brow, along: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Height of the middle of a brow above the eyes, and half of its width, in metres, along its length."""
    inside = np.clip(along, 0, 1)
    width = (1.0 - 0.72 * inside**1.6) * b.thickness * (0.72 + 0.28 * ramp(along, -0.05, 0.2))
    middle = b.height + b.arch * np.sin(inside * np.pi * 0.85) + b.tilt * (along - 0.5)
    return middle - 0.0030 * np.clip(along - 0.6, 0, 0.5) ** 1.2, width


def fade(b: Brow, along: np.ndarray) -> np.ndarray:
    """Density of hairs along a brow relative to its middle: it fades at both ends."""
    return ramp(along, b.start - 0.12, b.start + 0.24) * (1 - ramp(along, b.end - 0.34, b.end + 0.02))


def brow_cover(b: Brow, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Brow cover, 0 to 1, at distance `x` from the midline and height `z` above the eyes."""
    along = np.clip((x - INNER) / LENGTH, -0.3, 1.3)
    middle, width = middle_and_width(b, along)
    ends = ramp(along, b.start - 0.08, b.start + 0.18) * (1 - ramp(along, b.end - 0.2, b.end + 0.02))
    return (1 - ramp(np.abs(z - middle) / width, 0.45, 1.3)) * ends


def hair_curves(person: Person, side: int, count: int) -> np.ndarray:
    """Curves of the hairs of the left (-1) or right (1) brow: `count` x `HAIR_POINTS` x 2, x and height z."""
    b = person.brow
    rng = np.random.default_rng([person.surface.hair_seed, 2 + (side > 0)])
    # as many roots as the density asks for, at even distances along its sum
    grid = np.linspace(-0.12, 1.06, 120)
    density = np.cumsum(fade(b, grid) * middle_and_width(b, grid)[1] ** 0.8)
    order = (np.arange(count) + rng.uniform(0, 1, count)) / count * density[-1]
    along = np.interp(order, density, grid)
    across = np.clip(rng.normal(0, 0.52, count), -1.15, 1.15)
    middle, width = middle_and_width(b, along)
    # inclination to the brow's own direction, in degrees
    upright = 62 * (1 - ramp(along, -0.05, 0.36))
    angle = 14 + upright - 24 * across * ramp(along, 0.08, 0.4) + rng.normal(0, 8, count)
    axis = np.rad2deg(np.arctan2(np.gradient(middle_and_width(b, grid)[0], grid), LENGTH))
    angle += np.interp(along, grid, axis)
    turn = -(10 + 20 * ramp(along, 0.1, 0.5)) * (0.4 + across) + rng.normal(0, 6, count)
    long = (0.0048 + 0.0030 * np.sin(np.pi * np.clip(along * 0.8 + 0.1, 0, 1))) * rng.uniform(0.6, 1.1, count)
    long *= 0.75 + 0.25 * b.thickness / 0.004
    s = np.linspace(0, 1, HAIR_POINTS)
    heading = np.deg2rad(angle[:, None] + turn[:, None] * s)
    step = long[:, None] / HAIR_POINTS
    x = INNER + LENGTH * along[:, None] + np.cumsum(np.cos(heading) * step, 1)
    # rooted below where they are seen: hairs lie upwards over their own root
    z = (middle + 0.8 * width * across - 0.22 * long * np.sin(np.deg2rad(angle)))[:, None]
    return np.stack([side * x, z + np.cumsum(np.sin(heading) * step, 1)], 2)


def draw_hairs(person: Person, atlas: Atlas) -> tuple[np.ndarray, np.ndarray]:
    """Optical thickness of all hairs, and of those without pigment, at the texels of the brows' window."""
    b = person.brow
    count = round(BROW_HAIRS * np.clip(0.35 + 0.65 * b.thickness / 0.004, 0.6, 1.5))
    curves = np.concatenate([hair_curves(person, side, count) for side in (-1, 1)])
    row, column, area = place_on_atlas(curves, atlas.scale)
    rng = np.random.default_rng([person.surface.hair_seed, 4])
    white = rng.random(len(curves)) < 0.8 * grey_share(person.surface, person.age - LATER_GREY)
    strength = (0.5 + 0.9 * b.darkness) * rng.uniform(0.6, 1.3, len(curves)) * np.where(white, 0.6, 1)
    taper = np.linspace(1.0, 0.25, HAIR_POINTS) * HAIR_WIDTH
    step = np.linalg.norm(np.diff(curves, axis=1), axis=2).mean(1)
    # share of the texel that a piece of hair covers, times how opaque it is
    weight = 2.6 * strength[:, None] * taper * step[:, None] / area
    first_row, first_column = (each.start for each in atlas.brow_window)
    rows, columns = atlas.sky[atlas.brow_window].shape
    row, column = row - first_row, column - first_column
    inside = (row >= 0) & (row < rows - 1) & (column >= 0) & (column < columns - 1)
    row, column, weight, white = (each[inside] for each in (row, column, weight, white[:, None] & inside))
    top, left = row.astype(int), column.astype(int)
    down, right = row - top, column - left
    corner = top * columns + left
    index = np.concatenate([corner, corner + 1, corner + columns, corner + columns + 1])
    shares = [(1 - down) * (1 - right), (1 - down) * right, down * (1 - right), down * right]
    weights = np.concatenate([share * weight for share in shares])
    total = np.bincount(index, weights, rows * columns)
    grey = np.bincount(index, weights * np.tile(white, 4), rows * columns) if white.any() else 0 * total
    return total.reshape(rows, columns).astype(np.float32), grey.reshape(rows, columns).astype(np.float32)


def place_on_atlas(points: np.ndarray, scale: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row and column in texels, and area of a texel in square metres, at points (x, z) of the forehead."""
    at = np.moveaxis((points - GRID_ORIGIN) / GRID, -1, 0)
    i, j = (np.clip(each.astype(int), 0, limit - 2) for each, limit in zip(at, GRID_SHAPE, strict=True))
    s, t = at[0] - i, at[1] - j
    table = atlas_grid(scale)
    row, column, area = np.moveaxis(
        ((1 - s) * (1 - t))[..., None] * table[i, j]
        + ((1 - s) * t)[..., None] * table[i, j + 1]
        + (s * (1 - t))[..., None] * table[i + 1, j]
        + (s * t)[..., None] * table[i + 1, j + 1],
        -1,
        0,
    )
    return row, column, area


@cache
def atlas_grid(scale: int) -> np.ndarray:
    """Row, column and area of a texel at a grid of points of the forehead, `GRID_SHAPE` x 3."""
    from scipy.interpolate import LinearNDInterpolator  # takes a third of a second to import

    head, atlas = load_head(), load_atlas(scale)
    corner = neutral_points()[head.corner_vertex]
    front = np.unique(head.skin_corners[~head.socket])
    x, y, z = corner[front].T
    front = front[(y < 0.05) & (np.abs(x) < 0.085) & (z > -0.012) & (z < 0.075) & (atlas.uv[front, 1] < 0.88)]
    place = atlas.uv[front] * atlas.sky.shape[::-1] - 0.5
    axes = [o + GRID * np.arange(n) for o, n in zip(GRID_ORIGIN, GRID_SHAPE, strict=True)]
    mesh = np.stack(np.meshgrid(*axes, indexing="ij"), -1)
    found = LinearNDInterpolator(corner[front][:, [0, 2]], place[:, ::-1])(mesh)
    found = np.where(np.isnan(found), np.nanmean(found, axis=(0, 1)), found)
    down, across = (np.gradient(found, axis=axis) for axis in (0, 1))
    texels = np.abs(down[..., 0] * across[..., 1] - down[..., 1] * across[..., 0])
    area = GRID**2 / np.clip(texels, 0.5, 60 * scale)
    return np.concatenate([found, area[..., None]], -1)
