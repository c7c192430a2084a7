"""Vehicles: on wheels, rails and runners."""

from __future__ import annotations

import numpy as np

from faceinv.data.objects.assembly import (
    around,
    body,
    bow,
    disc,
    hoop,
    mirrored,
    revolved,
    slab,
    turned_about,
)
from faceinv.data.objects.meshes import Draw, Points, Solid, ball, box, hull, join_meshes, near, rod


def wheels(at: float | Points, y: float, z: float, radius: float, deep: float = 0.16) -> Solid:
    """Pairs of wheels at some x, on both sides."""
    return mirrored(join_meshes(*(disc((x, y, z), radius, deep, "y", 18) for x in np.atleast_1d(at))))


def ridge(x: Points, y: float, low: float, high: float) -> Solid:
    """The hull of a rectangle at `low` and a narrower one at `high`: x of front and back for both."""
    a, b, c, d = np.asarray(x, float)
    return hull(
        [(p, s * y, low) for p in (a, b) for s in (-1, 1)]
        + [(p, s * 0.85 * y, high) for p in (c, d) for s in (-1, 1)]
    )


def bus(rng: np.random.Generator) -> Solid:
    long, high = near(rng, 1.2, 0.12), near(rng, 0.5, 0.12)
    panes = [
        box((x * long, 0, 0.45 * high), (0.22 * long, 0.92, 0.4 * high)) for x in (-0.7, -0.35, 0, 0.35, 0.7)
    ]
    return join_meshes(
        box((0, 0, 0), (2 * long, 0.85, 2 * high)),
        *panes,
        wheels([-0.65 * long, 0.65 * long], 0.38, -high, 0.24),
    )


def truck(rng: np.random.Generator) -> Solid:
    load, high = near(rng, 1.3, 0.15), near(rng, 0.95)
    cab = hull(
        [
            (x, y, z)
            for y in (-0.42, 0.42)
            for x, z in ((0.75, -0.3), (1.3, -0.3), (1.3, 0.1), (1.15, 0.55), (0.75, 0.6))
        ]
    )
    return join_meshes(
        box((0.62 - load / 2, 0, high / 2 - 0.2), (load, 0.95, high)),
        cab,
        box((0.3, 0, -0.35), (2.0, 0.6, 0.12)),
        wheels([1.0, 0.1, 0.5 - load + 0.3], 0.4, -0.45, 0.24),
    )


def tractor(rng: np.random.Generator) -> Solid:
    big = near(rng, 0.6, 0.1)
    roof = [rod((x, y, 0.2), (x, y, 0.95), 0.05) for x in (-0.7, -0.05) for y in (-0.35, 0.35)]
    return join_meshes(
        box((0.5, 0, 0.1), (1.1, 0.5, 0.5)),
        box((-0.4, 0, 0), (0.9, 0.5, 0.4)),
        *roof,
        box((-0.38, 0, 0.98), (0.85, 0.85, 0.08)),
        rod((0.7, 0.1, 0.3), (0.7, 0.1, 0.9), 0.06),
        wheels(-0.5, 0.5, -0.4 + big - 0.55, big, 0.25),
        wheels(0.8, 0.42, -0.62 + 0.25, 0.33),
    )


def bicycle(rng: np.random.Generator) -> Solid:
    r, thick = near(rng, 0.5, 0.1), 0.055
    bars = [
        ((-0.7, 0), (-0.05, 0.0)),
        ((-0.05, 0), (-0.2, 0.6)),
        ((-0.7, 0), (-0.2, 0.55)),
        ((-0.05, 0), (0.5, 0.6)),
        ((-0.2, 0.55), (0.5, 0.6)),
        ((0.7, 0), (0.47, 0.8)),
    ]
    frame_ = [rod((a, 0, b), (c, 0, d), thick) for (a, b), (c, d) in bars]
    rims = [hoop(r, 0.07, (x, 0, 0), "y") for x in (-0.7, 0.7)]
    spokes = [
        turned_about(around(rod((0, 0, 0), (r, 0, 0), 0.025, sides=5), 8), "x", 90, (x, 0, 0))
        for x in (-0.7, 0.7)
    ]
    bar = mirrored(bow((0.47, 0, 0.82), (0.5, 0.28, 0.88), (0.3, 0.36, 0.85), thick=0.05))
    return join_meshes(
        *frame_,
        *rims,
        *spokes,
        bar,
        ball((-0.22, 0, 0.7), (0.22, 0.1, 0.07), 8),
        disc((-0.05, 0, 0), 0.15, 0.1, "y", 14),
    )


def motorcycle(rng: np.random.Generator) -> Solid:
    r = near(rng, 0.42, 0.1)
    tyres = [hoop(r, 0.13, (x, 0, -0.3), "y") for x in (-0.8, 0.8)]
    hubs = [disc((x, 0, -0.3), 0.3, 0.08, "y", 14) for x in (-0.8, 0.8)]
    bar = mirrored(bow((0.45, 0, 0.5), (0.4, 0.3, 0.6), (0.25, 0.42, 0.55), thick=0.05))
    return join_meshes(
        *tyres,
        *hubs,
        box((0, 0, -0.25), (0.6, 0.3, 0.4)),
        ball((0.15, 0, 0.2), (0.4, 0.18, 0.2), 9),
        body([(-1.0, 0.3, 0.08, 0.05), (-0.5, 0.12, 0.18, 0.09), (-0.1, 0.12, 0.14, 0.08)]),
        bar,
        mirrored(rod((0.8, 0.12, -0.3), (0.42, 0.12, 0.5), 0.06)),
        ball((0.58, 0, 0.38), 0.14, 7),
        rod((-0.1, 0.2, -0.4), (-1.1, 0.22, -0.3), 0.08, 0.1),
    )


def locomotive(rng: np.random.Generator) -> Solid:
    r = near(rng, 0.36, 0.12)
    funnel_ = revolved((0, 0.3), (0.12, 0.3), (0.1, 0.6), (0.2, near(rng, 0.85)), (0, near(rng, 0.85)))
    cow_catcher = hull(
        [(1.0, y, -0.5) for y in (-0.4, 0.4)] + [(1.0, y, -0.2) for y in (-0.35, 0.35)] + [(1.4, 0, -0.5)]
    )
    return join_meshes(
        rod((-0.4, 0, 0.05), (1.0, 0, 0.05), r, sides=18),
        box((-0.75, 0, 0.2), (0.7, 0.85, 1.1)),
        box((-0.75, 0, 0.8), (0.85, 1.0, 0.08)),
        box((0, 0, -0.3), (2.1, 0.7, 0.15)),
        cow_catcher,
        funnel_.moved((0.75, 0, 0)),
        ball((0.2, 0, 0.4), (0.15, 0.15, 0.17), 8),
        wheels([-0.8, -0.3, 0.2, 0.7], 0.36, -0.45, 0.24, 0.1),
    )


def tram(rng: np.random.Generator) -> Solid:
    long = near(rng, 1.3, 0.1)
    car_ = body(
        [
            (-long, 0, 0.1, 0.35),
            (-0.85 * long, 0, 0.4, 0.48),
            (0.85 * long, 0, 0.4, 0.48),
            (long, 0, 0.1, 0.35),
        ],
        boxy=0.35,
    )
    arm = join_meshes(
        rod((0, 0, 0.45), (-0.3, 0, 0.72), 0.04),
        rod((-0.3, 0, 0.72), (0.1, 0, 1.0), 0.04),
        rod((0.1, -0.35, 1.0), (0.1, 0.35, 1.0), 0.04),
    )
    panes = [box((x * long, 0, 0.15), (0.2 * long, 0.88, 0.35)) for x in (-0.6, -0.3, 0, 0.3, 0.6)]
    return join_meshes(car_, arm, *panes, box((0, 0, -0.55), (1.4 * long, 0.5, 0.15)))


def armoured_tank(rng: np.random.Generator) -> Solid:
    t = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    track = slab(np.stack([np.clip(1.6 * np.cos(t), -1, 1) + 0.15 * np.cos(t), 0.28 * np.sin(t)], 1), 0.32)
    return join_meshes(
        mirrored(track.moved((0, 0.48, -0.35))),
        ridge([-1.1, 1.15, -0.95, 0.8], 0.42, -0.3, 0.12),
        ridge([-0.55, 0.5, -0.45, 0.3], 0.42, 0.1, near(rng, 0.45)),
        rod((0.3, 0, 0.28), (near(rng, 1.6), 0, 0.38), 0.07),
    )


def excavator(rng: np.random.Generator) -> Solid:
    high = near(rng, 1.0, 0.15)
    boom = [rod((0.2, -0.1, 0.1), (0.75, -0.1, high), 0.1), rod((0.75, -0.1, high), (1.35, -0.1, 0.35), 0.08)]
    bucket = hull(
        [(1.2, y, 0.35) for y in (-0.3, 0.1)]
        + [(1.5, y, 0.3) for y in (-0.3, 0.1)]
        + [(1.1, y, 0.0) for y in (-0.3, 0.1)]
    )
    t = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    track = slab(
        np.stack([np.clip(1.3 * np.cos(t), -0.75, 0.75) + 0.1 * np.cos(t), 0.2 * np.sin(t)], 1), 0.28
    )
    return join_meshes(
        mirrored(track.moved((0, 0.42, -0.6))),
        box((-0.15, 0, -0.1), (1.2, 0.85, 0.5)),
        box((0.1, 0.22, 0.4), (0.55, 0.4, 0.6)),
        *boom,
        bucket,
    )


def crane_truck(rng: np.random.Generator) -> Solid:
    lift = near(rng, 0.9)
    return join_meshes(
        box((0, 0, -0.25), (2.3, 0.7, 0.25)),
        box((0.95, 0, 0.1), (0.45, 0.7, 0.55)),
        box((-0.4, 0, 0.05), (0.6, 0.6, 0.4)),
        rod((-0.6, 0, 0.2), (1.2, 0, 0.3 + lift), 0.1, 0.07),
        rod((1.2, 0, 0.3 + lift), (1.2, 0, lift - 0.2), 0.03),
        bow((1.2, 0, lift - 0.2), (1.3, 0, lift - 0.3), (1.15, 0, lift - 0.38), thick=0.045),
        wheels([-0.85, -0.4, 0.85], 0.32, -0.42, 0.23),
    )


def racing_car(rng: np.random.Generator) -> Solid:
    nose = body(
        [(-1.1, 0, 0.2, 0.15), (-0.4, 0.02, 0.3, 0.2), (0.2, -0.02, 0.2, 0.14), (1.3, -0.1, 0.06, 0.05)]
    )
    wing = [box((-1.1, 0, near(rng, 0.42)), (0.35, 1.1, 0.06)), box((1.25, 0, -0.12), (0.25, 1.2, 0.05))]
    posts = mirrored(rod((-1.05, 0.3, 0), (-1.1, 0.3, 0.4), 0.04))
    return join_meshes(
        nose,
        *wing,
        posts,
        ball((-0.15, 0, 0.2), 0.13, 8),
        wheels(-0.8, 0.55, -0.02, 0.32, 0.3),
        wheels(0.75, 0.52, -0.06, 0.27, 0.24),
    )


def forklift(rng: np.random.Generator) -> Solid:
    high = near(rng, 1.2, 0.1)
    mast = [rod((0.5, y, -0.5), (0.5, y, high), 0.06) for y in (-0.25, 0.25)]
    fork = [box((0.85, y, near(rng, -0.35)), (0.75, 0.13, 0.06)) for y in (-0.22, 0.22)]
    roof = [rod((x, y, 0), (0.7 * x - 0.1, y, 0.8), 0.045) for x in (-0.6, 0.3) for y in (-0.35, 0.35)]
    return join_meshes(
        ridge([-0.9, 0.4, -0.8, 0.3], 0.45, -0.5, 0.0),
        *mast,
        *fork,
        *roof,
        box((-0.2, 0, 0.82), (0.8, 0.8, 0.06)),
        wheels([-0.6, 0.25], 0.42, -0.5, 0.22),
    )


def wheelbarrow(rng: np.random.Generator) -> Solid:
    deep = near(rng, 0.45)
    tray = hull(
        [
            (x, s * w, z)
            for s in (-1, 1)
            for x, w, z in (
                (-0.35, 0.28, -deep / 2),
                (0.35, 0.28, -deep / 2),
                (-0.7, 0.45, deep / 2),
                (0.75, 0.5, deep / 2),
            )
        ]
    )
    handle = bow((0.8, 0.1, -0.5), (0.3, 0.25, -0.3), (-0.6, 0.35, -0.1), (-1.3, 0.4, 0.1), thick=0.06)
    leg = rod((-0.4, 0.3, -0.2), (-0.5, 0.35, -0.75), 0.05)
    return join_meshes(tray, mirrored(join_meshes(handle, leg)), disc((0.85, 0, -0.5), 0.28, 0.12, "y", 16))


def horse_cart(rng: np.random.Generator) -> Solid:
    r = near(rng, 0.5, 0.12)
    wheel_ = join_meshes(
        hoop(r, 0.06, (0, 0.55, -0.25), "y"),
        turned_about(around(rod((0, 0, 0), (r, 0, 0), 0.04), 8), "x", 90, (0, 0.55, -0.25)),
    )
    rails = [box((0, y, 0.25), (1.5, 0.06, 0.35)) for y in (-0.45, 0.45)]
    shaft = rod((0.7, 0.35, 0), (1.6, 0.3, -0.1), 0.05)
    return join_meshes(
        box((0, 0, 0), (1.5, 0.9, 0.12)),
        *rails,
        box((-0.72, 0, 0.25), (0.06, 0.9, 0.35)),
        mirrored(join_meshes(wheel_, shaft)),
    )


def pram(rng: np.random.Generator) -> Solid:
    t = np.linspace(np.pi / 2, np.pi * 1.02, 8)
    hood = slab([(0, 0), *np.stack([0.75 * np.cos(t), near(rng, 0.75) * np.sin(t)], 1)], 0.75)
    tub = slab([(-0.75, 0), (0.8, 0), (0.55, -0.45), (-0.5, -0.45)], 0.75)
    handle = bow((0.6, 0.3, -0.1), (1.0, 0.3, 0.2), (1.15, 0.3, 0.45), thick=0.045)
    rims = [hoop(0.28, 0.05, (x, 0.42, -0.75), "y") for x in (-0.45, 0.5)]
    struts = [rod((x, 0.38, -0.75), (0.5 * x, 0.35, -0.4), 0.04) for x in (-0.45, 0.5)]
    return join_meshes(
        hood,
        tub,
        mirrored(join_meshes(handle, *rims, *struts)),
        rod((1.15, -0.3, 0.45), (1.15, 0.3, 0.45), 0.045),
    )


def scooter(rng: np.random.Generator) -> Solid:
    high = near(rng, 1.1, 0.1)
    return join_meshes(
        box((-0.05, 0, -0.75), (1.3, 0.25, 0.1)),
        rod((0.65, 0, -0.8), (0.45, 0, high - 0.3), 0.06),
        rod((0.45, -0.4, high - 0.3), (0.45, 0.4, high - 0.3), 0.06),
        *(disc((x, 0, -0.85), 0.2, 0.12, "y", 16) for x in (-0.75, 0.72)),
    )


def skateboard(rng: np.random.Generator) -> Solid:
    kick = near(rng, 0.2)
    deck = join_meshes(
        box((0, 0, 0), (1.5, 0.5, 0.08)),
        *(
            hull(
                [(s * 0.7, y, z) for y in (-0.25, 0.25) for z in (-0.04, 0.04)]
                + [(s * 1.1, y, kick + z) for y in (-0.18, 0.18) for z in (-0.04, 0.04)]
            )
            for s in (-1, 1)
        ),
    )
    return join_meshes(
        deck,
        *(rod((x, -0.25, -0.15), (x, 0.25, -0.15), 0.06) for x in (-0.5, 0.5)),
        wheels([-0.5, 0.5], 0.22, -0.17, 0.14, 0.14),
    )


def sledge(rng: np.random.Generator) -> Solid:
    curl = near(rng, 0.45)
    runner = bow(
        (-1.1, 0.35, -0.3),
        (0.5, 0.35, -0.3),
        (1.0, 0.35, -0.1),
        (1.05, 0.35, curl),
        (0.85, 0.35, curl),
        thick=0.06,
        count=24,
    )
    struts = [rod((x, 0.35, -0.3), (x, 0.33, 0.1), 0.05) for x in (-0.8, 0, 0.6)]
    slats = [box((-0.1, y, 0.12), (1.8, 0.14, 0.06)) for y in (-0.33, -0.11, 0.11, 0.33)]
    return join_meshes(mirrored(join_meshes(runner, *struts)), *slats)


VEHICLES: dict[str, Draw] = {
    function.__name__: function
    for function in (
        bus, truck, tractor, bicycle, motorcycle, locomotive, tram, armoured_tank, excavator, crane_truck,
        racing_car, forklift, wheelbarrow, horse_cart, pram, scooter, skateboard, sledge,
    )
}  # fmt: skip
