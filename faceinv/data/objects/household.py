"""Household: what lies about in a house, and what is worn."""

from __future__ import annotations

import numpy as np

from faceinv.data.objects.assembly import (
    around,
    body,
    bow,
    disc,
    hoop,
    mirrored,
    slab,
    turned_about,
)
from faceinv.data.objects.meshes import Draw, Solid, ball, box, hull, join_meshes, near, rod


def open_book(rng: np.random.Generator) -> Solid:
    rise = near(rng, 0.28)
    t = np.linspace(0, 1, 9)
    page = np.stack([0.95 * t, rise * np.sin(np.pi * t**0.6) * (1 - 0.4 * t)], 1)
    outline = np.concatenate([page, (page - [0, 0.12])[::-1]])
    half = turned_about(slab(outline, 1.3), "z", 0)
    cover = slab([(0, -0.15), (1.02, -0.12), (1.02, -0.06), (0, -0.09)], 1.4)
    return turned_about(mirrored(join_meshes(half, cover), 0), "x", near(rng, 15, 0.6))


def alarm_clock(rng: np.random.Generator) -> Solid:
    bell = join_meshes(ball((0.45, 0, 0.85), (0.3, 0.3, 0.22), 9), rod((0.35, 0, 0.5), (0.45, 0, 0.9), 0.05))
    foot = rod((0.4, 0, -0.5), (0.62, 0, -1.0), 0.08)
    hand = near(rng, 60, 0.9)
    hands = [
        turned_about(rod((0, -0.3, 0), (0, -0.3, long), 0.05), "y", a)
        for a, long in ((hand, 0.5), (-hand, 0.35))
    ]
    return join_meshes(
        disc((0, 0, 0), 0.75, 0.45, "y", 28),
        hoop(0.72, 0.08, (0, -0.25, 0), "y"),
        mirrored(join_meshes(bell, foot), 0),
        *hands,
        rod((0, 0, 0.7), (0, 0, 1.05), 0.06),
    )


def spectacles(rng: np.random.Generator) -> Solid:
    r, far = near(rng, 0.42, 0.12), near(rng, 1.2)
    side = join_meshes(
        hoop(r, 0.07, (0.52, 0, 0), "y"),
        bow(
            (0.52 + r, 0, 0.1),
            (0.6 + r, 0.5 * far, 0.1),
            (0.55 + r, far, 0.05),
            (0.5 + r, far + 0.2, -0.2),
            thick=0.055,
        ),
    )
    return join_meshes(mirrored(side, 0), bow((-0.14, 0, 0.1), (0, -0.05, 0.2), (0.14, 0, 0.1), thick=0.06))


def headphones(rng: np.random.Generator) -> Solid:
    t = np.linspace(0, np.pi, 11)
    wide = near(rng, 0.8, 0.1)
    arch_ = bow(*[(wide * np.cos(a), 0, 0.1 + 0.95 * np.sin(a)) for a in t], thick=0.08, count=26)
    cup = join_meshes(disc((wide, 0, -0.1), 0.42, 0.28, "x"), hoop(0.36, 0.1, (wide - 0.18, 0, -0.1), "x"))
    return join_meshes(arch_, mirrored(cup, 0))


def camera(rng: np.random.Generator) -> Solid:
    long = near(rng, 0.5)
    return join_meshes(
        box((0, 0, 0), (1.8, 0.5, 1.05)),
        rod((0.1, -0.2, -0.05), (0.1, -0.25 - long, -0.05), 0.42, sides=24),
        hoop(0.4, 0.08, (0.1, -0.25 - long, -0.05), "y"),
        box((0.1, 0, 0.62), (0.6, 0.45, 0.3)),
        disc((-0.65, 0, 0.58), 0.15, 0.18),
        disc((0.7, 0, 0.58), 0.2, 0.14),
    )


def boot(rng: np.random.Generator) -> Solid:
    tall = near(rng, 0.9)
    shaft = turned_about(
        body([(0, 0, 0.3, 0.34), (0.4 * tall, 0, 0.33, 0.37), (tall, 0, 0.36, 0.42)]),
        "y",
        -90,
        (-0.3, 0, -0.4),
    )
    return join_meshes(
        shaft,
        body(
            [
                (-0.65, -0.5, 0.25, 0.2),
                (-0.2, -0.45, 0.33, 0.35),
                (0.4, -0.6, 0.32, 0.25),
                (0.85, -0.68, 0.26, 0.17),
                (1.0, -0.72, 0.1, 0.08),
            ]
        ),
        slab([(-0.68, -0.82), (1.02, -0.82), (1.0, -0.72), (-0.2, -0.72), (-0.68, -0.6)], 0.55),
        box((-0.45, 0, -0.85), (0.45, 0.55, 0.2)),
    )


def crown(rng: np.random.Generator) -> Solid:
    n = int(rng.integers(5, 8))
    spike = hull(
        [(0.78, s * 0.3, 0) for s in (-1, 1)]
        + [(0.7, s * 0.3, 0) for s in (-1, 1)]
        + [(near(rng, 0.95, 0.1), 0, 0.85)]
    )
    return join_meshes(
        around(join_meshes(spike, ball((0.95, 0, 0.9), 0.11, 7)), n),
        hoop(0.75, 0.11),
        hoop(0.78, 0.07, (0, 0, 0.2)),
    )


def handbag(rng: np.random.Generator) -> Solid:
    w = near(rng, 0.8)
    bag = hull(
        [
            (x * w * s, y * d, z)
            for x in (-1, 1)
            for y in (-1, 1)
            for s, d, z in ((1.05, 0.35, -0.7), (0.85, 0.15, 0.3))
        ]
    )
    handle = bow(
        (-0.5 * w, 0, 0.25),
        (-0.45 * w, 0, 0.85),
        (0, 0, 1.1),
        (0.45 * w, 0, 0.85),
        (0.5 * w, 0, 0.25),
        thick=0.065,
        count=26,
    )
    flap = hull(
        [(x, -0.3 - 0.05 * y, z) for y in (0, 1) for x, z in ((-0.8 * w, 0.3), (0.8 * w, 0.3), (0, -0.35))]
        + [(0, 0, 0.36)]
    )
    return join_meshes(bag, handle, flap, ball((0, -0.4, -0.25), 0.1, 7))


def gift_box(rng: np.random.Generator) -> Solid:
    h = near(rng, 0.8)
    loop = [
        bow((0, 0, h / 2), (s * 0.35, 0, h / 2 + 0.35), (s * 0.5, 0, h / 2 + 0.15), (0, 0, h / 2), thick=0.08)
        for s in (-1, 1)
    ]
    return join_meshes(
        box((0, 0, 0), (1.2, 1.2, h)),
        box((0, 0, h / 2 - 0.08), (1.35, 1.35, 0.22)),
        *loop,
        box((0, 0, 0), (0.2, 1.26, h + 0.06)),
        box((0, 0, 0), (1.26, 0.2, h + 0.06)),
    )


def flat_iron(rng: np.random.Generator) -> Solid:
    sole = [(-0.8, -0.42), (-0.8, 0.42), (0.2, 0.45), (0.7, 0.25), (1.0, 0), (0.7, -0.25), (0.2, -0.45)]
    low = hull([(x, y, -0.5) for x, y in sole] + [(0.75 * x, 0.75 * y, near(rng, -0.1)) for x, y in sole])
    grip = bow(
        (-0.55, 0, -0.2), (-0.6, 0, 0.4), (0, 0, 0.52), (0.4, 0, 0.42), (0.5, 0, -0.1), thick=0.12, count=26
    )
    return join_meshes(low, grip)


def laptop(rng: np.random.Generator) -> Solid:
    open_ = near(rng, 20, 0.9)
    lid = turned_about(
        join_meshes(box((0, 0, 0.6), (1.7, 0.08, 1.2)), box((0, -0.05, 0.62), (1.5, 0.05, 1.0))),
        "x",
        -open_,
        (0, 0.55, -0.4),
    )
    keys = [
        box((x, y, -0.37), (0.16, 0.13, 0.06)) for x in np.linspace(-0.7, 0.7, 7) for y in (-0.02, 0.17, 0.36)
    ]
    return join_meshes(
        box((0, 0, -0.43), (1.7, 1.15, 0.08)), lid, *keys, box((0, -0.35, -0.37), (0.45, 0.28, 0.05))
    )


def microscope(rng: np.random.Generator) -> Solid:
    lean = near(rng, 20, 0.4)
    tube_ = turned_about(
        join_meshes(
            rod((0, 0, -0.35), (0, 0, 0.75), 0.17, sides=12),
            rod((0, 0, -0.6), (0, 0, -0.3), 0.08, 0.12),
            rod((0, 0, 0.75), (0, 0, 0.95), 0.12, sides=12),
        ),
        "y",
        lean,
        (0.15, 0, 0.35),
    )
    arm = bow((0.35, 0, 0.6), (-0.45, 0, 0.45), (-0.5, 0, -0.3), (-0.15, 0, -0.85), thick=0.13, count=22)
    return join_meshes(
        tube_,
        arm,
        box((0.1, 0, -0.4), (0.9, 0.65, 0.1)),
        hull(
            [
                (x, y, z)
                for x, y in ((-0.5, 0.45), (-0.5, -0.45), (0.6, 0.35), (0.6, -0.35))
                for z in (-0.98, -0.82)
            ]
        ),
    )


def telescope(rng: np.random.Generator) -> Solid:
    lift = near(rng, 25, 0.6)
    barrel_ = turned_about(
        join_meshes(
            rod((-0.2, 0, 0), (1.0, 0, 0), 0.24, sides=16),
            rod((-0.75, 0, 0), (-0.2, 0, 0), 0.17, sides=14),
            rod((-1.05, 0, 0), (-0.75, 0, 0), 0.11, sides=12),
            hoop(0.24, 0.05, (1.0, 0, 0), "x"),
        ),
        "y",
        -lift,
        (0, 0, 0.35),
    )
    return join_meshes(
        barrel_, around(rod((0.05, 0, 0.15), (0.6, 0, -1.1), 0.055), 3), ball((0, 0, 0.15), 0.16, 8)
    )


def globe(rng: np.random.Generator) -> Solid:
    tilt = near(rng, 23, 0.5)
    t = np.linspace(-np.pi / 2, np.pi / 2, 9)
    arm = bow(*[(0.82 * np.cos(a), 0, 0.82 * np.sin(a)) for a in t], thick=0.06, count=22)
    whole = turned_about(
        join_meshes(ball(radius=0.68, detail=14), arm, rod((0, 0, -0.85), (0, 0, 0.85), 0.04)),
        "y",
        tilt,
        (0, 0, 0.25),
    )
    return join_meshes(whole, rod((-0.3, 0, -0.5), (-0.05, 0, -0.95), 0.08), disc((0, 0, -0.95), 0.5, 0.12))


def robot(rng: np.random.Generator) -> Solid:
    w = near(rng, 0.45)
    limb = join_meshes(
        rod((w + 0.1, 0, 0.45), (w + 0.35, -0.05, 0.05), 0.1),
        rod((w + 0.35, -0.05, 0.05), (w + 0.3, -0.35, -0.2), 0.09),
        box((w + 0.3, -0.42, -0.25), (0.22, 0.2, 0.22)),
        box((0.22, 0, -0.7), (0.25, 0.3, 0.6)),
        box((0.24, -0.08, -1.02), (0.32, 0.5, 0.14)),
        rod((0.18, -0.28, 0.92), (0.18, -0.36, 0.92), 0.09, sides=12),
    )
    return join_meshes(
        box((0, 0, 0.1), (2 * w, 0.55, 0.95)),
        box((0, 0, 0.87), (0.65, 0.5, 0.5)),
        mirrored(limb, 0),
        rod((0, 0, 1.1), (0, 0, 1.4), 0.035),
        ball((0, 0, 1.42), 0.09, 7),
    )


def teddy_bear(rng: np.random.Generator) -> Solid:
    fat = near(rng, 0.5, 0.12)
    half = join_meshes(
        ball((0.3, 0.05, 0.98), (0.17, 0.1, 0.17), 8),
        ball((0.58, -0.15, 0.1), (0.18, 0.2, 0.38), 8),
        ball((0.38, -0.45, -0.5), (0.2, 0.42, 0.2), 8),
        ball((0.14, -0.36, 0.78), 0.055, 5),
    )
    return join_meshes(
        ball((0, 0, -0.1), (fat, 0.42, 0.55), 11),
        ball((0, 0, 0.68), (0.42, 0.38, 0.38), 11),
        ball((0, -0.35, 0.6), (0.17, 0.15, 0.13), 8),
        mirrored(half, 0),
    )


HOUSEHOLD: dict[str, Draw] = {
    function.__name__: function
    for function in (
        open_book, alarm_clock, spectacles, headphones, camera, boot, crown, handbag, gift_box, flat_iron,
        laptop, microscope, telescope, globe, robot, teddy_bear,
    )
}  # fmt: skip
