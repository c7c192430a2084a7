"""Assembly: bodies through cross-sections, plates of any outline, blocks of land, and copies of parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import cos, radians, sin
from math import tau as TAU

import numpy as np

from faceinv.data.objects.meshes import (
    Points,
    Solid,
    draw_out,
    faceted,
    join_meshes,
    rod,
    smooth_curve,
    tube,
    turn,
    wrap,
)


def rotation_about(axis: str, degrees: float) -> np.ndarray:
    """Rotation about ``"x"``, ``"y"`` or ``"z"`` (3 x 3), anticlockwise seen from its positive end."""
    c, s = cos(radians(degrees)), sin(radians(degrees))
    i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    matrix = np.eye(3)
    matrix[[i, i, j, j], [i, j, i, j]] = c, -s, s, c
    return matrix


def turned_about(solid: Solid, axis: str, degrees: float, by: Points = (0, 0, 0)) -> Solid:
    """A solid rotated about an axis through the origin, and then moved."""
    return solid.moved(by, rotation_about(axis, degrees))


def around(solid: Solid, count: int, start: float = 0.0) -> Solid:
    """`count` copies of a solid, evenly spaced about z."""
    return join_meshes(*(turned_about(solid, "z", start + 360 * k / count) for k in range(count)))


def mirrored(solid: Solid, axis: int = 1) -> Solid:
    """A solid and its mirror image across the plane through the origin at right angles to an axis."""
    signs = np.ones(3)
    signs[axis] = -1
    return join_meshes(solid, Solid(solid.points * signs, solid.triangles[:, ::-1]))


def body(stations: Points, boxy: float = 1.0, sides: int = 18, count: int = 28) -> Solid:
    """A closed body along x through elliptic cross-sections.

    Parameters
    ----------
    stations : N x 4, x and z of the centre of each section, its half width (y) and half height (z)
    boxy : exponent of the sections, as of a superellipse: 1 is round, towards 0 rectangular
    sides, count : points around each section, and number of sections that are drawn
    """
    x, z, wide, high = smooth_curve(stations, count).T
    angle = TAU * (np.arange(sides) + 0.5) / sides
    across, up = (np.sign(wave) * np.abs(wave) ** boxy for wave in (np.cos(angle), np.sin(angle)))
    grid = np.stack(
        [
            np.repeat(x[:, None], sides, 1),
            wide[:, None] * across,
            z[:, None] + high[:, None] * up,
        ],
        -1,
    )
    centre = np.stack([x, 0 * x, z], 1)
    ends = [np.repeat(centre[[k]], sides, 0)[None] for k in (0, -1)]
    return wrap(np.concatenate([ends[0], grid, ends[1]]))


def bow(*knots: Sequence[float], thick: float | np.ndarray = 0.08, count: int = 16, sides: int = 8) -> Solid:
    """A round bar along a smooth curve through some points; `thick` is its radius."""
    return tube(smooth_curve(knots, count), thick, sides)


def hoop(radius: float, thick: float, centre: Points = (0, 0, 0), axis: str = "z", count: int = 32) -> Solid:
    """A ring about an axis: its radius, and that of its bar."""
    t = np.linspace(0, TAU, count, endpoint=False)
    circle = tube(np.stack([radius * np.cos(t), radius * np.sin(t), 0 * t], 1), thick, 8, closed=True)
    return circle.moved(centre, _towards(axis))


def disc(centre: Points, radius: float, deep: float, axis: str = "z", sides: int = 24) -> Solid:
    """A flat cylinder about an axis: its centre, radius and thickness."""
    return faceted(rod((0, 0, -deep / 2), (0, 0, deep / 2), radius, sides=sides)).moved(
        centre, _towards(axis)
    )


def washer_of(outline: np.ndarray, hole: float, deep: float, axis: str = "y") -> Solid:
    """A plate with a round hole; `outline` is the radius at evenly spaced angles."""
    return draw_out(outline, deep, hole).moved(matrix=_towards(axis) @ rotation_about("x", -90))


def _towards(axis: str) -> np.ndarray:
    """The rotation that takes z to an axis."""
    return {"z": np.eye(3), "x": rotation_about("y", 90), "y": rotation_about("x", -90)}[axis]


def revolved(*profile: tuple[float, float], smooth: bool = True, sides: int = 24) -> Solid:
    """A solid of revolution about z through points of its profile: radius and height, from the bottom up."""
    return turn(smooth_curve(profile, 36), sides) if smooth else faceted(turn(profile, sides))


def slab(outline: Points, deep: float) -> Solid:
    """A plate of any simple outline (N x 2: x and z), with thickness `deep` along y."""
    outline = np.asarray(outline, float)
    x, z = outline.T
    if np.sum(x * np.roll(z, -1) - np.roll(x, -1) * z) < 0:
        outline = outline[::-1]
    n = len(outline)
    front = np.array(_ears(outline))
    near_, far = (np.insert(outline, 1, y, axis=1) for y in (-deep / 2, deep / 2))
    i = np.arange(n)
    j = (i + 1) % n
    rim = np.concatenate([np.stack([i, n + i, n + j], 1), np.stack([i, n + j, j], 1)])
    triangles = np.concatenate([front, n + front[:, ::-1], rim])
    return faceted(Solid(np.concatenate([near_, far]), triangles))


def _ears(outline: np.ndarray) -> list[tuple[int, int, int]]:
    """Triangles of a simple polygon (N x 2, anticlockwise), cut off ear by ear."""
    left, triangles = list(range(len(outline))), []
    while len(left) > 3:
        for k in range(len(left)):
            a, b, c = left[k - 1], left[k], left[(k + 1) % len(left)]
            p, q, r = outline[[a, b, c]]
            if _turn(p, q, r) <= 0:
                continue
            rest = outline[[i for i in left if i not in (a, b, c)]]
            inside = (_turn(p, q, rest) > 0) & (_turn(q, r, rest) > 0) & (_turn(r, p, rest) > 0)
            if not inside.any():
                break
        else:  # what is left has no area
            break
        triangles.append((a, b, c))
        left.pop(k)
    return [*triangles, (left[0], left[1], left[2])]


def _turn(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Twice the signed area of a triangle, positive if it runs anticlockwise; `c` may be many points."""
    return (b[0] - a[0]) * (c[..., 1] - a[1]) - (b[1] - a[1]) * (c[..., 0] - a[0])


def block(
    height: Callable[[np.ndarray, np.ndarray], np.ndarray], base: float = -0.5, detail: int = 30
) -> Solid:
    """A square block of land with the surface ``height(x, y)``, x and y from -1 to 1."""
    t = np.linspace(-1, 1, detail)
    x, y = np.meshgrid(t, t)
    z = np.maximum(height(x, y), base + 0.05)
    top = wrap(np.stack([x, y, z], -1), around=False)
    edges = []
    for line in (
        (x[0], y[0], z[0]),
        (x[:, -1], y[:, -1], z[:, -1]),
        (x[-1, ::-1], y[-1, ::-1], z[-1, ::-1]),
        (x[::-1, 0], y[::-1, 0], z[::-1, 0]),
    ):
        upper = np.stack(line, -1)
        lower = upper * [1, 1, 0] + [0, 0, base]
        edges.append(faceted(wrap(np.stack([lower, upper]), around=False)))
    square = np.array([[(-1, 1, base), (1, 1, base)], [(-1, -1, base), (1, -1, base)]], float)
    return join_meshes(top, *edges, faceted(wrap(square, around=False)))
