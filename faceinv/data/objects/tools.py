"""Tools: of the workshop and of the garden."""

from __future__ import annotations

import numpy as np

from faceinv.data.objects.assembly import (
    body,
    bow,
    disc,
    hoop,
    mirrored,
    slab,
    turned_about,
)
from faceinv.data.objects.meshes import Draw, Solid, ball, box, hull, join_meshes, near, rod, tube


def spanner(rng: np.random.Generator) -> Solid:
    gap = near(rng, 0.17)
    jaw = [
        (-0.14, 0.55),
        (-0.42, 0.75),
        (-0.42, 1.1),
        (-gap, 1.3),
        (-gap, 0.95),
        (gap, 0.95),
        (gap, 1.3),
        (0.42, 1.1),
        (0.42, 0.75),
        (0.14, 0.55),
        (0.14, -0.8),
        (-0.14, -0.8),
    ]
    eye = hoop(0.24, 0.11, (0, 0, -1.0), "y")
    return join_meshes(slab(jaw, 0.2), eye)


def pliers(rng: np.random.Generator) -> Solid:
    open_ = near(rng, 0.35)
    half = join_meshes(
        bow((0.05, 0, 0.1), (0.3, 0, -0.4), (open_, 0, -1.1), thick=0.1),
        hull(
            [
                (x, y, z)
                for y in (-0.1, 0.1)
                for x, z in ((0.0, -0.05), (0.24, 0.05), (0.22, 0.5), (0.1, 0.85), (0.04, 0.85))
            ]
        ),
    )
    return join_meshes(mirrored(half, 0), disc((0, 0, 0.05), 0.22, 0.3, "y"))


def hand_saw(rng: np.random.Generator) -> Solid:
    wide, n = near(rng, 0.5), 12
    x = np.linspace(-0.5, 1.3, 2 * n + 1)
    teeth = [(a, (0.0 if k % 2 else -0.11)) for k, a in enumerate(x)]
    leaf_ = slab([*teeth, (1.3, 0.25), (-0.5, wide)], 0.06)
    grip = hoop(0.3, 0.1, (-0.75, 0, wide / 2), "y")
    return join_meshes(leaf_, grip, box((-0.55, 0, wide / 2), (0.2, 0.16, wide)))


def shovel(rng: np.random.Generator) -> Solid:
    w = near(rng, 0.35)
    pan = slab(
        [(-w, -0.45), (w, -0.45), (w, -0.9), (0.5 * w, -1.2), (0, -1.3), (-0.5 * w, -1.2), (-w, -0.9)], 0.08
    )
    return join_meshes(
        pan,
        rod((0, 0, -0.9), (0, 0, 1), 0.07),
        rod((-0.28, 0, 1.25), (0.28, 0, 1.25), 0.07),
        mirrored(bow((0.02, 0, 0.9), (0.22, 0, 1.05), (0.25, 0, 1.25), thick=0.055), 0),
    )


def rake(rng: np.random.Generator) -> Solid:
    w, n = near(rng, 0.55), 7
    tines = [bow((x, 0, -1), (x, -0.1, -1.15), (x, -0.05, -1.45), thick=0.05) for x in np.linspace(-w, w, n)]
    return join_meshes(rod((0, 0, -1), (0, 0, 1.2), 0.06), rod((-w, 0, -1), (w, 0, -1), 0.07), *tines)


def pickaxe(rng: np.random.Generator) -> Solid:
    bend = near(rng, 0.3)
    head = bow(
        (-0.95, 0, 0.85 - bend),
        (-0.4, 0, 0.92),
        (0.4, 0, 0.92),
        (0.95, 0, 0.85 - bend),
        count=18,
        thick=np.interp(np.linspace(0, 1, 18), [0, 0.5, 1], [0.02, 0.17, 0.02]),
    )
    return join_meshes(head, rod((0, 0, -1.2), (0, 0, 1.05), 0.09))


def scissors(rng: np.random.Generator) -> Solid:
    angle = near(rng, 16, 0.4)
    half = join_meshes(
        hull(
            [
                (x, y, z)
                for y in (0.0, 0.07)
                for x, z in ((-0.09, -0.1), (0.1, -0.1), (0.12, 0.1), (0.02, 1.2))
            ]
        ),
        hoop(0.24, 0.08, (-0.15, 0.03, -0.85), "y"),
        rod((0, 0.03, 0), (-0.08, 0.03, -0.6), 0.08),
    )
    return join_meshes(
        turned_about(half, "y", angle),
        turned_about(mirrored_only(half), "y", -angle, (0, -0.05, 0)),
        disc((0, 0, 0), 0.1, 0.22, "y", 12),
    )


def mirrored_only(solid: Solid) -> Solid:
    """The mirror image of a solid, left for right."""
    return Solid(solid.points * [-1, 1, 1], solid.triangles[:, ::-1])


def hand_drill(rng: np.random.Generator) -> Solid:
    long = near(rng, 0.55)
    t = np.linspace(0, 1, 40)
    twist = tube(np.stack([0.7 + long * t, 0.05 * np.cos(28 * t), 0.4 + 0.05 * np.sin(28 * t)], 1), 0.05, 6)
    return join_meshes(
        rod((-0.6, 0, 0.4), (0.35, 0, 0.4), 0.28, 0.24, 14),
        rod((0.35, 0, 0.4), (0.7, 0, 0.4), 0.2, 0.1, 12),
        twist,
        hull(
            [
                (x, y, z)
                for y in (-0.14, 0.14)
                for x, z in ((-0.45, 0.3), (-0.1, 0.3), (-0.3, -0.7), (-0.6, -0.7))
            ]
        ),
        box((-0.45, 0, -0.78), (0.55, 0.4, 0.22)),
        bow((-0.05, 0, 0.15), (0.0, 0, 0.0), (-0.15, 0, -0.1), thick=0.06),
    )


def wood_screw(rng: np.random.Generator) -> Solid:
    t, turns = np.linspace(0, 1, 70), near(rng, 5, 0.15)
    away = 0.28 * (1 - 0.75 * t)
    thread = tube(
        np.stack(
            [away * np.cos(2 * np.pi * turns * t), away * np.sin(2 * np.pi * turns * t), 0.6 - 1.7 * t], 1
        ),
        0.07,
        6,
    )
    head = join_meshes(rod((0, 0, 0.85), (0, 0, 1.1), 0.3, 0.6, 18), disc((0, 0, 1.14), 0.6, 0.08))
    slot = box((0, 0, 1.2), (1.0, 0.14, 0.12))
    return join_meshes(thread, rod((0, 0, 0.9), (0, 0, -1.2), 0.24, 0.03, 12), head, slot)


def bolt_and_nut(rng: np.random.Generator) -> Solid:
    at = rng.uniform(-0.8, 0.0)
    rings = [disc((0, 0, z), 0.31, 0.06) for z in np.arange(-1.1, 0.5, 0.13)]
    nut = disc((0, 0, at), 0.56, 0.36, sides=6)
    return join_meshes(
        rod((0, 0, -1.15), (0, 0, 0.7), 0.26, sides=12),
        disc((0, 0, 0.85), near(rng, 0.62, 0.1), 0.4, sides=6),
        *rings,
        nut,
    )


def paint_brush(rng: np.random.Generator) -> Solid:
    w, lean = near(rng, 0.42), rng.uniform(-0.1, 0.1)
    hairs = [
        rod((x, y, -0.4), (1.15 * x + lean, 1.2 * y, -1.1 - 0.08 * np.cos(9 * x)), 0.065, 0.04, 5)
        for x in np.linspace(-w, w, 8)
        for y in (-0.08, 0.08)
    ]
    return join_meshes(
        *hairs,
        box((0, 0, -0.2), (2.1 * w, 0.3, 0.45)),
        body([(0, 0, w, 0.12), (0.4, 0, 0.14, 0.1), (0.9, 0, 0.17, 0.12), (1.2, 0, 0.1, 0.08)]).moved(
            matrix=np.array([[0, 1, 0], [0, 0, 1], [1, 0, 0]])
        ),
    )


def broom(rng: np.random.Generator) -> Solid:
    wide = near(rng, 0.5)
    straws = [
        rod((0.35 * x, y, -0.45), (x, 1.5 * y, -1.2), 0.06, 0.045, 5)
        for x in np.linspace(-wide, wide, 9)
        for y in (-0.07, 0.07)
    ]
    return join_meshes(
        *straws,
        rod((0, 0, -0.6), (0, 0, 1.3), 0.06),
        ball((0, 0, -0.45), (0.26, 0.16, 0.14), 8),
        rod((-0.62 * wide, 0, -0.75), (0.62 * wide, 0, -0.75), 0.1),
    )


def padlock(rng: np.random.Generator) -> Solid:
    w, lift = near(rng, 0.6), rng.uniform(0, 0.3)
    t = np.linspace(0, np.pi, 14)
    shackle = bow(
        (-0.4, 0, 0),
        *[(-0.4 * np.cos(a), 0, 0.35 + lift + 0.4 * np.sin(a)) for a in t],
        (0.4, 0, lift if lift > 0.15 else 0),
        thick=0.1,
        count=26,
    )
    return join_meshes(
        box((0, 0, -0.4), (2 * w, 0.5, 0.9)),
        shackle,
        disc((0, -0.26, -0.35), 0.14, 0.08, "y", 14),
        box((0, -0.26, -0.55), (0.1, 0.08, 0.3)),
    )


def drawing_compass(rng: np.random.Generator) -> Solid:
    apart = near(rng, 0.5)
    return join_meshes(
        rod((0, 0, 0.8), (-apart, 0, -0.9), 0.1, 0.06),
        rod((-apart, 0, -0.9), (-1.15 * apart, 0, -1.2), 0.04, 0.01),
        rod((0, 0, 0.8), (apart, 0, -0.9), 0.1, 0.07),
        rod((apart, 0, -0.6), (apart, 0, -1.15), 0.09, 0.02),
        disc((0, 0, 0.8), 0.2, 0.22, "y", 16),
        rod((0, 0, 0.9), (0, 0, 1.25), 0.07),
    )


def sickle(rng: np.random.Generator) -> Solid:
    t = np.linspace(0, 1, 24)
    angle = -0.6 + near(rng, 3.6, 0.08) * t
    crescent = tube(
        np.stack([0.7 * np.cos(angle) - 0.5, 0 * t, 0.45 + 0.7 * np.sin(angle)], 1),
        np.interp(t, [0, 0.4, 1], [0.09, 0.17, 0.01]),
        8,
        section=(1, 0.35),
    )
    return join_meshes(crescent, rod((0.08, 0, 0.05), (-0.1, 0, -0.95), 0.1, 0.12))


def hand_clamp(rng: np.random.Generator) -> Solid:
    gap = near(rng, 0.6)
    frame_ = bow(
        (0.6, 0, gap),
        (-0.5, 0, gap + 0.05),
        (-0.6, 0, 0),
        (-0.5, 0, -gap - 0.05),
        (0.6, 0, -gap),
        thick=0.12,
        count=30,
        sides=4,
    )
    return join_meshes(
        frame_,
        rod((0.6, 0, -gap - 0.45), (0.6, 0, rng.uniform(0, 0.4)), 0.08),
        disc((0.6, 0, 0.1), 0.17, 0.08),
        rod((0.3, 0, -gap - 0.45), (0.9, 0, -gap - 0.45), 0.045),
        box((0.6, 0, gap), (0.3, 0.26, 0.22)),
    )


TOOLS: dict[str, Draw] = {
    function.__name__: function
    for function in (
        spanner, pliers, hand_saw, shovel, rake, pickaxe, scissors, hand_drill, wood_screw, bolt_and_nut,
        paint_brush, broom, padlock, drawing_compass, sickle, hand_clamp,
    )
}  # fmt: skip
