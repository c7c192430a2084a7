"""Which pixels a cause can reach, found without looking at images: from two scenes and what is painted.

A sample of a pixel can only change if the ray through it hits something else, or something that is painted or
lit differently, or if something that is not in both scenes stands between it and the lamp.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

import numpy as np

from faceinv.data.faces import face_renderer
from faceinv.data.rendering import scene
from faceinv.data.rendering.brdf import look_up
from faceinv.data.rendering.camera import Camera
from faceinv.data.rendering.light import Light
from faceinv.data.rendering.ray_tracing import Hits, Surface

LIFTS = (0.0, 0.0003, 0.001)
"""Heights above a surface at which a shadow ray may start, in metres."""


@dataclass(frozen=True)
class Drawn:
    """All that a face in a picture is made of."""

    shapes: Sequence[scene.Shape]
    normals: Sequence[np.ndarray]
    paints: Sequence[np.ndarray]
    camera: Camera
    light: Light


@contextmanager
def recorded() -> Iterator[list[Drawn]]:
    """What each picture that is drawn in this context is made of, taken from the calls that draw it."""
    pictures: list[Drawn] = []

    class Recorder(scene.Scene):
        def __init__(self, shapes: Sequence[scene.Shape], *args: Any, **kwargs: Any) -> None:
            super().__init__(shapes, *args, **kwargs)
            self.shapes = shapes

        def look(self, camera, size, samples, before=None):
            self.camera = camera
            return super().look(camera, size, samples, before)

        def shade(self, sight, light, normals, paints):
            pictures.append(Drawn(self.shapes, list(normals), list(paints), self.camera, light))
            return super().shade(sight, light, normals, paints)

    with mock.patch.object(face_renderer, "Scene", Recorder):
        yield pictures


def corners(what: Drawn) -> tuple[np.ndarray, np.ndarray]:
    """Of each triangle the shape that it belongs to, and all that is given at its corners (T x values)."""
    values, number = [], []
    for i, (shape, normals) in enumerate(zip(what.shapes, what.normals, strict=True)):
        uv = np.zeros((len(shape.points), 2)) if shape.uv is None else shape.uv
        sky = np.ones(len(shape.points)) if shape.sky is None else shape.sky
        at_points = np.concatenate([shape.points, normals, uv, sky[:, None]], 1)
        values.append(at_points[shape.triangles].reshape(len(shape.triangles), -1).astype(np.float32))
        number.append(np.full(len(shape.triangles), i))
    return np.concatenate(number), np.concatenate(values)


def positions(values: np.ndarray) -> np.ndarray:
    """Corners of triangles, T x 3 x 3, of what is given there."""
    return values.reshape(len(values), 3, -1)[..., :3]


def surface(triangles: np.ndarray) -> Surface:
    """A surface of separate triangles, T x 3 x 3."""
    return Surface(triangles.reshape(-1, 3), np.arange(3 * len(triangles)).reshape(-1, 3))


def reach(one: Drawn, other: Drawn, size: int, samples: int) -> np.ndarray:
    """Pixels (H x W, bool) that may differ between two pictures whose backgrounds are the same."""
    side = round(samples**0.5)
    same_view = all(
        np.array_equal(getattr(one.camera, name), getattr(other.camera, name))
        for name in ("eye", "axes", "x", "y")
    )
    same_light = all(
        np.array_equal(getattr(one.light, name), getattr(other.light, name)) for name in one.light.__dict__
    )
    touched = np.zeros((size * side) ** 2, bool)
    found = []
    both = [corners(each) for each in (one, other)]
    rows = [{row.tobytes() for row in values} for _, values in both]
    for each, (number, values), others in zip((one, other), both, rows[::-1], strict=True):
        directions = each.camera.directions(size * side)
        hits = surface(positions(values)).cast(each.camera.eye.astype(np.float32), directions)
        new = np.array([row.tobytes() not in others for row in values])  # triangles of this scene alone
        found.append((each, number, values, hits, new))
    if not (same_view and same_light):
        for *_, hits, _ in found:
            touched[hits.ray] = True
    alone = [positions(values)[new] for _, _, values, _, new in found]
    changed = np.concatenate(alone)
    for (each, number, values, hits, new), twin in zip(found, (other, one), strict=True):
        touched[hits.ray[new[hits.triangle]]] = True
        touched[hits.ray[repainted(each, twin, number, values, hits)]] = True
        if len(changed):
            blocked = np.zeros(len(hits.ray), bool)
            unit = hits.normal / np.linalg.norm(hits.normal, axis=1, keepdims=True)
            unit *= np.sign(-(unit * each.camera.directions(size * side)[hits.ray]).sum(1))[:, None]
            blockers = surface(changed)
            for towards in each.light.directions(samples):
                for lift in LIFTS:
                    start = (hits.point + np.float32(lift) * unit).astype(np.float32)
                    raised = Hits(**{**hits.__dict__, "point": start})
                    blocked |= ~blockers.unoccluded(raised, towards[:, None])
            touched[hits.ray[blocked]] = True
    return np.asarray(touched.reshape(size, side, size, side).any((1, 3)))


def repainted(one: Drawn, other: Drawn, number: np.ndarray, values: np.ndarray, hits: Hits) -> np.ndarray:
    """Whether what is painted where each ray hits differs."""
    out = np.zeros(len(hits.ray), bool)
    uv = values.reshape(len(values), 3, -1)[..., 6:8][hits.triangle]
    weight = np.stack([1 - hits.u - hits.v, hits.u, hits.v], 1).astype(np.float32)
    u, v = np.einsum("nc,ncd->dn", weight, uv).astype(np.float32)
    for i, (mine, theirs) in enumerate(zip(one.paints, other.paints, strict=True)):
        here = number[hits.triangle] == i
        if mine.shape != theirs.shape:
            out |= here
        elif not np.array_equal(mine, theirs):
            differs = np.pad((mine != theirs).any(-1), 1)
            # a texel is read by the places up to one texel away; one more for rounding
            near = np.max([np.roll(differs, (r, c), (0, 1)) for r in (-1, 0, 1) for c in (-1, 0, 1)], 0)[
                1:-1, 1:-1
            ]
            texels = look_up(near[..., None].astype(np.float32), u[here], v[here])
            out[here] |= texels[:, 0] > 0
    return out
