"""Pictures of the head with a colour at each vertex, from a few sides."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from faceinv.data.faces.face_renderer import camera_at
from faceinv.data.faces.surface_points import head_mesh
from faceinv.data.rendering.camera import Camera
from faceinv.data.rendering.mesh import normals
from faceinv.data.rendering.ray_tracing import Surface
from faceinv.data.rendering.views import View, rotation_matrix

PICTURE_YAWS = (-40.0, 0.0, 40.0)
"""Yaw of the head in the still picture, in degrees."""
PICTURE_SIZE = 300
"""Height of the still picture in pixels."""
PICTURE_SCALE = 0.69
"""Size of the head relative to that in the pictures that networks see: all of it is in view."""
EYES = 0.455
"""Height of the eyes in the picture, from its top."""
FADE = (-0.175, -0.14)
"""Heights on the neck between which the head fades away, in metres above the eyes."""
LIGHT = np.array([-0.35, -0.75, 0.56])
"""Direction to the light, for a head that looks towards -y."""
AMBIENT = 0.66
"""Share of the light that comes from everywhere."""
STRIPES = np.array([[154, 163, 173], [195, 201, 207]])
"""Colours of the stripes where there is no value."""


def still_picture(levels: np.ndarray, scale: np.ndarray, sides: Sequence[float] = PICTURE_YAWS) -> str:
    """The head from some sides, in a row, as the data URI of a WebP picture on nothing.

    Parameters
    ----------
    levels : V, step of the colour scale, from 1, at each vertex of `head_mesh`; 0 where there is no value
    scale : uint8, steps x 3
    sides : yaw of the head in degrees
    """
    row = np.concatenate([head_picture(levels, scale, yaw) for yaw in sides], 1)
    covered = np.flatnonzero(row[..., 3].any(0))
    buffer = io.BytesIO()
    Image.fromarray(row[:, covered[0] : covered[-1] + 1]).save(buffer, "WEBP", quality=88, method=6)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


def head_picture(
    levels: np.ndarray, scale: np.ndarray, yaw: float, size: int = PICTURE_SIZE, rays: int = 2
) -> np.ndarray:
    """The head from one side, uint8, size x size x 4: nothing beside the head.

    Parameters
    ----------
    levels, scale : see `still_picture`
    yaw : of the head in degrees, positive to the right of the image
    size : height and width in pixels
    rays : rays along each side of a pixel
    """
    mesh = head_mesh()
    triangles = mesh.triangles[: mesh.outside]
    turn = rotation_matrix(View(yaw=yaw))
    eye = camera_at(turn, PICTURE_SCALE)
    camera = Camera(eye, turn, 0.0, EYES - 0.5)
    hits = Surface(mesh.vertices, triangles).cast(eye.astype(np.float32), camera.directions(size * rays))
    weights = np.stack([1 - hits.u - hits.v, hits.u, hits.v], 1)[..., None]
    corners = triangles[hits.triangle]
    level = (levels[corners][..., None] * weights).sum(1)[:, 0]
    known = ((levels[corners] > 0)[..., None] * weights).sum((1, 2))
    stripe = (hits.ray // (size * rays) + hits.ray % (size * rays)) // (3 * rays) % 2
    step = np.rint(level / np.maximum(known, 1e-3)).astype(int) - 1  # of the corners that have a value
    colour = np.where(known[:, None] >= 0.5, scale[np.clip(step, 0, len(scale) - 1)], STRIPES[stripe])
    normal = (normals(mesh.vertices, triangles)[corners] * weights).sum(1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    facing = np.maximum(normal @ (turn.T @ (LIGHT / np.linalg.norm(LIGHT))), 0)
    out = np.zeros(((size * rays) ** 2, 4))
    out[hits.ray, :3] = colour * (AMBIENT + (1 - AMBIENT) * facing)[:, None]
    out[hits.ray, 3] = np.clip((hits.point[:, 2] - FADE[0]) / (FADE[1] - FADE[0]), 0, 1)
    out[:, :3] *= out[:, 3:]
    pixels = out.reshape(size, rays, size, rays, 4).mean((1, 3))
    cover = pixels[..., 3:]
    pixels[..., :3] = np.divide(pixels[..., :3], cover, out=np.zeros_like(pixels[..., :3]), where=cover > 0)
    return np.rint(pixels * [1, 1, 1, 255]).astype(np.uint8)
