"""Insects and other small animals, and animals of the sea."""

from __future__ import annotations

import numpy as np

from faceinv.data.objects.assembly import around, body, bow, mirrored, slab, turned_about
from faceinv.data.objects.meshes import Draw, Solid, ball, hull, join_meshes, near, rod, smooth_curve, tube


def butterfly(rng: np.random.Generator) -> Solid:
    big, fold = near(rng, 1.0, 0.15), rng.uniform(0, 35)
    t = np.linspace(0, np.pi, 12)
    fore = np.stack(
        [0.08 + big * np.sin(t) * (0.7 + 0.3 * np.cos(t)), 0.15 + 0.8 * (0.5 - 0.5 * np.cos(t))], 1
    )
    hind = np.stack([0.08 + 0.65 * big * np.sin(t), 0.15 - 0.75 * (0.5 - 0.5 * np.cos(t))], 1)
    wings = turned_about(join_meshes(slab(fore, 0.07), slab(hind, 0.07)), "z", -fold)
    feeler = bow((0.03, 0, 0.45), (0.15, -0.05, 0.7), (0.3, -0.1, 0.85), thick=0.03)
    return join_meshes(ball(radius=(0.1, 0.1, 0.55), detail=9), mirrored(join_meshes(wings, feeler), 0))


def dragonfly(rng: np.random.Generator) -> Solid:
    span = near(rng, 1.1)
    wings = [
        turned_about(ball((0, span / 2, 0), (0.13, span / 2, 0.03), 9), "z", a, (x, 0, 0.1))
        for x, a in ((0.35, -15), (0.15, 15))
    ]
    whole = join_meshes(
        rod((0.4, 0, 0), (-1.4, 0, -0.05), 0.09, 0.05),
        ball((0.3, 0, 0.02), (0.3, 0.14, 0.16), 8),
        ball((0.68, 0, 0.02), (0.15, 0.2, 0.15), 8),
        mirrored(join_meshes(*wings)),
    )
    return turned_about(whole, "x", 35)


def beetle(rng: np.random.Generator) -> Solid:
    feet = [
        bow((x, 0.3, -0.1), (x + s, 0.65, 0.0), (x + 1.6 * s, 0.85, -0.4), thick=0.05)
        for x, s in ((0.4, 0.15), (0.0, 0.0), (-0.35, -0.2))
    ]
    jaw = bow((0.85, 0.12, 0), (1.15, 0.3, 0), (near(rng, 1.4), 0.1, 0), thick=0.055)
    whole = join_meshes(
        ball((-0.25, 0, 0), (0.7, 0.45, 0.35), 10),
        ball((0.45, 0, 0), (0.28, 0.4, 0.28), 9),
        ball((0.8, 0, -0.02), (0.2, 0.22, 0.16), 8),
        mirrored(join_meshes(*feet, jaw)),
    )
    return turned_about(whole, "x", 15)


def ant(rng: np.random.Generator) -> Solid:
    feet = [
        bow((x, 0.1, 0), (x + s, 0.5, 0.25), (x + 2 * s, 0.8, -0.45), thick=0.045)
        for x, s in ((0.15, 0.25), (0.0, 0.0), (-0.15, -0.25))
    ]
    feeler = bow((0.75, 0.1, 0.1), (1.0, 0.25, 0.35), (1.25, 0.3, 0.2), thick=0.04)
    whole = join_meshes(
        ball((-0.75, 0, 0.05), (near(rng, 0.48), 0.32, 0.32), 10),
        ball(radius=(0.28, 0.16, 0.18)),
        rod((-0.4, 0, 0), (0.6, 0, 0), 0.06),
        ball((0.6, 0, 0.05), (0.26, 0.24, 0.2), 9),
        mirrored(join_meshes(*feet, feeler)),
    )
    return turned_about(whole, "x", 10)


def crab(rng: np.random.Generator) -> Solid:
    feet = [
        bow((x, 0.5, 0), (1.6 * x, 0.95, 0.2), (2.0 * x, 1.15, -0.35), thick=0.06)
        for x in (-0.35, -0.12, 0.12)
    ]
    big = near(rng, 1.0)
    claw = join_meshes(
        bow((0.35, 0.5, 0), (0.6, 0.9, 0.1), (0.85, 0.75, 0.1), thick=0.09),
        ball((1.0, 0.65, 0.1), (0.25 * big, 0.17 * big, 0.14), 8),
        *(
            bow(
                (1.1, 0.65 + s * 0.1, 0.1),
                (1.35, 0.65 + s * 0.17, 0.1),
                (1.5, 0.65 + s * 0.03, 0.1),
                thick=0.06,
            )
            for s in (-1, 1)
        ),
    )
    eye = join_meshes(rod((0.4, 0.15, 0.1), (0.5, 0.17, 0.4), 0.04), ball((0.5, 0.17, 0.43), 0.08, 6))
    whole = join_meshes(ball(radius=(0.5, 0.75, 0.25)), mirrored(join_meshes(*feet, claw, eye)))
    return turned_about(whole, "x", 20)


def octopus(rng: np.random.Generator) -> Solid:
    arms = []
    for k in range(8):
        reach, lift = rng.uniform(0.9, 1.2), rng.uniform(-0.3, 0.2)
        arm = bow(
            (0.2, 0, -0.1),
            (0.6, 0, -0.45),
            (reach, 0, -0.5),
            (reach + 0.2, 0, lift - 0.3),
            count=16,
            thick=np.linspace(0.14, 0.04, 16),
        )
        arms.append(turned_about(arm, "z", 45 * k + rng.uniform(-12, 12)))
    return join_meshes(ball((0, 0, 0.45), (0.5, 0.45, near(rng, 0.6)), 11), *arms)


def jellyfish(rng: np.random.Generator) -> Solid:
    t = np.linspace(0, 1, 14)
    arms = []
    for k in range(7):
        a, sway = 2 * np.pi * k / 7, rng.uniform(-0.15, 0.15)
        arms.append(
            tube(
                np.stack(
                    [
                        0.45 * np.cos(a) + sway * np.sin(7 * t),
                        0.45 * np.sin(a) + 0 * t,
                        0.1 - near(rng, 1.2) * t,
                    ],
                    1,
                ),
                0.055,
                6,
            )
        )
    dome = body([(0, 0, 0.75, 0.75), (0.25, 0, 0.7, 0.7), (0.5, 0, 0.45, 0.45), (0.62, 0, 0.05, 0.05)])
    return join_meshes(turned_about(dome, "y", -90), *arms)


def starfish(rng: np.random.Generator) -> Solid:
    wide, lift = near(rng, 0.3), near(rng, 0.12)
    arm = body(
        [
            (0, 0, wide, 0.2),
            (0.45, 0.02, 0.8 * wide, 0.17),
            (0.9, 0, 0.5 * wide, 0.12),
            (1.15, lift, 0.04, 0.03),
        ],
        count=14,
    )
    whole = around(arm, 5)
    return turned_about(whole, "x", 60)


def shark(rng: np.random.Generator) -> Solid:
    fin = near(rng, 0.5)
    sides = mirrored(
        hull(
            [(x, 0.2, z) for x in (0.1, 0.5) for z in (-0.1, -0.06)]
            + [(-0.15, 0.8, -0.25), (-0.05, 0.8, -0.25)]
        )
    )
    top = hull([(x, y, 0.25) for x in (-0.2, 0.35) for y in (-0.04, 0.04)] + [(-0.25, 0, 0.3 + fin)])
    tail = slab([(-1.2, 0), (-1.75, 0.65), (-1.5, 0.05), (-1.65, -0.4), (-1.15, -0.08)], 0.07)
    return join_meshes(
        body(
            [
                (-1.3, 0, 0.05, 0.07),
                (-0.6, 0, 0.2, 0.22),
                (0.2, 0, 0.29, 0.32),
                (0.9, -0.02, 0.18, 0.18),
                (1.25, 0.02, 0.03, 0.03),
            ]
        ),
        sides,
        top,
        tail,
    )


def whale(rng: np.random.Generator) -> Solid:
    fluke = hull(
        [(-1.25, 0, z) for z in (0.3, 0.38)] + [(-1.75, 0.6, 0.45), (-1.55, 0.65, 0.42), (-1.5, 0.05, 0.35)]
    )
    fin = ball((0.35, 0.5, -0.3), (0.15, 0.3, 0.05), 7)
    return join_meshes(
        body(
            [
                (-1.4, 0.35, 0.07, 0.05),
                (-0.8, 0.1, 0.2, 0.2),
                (0, 0, 0.45, near(rng, 0.48)),
                (0.7, 0, 0.48, 0.48),
                (1.1, 0, 0.35, 0.35),
                (1.2, 0, 0.08, 0.1),
            ]
        ),
        mirrored(join_meshes(fluke, fin)),
    )


def ray_fish(rng: np.random.Generator) -> Solid:
    span, lift = near(rng, 1.1), near(rng, 0.25)
    wing = hull(
        [
            (0.7, 0, 0.05),
            (0.7, 0, -0.05),
            (-0.6, 0, 0.05),
            (-0.6, 0, -0.05),
            (0.15, 0, 0.2),
            (-0.1, span, lift),
            (-0.25, span, lift),
        ]
    )
    tail = bow(
        (-0.5, 0, 0), (-1.1, 0.1, 0.05), (-1.8, -0.1, 0.1), thick=np.linspace(0.09, 0.03, 12), count=12
    )
    whole = join_meshes(mirrored(wing), tail, ball((0.1, 0, 0.06), (0.6, 0.22, 0.18), 9))
    return turned_about(whole, "x", 30)


def caterpillar(rng: np.random.Generator) -> Solid:
    arch, n = near(rng, 0.55), 9
    balls = [
        ball((x, 0, arch * np.exp(-6 * x * x)), 0.22 if k < n - 1 else 0.28, 9)
        for k, x in enumerate(np.linspace(-1.1, 1.1, n))
    ]
    feelers = mirrored(rod((1.2, 0.08, 0.2), (1.35, 0.2, 0.55), 0.035))
    return join_meshes(*balls, feelers)


def snail(rng: np.random.Generator) -> Solid:
    t = np.linspace(0, 1, 60)
    angle, away = 2 * np.pi * 2.4 * t, near(rng, 0.52) * (1 - 0.85 * t)
    whorl = tube(
        np.stack([-0.2 + away * np.cos(angle - 1.3), 0.12 * t, 0.45 + away * np.sin(angle - 1.3)], 1),
        0.3 * (1 - 0.8 * t),
        10,
    )
    foot = body(
        [
            (-1.1, -0.35, 0.05, 0.03),
            (-0.5, -0.3, 0.24, 0.1),
            (0.5, -0.28, 0.24, 0.13),
            (0.95, 0.0, 0.16, 0.15),
            (1.15, 0.1, 0.04, 0.04),
        ]
    )
    stalk = join_meshes(rod((1.0, 0.08, 0.05), (1.2, 0.16, 0.5), 0.04), ball((1.2, 0.16, 0.52), 0.07, 6))
    return join_meshes(whorl, foot, mirrored(stalk))


def scorpion(rng: np.random.Generator) -> Solid:
    tail = [(-0.5, 0, 0), (-1.0, 0, 0.2), (-1.1, 0, 0.7), (-0.7, 0, near(rng, 1.05)), (-0.4, 0, 0.85)]
    beads = [ball(p, 0.12 - 0.005 * k, 6) for k, p in enumerate(smooth_curve(tail, 9))]
    feet = [
        bow((x, 0.2, 0), (1.3 * x, 0.55, 0.15), (1.6 * x, 0.8, -0.25), thick=0.045)
        for x in (-0.35, -0.12, 0.12, 0.35)
    ]
    claw = join_meshes(
        bow((0.5, 0.15, 0), (0.8, 0.55, 0), (1.15, 0.5, 0), thick=0.07),
        *(
            bow((1.1, 0.5, 0), (1.35, 0.5 + s * 0.17, 0), (1.6, 0.5 + s * 0.06, 0), thick=0.06)
            for s in (-1, 1)
        ),
    )
    whole = join_meshes(ball(radius=(0.65, 0.26, 0.16)), *beads, mirrored(join_meshes(*feet, claw)))
    return turned_about(whole, "x", 15)


INSECTS: dict[str, Draw] = {
    function.__name__: function
    for function in (
        butterfly, dragonfly, beetle, ant, caterpillar, snail, scorpion, crab, octopus, jellyfish,
        starfish, shark, whale, ray_fish,
    )
}  # fmt: skip
