"""Waves: gratings, plaids, rings, spokes and interference."""

from __future__ import annotations

import numpy as np

from faceinv.data.textures.plane import Family, Plane, cells, periodic


def grating(plane: Plane, rng: np.random.Generator, kind: str, count: float) -> np.ndarray:
    return periodic(kind, count * plane.xy[0] + rng.uniform())


def chirp(plane: Plane, rng: np.random.Generator, kind: str) -> np.ndarray:
    """A grating that becomes finer away from a line."""
    return periodic(kind, rng.uniform(10, 14) * np.abs(plane.xy[0]) ** 1.7)


def plaid(plane: Plane, rng: np.random.Generator, kind: str, between: float, joined: str) -> np.ndarray:
    """Two gratings at an angle, in degrees."""
    x, y = plane.xy
    turn, count = np.radians(between), rng.uniform(4, 7)
    one = periodic(kind, count * x + rng.uniform())
    other = periodic(kind, count * (np.cos(turn) * x + np.sin(turn) * y) + rng.uniform())
    return {"sum": one + other, "product": one * other, "difference": np.abs(one - other)}[joined]


def three_gratings(plane: Plane, rng: np.random.Generator, kind: str, joined: str) -> np.ndarray:
    """Three gratings, 60 degrees apart."""
    x, y = plane.xy
    count = rng.uniform(4, 6)
    waves = [
        periodic(kind, count * (np.cos(a) * x + np.sin(a) * y) + rng.uniform())
        for a in np.radians((0, 60, 120))
    ]
    return np.sum(waves, 0) if joined == "sum" else np.max(waves, 0)


def tartan(plane: Plane, rng: np.random.Generator, count: float) -> np.ndarray:
    """The same bands of random width and grey across each other."""
    bands, ends = rng.uniform(0, 1, 6), np.sort(rng.uniform(0, 1, 6))
    return sum(bands[np.searchsorted(ends, (count * each) % 1) % 6] for each in plane.xy)  # type: ignore[return-value]


def wavy_grating(plane: Plane, rng: np.random.Generator, bend: str, depth: float) -> np.ndarray:
    x, y = plane.xy
    shift = depth * (2 * periodic(bend, rng.uniform(2, 3) * y + rng.uniform()) - 1)
    return periodic("square", rng.uniform(5, 8) * (x + 0.1 * shift))


def concentric_rings(plane: Plane, rng: np.random.Generator, kind: str, count: float) -> np.ndarray:
    return periodic(kind, count * plane.polar[0] + rng.uniform())


def petal_rings(plane: Plane, rng: np.random.Generator, petals: float) -> np.ndarray:
    """Rings that bulge."""
    r, angle = plane.polar
    return periodic("square", rng.uniform(5, 7) * r * (1 + rng.uniform(0.2, 0.35) * np.cos(petals * angle)))


def polygon_rings(plane: Plane, rng: np.random.Generator, sides: float) -> np.ndarray:
    r, angle = plane.polar
    edge = np.cos(angle % (2 * np.pi / sides) - np.pi / sides)
    return periodic("square", rng.uniform(5, 8) * r * edge + rng.uniform())


def spokes(plane: Plane, rng: np.random.Generator, kind: str, count: float) -> np.ndarray:
    return periodic(kind, count * plane.polar[1] / (2 * np.pi) + rng.uniform())


def spiral_arms(plane: Plane, rng: np.random.Generator, arms: float, kind: str) -> np.ndarray:
    r, angle = plane.polar
    wound = rng.uniform(5, 7) * r if kind == "even" else rng.uniform(1.6, 2.4) * np.log(r + 0.01)
    return periodic("square", arms * angle / (2 * np.pi) + wound)


def dartboard(plane: Plane, rng: np.random.Generator, count: float) -> np.ndarray:
    """Rings across spokes."""
    r, angle = plane.polar
    return np.sign(np.sin(count * angle) * np.sin(2 * np.pi * rng.uniform(5, 7) * r))


def interference(plane: Plane, rng: np.random.Generator, kind: str, sources: float) -> np.ndarray:
    """Round waves from some points."""
    x, y = plane.xy
    count = rng.uniform(8, 11)
    points = rng.uniform(-0.45, 0.45, (int(sources), 2))
    total = sum(np.sin(2 * np.pi * count * np.hypot(x - a, y - b)) for a, b in points)
    return np.asarray(total) if kind == "sine" else np.tanh(4 * np.asarray(total))


def moire(plane: Plane, rng: np.random.Generator, shape: str) -> np.ndarray:
    """Two fine patterns on each other that differ a little."""
    x, y = plane.xy
    count, off = rng.uniform(13, 17), rng.uniform(0.06, 0.12)
    turned = x * np.cos(off) + y * np.sin(off)
    pairs = {
        "lines": (x, turned * (1 + off)),
        "rings": (np.hypot(x, y), np.hypot(x - 2 * off, y)),
        "mixed": (x, np.hypot(x, y)),
        "spokes": (np.arctan2(y, x), np.arctan2(y - off, x - off)),
    }
    one, other = pairs[shape]
    return np.sin(2 * np.pi * count * one) * np.sin(2 * np.pi * count * other)


def quasicrystal(plane: Plane, rng: np.random.Generator, kind: str, fold: float) -> np.ndarray:
    """Plane waves in evenly spaced directions."""
    x, y = plane.xy
    count = rng.uniform(6, 9)
    angles = np.pi * np.arange(fold) / fold
    total = sum(
        np.cos(2 * np.pi * count * (np.cos(a) * x + np.sin(a) * y) + p)
        for a, p in zip(angles, rng.uniform(0, 0.6, len(angles)), strict=True)
    )
    return np.asarray(total) if kind == "sine" else np.tanh(3 * np.asarray(total))


def conic(plane: Plane, rng: np.random.Generator, shape: str) -> np.ndarray:
    """Waves along the level lines of a polynomial."""
    x, y = (2.2 * each for each in plane.xy)
    height = {
        "saddle": x * y, "ellipse": x * x + 3 * y * y, "monkey": x**3 - 3 * x * y * y,
        "parabola": y - 1.5 * x * x, "folium": x**3 + y**3 - 1.5 * x * y,
        "product": np.sin(2 * x) * np.sin(2 * y),
    }[shape]  # fmt: skip
    return periodic("square", rng.uniform(3, 5) * height + rng.uniform())


def aliasing(plane: Plane, rng: np.random.Generator, shape: str) -> np.ndarray:
    """Integer arithmetic on coordinates, as bits and remainders."""
    n = int(rng.integers(28, 40))
    i, j = (np.floor(n * each).astype(int) + 512 for each in plane.xy)
    if shape == "squares":
        return ((i * i + j * j) % 31).astype(float)
    bits = i ^ j if shape == "xor" else i & j
    return (bits % 16).astype(float)


WAVES: dict[str, Family] = {
    family.name: family
    for family in (
        Family(grating, cells(kind=("sine", "square", "saw", "line"), count=(4, 10))),
        Family(chirp, cells(kind=("sine", "square"))),
        Family(
            plaid, cells(kind=("sine", "square"), between=(90, 50), joined=("sum", "product", "difference"))
        ),
        Family(three_gratings, cells(kind=("sine", "line"), joined=("sum", "max"))),
        Family(tartan, cells(count=(2, 4))),
        Family(wavy_grating, cells(bend=("sine", "triangle"), depth=(0.5, 1.5))),
        Family(concentric_rings, cells(kind=("sine", "square", "saw"), count=(5, 11))),
        Family(petal_rings, cells(petals=(3, 5, 8))),
        Family(polygon_rings, cells(sides=(3, 4, 6))),
        Family(spokes, cells(kind=("sine", "square"), count=(5, 9, 16))),
        Family(spiral_arms, cells(arms=(1, 3), kind=("even", "log"))),
        Family(dartboard, cells(count=(3, 6))),
        Family(interference, cells(kind=("sine", "square"), sources=(2, 3, 6))),
        Family(moire, cells(shape=("lines", "rings", "mixed", "spokes"))),
        Family(quasicrystal, cells(kind=("sine", "square"), fold=(5, 7, 8))),
        Family(conic, cells(shape=("saddle", "ellipse", "monkey", "parabola", "folium", "product"))),
        Family(aliasing, cells(shape=("squares", "xor", "and"))),
    )
}
"""Families of waves by name."""
