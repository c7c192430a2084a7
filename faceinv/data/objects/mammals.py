"""Mammals: bodies through cross-sections with four legs, and people."""

from __future__ import annotations

import numpy as np

from faceinv.data.objects.assembly import body, bow, mirrored, slab
from faceinv.data.objects.meshes import Draw, Solid, ball, hull, join_meshes, near, rod, smooth_curve, tube


def four_legs(x: float, y: float, top: float, foot: float, thick: float, fore: float = 1.0) -> Solid:
    """Two pairs of legs, of the same length but for a factor on the front pair."""
    leg_pair = [
        bow(
            (s * x, y, top),
            (s * x + 0.05, 1.1 * y, (top + foot) / 2),
            (s * x, 1.1 * y, foot * (fore if s > 0 else 1.0)),
            thick=thick,
            count=7,
        )
        for s in (-1, 1)
    ]
    return mirrored(join_meshes(*leg_pair))


def elephant(rng: np.random.Generator) -> Solid:
    trunk = [(1.15, 0, 0.2), (1.35, 0, -0.1), (1.4, 0, -0.5), (1.55, 0, -0.55 - 0.2 * rng.uniform())]
    ear = ball((0.75, 0.42, 0.3), (0.08, 0.32, near(rng, 0.4)), 9)
    tusk_ = bow((1.2, 0.16, -0.05), (1.45, 0.2, -0.2), (1.6, 0.2, -0.05), thick=0.05)
    return join_meshes(
        body([(-0.9, 0, 0.3, 0.4), (-0.5, 0.1, 0.5, 0.58), (0.2, 0.05, 0.5, 0.55), (0.7, 0.1, 0.35, 0.4)]),
        ball((0.95, 0, 0.3), (0.36, 0.3, 0.38), 10),
        tube(smooth_curve(trunk, 12), np.linspace(0.16, 0.07, 12)),
        mirrored(join_meshes(ear, tusk_)),
        four_legs(0.5, 0.27, -0.2, -1, 0.17),
    )


def giraffe(rng: np.random.Generator) -> Solid:
    tall = near(rng, 1.3, 0.15)
    neck = bow((0.45, 0, 0.2), (0.65, 0, 0.6), (0.85, 0, tall), thick=np.linspace(0.2, 0.1, 14), count=14)
    horns = mirrored(rod((0.85, 0.07, tall), (0.82, 0.1, tall + 0.22), 0.03))
    return join_meshes(
        body(
            [(-0.6, 0, 0.15, 0.2), (-0.2, 0.05, 0.26, 0.3), (0.4, 0.12, 0.26, 0.32), (0.65, 0.2, 0.1, 0.15)]
        ),
        neck,
        ball((1.0, 0, tall - 0.02), (0.27, 0.11, 0.13), 8),
        horns,
        four_legs(0.42, 0.15, 0, -1.15, 0.07),
    )


def camel(rng: np.random.Generator) -> Solid:
    hump = near(rng, 0.38)
    neck = bow((0.7, 0, 0.0), (1.0, 0, -0.05), (1.2, 0, 0.35), (1.25, 0, 0.6), thick=0.13)
    return join_meshes(
        ball(radius=(0.85, 0.32, 0.33)),
        *(ball((x, 0, 0.25), (0.26, 0.2, hump), 9) for x in (-0.35, 0.3)),
        neck,
        ball((1.38, 0, 0.62), (0.26, 0.13, 0.14), 8),
        four_legs(0.5, 0.18, 0, -1.05, 0.09),
    )


def rabbit(rng: np.random.Generator) -> Solid:
    long = near(rng, 0.6)
    ear = ball((0.5, 0.13, 0.75 + long / 2), (0.1, 0.07, long), 8)
    foot = join_meshes(
        ball((-0.2, 0.28, -0.35), (0.36, 0.16, 0.32), 8),
        ball((0.0, 0.3, -0.65), (0.32, 0.1, 0.09), 7),
        rod((0.4, 0.15, -0.1), (0.5, 0.16, -0.68), 0.09),
    )
    return join_meshes(
        ball(radius=(0.65, 0.42, 0.5)),
        ball((0.6, 0, 0.55), (0.34, 0.26, 0.28), 9),
        ball((-0.68, 0, -0.05), 0.16, 7),
        mirrored(join_meshes(ear, foot)),
    )


def cat_sitting(rng: np.random.Generator) -> Solid:
    ear = hull([(x, 0.08 + y, 0.8) for x in (-0.04, 0.1) for y in (0, 0.16)] + [(0.02, 0.22, 1.12)])
    tail = bow(
        (-0.4, 0, -0.75), (-0.8, 0.1, -0.7), (-0.9, 0.2, -0.2), (-0.75, 0.2, near(rng, 0.2)), thick=0.08
    )
    return join_meshes(
        ball((0.1, 0, 0.65), (0.3, 0.3, 0.27), 10),
        ball((-0.15, 0, -0.45), (0.45, 0.4, 0.45), 10),
        ball((0.02, 0, 0.05), (0.3, 0.28, 0.5), 10),
        tail,
        mirrored(
            join_meshes(
                ear,
                rod((0.2, 0.15, 0.1), (0.3, 0.15, -0.88), 0.1),
                ball((0.05, 0.32, -0.75), (0.35, 0.13, 0.15), 7),
            )
        ),
    )


def pig(rng: np.random.Generator) -> Solid:
    fat = near(rng, 0.5, 0.12)
    ear = hull([(0.7, 0.1, 0.35), (0.78, 0.3, 0.35), (0.85, 0.2, 0.3), (0.95, 0.28, 0.6)])
    curl = [(-0.9 - 0.12 * a, 0.1 * np.cos(5 * a), 0.15 + 0.1 * np.sin(5 * a)) for a in np.linspace(0, 2, 14)]
    return join_meshes(
        ball(radius=(0.9, fat, fat)),
        ball((0.8, 0, 0.12), (0.36, 0.32, 0.32), 9),
        rod((1.0, 0, 0.08), (1.25, 0, 0.05), 0.16, sides=12),
        mirrored(ear),
        tube(np.array(curl), 0.04, 6),
        four_legs(0.5, 0.22, -0.3, -0.85, 0.1),
    )


def kangaroo(rng: np.random.Generator) -> Solid:
    leg = join_meshes(
        bow((-0.1, 0.22, -0.2), (0.3, 0.28, -0.45), (-0.15, 0.26, -0.8), thick=0.14),
        rod((-0.2, 0.26, -0.9), (0.4, 0.26, -0.95), 0.08),
    )
    ear = ball((0.5, 0.1, 1.2), (0.06, 0.06, 0.22), 7)
    arm = bow((0.25, 0.18, 0.4), (0.5, 0.22, 0.2), (0.65, 0.15, 0.3), thick=0.06)
    tail = bow(
        (-0.3, 0, -0.3),
        (-0.75, 0, -0.7),
        (-1.3, 0, near(rng, -0.85, 0.1)),
        count=12,
        thick=np.linspace(0.18, 0.05, 12),
    )
    torso = tube(
        smooth_curve([(-0.25, 0, -0.5), (-0.05, 0, 0), (0.25, 0, 0.5), (0.4, 0, 0.9)], 16),
        np.interp(np.linspace(0, 1, 16), [0, 0.3, 0.75, 1], [0.25, 0.38, 0.22, 0.12]),
        12,
    )
    return join_meshes(
        torso, ball((0.55, 0, 0.95), (0.26, 0.15, 0.16), 8), tail, mirrored(join_meshes(leg, ear, arm))
    )


def hedgehog(rng: np.random.Generator) -> Solid:
    spikes, golden = [], np.pi * (3 - 5**0.5)
    long = near(rng, 0.38)
    for k in range(60):
        z = 1 - 1.2 * (k + 0.5) / 60
        a, r = golden * k, (1 - z * z) ** 0.5
        d = np.array([r * np.cos(a), r * np.sin(a), z])
        if d[0] < 0.75:
            spikes.append(
                rod(d * [0.75, 0.55, 0.5], d * [0.75 + long, 0.55 + long, 0.5 + long], 0.06, 0.005, 5)
            )
    return join_meshes(
        ball(radius=(0.8, 0.6, 0.55)),
        rod((0.6, 0, -0.05), (1.15, 0, -0.12), 0.28, 0.06, 10),
        ball((1.17, 0, -0.12), 0.08, 6),
        *spikes,
        four_legs(0.4, 0.25, -0.4, -0.68, 0.1),
    )


def bat(rng: np.random.Generator) -> Solid:
    span, lift = near(rng, 1.3), near(rng, 0.35)
    edge = [
        (0.1, 0.3),
        (0.5, 0.55 + lift),
        (1.0, 0.6 + lift),
        (span, 0.2 + lift),
        (1.0, 0.1),
        (0.8, -0.2),
        (0.6, 0.05),
        (0.4, -0.25),
        (0.1, -0.3),
    ]
    ear = hull([(0.05, -0.05, 0.5), (0.2, -0.05, 0.45), (0.12, 0.05, 0.48), (0.2, 0, 0.8)])
    return join_meshes(
        ball(radius=(0.2, 0.2, 0.42)),
        ball((0, 0, 0.45), 0.2, 8),
        mirrored(join_meshes(slab(edge, 0.08), ear), 0),
    )


def person(rng: np.random.Generator, arm: list, leg: list) -> Solid:
    """A standing figure with given arms and legs; its hips are at 0 and its shoulders at 0.7."""
    torso = hull(
        [
            (x * w, y * d, z)
            for z, w, d in ((-0.1, 0.26, 0.16), (0.35, 0.22, 0.14), (0.75, 0.36, 0.16))
            for x in (-1, 1)
            for y in (-1, 1)
        ]
    )
    return join_meshes(
        torso,
        ball((0, 0, 1.08), (0.17, 0.19, near(rng, 0.22)), 10),
        rod((0, 0, 0.7), (0, 0, 1), 0.09),
        mirrored(join_meshes(bow(*arm, thick=0.085), bow(*leg, thick=0.12)), 0),
    )


def person_standing(rng: np.random.Generator) -> Solid:
    out = rng.uniform(0.05, 0.3)
    return person(
        rng,
        [(0.36, 0, 0.68), (0.45 + out, 0, 0.3), (0.42 + out, -0.05, -0.1)],
        [(0.15, 0, -0.1), (0.17, 0, -0.5), (0.18, 0, -1.0)],
    )


def person_cheering(rng: np.random.Generator) -> Solid:
    out, apart = rng.uniform(0.1, 0.4), rng.uniform(0.1, 0.35)
    return person(
        rng,
        [(0.34, 0, 0.68), (0.6 + out, 0, 0.9), (0.6 + out, 0, 1.4)],
        [(0.15, 0, -0.1), (0.2 + apart / 2, 0, -0.5), (0.25 + apart, 0, -1.0)],
    )


def person_sitting(rng: np.random.Generator) -> Solid:
    return join_meshes(
        person(
            rng,
            [(0.36, 0, 0.68), (0.5, -0.1, 0.3), (0.25, -0.5, 0.15)],
            [(0.15, 0, -0.05), (0.2, -0.65, near(rng, 0.0)), (0.2, -0.65, -0.7)],
        ),
        hull([(x, y, z) for x in (-0.4, 0.4) for y in (-0.3, 0.35) for z in (-0.75, -0.2)]),
    )


MAMMALS: dict[str, Draw] = {
    function.__name__: function
    for function in (
        elephant, giraffe, camel, rabbit, cat_sitting, pig, kangaroo, hedgehog, bat, person_standing,
        person_cheering, person_sitting,
    )
}  # fmt: skip
