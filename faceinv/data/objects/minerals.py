"""Minerals and fossils: blocks of land, shells and bones, and bodies of cubes and rings."""

from __future__ import annotations

import numpy as np

from faceinv.data.objects.assembly import block, body, bow, hoop, mirrored, turned_about
from faceinv.data.objects.meshes import Draw, Solid, ball, box, hull, join_meshes, near, rod, tube


def hills(rng: np.random.Generator, count: int = 5) -> np.ndarray:
    """Centres, widths and heights of hills (N x 4)."""
    return np.stack(
        [*rng.uniform(-0.9, 0.9, (2, count)), rng.uniform(0.15, 0.4, count), rng.uniform(-0.3, 0.4, count)], 1
    )


def hilly(x: np.ndarray, y: np.ndarray, some: np.ndarray) -> np.ndarray:
    """Height of the sum of some hills."""
    return sum(h * np.exp(-((x - a) ** 2 + (y - b) ** 2) / w**2) for a, b, w, h in some)  # type: ignore[return-value]


def mountain(rng: np.random.Generator) -> Solid:
    some, high = hills(rng), near(rng, 1.3)
    return block(
        lambda x, y: (
            high * np.clip(1 - 1.1 * np.hypot(x, y), 0, 1) ** 1.3
            + 0.4 * hilly(x, y, some) * np.exp(-(x**2 + y**2))
            - 0.2
        )
    )


def crater(rng: np.random.Generator) -> Solid:
    r, deep, some = near(rng, 0.55), near(rng, 0.45), 0.3 * hills(rng)
    return block(
        lambda x, y: (
            0.35 * np.exp(-(((np.hypot(x, y) - r) / 0.15) ** 2))
            - deep * (np.hypot(x, y) < r) * (1 - (np.hypot(x, y) / r) ** 2)
            + hilly(x, y, some)
            + 0.1
        )
    )


def volcano(rng: np.random.Generator) -> Solid:
    top, steep = near(rng, 0.25), near(rng, 1.3)

    def height(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        r = np.hypot(x, y)
        return np.where(r < top, 0.55 + 0.8 * (r - top), 1.1 * np.exp(-steep * (r - top) * 1.8) - 0.4) - 0.1

    return block(height, detail=40)


def valley(rng: np.random.Generator) -> Solid:
    bend, wide = near(rng, 0.35), near(rng, 0.3)
    return block(lambda x, y: 0.6 - 0.95 * np.exp(-(((x - bend * np.sin(3 * y)) / wide) ** 2)))


def dunes(rng: np.random.Generator) -> Solid:
    count, some = near(rng, 2.6), hills(rng)
    return block(
        lambda x, y: 0.45 * np.abs((count * (x + 0.25 * hilly(x, y, some)) + 10) % 1 - 0.7) - 0.1, detail=40
    )


def terraces(rng: np.random.Generator) -> Solid:
    some, steps = hills(rng), int(rng.integers(4, 6))
    return block(
        lambda x, y: np.floor(steps * (0.5 - 0.4 * x + 0.35 * hilly(x, y, some))) / steps - 0.2, detail=44
    )


def scallop(rng: np.random.Generator) -> Solid:
    n, deep = int(rng.integers(9, 13)), near(rng, 0.3)
    ribs = []
    for a in np.linspace(-1.1, 1.1, n):
        t = np.linspace(0.05, 1, 9)
        path = np.stack(
            [1.5 * t * np.sin(a), -deep * np.sin(np.pi * (0.15 + 0.8 * t)), 1.5 * t * np.cos(a) - 0.75], 1
        )
        ribs.append(tube(path, 1.7 * t / n + 0.02, 8))
    return join_meshes(
        *ribs,
        hull(
            [
                (x, y, z)
                for y in (-0.07, 0.07)
                for x, z in ((-0.4, -0.85), (0.4, -0.85), (0.25, -0.55), (-0.25, -0.55))
            ]
        ),
    )


def trilobite(rng: np.random.Generator) -> Solid:
    n, wide = 11, near(rng, 0.55)
    parts = [
        ball((0.8, 0, 0), (0.42, 1.15 * wide, 0.22), 10),
        ball((0.85, 0, 0.12), (0.3, 0.3 * wide, 0.2), 8),
        body([(-0.95, 0, 0.05, 0.06), (0, 0.05, 0.2, 0.18), (0.8, 0.05, 0.24, 0.2)]),
    ]
    for k, x in enumerate(np.linspace(0.45, -0.85, n)):
        w = wide * (1 - 0.6 * (k / n) ** 1.5)
        parts.append(
            mirrored(
                bow(
                    (x, 0, 0.1),
                    (x - 0.03, 0.6 * w, 0.1),
                    (x - 0.2, w + 0.12, -0.1),
                    thick=0.075,
                    count=9,
                    sides=6,
                )
            )
        )
    return turned_about(join_meshes(*parts, mirrored(ball((0.78, 0.6 * wide, 0.15), 0.1, 7))), "x", 30)


def long_bone(rng: np.random.Generator) -> Solid:
    knob = near(rng, 0.26)
    end = join_meshes(*(ball((0.85, 0, s * 0.2), knob, 9) for s in (-1, 1)))
    return turned_about(
        join_meshes(
            mirrored(end, 0), body([(-0.85, 0, 0.2, 0.24), (0, 0, 0.13, 0.14), (0.85, 0, 0.2, 0.24)])
        ),
        "y",
        near(rng, 45, 0.9),
    )


def skull(rng: np.random.Generator) -> Solid:
    long = near(rng, 0.75, 0.12)
    socket = turned_about(hoop(0.2, 0.085, (0.24, -0.62, 0.12), "y"), "z", 0)
    cheek = bow((0.5, -0.1, -0.15), (0.55, -0.4, -0.15), (0.35, -0.62, -0.15), thick=0.075)
    teeth = [box((x, -0.62, -0.5), (0.09, 0.12, 0.16)) for x in np.linspace(-0.25, 0.25, 5)]
    jaw = bow(
        (-0.45, -0.1, -0.35),
        (-0.32, -0.5, -0.75),
        (0, -0.68, -0.8),
        (0.32, -0.5, -0.75),
        (0.45, -0.1, -0.35),
        thick=0.1,
        count=22,
    )
    return join_meshes(
        ball((0, 0, 0.3), (0.58, long, 0.6), 12),
        mirrored(join_meshes(socket, cheek), 0),
        *teeth,
        jaw,
        box((0, -0.5, -0.32), (0.5, 0.3, 0.3)),
    )


def molar(rng: np.random.Generator) -> Solid:
    root = bow(
        (0.3, 0.25, 0),
        (0.42, 0.32, -0.4),
        (near(rng, 0.35), 0.28, -1.0),
        thick=np.linspace(0.24, 0.04, 12),
        count=12,
    )
    cusp = ball((0.27, 0.25, 0.5), (0.28, 0.26, 0.22), 8)
    return join_meshes(
        hull(
            [
                (x * w, y * w, z)
                for x in (-0.55, 0.55)
                for y in (-0.5, 0.5)
                for w, z in ((0.75, -0.1), (1, 0.25), (0.85, 0.5))
            ]
        ),
        mirrored(mirrored(join_meshes(root, cusp)), 0),
    )


def coral(rng: np.random.Generator) -> Solid:
    parts: list[Solid] = []

    def grow(start: np.ndarray, direction: np.ndarray, thick: float, level: int) -> None:
        end = start + direction
        parts.append(rod(start, end, thick, 0.85 * thick, 7))
        parts.append(ball(end, 0.95 * thick, 6))
        if level:
            for side in (-1, 0, 1):
                turn_ = 0.7 * side + rng.uniform(-0.15, 0.15)
                c, s = np.cos(turn_), np.sin(turn_)
                bent = np.array(
                    [
                        c * direction[0] + s * direction[2],
                        direction[1] + rng.uniform(-0.1, 0.1),
                        c * direction[2] - s * direction[0],
                    ]
                )
                grow(end, 0.78 * bent, 0.8 * thick, level - 1)

    grow(np.array([0, 0, -1.0]), np.array([0, 0, near(rng, 0.6, 0.12)]), 0.15, 3)
    return join_meshes(*parts)


def turret_shell(rng: np.random.Generator) -> Solid:
    t, turns = np.linspace(0, 1, 110), near(rng, 6, 0.12)
    size = np.exp(-2.4 * t)
    angle = 2 * np.pi * turns * t
    return tube(
        np.stack([0.32 * size * np.cos(angle), 0.32 * size * np.sin(angle), 1.9 * (1 - size) - 0.7], 1),
        0.3 * size + 0.005,
        10,
    )


def sea_urchin(rng: np.random.Generator) -> Solid:
    spines, golden = [], np.pi * (3 - 5**0.5)
    long = near(rng, 0.55)
    for k in range(90):
        z = 1 - 2 * (k + 0.5) / 90
        r = (1 - z * z) ** 0.5
        d = np.array([r * np.cos(golden * k), r * np.sin(golden * k), z])
        spines.append(rod(0.4 * d, (0.45 + long) * d, 0.03, 0.008, 5))
    return join_meshes(ball(radius=(0.48, 0.48, 0.42)), *spines)


def cube_group(*cells: tuple[int, int, int]) -> Draw:
    """A class of cubes side by side, each a little smaller than its cell."""

    def draw(rng: np.random.Generator) -> Solid:
        edge = rng.uniform(0.85, 1.0)
        return join_meshes(*(box(cell, edge) for cell in cells))

    return draw


def sponge(rng: np.random.Generator) -> Solid:
    """A cube with square holes through it."""
    edge = near(rng, 0.95, 0.05)
    grid = [
        (x, y, z)
        for x in (-1, 0, 1)
        for y in (-1, 0, 1)
        for z in (-1, 0, 1)
        if (x == 0) + (y == 0) + (z == 0) < 2
    ]
    return join_meshes(*(box(cell, edge) for cell in grid))


def twin_tetrahedra(rng: np.random.Generator) -> Solid:
    """Two tetrahedra through each other, a star of eight points."""
    corners = np.array([(1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)]) * near(rng, 1, 0.05)
    return join_meshes(hull(corners), hull(-corners))


def borromean_rings(rng: np.random.Generator) -> Solid:
    """Three ovals, of which no two are linked."""
    thin, long = near(rng, 0.1), near(rng, 1.5, 0.1)
    oval = hoop(0.7, thin).moved(matrix=np.diag([long, 0.9, 1]))
    turns = (np.eye(3), np.roll(np.eye(3), 1, 0), np.roll(np.eye(3), 2, 0))
    return join_meshes(*(oval.moved(matrix=turn_) for turn_ in turns))


def nested_frames(rng: np.random.Generator) -> Solid:
    """A cube's frame in a cube's frame, their corners joined."""
    inner, thin = near(rng, 0.5), near(rng, 0.07)
    corners = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
    edges = [(a, b) for i, a in enumerate(corners) for b in corners[i + 1 :] if np.abs(a - b).sum() == 2]
    rods_ = [rod(s * a, s * b, thin, sides=6) for a, b in edges for s in (1, inner)]
    return join_meshes(
        *rods_,
        *(rod(a, inner * a, 0.8 * thin, sides=6) for a in corners),
        *(ball(a, 1.4 * thin, 5) for a in corners),
    )


MINERALS: dict[str, Draw] = {
    **{
        function.__name__: function
        for function in (
            mountain, crater, volcano, valley, dunes, terraces, scallop, trilobite, long_bone, skull,
            molar, coral, turret_shell, sea_urchin, sponge, twin_tetrahedra, borromean_rings,
            nested_frames,
        )
    },
    "cubes_L": cube_group((0, 0, 0), (0, 0, 1), (0, 0, 2), (1, 0, 0)),
    "cubes_T": cube_group((-1, 0, 0), (0, 0, 0), (1, 0, 0), (0, 0, -1)),
    "cubes_tripod": cube_group((0, 0, 0), (1, 0, 0), (0, -1, 0), (0, 0, 1)),
}  # fmt: skip
