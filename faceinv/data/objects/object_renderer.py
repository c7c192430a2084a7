"""Rendering of objects: a solid, a texture, a pose and a light give an image without background."""

from __future__ import annotations

from math import radians, tan

import numpy as np

from faceinv.data.objects.meshes import Solid
from faceinv.data.rendering.brdf import Gloss
from faceinv.data.rendering.camera import FIELD_OF_VIEW, Camera
from faceinv.data.rendering.colour import decode_srgb
from faceinv.data.rendering.light import Light, direction
from faceinv.data.rendering.mesh import normals
from faceinv.data.rendering.scene import Scene, Shape, check_frame, paint
from faceinv.data.rendering.views import View

TEXELS = 64
"""Width of a texture, which is projected through the object from one side."""
FRAME = 0.5
"""Half the width of the frame at the distance of the objects."""
SKY, SUN = 0.4, 2.1
"""Radiance of the sky, and irradiance of the light at strength one."""
GLOSS = Gloss(roughness=0.4, specular=0.4)
CREASE = 0.64
"""Cosine of the angle (50 degrees) from which on an edge is sharp."""
CAMERA = Camera(np.array([0, -FRAME / tan(radians(FIELD_OF_VIEW / 2)), 0]), np.eye(3))


def picture(
    solid: Solid,
    texture: np.ndarray,
    projection: np.ndarray,
    turn: np.ndarray,
    view: View,
    size: int,
    samples: int,
    crease: float = CREASE,
) -> tuple[np.ndarray, np.ndarray]:
    """Radiance (H x W x 3, linear, multiplied by coverage) and coverage (H x W) of a solid.

    Parameters
    ----------
    solid : within the unit ball around the origin
    texture : TEXELS x TEXELS x 3, sRGB 0-1
    projection : 2 x 3, from points of the solid to texture coordinates, -1 to 1
    turn : 3 x 3, the rotation into the view
    view : light, position and scale (1: the unit ball fills the frame)
    size : width and height in pixels
    samples : samples per pixel, a square number
    crease : cosine of the angle between triangles from which on an edge is sharp
    """
    check_frame(size, samples)
    placed = FRAME * (view.scale * solid.points @ turn.T + np.array([2 * view.x, 0, -2 * view.y]))
    shading, triangles = normals(placed, solid.triangles), solid.triangles
    uv = 0.5 + 0.5 * solid.points @ projection.T
    corners = triangles.ravel()
    placed, uv, triangles = placed[corners], uv[corners], np.arange(len(corners)).reshape(-1, 3)
    flat = normals(placed, triangles)
    smooth = shading[corners]
    shading = np.where(np.sum(flat * smooth, 1, keepdims=True) > np.float32(crease), smooth, flat)
    scene = Scene([Shape(placed, triangles, GLOSS, uv)])
    paints = [paint(decode_srgb(texture), SKY)]
    light = Light(direction(view), SUN * view.light)
    return scene.picture(CAMERA, light, [shading], paints, size, samples)
