"""Artefacts: classes of the object set that are composed of parts: furniture, tools, buildings, vehicles."""

from __future__ import annotations

from math import tau as TAU

import numpy as np

from faceinv.data.objects.meshes import (
    Draw,
    Solid,
    ball,
    box,
    faceted,
    hull,
    join_meshes,
    near,
    rod,
    smooth_curve,
    tube,
    turn,
)
from faceinv.data.objects.natural import cactus, fir, fish, fork_hand, quadruped, spider, tree


def helix(t: np.ndarray, turns: float, radius: np.ndarray | float, height: float) -> tuple:
    """Points of a helix about z."""
    return radius * np.cos(TAU * turns * t), radius * np.sin(TAU * turns * t), height * (t - 0.5)


def legs(rng: np.random.Generator, x: float, y: float, top: float, thick: float) -> list[Solid]:
    """Four legs down to z = -1."""
    spread = rng.uniform(1, 1.2)
    return [
        rod((sx * x * spread, sy * y * spread, -1), (sx * x, sy * y, top), thick)
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]


def table(rng: np.random.Generator) -> Solid:
    x, y, top = near(rng, 0.9), near(rng, 0.6), rng.uniform(-0.2, 0.2)
    return join_meshes(box((0, 0, top), (2.2 * x, 2.2 * y, 0.14)), *legs(rng, 0.9 * x, 0.9 * y, top, 0.08))


def chair(rng: np.random.Generator) -> Solid:
    high = near(rng, 1.0)
    back = box((0, 0.5, high / 2), (1.1, 0.13, high))
    return join_meshes(box((0, 0, 0), (1.1, 1.1, 0.14)), back, *legs(rng, 0.45, 0.45, 0, 0.08))


def round_stool(rng: np.random.Generator) -> Solid:
    feet = [(np.cos(a), np.sin(a)) for a in TAU * np.arange(3) / 3]
    seat = rod((0, 0, 0.1), (0, 0, near(rng, 0.35)), near(rng, 0.75), sides=24)
    return join_meshes(seat, *(rod((0.8 * x, 0.8 * y, -1), (0.35 * x, 0.35 * y, 0.1), 0.09) for x, y in feet))


def mug(rng: np.random.Generator) -> Solid:
    r, h = near(rng, 0.6), near(rng, 0.7)
    wall = [(0, -h), (r, -h), (r, h), (0.85 * r, h), (0.85 * r, -0.8 * h), (0, -0.8 * h)]
    loop = [
        (r * 0.9, 0, 0.6 * h),
        (r + 0.35, 0, 0.55 * h),
        (r + 0.45, 0, 0),
        (r + 0.35, 0, -0.5 * h),
        (r * 0.9, 0, -0.6 * h),
    ]
    return join_meshes(faceted(turn(wall, 24)), tube(smooth_curve(loop, 20), 0.1))


def teapot(rng: np.random.Generator) -> Solid:
    spout = smooth_curve([(0.5, 0, -0.2), (0.9, 0, 0.0), (1.15, 0, near(rng, 0.5))], 14)
    loop = smooth_curve([(-0.6, 0, 0.35), (-1.1, 0, 0.4), (-1.15, 0, -0.1), (-0.65, 0, -0.3)], 18)
    body = ball(radius=(0.75, 0.75, near(rng, 0.6)))
    return join_meshes(
        body, ball((0, 0, 0.65), 0.13, 6), tube(spout, np.linspace(0.2, 0.09, 14)), tube(loop, 0.08)
    )


def dumbbell(rng: np.random.Generator) -> Solid:
    r, half = near(rng, 0.4), near(rng, 0.8)
    return join_meshes(rod((-half, 0, 0), (half, 0, 0), 0.13), *(ball((s * half, 0, 0), r) for s in (-1, 1)))


def barbell(rng: np.random.Generator) -> Solid:
    discs = [
        rod((s * x, 0, 0), (s * (x + 0.12), 0, 0), r, sides=24)
        for s in (-1, 1)
        for x, r in ((0.6, 0.6), (0.8, 0.4))
    ]
    return join_meshes(rod((-1.2, 0, 0), (1.2, 0, 0), near(rng, 0.07)), *discs)


def hammer(rng: np.random.Generator) -> Solid:
    head = rod((-near(rng, 0.5), 0, 0.9), (near(rng, 0.5), 0, 0.9), near(rng, 0.24), sides=8)
    return join_meshes(rod((0, 0, -1), (0, 0, 0.9), 0.1), head)


def axe(rng: np.random.Generator) -> Solid:
    w = near(rng, 0.75)
    blade = hull(
        [(0, s * 0.12, 0.9 + e * 0.2) for s in (-1, 1) for e in (-1, 1)] + [(w, 0, 0.4), (w, 0, 1.35)]
    )
    return join_meshes(rod((0, 0, -1.1), (0, 0, 1.2), 0.09), blade)


def snowman(rng: np.random.Generator) -> Solid:
    a, b, c = near(rng, 0.6, 0.12), near(rng, 0.45, 0.12), near(rng, 0.3, 0.12)
    z = a + 0.8 * b
    nose = rod((0, -c, z + 0.8 * (b + c)), (0, -c - 0.35, z + 0.8 * (b + c)), 0.09, 0.01)
    return join_meshes(ball(radius=a), ball((0, 0, z), b), ball((0, 0, z + 0.8 * (b + c)), c), nose)


def stairs(rng: np.random.Generator) -> Solid:
    rise, wide = near(rng, 0.36), near(rng, 1.2)
    return join_meshes(
        *(box((0.4 * k, 0, rise * (k + 1) / 2), (0.4, wide, rise * (k + 1))) for k in range(5))
    )


def house(rng: np.random.Generator) -> Solid:
    w, d, h = near(rng, 0.7), near(rng, 0.9), near(rng, 0.5)
    roof = [(sx * 1.2 * w, sy * 1.1 * d, h) for sx in (-1, 1) for sy in (-1, 1)] + [
        (0, sy * 1.1 * d, h + near(rng, 0.7)) for sy in (-1, 1)
    ]
    return join_meshes(
        box((0, 0, 0), (2 * w, 2 * d, 2 * h)), hull(roof), box((0.5 * w, 0.4 * d, h + 0.5), (0.2, 0.2, 0.7))
    )


def castle(rng: np.random.Generator) -> Solid:
    w = near(rng, 0.8, 0.1)
    towers = [
        rod((sx * w, sy * w, -0.7), (sx * w, sy * w, 0.7), 0.28, sides=10) for sx in (-1, 1) for sy in (-1, 1)
    ]
    caps = [
        rod((sx * w, sy * w, 0.7), (sx * w, sy * w, 1.3), 0.36, 0.01, 10) for sx in (-1, 1) for sy in (-1, 1)
    ]
    return join_meshes(box((0, 0, -0.25), (2 * w, 2 * w, 0.9)), *towers, *caps)


def temple(rng: np.random.Generator) -> Solid:
    n = 4
    pillars = [rod((x, y, -0.6), (x, y, 0.5), 0.13) for x in np.linspace(-0.9, 0.9, n) for y in (-0.45, 0.45)]
    roof = hull(
        [(sx * 1.15, sy * 0.65, 0.6) for sx in (-1, 1) for sy in (-1, 1)]
        + [(0, sy * 0.65, near(rng, 1.1)) for sy in (-1, 1)]
    )
    return join_meshes(box((0, 0, -0.7), (2.4, 1.4, 0.2)), roof, *pillars)


def umbrella(rng: np.random.Generator) -> Solid:
    dish = [
        (0.02, 1),
        (0.5, 0.85),
        (0.85, near(rng, 0.6)),
        (1.0, 0.35),
        (0.9, 0.35),
        (0.5, 0.7),
        (0.02, 0.85),
    ]
    crook = smooth_curve([(0, 0, 0.9), (0, 0, -0.2), (0, 0, -0.9), (0.15, 0, -1.1), (0.3, 0, -0.9)], 24)
    return join_meshes(turn(smooth_curve(dish[::-1], 24)), tube(crook, 0.06))


def lamp(rng: np.random.Generator) -> Solid:
    shade = rod((0, 0, 0.3), (0, 0, near(rng, 0.95)), near(rng, 0.7), near(rng, 0.35), 20)
    return join_meshes(
        shade, rod((0, 0, -0.9), (0, 0, 0.4), 0.07), rod((0, 0, -1), (0, 0, -0.85), near(rng, 0.5), sides=20)
    )


def rocket(rng: np.random.Generator) -> Solid:
    r = near(rng, 0.32)
    body = turn(smooth_curve([(0, -0.9), (0.7 * r, -0.9), (r, -0.2), (r, 0.4), (0.5 * r, 0.9), (0, 1.2)], 30))
    fins = [
        hull(
            [
                (c * x - s * y, s * x + c * y, z)
                for x, z in ((0.2, -0.2), (0.9, -0.9), (0.9, -1.2), (0.2, -0.9))
                for y in (-0.05, 0.05)
            ]
        )
        for c, s in ((np.cos(a), np.sin(a)) for a in TAU * np.arange(4) / 4)
    ]
    return join_meshes(body, *fins)


def aeroplane(rng: np.random.Generator) -> Solid:
    span, back = near(rng, 1.1), near(rng, 0.35)
    wing = [(x + back * abs(y), y * span, z) for y in (-1, 0, 1) for x in (-0.25, 0.2) for z in (-0.04, 0.04)]
    left, right = ([p for p in wing if s * p[1] >= 0] for s in (-1, 1))
    tail = hull(
        [(x, y, z) for y in (-0.03, 0.03) for x, z in ((0.7, 0.1), (1.0, 0.1), (1.05, 0.55), (0.9, 0.55))]
    )
    body = ball(radius=(1.1, 0.18, 0.18), detail=14)
    return join_meshes(body, hull(left), hull(right), tail, box((0.95, 0, 0.08), (0.2, 0.8, 0.06)))


def car(rng: np.random.Generator) -> Solid:
    long, cabin = near(rng, 1.0, 0.15), near(rng, 0.45)
    roof = [
        (sx * x * long + 0.1, sy * 0.42, z)
        for sx in (-1, 1)
        for sy in (-1, 1)
        for x, z in ((0.6, 0.2), (0.35, 0.2 + cabin))
    ]
    wheels = [
        rod((sx * 0.6 * long, sy * 0.52, -0.2), (sx * 0.6 * long, sy * 0.36, -0.2), 0.26, sides=16)
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]
    return join_meshes(box((0, 0, 0), (2 * long, 0.9, 0.42)), hull(roof), *wheels)


def wheel(rng: np.random.Generator) -> Solid:
    t, n = np.linspace(0, TAU, 40, endpoint=False), 8
    rim = tube(np.stack([np.cos(t), 0 * t, np.sin(t)], 1), near(rng, 0.12), 8, closed=True)
    spokes = [rod((0, 0, 0), (np.cos(a), 0, np.sin(a)), near(rng, 0.05)) for a in TAU * np.arange(n) / n]
    return join_meshes(rim, rod((0, -0.2, 0), (0, 0.2, 0), 0.2, sides=12), *spokes)


def windmill(rng: np.random.Generator) -> Solid:
    start = rng.uniform(0, TAU / 4)
    blades = [
        hull(
            [
                (r * np.cos(a + w), -0.5 + d, 0.8 + r * np.sin(a + w))
                for r in (0.15, 1.0)
                for w in (-0.12, 0.12)
                for d in (-0.03, 0.03)
            ]
        )
        for a in start + TAU * np.arange(4) / 4
    ]
    return join_meshes(
        rod((0, 0, -1), (0, 0, 0.8), 0.45, 0.28, 8),
        rod((0, 0, 0.8), (0, 0, 1.2), 0.36, 0.01, 8),
        rod((0, 0, 0.8), (0, -0.5, 0.8), 0.08),
        *blades,
    )


def chain(links: int, rng: np.random.Generator) -> Solid:
    """Links of a chain, each rotated against the previous one."""
    t, long = np.linspace(0, TAU, 32, endpoint=False), near(rng, 0.5, 0.15)
    parts = []
    for k in range(links):
        flat = np.stack([0.3 * np.cos(t), 0 * t, long * np.sin(t)], 1)
        path = flat if k % 2 else flat[:, [1, 0, 2]]
        parts.append(tube(path + np.array([0, 0, 1.5 * long * k]), 0.09, 6, closed=True))
    return join_meshes(*parts)


def double_helix(rng: np.random.Generator) -> Solid:
    t, turns = np.linspace(0, 1, 48), near(rng, 1.3)
    strands = [np.stack(helix(t + 0, turns, 0.45, 2.2), 1) * [s, s, 1] for s in (-1, 1)]
    rungs = [rod(strands[0][k], strands[1][k], 0.05, sides=6) for k in range(3, 48, 6)]
    return join_meshes(*(tube(strand, 0.1) for strand in strands), *rungs)


def stacked_balls(rng: np.random.Generator) -> Solid:
    """Four balls that touch."""
    r = near(rng, 0.55, 0.1)
    return join_meshes(
        *(ball(p, r, 10) for p in 0.6 * np.array([(1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)]))
    )


def bird_cage(rng: np.random.Generator) -> Solid:
    """Bars in the shape of a dome."""
    t = np.linspace(0, 1, 16)
    bars = []
    for a in TAU * np.arange(8) / 8:
        away, z = (
            0.7 * np.cos(np.pi / 2 * np.clip(2 * t - 1, 0, 1)),
            -0.8 + 1.0 * np.clip(2 * t, 0, 1) + 0.7 * np.sin(np.pi / 2 * np.clip(2 * t - 1, 0, 1)),
        )
        bars.append(tube(np.stack([away * np.cos(a), away * np.sin(a), z * near(rng, 1, 0.0)], 1), 0.045, 5))
    return join_meshes(rod((0, 0, -0.95), (0, 0, -0.75), near(rng, 0.8, 0.1), sides=24), *bars)


def interlocked(rng: np.random.Generator) -> Solid:
    """Two interlocked rings."""
    t, thick = np.linspace(0, TAU, 48, endpoint=False), near(rng, 0.14)
    one = np.stack([np.cos(t) - 0.5, np.sin(t), 0 * t], 1)
    other = np.stack([np.cos(t) + 0.5, 0 * t, np.sin(t)], 1)
    return join_meshes(tube(one, thick, closed=True), tube(other, thick, closed=True))


def key(rng: np.random.Generator) -> Solid:
    t = np.linspace(0, TAU, 32, endpoint=False)
    bow = tube(np.stack([0.4 * np.cos(t), 0 * t, 0.9 + 0.4 * np.sin(t)], 1), 0.11, closed=True)
    bits = [box((near(rng, 0.22), 0, z), (0.4, 0.12, 0.16)) for z in (-0.95, -0.62)]
    return join_meshes(bow, rod((0, 0, 0.5), (0, 0, -1.05), 0.11), *bits)


def anchor(rng: np.random.Generator) -> Solid:
    t = np.linspace(-0.1, 1.1, 30)
    wide = near(rng, 0.75)
    arc = np.stack([-wide * np.cos(np.pi * t), 0 * t, -0.35 - 0.65 * np.sin(np.pi * t)], 1)
    ring = np.linspace(0, TAU, 24, endpoint=False)
    eye = tube(np.stack([0.2 * np.cos(ring), 0 * ring, 1.1 + 0.2 * np.sin(ring)], 1), 0.07, closed=True)
    return join_meshes(
        tube(arc, 0.11), rod((0, 0, -1), (0, 0, 0.9), 0.1), rod((-0.45, 0, 0.55), (0.45, 0, 0.55), 0.08), eye
    )


ARTEFACTS: dict[str, Draw] = {
    function.__name__: function
    for function in (
        tree, fir, cactus, table, chair, round_stool, mug, teapot, dumbbell, barbell, hammer, axe, snowman,
        stairs, house, castle, temple, umbrella, lamp, rocket, aeroplane, car, wheel, windmill, double_helix,
        stacked_balls, fork_hand, spider, quadruped, fish, bird_cage, interlocked, key, anchor,
    )
}  # fmt: skip
