"""Hair of the head: thousands of ribbons, which grow from the scalp as a haircut combs them, and fall.

A ribbon stands for many hairs. It leaves the scalp, is bent by its weight, lies on the head or on the layers
of hair below it, and ends where the hair is cut. Its normals are those of the whole hair, turned a little to
one side, so that light makes strands of them and not scales.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from scipy.spatial import cKDTree

from faceinv.data.faces.hair import GREY_HAIR, hairline_cover
from faceinv.data.faces.haircuts import CUTS, Cut
from faceinv.data.faces.identities import Person
from faceinv.data.faces.morphable_head import load_head
from faceinv.data.faces.strands import along_ribbons, ribbon_triangles, ribbons, unit
from faceinv.data.faces.surface import grey_share, receded
from faceinv.data.faces.uv_atlas import neutral_points, ramp
from faceinv.data.rendering.mesh import normals

ROOTS = 8000
"""Candidates for the roots of ribbons, spread evenly over the head; about half of them are on the scalp."""
TONES = 32
"""Different tones of the ribbons of a head."""
COARSE = 0.5
"""Share of the ribbons that is drawn in small images, where each is as much wider."""
UNIFORM, NORMAL = 8, 6
"""Random numbers that each ribbon takes."""
LOCKS = 260
"""Locks of hair, within which ribbons have nearly the same tone and come together at their tips."""
MIDDLE = np.array([0.0, 0.075, 0.015])
"""About the middle of the head, from which hair lies outwards."""
CROWN = np.array([0.008, 0.150, 0.105])
"""The whorl, from which short hair grows away."""


@dataclass(frozen=True)
class ScalpHair:
    """Hair of a head (see `faceinv.data.faces.strands.Hairs`), in the place of the head it was grown on."""

    points: np.ndarray
    normals: np.ndarray
    triangles: np.ndarray
    uv: np.ndarray
    colour: np.ndarray
    sky: float = 0.7

    def place(self, vertices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Points and normals: the scalp stays where it is in every expression."""
        return self.points, self.normals


@cache
def roots() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Triangles and barycentric coordinates of candidates, their points on the neutral head, and its ears."""
    head, points = load_head(), neutral_points()
    skin = head.skin[~head.socket]
    skin = skin[(points[skin][..., 2] > -0.08).all(1) & (head.ears[skin] < 0.3).all(1)]
    a, b, c = (points[skin[:, k]] for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    # evenly spread: systematic sampling along the sum of areas, in an order that keeps neighbours together
    order = np.lexsort((a[:, 0] // 0.012, a[:, 1] // 0.012, a[:, 2] // 0.012))
    total = np.cumsum(area[order])
    rng = np.random.default_rng(29)
    at = np.searchsorted(total, (np.arange(ROOTS) + rng.random(ROOTS)) / ROOTS * total[-1])
    triangle = skin[order][np.minimum(at, len(skin) - 1)]
    u, v = np.sqrt(rng.random(ROOTS)), rng.random(ROOTS)
    weight = np.stack([1 - u, u * (1 - v), u * v], 1)
    return (
        triangle,
        weight,
        np.einsum("nk,nkx->nx", weight, points[triangle]),
        np.einsum("nk,nk->n", weight, head.ears[triangle]),
    )


def grow_scalp_hair(person: Person, cut: str, vertices: np.ndarray, scale: int = 2) -> ScalpHair:
    """The hair of a person, in one of `CUTS`, on a standing head without expression (V x 3).

    At scale 1, for small images, there are fewer and wider ribbons.
    """
    style = CUTS[cut]
    if scale == 1:
        style = replace(style, density=COARSE * style.density, width=style.width / COARSE)
    rng = np.random.default_rng([person.surface.hair_seed, 5])
    triangle, weight, neutral, ears = roots()
    # drawn for all candidates, so that no hair changes when others grow or fall out
    uniform, normal = rng.random((UNIFORM, ROOTS)), rng.normal(size=(NORMAL, ROOTS))
    of_locks, centres = rng.normal(size=(2, LOCKS)), rng.permutation(ROOTS)[:LOCKS]
    if rng.random() < 0.5:  # the parting may be on either side
        style = replace(style, parting=-style.parting)
    cover = hairline_cover(neutral, ears, receded(person.surface, person.age))
    grown = (cover > 0.25 + 0.7 * uniform[0]) & (uniform[1] < style.density)
    lock = cKDTree(neutral[centres]).query(neutral)[1][grown]
    triangle, weight, neutral = triangle[grown], weight[grown], neutral[grown]
    uniform, normal = uniform[:, grown], normal[:, grown]
    outside = normals(vertices, load_head().skin)
    start = np.einsum("nk,nkx->nx", weight, vertices[triangle])
    upright = unit(np.einsum("nk,nkx->nx", weight, outside[triangle]))
    curve = _curves(uniform, normal, style, start, upright, neutral, vertices, outside)
    curve += _together(curve, lock, style.lock)
    shown = np.ones(len(curve), bool) if style.fringe else ~_in_face(curve).any(1)
    curve, lock, uniform, normal = curve[shown], lock[shown], uniform[:, shown], normal[:, shown]
    tangent = unit(np.gradient(curve, axis=1))
    outwards = unit((curve - MIDDLE) * [1.0, 1.0, 0.8])
    across = unit(np.cross(tangent, outwards))
    count, steps, _ = curve.shape
    tilt = 0.22 * of_locks[0][lock] + 0.14 * normal[0]
    facing = unit(np.cross(across, tangent) + tilt[:, None, None] * across)
    facing *= np.where(np.einsum("nkx,nkx->nk", facing, outwards) < 0, -1, 1)[..., None]
    width = style.width / 2 * (0.6 + 0.65 * uniform[2, :, None]) * np.linspace(1, 0.75, steps - 1)
    made = ribbons(curve, across[:, :-1] * width[..., None])
    tone = 0.8 * of_locks[1][lock] + 0.6 * normal[1]
    tone = (np.clip(np.floor((tone + 2.5) / 5 * TONES), 0, TONES - 1) + 0.5) / TONES
    uv = np.stack(
        [np.broadcast_to(np.linspace(0.05, 0.95, steps), (count, steps)), np.repeat(tone[:, None], steps, 1)],
        2,
    )
    return ScalpHair(
        made.points,
        along_ribbons(facing).astype(np.float32),
        ribbon_triangles(count, steps),
        along_ribbons(uv),
        _tones(person),
    )


def _tones(person: Person) -> np.ndarray:
    """Reflectance of the ribbons: `TONES`, some greyer than others, along the hair from root to tip."""
    tone = np.linspace(-2.5, 2.5, TONES)[:, None]
    share = grey_share(person.surface, person.age)
    # a ribbon stands for many hairs, of which about that share are grey
    grey = np.clip(share + 0.6 * share * (1 - share) * np.roll(tone, TONES // 3)[::-1], 0, 1)
    pigment = person.hair**2.2 * np.exp(0.22 * tone)
    white = 0.9 * GREY_HAIR * np.exp(0.10 * tone)
    along = np.array([0.7, 0.85, 0.95, 1.0, 1.05, 1.1])
    return ((pigment + grey * (white - pigment))[:, None] * along[:, None]).astype(np.float32)


def _in_face(curve: np.ndarray) -> np.ndarray:
    """Which points of curves hang before the face."""
    x, y, z = np.moveaxis(curve, -1, 0)
    return (np.abs(x) < 0.056) & (y < 0.012) & (z < 0.055)


def _together(curve: np.ndarray, lock: np.ndarray, share: float) -> np.ndarray:
    """What brings curves of a lock together towards their tips, by a share of their distance there."""
    count = np.maximum(np.bincount(lock, minlength=LOCKS), 1)[:, None]
    middle = np.stack(
        [
            np.stack([np.bincount(lock, curve[:, k, axis], LOCKS) for axis in range(3)], 1) / count
            for k in range(curve.shape[1])
        ],
        1,
    )
    return (share * np.linspace(0, 1, curve.shape[1])[:, None] ** 1.5) * (middle[lock] - curve)


def _curves(
    uniform: np.ndarray,
    normal: np.ndarray,
    style: Cut,
    start: np.ndarray,
    upright: np.ndarray,
    neutral: np.ndarray,
    vertices: np.ndarray,
    outside: np.ndarray,
) -> np.ndarray:
    """Curves of the ribbons, N x K x 3."""
    head = load_head()
    surface = np.unique(head.skin[~head.socket])
    tree = cKDTree(vertices[surface])
    long = _lengths(uniform[3], style, neutral)
    steps = (
        4 if style.top < 0.02 else 7 if style.top < 0.1 and not style.curl else 12 if style.turns < 1 else 16
    )
    lying = unit(_combed(style, start, neutral))
    lift = style.lift * (0.6 + 0.7 * uniform[4, :, None])
    heading = unit(
        lift * upright + (1 - np.clip(lift, 0, 1)) * (lying - (lying * upright).sum(1)[:, None] * upright)
    )
    heading = unit(heading + 0.10 * normal[2:5].T)
    layer = style.volume * (0.1 + 0.9 * uniform[5]) ** 0.7
    ends = np.where(_is_fringe(style, neutral), style.fringe, style.ends) + 0.004 * normal[5]
    point, out = start - 0.001 * upright, []
    step = (long / steps)[:, None]
    for k in range(steps + 1):
        out.append(point)
        travelled = (k + 1) * step[:, 0]
        # at the forehead hair lies on its neighbours, and does not fall into the face
        forehead = ramp(0.035 - point[:, 1], 0, 0.03) * (1 - ramp(np.abs(point[:, 0]), 0.055, 0.075))
        fall = style.fall * (1 - (0 if style.fringe else 0.95) * forehead)[:, None]
        heading = unit(
            heading
            + np.array([0.0, 0.0, -1.0]) * np.minimum(fall * step / 0.012, 0.6) * min(1.0, 0.4 + k / 5)
        )
        if style.fringe == 0 and style.top > 0.05:  # combed out of the face
            in_face = ramp(0.02 - point[:, 1], 0, 0.03) * ramp(0.062 - point[:, 2], 0, 0.02)
            heading = unit(
                heading
                + in_face[:, None] * [0, 0.9, 0]
                + 0.5 * in_face[:, None] * np.sign(point[:, :1]) * [1, 0, 0]
            )
        after = point + heading * step
        distance, nearest = tree.query(after)
        at, away = vertices[surface[nearest]], outside[surface[nearest]]
        height = np.einsum("nx,nx->n", after - at, away)
        wanted = layer * np.clip(travelled / 0.02, 0.15, 1)
        push = np.where(distance < 0.05, np.clip(wanted - height, 0, 0.02), 0)
        after = after + push[:, None] * away
        after[after[:, 2] < ends] = point[after[:, 2] < ends]
        moved = after - point
        heading = np.where(np.abs(moved).max(1, keepdims=True) > 1e-6, unit(moved), heading)
        point = after
    curve = np.stack(out, 1)
    # where it was cut, a ribbon still has its last steps, each a little further, so that none is empty
    curve[:, :, 2] -= 1e-5 * np.arange(steps + 1)
    if style.curl:
        s = np.linspace(0, 1, steps + 1) * long[:, None]
        phase = 2 * np.pi * (style.turns * s + uniform[6, :, None])
        side = unit(np.cross(np.gradient(curve, axis=1), curve - MIDDLE))
        radius = style.curl * (0.6 + 0.6 * uniform[7, :, None]) * np.clip(s / 0.02, 0, 1)
        curve += (radius * np.cos(phase))[..., None] * side
        curve += (radius * np.sin(phase))[..., None] * unit(curve - MIDDLE)
    return curve


def _is_fringe(style: Cut, neutral: np.ndarray) -> np.ndarray:
    """Which roots belong to the fringe."""
    x, y, _ = neutral.T
    return (style.fringe > 0) & (y < 0.045) & (np.abs(x) < 0.052)


def _lengths(uniform: np.ndarray, style: Cut, neutral: np.ndarray) -> np.ndarray:
    """Length of each hair by its root, in metres."""
    _, y, z = neutral.T
    above = ramp(z, 0.045, 0.085)
    front, back = 1 - ramp(y, -0.005, 0.05), ramp(y, 0.10, 0.15)
    crown = style.top + front * (style.front - style.top)
    around = style.sides + back * (style.nape - style.sides)
    return (around + above * (crown - around)) * (0.8 + 0.26 * uniform)


def _combed(style: Cut, start: np.ndarray, neutral: np.ndarray) -> np.ndarray:
    """Direction in which the hair is combed at each root."""
    x, y, z = neutral.T
    away = start - CROWN
    if style.comb == "crown":
        return away
    top = ramp(z, 0.03, 0.075)[:, None]
    down = np.stack([0 * x, 0.25 * np.ones_like(x), -np.ones_like(x)], 1)
    if style.comb == "forward":
        return np.where((y < 0.12)[:, None], [0.0, -1.0, -0.1] + 0.25 * unit(away), away)
    if style.comb == "back":
        return top * [0.0, 1.0, 0.15] + (1 - top) * (down + np.array([0.0, 1.0, 0.0]))
    side = np.where(x < style.parting, -1.0, 1.0)
    back = ramp(y, 0.05, 0.13)
    aside = np.stack([side, 0.35 + 0.5 * back, -0.1 - 0.4 * back], 1)
    return top * aside + (1 - top) * (down + 0.4 * side[:, None] * [1.0, 0.0, 0.0])
