"""Machine parts and musical instruments."""

from __future__ import annotations

import numpy as np

from faceinv.data.objects.assembly import (
    around,
    bow,
    disc,
    hoop,
    mirrored,
    revolved,
    slab,
    turned_about,
    washer_of,
)
from faceinv.data.objects.meshes import Draw, Solid, ball, box, hull, join_meshes, near, rod, tube


def crankshaft(rng: np.random.Generator) -> Solid:
    off, parts = near(rng, 0.35), []
    for k, x in enumerate(np.linspace(-0.9, 0.9, 4)):
        z = off if k % 2 else -off
        parts += [
            rod((x - 0.12, 0, z), (x + 0.12, 0, z), 0.15, sides=12),
            *(box((x + s * 0.16, 0, 0.3 * z), (0.09, 0.42, 0.95)) for s in (-1, 1)),
        ]
        parts.append(rod((x + 0.2, 0, 0), (x + 0.4, 0, 0), 0.16, sides=12))
    return join_meshes(
        *parts, rod((-1.4, 0, 0), (-1.05, 0, 0), 0.16, sides=12), disc((1.35, 0, 0), 0.45, 0.14, "x")
    )


def piston(rng: np.random.Generator) -> Solid:
    lean = near(rng, 12, 0.9)
    rod_ = turned_about(
        join_meshes(
            box((0, 0, -0.5), (0.2, 0.14, 1.0)),
            hoop(0.28, 0.11, (0, 0, -1.1), "y"),
            hoop(0.14, 0.08, (0, 0, 0), "y"),
        ),
        "y",
        lean,
        (0, 0, 0.35),
    )
    grooves = [hoop(0.5, 0.035, (0, 0, z)) for z in (0.65, 0.78, 0.91)]
    return join_meshes(
        revolved(
            (0.4, 0.1), (0.5, 0.1), (0.5, 1.0), (0, 1.0), (0, 0.85), (0.4, 0.85), (0.4, 0.1), smooth=False
        ),
        rod_,
        *grooves,
    )


def ball_bearing(rng: np.random.Generator) -> Solid:
    n, turn_ = int(rng.integers(8, 12)), near(rng, 50, 0.4)
    t = np.ones(48)
    whole = join_meshes(
        washer_of(t, 0.84, 0.4, "z"),
        washer_of(0.52 * t, 0.34, 0.4, "z"),
        around(ball((0.68, 0, 0), 0.16, 9), n),
    )
    return turned_about(whole, "x", turn_)


def pulley_block(rng: np.random.Generator) -> Solid:
    r = near(rng, 0.5, 0.12)
    wheel_ = join_meshes(
        disc((0, 0, 0), 0.85 * r, 0.24, "y"), *(disc((0, y, 0), r, 0.07, "y") for y in (-0.14, 0.14))
    )
    plate_ = slab([(-0.22, -0.3), (0.22, -0.3), (0.22, 0.75), (-0.22, 0.75)], 0.07).moved((0, -0.25, 0))
    hook_ = bow((0, 0, 0.8), (0, 0, 1.0), (0.22, 0, 1.2), (0, 0, 1.42), (-0.2, 0, 1.25), thick=0.07, count=22)
    ropes = [rod((s * 0.87 * r, 0, 0), (s * 0.87 * r, 0, -1.2), 0.05) for s in (-1, 1)]
    return join_meshes(
        wheel_,
        mirrored(plate_),
        hook_,
        *ropes,
        box((0, 0, 0.75), (0.4, 0.55, 0.14)),
        rod((0, -0.35, 0), (0, 0.35, 0), 0.09),
    )


def pipe_tee(rng: np.random.Generator) -> Solid:
    r, long = near(rng, 0.28), near(rng, 0.9, 0.12)
    lips = [disc((s * long, 0, 0), r + 0.16, 0.16, "x") for s in (-1, 1)] + [
        disc((0, 0, -long), r + 0.16, 0.16)
    ]
    return join_meshes(
        rod((-long, 0, 0), (long, 0, 0), r, sides=16), rod((0, 0, 0), (0, 0, -long), r, sides=16), *lips
    )


def pipe_bend(rng: np.random.Generator) -> Solid:
    r, t = near(rng, 0.25), np.linspace(0, np.pi / 2, 12)
    path = np.stack([0.6 * np.sin(t) - 0.6, 0 * t, 0.6 * np.cos(t) - 0.6], 1)
    path = np.concatenate([[(-1.3, 0, 0)], path, [(0, 0, -1.3)]])
    bolts = around(disc((0.33, 0, 0), 0.06, 0.24, sides=6), 6)
    flange = join_meshes(disc((0, 0, 0), 0.46, 0.14), bolts)
    return join_meshes(
        tube(path, r, 16), flange.moved((0, 0, -1.3)), turned_about(flange, "y", 90, (-1.3, 0, 0))
    )


def valve(rng: np.random.Generator) -> Solid:
    n = int(rng.integers(4, 7))
    wheel_ = join_meshes(hoop(0.5, 0.08), around(rod((0, 0, 0), (0.5, 0, 0), 0.05), n)).moved((0, 0, 0.85))
    return join_meshes(
        wheel_,
        rod((0, 0, 0), (0, 0, 0.9), 0.08),
        rod((-0.9, 0, -0.3), (0.9, 0, -0.3), near(rng, 0.24), sides=16),
        ball((0, 0, -0.25), 0.4, 10),
        *(disc((s * 0.9, 0, -0.3), 0.4, 0.15, "x") for s in (-1, 1)),
    )


def turbine(rng: np.random.Generator) -> Solid:
    n, twist = int(rng.integers(9, 14)), near(rng, 35)
    blade_ = turned_about(box((0, 0, 0), (0.62, 0.05, 0.32)), "x", twist, (0.6, 0, 0))
    whole = join_meshes(
        around(blade_, n),
        revolved((0, -0.3), (0.35, -0.3), (0.34, 0.2), (0.2, 0.5), (0, 0.62)),
        hoop(0.95, 0.06),
    )
    return turned_about(whole, "x", near(rng, 55, 0.4))


def worm_gear(rng: np.random.Generator) -> Solid:
    t = np.linspace(0, 1, 80)
    thread = tube(np.stack([2 * t - 1, 0.3 * np.cos(40 * t), 0.3 * np.sin(40 * t) - 0.6], 1), 0.08, 6)
    teeth = around(box((0.62, 0, 0), (0.2, 0.14, 0.26)), int(rng.integers(14, 20)))
    wheel_ = turned_about(
        join_meshes(disc((0, 0, 0), 0.58, 0.26), teeth, disc((0, 0, 0), near(rng, 0.2), 0.5)),
        "x",
        90,
        (0, 0, 0.35),
    )
    return join_meshes(thread, rod((-1.3, 0, -0.6), (1.3, 0, -0.6), 0.24, sides=12), wheel_)


def guitar(rng: np.random.Generator) -> Solid:
    t, waist = np.linspace(0, 2 * np.pi, 40, endpoint=False), near(rng, 0.16)
    z = -0.5 + 0.72 * np.cos(t)
    x = np.sin(t) * (0.5 - waist * np.exp(-(((z + 0.25) / 0.18) ** 2)) - 0.1 * (z + 0.5))
    pegs = [box((s * 0.14, 0, k), (0.16, 0.08, 0.06)) for s in (-1, 1) for k in (1.28, 1.4, 1.52)]
    return join_meshes(
        slab(np.stack([x, z], 1), 0.3),
        box((0, -0.12, 0.7), (0.15, 0.1, 1.2)),
        box((0, -0.1, 1.4), (0.22, 0.1, 0.36)),
        *pegs,
        disc((0, -0.15, -0.3), 0.17, 0.06, "y"),
        box((0, -0.18, -0.8), (0.36, 0.06, 0.08)),
    )


def trumpet(rng: np.random.Generator) -> Solid:
    bell_ = turned_about(
        revolved(
            (0, 0), (0.07, 0), (0.1, 0.5), (0.18, 0.75), (near(rng, 0.42), 0.95), (0.36, 0.95), (0, 0.6)
        ),
        "y",
        90,
        (0.5, 0, 0.2),
    )
    loop = bow(
        (0.5, 0, 0.2),
        (-0.8, 0, 0.2),
        (-0.95, 0, 0.0),
        (-0.8, 0, -0.2),
        (0.5, 0, -0.2),
        (0.65, 0, -0.05),
        (0.4, 0, 0.05),
        (-1.4, 0, 0.05),
        thick=0.065,
        count=50,
    )
    valves = [
        join_meshes(
            rod((x, 0, -0.35), (x, 0, 0.3), 0.09),
            rod((x, 0, 0.3), (x, 0, 0.48), 0.04),
            disc((x, 0, 0.5), 0.08, 0.05),
        )
        for x in (-0.25, -0.02, 0.21)
    ]
    return join_meshes(bell_, loop, *valves, rod((-1.55, 0, 0.05), (-1.4, 0, 0.05), 0.11, 0.05))


def grand_piano(rng: np.random.Generator) -> Solid:
    long = near(rng, 1.2, 0.12)
    plan = [
        (-0.9, 0),
        (0.9, 0),
        (0.9, 0.35),
        (0.55, 0.6),
        (0.2, 0.75 * long),
        (-0.3, long),
        (-0.75, long),
        (-0.9, 0.9 * long),
    ]
    case = turned_about(slab(plan, 0.35), "x", -90, (0, -0.4, 0))
    lid = turned_about(turned_about(slab(plan, 0.05), "x", -90), "y", near(rng, 40), (-0.22, -0.4, 0.78))
    legs_ = [
        rod((x, y, -0.1), (x, y, -0.85), 0.09, 0.06)
        for x, y in ((-0.75, -0.3), (0.75, -0.3), (-0.5, long - 0.6))
    ]
    return join_meshes(
        case,
        lid,
        *legs_,
        box((0, -0.5, -0.02), (1.7, 0.3, 0.14)),
        rod((0.75, -0.3, 0.1), (0.5, -0.2, 0.75), 0.03),
    )


def harp(rng: np.random.Generator) -> Solid:
    curve_ = near(rng, 0.25)
    neck = bow(
        (-0.7, 0, 0.75), (-0.2, 0, 0.75 + curve_), (0.35, 0, 0.75), (0.75, 0, 1.1), thick=0.1, count=22
    )
    chords = [
        rod((x, 0, 0.8 + 0.1 * np.sin(4 * x)), (x, 0, -0.9 + 1.2 * (0.7 - x) * 0.9), 0.022, sides=5)
        for x in np.linspace(-0.5, 0.55, 9)
    ]
    return join_meshes(
        neck,
        rod((0.75, 0, 1.1), (0.75, 0, -1.0), 0.09),
        rod((-0.7, 0, 0.75), (0.7, 0, -0.95), 0.13, 0.22),
        *chords,
        box((0.7, 0, -1.05), (0.55, 0.5, 0.16)),
    )


def drum_and_sticks(rng: np.random.Generator) -> Solid:
    r, n = near(rng, 0.7, 0.12), 8
    lace = [
        rod((r * np.cos(a), r * np.sin(a), -0.45), (r * np.cos(b), r * np.sin(b), 0.3), 0.03, sides=5)
        for a, b in zip(np.arange(n) * 2 * np.pi / n, (np.arange(n) + 0.5) * 2 * np.pi / n, strict=True)
    ]
    sticks = [
        join_meshes(rod((-0.9, y, 0.75), (0.5, -y, 0.45), 0.045), ball((0.5, -y, 0.45), 0.09, 7))
        for y in (-0.35, 0.35)
    ]
    return join_meshes(
        disc((0, 0, -0.08), r, 0.8), hoop(r, 0.06, (0, 0, 0.32)), hoop(r, 0.06, (0, 0, -0.48)), *lace, *sticks
    )


def xylophone(rng: np.random.Generator) -> Solid:
    n = int(rng.integers(7, 10))
    bars = [
        box((x, 0, 0.1), (1.5 / n, 1.1 - 0.5 * k / n, 0.1)) for k, x in enumerate(np.linspace(-0.95, 0.95, n))
    ]
    rails = [
        hull(
            [(-1.1, s * 0.42 + d, z) for d in (-0.06, 0.06) for z in (-0.1, 0.06)]
            + [(1.1, s * 0.2 + d, z) for d in (-0.06, 0.06) for z in (-0.1, 0.06)]
        )
        for s in (-1, 1)
    ]
    beater = join_meshes(rod((-0.5, -0.4, 0.3), (0.6, -0.9, 0.35), 0.035), ball((-0.5, -0.4, 0.3), 0.12, 7))
    return turned_about(join_meshes(*bars, *rails, beater), "x", 10)


def accordion(rng: np.random.Generator) -> Solid:
    n, wide = 9, near(rng, 0.8)
    folds = [
        box((x, 0, 0.04 * np.cos(np.pi * k)), (0.09, 0.55 + 0.1 * (k % 2), 1.0 + 0.14 * (k % 2)))
        for k, x in enumerate(np.linspace(-0.5 * wide, 0.5 * wide, n))
    ]
    ends = [box((s * (0.5 * wide + 0.25), 0, 0), (0.4, 0.6, 1.25)) for s in (-1, 1)]
    keys = [box((0.5 * wide + 0.52, -0.05, z), (0.18, 0.3, 0.1)) for z in np.linspace(-0.5, 0.5, 7)]
    return join_meshes(*folds, *ends, *keys)


def french_horn(rng: np.random.Generator) -> Solid:
    bell_ = turned_about(
        revolved((0, 0), (0.08, 0), (0.14, 0.4), (near(rng, 0.5), 0.8), (0.44, 0.8), (0, 0.4)),
        "x",
        60,
        (0.35, -0.05, -0.35),
    )
    return join_meshes(
        hoop(0.62, 0.08, (0, 0, 0.1), "y"),
        hoop(0.5, 0.06, (0, 0.12, 0.1), "y"),
        bell_,
        bow((-0.5, 0, 0.5), (-0.8, -0.1, 0.8), (-0.85, -0.2, 1.1), thick=0.05),
        *(disc((x, -0.1, 0.1), 0.1, 0.3, "y", 12) for x in (-0.25, -0.02, 0.21)),
    )


def saxophone(rng: np.random.Generator) -> Solid:
    path = [
        (-0.75, 0, 1.05),
        (-0.45, 0, 1.2),
        (-0.2, 0, 1.0),
        (-0.15, 0, 0),
        (-0.1, 0, -0.75),
        (0.2, 0, -1.0),
        (0.5, 0, -0.7),
        (near(rng, 0.62, 0.1), 0, 0.05),
    ]
    keys = [disc((-0.02, -0.12, z), 0.1, 0.1, "y", 12) for z in np.linspace(-0.6, 0.75, 7)]
    return join_meshes(
        bow(
            *path,
            thick=np.interp(np.linspace(0, 1, 44), [0, 0.25, 0.7, 0.93, 1], [0.05, 0.07, 0.17, 0.26, 0.4]),
            count=44,
            sides=12,
        ),
        *keys,
    )


def pan_flute(rng: np.random.Generator) -> Solid:
    n, slope = int(rng.integers(7, 10)), near(rng, 0.9)
    x = np.linspace(-0.8, 0.8, n)
    return join_meshes(
        *(rod((a, 0, 0.7), (a, 0, 0.1 - slope * (a + 0.8) / 1.6), 0.11, sides=10) for a in x),
        box((0, 0, 0.45), (1.85, 0.3, 0.14)),
        box((0, 0, 0.2), (1.85, 0.3, 0.1)),
    )


def metronome(rng: np.random.Generator) -> Solid:
    swing = rng.uniform(-30, 30)
    arm = turned_about(
        join_meshes(
            rod((0, -0.42, 0), (0, -0.42, 1.3), 0.035), box((0, -0.42, near(rng, 0.85)), (0.22, 0.1, 0.2))
        ),
        "y",
        swing,
        (0, 0, -0.45),
    )
    return join_meshes(
        hull(
            [
                (x * w, y * d, z)
                for x in (-1, 1)
                for y in (-1, 1)
                for w, d, z in ((0.6, 0.5, -0.9), (0.2, 0.2, 0.85))
            ]
        ),
        arm,
        box((0, 0, -0.92), (1.3, 1.1, 0.14)),
    )


MACHINES: dict[str, Draw] = {
    function.__name__: function
    for function in (
        crankshaft, piston, ball_bearing, pulley_block, pipe_tee, pipe_bend, valve, turbine, worm_gear,
        guitar, trumpet, grand_piano, harp, drum_and_sticks, xylophone, accordion, french_horn, saxophone,
        pan_flute, metronome,
    )
}  # fmt: skip
