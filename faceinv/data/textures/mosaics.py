"""Mosaics: cells about points, dots, dead leaves and strokes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import tau as TAU

import numpy as np

from faceinv.data.textures.plane import Family, Plane, cells

Inside = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Whether points at some coordinates lie in a shape."""


@dataclass(frozen=True)
class Nearest:
    """The point nearest to each pixel (Worley 1996), where points lie about one unit apart.

    Attributes
    ----------
    first, second : distance to it, and to the next
    x, y : from it to the pixel
    value : a random number of it, 0 to 1
    """

    first: np.ndarray
    second: np.ndarray
    x: np.ndarray
    y: np.ndarray
    value: np.ndarray


def distance(metric: str, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Distance from the origin: ``round``, ``square`` (the larger coordinate) or ``diamond`` (their sum)."""
    if metric == "round":
        return np.hypot(x, y)
    return np.maximum(np.abs(x), np.abs(y)) if metric == "square" else np.abs(x) + np.abs(y)


def nearest(
    plane: Plane, rng: np.random.Generator, count: float, order: str, metric: str = "round"
) -> Nearest:
    """The nearest of `count` points a frame: on a ``grid``, in shifted ``rows``, ``loose`` or ``random``."""
    jitter = {"grid": 0.0, "rows": 0.0, "loose": 0.45, "random": 1.0}[order]
    table = rng.uniform(0, 1, (3, 64, 64))
    x, y = (count * each for each in plane.xy)
    row = np.floor(y).astype(int)
    shape = x.shape
    best = np.full(shape, 99.0)
    second, dx, dy, value = best.copy(), np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for down in (-1, 0, 1):
        j = row + down
        shift = 0.5 * (j % 2) if order == "rows" else 0.0
        column = np.floor(x - shift).astype(int)
        for right in (-1, 0, 1):
            i = column + right
            at = (j % 64, i % 64)
            px = i + shift + 0.5 + jitter * (table[0][at] - 0.5)
            py = j + 0.5 + jitter * (table[1][at] - 0.5)
            away = distance(metric, x - px, y - py)
            closer = away < best
            second = np.where(closer, best, np.minimum(second, away))
            best = np.where(closer, away, best)
            dx, dy = np.where(closer, x - px, dx), np.where(closer, y - py, dy)
            value = np.where(closer, table[2][at], value)
    return Nearest(best, second, dx, dy, value)


def voronoi(plane: Plane, rng: np.random.Generator, shown: str, metric: str, order: str) -> np.ndarray:
    """Cells about points: their grey, their edges, or the distance from the point."""
    found = nearest(plane, rng, rng.uniform(5, 7), order, metric)
    if shown == "flat":
        return found.value
    return np.tanh(8 * (found.second - found.first)) if shown == "edges" else found.first


def facets(plane: Plane, rng: np.random.Generator, order: str) -> np.ndarray:
    """Cells that are lit from one side."""
    found = nearest(plane, rng, rng.uniform(5, 7), order)
    angle = TAU * found.value
    return found.x * np.cos(angle) + found.y * np.sin(angle) + 0.4 * np.cos(angle)


def pebbles(plane: Plane, rng: np.random.Generator, count: float) -> np.ndarray:
    found = nearest(plane, rng, count, "random")
    return np.sqrt(np.clip(found.second - found.first, 0, 1)) * (0.5 + found.value)


def leather(plane: Plane, rng: np.random.Generator, count: float) -> np.ndarray:
    """Cells within cells."""
    coarse, fine = nearest(plane, rng, count, "random"), nearest(plane, rng, 2.5 * count, "random")
    return np.tanh(5 * (coarse.second - coarse.first)) + 0.5 * np.tanh(4 * (fine.second - fine.first))


def cracks(plane: Plane, rng: np.random.Generator, rough: float) -> np.ndarray:
    found = nearest(plane, rng, rng.uniform(3.5, 5), "random")
    return np.tanh(14 * (found.second - found.first + rough * plane.noise(rng, 1.4))) + 0.2 * found.value


def dots(plane: Plane, rng: np.random.Generator, order: str, shape: str) -> np.ndarray:
    """Marks at points: discs, rings, soft spots, discs of many sizes, squares, diamonds or crosses."""
    metric = {"squares": "square", "diamonds": "diamond"}.get(shape, "round")
    found = nearest(plane, rng, rng.uniform(5, 8), order, metric)
    size = rng.uniform(0.26, 0.36)
    if shape == "rings":
        return np.exp(-(((found.first - size) / 0.09) ** 2))
    if shape == "soft":
        return np.exp(-((found.first / size) ** 2))
    if shape == "crosses":
        arm = np.minimum(np.abs(found.x), np.abs(found.y)) < 0.11
        return (arm & (distance("square", found.x, found.y) < 1.2 * size)).astype(float)
    if shape == "sizes":
        return np.tanh(20 * (0.5 * found.value**1.5 - found.first))
    return np.tanh(20 * (size - found.first))


def bubbles(plane: Plane, rng: np.random.Generator, order: str) -> np.ndarray:
    """Lit balls."""
    found = nearest(plane, rng, rng.uniform(4, 6), order)
    size = 0.35 + 0.3 * found.value
    high = np.sqrt(np.clip(size**2 - found.first**2, 0, None))
    angle = rng.uniform(0, TAU)
    lit = (np.cos(angle) * found.x + np.sin(angle) * found.y + 1.2 * high) / size
    return np.where(high > 0, 0.4 + 0.5 * lit, 0)


def phyllotaxis(plane: Plane, rng: np.random.Generator, turn: float) -> np.ndarray:
    """Dots on a spiral, one each `turn` degrees."""
    out = np.zeros((plane.side, plane.side))
    k = np.arange(1, 260)
    r, angle = 0.045 * np.sqrt(k), np.radians(turn) * k
    step = plane.zoom * plane.side
    c, s = np.cos(-plane.angle), np.sin(-plane.angle)
    px, py = r * np.cos(angle), r * np.sin(angle)
    right = (c * px + s * py) * step + (plane.centre[0] + 0.5) * plane.side
    down = (c * py - s * px) * step + (plane.centre[1] + 0.5) * plane.side
    size = rng.uniform(0.016, 0.022) * step
    for a, b in zip(right, down, strict=True):
        _stamp(out, a, b, size, lambda u, v: np.hypot(u, v) < 1, 1.0)
    return out


def _stamp(out: np.ndarray, x: float, y: float, size: float, inside: Inside, value: float) -> None:
    """Paint a shape of some size at a place; `inside` is a function of coordinates relative to its size."""
    n, reach = len(out), 1.5 * size
    left, right = max(int(x - reach), 0), min(int(x + reach) + 2, n)
    top, bottom = max(int(y - reach), 0), min(int(y + reach) + 2, n)
    if left < right and top < bottom:
        u = (np.arange(left, right) + 0.5 - x) / size
        v = ((np.arange(top, bottom) + 0.5 - y) / size)[:, None]
        part = out[top:bottom, left:right]
        part[inside(u, v)] = value


def dead_leaves(plane: Plane, rng: np.random.Generator, shape: str, sizes: str) -> np.ndarray:
    """Opaque shapes that fall on each other (Lee et al. 2001; Baradad et al. 2021)."""
    n, count = plane.side, 170 if sizes == "even" else 320
    out = np.full((n, n), rng.uniform())
    unit = n * plane.zoom
    if sizes == "even":
        size = rng.uniform(0.07, 0.1, count) * unit
    else:  # the density falls as the cube of the size, so that the picture looks the same at every scale
        size = np.sort(0.025 * unit / np.sqrt(rng.uniform(0.006, 1, count)))[::-1]
    place, value, angle = (
        rng.uniform(-0.1, 1.1, (count, 2)) * n,
        rng.uniform(0, 1, count),
        rng.uniform(0, TAU, count),
    )
    for k in range(count):
        c, s = np.cos(angle[k]), np.sin(angle[k])

        def inside(u: np.ndarray, v: np.ndarray, c: float = c, s: float = s) -> np.ndarray:
            a, b = c * u + s * v, c * v - s * u
            if shape == "discs":
                return u * u + v * v < 1
            if shape == "squares":
                return np.maximum(np.abs(a), np.abs(b)) < 0.9
            if shape == "triangles":
                return (b > -0.6) & (b + 1.732 * np.abs(a) < 1.2)
            if shape == "ellipses":
                return a * a + 8 * b * b < 1.6
            return np.hypot(a, b) < 0.75 + 0.5 * np.cos(5 * np.arctan2(b, a))  # stars

        _stamp(out, place[k, 0], place[k, 1], size[k], inside, value[k])
    return out


def strokes(plane: Plane, rng: np.random.Generator, spread: float, length: float) -> np.ndarray:
    """Straight strokes, their directions within `spread` degrees of one."""
    n, count = plane.side, 200
    out = np.zeros((n, n))
    place, value = rng.uniform(-0.1, 1.1, (count, 2)) * n, rng.uniform(0.3, 1, count)
    angle = plane.angle + np.radians(spread) * rng.uniform(-1, 1, count)
    size = length * n * plane.zoom * rng.uniform(0.7, 1.3, count)
    for k in range(count):
        c, s, thin = np.cos(angle[k]), np.sin(angle[k]), 0.012 * n / size[k]

        def inside(
            u: np.ndarray, v: np.ndarray, c: float = c, s: float = s, thin: float = thin
        ) -> np.ndarray:
            return (np.abs(c * u + s * v) < 1) & (np.abs(c * v - s * u) < thin)

        _stamp(out, place[k, 0], place[k, 1], size[k], inside, value[k])
    return out


def star_field(plane: Plane, rng: np.random.Generator, count: float) -> np.ndarray:
    """Bright points of many magnitudes."""
    found = nearest(plane, rng, count, "random")
    return np.exp(-((found.first / (0.05 + 0.25 * found.value**4)) ** 2)) * (0.3 + found.value)


MOSAICS: dict[str, Family] = {
    family.name: family
    for family in (
        Family(
            voronoi,
            (
                *cells(
                    shown=("flat", "cones"),
                    metric=("round", "square", "diamond"),
                    order=("random", "loose"),
                ),
                *cells(shown=("edges",), metric=("round", "square"), order=("random", "loose")),
            ),
        ),
        Family(facets, cells(order=("random", "rows"))),
        Family(pebbles, cells(count=(4, 9))),
        Family(leather, cells(count=(3, 6))),
        Family(cracks, cells(rough=(0.0, 0.12))),
        Family(
            dots,
            (
                *cells(
                    order=("grid", "rows", "random"),
                    shape=("discs", "rings", "sizes", "squares", "diamonds", "crosses"),
                ),
                {"order": "random", "shape": "soft"},
            ),
        ),
        Family(bubbles, cells(order=("rows", "random"))),
        Family(phyllotaxis, cells(turn=(137.508, 136, 99.5))),
        Family(
            dead_leaves,
            cells(shape=("discs", "squares", "triangles", "ellipses", "stars"), sizes=("even", "every")),
        ),
        Family(strokes, cells(spread=(0, 25, 90), length=(0.06, 0.25))),
        Family(star_field, cells(count=(7, 14))),
    )
}
"""Families of mosaics by name."""
