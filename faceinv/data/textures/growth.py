"""Growth: patterns of reaction and diffusion, and of cellular automata."""

from __future__ import annotations

import numpy as np

from faceinv.data.textures.plane import Family, Plane, cells, look_up_wrapped

SIMULATED = 64
"""Points along a side of a simulated square."""


def reaction_diffusion(plane: Plane, rng: np.random.Generator, kind: str, count: float) -> np.ndarray:
    """Turing's patterns (1952) by the equation of Swift & Hohenberg (1977), `count` periods a frame.

    Quadratic growth gives spots; where diffusion depends on direction, stripes are straight.
    """
    n = SIMULATED
    down = (np.fft.fftfreq(n) * n)[:, None]
    right = np.fft.rfftfreq(n) * n
    stretched = 4.0 if kind == "stripes" else 1.0
    square = ((stretched * down) ** 2 + right**2) / count**2
    if kind == "two scales":
        square = np.where(square > 3, square / 6, square)
    drive, quadratic = (0.15, 1.6) if kind == "spots" else (0.5, 0.0)
    decay = 1 / (1 + 0.6 * ((1 - square) ** 2 - drive))
    u = 0.3 * rng.standard_normal((n, n))
    for _ in range(32):
        change = quadratic * u * u - u * u * u
        u = np.fft.irfft2(decay * np.fft.rfft2(u + 0.6 * change), (n, n))
        np.clip(u, -2, 2, out=u)
    x, y = plane.xy
    return np.tanh(3 * look_up_wrapped(u, x + 0.5, y + 0.5))


def automaton(plane: Plane, rng: np.random.Generator, rule: float, start: str) -> np.ndarray:
    """The history of a row of cells, each of which follows from three before (Wolfram 1983)."""
    n = 96
    table = (int(rule) >> np.arange(8)) & 1
    row = (rng.uniform(size=n) < (0.5 if start == "random" else 0.03)).astype(int)
    rows = np.empty((n, n), int)
    for k in range(n + 24):
        if k >= 24:
            rows[k - 24] = row
        row = table[4 * np.roll(row, 1) + 2 * row + np.roll(row, -1)]
    x, y = plane.xy
    i, j = (np.floor(36 * each).astype(int) % n for each in (y, x))
    return rows[i, j].astype(float)


def cyclic_automaton(plane: Plane, rng: np.random.Generator, states: float) -> np.ndarray:
    """Cells that go on to the next state where a neighbour has it already: waves and whirls."""
    n, last = SIMULATED, int(states)
    grid = rng.integers(0, last, (n, n), dtype=np.int8)
    for _ in range(24):
        after = (grid + 1) % last
        caught = np.zeros((n, n), bool)
        for axis in (0, 1):
            for way in (1, -1):
                caught |= np.roll(grid, way, axis) == after
        grid = np.where(caught, after, grid)
    x, y = plane.xy
    i, j = (np.floor(0.75 * n * each).astype(int) % n for each in (y, x))
    return grid[i, j].astype(float)


def majority(plane: Plane, rng: np.random.Generator, rounds: float, share: float) -> np.ndarray:
    """Cells that take the state of most of their neighbours, some rounds long: clumps."""
    n = SIMULATED
    grid = (rng.uniform(size=(n, n)) < share).astype(np.int8)
    for _ in range(int(rounds)):
        line = grid + np.roll(grid, 1, 0) + np.roll(grid, -1, 0)
        grid = (line + np.roll(line, 1, 1) + np.roll(line, -1, 1) > 4).astype(np.int8)
    x, y = plane.xy
    i, j = (np.floor(0.75 * n * each).astype(int) % n for each in (y, x))
    return grid[i, j].astype(float)


GROWTH: dict[str, Family] = {
    family.name: family
    for family in (
        Family(
            reaction_diffusion,
            cells(kind=("spots", "labyrinth", "stripes", "two scales"), count=(5, 10)),
        ),
        Family(
            automaton,
            (
                *cells(rule=(30, 54, 73, 90, 105, 110), start=("random",)),
                *cells(rule=(30, 90, 110, 150), start=("sparse",)),
            ),
        ),
        Family(cyclic_automaton, cells(states=(5, 9))),
        Family(majority, ({"rounds": 1, "share": 0.44}, *cells(rounds=(6,), share=(0.5, 0.44)))),
    )
}
"""Families of growth by name."""
