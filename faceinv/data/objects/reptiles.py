"""Reptiles, and the birds that descend from them."""

from __future__ import annotations

import numpy as np

from faceinv.data.objects.assembly import body, bow, mirrored, turned_about
from faceinv.data.objects.mammals import four_legs
from faceinv.data.objects.meshes import Draw, Solid, ball, hull, join_meshes, near, rod, tube


def long_neck(rng: np.random.Generator) -> Solid:
    """A sauropod."""
    lift = near(rng, 0.8)
    spine = [
        (-1.7, -0.35, 0.03, 0.03),
        (-1.1, -0.2, 0.12, 0.13),
        (-0.4, 0, 0.35, 0.4),
        (0.3, 0, 0.33, 0.38),
        (0.7, 0.25, 0.15, 0.18),
        (1.1, 0.4 + 0.3 * lift, 0.1, 0.11),
        (1.35, 0.4 + 0.6 * lift, 0.1, 0.11),
    ]
    return join_meshes(
        body(spine, count=40),
        ball((1.45, 0, 0.4 + 0.6 * lift), (0.2, 0.1, 0.1), 8),
        four_legs(0.4, 0.25, -0.1, -0.8, 0.13),
    )


def tyrannosaur(rng: np.random.Generator) -> Solid:
    spine = [
        (-1.5, 0.1, 0.03, 0.03),
        (-0.8, 0.05, 0.14, 0.17),
        (-0.1, 0.05, 0.26, 0.36),
        (0.35, 0.3, 0.2, 0.3),
        (0.6, 0.65, 0.14, 0.18),
    ]
    leg = join_meshes(
        bow((-0.1, 0.2, 0), (0.15, 0.24, -0.45), (-0.1, 0.22, -0.75), (0, 0.22, -1), thick=0.12),
        ball((0.12, 0.22, -1), (0.22, 0.1, 0.06), 7),
    )
    arm = bow((0.45, 0.17, 0.25), (0.65, 0.2, 0.1), (0.75, 0.18, 0.2), thick=0.045)
    gape = near(rng, 0.12)
    upper = hull(
        [(0.5, s * 0.16, z) for s in (-1, 1) for z in (0.68, 0.95)]
        + [(1.2, s * 0.1, z) for s in (-1, 1) for z in (0.66, 0.85)]
    )
    lower = hull(
        [(0.5, s * 0.13, z) for s in (-1, 1) for z in (0.5, 0.64)]
        + [(1.1, s * 0.08, z - gape) for s in (-1, 1) for z in (0.52, 0.6)]
    )
    return join_meshes(body(spine), upper, lower, mirrored(join_meshes(leg, arm)))


def turtle(rng: np.random.Generator) -> Solid:
    high = near(rng, 0.45)
    flippers = [ball((x, y, -0.1), (0.28, 0.2, 0.1), 7) for x, y in ((0.6, 0.65), (-0.6, 0.6))]
    dome = body(
        [
            (-0.85, 0, 0.05, 0.02),
            (-0.6, 0.1, 0.5, 0.6 * high),
            (0, 0.15, 0.7, high),
            (0.6, 0.1, 0.5, 0.6 * high),
            (0.85, 0, 0.05, 0.02),
        ]
    )
    return join_meshes(
        dome,
        ball((0, 0, -0.08), (0.85, 0.7, 0.1), 10),
        mirrored(join_meshes(*flippers)),
        rod((0.75, 0, 0), (1.05, 0, 0.15), 0.12),
        ball((1.15, 0, 0.2), (0.2, 0.15, 0.14), 8),
        rod((-0.8, 0, -0.05), (-1.1, 0, -0.1), 0.07, 0.01),
    )


def lizard(rng: np.random.Generator) -> Solid:
    sway = near(rng, 0.35)
    t = np.linspace(0, 1, 26)
    path = np.stack([2.8 * t - 1.6, sway * np.sin(5 * t), 0 * t], 1)
    thick = np.interp(t, [0, 0.4, 0.55, 0.78, 0.84, 0.95, 1], [0.02, 0.15, 0.24, 0.22, 0.14, 0.17, 0.06])
    feet = [
        bow((x, s * 0.15 + y, 0), (x + 0.05, s * 0.5 + y, 0.08), (x + 0.2, s * 0.6 + y, -0.2), thick=0.07)
        for x, y in ((-0.2, sway * 0.6), (0.6, -0.7 * sway))
        for s in (-1, 1)
    ]
    whole = join_meshes(tube(path, thick, 10, section=(1, 0.8)), *feet)
    return turned_about(whole, "x", 30)


def snake(rng: np.random.Generator) -> Solid:
    t, rise = np.linspace(0, 1, 56), near(rng, 0.7)
    x = 2 * t - 1
    y = 0.45 * np.sin(2.2 * 2 * np.pi * t) * (1 - 0.6 * t)
    z = rise * np.clip((t - 0.75) / 0.25, 0, 1) ** 1.5
    thick = np.interp(t, [0, 0.3, 0.9, 0.94, 0.98, 1], [0.02, 0.13, 0.11, 0.16, 0.14, 0.05])
    return tube(np.stack([x, y, z], 1), thick, 10)


def crocodile(rng: np.random.Generator) -> Solid:
    gape = near(rng, 0.28)
    back = body(
        [
            (-1.7, 0, 0.02, 0.05),
            (-1.0, 0, 0.12, 0.14),
            (-0.3, 0, 0.3, 0.22),
            (0.4, 0, 0.28, 0.2),
            (0.75, 0, 0.2, 0.15),
        ]
    )
    jaws = [
        hull(
            [(0.7, s * 0.2, z) for s in (-1, 1) for z in (0, sign * 0.14)]
            + [(1.6, s * 0.1, sign * (gape if sign > 0 else 0.05) + z) for s in (-1, 1) for z in (0, 0.07)]
        )
        for sign in (-1, 1)
    ]
    ridge = [
        hull(
            [(x - 0.1, s * 0.03, 0.12) for s in (-1, 1)]
            + [(x + 0.1, s * 0.03, 0.12) for s in (-1, 1)]
            + [(x - 0.06, 0, 0.34)]
        )
        for x in np.linspace(-1.1, 0.4, 8)
    ]
    feet = [bow((x, 0.25, 0), (x + 0.05, 0.5, 0), (x + 0.15, 0.55, -0.25), thick=0.08) for x in (-0.4, 0.45)]
    whole = join_meshes(back, *jaws, *ridge, mirrored(join_meshes(*feet)))
    return turned_about(whole, "x", 10)


def frog(rng: np.random.Generator) -> Solid:
    hind = join_meshes(
        bow((-0.4, 0.35, -0.1), (0.25, 0.75, 0.15), (-0.5, 0.75, -0.3), thick=0.15),
        bow((-0.5, 0.75, -0.35), (0.0, 0.85, -0.42), (0.3, 1.0, -0.42), thick=0.08),
    )
    fore = bow((0.45, 0.3, -0.1), (0.5, 0.5, -0.2), (0.6, 0.5, -0.45), thick=0.09)
    eye = ball((0.6, 0.25, 0.42), near(rng, 0.16), 8)
    return join_meshes(
        body(
            [
                (-0.8, -0.2, 0.1, 0.05),
                (-0.3, 0, 0.45, 0.3),
                (0.3, 0.15, 0.45, 0.32),
                (0.75, 0.15, 0.35, 0.2),
                (0.95, 0.12, 0.1, 0.05),
            ]
        ),
        mirrored(join_meshes(hind, fore, eye)),
    )


def bird_in_flight(rng: np.random.Generator) -> Solid:
    lift, span = near(rng, 0.5), near(rng, 1.3)
    wing = hull(
        [(x, y, z) for y, z, front, back in ((0.1, 0.1, 0.35, -0.35),) for x in (front, back)]
        + [(x, 0.6, 0.1 + lift) for x in (0.35, -0.3)]
        + [(x, 0.6, 0.04 + lift) for x in (0.35, -0.3)]
        + [(0.3, 0.1, 0)]
    )
    tip = hull(
        [(x, 0.6, z + lift) for x in (0.35, -0.3) for z in (0.04, 0.1)]
        + [(-0.15, span, 0.1 + 0.8 * lift), (-0.35, span, 0.08 + 0.8 * lift), (0, span * 0.95, 0.8 * lift)]
    )
    tail = hull(
        [(-0.6, s * 0.08, z) for s in (-1, 1) for z in (0, 0.05)] + [(-1.1, s * 0.3, 0.02) for s in (-1, 1)]
    )
    return join_meshes(
        body([(-0.7, 0, 0.05, 0.04), (-0.1, 0, 0.2, 0.2), (0.4, 0.02, 0.17, 0.17), (0.75, 0.05, 0.05, 0.05)]),
        ball((0.72, 0, 0.1), 0.16, 8),
        rod((0.82, 0, 0.1), (1.08, 0, 0.06), 0.06, 0.01),
        tail,
        mirrored(join_meshes(wing, tip)),
    )


def swan(rng: np.random.Generator) -> Solid:
    high = near(rng, 1.0)
    neck = bow(
        (0.6, 0, 0),
        (0.95, 0, 0.2),
        (0.65, 0, 0.6 * high),
        (0.75, 0, high),
        (1.0, 0, 0.95 * high),
        thick=0.1,
        count=26,
    )
    wing = ball((-0.2, 0.35, 0.15), (0.65, 0.14, 0.32), 9)
    return join_meshes(
        body(
            [
                (-1.1, 0.35, 0.03, 0.03),
                (-0.6, 0.05, 0.32, 0.25),
                (0.2, -0.05, 0.45, 0.32),
                (0.75, -0.05, 0.2, 0.2),
                (0.9, 0, 0.03, 0.03),
            ]
        ),
        neck,
        ball((1.02, 0, 0.95 * high), 0.14, 8),
        rod((1.1, 0, 0.93 * high), (1.4, 0, 0.82 * high), 0.07, 0.02),
        mirrored(wing),
    )


def penguin(rng: np.random.Generator) -> Solid:
    flipper = turned_about(
        ball(radius=(0.12, 0.06, 0.45), detail=8), "x", rng.uniform(10, 45), (0, 0.55, 0.05)
    )
    foot = ball((0.15, 0.2, -0.95), (0.25, 0.15, 0.06), 7)
    torso = turned_about(
        body(
            [
                (-0.95, 0, 0.3, 0.3),
                (-0.5, 0, 0.45, 0.42),
                (0.2, 0, 0.38, 0.36),
                (0.6, 0, 0.22, 0.24),
                (0.85, 0, 0.23, 0.25),
                (1.1, 0, 0.04, 0.04),
            ]
        ),
        "y",
        -90,
    )
    return join_meshes(
        torso, rod((0.15, 0, 0.85), (0.5, 0, 0.8), 0.08, 0.01), mirrored(join_meshes(flipper, foot))
    )


def heron(rng: np.random.Generator) -> Solid:
    neck = bow((0.4, 0, 0.1), (0.75, 0, 0.3), (0.5, 0, 0.65), (0.7, 0, near(rng, 1.0)), thick=0.075)
    leg = join_meshes(
        bow((-0.05, 0.12, -0.1), (-0.1, 0.13, -0.65), (0, 0.13, -1.2), thick=0.05),
        rod((-0.1, 0.13, -1.2), (0.25, 0.13, -1.22), 0.05),
    )
    return join_meshes(
        body(
            [
                (-0.85, -0.1, 0.04, 0.04),
                (-0.3, 0, 0.24, 0.24),
                (0.2, 0.08, 0.2, 0.22),
                (0.5, 0.15, 0.06, 0.08),
            ]
        ),
        neck,
        ball((0.74, 0, 1.0), (0.17, 0.11, 0.11), 8),
        rod((0.85, 0, 1.0), (1.4, 0, 0.9), 0.06, 0.01),
        mirrored(leg),
    )


def owl(rng: np.random.Generator) -> Solid:
    ear = rod((0.0, 0.25, 0.7), (0.05, 0.36, near(rng, 1.02, 0.06)), 0.13, 0.01)
    eye = rod((0.2, 0.17, 0.52), (0.42, 0.17, 0.52), 0.17, sides=14)
    wing = ball((-0.08, 0.45, -0.1), (0.3, 0.12, 0.5), 9)
    foot = ball((0.2, 0.18, -0.85), (0.2, 0.14, 0.09), 7)
    return join_meshes(
        ball((0, 0, -0.15), (0.42, 0.48, 0.7), 11),
        ball((0, 0, 0.5), (0.36, 0.42, 0.34), 10),
        hull([(0.38, y, 0.45) for y in (-0.06, 0.06)] + [(0.34, 0, 0.25), (0.55, 0, 0.3)]),
        mirrored(join_meshes(ear, eye, wing, foot)),
    )


REPTILES: dict[str, Draw] = {
    function.__name__: function
    for function in (
        long_neck, tyrannosaur, turtle, lizard, snake, crocodile, frog, bird_in_flight, swan, penguin,
        heron, owl,
    )
}  # fmt: skip
