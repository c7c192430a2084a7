"""Natural objects: classes of the object set that are composed of parts: plants, animals, a hand."""

from __future__ import annotations

from math import tau as TAU

import numpy as np

from faceinv.data.objects.meshes import Solid, ball, hull, join_meshes, near, rod, smooth_curve, tube


def branch(
    rng: np.random.Generator, start: np.ndarray, direction: np.ndarray, level: int, angle: float
) -> list[Solid]:
    """A branch and, recursively, those that grow from its end."""
    end = start + direction
    thick = 0.16 * float(np.linalg.norm(direction))
    parts = [rod(start, end, thick, 0.7 * thick, 6)]
    if level:
        spin = rng.uniform(0, TAU)
        side = np.cross(direction, [np.cos(spin), np.sin(spin), 0.3])
        side /= np.linalg.norm(side)
        for sign in (-1, 1):
            bent = np.cos(angle) * direction + sign * np.sin(angle) * np.linalg.norm(direction) * side
            parts += branch(rng, end, near(rng, 0.72, 0.1) * bent, level - 1, angle)
    return parts


def tree(rng: np.random.Generator) -> Solid:
    return join_meshes(*branch(rng, np.zeros(3), np.array([0, 0, 1.0]), 3, near(rng, 0.6)))


def fir(rng: np.random.Generator) -> Solid:
    wide = near(rng, 0.8)
    cones = [rod((0, 0, z), (0, 0, z + 0.9), wide * s, 0.01, 12) for z, s in ((0, 1), (0.5, 0.8), (1, 0.55))]
    return join_meshes(rod((0, 0, -0.5), (0, 0, 0.2), 0.14), *cones)


def cactus(rng: np.random.Generator) -> Solid:
    def arm(side: int, z: float) -> Solid:
        knots = [
            (0, 0, z),
            (side * 0.45, 0, z + 0.02),
            (side * 0.55, 0, z + 0.25),
            (side * 0.55, 0, z + near(rng, 0.7)),
        ]
        return tube(smooth_curve(knots, 16), 0.15)

    return join_meshes(
        tube(smooth_curve([(0, 0, -1), (0, 0, 0), (0, 0, 1)], 12), 0.24),
        arm(1, near(rng, -0.2)),
        arm(-1, 0.1),
    )


def fork_hand(rng: np.random.Generator) -> Solid:
    """A palm with five fingers."""
    fingers = [
        tube(smooth_curve([(x, 0, 0.3), (1.2 * x, -0.05, 0.8), (1.35 * x, -0.3, h)], 10), 0.12)
        for x, h in zip(
            (-0.45, -0.15, 0.15, 0.45), np.array([1.15, 1.3, 1.25, 1.0]) * near(rng, 1, 0.1), strict=True
        )
    ]
    thumb = tube(smooth_curve([(0.4, 0, -0.3), (0.8, -0.1, 0), (0.95, -0.2, near(rng, 0.4))], 10), 0.13)
    return join_meshes(ball(radius=(0.6, 0.2, 0.6)), *fingers, thumb)


def spider(rng: np.random.Generator) -> Solid:
    legs_ = []
    for a in np.concatenate([s * np.array([0.3, 0.9, 1.5, 2.1]) for s in (-1, 1)]) - 0.0:
        c, s = np.cos(a + np.pi / 10), np.sin(a + np.pi / 10) if a > 0 else np.sin(a - np.pi / 10)
        knots = [(0.2 * c, 0.2 * s, 0), (0.7 * c, 0.7 * s, near(rng, 0.5)), (1.15 * c, 1.15 * s, -0.5)]
        legs_.append(tube(smooth_curve(knots, 9), 0.06, 6))
    return join_meshes(
        ball(radius=(0.4, 0.3, 0.25), detail=9), ball((-0.6, 0, 0.1), (0.45, 0.38, 0.35), 9), *legs_
    )


def quadruped(rng: np.random.Generator) -> Solid:
    long, leg = near(rng, 0.7), near(rng, 0.75)
    feet = [
        rod((x, y, 0), (x * 1.1, y * 1.1, -leg), 0.13, 0.1)
        for x in (-0.6 * long, 0.6 * long)
        for y in (-0.2, 0.2)
    ]
    neck = rod((0.8 * long, 0, 0.1), (long + 0.25, 0, near(rng, 0.6)), 0.17)
    head = ball((long + 0.4, 0, 0.6), (0.32, 0.18, 0.2), 9)
    tail = tube(smooth_curve([(-0.9 * long, 0, 0.1), (-long - 0.3, 0, 0.2), (-long - 0.4, 0, 0.6)], 10), 0.06)
    return join_meshes(ball(radius=(long, 0.33, 0.35)), neck, head, tail, *feet)


def fish(rng: np.random.Generator) -> Solid:
    h = near(rng, 0.45)
    tail = hull(
        [(-0.8, 0.04 * s, 0) for s in (-1, 1)] + [(-1.4, 0.03 * s, z) for s in (-1, 1) for z in (-0.5, 0.5)]
    )
    fin = hull(
        [
            (x, 0.04 * s, z)
            for s in (-1, 1)
            for x, z in ((-0.3, h * 0.8), (0.4, h * 0.8), (-0.35, h + near(rng, 0.35)))
        ]
    )
    return join_meshes(ball(radius=(1, 0.25, h)), tail, fin)
