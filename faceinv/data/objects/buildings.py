"""Buildings: houses, towers, bridges and other works of masonry and steel."""

from __future__ import annotations

import itertools

import numpy as np

from faceinv.data.objects.assembly import around, bow, disc, hoop, mirrored, revolved, slab, turned_about
from faceinv.data.objects.meshes import Draw, Points, Solid, ball, box, hull, join_meshes, near, rod


def gabled(size: tuple[float, float, float], ridge_: float, centre: Points = (0, 0, 0)) -> Solid:
    """A box with a gabled roof along x."""
    w, d, h = size
    roof = [(sx * 0.55 * w, sy * 0.58 * d, h / 2) for sx in (-1, 1) for sy in (-1, 1)]
    roof += [(sx * 0.55 * w, 0, h / 2 + ridge_) for sx in (-1, 1)]
    return join_meshes(box(centre, (w, d, h)), hull(np.array(roof) + np.asarray(centre)))


def skyscraper(rng: np.random.Generator) -> Solid:
    sizes = np.sort(rng.uniform(0.3, 0.8, 3))[::-1]
    steps = np.cumsum([-1.2, near(rng, 1.0), near(rng, 0.8), near(rng, 0.6)])
    parts = [
        box((0, 0, (a + b) / 2), (s, s, b - a)) for s, a, b in zip(sizes, steps[:-1], steps[1:], strict=True)
    ]
    return join_meshes(*parts, rod((0, 0, steps[-1]), (0, 0, steps[-1] + 0.5), 0.05, 0.01))


def church(rng: np.random.Generator) -> Solid:
    high = near(rng, 1.0, 0.15)
    tower = box((-0.85, 0, high / 2 - 0.45), (0.5, 0.5, high + 0.3))
    top = high + 0.2
    spire = hull(
        [(-0.85 + sx * 0.28, sy * 0.28, top - 0.5) for sx in (-1, 1) for sy in (-1, 1)]
        + [(-0.85, 0, top + 0.5)]
    )
    apse = rod((0.9, 0, -0.6), (0.9, 0, 0), 0.35, sides=12)
    return join_meshes(
        gabled((1.6, 0.8, 0.7), 0.45, (0.15, 0, -0.25)), tower.moved((0, 0, -0.2)), spire, apse
    )


def lighthouse(rng: np.random.Generator) -> Solid:
    r = near(rng, 0.38)
    return join_meshes(
        rod((0, 0, -1), (0, 0, 0.6), r, 0.6 * r, 16),
        disc((0, 0, 0.62), 0.95 * r, 0.08),
        rod((0, 0, 0.6), (0, 0, 0.95), 0.4 * r, sides=12),
        rod((0, 0, 0.95), (0, 0, 1.2), 0.6 * r, 0.02, 14),
        disc((0, 0, -1.02), 1.6 * r, 0.15),
        box((r + 0.15, 0, -0.85), (0.6, 0.45, 0.3)),
    )


def arch_bridge(rng: np.random.Generator) -> Solid:
    n, high = int(rng.integers(2, 4)), near(rng, 0.6)
    wide = 2.4 / n
    outline = [(-1.4, 0.25), (-1.4, -0.6)]
    for k in range(n):
        left, t = -1.2 + k * wide, np.linspace(0, np.pi, 9)
        outline += [(left + wide / 2 - 0.4 * wide * np.cos(a), -0.6 + high * np.sin(a)) for a in t]
    outline += [(1.4, -0.6), (1.4, 0.25)]
    rails = [box((0, y, 0.32), (2.8, 0.08, 0.14)) for y in (-0.36, 0.36)]
    return join_meshes(slab(outline, 0.75), *rails)


def suspension_bridge(rng: np.random.Generator) -> Solid:
    high, sag = near(rng, 0.85, 0.12), near(rng, 0.65, 0.1)
    x = np.linspace(-1.5, 1.5, 19)
    z = np.where(np.abs(x) < 0.8, high - sag * (1 - (x / 0.8) ** 2), high * (1.5 - np.abs(x)) / 0.7)
    side = [bow(*[(a, 0.25, b) for a, b in zip(x, z, strict=True)], thick=0.045, count=24, sides=6)]
    side += [rod((a, 0.25, 0), (a, 0.25, b), 0.025, sides=5) for a, b in zip(x, z, strict=True) if b > 0.1]
    side += [rod((s * 0.8, 0.25, -0.6), (s * 0.8, 0.25, high + 0.05), 0.07) for s in (-1, 1)]
    return join_meshes(
        box((0, 0, 0), (3.1, 0.6, 0.09)),
        mirrored(join_meshes(*side)),
        *(rod((s * 0.8, -0.25, high * 0.85), (s * 0.8, 0.25, high * 0.85), 0.05) for s in (-1, 1)),
    )


def pagoda(rng: np.random.Generator) -> Solid:
    floors, parts, z = int(rng.integers(3, 5)), [], -1.0
    for k in range(floors):
        w = near(rng, 0.62, 0.05) * (1 - 0.17 * k)
        parts.append(box((0, 0, z + 0.2), (1.1 * w, 1.1 * w, 0.4)))
        parts.append(
            hull(
                [
                    (sx * w * s, sy * w * s, z + h)
                    for sx in (-1, 1)
                    for sy in (-1, 1)
                    for s, h in ((1.15, 0.4), (1.1, 0.45), (0.45, 0.6))
                ]
            )
        )
        z += 0.52
    return join_meshes(*parts, rod((0, 0, z), (0, 0, z + 0.5), 0.05, 0.01))


def ziggurat(rng: np.random.Generator) -> Solid:
    n, rise = int(rng.integers(4, 6)), near(rng, 0.25)
    steps = [box((0, 0, rise * k), (2 - 1.7 * k / n, 2 - 1.7 * k / n, rise)) for k in range(n)]
    stair = hull(
        [(x, -1.25, -rise / 2) for x in (-0.2, 0.2)]
        + [(x, -0.3, -rise / 2) for x in (-0.2, 0.2)]
        + [(x, -0.3, rise * (n - 0.5)) for x in (-0.2, 0.2)]
    )
    return join_meshes(*steps, stair, box((0, 0, rise * n), (0.25, 0.25, 0.25)))


def mosque(rng: np.random.Generator) -> Solid:
    high = near(rng, 1.2, 0.12)
    dome = revolved((0, 0), (0.5, 0), (0.6, 0.2), (0.45, 0.5), (0.08, 0.75), (0, 0.95))
    minaret = join_meshes(
        rod((0.95, 0.6, -0.7), (0.95, 0.6, high), 0.12, 0.09, 10),
        disc((0.95, 0.6, high * 0.75), 0.19, 0.06),
        rod((0.95, 0.6, high), (0.95, 0.6, high + 0.3), 0.13, 0.01, 10),
    )
    return join_meshes(box((0, 0, -0.35), (1.5, 1.2, 0.7)), dome, mirrored(minaret, 0))


def tent(rng: np.random.Generator) -> Solid:
    high, w = near(rng, 1.0), near(rng, 0.9)
    sides = [
        hull(
            [
                *[(s * w, y, 0), (s * w + 0.05 * s, y * 1.0, 0), (0, y, high), (s * 0.06, y, high)][0:4],
                (s * w, -y, 0),
                (0, -y, high),
                (s * 0.06, -y, high),
            ]
        )
        for s in (-1, 1)
        for y in (0.9,)
    ]
    poles = [rod((0, y, 0), (0, y, high + 0.15), 0.05) for y in (-0.92, 0.92)]
    ropes = [rod((0, s * 0.9, high), (0, s * 1.5, 0), 0.025, sides=5) for s in (-1, 1)]
    return join_meshes(*sides, *poles, *ropes, box((0, 0.4, 0.25), (1.1 * w, 0.9, 0.5)))


def tipi(rng: np.random.Generator) -> Solid:
    poles = around(rod((0.85, 0, -0.9), (-0.22, 0.05, near(rng, 1.0, 0.1)), 0.04, sides=6), 8)
    return join_meshes(
        rod((0, 0, -0.9), (0, 0, 0.6), 0.8, 0.1, 16),
        poles,
        hull([(x, -0.85, -0.9) for x in (-0.2, 0.2)] + [(0, -0.45, -0.1), (0, -0.75, -0.5)]),
    )


def igloo(rng: np.random.Generator) -> Solid:
    long = near(rng, 0.6)
    ribs = [hoop(0.9 * np.cos(a), 0.045, (0, 0, 0.9 * np.sin(a) - 0.4)) for a in (0.25, 0.6, 0.95)]
    return join_meshes(
        ball((0, 0, -0.4), 0.9, 14), *ribs, rod((0, -0.7, -0.3), (0, -0.8 - long, -0.3), 0.38, sides=14)
    )


def barn(rng: np.random.Generator) -> Solid:
    outline = [(-0.6, -0.7), (0.6, -0.7), (0.6, 0.1), (0.4, 0.5), (0, 0.75), (-0.4, 0.5), (-0.6, 0.1)]
    silo = join_meshes(
        rod((1.05, 0.2, -0.7), (1.05, 0.2, near(rng, 0.8)), 0.33, sides=16), ball((1.05, 0.2, 0.8), 0.34, 9)
    )
    return join_meshes(slab(outline, 1.6), silo, box((0, -0.82, -0.35), (0.5, 0.08, 0.7)))


def water_tower(rng: np.random.Generator) -> Solid:
    tank = revolved((0, 0.2), (0.4, 0.25), (near(rng, 0.65), 0.5), (0.6, 0.85), (0, 1.15))
    legs_ = around(rod((0.75, 0, -1), (0.5, 0, 0.45), 0.055), 5)
    return join_meshes(tank, legs_, rod((0, 0, -1), (0, 0, 0.3), 0.09), hoop(0.62, 0.04, (0, 0, -0.3)))


def stadium(rng: np.random.Generator) -> Solid:
    long = near(rng, 1.35, 0.1)
    ring_ = revolved(
        (0.62, -0.25),
        (1.0, -0.25),
        (1.05, 0.4),
        (1.0, 0.42),
        (0.62, -0.15),
        (0.62, -0.25),
        smooth=False,
        sides=36,
    )
    masts = [rod((x, y, 0), (x, y, 0.9), 0.04) for x in (-0.75, 0.75) for y in (-0.7, 0.7)]
    lamps = [box((x, y, 0.9), (0.25, 0.08, 0.2)) for x in (-0.75, 0.75) for y in (-0.7, 0.7)]
    return join_meshes(ring_, *masts, *lamps, disc((0, 0, -0.22), 0.64, 0.05)).moved(
        matrix=np.diag([long, 1, 1])
    )


def triumphal_arch(rng: np.random.Generator) -> Solid:
    w, high = near(rng, 0.35), near(rng, 0.35)
    t = np.linspace(0, np.pi, 9)
    outline = [
        (-0.9, -0.9),
        (-w, -0.9),
        *[(-w * np.cos(a), 0.1 + w * np.sin(a)) for a in t],
        (w, -0.9),
        (0.9, -0.9),
        (0.9, 0.6),
        (-0.9, 0.6),
    ]
    return join_meshes(
        slab(outline, 0.6),
        box((0, 0, 0.65), (2.0, 0.75, 0.12)),
        box((0, 0, 0.7 + high / 2), (1.7, 0.55, high)),
        *(rod((x, -0.36, -0.9), (x, -0.36, 0.6), 0.08) for x in (-0.75, 0.75)),
    )


def lattice_tower(rng: np.random.Generator) -> Solid:
    levels_ = [(-1.1, 0.75), (-0.45, 0.42), (0.3, 0.18), (near(rng, 1.3, 0.08), 0.03)]
    parts = [
        rod((sx * a, sy * a, z), (sx * b, sy * b, top), 0.065 if z < 0 else 0.05, sides=6)
        for (z, a), (top, b) in itertools.pairwise(levels_)
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]
    parts += [box((0, 0, z), (2.2 * a, 2.2 * a, 0.1)) for z, a in levels_[1:3]]
    t = np.linspace(0.1, np.pi - 0.1, 9)
    arcs = [bow(*[(0.55 * np.cos(a), 0.58, -1.0 + 0.55 * np.sin(a)) for a in t], thick=0.05, sides=6)]
    return join_meshes(*parts, *(turned_about(arc, "z", 90 * k) for arc in arcs for k in range(4)))


def pylon(rng: np.random.Generator) -> Solid:
    w = near(rng, 0.85)
    corners = [(sx, sy) for sx in (-1, 1) for sy in (-1, 1)]
    parts = [
        rod((0.4 * sx, 0.3 * sy, -1.2), (0.06 * sx, 0.06 * sy, 1.2), 0.045, sides=6) for sx, sy in corners
    ]
    parts += [
        rod((-w * s, 0, z), (w * s, 0, z), 0.05, sides=6) for z, s in ((0.35, 1), (0.75, 0.75), (1.1, 0.5))
    ]
    parts += [rod((s * 0.36, -0.28, -0.95), (-s * 0.2, -0.17, 0.1), 0.03, sides=5) for s in (-1, 1)]
    parts += [rod((s * 0.2, -0.17, 0.1), (-s * 0.1, -0.1, 0.7), 0.03, sides=5) for s in (-1, 1)]
    parts += [
        ball((s * w * f, 0, z - 0.12), 0.07, 5) for s in (-1, 1) for z, f in ((0.35, 0.95), (0.75, 0.7))
    ]
    return join_meshes(*parts)


def tower_crane(rng: np.random.Generator) -> Solid:
    long = near(rng, 1.3, 0.12)
    mast = [rod((x, y, -1.2), (x, y, 0.7), 0.035, sides=5) for x in (-0.12, 0.12) for y in (-0.12, 0.12)]
    mast += [
        rod((-0.12, -0.12, z), (0.12, -0.12, z + 0.24), 0.028, sides=5) for z in np.arange(-1.2, 0.6, 0.27)
    ]
    hang = rng.uniform(0.5, 1.1)
    return join_meshes(
        *mast,
        rod((-0.6, 0, 0.7), (long, 0, 0.7), 0.07, sides=6),
        rod((0, 0, 0.7), (0, 0, 1.15), 0.06),
        rod((0, 0, 1.12), (0.8 * long, 0, 0.74), 0.025, sides=5),
        rod((0, 0, 1.12), (-0.55, 0, 0.74), 0.025, sides=5),
        box((-0.55, 0, 0.55), (0.25, 0.25, 0.3)),
        rod((hang, 0, 0.7), (hang, 0, -0.2), 0.025, sides=5),
        box((hang, 0, -0.3), (0.22, 0.22, 0.2)),
        box((0, 0, -1.2), (0.8, 0.8, 0.12)),
    )


def torii(rng: np.random.Generator) -> Solid:
    w, lift = near(rng, 0.75), near(rng, 0.12)
    top = bow(
        (-1.3 * w - 0.1, 0, 0.8 + lift), (0, 0, 0.75), (1.3 * w + 0.1, 0, 0.8 + lift), thick=0.13, sides=4
    )
    return join_meshes(
        top,
        box((0, 0, 0.35), (2.3 * w, 0.13, 0.15)),
        box((0, 0, 0.55), (0.16, 0.16, 0.35)),
        mirrored(rod((w, 0, -1), (0.9 * w, 0, 0.75), 0.11), 0),
    )


def stone_circle(rng: np.random.Generator) -> Solid:
    parts = []
    for k in range(7):
        a = 2 * np.pi * k / 7
        c, s = np.cos(a), np.sin(a)
        high = near(rng, 0.75, 0.12)
        parts.append(
            turned_about(box((0, 0, 0), (0.2, 0.32, high)), "z", np.degrees(a), (c, s, high / 2 - 0.4))
        )
        if k % 2 == 0:
            b = a + 2 * np.pi / 7
            middle = 0.5 * np.array([c + np.cos(b), s + np.sin(b), 0.86])
            parts.append(
                turned_about(box((0, 0, 0), (0.22, 1.1, 0.16)), "z", np.degrees((a + b) / 2), middle)
            )
    return join_meshes(*parts)


def dolmen(rng: np.random.Generator) -> Solid:
    stones = [
        hull(np.array([x, y, 0]) + rng.uniform(-1, 1, (14, 3)) * [0.22, 0.25, 0.6])
        for x, y in ((-0.6, 0.1), (0.6, 0.05), (0, 0.45))
    ]
    cap = hull(rng.uniform(-1, 1, (24, 3)) * [1.15, 0.75, 0.2] + [0, 0.1, 0.72])
    return join_meshes(*stones, cap)


def fountain(rng: np.random.Generator) -> Solid:
    basin = revolved((0, -0.8), (near(rng, 1.0), -0.8), (1.1, -0.45), (1.0, -0.45), (0.9, -0.65), (0, -0.68))
    bowl_ = revolved(
        (0.08, -0.7), (0.12, 0), (0.55, 0.2), (0.5, 0.2), (0.1, 0.1), (0.06, 0.5), (0.25, 0.62), (0, 0.6)
    )
    jets = around(
        bow((0.03, 0, 0.6), (0.15, 0, near(rng, 1.0)), (0.4, 0, 0.75), (0.45, 0, 0.25), thick=0.035, sides=6),
        7,
    )
    return join_meshes(basin, bowl_, jets)


def well_house(rng: np.random.Generator) -> Solid:
    w = near(rng, 0.6)
    roof = hull(
        [(sx * 0.9, sy * 0.6, 0.7) for sx in (-1, 1) for sy in (-1, 1)]
        + [(sx * 0.9, 0, near(rng, 1.15)) for sx in (-1, 1)]
    )
    pit = revolved((0.7 * w, -0.8), (w, -0.8), (w, -0.15), (0.7 * w, -0.15), (0.7 * w, -0.8), smooth=False)
    return join_meshes(
        pit,
        roof,
        mirrored(rod((0.65, 0, -0.8), (0.65, 0, 0.75), 0.06), 0),
        rod((-0.75, 0, 0.3), (0.75, 0, 0.3), 0.07),
        rod((0, 0, 0.3), (0, 0, -0.1), 0.03),
        rod((0, 0, -0.3), (0, 0, -0.05), 0.13, 0.17, 10),
    )


def power_station(rng: np.random.Generator) -> Solid:
    waist = near(rng, 0.3)
    tower = revolved(
        (0, -0.7), (0.55, -0.7), (waist + 0.05, 0.2), (waist, 0.5), (waist + 0.1, 0.9), (waist, 0.9), (0, 0.4)
    )
    return join_meshes(
        tower.moved((-0.6, 0.2, 0)),
        tower.moved((0.55, 0.2, 0)),
        box((0, -0.5, -0.5), (1.4, 0.45, 0.4)),
        rod((0.9, -0.55, -0.7), (0.9, -0.55, 0.7), 0.07, 0.05),
    )


def city_wall(rng: np.random.Generator) -> Solid:
    n, high = 7, near(rng, 0.5)
    teeth = [box((x, 0, high + 0.1), (0.16, 0.3, 0.22)) for x in np.linspace(-1.1, 1.1, n)]
    round_tower = join_meshes(
        rod((1.25, 0, -0.6), (1.25, 0, high + 0.35), 0.38, sides=14),
        around(box((0.3, 0, 0), (0.16, 0.16, 0.18)), 7).moved((1.25, 0, high + 0.42)),
    )
    return join_meshes(
        box((0, 0, (high - 0.6) / 2), (2.4, 0.3, high + 0.6)), *teeth, mirrored(round_tower, 0)
    )


BUILDINGS: dict[str, Draw] = {
    function.__name__: function
    for function in (
        skyscraper, church, lighthouse, arch_bridge, suspension_bridge, pagoda, ziggurat, mosque, tent,
        tipi, igloo, barn, water_tower, stadium, triumphal_arch, lattice_tower, pylon, tower_crane, torii,
        stone_circle, dolmen, fountain, well_house, power_station, city_wall,
    )
}  # fmt: skip
