"""Rendering of faces: a head, its texture and a view give an image and its region map.

The head stays fixed while the camera and the light turn around it, because moving the head means
rebuilding the scene, while moving the camera and the light costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import radians, tan

import numpy as np

from faceinv.data.faces.eyes import EyeBalls
from faceinv.data.faces.head_surface import load_surface
from faceinv.data.faces.morphable_head import EYE_DISTANCE, load_head
from faceinv.data.faces.mouth import CAVITY, TONGUE, Mouth, paint_teeth
from faceinv.data.faces.skin_texture import Texture
from faceinv.data.faces.strands import Hairs, facing
from faceinv.data.faces.uv_atlas import FINE_FROM, LABEL, load_atlas
from faceinv.data.rendering.brdf import Gloss
from faceinv.data.rendering.camera import FIELD_OF_VIEW, Camera
from faceinv.data.rendering.colour import LUMA, decode_srgb
from faceinv.data.rendering.light import Light, direction
from faceinv.data.rendering.mesh import normals
from faceinv.data.rendering.scene import Scene, Shape, check_frame, paint
from faceinv.data.rendering.ties import Seen, seen_by
from faceinv.data.rendering.views import View, rotation_matrix

EYE_SPACING = 0.28
"""Distance between the eyes in a frontal view, in widths of the frame."""
EYE_HEIGHT = 0.43
"""Height of the eyes in the frame, from its top."""
PIVOT = 0.056
"""Distance of the axis of rotation of the head behind the eyes, in metres."""
SKY = 0.42
"""Mean radiance of the sky."""
SUN = 2.1
"""Irradiance of the lamp at strength one."""
LAMP = 12.0
"""Radius of the lamp's disc as the face sees it, in degrees: a soft box 40 cm wide at a metre."""
FILL = 0.4
"""How much brighter the sky is, relative to its mean, for skin that faces away from the lamp to its side."""
FRAME_WIDTH = EYE_DISTANCE / EYE_SPACING
"""Width of the frame at the eyes, in metres."""
FLATNESS = 0.15
"""Largest distance of the middles of edges from the smooth surface, in pixels."""
DISTANCE = FRAME_WIDTH / 2 / tan(radians(FIELD_OF_VIEW / 2))
"""Distance from the camera to the plane of the eyes, in metres."""

SCENE_SHAPES = {
    "skin": "skin",
    "mouth": "mouth",
    "eye": "eye",
    "teeth": "mouth",
    "tongue": "mouth",
    "lash": "eye",
    "hair": "hair",
}
"""The shapes of the scene, in order, and their regions; regions of the skin come from the atlas. The last two
are hairs, which not every head has (`Renderer.set_hairs`)."""
GLOSSES = {
    "skin": Gloss(roughness=0.52, specular=0.28),
    "teeth": Gloss(roughness=0.3, specular=0.5),
    "tongue": Gloss(roughness=0.4, specular=0.4),
    "hair": Gloss(roughness=0.42, specular=0.35),
}
"""Gloss of the shapes that have one; the others are matte."""
EYE_SKY_SHARE = 0.75
"""Share of the light of the sky that reaches the eyes."""
HOLLOW = 0.11
"""Least share of it that reaches the skin: nostrils are shallower than the rays that found them dark."""
CAVITY_SKY_SHARE = 0.25
"""Share of it that reaches the inside of the cheeks."""


@dataclass(frozen=True)
class RenderedView:
    """The rendering of one view.

    Attributes
    ----------
    radiance : H x W x 3, or H x W x 1 for a grey texture; linear, multiplied by coverage
    coverage : H x W, 0 to 1
    regions : H x W, uint8, or None if not requested
    seen : what the samples met, and the centres of the pixels if they are no samples
    """

    radiance: np.ndarray
    coverage: np.ndarray
    regions: np.ndarray | None
    seen: tuple[Seen, ...] = ()


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
        self.atlas = load_atlas(2 if size >= FINE_FROM else 1)
        self.surface = load_surface(FLATNESS * FRAME_WIDTH / size)
        self.neutral = self.surface.neutral
        self.mouth = Mouth(self.head, self.neutral)
        self.eyes = EyeBalls(self.head, self.neutral)
        self.cavity = compact_mesh(self.head.mouth)
        self.texture: Texture | None = None
        self.scene: Scene | None = None
        self.hairs: dict[str, Hairs]
        self.set_hairs()

    def set_hairs(self, lash: Hairs | None = None, hair: Hairs | None = None) -> None:
        """Set or take away the lashes and the hair of the scalp, before the texture and the geometry."""
        given = {"lash": lash, "hair": hair}
        self.hairs = {name: hairs for name, hairs in given.items() if hairs is not None}
        self.names = [name for name in SCENE_SHAPES if name not in given or name in self.hairs]

    def set_texture(self, texture: Texture, grey: bool = False) -> None:
        """Set the texture of the head, or only its luminance (`grey`)."""
        painted: dict[str, tuple[np.ndarray, np.ndarray | float]] = {
            "skin": (texture.skin, np.maximum(self.atlas.sky, HOLLOW)[..., None]),
            "mouth": (np.full((2, 2, 3), decode_srgb(np.array(CAVITY)), np.float32), CAVITY_SKY_SHARE),
            "eye": (texture.eye, EYE_SKY_SHARE),
            "teeth": (decode_srgb(paint_teeth()), 1.0),
            "tongue": (np.full((2, 2, 3), decode_srgb(np.array(TONGUE)), np.float32), 1.0),
            **{name: (hairs.colour, hairs.sky) for name, hairs in self.hairs.items()},
        }
        self.paints = []
        for colour, sky_share in (painted[name] for name in self.names):
            base = (colour @ LUMA)[..., None] if grey else colour
            self.paints.append(paint(base, SKY * between_surfaces(base, sky_share)))
        self.texture = texture

    def set_geometry(self, vertices: np.ndarray, rest: np.ndarray, frame: np.ndarray | None = None) -> None:
        """Set the vertices of the head; `rest` are those without expression.

        The eyes of `frame`, or else those of `rest`, give the head its size and its place.
        """
        frame = rest if frame is None else frame
        placed = self.head.stand(vertices, frame)
        skin, skin_normals = self.surface.smooth(placed)
        eyes, eye_normals, eye_sky = self.eyes.place(placed)
        teeth, tongue, teeth_sky, tongue_sky = self.mouth.place(placed, self.head.stand(rest, frame))
        cavity, triangles = placed[self.cavity[0]], self.cavity[1]
        mouth = self.mouth
        shapes = {
            "skin": Shape(skin, self.surface.triangles, GLOSSES["skin"], self.surface.uv),
            "mouth": Shape(cavity, triangles),
            "eye": Shape(eyes, self.eyes.triangles, None, self.eyes.uv, eye_sky, self.eyes.coat),
            "teeth": Shape(teeth, mouth.teeth_triangles, GLOSSES["teeth"], mouth.teeth_uv, teeth_sky),
            "tongue": Shape(tongue, mouth.tongue_triangles, GLOSSES["tongue"], None, tongue_sky),
        }
        smooth = {"skin": skin_normals, "eye": eye_normals}
        for name, hairs in self.hairs.items():
            points, smooth[name] = hairs.place(placed)
            uv = None if is_uniform(hairs) else hairs.uv
            shapes[name] = Shape(points, hairs.triangles, GLOSSES.get(name), uv)
        self.hair_points = {name: shapes[name].points for name in self.hairs}
        in_order = [shapes[name] for name in self.names]
        self.scene = Scene(in_order, smooth=True, before=self.scene)
        self.normals = [
            smooth[name] if name in smooth else normals(shapes[name].points, shapes[name].triangles)
            for name in self.names
        ]

    def view(self, view: View, regions: bool = True, before: RenderedView | None = None) -> RenderedView:
        """Render the head, with the geometry and texture that are set, and its region map.

        Parameters
        ----------
        view : pose, light and framing
        regions : whether the region map is wanted
        before : the rendering of another geometry from the same side, which settles ties between surfaces
        """
        turn = rotation_matrix(view)
        assert self.scene is not None, "no geometry is set"
        eye = camera_at(turn, view.scale)
        camera = Camera(eye, turn, view.x, view.y + EYE_HEIGHT - 0.5)
        settled = before.seen if before is not None else ()
        sight = self.scene.look(camera, self.size, self.samples, settled[0] if settled else None)
        points = self.hair_points
        seen_from = [
            facing(normal, points[name], eye) if name in points else normal
            for name, normal in zip(self.names, self.normals, strict=True)
        ]
        radiance, coverage = self.scene.shade(sight, light_on(view, turn), seen_from, self.paints)
        seen = seen_by(sight.hits, self.scene.mesh, len(sight.directions))
        if not regions:
            return RenderedView(radiance, coverage, None, (seen,))
        if sight.side % 2:  # the middle sample of a pixel is the centre of the pixel
            return RenderedView(radiance, coverage, self.region_map(*sight.pixel_centres()), (seen,))
        centres = self.scene.look(camera, self.size, 1, settled[1] if len(settled) > 1 else None)
        at_centres = seen_by(centres.hits, self.scene.mesh, len(centres.directions))
        return RenderedView(radiance, coverage, self.region_map(*centres.pixel_centres()), (seen, at_centres))

    def region_map(self, shape: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Region of each pixel, uint8, from the index of the shape that is seen there, u and v."""
        of_shape = [LABEL[SCENE_SHAPES[name]] for name in self.names]
        out = np.array([*of_shape, LABEL["background"]], np.uint8)[shape]
        skin = shape == self.names.index("skin")
        rows, columns = self.atlas.regions.shape
        column = np.clip((columns * u[skin]).astype(int), 0, columns - 1)
        row = np.clip((rows * v[skin]).astype(int), 0, rows - 1)
        out[skin] = self.regions_at(row, column)
        return out

    def regions_at(self, row: np.ndarray, column: np.ndarray) -> np.ndarray:
        """Regions of texels of the skin, with the brows and the hair of the current texture."""
        labels = self.atlas.regions[row, column]
        if self.texture is not None:
            paintable = np.isin(labels, [LABEL[n] for n in ("cheek", "forehead", "nose", "eye", "skin")])
            labels[paintable & (self.texture.brow[row, column] > 0.5)] = LABEL["brow"]
            if self.texture.hair is not None:
                labels[(self.texture.hair[row, column] > 0.5) & (labels != LABEL["brow"])] = LABEL["hair"]
        return labels


def light_on(view: View, turn: np.ndarray) -> Light:
    """The light of a view, for a head that it turns by `turn`."""
    towards = direction(view)
    # from the other side than the lamp, from in front and a little from above
    fill = np.array([-0.9 * towards[0], -0.6, 0.28])
    return Light(turn.T @ towards, SUN * view.light, LAMP, turn.T @ (FILL * fill), SKY)


def between_surfaces(colour: np.ndarray, share: np.ndarray | float) -> np.ndarray:
    """Share of the light of the sky, with that which comes by way of surfaces nearby.

    They keep 1 - `share` of it away, but reflect as much as their colour does, again and again: what arrives
    is a geometric series, and hollows of the skin are not black but red.
    """
    return np.asarray(share / (1 - colour * (1 - share)), np.float32)


def compact_mesh(triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the vertices that `triangles` use, and the triangles as indices into these."""
    vertex, index = np.unique(triangles, return_inverse=True)
    return vertex, index.reshape(-1, 3)


def camera_at(turn: np.ndarray, scale: float) -> np.ndarray:
    """Position of the camera around the fixed head, for a view that turns the head by `turn`."""
    return np.array([0, PIVOT, 0]) + turn.T @ [0, -(DISTANCE / scale + PIVOT), 0]


def is_uniform(hairs: Hairs) -> bool:
    """Whether all hairs have one colour, which need not be looked up."""
    return np.ndim(hairs.sky) == 0 and bool((hairs.colour == hairs.colour[0, 0]).all())


@lru_cache(maxsize=4)
def renderer(size: int, samples: int) -> Renderer:
    """The renderer of images of `size` pixels with `samples` samples per pixel, created once per process."""
    return Renderer(size, samples)
