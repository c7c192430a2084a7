"""Furniture: seats, beds, shelves, lamps and what stands in a room."""

from __future__ import annotations

from math import tau as TAU

import numpy as np

from faceinv.data.objects.artefacts import legs
from faceinv.data.objects.assembly import around, bow, disc, hoop, mirrored, revolved, slab, turned_about
from faceinv.data.objects.meshes import Draw, Solid, ball, box, hull, join_meshes, near, rod


def sofa(rng: np.random.Generator) -> Solid:
    w, h = near(rng, 1.2), near(rng, 0.75)
    cushions = [box((x * w / 2, -0.1, -0.05), (0.94 * w, 0.85, 0.25)) for x in (-1, 1)]
    arm = box((w + 0.12, 0, -0.1), (0.24, 1.1, 0.7))
    return join_meshes(
        box((0, 0, -0.35), (2 * w, 1.1, 0.4)),
        box((0, 0.5, h / 2 - 0.2), (2 * w, 0.25, h + 0.3)),
        mirrored(arm, 0),
        *cushions,
    )


def armchair(rng: np.random.Generator) -> Solid:
    w, h = near(rng, 0.6), near(rng, 1.3)
    back = hull([(x * w, 0.45 + d + 0.15 * z, z) for x in (-1, 1) for d in (0, 0.2) for z in (-0.5, h - 0.4)])
    arm = rod((w + 0.05, -0.6, 0.1), (w + 0.05, 0.55, 0.1), 0.17, sides=10)
    side = box((w + 0.05, 0, -0.25), (0.25, 1.05, 0.6))
    return join_meshes(box((0, 0, -0.3), (2 * w, 1.1, 0.45)), back, mirrored(join_meshes(arm, side), 0))


def bed(rng: np.random.Generator) -> Solid:
    long, high = near(rng, 1.2), near(rng, 0.55)
    pillow = ball((-long + 0.35, 0, 0.22), (0.25, 0.55, 0.12), 8)
    posts = [rod((x, y, -0.6), (x, y, 0.1), 0.07) for x in (-long, long) for y in (-0.75, 0.75)]
    return join_meshes(
        box((0, 0, 0), (2 * long, 1.5, 0.3)),
        box((-long, 0, high / 2), (0.1, 1.6, high + 0.5)),
        box((long, 0, 0), (0.1, 1.6, 0.5)),
        pillow,
        *posts,
    )


def bunk_bed(rng: np.random.Generator) -> Solid:
    long, gap = near(rng, 1.1), near(rng, 0.55, 0.1)
    posts = [rod((x, y, -1), (x, y, 1), 0.07) for x in (-long, long) for y in (-0.5, 0.5)]
    beds = [box((0, 0, z), (2 * long, 1.0, 0.2)) for z in (-gap, gap)]
    rungs = [rod((0.5, -0.58, z), (0.9, -0.58, z), 0.04, sides=6) for z in np.linspace(-0.9, 0.5, 5)]
    rails = [rod((x, -0.58, -1), (x, -0.58, 0.8), 0.05, sides=6) for x in (0.5, 0.9)]
    return join_meshes(*posts, *beds, *rungs, *rails)


def bookshelf(rng: np.random.Generator) -> Solid:
    w, shelves = near(rng, 0.7), 4
    heights = np.linspace(-1, 1, shelves + 1)
    parts = [box((0, 0, z), (2 * w, 0.5, 0.08)) for z in heights]
    parts += [box((s * w, 0, 0), (0.08, 0.5, 2.08)) for s in (-1, 1)]
    for z in heights[:-1]:
        at = -w + 0.1
        while at < rng.uniform(-0.2, 0.9) * w:
            thick, high = rng.uniform(0.07, 0.16), rng.uniform(0.25, 0.42)
            parts.append(box((at + thick / 2, 0, z + high / 2 + 0.02), (0.9 * thick, 0.36, high)))
            at += thick
    return join_meshes(*parts, box((0, 0.24, 0), (2 * w, 0.03, 2)))


def wardrobe(rng: np.random.Generator) -> Solid:
    w, h = near(rng, 0.65), near(rng, 1.0, 0.1)
    doors = mirrored(box((w / 2, -0.36, 0), (0.9 * w, 0.08, 1.8 * h)), 0)
    knobs = mirrored(ball((0.1 * w, -0.45, 0), 0.07, 6), 0)
    crown = hull(
        [(x * w * s, y * 0.4 * s, z) for x in (-1, 1) for y in (-1, 1) for s, z in ((1.0, h), (1.2, h + 0.2))]
    )
    feet = legs(rng, w * 0.8, 0.28, -0.9 * h, 0.08)
    return join_meshes(box((0, 0, 0), (2 * w, 0.7, 2 * h)), doors, knobs, crown, *feet)


def chest_of_drawers(rng: np.random.Generator) -> Solid:
    w, h = near(rng, 0.9), near(rng, 0.6)
    fronts = [box((0, -0.48, z * h), (1.8 * w, 0.1, 0.52 * h)) for z in (-0.62, 0, 0.62)]
    knobs = [ball((x * w, -0.57, z * h), 0.08, 6) for x in (-0.5, 0.5) for z in (-0.62, 0, 0.62)]
    return join_meshes(
        box((0, 0, 0), (2 * w, 0.9, 2 * h)),
        box((0, 0, h), (2.2 * w, 1.05, 0.1)),
        *fronts,
        *knobs,
        *legs(rng, 0.85 * w, 0.35, -h, 0.08),
    )


def desk(rng: np.random.Generator) -> Solid:
    w = near(rng, 1.1)
    drawers = [box((0.7 * w, -0.02, z), (0.5 * w, 1.0, 0.26)) for z in (-0.65, -0.35, -0.05)]
    return join_meshes(
        box((0, 0, 0.2), (2.2 * w, 1.15, 0.1)),
        box((-0.95 * w, 0, -0.4), (0.1, 1.0, 1.1)),
        box((0.7 * w, 0.05, -0.35), (0.56 * w, 0.95, 1.0)),
        *drawers,
    )


def bench(rng: np.random.Generator) -> Solid:
    w, high = near(rng, 1.3), near(rng, 0.8)
    slats = [box((0, y, 0), (2 * w, 0.18, 0.08)) for y in (-0.35, -0.1, 0.15)]
    back = [box((0, 0.35 + 0.15 * z, z * high), (2 * w, 0.07, 0.18)) for z in (0.4, 0.75, 1.1)]
    side = join_meshes(
        box((0.85 * w, -0.3, -0.3), (0.12, 0.12, 0.6)),
        rod((0.85 * w, 0.3, -0.6), (0.85 * w, 0.5, 1.1 * high), 0.07),
    )
    return join_meshes(*slats, *back, mirrored(side, 0))


def rocking_chair(rng: np.random.Generator) -> Solid:
    high = near(rng, 1.0)
    runner = bow((0.45, -0.9, -0.75), (0.45, 0, -0.95), (0.45, 1.0, -0.6), thick=0.06)
    posts = [rod((0.45, y, -0.9), (0.45, 1.15 * y, 0), 0.06) for y in (-0.4, 0.4)]
    rail = rod((0.45, 0.46, 0), (0.45, 0.75, high), 0.06)
    bars = [rod((x, 0.5, 0), (x, 0.72, 0.9 * high), 0.035, sides=6) for x in (-0.3, -0.1, 0.1, 0.3)]
    top = rod((-0.5, 0.74, 0.95 * high), (0.5, 0.74, 0.95 * high), 0.09)
    return join_meshes(
        box((0, 0.05, 0), (1.05, 1.0, 0.1)), mirrored(join_meshes(runner, *posts, rail), 0), *bars, top
    )


def swivel_chair(rng: np.random.Generator) -> Solid:
    high = near(rng, 0.75)
    feet = around(join_meshes(rod((0, 0, -0.85), (0.6, 0, -0.92), 0.06), ball((0.62, 0, -0.95), 0.1, 6)), 5)
    back = ball((0, 0.55, 0.3 + high / 2), (0.5, 0.1, high / 2), 9)
    arms = mirrored(bow((0.5, 0.3, 0), (0.68, 0.2, 0.2), (0.66, -0.3, 0.32), thick=0.06), 0)
    return join_meshes(
        ball((0, 0, 0), (0.6, 0.55, 0.13), 9),
        rod((0, 0, -0.9), (0, 0, 0), 0.08),
        rod((0, 0.45, -0.05), (0, 0.58, 0.4), 0.07),
        back,
        arms,
        feet,
    )


def coat_rack(rng: np.random.Generator) -> Solid:
    hook = bow((0, 0, 0.7), (0.25, 0, 0.72), (0.4, 0, 0.95), thick=0.055)
    foot = bow((0, 0, -0.7), (0.35, 0, -0.85), (0.5, 0, -1), thick=0.06)
    return join_meshes(
        rod((0, 0, -0.9), (0, 0, 1.05), near(rng, 0.08)),
        ball((0, 0, 1.08), 0.12, 7),
        around(hook, 5),
        around(foot, 4),
    )


def treasure_chest(rng: np.random.Generator) -> Solid:
    w, lift = near(rng, 0.9), rng.uniform(10, 60)
    t = np.linspace(0, np.pi, 9)
    lid = slab(np.stack([0.5 * np.cos(t), 0.4 * np.sin(t)], 1), 2 * w)
    lid = turned_about(turned_about(lid, "z", 90), "x", 0, (0, -0.5, 0))
    lid = turned_about(lid, "x", -lift, (0, 0.5, 0.3))
    return join_meshes(box((0, 0, 0), (2 * w, 1.0, 0.6)), lid, box((0, -0.52, 0.2), (0.2, 0.1, 0.25)))


def cradle(rng: np.random.Generator) -> Solid:
    w, h = near(rng, 0.9), near(rng, 0.5)
    tub = hull(
        [(x * w * s, y * 0.5 * s, z) for x in (-1, 1) for y in (-1, 1) for s, z in ((0.75, -0.4), (1.0, 0.2))]
    )
    hood = hull(
        [(-w, y, 0.2) for y in (-0.5, 0.5)]
        + [(-0.4 * w, y, 0.2) for y in (-0.5, 0.5)]
        + [(x, y, 0.2 + h) for x in (-1.0 * w, -0.5 * w) for y in (-0.3, 0.3)]
    )
    rocker = bow((0.55 * w, -0.7, -0.45), (0.55 * w, 0, -0.62), (0.55 * w, 0.7, -0.45), thick=0.07)
    return join_meshes(tub, hood, mirrored(rocker, 0))


def picnic_table(rng: np.random.Generator) -> Solid:
    w = near(rng, 1.1)
    planks = [box((0, y, 0.35), (2 * w, 0.22, 0.07)) for y in (-0.36, -0.12, 0.12, 0.36)]
    seats = [box((0, y, -0.1), (2 * w, 0.28, 0.07)) for y in (-0.95, 0.95)]
    frame_ = [
        rod((x * w, y * 0.25, 0.33), (x * w, y * 0.85, -0.6), 0.06) for x in (-0.7, 0.7) for y in (-1, 1)
    ]
    beams = [rod((x * w, -1, -0.16), (x * w, 1, -0.16), 0.06) for x in (-0.7, 0.7)]
    return join_meshes(*planks, *seats, *frame_, *beams)


def chandelier(rng: np.random.Generator) -> Solid:
    wide = near(rng, 0.85)
    arm = join_meshes(
        bow((0, 0, 0), (0.5 * wide, 0, -0.35), (wide, 0, 0.0), thick=0.055),
        rod((wide, 0, 0), (wide, 0, 0.35), 0.08),
        disc((wide, 0, 0.02), 0.17, 0.05),
    )
    return join_meshes(rod((0, 0, -0.3), (0, 0, 1), 0.06), ball((0, 0, -0.2), 0.2, 8), around(arm, 6))


def desk_lamp(rng: np.random.Generator) -> Solid:
    lean = near(rng, 0.5)
    shade = turned_about(
        revolved((0, 0.05), (0.4, -0.2), (0.45, -0.2), (0.2, 0.2), (0.12, 0.3), (0, 0.32)),
        "y",
        -30,
        (0.55, 0, 0.75),
    )
    return join_meshes(
        disc((0, 0, -0.9), 0.45, 0.12),
        rod((0, 0, -0.9), (-lean, 0, 0), 0.06),
        rod((-lean, 0, 0), (0.5, 0, 0.9), 0.06),
        ball((-lean, 0, 0), 0.1, 6),
        shade,
    )


def standing_fan(rng: np.random.Generator) -> Solid:
    r = near(rng, 0.62, 0.1)
    blade = ball((0.3 * r / 0.6, 0, 0), (0.3, 0.14, 0.03), 8)
    blades = turned_about(around(blade, 4, rng.uniform(0, 90)), "x", 90, (0, -0.15, 0.4))
    guards = [hoop(r * s, 0.03, (0, y, 0.4), "y") for s, y in ((1, -0.15), (0.55, -0.24), (0.55, -0.04))]
    return join_meshes(
        blades,
        *guards,
        ball((0, -0.1, 0.4), 0.13, 8),
        rod((0, 0, -1), (0, 0, 0.4), 0.07),
        disc((0, 0, -1), 0.5, 0.1),
    )


def bathtub(rng: np.random.Generator) -> Solid:
    w = near(rng, 1.1)
    shell_ = revolved(
        (0, -0.45), (0.6, -0.4), (0.8, 0.1), (0.9, 0.2), (0.85, 0.2), (0.72, 0.05), (0.5, -0.3), (0, -0.33)
    ).moved(matrix=np.diag([w * 1.25, 0.8, 1]))
    tap = bow((0.95 * w, 0, 0.1), (0.95 * w, 0, 0.45), (0.7 * w, 0, 0.45), (0.65 * w, 0, 0.35), thick=0.06)
    feet = [ball((x, y, -0.5), 0.11, 6) for x in (-0.6 * w, 0.6 * w) for y in (-0.35, 0.35)]
    return join_meshes(shell_, tap, *feet)


def toilet(rng: np.random.Generator) -> Solid:
    h = near(rng, 0.5)
    bowl_ = revolved(
        (0, -0.8), (0.35, -0.8), (0.25, -0.4), (0.5, 0), (0.58, 0.08), (0.42, 0.08), (0.3, -0.15), (0, -0.25)
    ).moved(matrix=np.diag([1, 1.25, 1]))
    lid = turned_about(disc((0, 0, 0.5), 0.52, 0.08, "y"), "x", -8, (0, 0.55, 0.1))
    return join_meshes(
        bowl_,
        lid,
        box((0, 0.85, h / 2 + 0.1), (1.1, 0.35, h + 0.3)),
        box((0, 0.85, h + 0.28), (1.2, 0.42, 0.08)),
    )


def washbasin(rng: np.random.Generator) -> Solid:
    w = near(rng, 0.8)
    basin = revolved((0.1, -0.25), (0.5, -0.1), (w, 0.2), (w, 0.25), (0.7 * w, 0.2), (0.3, 0), (0, -0.02))
    tap = bow((0, 0.6, 0.2), (0, 0.6, 0.65), (0, 0.2, 0.65), (0, 0.15, 0.5), thick=0.07)
    return join_meshes(basin, tap, rod((0, 0, -1), (0, 0, -0.1), 0.24, 0.18, 12))


def television(rng: np.random.Generator) -> Solid:
    w = near(rng, 1.0, 0.15)
    return join_meshes(
        box((0, 0, 0.2), (2 * w, 0.14, 1.2)),
        box((0, -0.06, 0.2), (1.8 * w, 0.1, 1.02)),
        rod((0, 0.05, -0.7), (0, 0, -0.3), 0.12),
        box((0, 0, -0.72), (0.9 * w, 0.5, 0.08)),
    )


def folding_screen(rng: np.random.Generator) -> Solid:
    fold, n = near(rng, 0.3), 4
    x = np.linspace(-1.1, 1.1, n + 1)
    y = fold * (np.arange(n + 1) % 2)
    return join_meshes(
        *(
            hull([(x[k + e], y[k + e] + d, z) for e in (0, 1) for d in (0, 0.07) for z in (-0.9, 0.9)])
            for k in range(n)
        )
    )


def hammock(rng: np.random.Generator) -> Solid:
    sag, t = near(rng, 0.5), np.linspace(-1, 1, 14)
    bars = [
        bow(
            *[(1.0 * x, y * (1 - 0.7 * x**6), 0.35 - sag * (1 - x * x) + 0.25 * y * y) for x in t],
            thick=0.06,
            count=18,
            sides=6,
        )
        for y in np.linspace(-0.5, 0.5, 7)
    ]
    posts = [rod((x, 0, -1), (1.05 * x, 0, 0.7), 0.09) for x in (-1.1, 1.1)]
    return join_meshes(*bars, *posts, rod((-1.2, 0, -1), (1.2, 0, -1), 0.09))


def cushion_stool(rng: np.random.Generator) -> Solid:
    """A bar stool with a ring for the feet."""
    feet = around(rod((0.25, 0, 0.6), (0.5, 0, -1), 0.06), 4, 45)
    seat = revolved((0, 0.55), (0.5, 0.6), (0.55, 0.75), (0.4, near(rng, 0.9)), (0, near(rng, 0.95)))
    return join_meshes(seat, feet, hoop(0.42, 0.05, (0, 0, -0.45)))


def round_table(rng: np.random.Generator) -> Solid:
    stem = revolved((0, -0.75), (0.15, -0.75), (0.22, -0.4), (0.08, 0), (0.12, 0.4), (0, 0.4))
    foot = bow((0, 0, -0.6), (0.35, 0, -0.65), (0.6, 0, -0.9), thick=0.08)
    return join_meshes(disc((0, 0, 0.45), near(rng, 1.0), 0.1, sides=32), stem, around(foot, 3))


def throne(rng: np.random.Generator) -> Solid:
    h = near(rng, 1.5)
    back = slab(
        [(-0.6, 0), (0.6, 0), (0.6, h), (0.3, h - 0.15), (0, h + 0.35), (-0.3, h - 0.15), (-0.6, h)], 0.16
    ).moved((0, 0.5, -0.2))
    side = join_meshes(box((0.6, 0, -0.15), (0.14, 1.0, 0.9)), ball((0.6, -0.55, 0.32), 0.17, 7))
    steps = [box((0, -0.2, -0.7 - 0.2 * k), (1.5 + 0.5 * k, 1.4 + 0.5 * k, 0.2)) for k in (0, 1)]
    return join_meshes(back, box((0, 0, -0.3), (1.2, 1.1, 0.6)), mirrored(side, 0), *steps)


def parasol_table(rng: np.random.Generator) -> Solid:
    wide = near(rng, 1.05)
    roof = [
        hull(
            [(0, 0, 1.05)]
            + [(wide * np.cos(a + s), wide * np.sin(a + s), z) for s in (-0.38, 0.38) for z in (0.55, 0.6)]
        )
        for a in TAU * np.arange(8) / 8
    ]
    return join_meshes(
        *roof, rod((0, 0, -1), (0, 0, 1), 0.06), disc((0, 0, -0.3), 0.7, 0.1), disc((0, 0, -0.97), 0.35, 0.12)
    )


FURNITURE: dict[str, Draw] = {
    function.__name__: function
    for function in (
        sofa, armchair, bed, bunk_bed, bookshelf, wardrobe, chest_of_drawers, desk, bench, rocking_chair,
        swivel_chair, coat_rack, treasure_chest, cradle, picnic_table, chandelier, desk_lamp, standing_fan,
        bathtub, toilet, washbasin, television, folding_screen, hammock, cushion_stool, round_table,
        throne, parasol_table,
    )
}  # fmt: skip
