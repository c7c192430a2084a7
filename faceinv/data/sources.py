"""Sources: the sets of stimuli that an experiment can use, described by value, loaded once and cached."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from joblib import cpu_count, delayed
from joblib.parallel import get_active_backend
from tqdm import tqdm

from faceinv.data.faces.counterfactuals import Pairs, join_pairs, pairs_of_identities, plant
from faceinv.data.faces.face_images import render_identities
from faceinv.data.faces.face_set import FaceSet
from faceinv.data.mixed_set import MixedSet, render_mixed_classes
from faceinv.data.objects.object_set import ObjectSet, render_classes
from faceinv.data.photographs.datasets import photographs
from faceinv.data.stimuli import Stimuli, evenly_spaced, join
from faceinv.data.textures.texture_set import TextureSet, render_texture_classes
from faceinv.errors import InputError
from faceinv.runtime.cache import disk_cached
from faceinv.runtime.fingerprints import versions
from faceinv.runtime.locations import CACHE_VARIABLE, cache_folder
from faceinv.runtime.processes import with_core_slot, workers

NAMED = {"lfw": "lfw-py", "celeba": "celeba"}  # folders below FACEINV_DATA, in torchvision's layout

BYTES = 4
"""Bytes of a pixel: red, green, blue and its region."""
CHUNK = 10  # identities rendered and cached together: a killed run loses about a second of work


@dataclass(frozen=True)
class Photographs:
    """Grey photographs of one size, by name or folder (see `faceinv.data.photographs.datasets`).

    `stamp` changes with the files, so that a folder is read again when its contents change. Photographs that
    are aligned (`align`) also have the mean and the contrast of controlled rendered faces.
    """

    folder: str
    size: int
    crop: float
    stamp: str
    align: bool = False


Rendered = FaceSet | ObjectSet | TextureSet | MixedSet
Source = Rendered | Photographs
RenderedT = TypeVar("RenderedT", FaceSet, Rendered)
PartT = TypeVar("PartT", Stimuli, Pairs)


def class_counts(rendered: Rendered) -> tuple[int, int]:
    """Number of classes (people) of a rendered set, and of images (views) of each."""
    if isinstance(rendered, FaceSet):
        return rendered.identities, rendered.views
    return rendered.classes, rendered.images


def check_space(rendered: Rendered) -> None:
    """Refuse a set whose images do not fit into the cache folder, before any is rendered."""
    classes, images = class_counts(rendered)
    # its slices, the whole set while they are joined, and the file in which that is kept
    needed = 3 * classes * images * BYTES * rendered.size**2
    folder = cache_folder()
    if needed > (free := shutil.disk_usage(folder).free):
        raise InputError(
            f"{classes * images} images of {rendered.size} pixels take {needed / 1e9:.0f} GB, and "
            f"{free / 1e9:.0f} are free in {folder}; expected fewer or smaller ones, or a folder with more "
            f"space in the environment variable {CACHE_VARIABLE}"
        )


def describe(source: Source) -> str:
    """What a network that learns from a source sees, such as ``"rendered faces, controlled"``."""
    if isinstance(source, Photographs):
        return "photographs, aligned" if source.align else "photographs"
    if isinstance(source, FaceSet):
        changed = "" if source.cause is None else f" with {source.cause.cause} changed"
        return f"rendered faces{changed}, {source.colour}"
    if isinstance(source, MixedSet):
        return "rendered objects, textures and faces"
    return "rendered objects" if isinstance(source, ObjectSet) else "rendered textures"


def caution(description: str) -> str:
    """A warning for who shows photographs to a network that learned from `description`; empty if none."""
    if not description.startswith("rendered"):
        return ""
    return (
        f"this network learned from {description.partition(',')[0]} and has seen no photograph: its answers "
        "to photographs can be at chance, and the probabilities beside them mean nothing"
    )


def is_standardised(description: str) -> bool:
    """Whether a description by `describe` is of grey images with one mean and contrast."""
    return description.endswith((", controlled", ", aligned"))


def photograph_source(folder: str, size: int, crop: float = 1.0, align: bool = False) -> Photographs:
    """The source for a folder of photographs in its current state, or a named set (``lfw``, ``celeba``)."""
    if folder in NAMED:
        path = Path(os.environ.get("FACEINV_DATA", "FACEINV_DATA (not set)")) / NAMED[folder]
    else:
        path = Path(folder).absolute()
    if not path.is_dir():
        raise InputError(
            f"there is no folder {path}; expected images/<identity>/*.jpg and a table people.csv"
        )
    digest = hashlib.sha256()
    if align:  # by eyes that OpenCV finds
        digest.update(str(versions("cv2")).encode())
    for file in sorted(path.rglob("*")):
        status = file.stat() if file.exists() else file.lstat()  # of a link that leads nowhere
        digest.update(f"{file.relative_to(path)} {status.st_size} {status.st_mtime_ns}".encode())
    return Photographs(folder if folder in NAMED else str(path), size, crop, digest.hexdigest()[:16], align)


def load_stimuli(source: Source) -> Stimuli:
    """The stimuli of a source: rendered (on all cores) or read on first use, and cached."""
    return _loaded(source, cache_folder())


def load_pairs(faces: FaceSet) -> Pairs:
    """The faces of a set without and with its cause changed, rendered on first use and cached."""
    return _loaded_pairs(faces, cache_folder())


@lru_cache(maxsize=1)  # a worker measures many networks on the same pairs in a row
def _loaded_pairs(faces: FaceSet, _: Path) -> Pairs:
    return join_pairs(list(_in_chunks(_render_pairs, faces, faces.identities, CHUNK)))


@disk_cached
def render_samples(rendered: Rendered, count: int) -> Stimuli:
    """The first image of each of at most `count` classes of a rendered set, evenly spaced in its order."""
    first = _with_images(rendered, 1)
    places = evenly_spaced(range(class_counts(first)[0]), count)
    return join([_slice(first, int(place), 1) for place in places])


def _with_images(rendered: Rendered, images: int) -> Rendered:
    """The same set with another number of images of each class."""
    if isinstance(rendered, MixedSet):
        parts = {
            name: _with_images(getattr(rendered, name), images) for name in rendered.__dataclass_fields__
        }
        return replace(rendered, **parts)  # type: ignore[arg-type]
    if isinstance(rendered, FaceSet):
        return replace(rendered, views=images, yaws=rendered.yaws and rendered.yaws[:images])
    return replace(rendered, images=images)


@lru_cache(maxsize=2)  # a worker computes many results on the same set in a row
def _loaded(source: Source, _: Path) -> Stimuli:
    return _read(source) if isinstance(source, Photographs) else _render_all(source)


@disk_cached
def _read(source: Photographs) -> Stimuli:
    stimuli = photographs(
        source.folder, size=source.size, crop=source.crop, colour="grey", align=source.align
    )
    return replace(stimuli, name=Path(source.folder).name)


@disk_cached
def _render_all(rendered: Rendered) -> Stimuli:
    check_space(rendered)
    if isinstance(rendered, FaceSet) and rendered.cause is not None and rendered.cause.label is not None:
        # sets with the same cue differ in which of the same images they hold
        everywhere = replace(rendered.cause, label=None, value=None, agreement=1.0)
        return plant(load_pairs(replace(rendered, cause=everywhere)), rendered.cause, rendered.seed)
    (classes, images), chunk = class_counts(rendered), CHUNK if isinstance(rendered, FaceSet) else 1
    return join(_in_chunks(_render, rendered, classes, chunk), classes * images)


@disk_cached
def _render(rendered: Rendered, first: int, count: int) -> Stimuli:
    return _slice(rendered, first, count)


def _slice(rendered: Rendered, first: int, count: int) -> Stimuli:
    """Some consecutive classes of a set, drawn now."""
    if isinstance(rendered, FaceSet):
        return render_identities(rendered, first, count)
    if isinstance(rendered, MixedSet):
        return render_mixed_classes(rendered, first, count)
    if isinstance(rendered, TextureSet):
        return render_texture_classes(rendered, first, count)
    return render_classes(rendered, first, count)


@disk_cached
def _render_pairs(faces: FaceSet, first: int, count: int) -> Pairs:
    return pairs_of_identities(faces, first, count)


def _in_chunks(
    function: Callable[[RenderedT, int, int], PartT], rendered: RenderedT, count: int, chunk: int
) -> Iterable[PartT]:
    """Results of a function of a set and a slice of it, for all slices of `chunk`, on all cores, in order."""
    starts = range(0, count, chunk)
    # Inside a joblib worker, nested jobs would be threads, which must not share the renderer of the process.
    within = get_active_backend()[0].nesting_level > 0
    parts = workers(1 if within else min(cpu_count(), len(starts)))(
        delayed(with_core_slot)(function, rendered, first, min(chunk, count - first)) for first in starts
    )
    title, short = f"rendering {rendered.name}", len(starts) == 1  # for which a bar says nothing
    return tqdm(parts, total=len(starts), desc=title, unit="chunk", disable=short)
