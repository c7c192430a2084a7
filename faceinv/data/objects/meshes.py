"""Solids: triangle meshes made by revolution, extrusion, sweeping, joining and bending."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import ConvexHull

Points = np.ndarray | Sequence[float] | Sequence[Sequence[float]]


@dataclass(frozen=True)
class Solid:
    """A surface: points (V x 3) and triangles (T x 3, indices; anticlockwise seen from outside).

    Triangles that share points are shaded smoothly; between others there is a sharp edge.
    """

    points: np.ndarray
    triangles: np.ndarray

    def moved(self, by: Points = (0, 0, 0), matrix: np.ndarray | float = 1.0) -> Solid:
        """The solid after a linear map (or a factor) and then a shift."""
        linear = np.eye(3) * matrix if np.ndim(matrix) < 2 else np.asarray(matrix)
        return Solid(self.points @ linear.T + np.asarray(by), self.triangles)


Draw = Callable[[np.random.Generator], Solid]


def near(rng: np.random.Generator, value: float, spread: float = 0.2) -> float:
    """A uniform random number within a share of `spread` around `value`."""
    return value * (1 + spread * rng.uniform(-1, 1))


def join_meshes(*solids: Solid) -> Solid:
    """Several solids as one; they may intersect."""
    starts = np.cumsum([0, *(len(solid.points) for solid in solids)])
    return Solid(
        np.concatenate([solid.points for solid in solids]),
        np.concatenate([solid.triangles + start for solid, start in zip(solids, starts, strict=False)]),
    )


def faceted(solid: Solid) -> Solid:
    """The same solid with a sharp edge around every triangle."""
    corners = solid.triangles.ravel()
    return Solid(solid.points[corners], np.arange(len(corners)).reshape(-1, 3))


def wrap(grid: np.ndarray, around: bool = True, along: bool = False) -> Solid:
    """The surface over a grid of points (rows x columns x 3), optionally closed over columns and rows."""
    rows, columns = grid.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    if around:
        index = np.concatenate([index, index[:, :1]], 1)
    if along:
        index = np.concatenate([index, index[:1]])
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    triangles = np.concatenate([np.stack(t, -1).reshape(-1, 3) for t in ((a, b, c), (a, c, d))])
    return Solid(grid.reshape(-1, 3), triangles)


def smooth_curve(knots: Points, count: int, closed: bool = False) -> np.ndarray:
    """`count` points on a smooth curve through `knots` (N x 2 or 3)."""
    knots = np.asarray(knots, float)
    if closed:
        knots = np.concatenate([knots, knots[:1]])
    steps = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(knots, axis=0), axis=1))])
    at = np.linspace(0, steps[-1], count, endpoint=not closed)
    from scipy.interpolate import PchipInterpolator  # takes a third of a second to import

    return PchipInterpolator(steps, knots)(at)


def turn(profile: Points, sides: int = 24) -> Solid:
    """A solid of revolution about z: `profile` is N x 2, radius and height, from the bottom up."""
    profile = np.asarray(profile, float)
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    ring = np.stack([np.cos(angle), np.sin(angle), np.zeros(sides)], -1)
    return wrap(profile[:, None, :1] * ring + profile[:, None, 1:] * [0, 0, 1.0])


def tube(
    path: np.ndarray,
    radius: np.ndarray | float,
    sides: int = 8,
    closed: bool = False,
    section: Points = (1, 1),
) -> Solid:
    """A tube around `path` (N x 3) with `radius` (one, or N) and closed ends.

    `section` scales the cross-section along its two axes, which follow the path without twist.
    """
    path = np.asarray(path, float)
    n = len(path)
    before, after = (
        (np.roll(path, 1, 0), np.roll(path, -1, 0))
        if closed
        else (path[[0, *range(n - 1)]], path[[*range(1, n), n - 1]])
    )
    along = after - before
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    side = _transported(along, closed)
    angle = 2 * np.pi * (np.arange(sides) + 0.5) / sides
    across = np.cross(along, side)
    ring = (
        section[0] * np.cos(angle)[:, None] * side[:, None]
        + section[1] * np.sin(angle)[:, None] * across[:, None]
    )
    grid = path[:, None] + np.broadcast_to(radius, n)[:, None, None] * ring
    if not closed:
        ends = [np.repeat(path[[k]], sides, 0)[None] for k in (0, -1)]
        grid = np.concatenate([ends[0], grid, ends[1]])
    return wrap(grid, along=closed)


def _transported(along: np.ndarray, closed: bool) -> np.ndarray:
    """Unit vectors across the unit tangents `along`, each the last one projected (parallel transport)."""
    side = np.empty_like(along)
    last = np.cross(along[0], np.eye(3)[np.argmin(np.abs(along[0]))])
    for k, tangent in enumerate(along):
        last = last - (last @ tangent) * tangent
        last = side[k] = last / np.sqrt(last @ last)
    if closed:
        # the angle that remains after one round is distributed along the path, so that the ends meet
        end = last - (last @ along[0]) * along[0]
        remaining = np.arctan2(np.cross(end, side[0]) @ along[0], end @ side[0])
        turned = remaining * np.arange(len(along))[:, None] / len(along)
        side = np.cos(turned) * side + np.sin(turned) * np.cross(along, side)
    return side


def rod(start: Points, end: Points, radius: float, tip: float | None = None, sides: int = 8) -> Solid:
    """A straight rod from `start` to `end`; its radius goes from `radius` to `tip`."""
    return tube(np.array([start, end], float), np.array([radius, radius if tip is None else tip]), sides)


def ball(centre: Points = (0, 0, 0), radius: float | Points = 1.0, detail: int = 12) -> Solid:
    """A ball, or an ellipsoid of three radii."""
    angle = np.linspace(-np.pi / 2, np.pi / 2, detail)
    round_ = turn(np.stack([np.cos(angle), np.sin(angle)], 1), 2 * detail)
    return round_.moved(centre, np.diag(np.broadcast_to(np.asarray(radius, float), 3)))


def hull(points: Points) -> Solid:
    """The convex hull of points, with sharp edges."""
    points = np.asarray(points, float)
    convex = ConvexHull(points)
    triangles = convex.simplices.copy()
    a, b, c = (points[triangles[:, k]] for k in range(3))
    inward = np.einsum("tk,tk->t", np.cross(b - a, c - a), convex.equations[:, :3]) < 0
    triangles[inward] = triangles[inward][:, ::-1]
    return faceted(Solid(points, triangles))


def box(centre: Points = (0, 0, 0), size: Points | float = 1.0) -> Solid:
    """A box with edges of length `size` (one, or one per axis)."""
    corners = np.array([(x, y, z) for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)])
    return hull(np.asarray(centre) + corners * size)


def draw_out(radius: np.ndarray, depth: float, hole: float = 0.0) -> Solid:
    """A slab whose outline has `radius` (N) at N equally spaced angles in the xz plane, extruded along y.

    `hole` is the radius of a round hole through its middle.
    """
    n = len(radius)
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    outline = np.stack([np.cos(angle), np.zeros(n), np.sin(angle)], 1)
    front, back = np.array([0, -depth / 2, 0]), np.array([0, depth / 2, 0])
    rim, inner = radius[:, None] * outline, hole * outline
    grid = np.stack([inner + back, rim + back, rim + front, inner + front])
    return faceted(wrap(grid, along=hole > 0))


def refined(solid: Solid, longest: float) -> Solid:
    """The same surface with edges longer than `longest` halved (three times at most), without cracks."""
    points, triangles = solid.points, solid.triangles
    for _ in range(3):
        edges = np.sort(np.stack([triangles, np.roll(triangles, -1, 1)], -1), -1)
        cut = np.linalg.norm(points[edges[..., 0]] - points[edges[..., 1]], axis=-1) > longest
        if not cut.any():
            break
        keys, place = np.unique(edges[cut] @ [len(points), 1], return_inverse=True)
        middle = np.full(cut.shape, -1)
        middle[cut] = len(points) + place
        count, parts = cut.sum(1), [triangles[~cut.any(1)]]
        # rotated so that of all edges only that from corner 0 is halved, or only that to corner 0 is not
        for halved, first in ((1, cut.argmax(1)), (2, (~cut).argmax(1) + 1), (3, 0 * count)):
            chosen = count == halved
            order = (np.broadcast_to(first, len(cut))[chosen, None] + np.arange(3)) % 3
            a, b, c = np.take_along_axis(triangles[chosen], order, 1).T
            m, n, k = np.take_along_axis(middle[chosen], order, 1).T
            pieces = {
                1: ((a, m, c), (m, b, c)),
                2: ((m, b, n), (a, m, n), (a, n, c)),
                3: ((m, b, n), (a, m, k), (k, n, c), (m, n, k)),
            }[halved]
            parts += [np.stack(piece, 1) for piece in pieces]
        points = np.concatenate([points, (points[keys // len(points)] + points[keys % len(points)]) / 2])
        triangles = np.concatenate(parts)
    return Solid(points, triangles)


def stretch(solid: Solid, rng: np.random.Generator, amount: float = 0.13) -> Solid:
    """The solid, randomly stretched, tapered, bent and twisted a little, and scaled to the unit ball."""
    points = solid.points - (solid.points.max(0) + solid.points.min(0)) / 2
    points = points / np.linalg.norm(points, axis=1).max()
    points = points * np.exp(rng.normal(0, amount, 3).clip(-2 * amount, 2 * amount))
    taper, bend, twist = rng.uniform(-1, 1, 3) * (0.2, 0.25, 0.35)
    x, y, z = points.T
    x, y = x * (1 + taper * z), y * (1 + taper * z)
    angle = twist * z
    x, y = x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)
    points = np.stack([x + bend * (z**2 - 0.3), y, z], 1)
    points -= (points.max(0) + points.min(0)) / 2
    return Solid(points / np.linalg.norm(points, axis=1).max(), solid.triangles)
