"""Image files as pixels: every kind of file that a folder of photographs holds, under one stated crop policy.

A photograph is turned upright (EXIF), laid on mid grey where it is transparent, made RGB, cropped to the
central square of `crop` times its shorter side, and resized to `size` x `size` with an antialiasing (Lanczos)
filter. One that is aligned is turned, scaled and shifted instead, so that its eyes lie where those of
rendered faces do (see `faceinv.data.photographs.alignment`). Colour profiles are ignored; of an animation the
first frame counts.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import joblib
import numpy as np
from PIL import Image, ImageOps
from tqdm import tqdm

from faceinv.data.photographs.alignment import Eyes, align, find_eyes
from faceinv.data.rendering.colour import standardise
from faceinv.errors import InputError
from faceinv.runtime.large_arrays import large_empty

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")
"""Endings, in any case, of the files in a folder that count as images."""

BROKEN = (
    OSError,
    EOFError,
    SyntaxError,
    ValueError,
    struct.error,
    Image.DecompressionBombError,
)
"""What Pillow raises, by format, on a file that is cut off, damaged, or no image."""

MOST_PIXELS = 89_478_485
"""Pixels of an image at most, above which Pillow warns: a quarter of a gigabyte of colours."""
GREY = 128
"""What shows through a transparent pixel."""

Colour = Literal["colour", "grey"]


@dataclass(frozen=True)
class Frame:
    """How an image file becomes pixels.

    Attributes
    ----------
    size : height and width of the result in pixels
    crop : side of the central square that is kept, as a fraction of the shorter side (of the aligned square)
    colour : ``"colour"``, or ``"grey"`` for the luminance (ITU-R 601) in all three channels
    align : whether the eyes are put where those of rendered faces are
    standardise : give the grey levels the mean and the contrast of controlled rendered faces
    """

    size: int = 64
    crop: float = 1.0
    colour: Colour = "colour"
    align: bool = False
    standardise: bool = False

    def __post_init__(self) -> None:
        if self.size < 1:
            raise InputError(f"size is {self.size}; expected a positive number of pixels")
        if not 0 < self.crop <= 1:
            raise InputError(f"crop is {self.crop}; expected a fraction above 0 and at most 1")
        if self.colour not in get_args(Colour):
            raise InputError(f"colour is {self.colour!r}; expected one of {', '.join(get_args(Colour))}")
        if self.standardise and self.colour != "grey":
            raise InputError(
                "only grey images can be given a standard mean and contrast; expected colour grey"
            )


def is_image(path: Path) -> bool:
    """Whether the name of `path` is that of a visible image file."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".")


def decode(path: Path, frame: Frame, eyes: Eyes | None = None) -> np.ndarray:
    """One photograph (uint8, size x size x 3), following the policy at the head of this module.

    Parameters
    ----------
    path, frame : the file, and how it becomes pixels
    eyes : where the eyes are, in pixels of the upright photograph, which is then aligned; found where None is
        given and the frame is to be aligned

    Raises
    ------
    InputError
        If the file is missing, cut off, damaged, or of a kind whose brightness has no stated scale, or if no
        face is found in what is to be aligned.
    """
    image = open_image(path)
    if frame.align and eyes is None:
        eyes = find_eyes(image)
        if eyes is None:
            raise InputError(
                f"no face with two eyes was found in {path}; expected one that looks roughly into the "
                "camera, or the places of its eyes"
            )
    if eyes is None:
        image = image.resize((frame.size,) * 2, Image.Resampling.LANCZOS, box=_square(image.size, frame.crop))
    else:
        image = align(image, eyes, frame.size, frame.crop)
    if frame.colour == "grey":
        image = image.convert("L").convert("RGB")
    pixels = np.asarray(image)
    if frame.standardise:
        level = standardise(pixels[..., :1].astype(float), np.ones((*pixels.shape[:2], 1)))
        pixels = np.repeat(np.rint(level).astype(np.uint8), 3, axis=2)
    return pixels


def decode_labels(path: Path, frame: Frame) -> np.ndarray:
    """One region map (uint8, size x size) from a palette or grey file, framed as `decode` frames, unmixed."""
    try:
        with _opened(path) as image:
            if image.mode not in ("P", "L"):
                raise InputError(f"region map {path} has mode {image.mode}; expected a palette or grey image")
            labels = image.resize(
                (frame.size,) * 2, Image.Resampling.NEAREST, box=_square(image.size, frame.crop)
            )
            return np.asarray(labels)
    except InputError:
        raise
    except BROKEN as error:
        raise _unreadable(path, error) from error


def decode_all(
    paths: Sequence[Path], frame: Frame, progress: bool = False, eyes: Sequence[Eyes | None] | None = None
) -> np.ndarray:
    """All photographs at `paths` (uint8, N x size x size x 3), decoded once, in as many threads as cores."""
    pixels = large_empty((len(paths), frame.size, frame.size, 3))

    def fill(i: int) -> None:
        pixels[i] = decode(paths[i], frame, eyes[i] if eyes else None)

    in_threads(fill, len(paths), "decoding photographs", progress)
    return pixels


def decode_photographs(files: Sequence[Path], frame: Frame, eyes: Eyes | None = None) -> np.ndarray:
    """All photographs (uint8, N x size x size x 3), the only one aligned by its eyes where these are given.

    Raises
    ------
    InputError
        If eyes are given for more than one photograph; see also `decode`.
    """
    if eyes is not None and len(files) > 1:
        raise InputError(f"the eyes of one image are given, but there are {len(files)} images; expected one")
    return decode_all(files, frame, eyes=None if eyes is None else [eyes])


def find_all_eyes(paths: Sequence[Path], progress: bool = False) -> list[Eyes | None]:
    """Where the eyes are in each photograph; None where no face with two eyes is found."""
    found: list[Eyes | None] = [None] * len(paths)

    def find(i: int) -> None:
        found[i] = find_eyes(open_image(paths[i]))

    in_threads(find, len(paths), "finding eyes", progress)
    return found


def in_threads(work: Callable[[int], None], n: int, doing: str, progress: bool = False) -> None:
    """Call `work` with 0 to `n` - 1 in as many threads as cores; the first failure, in order, is raised."""
    with ThreadPoolExecutor(joblib.cpu_count()) as executor:
        try:
            for _ in tqdm(executor.map(work, range(n)), doing, n, disable=not progress, unit="image"):
                pass
        except BaseException:
            executor.shutdown(wait=True, cancel_futures=True)
            raise


def open_image(path: Path) -> Image.Image:
    """The photograph at full size, upright, opaque and RGB."""
    try:
        with _opened(path) as image:
            upright = ImageOps.exif_transpose(image)
    except InputError:  # which is a ValueError
        raise
    except BROKEN as error:
        raise _unreadable(path, error) from error
    if upright.mode == "F":
        raise InputError(f"image {path} holds floating-point brightness, whose scale is not stated")
    if upright.mode.startswith("I"):
        # Sixteen bits a pixel (Pillow's "I;16" and its kin, and "I" for PGM); its own conversion would clip.
        values = np.asarray(upright).astype(np.int64).clip(0, 65535)
        upright = Image.fromarray(((values + 128) // 257).astype(np.uint8))
    if upright.has_transparency_data:
        ground = Image.new("RGBA", upright.size, (GREY, GREY, GREY, 255))
        upright = Image.alpha_composite(ground, upright.convert("RGBA"))
    return upright.convert("RGB")


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """An image file, not decoded yet, that is a file and no larger than can be decoded safely."""
    if path.exists() and not path.is_file():
        raise InputError(f"image {path} is no regular file; expected an image file")
    with Image.open(path) as image:
        if image.width * image.height > MOST_PIXELS:
            raise InputError(
                f"image {path} has {image.width * image.height / 1e6:.0f} megapixels; "
                f"expected at most {MOST_PIXELS / 1e6:.0f}"
            )
        yield image


def _square(size: tuple[int, int], crop: float) -> tuple[int, int, int, int]:
    """Left, upper, right and lower edge of the central square, in whole pixels."""
    side = max(1, round(crop * min(size)))
    left, upper = ((length - side) // 2 for length in size)
    return left, upper, left + side, upper + side


def _unreadable(path: Path, error: BaseException) -> InputError:
    if not path.exists():
        return InputError(f"there is no image {path}")
    reason = str(error).replace(str(path), "it").replace("\n", " ") or type(error).__name__
    return InputError(f"image {path} is damaged, cut off, or no image ({reason})")
