"""The object set: rendered images of many classes of objects, for pretraining networks.

A set is a small frozen dataclass, and its images are a pure function of it: identical on every run and in any
number of processes, and a slice of its classes gives the same images as the whole set.
"""

from __future__ import annotations

from binascii import crc32
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from faceinv.data.objects.categories import CLASSES, draw_shape
from faceinv.data.objects.textures import draw_pattern
from faceinv.data.rendering.colour import LUMA, decode_srgb, encode
from faceinv.data.rendering.limits import check_set
from faceinv.data.rendering.slices import check_slice, draw_slices
from faceinv.data.stimuli import Stimuli, join
from faceinv.errors import InputError

ObjectColour = Literal["grey", "colour"]
OBJECT_COLOURS: tuple[ObjectColour, ...] = ("grey", "colour")
BACKGROUND_CONTRAST = 0.3
"""Contrast of the background relative to that of textures, low so that objects stand out."""
DARKEST = np.float32(0.3)
"""Darkest surface of an object, sRGB 0 to 1."""


@dataclass(frozen=True)
class ObjectSet:
    """A set of objects to render.

    Attributes
    ----------
    classes : int
        Number of classes, the first ones of `faceinv.data.objects.categories.CLASSES`.
    images : int
        Images per class, each of a different object of that class.
    size : int
        Height and width of the images in pixels.
    samples : int
        Samples per pixel, a square number.
    seed : int
        Seed of the objects, poses, lights, textures and backgrounds.
    first : int
        Index of the first image of each class: sets with the same seed and no common index have no object in
        common.
    colour : ``"grey"`` or ``"colour"``
        Luminance only, or colour as rendered.

    Raises
    ------
    InputError
        If a value is out of range or unknown.
    """

    classes: int = len(CLASSES)
    images: int = 100
    size: int = 64
    samples: int = 4
    seed: int = 0
    first: int = 0
    colour: ObjectColour = "grey"

    def __post_init__(self) -> None:
        check_set(self, "an object set", ("classes", "images"))
        if self.classes > len(CLASSES):
            raise InputError(f"classes of an object set is {self.classes}; there are {len(CLASSES)}")
        if self.colour not in OBJECT_COLOURS:
            raise InputError(
                f"colour of an object set is {self.colour!r}; expected one of {', '.join(OBJECT_COLOURS)}"
            )

    @property
    def name(self) -> str:
        """Name of the set in figures and tables."""
        return f"{self.classes} kinds of objects in {self.images} images"


def render_objects(objects: ObjectSet, processes: int = 1, progress: bool = False) -> Stimuli:
    """Render a set.

    Parameters
    ----------
    objects : ObjectSet
    processes : number of worker processes; each uses one core
    progress : whether to show a progress bar

    Returns
    -------
    Stimuli
        Without region maps. In its table, `identity` is the class and `view` the index of the image; `gender`
        is empty. Further columns are `yaw`, `pitch`, `roll`, `light_azimuth`, `light_elevation` (degrees),
        `light` (relative strength), `x`, `y` and `scale`. Images are sorted by class.
    """
    return join(draw_slices(render_classes, objects, objects.classes, processes=processes, progress=progress))


def render_classes(objects: ObjectSet, first: int, count: int) -> Stimuli:
    """Render `count` classes of a set, from its `first` on: a pure function of its arguments."""
    check_slice("classes", "an object set", first, count, objects.classes)
    images, rows = [], []
    for kind in CLASSES[first : first + count]:
        for index in range(objects.first, objects.first + objects.images):
            image, row = _one(objects, kind, index)
            images.append(image)
            rows.append(row)
    return Stimuli(np.stack(images), pd.DataFrame(rows), None, objects.name)


def _one(objects: ObjectSet, kind: str, index: int) -> tuple[np.ndarray, dict]:
    """Image and table row of one object."""
    # imported here, so that describing a set does not load Embree
    from faceinv.data.objects.framing import fitted_pose
    from faceinv.data.objects.object_renderer import TEXELS, picture
    from faceinv.data.rendering.views import rotation_matrix

    # by its name and not its place in the list, so that a new class changes no other
    rng = np.random.default_rng([objects.seed, crc32(kind.encode()), index, 4])
    solid = draw_shape(kind, rng)
    view = fitted_pose(solid, rng)
    projection = np.linalg.qr(rng.normal(size=(3, 3)))[0][:2]
    # no surface is so dark that only the outline of the object is left
    texture = DARKEST + (1 - DARKEST) * draw_pattern(rng, TEXELS)
    # of several backgrounds, the one whose luminance differs most from that of the object
    backgrounds = [draw_pattern(rng, objects.size, BACKGROUND_CONTRAST) for _ in range(3)]
    turn = rotation_matrix(view)
    radiance, cover = picture(solid, texture, projection, turn, view, objects.size, objects.samples)
    surface = encode(radiance.sum((0, 1)) / cover.sum())
    contrasts = [abs(float((each.mean((0, 1)) - surface) @ LUMA)) for each in backgrounds]
    background = backgrounds[int(np.argmax(contrasts))]
    composed = radiance + (1 - np.clip(cover, 0, 1)[..., None]) * decode_srgb(background)
    if objects.colour == "grey":
        composed = np.repeat((composed @ LUMA)[..., None], 3, axis=2)
    image = np.rint(255 * encode(composed)).astype(np.uint8)
    return image, {"identity": kind, "gender": "", "view": f"{index:05d}", **view.__dict__}
