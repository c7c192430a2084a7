"""Rendering of faces: a head, its texture and a view give an image and its region map.

The head stays fixed while the camera and the light turn around it, because moving the head means
rebuilding the scene, while moving the camera and the light costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import radians, tan

import numpy as np

from faceinv.data.faces.first_edition.skin_texture import Texture
from faceinv.data.faces.first_edition.uv_atlas import COLUMNS, LABEL, ROWS, load_atlas
from faceinv.data.faces.morphable_head import EYE_DISTANCE, Head, Phenotype, load_head
from faceinv.data.rendering.brdf import Gloss
from faceinv.data.rendering.camera import FIELD_OF_VIEW, Camera
from faceinv.data.rendering.colour import LUMA
from faceinv.data.rendering.light import Light, direction
from faceinv.data.rendering.mesh import normals
from faceinv.data.rendering.scene import Scene, Shape, check_frame, paint
from faceinv.data.rendering.views import View, rotation_matrix

EYE_SPACING = 0.28
"""Distance between the eyes in a frontal view, in widths of the frame."""
EYE_HEIGHT = 0.43
"""Height of the eyes in the frame, from its top."""
PIVOT = 0.056
"""Distance of the axis of rotation of the head behind the eyes, in metres."""
SKY = 0.42
"""Radiance of the sky."""
SUN = 2.1
"""Irradiance of the light at strength one."""
DISTANCE = EYE_DISTANCE / EYE_SPACING / 2 / tan(radians(FIELD_OF_VIEW / 2))
"""Distance from the camera to the plane of the eyes, in metres."""

SCENE_SHAPES = {"skin": "skin", "mouth": "mouth", "eye": "eye", "teeth": "mouth"}
"""The shapes of the scene, in order, and their regions; regions of the skin come from the atlas."""
GLOSSES = {"skin": Gloss(roughness=0.52, specular=0.28), "eye": Gloss(roughness=0.12, specular=0.5)}
"""Gloss of the shapes that have one; the others are matte."""
UNIFORM = {"mouth": ((0.26, 0.10, 0.09), 0.25), "teeth": ((0.62, 0.58, 0.52), 0.6)}
"""Colour of the uniformly coloured shapes, and the share of the light of the sky that reaches them."""
EYE_SKY_SHARE = 0.75
"""Share of the light of the sky that reaches the eyes."""


@dataclass(frozen=True)
class RenderedView:
    """The rendering of one view.

    Attributes
    ----------
    radiance : H x W x 3, or H x W x 1 for a grey texture; linear, multiplied by coverage
    coverage : H x W, 0 to 1
    regions : H x W, uint8, or None if not requested
    """

    radiance: np.ndarray
    coverage: np.ndarray
    regions: np.ndarray | None


class Renderer:
    """Renders one head at a time: set its texture and geometry, then render any number of views.

    Parameters
    ----------
    size : width and height of the images in pixels
    samples : samples per pixel, a square number
    """

    def __init__(self, size: int, samples: int) -> None:
        check_frame(size, samples)
        self.size, self.samples = size, samples
        self.head = load_head()
        self.teeth = Teeth(self.head)
        self.inner = {"mouth": compact_mesh(self.head.mouth), "eye": compact_mesh(self.head.eye)}
        self.uv = {"skin": load_atlas().uv, "eye": eye_uv(self.head, self.teeth.neutral)}
        self.texture: Texture | None = None

    def set_texture(self, texture: Texture, grey: bool = False) -> None:
        """Set the texture of the head, or only its luminance (`grey`)."""
        painted: dict[str, tuple[np.ndarray, np.ndarray | float]] = {
            "skin": (texture.skin, load_atlas().sky[..., None]),
            "eye": (texture.eye, EYE_SKY_SHARE),
            **{
                name: (np.full((2, 2, 3), colour, np.float32), sky) for name, (colour, sky) in UNIFORM.items()
            },
        }
        self.paints = []
        for colour, sky_share in (painted[name] for name in SCENE_SHAPES):
            base = (colour @ LUMA)[..., None] if grey else colour
            self.paints.append(paint(base, SKY * sky_share))
        self.texture = texture

    def set_geometry(self, vertices: np.ndarray, rest: np.ndarray) -> None:
        """Set the vertices of the head; `rest`, those without expression, position it in the frame."""
        head = self.head
        placed = head.stand(vertices, rest)
        surfaces = {
            "skin": (placed[head.corner_vertex], head.skin_corners),
            **{name: (placed[vertex], triangles) for name, (vertex, triangles) in self.inner.items()},
            "teeth": (self.teeth.place(placed, head.stand(rest)), self.teeth.triangles),
        }
        self.scene = Scene([Shape(*surfaces[n], GLOSSES.get(n), self.uv.get(n)) for n in SCENE_SHAPES])
        self.placed, self.normals = placed, normals(placed, head.skin)
        self.other_normals = [normals(*surfaces[name]) for name in SCENE_SHAPES if name != "skin"]

    def view(self, view: View, regions: bool = True) -> RenderedView:
        """Render the head, with the geometry and texture that are set, and its region map."""
        turn = rotation_matrix(view)
        eye = camera_at(turn, view.scale)
        camera = Camera(eye, turn, view.x, view.y + EYE_HEIGHT - 0.5)
        light = Light(turn.T @ direction(view), SUN * view.light)
        skin = face_camera(self.placed, self.normals, self.head.skin, eye)[self.head.corner_vertex]
        radiance, coverage = self.scene.picture(
            camera,
            light,
            [skin, *self.other_normals],
            self.paints,
            self.size,
            self.samples,
        )
        return RenderedView(radiance, coverage, self.region_map(camera) if regions else None)

    def region_map(self, camera: Camera) -> np.ndarray:
        """Region at the centre of each pixel seen by a camera, uint8."""
        shape, u, v = self.scene.pixel_centre_hits(camera, self.size)
        out = np.array([*(LABEL[name] for name in SCENE_SHAPES.values()), LABEL["background"]], np.uint8)[
            shape
        ]
        skin = shape == list(SCENE_SHAPES).index("skin")
        column = np.clip((COLUMNS * u[skin]).astype(int), 0, COLUMNS - 1)
        row = np.clip((ROWS * v[skin]).astype(int), 0, ROWS - 1)
        out[skin] = self.regions_at(row, column)
        return out

    def regions_at(self, row: np.ndarray, column: np.ndarray) -> np.ndarray:
        """Regions of texels of the skin, with the brows and the hair of the current texture."""
        labels = load_atlas().regions[row, column]
        if self.texture is not None:
            paintable = np.isin(labels, [LABEL[n] for n in ("cheek", "forehead", "nose", "eye", "skin")])
            labels[paintable & (self.texture.brow[row, column] > 0.5)] = LABEL["brow"]
            if self.texture.hair is not None:
                labels[(self.texture.hair[row, column] > 0.5) & (labels != LABEL["brow"])] = LABEL["hair"]
        return labels


class Teeth:
    """Two arcs of teeth: the upper one is fixed, the lower one moves with the chin.

    Parameters
    ----------
    head : Head
        The head whose neutral mouth they fit.
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
        """Points of the teeth in a head with these vertices, of which `rest` are without expression."""
        with_mouth = (rest - self.neutral)[self.lips].mean(0)
        with_jaw = (vertices - rest)[self.chin].mean(0)
        return self.points + with_mouth + np.where(self.upper[:, None], 0, with_jaw)


def compact_mesh(triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the vertices that `triangles` use, and the triangles as indices into these."""
    vertex, index = np.unique(triangles, return_inverse=True)
    return vertex, index.reshape(-1, 3)


def camera_at(turn: np.ndarray, scale: float) -> np.ndarray:
    """Position of the camera around the fixed head, for a view that turns the head by `turn`."""
    return np.array([0, PIVOT, 0]) + turn.T @ [0, -(DISTANCE / scale + PIVOT), 0]


def face_camera(points: np.ndarray, normal: np.ndarray, triangles: np.ndarray, eye: np.ndarray) -> np.ndarray:
    """Bend normals towards the camera at `eye` where they face away from it but their triangle does not.

    Smooth normals do that along the outline of a coarse mesh, which would leave black specks there.
    """
    to_eye = (eye - points).astype(np.float32)
    to_eye /= np.linalg.norm(to_eye, axis=1, keepdims=True)
    facing = np.einsum("vk,vk->v", normal, to_eye)
    away = facing < 0.06
    near = triangles[away[triangles].any(1)]
    a, b, c = (points[near[:, k]] for k in range(3))
    base = near[np.einsum("tk,tk->t", np.cross(b - a, c - a), to_eye[near[:, 0]]) > 0]
    bend = np.zeros(len(points), bool)
    bend[base] = True
    bend &= away
    out = normal.copy()
    out[bend] += (0.06 - facing[bend])[:, None] * to_eye[bend]
    out[bend] /= np.linalg.norm(out[bend], axis=1, keepdims=True)
    return out


def eye_uv(head: Head, vertices: np.ndarray) -> np.ndarray:
    """Texture coordinates of the eyeballs' vertices: projected from the front, spanning 2.2 radii."""
    points = vertices[compact_mesh(head.eye)[0]]
    centres = head.eye_centres(vertices)
    radius = np.ptp(vertices[head.left_globe, 2]) / 2
    from_centre = points - centres[(points[:, 0] > 0).astype(int)]
    return 0.5 + from_centre[:, [0, 2]] / (2.2 * radius) * [1, -1]


@lru_cache(maxsize=4)
def renderer(size: int, samples: int) -> Renderer:
    """The renderer of images of `size` pixels with `samples` samples per pixel, created once per process."""
    return Renderer(size, samples)
