"""The texture set: images of many classes of patterns by formulas, for pretraining networks without solids.

Networks learn to see from such images too (Kataoka et al. 2020; Baradad et al. 2021). A class is a formula
and the values of its parameters; images of a class differ in phase, rotation, size, contrast and colours. A
set is a small frozen dataclass, and its images are a pure function of it: identical on every run and in any
number of processes, and a slice of its classes gives the same images as the whole set.
"""

from __future__ import annotations

import colorsys
from binascii import crc32
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from faceinv.data.rendering.colour import LUMA, decode_srgb, encode
from faceinv.data.rendering.limits import check_set
from faceinv.data.rendering.slices import check_slice, draw_slices
from faceinv.data.stimuli import Stimuli, join
from faceinv.data.textures.fractals import FRACTALS
from faceinv.data.textures.growth import GROWTH
from faceinv.data.textures.mosaics import MOSAICS
from faceinv.data.textures.noises import NOISES
from faceinv.data.textures.plane import Formula, Plane
from faceinv.data.textures.tilings import TILINGS
from faceinv.data.textures.waves import WAVES
from faceinv.errors import InputError

TextureColour = Literal["grey", "colour"]
TEXTURE_COLOURS: tuple[TextureColour, ...] = ("grey", "colour")

FAMILIES = {**WAVES, **NOISES, **MOSAICS, **FRACTALS, **GROWTH, **TILINGS}
"""Families of textures by name."""
TEXTURES: dict[str, tuple[str, Formula, dict[str, str | float]]] = {
    name: (family.name, family.formula, cell)
    for family in FAMILIES.values()
    for name, cell in family.classes().items()
}
"""Classes of textures by name: the family, its formula and the values of its parameters."""
TEXTURE_CLASSES = tuple(TEXTURES)

LARGEST_ZOOM = 1.3
"""Sizes of textures are drawn from its inverse to itself, evenly in the logarithm."""
OFF_CENTRE = 0.2
"""Largest distance of the origin from the middle of the frame along either side, in widths of the frame."""
LEAST_DIFFERENCE = 0.25
"""Least difference between the luminances of the two colours of a texture, as grey levels 0 to 1."""


@dataclass(frozen=True)
class TextureSet:
    """A set of textures.

    Attributes
    ----------
    classes : int
        Number of classes, the first ones of `TEXTURE_CLASSES`.
    images : int
        Images per class.
    size : int
        Height and width of the images in pixels.
    samples : int
        Samples per pixel, a square number.
    seed : int
        Seed of everything that differs between images of a class.
    first : int
        Index of the first image of each class: sets with the same seed and no common index have no image in
        common.
    colour : ``"grey"`` or ``"colour"``
        Luminance only, or two random colours.

    Raises
    ------
    InputError
        If a value is out of range or unknown.
    """

    classes: int = len(TEXTURE_CLASSES)
    images: int = 100
    size: int = 64
    samples: int = 4
    seed: int = 0
    first: int = 0
    colour: TextureColour = "grey"

    def __post_init__(self) -> None:
        check_set(self, "a texture set", ("classes", "images"))
        if self.classes > len(TEXTURE_CLASSES):
            raise InputError(f"classes of a texture set is {self.classes}; there are {len(TEXTURE_CLASSES)}")
        if self.colour not in TEXTURE_COLOURS:
            raise InputError(
                f"colour of a texture set is {self.colour!r}; expected one of {', '.join(TEXTURE_COLOURS)}"
            )

    @property
    def name(self) -> str:
        """Name of the set in figures and tables."""
        return f"{self.classes} kinds of textures in {self.images} images"

    @property
    def kinds(self) -> tuple[str, ...]:
        """Names of the classes."""
        return TEXTURE_CLASSES[: self.classes]


def render_textures(textures: TextureSet, processes: int = 1, progress: bool = False) -> Stimuli:
    """Draw a set.

    Parameters
    ----------
    textures : TextureSet
    processes : number of worker processes; each uses one core
    progress : whether to show a progress bar

    Returns
    -------
    Stimuli
        Without region maps. In its table, `identity` is the class and `view` the index of the image; `gender`
        is empty. Further columns are `family`, `angle` (degrees), `zoom`, `x` and `y` (where the origin of
        the pattern lies, in widths of the frame from the middle). Images are sorted by class.
    """
    return join(
        draw_slices(
            render_texture_classes, textures, textures.classes, processes=processes, progress=progress
        )
    )


def render_texture_classes(textures: TextureSet, first: int, count: int) -> Stimuli:
    """Draw `count` classes of a set, from its `first` on: a pure function of its arguments."""
    check_slice("classes", "a texture set", first, count, textures.classes)
    images, rows = [], []
    for kind in textures.kinds[first : first + count]:
        for index in range(textures.first, textures.first + textures.images):
            image, row = draw_texture(textures, kind, index)
            images.append(image)
            rows.append(row)
    return Stimuli(np.stack(images), pd.DataFrame(rows), None, textures.name)


def draw_texture(textures: TextureSet, kind: str, index: int) -> tuple[np.ndarray, dict]:
    """Image (uint8, size x size x 3) and table row of one texture.

    It depends on the name of its class and not on the place of the class in the list.
    """
    rng = np.random.default_rng([textures.seed, crc32(kind.encode()), index, 5])
    family, formula, parameters = TEXTURES[kind]
    side = round(textures.samples**0.5)
    plane = Plane(
        side=side * textures.size,
        angle=float(rng.uniform(0, 2 * np.pi)),
        zoom=float(LARGEST_ZOOM ** rng.uniform(-1, 1)),
        centre=(float(rng.uniform(-OFF_CENTRE, OFF_CENTRE)), float(rng.uniform(-OFF_CENTRE, OFF_CENTRE))),
    )
    one, other = draw_colours(rng)
    share = normalised(formula(plane, rng, **parameters))
    share = share.reshape(textures.size, side, textures.size, side).mean((1, 3), dtype=np.float32)
    picture = one + share[..., None] * (other - one)
    if textures.colour == "grey":
        picture = np.repeat(encode(decode_srgb(picture) @ LUMA)[..., None], 3, axis=2)
    image = np.rint(255 * picture).astype(np.uint8)
    row = {
        "identity": kind,
        "gender": "",
        "view": f"{index:05d}",
        "family": family,
        "angle": float(np.degrees(plane.angle)),
        "zoom": plane.zoom,
        "x": plane.centre[0],
        "y": plane.centre[1],
    }
    return image, row


def normalised(field: np.ndarray) -> np.ndarray:
    """Values from 0 to 1: the hundredth lowest and highest become the ends of the range."""
    rank = max(1, field.size // 100)
    ordered = np.partition(field.ravel(), (rank, field.size - 1 - rank))
    low, high = ordered[rank], ordered[-1 - rank]
    if high - low < 1e-9:  # of sparse patterns, all but a few values are the same
        low, high = field.min(), field.max()
    return np.clip((field - low) / max(float(high - low), 1e-9), 0, 1)


def draw_colours(rng: np.random.Generator) -> np.ndarray:
    """Two random colours (2 x 3, sRGB 0-1, float32) of different luminance (see `LEAST_DIFFERENCE`)."""
    while True:
        hsv = rng.uniform((0, 0, 0.05), (1, 0.8, 1), (2, 3))
        pair = np.array([colorsys.hsv_to_rgb(*each) for each in hsv], np.float32)
        levels = encode(decode_srgb(pair) @ LUMA)
        if abs(float(levels[0] - levels[1])) > LEAST_DIFFERENCE:
            return pair
