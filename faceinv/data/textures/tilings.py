"""Tilings: bricks, checks, weaves, Truchet tiles, wallpaper groups and kaleidoscopes."""

from __future__ import annotations

import numpy as np

from faceinv.data.textures.plane import Family, Plane, cells, look_up_wrapped, periodic


def at_random(rng: np.random.Generator, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """A random number, 0 to 1, for each pair of integers."""
    return rng.uniform(0, 1, (64, 64))[np.asarray(i) % 64, np.asarray(j) % 64]


def bricks(plane: Plane, rng: np.random.Generator, long: float, shift: float, colour: str) -> np.ndarray:
    """Rows of bricks with mortar, each row shifted by a share of a brick; of one grey or of many."""
    x, y = (rng.uniform(7, 9) * each for each in plane.xy)
    row = np.floor(y)
    along = x / long + shift * row
    joint = 0.09
    inside = (y - row > joint) & ((along % 1) * long > joint)
    face = (
        1.0
        if colour == "plain"
        else 0.35 + 0.65 * at_random(rng, np.floor(along).astype(int), row.astype(int))
    )
    return np.where(inside, face, 0.0)


def checks(plane: Plane, rng: np.random.Generator, shape: str) -> np.ndarray:
    """Two colours in turn, in squares, oblongs, diamonds, triangles or squares and stripes (gingham)."""
    x, y = plane.xy
    count = rng.uniform(3, 5)
    if shape == "gingham":
        return periodic("square", count * x) + periodic("square", count * y)
    if shape == "triangles":
        u, v = count * (x - y / 3**0.5), count * 2 * y / 3**0.5
        return ((u % 1 + v % 1) > 1).astype(float)
    u, v = {"squares": (x, y), "oblongs": (x / 2.5, y), "diamonds": (x + 1.7 * y, x - 1.7 * y)}[shape]
    return np.tanh(12 * np.sin(2 * np.pi * count * u) * np.sin(2 * np.pi * count * v))


def hexagons(plane: Plane, rng: np.random.Generator, shown: str) -> np.ndarray:
    """A honeycomb: its edges, or its cells in three greys; or three rhombs a cell, which look like cubes."""
    x, y = (rng.uniform(4, 5.5) * each for each in plane.xy)
    high = 3**0.5
    best, centre = np.full(x.shape, 99.0), np.zeros((3, *x.shape))
    for shift in (0.0, 0.5):
        i, j = np.round(x - shift), np.round(y / high - shift)
        dx, dy = x - i - shift, y - (j + shift) * high
        away = np.hypot(dx, dy)
        closer = away < best
        best = np.where(closer, away, best)
        third = i - j if shift == 0 else i - j + 2
        centre = np.where(
            closer, np.stack([dx, dy, (i + (0 if shift == 0 else 2) + 0 * third + j) % 3]), centre
        )
    dx, dy, third = centre
    angle = np.arctan2(dy, dx)
    edge = best * np.cos((angle + np.pi / 6) % (np.pi / 3) - np.pi / 6)
    if shown == "edges":
        return np.tanh(25 * (0.43 - edge))
    return third if shown == "three" else np.floor((angle + np.pi / 2) % (2 * np.pi) / (2 * np.pi / 3))


def herringbone(plane: Plane, rng: np.random.Generator, long: float) -> np.ndarray:
    """Oblongs at right angles, each against the sides of others."""
    n = int(long)
    x, y = (rng.uniform(8, 10) * each for each in plane.xy)
    i, j = np.floor(x).astype(int), np.floor(y).astype(int)
    phase = (i - j) % (2 * n)
    lying = phase < n
    along, across = np.where(lying, x - i + phase, y - j + (2 * n - 1 - phase)), np.where(lying, y - j, x - i)
    edge = np.minimum.reduce([along, n - along, across, 1 - across])
    return np.tanh(12 * (edge - 0.05)) + 0.6 * lying


def basket(plane: Plane, rng: np.random.Generator, bars: float) -> np.ndarray:
    """Squares of parallel bars, in turn across each other."""
    x, y = (rng.uniform(3, 4.5) * each for each in plane.xy)
    lying = (np.floor(x) + np.floor(y)) % 2 == 0
    return np.abs(np.sin(np.pi * bars * np.where(lying, y, x))) ** 0.5 - 0.3 * lying


def fish_scales(plane: Plane, rng: np.random.Generator, shown: str) -> np.ndarray:
    """Rows of overlapping discs."""
    x, y = (rng.uniform(5, 7) * each for each in plane.xy)
    out, done = np.zeros(x.shape), np.zeros(x.shape, bool)
    for down in (0, 1, 2):
        row = np.floor(2 * y) + down - 1
        shift = 0.5 * (row % 2)
        dx, dy = (x - shift) % 1 - 0.5, y - 0.5 * row
        away = np.hypot(dx, dy)
        here = ~done & (away < 0.58)
        value = away if shown == "shaded" else (away > 0.48).astype(float) if shown == "edges" else row % 3
        out, done = np.where(here, value, out), done | here
    return out


def truchet(plane: Plane, rng: np.random.Generator, tile: str) -> np.ndarray:
    """Squares with a motif that is turned at random (Truchet 1704; Smith 1987)."""
    x, y = (rng.uniform(6, 9) * each for each in plane.xy)
    i, j = np.floor(x).astype(int), np.floor(y).astype(int)
    u, v, draw = x - i, y - j, at_random(rng, i, j)
    u = np.where(draw < 0.5, u, 1 - u)
    if tile == "diagonals":
        return np.exp(-(((u - v) / 0.12) ** 2))
    if tile == "triangles":
        return ((u > v) ^ ((draw * 4 % 1) < 0.5)).astype(float)
    near_, far = np.hypot(u, v), np.hypot(1 - u, 1 - v)
    if tile == "arcs":
        return np.exp(-(((np.minimum(np.abs(near_ - 0.5), np.abs(far - 0.5))) / 0.1) ** 2))
    inside = (near_ < 0.5) | (far < 0.5)
    return (inside ^ ((i + j + (draw < 0.5)) % 2 == 0)).astype(float)


def weave(plane: Plane, rng: np.random.Generator, kind: str, gap: float) -> np.ndarray:
    """Threads over and under each other: plain, twill, satin or basket weave, with gaps between them."""
    x, y = (rng.uniform(8, 11) * each for each in plane.xy)
    i, j = np.floor(x).astype(int), np.floor(y).astype(int)
    u, v = x - i - 0.5, y - j - 0.5
    over = {
        "plain": (i + j) % 2 == 0, "twill": (i + j) % 4 < 2, "satin": (i * 2 + j) % 5 == 0,
        "basket": (i // 2 + j // 2) % 2 == 0,
    }[kind]  # fmt: skip
    wide = 0.5 - gap
    warp, weft = (np.where(np.abs(t) < wide, np.sqrt(np.clip(1 - (t / wide) ** 2, 0, 1)), 0) for t in (u, v))
    upper, lower = np.where(over, warp, 0.75 * weft), np.where(over, 0.75 * weft, warp)
    return np.where(upper > 0, 0.3 + upper, np.where(lower > 0, 0.15 + 0.6 * lower, 0))


def star_tiles(plane: Plane, rng: np.random.Generator, points: float) -> np.ndarray:
    """Bands that cross at stars, in two or three directions of mirrors."""
    x, y = plane.xy
    count = rng.uniform(2.5, 3.5)
    angles = np.pi * np.arange(points) / points
    lines = [np.abs((count * (np.cos(a) * x + np.sin(a) * y)) % 1 - 0.5) for a in angles]
    return np.tanh(25 * (0.06 - np.min([np.abs(each - 0.2) for each in lines], 0)))


def octagons(plane: Plane, rng: np.random.Generator, cut: float) -> np.ndarray:
    """Octagons and squares."""
    x, y = (rng.uniform(4, 6) * each for each in plane.xy)
    u, v = np.abs((x + 0.5) % 1 - 0.5), np.abs((y + 0.5) % 1 - 0.5)
    small = u + v > 1 - cut
    edge = np.minimum(np.abs(u + v - (1 - cut)) / 2**0.5, np.where(small, 9, 0.5 - np.maximum(u, v)))
    return np.where(edge < 0.035, 0.0, np.where(small, 0.55, 1.0))


TURN2, MIRROR, SWAP, TURN4 = [[-1, 0], [0, -1]], [[-1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1], [1, 0]]
TURN3, TURN6, ACROSS = [[0, -1], [1, -1]], [[1, -1], [1, 0]], [[0, -1], [-1, 0]]
GROUPS: dict[str, tuple[float, list]] = {
    "p1": (75, []), "p2": (75, [(TURN2, 2, 0)]), "pm": (90, [(MIRROR, 2, 0)]), "cm": (70, [(SWAP, 2, 0)]),
    "pmm": (90, [(MIRROR, 2, 0), (TURN2, 2, 0)]), "pgg": (90, [(TURN2, 2, 0), (MIRROR, 2, 1)]),
    "cmm": (70, [(SWAP, 2, 0), (TURN2, 2, 0)]), "p4": (90, [(TURN4, 4, 0)]),
    "p4m": (90, [(TURN4, 4, 0), (MIRROR, 2, 0)]), "p4g": (90, [(TURN4, 4, 0), (MIRROR, 2, 1)]),
    "p3": (120, [(TURN3, 3, 0)]), "p31m": (120, [(TURN3, 3, 0), (SWAP, 2, 0)]), "p6": (120, [(TURN6, 6, 0)]),
    "p6m": (120, [(TURN6, 6, 0), (SWAP, 2, 0)]),
}  # fmt: skip
"""Wallpaper groups: the angle between the sides of a cell, and turns and mirrors in their coordinates, each
with its order and whether it also shifts by half a cell."""


def motif(side: int, rng: np.random.Generator, number: float, shown: str) -> np.ndarray:
    """Noise (`side` x `side`, periodic) that depends on a class, and by a third on the image."""
    own = np.random.default_rng([int(number), len(shown), ord(shown[0])])
    return Plane(side).noise(own, 1.5, 2) + 0.5 * Plane(side).noise(rng, 1.5, 2)


def wallpaper(plane: Plane, rng: np.random.Generator, group: str, shown: str) -> np.ndarray:
    """A motif with the symmetry of a plane group: the mean of noise over its images under the group.

    A class has a motif of its own, which varies from image to image.
    """
    degrees, symmetries = GROUPS[group]
    n = 48
    tile = motif(n, rng, list(GROUPS).index(group), shown)
    i, j = np.mgrid[:n, :n]
    for matrix, order, shifts in symmetries:
        total, a, b = np.zeros((n, n)), i, j
        for _ in range(order):
            total += tile[a % n, b % n]
            (p, q), (r, s) = matrix
            a, b = p * a + q * b + shifts * n // 2, r * a + s * b + shifts * n // 2
        tile = total / order
    x, y = plane.xy
    count, angle = rng.uniform(2, 2.6), np.radians(degrees)
    v = count * y / np.sin(angle)
    found = look_up_wrapped(tile, v, count * x - v * np.cos(angle)) / max(float(tile.std()), 1e-9)
    return found if shown == "soft" else np.tanh(8 * found)


def kaleidoscope(plane: Plane, rng: np.random.Generator, mirrors: float, shown: str) -> np.ndarray:
    """A motif of the class in mirrors through a point."""
    tile = motif(64, rng, 100 + mirrors, shown)
    r, angle = plane.polar
    folded = np.abs((angle % (2 * np.pi / mirrors)) - np.pi / mirrors)
    found = look_up_wrapped(tile, 0.8 * r * np.cos(folded) + 0.1 * rng.uniform(), 0.8 * r * np.sin(folded))
    return found if shown == "soft" else np.tanh(8 * found)


TILINGS: dict[str, Family] = {
    family.name: family
    for family in (
        Family(bricks, cells(long=(2.0, 3.5), shift=(0.5, 0.3), colour=("plain", "many"))),
        Family(checks, cells(shape=("squares", "oblongs", "diamonds", "triangles", "gingham"))),
        Family(hexagons, cells(shown=("edges", "three", "cubes"))),
        Family(herringbone, cells(long=(2, 4))),
        Family(basket, cells(bars=(2, 4))),
        Family(fish_scales, cells(shown=("shaded", "edges", "three"))),
        Family(truchet, cells(tile=("diagonals", "triangles", "arcs", "areas"))),
        Family(weave, cells(kind=("plain", "twill", "satin", "basket"), gap=(0.02, 0.2))),
        Family(star_tiles, cells(points=(2, 3, 4))),
        Family(octagons, cells(cut=(0.25, 0.45))),
        Family(wallpaper, cells(group=tuple(GROUPS), shown=("soft", "hard"))),
        Family(kaleidoscope, cells(mirrors=(3, 5, 8), shown=("soft", "hard"))),
    )
}
"""Families of tilings by name."""
