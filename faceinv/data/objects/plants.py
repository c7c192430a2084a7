"""Plants and fruits."""

from __future__ import annotations

import numpy as np

from faceinv.data.objects.assembly import around, body, bow, disc, mirrored, revolved, slab, turned_about
from faceinv.data.objects.meshes import Draw, Solid, ball, join_meshes, near, rod, smooth_curve, tube

GOLDEN_ANGLE = 180 * (3 - 5**0.5)
"""Between one leaf and the next around a stem, in degrees."""


def blade(long: float, wide: float, droop: float, lift: float = 0.3) -> Solid:
    """A leaf that starts at the origin along x, rises and droops."""
    return body(
        [
            (0, 0, 0.03, 0.02),
            (0.3 * long, lift, wide, 0.03),
            (0.7 * long, lift - 0.3 * droop, 0.8 * wide, 0.03),
            (long, lift - droop, 0.01, 0.01),
        ],
        count=14,
        sides=10,
    )


def palm(rng: np.random.Generator) -> Solid:
    lean, droop = rng.uniform(-0.3, 0.3), near(rng, 0.6)
    leaf_ = blade(0.9, 0.14, droop)
    crown = around(leaf_, 8, rng.uniform(0, 45)).moved((lean, 0, 0.75))
    trunk = bow((0, 0, -1.1), (0.3 * lean, 0, -0.3), (lean, 0, 0.8), thick=np.linspace(0.15, 0.09, 16))
    return join_meshes(
        trunk,
        crown,
        *(ball((lean + 0.12 * c, 0.12 * s, 0.68), 0.1, 7) for c, s in ((1, 0), (-1, 0.5), (0, -1))),
    )


def daisy(rng: np.random.Generator) -> Solid:
    n, long = int(rng.integers(9, 13)), near(rng, 0.55)
    petals = around(ball((0.2 + long / 2, 0, 0.04), (long / 2, 0.13, 0.04), 8), n)
    head = turned_about(
        join_meshes(petals, ball((0, 0, 0.05), (0.24, 0.24, 0.13), 9)), "x", near(rng, 50, 0.3), (0, 0, 0.55)
    )
    return join_meshes(
        head,
        bow((0, 0, 0.5), (0.05, 0.1, -0.2), (0, 0, -1.1), thick=0.05),
        turned_about(blade(0.6, 0.16, 0.3), "z", 20, (0, 0.05, -0.7)),
    )


def tulip(rng: np.random.Generator) -> Solid:
    cup = revolved((0, 0.3), (0.3, 0.4), (near(rng, 0.38), 0.7), (0.28, 1.05), (0.2, 1.0), (0, 0.5))
    tips = around(
        body([(0.2, 0.45, 0.2, 0.03), (0.38, 0.8, 0.2, 0.03), (0.3, 1.25, 0.02, 0.02)], count=12), 3
    )
    leaf_ = bow(
        (0, 0, -1.1),
        (0.4, 0, -0.5),
        (0.55, 0, near(rng, 0.1)),
        thick=np.interp(np.linspace(0, 1, 14), [0, 0.4, 1], [0.05, 0.14, 0.01]),
        count=14,
    )
    return join_meshes(
        cup, tips, rod((0, 0, -1.1), (0, 0, 0.35), 0.055), leaf_, turned_about(leaf_, "z", 170)
    )


def sunflower(rng: np.random.Generator) -> Solid:
    petal = slab([(0.38, -0.1), (0.6, -0.13), (near(rng, 0.9, 0.1), 0), (0.6, 0.13), (0.38, 0.1)], 0.05)
    petals = join_meshes(*(turned_about(petal, "y", 360 * k / 14) for k in range(14))).moved((0, -0.1, 0.35))
    return join_meshes(
        petals,
        disc((0, -0.1, 0.35), 0.42, 0.2, "y"),
        rod((0, 0, 0.3), (0, 0, -1.25), 0.07),
        mirrored(turned_about(blade(0.6, 0.22, 0.35), "z", 10, (0, 0, -0.7)), 0),
    )


def agave(rng: np.random.Generator) -> Solid:
    long = near(rng, 0.9)
    spear = body([(0, 0, 0.1, 0.05), (0.4 * long, 0.3, 0.15, 0.05), (long, 0.75, 0.01, 0.01)], count=12)
    return join_meshes(
        around(spear, 9), around(turned_about(spear, "y", -30), 6, 15), ball(radius=(0.2, 0.2, 0.15))
    )


def bamboo(rng: np.random.Generator) -> Solid:
    parts = []
    for x, y in ((-0.4, 0.1), (0.05, -0.2), (0.45, 0.15)):
        high = near(rng, 1.15, 0.15)
        for z in np.arange(-1.2, high - 0.3, 0.4):
            parts += [rod((x, y, z), (x, y, z + 0.38), 0.085), disc((x, y, z + 0.39), 0.115, 0.05, sides=12)]
        parts.append(turned_about(blade(0.55, 0.08, 0.4), "z", rng.uniform(0, 360), (x, y, high - 0.5)))
    return join_meshes(*parts)


def fern(rng: np.random.Generator) -> Solid:
    t, curl = np.linspace(0, 1, 18), near(rng, 0.5)
    spine = np.stack([0 * t, -curl * t**2, 2.2 * t - 1.1], 1)
    leaflets = []
    for k in range(2, 17):
        long = 0.75 * np.sin(np.pi * (0.12 + 0.85 * t[k])) + 0.06
        p = spine[k]
        leaflets.append(rod(p, p + np.array([long, 0.05, 0.3 * long]), 0.07, 0.015, 6))
    return join_meshes(tube(spine, 0.05), mirrored(join_meshes(*leaflets), 0))


def pine_cone(rng: np.random.Generator) -> Solid:
    n, long = 50, near(rng, 0.95, 0.1)
    scales = []
    for k in range(n):
        u = (k + 0.5) / n
        wide = 0.6 * np.sin(np.pi * (0.12 + 0.83 * u)) ** 0.8
        scale_ = turned_about(ball((0.8 * wide, 0, 0), (0.28 * wide + 0.08, 0.14, 0.05), 6), "y", -35)
        scales.append(turned_about(scale_, "z", GOLDEN_ANGLE * k, (0, 0, long * (2 * u - 1) - 0.2)))
    return join_meshes(*scales, ball(radius=(0.35, 0.35, 0.85 * long)))


def potted_plant(rng: np.random.Generator) -> Solid:
    leaves = [
        turned_about(
            blade(near(rng, 0.75), 0.18, rng.uniform(0.1, 0.6), rng.uniform(0.2, 0.6)),
            "z",
            GOLDEN_ANGLE * k,
            (0, 0, -0.1),
        )
        for k in range(9)
    ]
    return join_meshes(
        rod((0, 0, -0.95), (0, 0, -0.2), 0.36, near(rng, 0.5), 16), disc((0, 0, -0.16), 0.56, 0.14), *leaves
    )


def bush(rng: np.random.Generator) -> Solid:
    leaves = [
        ball(d / np.linalg.norm(d) * [0.6, 0.6, 0.5], rng.uniform(0.22, 0.36), 7)
        for d in rng.normal(size=(22, 3))
    ]
    return join_meshes(ball(radius=(0.6, 0.6, 0.5)), *leaves, rod((0, 0, -1), (0, 0, -0.3), 0.1))


def umbrella_tree(rng: np.random.Generator) -> Solid:
    crown = [
        ball((x, y, 0.6 + 0.1 * rng.uniform()), (0.4, 0.4, 0.15), 8)
        for x, y in ((-0.65, 0), (-0.2, 0.4), (0.25, -0.35), (0.7, 0.15), (0, 0))
    ]
    limbs = [
        bow((0, 0, -0.4), (0.4 * x, 0.4 * y, 0.1), (x, y, 0.6), thick=0.055)
        for x, y in ((-0.65, 0), (-0.2, 0.4), (0.25, -0.35), (0.7, 0.15))
    ]
    return join_meshes(
        bow((0.05, 0, -1.1), (-0.05, 0, -0.7), (0, 0, -0.3), thick=near(rng, 0.11)), *limbs, *crown
    )


def apple(rng: np.random.Generator) -> Solid:
    return join_meshes(
        revolved(
            (0, -0.6),
            (0.2, -0.7),
            (0.6, -0.45),
            (near(rng, 0.82, 0.1), 0.2),
            (0.6, 0.65),
            (0.2, 0.62),
            (0, 0.42),
        ),
        bow((0, 0, 0.4), (0.03, 0, 0.75), (0.15, 0, 1.0), thick=0.06),
        turned_about(blade(0.5, 0.16, 0.1, 0.15), "z", rng.uniform(-60, 60), (0.05, 0, 0.75)),
    )


def pear(rng: np.random.Generator) -> Solid:
    return join_meshes(
        revolved(
            (0, -0.95),
            (0.25, -1.0),
            (near(rng, 0.66), -0.5),
            (0.42, 0.15),
            (0.26, 0.55),
            (0.15, 0.8),
            (0, 0.82),
        ),
        bow((0, 0, 0.75), (0.04, 0, 1.0), (0.18, 0, 1.2), thick=0.055),
    )


def banana_bunch(rng: np.random.Generator) -> Solid:
    thick = np.interp(
        np.linspace(0, 1, 16), [0, 0.08, 0.25, 0.75, 0.95, 1], [0.07, 0.07, 0.18, 0.18, 0.06, 0.05]
    )
    one = bow(
        (0, 0, 0.7), (0.25, 0, 0.25), (0.3, 0, -0.4), (near(rng, 0.0, 1), 0, -0.95), thick=thick, sides=6
    )
    return join_meshes(*(turned_about(one, "z", a) for a in (-60, -20, 20, 60)), ball((0, 0, 0.75), 0.13, 7))


def pineapple(rng: np.random.Generator) -> Solid:
    knobs = []
    for k in range(60):
        u = (k + 0.5) / 60
        wide, z = 0.5 * np.sin(np.pi * (0.15 + 0.72 * u)) ** 0.6, 1.3 * u - 1.05
        knobs.append(turned_about(ball((wide, 0, 0), 0.1, 5), "z", GOLDEN_ANGLE * k, (0, 0, z)))
    spear = bow(
        (0.05, 0, 0), (0.15, 0, 0.4), (0.4, 0, near(rng, 0.7)), thick=np.linspace(0.09, 0.01, 10), count=10
    )
    return join_meshes(
        ball((0, 0, -0.42), (0.5, 0.5, 0.68), 12),
        *knobs,
        around(spear, 7).moved((0, 0, 0.2)),
        around(spear.moved(matrix=np.diag([0.5, 0.5, 1.2])), 4).moved((0, 0, 0.2)),
    )


def grapes(rng: np.random.Generator) -> Solid:
    parts = []
    for k in range(34):
        u = (k + 0.5) / 34
        away = 0.5 * (1 - u) ** 0.7 * (0.75 + 0.25 * (k % 3))
        parts.append(
            turned_about(
                ball((away, 0, 0), near(rng, 0.2, 0.1), 7), "z", GOLDEN_ANGLE * k, (0, 0, 0.6 - 1.6 * u)
            )
        )
    return join_meshes(*parts, bow((0, 0, 0.5), (0.02, 0, 0.9), (0.15, 0, 1.2), thick=0.05))


def cherries(rng: np.random.Generator) -> Solid:
    apart = near(rng, 0.5)
    half = join_meshes(
        ball((apart, 0, -0.6), 0.42, 11),
        bow((apart, 0, -0.25), (0.7 * apart, 0, 0.3), (0, 0, 0.95), thick=0.05),
    )
    return join_meshes(mirrored(half, 0), turned_about(blade(0.75, 0.2, 0.2, 0.1), "z", 20, (0, 0, 0.9)))


def strawberry(rng: np.random.Generator) -> Solid:
    leaf_ = blade(near(rng, 0.55), 0.13, 0.25, 0.06)
    return join_meshes(
        revolved((0, -0.9), (0.25, -0.75), (near(rng, 0.65), 0.1), (0.5, 0.45), (0, 0.5)),
        around(leaf_, 6).moved((0, 0, 0.47)),
        rod((0, 0, 0.5), (0.05, 0, 0.85), 0.06),
    )


def carrot(rng: np.random.Generator) -> Solid:
    leaf_ = bow((0, 0, 0.5), (0.1, 0, 0.9), (near(rng, 0.4), 0, 1.3), thick=0.05)
    rings = [disc((0, 0, z), 0.31 * (z + 1.25) / 1.7 + 0.03, 0.04) for z in (-0.6, -0.2, 0.1, 0.35)]
    return join_meshes(
        revolved((0, -1.2), (0.1, -0.9), (near(rng, 0.3, 0.1), 0.35), (0.2, 0.55), (0, 0.55)),
        around(leaf_, 5),
        *rings,
    )


def maize(rng: np.random.Generator) -> Solid:
    grains = [
        turned_about(
            ball((0.3 * np.sin(np.pi * (0.3 + 0.55 * u)), 0, 0), 0.09, 5), "z", 36 * k, (0, 0, 1.4 * u - 0.4)
        )
        for u in np.linspace(0, 1, 10)
        for k in range(10)
    ]
    husk = bow(
        (0.1, 0, -0.9),
        (0.35, 0, -0.4),
        (near(rng, 0.75), 0, 0.3),
        thick=np.interp(np.linspace(0, 1, 12), [0, 0.5, 1], [0.1, 0.2, 0.02]),
        count=12,
    )
    return join_meshes(
        *grains,
        ball((0, 0, 0.2), (0.26, 0.26, 0.75), 9),
        around(husk, 3),
        rod((0, 0, -1.2), (0, 0, -0.6), 0.08),
    )


def pea_pod(rng: np.random.Generator) -> Solid:
    t, bend = np.linspace(-1, 1, 20), near(rng, 0.3)
    z = bend * t**2
    half = [
        tube(np.stack([1.15 * t, s * 0.2 * (1 - t**2), z], 1), 0.14 * (1 - t**4) + 0.02, 8, section=(1, 0.5))
        for s in (-1, 1)
    ]
    peas = [
        ball((1.15 * x, 0, bend * x * x + 0.06), near(rng, 0.19, 0.08), 8) for x in np.linspace(-0.7, 0.7, 6)
    ]
    return join_meshes(
        *half, *peas, bow((1.1, 0, bend), (1.35, 0, bend + 0.1), (1.5, 0, bend + 0.3), thick=0.05)
    )


def garlic(rng: np.random.Generator) -> Solid:
    clove = tube(
        smooth_curve([(0.08, 0, 0.5), (0.42, 0, 0.0), (0.4, 0, -0.4), (0.1, 0, -0.65)], 16),
        np.interp(np.linspace(0, 1, 16), [0, 0.55, 1], [0.05, near(rng, 0.33, 0.1), 0.08]),
        10,
    )
    return join_meshes(
        around(clove, 6), rod((0, 0, 0.3), (0.06, 0, 1.1), 0.13, 0.07), disc((0, 0, -0.65), 0.2, 0.1)
    )


def melon_slice(rng: np.random.Generator) -> Solid:
    t = np.linspace(0, np.pi, 20)
    outline = np.concatenate([np.stack([np.cos(t), -np.sin(t)], 1)])
    seeds = [
        ball((0.6 * np.cos(a), s * 0.16, -0.6 * np.sin(a)), (0.05, 0.05, 0.09), 5)
        for a in np.linspace(0.5, 2.6, 6)
        for s in (-1, 1)
    ]
    wedge = slab(outline, near(rng, 0.35))
    bitten = Solid(
        wedge.points
        * np.stack(
            [
                1 + 0 * wedge.points[:, 2],
                0.4 - 0.9 * wedge.points[:, 2].clip(-1, 0),
                1 + 0 * wedge.points[:, 2],
            ],
            1,
        ),
        wedge.triangles,
    )
    return join_meshes(bitten, *seeds)


def mushroom_cluster(rng: np.random.Generator) -> Solid:
    parts = []
    for x, y, s in ((0, 0, 1.0), (0.55, -0.2, 0.7), (-0.5, -0.25, 0.6), (-0.25, 0.4, 0.75)):
        high = near(rng, s)
        cap = revolved((0.1, 0), (0.42, -0.06), (0.36, 0.2), (0, 0.42)).moved(
            (1.2 * x, 1.2 * y, high - 0.7), s
        )
        parts += [
            cap,
            bow(
                (0.6 * x, 0.6 * y, -0.9),
                (1.1 * x, 1.1 * y, high / 2 - 0.8),
                (1.2 * x, 1.2 * y, high - 0.65),
                thick=0.1 * s,
            ),
        ]
    return join_meshes(*parts)


def wheat_ear(rng: np.random.Generator) -> Solid:
    parts = [rod((0, 0, -1.3), (0, 0, 0), 0.05)]
    for k in range(7):
        z = 0.17 * k - 0.2
        for s in (-1, 1):
            parts.append(
                turned_about(
                    ball((0, 0, 0.15), (0.1, 0.1, 0.2), 7),
                    "y",
                    s * near(rng, 30),
                    (s * 0.1, 0.08 * (-1) ** k, z),
                )
            )
            parts.append(rod((s * 0.2, 0, z + 0.25), (s * 0.5, 0, z + 0.75), 0.025, 0.01, 5))
    return join_meshes(*parts, ball((0, 0, 1.05), (0.1, 0.1, 0.2), 7))


PLANTS: dict[str, Draw] = {
    function.__name__: function
    for function in (
        palm, daisy, tulip, sunflower, agave, bamboo, fern, pine_cone, potted_plant, bush, umbrella_tree,
        apple, pear, banana_bunch, pineapple, grapes, cherries, strawberry, carrot, maize, pea_pod, garlic,
        melon_slice, mushroom_cluster, wheat_ear,
    )
}  # fmt: skip
