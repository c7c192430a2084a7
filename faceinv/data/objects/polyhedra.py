"""Polyhedra and shapes built on their corners, and round, twisted and wavy surfaces."""

from __future__ import annotations

from collections.abc import Callable
from math import tau as TAU

import numpy as np

from faceinv.data.objects.meshes import Solid, ball, faceted, hull, join_meshes, near, rod, tube, wrap

GOLDEN = (1 + 5**0.5) / 2


def signed(*point: float) -> list[tuple[float, ...]]:
    """The cyclic permutations of a point with all signs."""
    signs = [(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
    turned = {tuple(np.roll(np.multiply(point, s), k).tolist()) for s in signs for k in range(3)}
    return sorted(turned)


def column(sides: int, top: float, twist: float = 0.0) -> list[tuple[float, float, float]]:
    """Corners of a prism (`top` 1), a pyramid (0) or an antiprism (`twist` half a side)."""
    corners = []
    for z, radius, shift in ((-1.0, 1.0, 0.0), (1.0, top, twist)):
        for k in range(sides):
            angle = TAU * (k + shift) / sides
            corners.append((radius * np.cos(angle), radius * np.sin(angle), z))
    return corners


CORNERS: dict[str, list] = {
    "tetrahedron": [(1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)],
    "cube": signed(1, 1, 1),
    "octahedron": signed(1, 0, 0),
    "dodecahedron": signed(1, 1, 1) + signed(0, 1 / GOLDEN, GOLDEN),
    "crystal": [*column(6, 1.0), (0, 0, 2.2), (0, 0, -2.2)],
}


ICOSAHEDRON = signed(0, 1, GOLDEN)


def convex(corners: list, rng: np.random.Generator) -> Solid:
    return hull(np.array(corners, float) + rng.normal(0, 0.04, (len(corners), 3)))


def frame(corners: list, length: float, rng: np.random.Generator) -> Solid:
    """Rods along the edges (pairs of corners `length` apart), and balls at the corners."""
    points, thick = np.array(corners, float), rng.uniform(0.09, 0.16) * length
    pairs = [
        (a, b)
        for i, a in enumerate(points)
        for b in points[i + 1 :]
        if abs(np.linalg.norm(a - b) - length) < 0.01
    ]
    return join_meshes(
        *(rod(a, b, thick, sides=6) for a, b in pairs), *(ball(p, 1.4 * thick, 5) for p in points)
    )


def spiky(corners: list, core: float, rng: np.random.Generator) -> Solid:
    """A ball with a cone towards every corner."""
    directions = np.array(corners, float)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    wide = near(rng, 0.45) * core
    return join_meshes(ball(radius=core), *(rod(0.7 * core * d, d, wide, 0.01, 8) for d in directions))


def knobbed(corners: list, rng: np.random.Generator) -> Solid:
    """Rods from the centre towards every corner, with balls at their ends."""
    directions = np.array(corners, float)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    thick, knob = rng.uniform(0.07, 0.12), rng.uniform(0.2, 0.3)
    return join_meshes(
        ball(radius=knob, detail=8),
        *(join_meshes(rod((0, 0, 0), d, thick), ball(d, knob, 8)) for d in directions),
    )


# Round and twisted surfaces.


def round_grid(rows: int = 36, columns: int = 48) -> tuple[np.ndarray, np.ndarray]:
    """Latitude and longitude over a sphere."""
    lat, lon = np.linspace(-np.pi / 2, np.pi / 2, rows), np.linspace(-np.pi, np.pi, columns, endpoint=False)
    return tuple(np.meshgrid(lat, lon, indexing="ij"))  # type: ignore[return-value]


def power(x: np.ndarray, exponent: float) -> np.ndarray:
    return np.sign(x) * np.abs(x) ** exponent


def superquadric(upright: float, around: float, rng: np.random.Generator) -> Solid:
    """Barr's superquadric (1981): exponents below 1 are boxy, above 1 pinched."""
    lat, lon = round_grid()
    e, f = near(rng, upright), near(rng, around)
    ring = power(np.cos(lat), e)
    return wrap(
        np.stack([ring * power(np.cos(lon), f), ring * power(np.sin(lon), f), power(np.sin(lat), e)], -1)
    )


def lumpy(waves: int, depth: float, rng: np.random.Generator) -> Solid:
    """A ball with lumps."""
    lat, lon = round_grid(30, 60)
    phase = rng.uniform(0, TAU, 2)
    away = 1 + near(rng, depth) * np.cos(waves * lon + phase[0]) * np.cos(lat) * np.cos(
        waves * lat + phase[1]
    )
    flat = np.cos(lat)
    return wrap(away[..., None] * np.stack([flat * np.cos(lon), flat * np.sin(lon), np.sin(lat)], -1))


def pumpkin(ribs: int, depth: float, rng: np.random.Generator) -> Solid:
    """A ball with ribs from pole to pole."""
    lat, lon = round_grid(24, 72)
    away = 1 + near(rng, depth) * (np.abs(np.sin(ribs * lon / 2)) - 0.6) * np.cos(lat)
    grid = np.stack(
        [away * np.cos(lat) * np.cos(lon), away * np.cos(lat) * np.sin(lon), 0.8 * np.sin(lat)], -1
    )
    return wrap(grid)


def twisted(sides: int, turns: float, rng: np.random.Generator) -> Solid:
    """A twisted prism."""
    z, angle = np.linspace(-1, 1, 40), np.linspace(0, TAU, 12 * sides, endpoint=False)
    radius = 0.55 * polygon(angle, sides)
    turned = angle + TAU * near(rng, turns) * z[:, None] / 2
    grid = np.stack(
        [radius * np.cos(turned), radius * np.sin(turned), np.repeat(z[:, None], len(angle), 1)], -1
    )
    return wrap(np.concatenate([grid[:1] * [0, 0, 1], grid, grid[-1:] * [0, 0, 1]]))


def band(half_turns: int, rng: np.random.Generator) -> Solid:
    """A closed ribbon with half turns; with one, a Moebius strip."""
    t, width = np.linspace(0, TAU, 80, endpoint=False), near(rng, 0.35)
    twist, thick = half_turns * t / 2, 0.06
    out = np.stack([np.cos(t), np.sin(t), 0 * t], 1)
    wide = np.cos(twist)[:, None] * [0, 0, 1] + np.sin(twist)[:, None] * out
    deep = -np.sin(twist)[:, None] * [0, 0, 1] + np.cos(twist)[:, None] * out
    corners = [out + a * width * wide + b * thick * deep for a, b in ((1, 1), (-1, 1), (-1, -1), (1, -1))]
    grid = np.stack(corners, 1)
    grid = np.concatenate([grid, grid[:1] if half_turns % 2 == 0 else np.roll(grid[:1], 2, 1)])
    return faceted(wrap(grid))


def thin_sheet(
    height: Callable[[np.ndarray, np.ndarray, float], np.ndarray], rng: np.random.Generator
) -> Solid:
    """A thin sheet over a square, at ``height(x, y, v)``."""
    x, y = np.meshgrid(np.linspace(-1, 1, 24), np.linspace(-1, 1, 24))
    z = height(x, y, near(rng, 1, 0.25))
    top = wrap(np.stack([x, y, z + 0.05], -1), around=False)
    low = wrap(np.stack([x, y, z - 0.05], -1)[::-1], around=False)
    return join_meshes(top, low)


def polygon(t: np.ndarray, k: int) -> np.ndarray:
    """Radius of a regular polygon of `k` sides that stands on one of them."""
    t = t + np.pi / 2 + np.pi / k
    return np.cos(np.pi / k) / np.cos(t % (TAU / k) - np.pi / k)


def horn(turns: float, rng: np.random.Generator) -> Solid:
    """A curved cone that winds `turns` times."""
    t = np.linspace(0, 1, 56)
    angle = TAU * near(rng, turns, 0.12) * t
    away = 0.9 * np.exp(-1.2 * turns * t)
    path = np.stack([away * np.cos(angle), near(rng, 0.5) * turns * t, away * np.sin(angle)], 1)
    return tube(path, 0.42 * away * (1 - t) ** 0.4 + 0.01, 10)
