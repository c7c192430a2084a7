"""Craft: ships and boats, aircraft and spacecraft."""

from __future__ import annotations

import numpy as np

from faceinv.data.objects.assembly import (
    around,
    body,
    bow,
    mirrored,
    revolved,
    slab,
    turned_about,
)
from faceinv.data.objects.meshes import Draw, Solid, ball, box, hull, join_meshes, near, rod
from faceinv.data.objects.vehicles import wheels


def ship_hull(long: float, wide: float, deep: float) -> Solid:
    """A boat's hull along x, with its deck at z = 0."""
    t = np.linspace(-0.96, 1, 9)
    half = wide * np.clip(1 - np.clip(t, -0.3, 1) ** 2 * np.where(t > 0, 1, 0.4), 0.02, 1) ** 0.7
    return hull(
        [(long * x, s * y, 0.12 * x * x) for x, y in zip(t, half, strict=True) for s in (-1, 1)]
        + [(0.85 * long * x, s * 0.5 * y, -deep) for x, y in zip(t, half, strict=True) for s in (-1, 1)]
    )


def sailing_boat(rng: np.random.Generator) -> Solid:
    high, bulge = near(rng, 1.5, 0.12), near(rng, 0.18)
    main = hull([(-0.85, 0, 0.3), (0.05, 0.03, 0.3), (0.05, -0.03, 0.3), (0.05, 0, high), (-0.4, bulge, 0.5)])
    jib = hull(
        [(0.95, 0, 0.15), (0.15, 0.03, 0.25), (0.15, -0.03, 0.25), (0.12, 0, 0.85 * high), (0.4, bulge, 0.4)]
    )
    return join_meshes(ship_hull(1.1, 0.38, 0.35), main, jib, rod((0.08, 0, 0), (0.08, 0, high + 0.1), 0.05))


def galleon(rng: np.random.Generator) -> Solid:
    masts = []
    for x, high in ((-0.6, 1.1), (0, near(rng, 1.4, 0.1)), (0.6, 1.15)):
        masts.append(rod((x, 0, 0), (x, 0, high), 0.045))
        masts += [
            ball((x + 0.06, 0, high * f), (0.1, w, 0.2 * high), 8) for f, w in ((0.42, 0.5), (0.8, 0.38))
        ]
    return join_meshes(
        ship_hull(1.1, 0.34, 0.4),
        *masts,
        box((-0.85, 0, 0.2), (0.4, 0.5, 0.35)),
        rod((0.9, 0, 0.1), (1.5, 0, 0.4), 0.05),
    )


def steamship(rng: np.random.Generator) -> Solid:
    stacks = [rod((x, 0, 0.4), (x - 0.08, 0, near(rng, 1.0)), 0.13, sides=14) for x in (-0.4, 0.0, 0.4)]
    return join_meshes(
        ship_hull(1.3, 0.36, 0.4),
        box((-0.05, 0, 0.15), (1.6, 0.5, 0.3)),
        box((0, 0, 0.38), (1.2, 0.42, 0.2)),
        *stacks,
        rod((0.9, 0, 0), (0.9, 0, 0.9), 0.04),
    )


def rowing_boat(rng: np.random.Generator) -> Solid:
    wide = near(rng, 0.45)
    shell_ = body(
        [
            (-1.1, 0.15, 0.12, 0.1),
            (-0.6, 0, 0.8 * wide, 0.25),
            (0, -0.03, wide, 0.28),
            (0.7, 0.02, 0.7 * wide, 0.24),
            (1.25, 0.25, 0.03, 0.05),
        ]
    )
    lid = Solid(np.minimum(shell_.points, [9, 9, 0.06]), shell_.triangles)
    seats = [box((x, 0, 0.1), (0.16, 1.7 * wide, 0.06)) for x in (-0.5, 0.0, 0.5)]
    oar = join_meshes(
        rod((0, 0.2, 0.3), (-0.3, 1.2, -0.1), 0.04), ball((-0.34, 1.3, -0.15), (0.1, 0.22, 0.05), 7)
    )
    return join_meshes(lid, *seats, mirrored(oar))


def submarine(rng: np.random.Generator) -> Solid:
    blades = turned_about(around(ball((0.18, 0, 0), (0.17, 0.08, 0.03), 7), 4), "y", 90, (-1.4, 0, 0))
    tower = slab([(-0.25, 0.2), (0.35, 0.2), (0.25, 0.75), (-0.2, 0.75)], 0.24)
    return join_meshes(
        body(
            [
                (-1.35, 0, 0.05, 0.05),
                (-0.7, 0, 0.3, 0.3),
                (0.6, 0, 0.34, near(rng, 0.34, 0.1)),
                (1.15, 0, 0.2, 0.2),
                (1.25, 0, 0.04, 0.04),
            ]
        ),
        tower,
        blades,
        bow((0.1, 0, 0.7), (0.1, 0, 1.0), (0.25, 0, 1.02), thick=0.05),
        mirrored(
            hull(
                [(-1.1, 0.1, z) for z in (-0.03, 0.03)] + [(-0.8, 0.1, 0), (-1.2, 0.5, 0), (-1.0, 0.5, 0.03)]
            )
        ),
    )


def helicopter(rng: np.random.Generator) -> Solid:
    span, spin = near(rng, 1.3, 0.1), rng.uniform(0, 90)
    rotor = around(box((span / 2, 0, 0.72), (span, 0.12, 0.04)), 4, spin)
    skid = join_meshes(
        rod((-0.5, 0.35, -0.65), (0.6, 0.35, -0.65), 0.05),
        *(rod((x, 0.2, -0.3), (x, 0.35, -0.65), 0.04) for x in (-0.3, 0.35)),
    )
    tail_rotor = turned_about(
        around(box((0.15, 0, 0), (0.3, 0.06, 0.04)), 2, 40), "x", 90, (-1.45, -0.1, 0.25)
    )
    return join_meshes(
        body(
            [
                (-1.5, 0.2, 0.05, 0.06),
                (-0.6, 0.1, 0.1, 0.12),
                (-0.35, 0, 0.36, 0.4),
                (0.3, -0.02, 0.38, 0.4),
                (0.75, -0.12, 0.1, 0.12),
            ]
        ),
        rotor,
        rod((0, 0, 0.3), (0, 0, 0.75), 0.06),
        mirrored(skid),
        tail_rotor,
        slab([(-1.55, 0.2), (-1.3, 0.2), (-1.55, 0.6), (-1.7, 0.6)], 0.05),
    )


def biplane(rng: np.random.Generator) -> Solid:
    span, gap = near(rng, 1.2, 0.1), near(rng, 0.6)
    wings = [box((0.25, 0, z), (0.45, 2 * span, 0.06)) for z in (-0.15, gap - 0.1)]
    struts = mirrored(
        join_meshes(*(rod((0.25, y * span, -0.15), (0.25, y * span, gap - 0.1), 0.035) for y in (0.35, 0.8)))
    )
    prop = turned_about(
        around(ball((0.25, 0, 0), (0.26, 0.07, 0.03), 7), 2, rng.uniform(0, 180)), "y", 90, (0.85, 0, 0)
    )
    tail = [
        box((-1.0, 0, 0.08), (0.3, 0.9, 0.05)),
        slab([(-1.15, 0.05), (-0.85, 0.05), (-1.1, 0.45), (-1.2, 0.4)], 0.05),
    ]
    return join_meshes(
        body([(-1.2, 0.05, 0.05, 0.06), (-0.2, 0, 0.19, 0.2), (0.8, 0, 0.17, 0.17)]),
        *wings,
        struts,
        prop,
        *tail,
        wheels(0.4, 0.25, -0.5, 0.15, 0.08),
    )


def jet_fighter(rng: np.random.Generator) -> Solid:
    sweep = near(rng, 0.8)
    wing = hull(
        [
            (0.4, 0.12, 0),
            (-0.8, 0.12, 0),
            (-0.8, 0.12, 0.06),
            (0.4, 0.12, 0.04),
            (-sweep, 1.0, 0.02),
            (-sweep - 0.2, 1.0, 0.02),
        ]
    )
    fin = turned_about(
        slab([(-1.2, 0.1), (-0.6, 0.1), (-1.15, 0.7), (-1.3, 0.7)], 0.05), "x", -20, (0, 0.15, 0)
    )
    return join_meshes(
        body([(-1.3, 0, 0.16, 0.14), (-0.5, 0.02, 0.2, 0.18), (0.4, 0.05, 0.15, 0.17), (1.4, 0, 0.02, 0.02)]),
        ball((0.5, 0, 0.15), (0.32, 0.1, 0.12), 8),
        mirrored(join_meshes(wing, fin)),
    )


def balloon(rng: np.random.Generator) -> Solid:
    lobe = revolved(
        (0, -0.45), (0.15, -0.45), (0.6, 0.1), (near(rng, 0.78, 0.1), 0.65), (0.55, 1.15), (0, 1.3)
    )
    ropes = around(rod((0.16, 0.16, -0.95), (0.28, 0.28, -0.2), 0.03, sides=5), 4)
    return join_meshes(lobe, ropes, box((0, 0, -1.0), (0.42, 0.42, 0.32)))


def airship(rng: np.random.Generator) -> Solid:
    fat = near(rng, 0.42, 0.15)
    fin = hull([(-1.2, 0.1, 0), (-0.75, 0.25, 0), (-0.75, 0.25, 0.05), (-1.2, 0.6, 0.02), (-0.95, 0.6, 0.04)])
    fins = join_meshes(*(turned_about(fin, "x", a) for a in (0, 90, 180, 270)))
    return join_meshes(
        body(
            [
                (-1.4, 0, 0.03, 0.03),
                (-0.8, 0, 0.7 * fat, 0.7 * fat),
                (0.2, 0, fat, fat),
                (1.1, 0, 0.7 * fat, 0.7 * fat),
                (1.4, 0, 0.05, 0.05),
            ]
        ),
        fins,
        box((0.3, 0, -fat - 0.08), (0.6, 0.22, 0.22)),
    )


def parachute(rng: np.random.Generator) -> Solid:
    dome = revolved((0, 0.75), (0.5, 0.6), (0.85, 0.15), (0.95, 0.15), (0.6, near(rng, 0.75)), (0, 0.9))
    lines = around(rod((0.05, 0, -0.75), (0.9, 0, 0.17), 0.025, sides=5), 8)
    return join_meshes(dome, lines, ball((0, 0, -0.8), 0.15, 8), rod((0, 0, -0.85), (0, 0, -1.2), 0.13))


def flying_saucer(rng: np.random.Generator) -> Solid:
    lamps = around(ball((0.8, 0, 0), 0.09, 6), 10)
    feet = around(rod((0.4, 0, -0.1), (0.65, 0, -0.6), 0.05), 3)
    return join_meshes(
        revolved((0, -0.2), (0.5, -0.18), (1.05, 0), (0.5, 0.15), (0.42, 0.3), (0, near(rng, 0.55))),
        lamps,
        feet,
    )


def space_shuttle(rng: np.random.Generator) -> Solid:
    wing = hull(
        [
            (0.2, 0.15, -0.15),
            (-0.9, 0.15, -0.15),
            (-0.9, 0.15, -0.1),
            (-0.7, near(rng, 0.8), -0.15),
            (-0.95, 0.8, -0.15),
        ]
    )
    bells = [rod((-1.0, y, z), (-1.25, y, z), 0.08, 0.16, 12) for y, z in ((-0.15, 0), (0.15, 0), (0, 0.22))]
    return join_meshes(
        body(
            [
                (-1.05, 0.02, 0.25, 0.25),
                (0.6, 0, 0.24, 0.23),
                (1.0, -0.05, 0.14, 0.13),
                (1.15, -0.08, 0.03, 0.03),
            ]
        ),
        mirrored(wing),
        *bells,
        slab([(-1.05, 0.2), (-0.55, 0.2), (-1.0, 0.75), (-1.25, 0.75)], 0.07),
    )


CRAFT: dict[str, Draw] = {
    function.__name__: function
    for function in (
        sailing_boat, galleon, steamship, rowing_boat, submarine, helicopter, biplane, jet_fighter,
        balloon, airship, parachute, flying_saucer, space_shuttle,
    )
}  # fmt: skip
