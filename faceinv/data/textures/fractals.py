"""Fractals: iterated function systems, Julia sets, basins of Newton's method, and rewritten curves."""

from __future__ import annotations

from functools import cache

import numpy as np

from faceinv.data.textures.plane import Family, Plane, cells, look_up_wrapped

ORBITS, STEPS, SKIPPED = 256, 110, 12
"""Points that move at once, their steps, and those at the start that are not drawn."""
FINEST = 160
"""Largest side of a grid on which points are counted; larger images are enlarged from it."""


def render_points(plane: Plane, points: np.ndarray, spread: float = 0.85) -> np.ndarray:
    """Logarithm of the density of points (N x 2), which are brought to a share of the frame's width."""
    low, high = np.quantile(points, (0.005, 0.995), axis=0)
    points = (points - (low + high) / 2) * (spread * plane.zoom / max(float((high - low).max()), 1e-9))
    c, s = np.cos(plane.angle), np.sin(plane.angle)
    placed = points @ np.array([[c, s], [-s, c]]) + np.asarray(plane.centre) + 0.5
    n = min(plane.side, FINEST)
    cell = np.floor(placed * n).astype(int)
    cell = cell[((cell >= 0) & (cell < n)).all(1)]
    density = np.bincount(cell[:, 1] * n + cell[:, 0], minlength=n * n)
    level = np.log1p(density.reshape(n, n).astype(float))
    if n == plane.side:
        return level
    t = (np.arange(plane.side) + 0.5) / plane.side - 0.5 / n
    return look_up_wrapped(level, t, t[:, None])


def chaos_game(maps: np.ndarray, weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Points of the attractor of affine maps (M x 2 x 3); orbits take a random one of them at each step."""
    chosen = rng.choice(len(maps), (STEPS, ORBITS), p=weights / weights.sum())
    x, out = rng.uniform(-0.5, 0.5, (ORBITS, 2)), np.empty((STEPS, ORBITS, 2))
    for step in range(STEPS):
        each = maps[chosen[step]]
        x = each[:, :, 0] * x[:, :1] + each[:, :, 1] * x[:, 1:] + each[:, :, 2]
        out[step] = x
    return out[SKIPPED:].reshape(-1, 2)


@cache
def random_maps(number: int) -> tuple[np.ndarray, np.ndarray]:
    """A random system of contractions, and the share of steps of each map, by its area."""
    rng = np.random.default_rng([number, 77])
    count = int(rng.integers(2, 6))
    maps = np.empty((count, 2, 3))
    for k in range(count):
        turn, shear = rng.uniform(-np.pi, np.pi, 2)
        big, small = rng.uniform(0.45, 0.85), rng.uniform(0.2, 0.75)
        one, other = ([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]] for a in (turn, shear))
        maps[k, :, :2] = np.array(one) @ np.diag([big, small]) @ np.array(other)
        maps[k, :, 2] = rng.uniform(-1, 1, 2)
    return maps, np.abs(np.linalg.det(maps[:, :, :2])) + 0.02


def iterated_functions(plane: Plane, rng: np.random.Generator, number: float) -> np.ndarray:
    """The attractor of random affine maps (Kataoka et al. 2020), which differ a little between images."""
    maps, weights = random_maps(int(number))
    return render_points(plane, chaos_game(maps * (1 + 0.06 * rng.uniform(-1, 1, maps.shape)), weights, rng))


def _scaled(places: list[tuple[float, float]], scale: float, turn: float = 0.0) -> np.ndarray:
    """Maps that shrink the plane about some places, and turn it."""
    c, s = scale * np.cos(turn), scale * np.sin(turn)
    return np.array([[[c, -s, (1 - scale) * x], [s, c, (1 - scale) * y]] for x, y in places])


def _corners(count: int, start: float = np.pi / 2) -> list[tuple[float, float]]:
    return [
        (np.cos(start + 2 * np.pi * k / count), np.sin(start + 2 * np.pi * k / count)) for k in range(count)
    ]


NAMED_SYSTEMS: dict[str, np.ndarray] = {
    "gasket": _scaled(_corners(3), 0.5),
    "carpet": _scaled([(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1) if x or y], 1 / 3),
    "cross": _scaled([(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)], 1 / 3),
    "dust": _scaled([(x, y) for x in (-1, 1) for y in (-1, 1)], 0.4),
    "pentagons": _scaled(_corners(5), 0.382),
    "hexagons": _scaled(_corners(6), 1 / 3),
    "turned": _scaled(_corners(4), 0.48, 0.5),
    "dragon": np.array([[[0.5, -0.5, 0], [0.5, 0.5, 0]], [[-0.5, -0.5, 1], [0.5, -0.5, 0]]]),
    "levy": np.array([[[0.5, -0.5, 0], [0.5, 0.5, 0]], [[0.5, 0.5, 0.5], [-0.5, 0.5, 0.5]]]),
    "fern": np.array([[[0, 0, 0], [0, 0.16, 0]], [[0.85, 0.04, 0], [-0.04, 0.85, 1.6]],
                      [[0.2, -0.26, 0], [0.23, 0.22, 1.6]], [[-0.15, 0.28, 0], [0.26, 0.24, 0.44]]]),
    "twigs": np.array([[[0.1, 0, 0], [0, 0.5, 0]], [[0.42, -0.42, 0], [0.42, 0.42, 0.4]],
                       [[0.42, 0.42, 0], [-0.42, 0.42, 0.4]], [[0.1, 0, 0], [0, 0.1, 0.4]]]),
}  # fmt: skip
"""Known systems: Sierpinski's gasket and carpet, flakes, dragons, Barnsley's fern."""


def known_fractal(plane: Plane, rng: np.random.Generator, name: str) -> np.ndarray:
    """The attractor of a known system, a little deformed."""
    maps = NAMED_SYSTEMS[name]
    weights = np.abs(np.linalg.det(maps[:, :, :2])) + 0.01
    return render_points(plane, chaos_game(maps * (1 + 0.04 * rng.uniform(-1, 1, maps.shape)), weights, rng))


JULIA: dict[str, complex] = {
    "rabbit": -0.123 + 0.745j, "dendrite": 0 + 1j, "san marco": -0.75 + 0.02j, "spirals": -0.8 + 0.156j,
    "sea horse": -0.7269 + 0.1889j, "dragons": 0.36 + 0.1j, "galaxies": 0.285 + 0.01j, "dust": 0.3 + 0.5j,
    "lightning": -1.35 + 0.08j, "siegel": -0.391 - 0.587j, "snow": -0.4 + 0.6j, "airplane": -1.62 + 0.02j,
}  # fmt: skip
"""Constants of quadratic Julia sets."""


def julia_set(plane: Plane, rng: np.random.Generator, name: str) -> np.ndarray:
    """How fast points escape under z -> z² + c; c varies a little."""
    c = JULIA[name] + 0.015 * (rng.uniform(-1, 1) + 1j * rng.uniform(-1, 1))
    x, y = plane.xy
    return escape(2.6 * (x + 1j * y), c, 2)


def higher_julia_set(plane: Plane, rng: np.random.Generator, power: float) -> np.ndarray:
    """The same with another power."""
    c = {3: 0.52 + 0.25j, 4: 0.6 + 0.55j, 6: 0.65 + 0.4j}[int(power)]
    x, y = plane.xy
    return escape(2.4 * (x + 1j * y), c + 0.03 * (rng.uniform(-1, 1) + 1j * rng.uniform(-1, 1)), int(power))


def escape(z: np.ndarray, c: complex, power: int, steps: int = 28) -> np.ndarray:
    """Smooth number of steps until the absolute value of z exceeds 4, on a logarithmic scale."""
    shape = z.shape
    z = z.astype(np.complex64).ravel()
    count, left = np.full(z.size, float(steps)), np.arange(z.size)
    for step in range(steps):
        product = z
        for _ in range(power - 1):
            product = product * z
        z = product + np.complex64(c)
        size = np.abs(z)
        out = size > 4
        if out.any():
            after = np.log(np.log(size[out]) / np.log(4)) / np.log(power)
            count[left[out]] = np.maximum(step + 1 - after, 0)
            z, left = z[~out], left[~out]
    return np.log1p(count).reshape(shape)


def newton_basin(plane: Plane, rng: np.random.Generator, roots: float, shown: str) -> np.ndarray:
    """Where Newton's method for z^n = 1 goes to from each point, or how fast."""
    n, (x, y) = int(roots), plane.xy
    z = (2.6 * (x + 1j * y)).astype(np.complex64) + np.complex64(1e-4)
    speed = np.zeros(z.shape)
    relax = np.complex64(1 + 0.15 * rng.uniform(-1, 1))
    for _ in range(14):
        power = z
        for _ in range(n - 2):
            power = power * z
        step = relax * (power * z - 1) / (n * power + np.complex64(1e-6))
        z = z - step
        speed += np.exp(-np.abs(step))
    return np.round(np.angle(z) * n / (2 * np.pi)) % n if shown == "basins" else speed


CURVES_BY_RULES: dict[str, tuple[str, dict[str, str], float, int]] = {
    "hilbert": ("A", {"A": "+BF-AFA-FB+", "B": "-AF+BFB+FA-"}, 90, 5),
    "gosper": ("A", {"A": "A-B--B+A++AA+B-", "B": "+A-BB--B-A++A+B"}, 60, 3),
    "dragon": ("FX", {"X": "X+YF+", "Y": "-FX-Y"}, 90, 10),
    "snowflake": ("F++F++F", {"F": "F-F++F-F"}, 60, 3),
    "arrowhead": ("A", {"A": "B-A-B", "B": "A+B+A"}, 60, 5),
    "islands": ("F-F-F-F", {"F": "F-F+F+FF-F-F+F"}, 90, 2),
    "bush": ("F", {"F": "FF+[+F-F-F]-[-F+F+F]"}, 22.5, 3),
    "weed": ("X", {"X": "F[+X]F[-X]+X", "F": "FF"}, 20, 5),
}
"""Lindenmayer systems (Prusinkiewicz & Lindenmayer 1990): start, rules, angle and number of rewritings."""


@cache
def _segments(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Turns before each segment of a curve, and the segment that it starts from, -1 for the origin."""
    text, rules, _, depth = CURVES_BY_RULES[name]
    for _ in range(depth):
        text = "".join(rules.get(letter, letter) for letter in text)
    turns, parents = [], []
    heading, last, stack = 0, -1, []
    for letter in text:
        if letter in "+-":
            heading += 1 if letter == "+" else -1
        elif letter == "[":
            stack.append((heading, last))
        elif letter == "]":
            heading, last = stack.pop()
        elif letter == "F" or (letter in "AB" and name in ("gosper", "arrowhead")):
            turns.append(heading)
            parents.append(last)
            last = len(turns) - 1
    return np.array(turns), np.array(parents)


def rewritten_curve(plane: Plane, rng: np.random.Generator, name: str) -> np.ndarray:
    """A curve that is rewritten from a short one; its angle varies a little."""
    turns, parents = _segments(name)
    angle = np.radians(CURVES_BY_RULES[name][2] + 2.5 * rng.uniform(-1, 1)) * turns
    steps = np.stack([np.cos(angle), np.sin(angle)], 1)
    ends = np.zeros((len(steps) + 1, 2))  # the last row is the origin
    if (parents == np.arange(-1, len(parents) - 1)).all():
        ends[:-1] = np.cumsum(steps, 0)
    else:
        for k, parent in enumerate(parents):
            ends[k] = ends[parent] + steps[k]
    along = rng.uniform(0, 1, (max(1, 24_000 // len(steps)), len(steps), 1))
    points = ends[parents] + along * steps
    return np.minimum(render_points(plane, points.reshape(-1, 2)), 1.5)


SYSTEMS = (
    2, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 17, 18, 21, 22, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36,
    37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 49, 50,
)  # fmt: skip
"""Numbers of random systems whose attractors fill enough of their frame to be seen."""

FRACTALS: dict[str, Family] = {
    family.name: family
    for family in (
        Family(iterated_functions, cells(number=SYSTEMS)),
        Family(known_fractal, cells(name=tuple(NAMED_SYSTEMS))),
        Family(julia_set, cells(name=tuple(JULIA))),
        Family(higher_julia_set, cells(power=(3, 4, 6))),
        Family(newton_basin, cells(roots=(3, 4, 5), shown=("basins", "speed"))),
        Family(rewritten_curve, cells(name=tuple(CURVES_BY_RULES))),
    )
}
"""Families of fractals by name."""
