"""Vessels with handles and spouts, and what is lit."""

from __future__ import annotations

import numpy as np

from faceinv.data.objects.assembly import around, bow, disc, hoop, mirrored, revolved, turned_about
from faceinv.data.objects.meshes import Draw, Solid, ball, join_meshes, near, rod, tube


def amphora(rng: np.random.Generator) -> Solid:
    wide = near(rng, 0.55)
    pot = revolved(
        (0, -1.1), (0.08, -1.05), (wide, 0.1), (0.2, 0.6), (0.18, 0.85), (0.28, 1.0), (0.22, 1.0), (0, 0.6)
    )
    ear = bow((0.18, 0, 0.85), (0.5, 0, 0.85), (0.58, 0, 0.55), (0.45, 0, 0.2), thick=0.06)
    return join_meshes(pot, mirrored(ear, 0), disc((0, 0, -1.05), 0.2, 0.1))


def jug(rng: np.random.Generator) -> Solid:
    wide = near(rng, 0.62)
    pot = revolved(
        (0, -0.9), (0.4, -0.9), (wide, -0.3), (0.32, 0.45), (0.42, 0.85), (0.36, 0.83), (0.25, 0.4), (0, 0)
    )
    lip = tube(np.array([(0.25, 0, 0.55), (0.45, 0, 0.8), (0.68, 0, 0.95)]), np.array([0.1, 0.16, 0.1]), 10)
    return join_meshes(
        pot,
        lip,
        bow((-0.36, 0, 0.7), (-0.85, 0, 0.7), (-0.9, 0, 0.1), (-0.55, 0, -0.3), thick=0.08, count=24),
    )


def watering_can(rng: np.random.Generator) -> Solid:
    long = near(rng, 0.95)
    rose = turned_about(rod((0, 0, 0), (0, 0, 0.2), 0.12, 0.3, 16), "y", 60, (long, 0, 0.6))
    return join_meshes(
        rod((0, 0, -0.6), (0, 0, 0.35), 0.55, 0.48, 20),
        rod((0.4, 0, -0.35), (long, 0, 0.6), 0.13, 0.08),
        rose,
        bow((-0.45, 0, -0.3), (-0.95, 0, 0.0), (-0.85, 0, 0.5), (-0.35, 0, 0.35), thick=0.07, count=22),
        bow((-0.4, 0, 0.3), (0, 0, 0.85), (0.4, 0, 0.3), thick=0.06),
    )


def saucepan(rng: np.random.Generator) -> Solid:
    r, long = near(rng, 0.6), near(rng, 1.0)
    pot = revolved(
        (0, -0.4),
        (r, -0.4),
        (r, 0.25),
        (1.05 * r, 0.28),
        (0.93 * r, 0.25),
        (0.93 * r, -0.3),
        (0, -0.33),
        smooth=False,
        sides=28,
    )
    return join_meshes(pot, rod((r, 0, 0.12), (r + long, 0, 0.28), 0.08, 0.11)).moved((-long / 2, 0, 0))


def barrel(rng: np.random.Generator) -> Solid:
    fat = near(rng, 0.7, 0.12)
    bands = [
        hoop(r, 0.05, (0, 0, z))
        for r, z in ((0.52, -0.85), (0.52, 0.85), (0.92 * fat, -0.4), (0.92 * fat, 0.4))
    ]
    whole = join_meshes(
        revolved((0, -0.95), (0.5, -0.95), (fat, 0), (0.5, 0.95), (0.46, 0.95), (0.45, 0.85), (0, 0.85)),
        *bands,
    )
    return turned_about(whole, "y", rng.uniform(0, 90))


def candelabra(rng: np.random.Generator) -> Solid:
    wide = near(rng, 0.6)
    arms = [bow((0, 0, 0.0), (0.8 * s, 0, -0.05), (s, 0, 0.4), thick=0.06) for s in (-wide, wide)]
    candles = [
        join_meshes(
            disc((x, 0, z), 0.16, 0.07),
            rod((x, 0, z), (x, 0, z + 0.45), 0.09),
            ball((x, 0, z + 0.56), (0.06, 0.06, 0.13), 7),
        )
        for x, z in ((-wide, 0.42), (0, 0.6), (wide, 0.42))
    ]
    return join_meshes(
        *arms,
        *candles,
        revolved((0, -1), (0.45, -1), (0.12, -0.8), (0.14, -0.4), (0.06, 0), (0.08, 0.6), (0, 0.6)),
    )


def trophy(rng: np.random.Generator) -> Solid:
    wide = near(rng, 0.55)
    cup = revolved(
        (0, -0.3),
        (0.1, -0.35),
        (0.45 * wide, 0),
        (wide, 0.55),
        (1.05 * wide, 0.9),
        (0.95 * wide, 0.9),
        (0.6 * wide, 0.3),
        (0, 0.1),
    )
    ear = bow(
        (0.95 * wide, 0, 0.8),
        (wide + 0.45, 0, 0.75),
        (wide + 0.3, 0, 0.25),
        (0.6 * wide, 0, 0.15),
        thick=0.055,
        count=22,
    )
    return join_meshes(
        cup,
        mirrored(ear, 0),
        rod((0, 0, -0.7), (0, 0, -0.2), 0.08),
        ball((0, 0, -0.4), 0.14, 8),
        disc((0, 0, -0.7), 0.3, 0.1),
        rod((0, 0, -1.05), (0, 0, -0.72), 0.45, 0.38, 4),
    )


def flask(rng: np.random.Generator) -> Solid:
    wide = near(rng, 0.75, 0.12)
    whole = revolved(
        (0, -0.8),
        (wide, -0.8),
        (wide + 0.02, -0.7),
        (0.2, 0.4),
        (0.18, 0.85),
        (0.27, 0.95),
        (0, 0.95),
        smooth=False,
        sides=28,
    )
    return join_meshes(whole, rod((0, 0, 0.9), (0, 0, 1.15), 0.15, 0.2, 12))


def light_bulb(rng: np.random.Generator) -> Solid:
    rings = [hoop(0.27, 0.05, (0, 0, z)) for z in (-0.55, -0.68, -0.81)]
    return join_meshes(
        revolved(
            (0, -0.45), (0.27, -0.45), (0.35, -0.1), (near(rng, 0.62, 0.1), 0.4), (0.4, 0.85), (0, 0.98)
        ),
        *rings,
        rod((0, 0, -0.95), (0, 0, -0.4), 0.25, sides=14),
        ball((0, 0, -0.97), 0.13, 7),
    )


def wicker_basket(rng: np.random.Generator) -> Solid:
    n, high = 16, near(rng, 1.0, 0.15)
    staves = around(bow((0.5, 0, -0.55), (0.66, 0, -0.1), (0.75, 0, 0.3), thick=0.045, sides=6), n)
    bands = [hoop(r, 0.055, (0, 0, z)) for r, z in ((0.52, -0.55), (0.62, -0.25), (0.7, 0.05), (0.76, 0.32))]
    handle = bow(
        (-0.74, 0, 0.3),
        (-0.55, 0, high),
        (0, 0, high + 0.25),
        (0.55, 0, high),
        (0.74, 0, 0.3),
        thick=0.06,
        count=24,
    )
    return join_meshes(staves, *bands, handle, disc((0, 0, -0.55), 0.52, 0.08))


VESSELS: dict[str, Draw] = {
    function.__name__: function
    for function in (
        amphora, jug, watering_can, saucepan, barrel, candelabra, trophy, flask, light_bulb, wicker_basket,
    )
}  # fmt: skip
