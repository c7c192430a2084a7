"""Utensils: of the kitchen, of arms and of games."""

from __future__ import annotations

import numpy as np

from faceinv.data.objects.assembly import (
    around,
    body,
    bow,
    disc,
    hoop,
    mirrored,
    revolved,
    slab,
    turned_about,
)
from faceinv.data.objects.meshes import Draw, Solid, ball, box, hull, join_meshes, near, rod


def knife(rng: np.random.Generator) -> Solid:
    w = near(rng, 0.3)
    leaf_ = slab([(-0.14, -0.2), (-0.14, 1.2), (0.02, 1.0), (w - 0.06, 0.5), (w, -0.2)], 0.09)
    return join_meshes(
        leaf_,
        body([(-1.1, 0, 0.13, 0.16), (-0.6, 0, 0.09, 0.12), (-0.2, 0, 0.12, 0.17)]).moved(
            (0.02, 0, 0), np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]]) * [[-1], [1], [1]]
        ),
        box((0.05, 0, -0.18), (0.5, 0.14, 0.08)),
    )


def sword(rng: np.random.Generator) -> Solid:
    w = near(rng, 0.13)
    leaf_ = hull(
        [(s * w, 0, -0.5) for s in (-1, 1)]
        + [(0, s * 0.05, z) for s in (-1, 1) for z in (-0.5, 1.1)]
        + [(s * 0.8 * w, 0, 1.0) for s in (-1, 1)]
        + [(0, 0, 1.35)]
    )
    guard = bow((-0.42, 0, -0.45), (0, 0, -0.52), (0.42, 0, -0.45), thick=0.07)
    return join_meshes(
        leaf_, guard, rod((0, 0, -1.0), (0, 0, -0.5), 0.075), ball((0, 0, -1.05), near(rng, 0.13), 8)
    )


def shield(rng: np.random.Generator) -> Solid:
    w = near(rng, 0.8)
    rim = [
        (-w, 0.8),
        (0, 0.95),
        (w, 0.8),
        (0.95 * w, 0),
        (0.6 * w, -0.65),
        (0, -1.15),
        (-0.6 * w, -0.65),
        (-0.95 * w, 0),
    ]
    front = hull([(x, 0, z) for x, z in rim] + [(0.5 * x, -0.2, 0.6 * z) for x, z in rim])
    return join_meshes(
        front,
        ball((0, -0.2, 0), (0.25, 0.15, 0.25), 9),
        rod((0, -0.22, -0.9), (0, -0.22, 0.75), 0.06),
        rod((-0.7 * w, -0.2, 0.25), (0.7 * w, -0.2, 0.25), 0.06),
    )


def table_fork(rng: np.random.Generator) -> Solid:
    tines = [
        bow((0.3 * x, 0, 0.45), (x, 0, 0.65), (x, -0.08, 1.25), thick=0.055)
        for x in (-0.24, -0.08, 0.08, 0.24)
    ]
    stem = bow(
        (0, -0.1, -1.2),
        (0, 0.05, -0.4),
        (0, 0, 0.5),
        thick=np.interp(np.linspace(0, 1, 16), [0, 0.15, 0.5, 1], [0.06, near(rng, 0.13), 0.06, 0.09]),
    )
    return join_meshes(*tines, stem, ball((0, 0, 0.5), (0.28, 0.06, 0.14), 8))


def spoon(rng: np.random.Generator) -> Solid:
    r = near(rng, 0.36)
    dish = revolved((0, -0.16), (0.6 * r, -0.1), (r, 0.1), (0.93 * r, 0.1), (0.5 * r, -0.03), (0, -0.08))
    head = turned_about(dish.moved(matrix=np.diag([1, 1.35, 1])), "x", 85, (0, 0, 0.85))
    return join_meshes(
        head, bow((0, -0.05, -1.25), (0, 0.08, -0.5), (0, 0.1, 0.45), thick=np.linspace(0.12, 0.06, 16))
    )


def ladle(rng: np.random.Generator) -> Solid:
    r = near(rng, 0.42)
    dish = revolved((0, -r), (0.7 * r, -0.7 * r), (r, 0), (0.92 * r, 0), (0.6 * r, -0.6 * r), (0, -0.88 * r))
    return join_meshes(
        dish.moved((0.3, 0, -0.7)),
        bow(
            (-0.1, 0, -0.7),
            (-0.2, 0, 0),
            (-0.05, 0, 0.9),
            (-0.2, 0, 1.15),
            (-0.35, 0, 0.95),
            thick=0.065,
            count=26,
        ),
    )


def whisk(rng: np.random.Generator) -> Solid:
    wide = near(rng, 0.42)
    loop = bow(
        (0.02, 0, 0),
        (wide, 0, 0.75),
        (0, 0, 1.2),
        (-wide, 0, 0.75),
        (-0.02, 0, 0),
        thick=0.035,
        count=26,
        sides=6,
    )
    return join_meshes(
        *(turned_about(loop, "z", a) for a in (0, 45, 90, 135)),
        rod((0, 0, -1.1), (0, 0, 0.08), 0.09, 0.11, 12),
        ball((0, 0, -1.1), 0.12, 7),
    )


def rolling_pin(rng: np.random.Generator) -> Solid:
    r = near(rng, 0.27)
    grip = revolved((0, 0.78), (0.08, 0.78), (0.13, 1.0), (0.1, 1.25), (0, 1.28))
    whole = join_meshes(disc((0, 0, 0), r, 1.5), mirrored(grip, 2))
    return turned_about(whole, "y", near(rng, 60, 0.4))


def magnifying_glass(rng: np.random.Generator) -> Solid:
    r = near(rng, 0.55, 0.12)
    lens = ball((0, 0, 0.55), (r, 0.09, r), 12)
    return join_meshes(
        hoop(r, 0.1, (0, 0, 0.55), "y"), lens, rod((0, 0, 0.5 - r), (0, 0, -1.15), 0.1, 0.13, 12)
    )


def tennis_racket(rng: np.random.Generator) -> Solid:
    r = near(rng, 0.45, 0.12)
    head = hoop(r, 0.07, (0, 0, 0), "y").moved((0, 0, 0.6), np.diag([1, 1, 1.3]))
    strings = []
    for a in np.linspace(-0.7, 0.7, 6):
        half = (1 - a * a) ** 0.5
        strings += [
            rod((r * a, 0, 0.6 - 1.3 * r * half), (r * a, 0, 0.6 + 1.3 * r * half), 0.025, sides=4),
            rod((-r * half, 0, 0.6 + 1.3 * r * a), (r * half, 0, 0.6 + 1.3 * r * a), 0.025, sides=4),
        ]
    throat = mirrored(rod((0.6 * r, 0, 0.2), (0.03, 0, -0.25), 0.06), 0)
    return join_meshes(head, *strings, throat, rod((0, 0, -0.2), (0, 0, -1.2), 0.08, 0.1))


def bow_and_arrow(rng: np.random.Generator) -> Solid:
    pull, bend = near(rng, 0.35), near(rng, 0.5)
    limb = bow(
        (0, 0, 1.2),
        (bend, 0, 0.65),
        (0.6 * bend, 0, 0),
        (bend, 0, -0.65),
        (0, 0, -1.2),
        thick=0.075,
        count=26,
    )
    string = [rod((0, 0, s * 1.18), (-pull, 0, 0), 0.03, sides=6) for s in (-1, 1)]
    tip = rod((0.95, 0, 0), (1.25, 0, 0), 0.12, 0.01)
    feather = turned_about(around(box((0.0, 0, 0.0), (0.02, 0.2, 0.3)), 2), "y", 90, (-pull + 0.15, 0, 0))
    return join_meshes(limb, *string, rod((-pull, 0, 0), (1.0, 0, 0), 0.045), tip, feather)


def balance(rng: np.random.Generator) -> Solid:
    tip = rng.uniform(-0.25, 0.25)
    parts = [
        rod((-0.85, 0, 0.75 + tip), (0.85, 0, 0.75 - tip), 0.055),
        rod((0, 0, -0.9), (0, 0, 0.85), 0.08),
        disc((0, 0, -0.95), 0.45, 0.12),
        ball((0, 0, 0.92), 0.11, 7),
    ]
    for s in (-1, 1):
        z = 0.75 - s * tip
        parts += [
            rod((s * 0.85, 0, z), (s * 0.85 + a, b, z - 0.75), 0.02, sides=5)
            for a, b in ((-0.35, 0), (0.35, 0), (0, 0.35))
        ]
        parts.append(
            revolved((0, -0.15), (0.2, -0.13), (0.42, 0), (0.4, 0.02), (0, -0.08)).moved(
                (s * 0.85, 0, z - 0.75)
            )
        )
    return join_meshes(*parts)


UTENSILS: dict[str, Draw] = {
    function.__name__: function
    for function in (
        knife, sword, shield, table_fork, spoon, ladle, whisk, rolling_pin, magnifying_glass,
        tennis_racket, bow_and_arrow, balance,
    )
}  # fmt: skip
