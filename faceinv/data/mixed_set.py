"""The mixed set: objects, textures and heads as the classes of one set, for pretraining networks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

from faceinv.data.faces.face_images import render_identities
from faceinv.data.faces.face_set import FaceSet
from faceinv.data.objects.object_set import ObjectSet, render_classes
from faceinv.data.rendering.slices import check_slice, draw_slices
from faceinv.data.stimuli import Stimuli, join
from faceinv.data.textures.texture_set import TextureSet, render_texture_classes
from faceinv.errors import InputError


@dataclass(frozen=True)
class MixedSet:
    """A set whose classes are kinds of objects, kinds of textures and people.

    Attributes
    ----------
    objects, textures, faces : its parts, of one size and with as many images of each class

    Raises
    ------
    InputError
        If the parts differ in size, or in the number of images of a class.

    Examples
    --------
    >>> mixed = MixedSet(ObjectSet(2, 3, size=16), TextureSet(2, 3, size=16), FaceSet(1, 3, size=16))
    >>> mixed.classes, mixed.images
    (5, 3)
    """

    objects: ObjectSet
    textures: TextureSet
    faces: FaceSet

    def __post_init__(self) -> None:
        images = (self.objects.images, self.textures.images, self.faces.views)
        sizes = (self.objects.size, self.textures.size, self.faces.size)
        for what, values in (("images of each class", images), ("sizes", sizes)):
            if len(set(values)) > 1:
                one, other, last = values
                raise InputError(
                    f"{what} of a mixed set are {one} (objects), {other} (textures) and {last} (faces); "
                    "expected one number"
                )

    @property
    def classes(self) -> int:
        """Number of classes."""
        return self.objects.classes + self.textures.classes + self.faces.identities

    @property
    def images(self) -> int:
        """Images per class."""
        return self.objects.images

    @property
    def size(self) -> int:
        """Height and width of the images in pixels."""
        return self.objects.size

    @property
    def name(self) -> str:
        """Name of the set in figures and tables."""
        return f"{self.classes} kinds of objects, textures and heads in {self.images} images"


def render_mixed(mixed: MixedSet, processes: int = 1, progress: bool = False) -> Stimuli:
    """Render a set.

    Parameters
    ----------
    mixed : MixedSet
    processes : number of worker processes; each uses one core
    progress : whether to show a progress bar

    Returns
    -------
    Stimuli
        Without region maps. Its table has `part` (``"objects"``, ``"textures"`` or ``"faces"``), `identity`
        (the class) and `view`; `gender` is empty, because not all that it shows has one. Images are sorted by
        part and class.
    """
    return join(
        draw_slices(render_mixed_classes, mixed, mixed.classes, processes=processes, progress=progress)
    )


def render_mixed_classes(mixed: MixedSet, first: int, count: int) -> Stimuli:
    """Render `count` classes of a set, from its `first` on: a pure function of its arguments."""
    check_slice("classes", "a mixed set", first, count, mixed.classes)
    slices: dict[str, tuple[Callable[..., Stimuli], int]] = {
        "objects": (render_classes, mixed.objects.classes),
        "textures": (render_texture_classes, mixed.textures.classes),
        "faces": (render_identities, mixed.faces.identities),
    }
    found, start = [], 0
    for part in fields(mixed):
        slice_of, size = slices[part.name]
        low, high = max(first - start, 0), min(first + count - start, size)
        if low < high:
            stimuli = slice_of(getattr(mixed, part.name), low, high - low)
            table = stimuli.table[["identity", "gender", "view"]].assign(gender="", part=part.name)
            found.append(Stimuli(np.ascontiguousarray(stimuli.images), table, None, mixed.name))
        start += size
    return join(found)
