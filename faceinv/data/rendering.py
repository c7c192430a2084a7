"""Rendering: a head, its texture and a view give an image and its region map.

Mitsuba 3 (Jakob et al. 2022) does it on the CPU, in its scalar variant, which needs no system library.
All noise is designed away, so that few samples are enough and the image does not depend on a seed: the
light is one direction, whose shadows are exact; the sky's light is worked out beforehand and glows from
the skin; and the samples of a pixel stand on a regular grid. The head stays and the camera and the light
turn around it, because moving them is free and moving the head is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import cos, radians, sin, tan

import drjit as dr
import mitsuba as mi
import numpy as np

from faceinv.data.atlas import COLUMNS, LABEL, ROWS, load_atlas
from faceinv.data.head import EYE_DISTANCE, Head, Phenotype, load_head, normals
from faceinv.data.scenes import FIELD_OF_VIEW, Material, bitmap, bounds, camera, look, mesh, painted
from faceinv.data.texture import IRIS_SIZE, Texture
from faceinv.data.views import View
from faceinv.errors import InputError

EYES_APART = 0.28
"""Distance between the eyes in a frontal view, in widths of the frame."""
EYES_DOWN = 0.43
"""Height of the eyes in the frame, from its top."""
PIVOT = 0.056
"""The head turns about an axis this far behind the eyes, in metres."""
SKY = 0.42
"""Radiance of the sky."""
SUN = 2.1
"""Irradiance of the light at strength one."""
DISTANCE = EYE_DISTANCE / EYES_APART / 2 / tan(radians(FIELD_OF_VIEW / 2))
"""From the camera to the plane of the eyes, in metres."""

SHAPE_REGIONS = ("background", "skin", "mouth", "eye", "mouth")
"""Regions of the scene's shapes by number; 0 is where there is none, and the skin's are in the atlas."""
SKIN = 1
PLAIN = {"mouth": ((0.26, 0.10, 0.09), 0.25), "teeth": ((0.62, 0.58, 0.52), 0.6)}
"""Colour of the shapes that have only one, and the share of the sky that reaches them."""


def codes() -> dict[str, np.ndarray]:
    """What the shapes glow with for a region map: column, row and number; in the skin, those of each texel.

    Between texels Mitsuba interpolates, which leaves a ramp what it is.
    """
    row, column = np.mgrid[:ROWS, :COLUMNS] + 0.5
    skin = np.stack([column, row, np.full_like(row, SKIN)], -1)
    others = {name: [0, 0, number] for number, name in enumerate(("mouth", "eye", "teeth"), SKIN + 1)}
    return {name: np.asarray(code, np.float32) for name, code in {"skin": skin, **others}.items()}


CODES = codes()


@dataclass(frozen=True)
class Rendered:
    """What one view shows.

    Attributes
    ----------
    radiance : H x W x 3, linear, multiplied by coverage
    coverage : H x W, 0 to 1
    regions : H x W, uint8, or None if they were not asked for
    """

    radiance: np.ndarray
    coverage: np.ndarray
    regions: np.ndarray | None


class Renderer:
    """A Mitsuba scene with one head, in which shape, texture, camera and light change.

    Parameters
    ----------
    size : width and height of the images in pixels
    samples : samples a pixel, a square number
    """

    def __init__(self, size: int, samples: int) -> None:
        if size < 8:
            raise InputError(f"size of a rendered image is {size}; expected at least 8 pixels")
        if samples < 1 or round(samples**0.5) ** 2 != samples:
            raise InputError(f"samples a pixel are {samples}; expected a square number")
        # one core a process: sets are rendered by several processes, and one image is too small to share
        dr.set_thread_count(1)
        self.head = load_head()
        self.teeth = Teeth(self.head)
        self.inner = {"mouth": alone(self.head.mouth), "eye": alone(self.head.eye)}
        self.scene = mi.load_dict(scene(self.head, self.teeth, size, samples))
        self.parameters = mi.traverse(self.scene)
        self.centres = mi.load_dict(camera(size, 1))
        self.centre_parameters = mi.traverse(self.centres)
        self.glow_only = mi.load_dict({"type": "path", "max_depth": 1})
        self.glows = {name: np.empty_like(self._glow(name)) for name in CODES}
        for name, (colour, open_to_sky) in PLAIN.items():
            self.glows[name][:] = np.float32(SKY * open_to_sky) * np.array(colour, np.float32)
            self._glow(name)[:] = self.glows[name]
        self.texture: Texture | None = None

    def _glow(self, name: str) -> np.ndarray:
        """The texture that a shape glows with, to be written in place.

        Mitsuba would otherwise prepare each texture for sampling, which takes 15 ms.
        """
        return np.array(self.parameters[f"{name}.emitter.radiance.data"], copy=False)

    def dress(self, texture: Texture) -> None:
        """Put a texture on."""
        self.glows["skin"][:] = texture.skin * (np.float32(SKY) * load_atlas().sky)[..., None]
        self.glows["eye"][:] = texture.eye * np.float32(0.75 * SKY)
        for name, colours in (("skin", texture.skin), ("eye", texture.eye)):
            np.array(self.parameters[f"{name}.bsdf.base_color.data"], copy=False)[:] = colours
            self._glow(name)[:] = self.glows[name]
        self.texture = texture

    def shape(self, vertices: np.ndarray, rest: np.ndarray) -> None:
        """Put the vertices of a head in; `rest` are those without expression, which place it in the frame."""
        head, p = self.head, self.parameters
        standing = head.stand(vertices, rest)
        p["skin.vertex_positions"] = standing[head.corner_vertex].ravel()
        self.standing, self.normals = standing, normals(standing, head.skin)
        p["skin.vertex_normals"] = self.normals[head.corner_vertex].ravel()
        for name, (vertex, triangles) in self.inner.items():
            p[f"{name}.vertex_positions"] = standing[vertex].ravel()
            p[f"{name}.vertex_normals"] = normals(standing[vertex], triangles).ravel()
        teeth = self.teeth.place(standing, head.stand(rest))
        p["teeth.vertex_positions"] = teeth.ravel()
        p["teeth.vertex_normals"] = normals(teeth, self.teeth.triangles).ravel()
        for name in (
            "skin",
            "teeth",
            *self.inner,
        ):  # or Mitsuba makes its own where ours happen to stay the same
            p.set_dirty(f"{name}.vertex_normals")
        p.update()

    def view(self, view: View, regions: bool = True) -> Rendered:
        """The image of the head, as it is shaped and dressed, and its region map."""
        p = self.parameters
        turn = rotation(view)
        for parameters, prefix in ((p, "sensor."), (self.centre_parameters, "")):
            parameters[f"{prefix}to_world"] = look(
                camera_at(turn, view.scale), np.array([0, PIVOT, 0]), turn.T @ [0, 0, 1]
            )
            parameters[f"{prefix}principal_point_offset_x"] = -view.x
            parameters[f"{prefix}principal_point_offset_y"] = 0.5 - EYES_DOWN - view.y
        azimuth, elevation = radians(view.light_azimuth), radians(view.light_elevation)
        towards = [sin(azimuth) * cos(elevation), -cos(azimuth) * cos(elevation), sin(elevation)]
        p["key.to_world"] = look(np.zeros(3), -turn.T @ towards, turn.T @ [0, 0.6, 0.8])
        p["key.irradiance.value"] = mi.Color3f(SUN * view.light)
        p.update()
        bent = face_camera(self.standing, self.normals, self.head.skin, camera_at(turn, view.scale))
        np.array(p["skin.vertex_normals"], copy=False)[:] = bent[self.head.corner_vertex].ravel()
        pixels = np.array(mi.render(self.scene), dtype=np.float32)
        return Rendered(pixels[..., :3], pixels[..., 3], self.region_map() if regions else None)

    def region_map(self) -> np.ndarray:
        """Region at the centre of each pixel of the last view, uint8.

        Every shape glows with its number and, skin, its place in the atlas, and only that is looked at, which
        takes half the time of having Mitsuba tell which shape was hit.
        """
        self.centre_parameters.update()
        for name, code in CODES.items():
            self._glow(name)[:] = code
        hit = np.array(mi.render(self.scene, sensor=self.centres, integrator=self.glow_only, spp=1))
        for name, glow in self.glows.items():
            self._glow(name)[:] = glow
        shape = np.rint(hit[..., 2]).astype(int)
        out = np.array([LABEL[n] for n in SHAPE_REGIONS], np.uint8)[shape]
        skin = shape == SKIN
        column = np.clip(hit[..., 0][skin].astype(int), 0, COLUMNS - 1)
        row = np.clip(hit[..., 1][skin].astype(int), 0, ROWS - 1)
        out[skin] = self.regions_at(row, column)
        return out

    def regions_at(self, row: np.ndarray, column: np.ndarray) -> np.ndarray:
        """Regions of texels of the skin, with the brows and the hair of the texture that is on."""
        found = load_atlas().regions[row, column]
        if self.texture is not None:
            over = np.isin(found, [LABEL[n] for n in ("cheek", "forehead", "nose", "eye", "skin")])
            found[over & (self.texture.brow[row, column] > 0.5)] = LABEL["brow"]
            if self.texture.hair is not None:
                found[(self.texture.hair[row, column] > 0.5) & (found != LABEL["brow"])] = LABEL["hair"]
        return found


class Teeth:
    """Two arcs of teeth: the upper one keeps still, the lower one goes with the chin.

    Parameters
    ----------
    head : Head
        Whose neutral mouth they are made for.
    """

    def __init__(self, head: Head) -> None:
        neutral = head.stand(head.shape(Phenotype(), np.zeros(len(head.local_names))))
        self.neutral = neutral
        self.lips = np.flatnonzero(head.lips > 0.5)
        x, y, z = neutral.T
        self.chin = np.flatnonzero((np.abs(x) < 0.012) & (z < -0.09) & (z > -0.108) & (y < -0.01))
        middle = np.array([0, neutral[self.lips, 1].min() + 0.012, np.median(neutral[self.lips, 2])])
        angle = np.deg2rad(np.linspace(-75, 75, 16))
        arc = np.stack([0.023 * np.sin(angle), 0.028 * (1 - np.cos(angle)), np.zeros(16)], 1)
        upper = [arc + middle + [0, 0, z] for z in (0.008, -0.0015)]
        lower = [0.95 * arc + middle + [0, 0.002, z] for z in (-0.002, -0.010)]
        self.points = np.concatenate([*upper, *lower]).astype(np.float32)
        self.upper = np.arange(64) < 32
        i = np.arange(15)
        strip = np.concatenate([np.stack([i, i + 16, i + 1], 1), np.stack([i + 1, i + 16, i + 17], 1)])
        self.triangles = np.concatenate([strip, strip + 32])

    def place(self, vertices: np.ndarray, rest: np.ndarray) -> np.ndarray:
        """Where the teeth are in a head with these vertices, whose vertices at rest are `rest`."""
        with_mouth = (rest - self.neutral)[self.lips].mean(0)
        with_jaw = (vertices - rest)[self.chin].mean(0)
        return self.points + with_mouth + np.where(self.upper[:, None], 0, with_jaw)


def alone(triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The vertices that `triangles` use, and the triangles as indices into these."""
    vertex, index = np.unique(triangles, return_inverse=True)
    return vertex, index.reshape(-1, 3)


def rotation(view: View) -> np.ndarray:
    """Matrix that turns the head into the view: yaw about z, then pitch about x, then roll about y."""
    (cy, sy), (cp, sp), (cr, sr) = (
        (cos(a), sin(a)) for a in map(radians, (view.yaw, -view.pitch, view.roll))
    )
    yaw = np.array([[cy, -sy, 0], [sy, cy, 0], [0, 0, 1]])
    pitch = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    roll = np.array([[cr, 0, sr], [0, 1, 0], [-sr, 0, cr]])
    return roll @ pitch @ yaw


def camera_at(turn: np.ndarray, scale: float) -> np.ndarray:
    """Where the camera stands when the head, not the camera, is what stays."""
    return np.array([0, PIVOT, 0]) + turn.T @ [0, -(DISTANCE / scale + PIVOT), 0]


def face_camera(points: np.ndarray, normal: np.ndarray, triangles: np.ndarray, eye: np.ndarray) -> np.ndarray:
    """`normal`, bent where a vertex of a triangle that faces the camera at `eye` looks away from it.

    Smooth normals do that along the outline of a coarse mesh, and would leave black specks there.
    """
    to_eye = (eye - points).astype(np.float32)
    to_eye /= np.linalg.norm(to_eye, axis=1, keepdims=True)
    facing = np.einsum("vk,vk->v", normal, to_eye)
    away = facing < 0.06
    near = triangles[away[triangles].any(1)]
    a, b, c = (points[near[:, k]] for k in range(3))
    seen = near[np.einsum("tk,tk->t", np.cross(b - a, c - a), to_eye[near[:, 0]]) > 0]
    bend = np.zeros(len(points), bool)
    bend[seen] = True
    bend &= away
    out = normal.copy()
    out[bend] += (0.06 - facing[bend])[:, None] * to_eye[bend]
    out[bend] /= np.linalg.norm(out[bend], axis=1, keepdims=True)
    return out


def scene(head: Head, teeth: Teeth, size: int, samples: int) -> dict:
    """The scene: light, camera, and the meshes, which glow with what the sky gives them."""
    uv, neutral = load_atlas().uv, teeth.neutral
    mouth, mouth_triangles = alone(head.mouth)
    eye, eye_triangles = alone(head.eye)
    centres = head.eye_centres(neutral)
    radius = np.ptp(neutral[head.left_globe, 2]) / 2
    from_centre = neutral[eye] - centres[(neutral[eye, 0] > 0).astype(int)]
    eye_uv = 0.5 + from_centre[:, [0, 2]] / (2.2 * radius) * [1, -1]
    shine = {"type": "principled", "roughness": 0.52, "specular": 0.28}
    wet = {"type": "principled", "roughness": 0.12, "specular": 0.5}
    return {
        "type": "scene",
        "integrator": {"type": "direct", "emitter_samples": 1, "bsdf_samples": 0},
        "sensor": camera(size, samples),
        "key": {"type": "directional", "direction": [0, 1, 0], "irradiance": {"type": "rgb", "value": SUN}},
        "skin": mesh(
            "skin", neutral[head.corner_vertex], head.skin_corners, painted(shine, (ROWS, COLUMNS)), uv
        ),
        "mouth": mesh("mouth", neutral[mouth], mouth_triangles, plain("mouth")),
        "eye": mesh("eye", neutral[eye], eye_triangles, painted(wet, (IRIS_SIZE, IRIS_SIZE)), eye_uv),
        "teeth": mesh("teeth", teeth.points, teeth.triangles, plain("teeth")),
        "bounds": bounds(),
    }


def plain(name: str) -> Material:
    """A dull material of one colour of `PLAIN`; its glow is written later, as that of what is painted."""
    colour, _ = PLAIN[name]
    return {"type": "diffuse", "reflectance": {"type": "rgb", "value": list(colour)}}, {
        "radiance": bitmap(1, 1)
    }


@lru_cache(maxsize=4)
def renderer(size: int, samples: int) -> Renderer:
    """The renderer of images of `size` pixels with `samples` samples a pixel, made once in a process."""
    return Renderer(size, samples)
