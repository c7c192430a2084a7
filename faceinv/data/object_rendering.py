"""Rendering of objects: a solid, a texture, a pose and a light give an image without its background."""

from __future__ import annotations

from functools import lru_cache
from math import cos, radians, sin, tan

import drjit as dr
import mitsuba as mi
import numpy as np

from faceinv.data.head import normals
from faceinv.data.scenes import FIELD_OF_VIEW, bounds, camera, look, mesh, painted
from faceinv.data.solids import Solid
from faceinv.data.texture import linear
from faceinv.data.views import View

POINTS, TRIANGLES = 4000, 4000
"""What a solid may have at most: Mitsuba's meshes keep the size that they are made with."""
TEXELS = 64
"""Across a texture, which is thrown through the object from one side."""
FRAME = 0.5
"""Half the width of the frame where the objects are."""
SKY, SUN = 0.4, 2.1
"""Radiance of the sky, and irradiance of the light at strength one."""


class ObjectRenderer:
    """A Mitsuba scene with one object, in which shape, texture and light change; noise-free, as of heads.

    Parameters
    ----------
    size : width and height of the images in pixels
    samples : samples a pixel, a square number
    """

    def __init__(self, size: int, samples: int) -> None:
        # one core a process: sets are rendered by several processes
        dr.set_thread_count(1)
        eye = np.array([0, -FRAME / tan(radians(FIELD_OF_VIEW / 2)), 0])
        shine = {"type": "principled", "roughness": 0.4, "specular": 0.4}
        self.scene = mi.load_dict(
            {
                "type": "scene",
                "integrator": {"type": "direct", "emitter_samples": 1, "bsdf_samples": 0},
                "sensor": {
                    **camera(size, samples),
                    "to_world": look(eye, np.zeros(3), np.array([0, 0, 1])),
                },
                "key": {"type": "directional", "irradiance": {"type": "rgb", "value": SUN}},
                "object": mesh(
                    "object",
                    np.zeros((POINTS, 3)),
                    np.zeros((TRIANGLES, 3), np.int64),
                    painted(shine, (TEXELS, TEXELS)),
                    np.zeros((POINTS, 2)),
                ),
                "bounds": bounds(),
            }
        )
        self.parameters = mi.traverse(self.scene)

    def view(
        self, solid: Solid, texture: np.ndarray, projection: np.ndarray, turn: np.ndarray, view: View
    ) -> tuple[np.ndarray, np.ndarray]:
        """Radiance (H x W x 3, linear, multiplied by coverage) and coverage (H x W) of a solid.

        Parameters
        ----------
        solid : in a ball of radius 1 about the origin
        texture : TEXELS x TEXELS x 3, sRGB 0-1
        projection : 2 x 3, from places in the solid to places in the texture, -1 to 1
        turn : 3 x 3, the rotation into the view
        view : light, place and size (1: the ball fills the frame)
        """
        p = self.parameters
        colour = linear(texture)
        for name, value in (("bsdf.base_color", colour), ("emitter.radiance", colour * np.float32(SKY))):
            # written in place: Mitsuba would otherwise prepare each texture for sampling, which takes long
            np.array(p[f"object.{name}.data"], copy=False)[:] = value
        placed = FRAME * (view.scale * solid.points @ turn.T + np.array([2 * view.x, 0, -2 * view.y]))
        p["object.faces"] = padded(solid.triangles, TRIANGLES).astype(np.uint32).ravel()
        p["object.vertex_positions"] = padded(placed, POINTS).astype(np.float32).ravel()
        p["object.vertex_normals"] = padded(normals(placed, solid.triangles), POINTS).ravel()
        places = 0.5 + 0.5 * solid.points @ projection.T
        p["object.vertex_texcoords"] = padded(places, POINTS).astype(np.float32).ravel()
        p.set_dirty("object.vertex_normals")  # or Mitsuba makes its own where ours stay the same
        azimuth, elevation = radians(view.light_azimuth), radians(view.light_elevation)
        towards = np.array([sin(azimuth) * cos(elevation), -cos(azimuth) * cos(elevation), sin(elevation)])
        p["key.to_world"] = look(np.zeros(3), -towards, np.array([0, 0.6, 0.8]))
        p["key.irradiance.value"] = mi.Color3f(SUN * view.light)
        p.update()
        pixels = np.array(mi.render(self.scene), dtype=np.float32)
        return pixels[..., :3], pixels[..., 3]


def padded(values: np.ndarray, count: int) -> np.ndarray:
    """`values`, and then its very first value until there are `count` rows: triangles that are points."""
    out = np.full((count, values.shape[1]), values[0, 0], values.dtype)
    out[: len(values)] = values
    return out


@lru_cache(maxsize=4)
def object_renderer(size: int, samples: int) -> ObjectRenderer:
    """The renderer of images of `size` pixels with `samples` samples a pixel, made once in a process."""
    return ObjectRenderer(size, samples)
