"""Categories: the classes of the object set, each a family of solids that vary continuously.

Objects of a class vary in shape: vases in the curve of their walls, gears in the depth of their teeth,
letters in the thickness of their strokes. Colour and texture do not depend on the class.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from math import tau as TAU

import numpy as np

from faceinv.data.objects.artefacts import ARTEFACTS, chain, helix
from faceinv.data.objects.buildings import BUILDINGS
from faceinv.data.objects.craft import CRAFT
from faceinv.data.objects.furniture import FURNITURE
from faceinv.data.objects.household import HOUSEHOLD
from faceinv.data.objects.insects import INSECTS
from faceinv.data.objects.letters import LETTERS
from faceinv.data.objects.machines import MACHINES
from faceinv.data.objects.mammals import MAMMALS
from faceinv.data.objects.meshes import (
    Draw,
    Solid,
    draw_out,
    faceted,
    join_meshes,
    near,
    refined,
    rod,
    smooth_curve,
    stretch,
    tube,
    turn,
)
from faceinv.data.objects.minerals import MINERALS
from faceinv.data.objects.plants import PLANTS
from faceinv.data.objects.polyhedra import (
    CORNERS,
    ICOSAHEDRON,
    band,
    convex,
    frame,
    horn,
    knobbed,
    lumpy,
    polygon,
    pumpkin,
    spiky,
    superquadric,
    thin_sheet,
    twisted,
)
from faceinv.data.objects.reptiles import REPTILES
from faceinv.data.objects.tools import TOOLS
from faceinv.data.objects.utensils import UTENSILS
from faceinv.data.objects.vehicles import VEHICLES
from faceinv.data.objects.vessels import VESSELS

# Solids of revolution: radius and height along a profile, connected by smooth curves or straight lines.

TURNED: dict[str, tuple[bool, list[tuple[float, float]]]] = {
    "vase": (True, [(0, 0), (0.35, 0), (0.6, 0.5), (0.5, 1), (0.22, 1.5), (0.4, 1.9), (0.3, 1.8), (0, 1.2)]),
    "bottle": (True, [(0, 0), (0.38, 0), (0.4, 0.6), (0.38, 1.1), (0.14, 1.5), (0.13, 2), (0, 2)]),
    "goblet": (
        True,
        [
            (0, 0),
            (0.5, 0),
            (0.1, 0.15),
            (0.08, 0.8),
            (0.5, 1.1),
            (0.55, 1.8),
            (0.47, 1.75),
            (0.4, 1.2),
            (0, 1.0),
        ],
    ),
    "bowl": (True, [(0, 0), (0.4, 0.05), (0.8, 0.35), (1.0, 0.8), (0.92, 0.78), (0.7, 0.4), (0, 0.2)]),
    "bell": (
        True,
        [(0, 0.4), (0.7, 0), (0.8, 0), (0.55, 0.4), (0.42, 1.0), (0.15, 1.2), (0.12, 1.45), (0, 1.5)],
    ),
    "plate": (True, [(0, 0), (0.6, 0), (1.1, 0.2), (1.1, 0.26), (0.6, 0.08), (0, 0.08)]),
    "spinning_top": (
        False,
        [(0, 0), (0.06, 0.1), (0.7, 0.8), (0.75, 0.95), (0.1, 1.05), (0.1, 1.4), (0, 1.4)],
    ),
    "drop": (True, [(0, 0), (0.5, 0.25), (0.6, 0.6), (0.35, 1.1), (0.1, 1.6), (0, 1.9)]),
    "hourglass": (True, [(0, 0), (0.7, 0), (0.65, 0.3), (0.12, 0.95), (0.65, 1.6), (0.7, 1.9), (0, 1.9)]),
    "mushroom": (True, [(0, 0), (0.25, 0), (0.2, 0.8), (0.9, 0.85), (0.8, 1.2), (0.4, 1.45), (0, 1.5)]),
    "pawn": (
        True,
        [
            (0, 0),
            (0.5, 0),
            (0.48, 0.2),
            (0.2, 0.5),
            (0.15, 1.0),
            (0.32, 1.08),
            (0.16, 1.15),
            (0.32, 1.45),
            (0, 1.7),
        ],
    ),
    "cone": (False, [(0, 0), (0.75, 0), (0.0, 1.6)]),
    "hat": (False, [(0, 0), (1.1, 0), (1.1, 0.08), (0.6, 0.1), (0.52, 0.85), (0, 0.85)]),
    "spool": (
        False,
        [(0, 0), (0.7, 0), (0.7, 0.2), (0.3, 0.25), (0.3, 1.0), (0.7, 1.05), (0.7, 1.25), (0, 1.25)],
    ),
    "wedding_cake": (
        False,
        [(0, 0), (0.9, 0), (0.9, 0.45), (0.6, 0.45), (0.6, 0.9), (0.3, 0.9), (0.3, 1.35), (0, 1.35)],
    ),
    "bead_string": (
        True,
        [
            (0, 0),
            (0.3, 0.2),
            (0.06, 0.45),
            (0.3, 0.7),
            (0.06, 0.95),
            (0.3, 1.2),
            (0.06, 1.45),
            (0.3, 1.7),
            (0, 1.9),
        ],
    ),
    "funnel": (False, [(0, 0), (0.1, 0), (0.14, 0.8), (0.85, 1.4), (0.8, 1.42), (0.08, 0.85), (0, 0.8)]),
}


def turned(smooth: bool, profile: list[tuple[float, float]], rng: np.random.Generator) -> Solid:
    knots = np.array(profile)
    # radii are scaled by height, so that an inner wall stays inside
    heights = np.linspace(0, knots[:, 1].max(), 6)
    knots[:, 0] *= np.interp(knots[:, 1], heights, 1 + rng.uniform(-0.25, 0.25, 6))
    knots[:, 1] *= near(rng, 1, 0.2)
    if smooth:
        return turn(smooth_curve(knots, 40))
    return faceted(turn(knots, 20))


# Outlines: the radius of a slab as a function of the angle.


def ripple(t: np.ndarray, k: int, sharp: float) -> np.ndarray:
    """A wave with `k` peaks around the circle, 0 to 1; larger values of `sharp` make the peaks narrower."""
    return (0.5 + 0.5 * np.cos(k * t)) ** sharp


def cross_outline(t: np.ndarray, arm: float) -> np.ndarray:
    """Radius of a cross with arms of half-width `arm`."""
    x, y = np.abs(np.cos(t)), np.abs(np.sin(t))
    return np.minimum(1 / np.maximum(x, y), arm / np.minimum(x, y).clip(1e-9))


OUTLINES: dict[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]] = {
    "gear": lambda t, r: 0.8 + near(r, 0.2) * np.tanh(4 * np.cos(12 * t)),
    "star_4": lambda t, r: near(r, 0.28) + 0.75 * ripple(t, 4, 2.5),
    "star_5": lambda t, r: near(r, 0.38) + 0.62 * ripple(t - np.pi / 2, 5, 1.6),
    "sun": lambda t, r: near(r, 0.55, 0.1) + 0.45 * ripple(t, 10, 2),
    "clover_3": lambda t, r: near(r, 0.25) + 0.75 * ripple(t - np.pi / 2, 3, 0.5),
    "flower": lambda t, r: near(r, 0.45, 0.1) + 0.55 * ripple(t, 7, 0.6),
    "plus": lambda t, r: cross_outline(t, near(r, 0.3)),
    "triangle": lambda t, r: polygon(t, 3),
    "leaf": lambda t, r: near(r, 0.3) + 0.7 * np.abs(np.sin(t)) ** 3,
    "propeller": lambda t, r: near(r, 0.16) + 0.84 * ripple(t - np.pi / 2, 3, 4),
}


def outlined(
    radius: Callable[[np.ndarray, np.random.Generator], np.ndarray], rng: np.random.Generator
) -> Solid:
    angle = np.linspace(0, TAU, 120, endpoint=False)
    return draw_out(radius(angle, rng), rng.uniform(0.25, 0.6))


def washer(outline: Callable[[np.ndarray], np.ndarray], hole: float, rng: np.random.Generator) -> Solid:
    """A slab with a round hole."""
    angle = np.linspace(0, TAU, 96, endpoint=False)
    return draw_out(outline(angle), rng.uniform(0.25, 0.5), near(rng, hole, 0.12))


# Curves: a path and a radius along it.


def curve(function: Callable[[np.ndarray, float], tuple], count: int, closed: bool, thick: float) -> Draw:
    """A class of tubes along ``function(t, v)``: t runs from 0 to 1, and v, near 1, varies the curve."""

    def draw(rng: np.random.Generator) -> Solid:
        t = np.linspace(0, 1, count, endpoint=not closed)
        path = np.stack(np.broadcast_arrays(*function(t, near(rng, 1, 0.2))), 1)
        return tube(path, near(rng, thick, 0.25), 8, closed)

    return draw


def knot(t: np.ndarray, p: int, q: int, v: float) -> tuple:
    """Points of a torus knot."""
    away = 1 + 0.45 * v * np.cos(TAU * q * t)
    return away * np.cos(TAU * p * t), away * np.sin(TAU * p * t), 0.45 * np.sin(TAU * q * t)


CURVES: dict[str, Draw] = {
    "spring": curve(lambda t, v: helix(t, 3.5, 0.6, 1.7 * v), 72, False, 0.12),
    "corkscrew": curve(lambda t, v: helix(t, 4, 0.25, 2.4 * v), 72, False, 0.09),
    "cone_spring": curve(lambda t, v: helix(t, 4, 0.9 - 0.75 * t, 1.3 * v), 80, False, 0.08),
    "spiral": curve(lambda t, v: helix(t, 2.6, 0.12 + 0.9 * t, 0.1 * v), 72, False, 0.1),
    "trefoil_knot": curve(lambda t, v: knot(t, 2, 3, v), 80, True, 0.2),
    "cinquefoil_knot": curve(lambda t, v: knot(t, 2, 5, v), 96, True, 0.15),
    "figure_eight": curve(lambda t, v: (0, np.sin(2 * TAU * t) * 0.55 * v, np.sin(TAU * t)), 64, True, 0.14),
    "ring": curve(lambda t, v: (np.cos(TAU * t), 0, np.sin(TAU * t)), 48, True, 0.14),
    "torus": curve(lambda t, v: (np.cos(TAU * t), np.sin(TAU * t), 0), 48, True, 0.45),
    "crown_ring": curve(
        lambda t, v: (np.cos(TAU * t), np.sin(TAU * t), 0.4 * v * np.cos(5 * TAU * t)), 80, True, 0.12
    ),
    "flower_ring": curve(
        lambda t, v: (
            (1 + 0.35 * v * np.cos(6 * TAU * t)) * np.cos(TAU * t),
            0,
            (1 + 0.35 * v * np.cos(6 * TAU * t)) * np.sin(TAU * t),
        ),
        84,
        True,
        0.1,
    ),
    "arch": curve(lambda t, v: (np.cos(np.pi * t), 0, v * np.sin(np.pi * t) ** 0.7), 40, False, 0.2),
    "wave": curve(lambda t, v: (2.4 * (t - 0.5), 0, 0.4 * v * np.sin(2.5 * TAU * t)), 64, False, 0.12),
    "tennis_curve": curve(
        lambda t, v: (
            np.cos(TAU * t) + 0.3 * v * np.cos(3 * TAU * t),
            np.sin(TAU * t) - 0.3 * v * np.sin(3 * TAU * t),
            0.8 * np.sin(2 * TAU * t),
        ),
        72,
        True,
        0.13,
    ),
    "coil_ring": curve(
        lambda t, v: (
            (1 + 0.3 * np.cos(12 * TAU * t)) * np.cos(TAU * t),
            (1 + 0.3 * np.cos(12 * TAU * t)) * np.sin(TAU * t),
            0.3 * np.sin(12 * TAU * t),
        ),
        144,
        True,
        0.06,
    ),
    "hook": curve(
        lambda t, v: (
            np.where(t < 0.4, 0, 0.5 * v * (1 - np.cos((t - 0.4) * 1.5 * np.pi))) - 0.3,
            0,
            np.where(t < 0.4, 1.2 - 3 * t, -0.6 * np.sin((t - 0.4) * 2 * np.pi)),
        ),
        48,
        False,
        0.13,
    ),
}


# Strokes: letters and figures, on a grid one wide and two high.

STROKES: dict[str, list[list[tuple[float, float]]]] = {
    "letter_A": [[(-0.7, -1), (0, 1), (0.7, -1)], [(-0.4, -0.2), (0.4, -0.2)]],
    "letter_E": [[(0.6, 1), (-0.6, 1), (-0.6, -1), (0.6, -1)], [(-0.6, 0), (0.4, 0)]],
    "letter_H": [[(-0.6, 1), (-0.6, -1)], [(0.6, 1), (0.6, -1)], [(-0.6, 0), (0.6, 0)]],
    "letter_K": [[(-0.6, 1), (-0.6, -1)], [(0.6, 1), (-0.5, 0), (0.6, -1)]],
    "letter_L": [[(-0.5, 1), (-0.5, -1), (0.6, -1)]],
    "letter_M": [[(-0.8, -1), (-0.7, 1), (0, -0.4), (0.7, 1), (0.8, -1)]],
    "letter_P": [[(-0.5, -1), (-0.5, 1), (0.3, 1), (0.6, 0.75), (0.6, 0.3), (0.3, 0), (-0.5, 0)]],
    "letter_S": [
        [
            (0.6, 0.7),
            (0.3, 1),
            (-0.3, 1),
            (-0.6, 0.6),
            (-0.3, 0.1),
            (0.3, -0.1),
            (0.6, -0.6),
            (0.3, -1),
            (-0.3, -1),
            (-0.6, -0.7),
        ]
    ],
    "letter_T": [[(-0.8, 1), (0.8, 1)], [(0, 1), (0, -1)]],
    "letter_X": [[(-0.7, 1), (0.7, -1)], [(0.7, 1), (-0.7, -1)]],
    "letter_Y": [[(-0.7, 1), (0, 0), (0.7, 1)], [(0, 0), (0, -1)]],
    "arrow": [[(0, -1), (0, 1)], [(-0.6, 0.4), (0, 1), (0.6, 0.4)]],
    "trident": [[(0, -1), (0, 1)], [(-0.6, 0.9), (-0.6, 0.1), (0.6, 0.1), (0.6, 0.9)]],
    "ladder": [
        [(-0.4, 1), (-0.4, -1)],
        [(0.4, 1), (0.4, -1)],
        *[[(-0.4, z), (0.4, z)] for z in (-0.75, -0.25, 0.25, 0.75)],
    ],
    "comb": [
        [(-0.9, 0.5), (0.9, 0.5)],
        *[[(x, 0.5), (x, -0.5)] for x in (-0.8, -0.48, -0.16, 0.16, 0.48, 0.8)],
    ],
    "zigzag": [[(-1, -0.4), (-0.6, 0.4), (-0.2, -0.4), (0.2, 0.4), (0.6, -0.4), (1, 0.4)]],
    "fence": [
        [(-0.9, 0.3), (0.9, 0.3)],
        [(-0.9, -0.4), (0.9, -0.4)],
        *[[(x, -0.8), (x, 0.8)] for x in (-0.7, -0.23, 0.23, 0.7)],
    ],
}


def stroked(strokes: list[list[tuple[float, float]]], rng: np.random.Generator) -> Solid:
    """Square or round bars along strokes."""
    # thinner where there are many strokes, so that gaps between them stay visible
    thick, sides = rng.uniform(0.13, 0.24) * (0.55 if len(strokes) > 3 else 1.0), int(rng.choice([4, 8]))
    wide, lean = near(rng, 1, 0.15), rng.uniform(-0.15, 0.15)
    parts = []
    for stroke in strokes:
        points = np.array([(x * wide + lean * z, 0, z) for x, z in stroke])
        for a, b in pairwise(points):
            over = (b - a) / np.linalg.norm(b - a) * thick * 0.7
            parts.append(rod(a - over, b + over, thick, sides=sides))
    return faceted(join_meshes(*parts)) if sides == 4 else join_meshes(*parts)


ROUND: dict[str, Draw] = {
    "ellipsoid": partial(superquadric, 1.0, 1.0),
    "pinched_ball": partial(superquadric, 2.4, 2.4),
    "lumpy_ball": partial(lumpy, 5, 0.28),
    "peanut": partial(lumpy, 2, 0.5),
    "pumpkin": partial(pumpkin, 8, 0.35),
    "twisted_square": partial(twisted, 4, 0.9),
    "moebius_band": partial(band, 1),
    "saddle": partial(thin_sheet, lambda x, y, v: 0.6 * v * (x**2 - y**2)),
    "corrugated_sheet": partial(thin_sheet, lambda x, y, v: 0.18 * v * np.sin(4 * np.pi * x)),
    "egg_tray": partial(thin_sheet, lambda x, y, v: 0.22 * v * np.sin(TAU * x) * np.sin(TAU * y)),
    "shell": partial(horn, 2.2),
    "tusk": partial(horn, 0.55),
}

SHAPES: dict[str, Draw] = {
    **{name: partial(turned, *profile) for name, profile in TURNED.items()},
    **{name: partial(outlined, outline) for name, outline in OUTLINES.items()},
    "square_washer": partial(washer, lambda t: polygon(t, 4), 0.4),
    **CURVES,
    **{name: partial(stroked, strokes) for name, strokes in STROKES.items()},
    **{name: partial(convex, corners) for name, corners in CORNERS.items()},
    "cube_frame": partial(frame, CORNERS["cube"], 2.0),
    "tetrahedron_frame": partial(frame, CORNERS["tetrahedron"], 8**0.5),
    "octahedron_frame": partial(frame, CORNERS["octahedron"], 2**0.5),
    "sea_mine": partial(spiky, ICOSAHEDRON, 0.6),
    "caltrop": partial(spiky, CORNERS["tetrahedron"], 0.25),
    "star_burst": partial(spiky, CORNERS["cube"] + CORNERS["octahedron"], 0.3),
    "jack": partial(knobbed, CORNERS["octahedron"]),
    "molecule": partial(knobbed, CORNERS["tetrahedron"]),
    **ROUND,
    "short_chain": partial(chain, 3),
    **ARTEFACTS,
    **{name: partial(stroked, strokes) for name, strokes in LETTERS.items()},
    **MAMMALS,
    **REPTILES,
    **INSECTS,
    **BUILDINGS,
    **FURNITURE,
    **PLANTS,
    **VESSELS,
    **HOUSEHOLD,
    **MACHINES,
    **MINERALS,
    **VEHICLES,
    **CRAFT,
    **TOOLS,
    **UTENSILS,
}
"""The classes by name: each function draws a random solid of its class."""

CLASSES = tuple(SHAPES)
LONGEST_EDGE = 0.5
"""Of a solid in the unit ball before it is deformed: larger triangles would cut through each other."""


def draw_shape(name: str, rng: np.random.Generator) -> Solid:
    """A random solid of the class `name`, within the unit ball around the origin."""
    solid = SHAPES[name](rng)
    low, high = solid.points.min(0), solid.points.max(0)
    centred = solid.moved(-(low + high) / 2)
    size = float(np.linalg.norm(centred.points, axis=1).max())
    return stretch(refined(centred.moved(matrix=1 / size), LONGEST_EDGE), rng)
