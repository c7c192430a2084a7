"""Transformations: position, size, rotation, blur and resolution, as data and on whole batches.

A level says how strongly images are transformed, in a unit that does not depend on how many pixels they
have, so that profiles of different sizes ask the same question. One level is the identity and gives back the
very images. What comes in from beyond the border is background.

Four of the five treat rows and columns alike and independently. They are written as one matrix an axis, which
moves all rows (or columns) of a batch in one matrix product; the background is taken off before and put back
after, so that what the matrix leaves at zero is background.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf, isinf
from types import MappingProxyType

import numpy as np
import torch
from scipy.ndimage import gaussian_filter1d
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample, interpolate

from faceinv.errors import InputError

Transform = Callable[[Tensor, float, Tensor], Tensor]
"""A function of images minus background (float, N x C x H x W), a level, and each image's place (int, N).

It may write into the images that it is given."""

DIRECTIONS = ((0, 1), (1, 0), (0, -1), (-1, 0))
"""Where `position` moves images, as rows down and columns right: right, down, left and up in turn."""


@dataclass(frozen=True)
class Transformation:
    """A way in which an image of a face may change without changing who it shows.

    Attributes
    ----------
    name : what it is called in tables and figures
    levels : from the identity, which comes first, to the strongest; at least two
    label : what a level is, in words
    function : what it does to images on a background of zero
    unit : what is written behind a level
    times : what a level is multiplied with when it is written, 100 for a share in per cent
    digits : significant digits of a level that is written
    reciprocal : whether strength goes with 1 / level, as for pixels that remain
    """

    name: str
    levels: tuple[float, ...]
    label: str
    function: Transform = field(repr=False)
    unit: str = ""
    times: float = 1.0
    digits: int = 3
    reciprocal: bool = False

    def __post_init__(self) -> None:
        strengths = [self.strength(level) for level in self.levels]
        if len(strengths) < 2 or any(after <= before for before, after in pairwise(strengths)):
            raise InputError(
                f"levels of {self.name!r} are {self.levels}; expected the identity and then "
                "one or more that are ever stronger"
            )

    @property
    def identity(self) -> float:
        """The level that changes nothing."""
        return self.levels[0]

    def levels_at(self, size: int) -> tuple[float, ...]:
        """The levels for images of `size` pixels, the identity first: no more pixels can remain than all."""
        if self.reciprocal:
            return (float(size), *(level for level in self.levels if level < size))
        return self.levels

    def moderate(self, size: int) -> float:
        """A level of moderate strength for images of `size` pixels: the third after the identity, if there is
        one.
        """
        own = self.levels_at(size)
        return own[min(3, len(own) - 1)]

    def strength(self, level: float) -> float:
        """Distance of a level from the identity, on the axis along which tolerance is measured.

        The difference of the levels; for resolution that of their reciprocals: the width of a pixel as a
        share of the frame.
        """
        if self.reciprocal:
            return 1 / level - 1 / self.identity
        return abs(level - self.identity)

    def level(self, strength: float) -> float:
        """The level of a given strength: the inverse of `strength`."""
        if self.reciprocal:
            whole = strength + 1 / self.identity
            return 1 / whole if whole else inf
        return self.identity + strength * (1 if self.levels[-1] > self.identity else -1)

    def text(self, level: float) -> str:
        """A level in words, as for the ticks of an axis."""
        return "all" if isinf(level) else f"{self.times * level:.{self.digits}g}{self.unit}"

    def __call__(
        self,
        images: Tensor,
        level: float,
        places: Tensor | None = None,
        background: Tensor | float | None = None,
    ) -> Tensor:
        """Transform images.

        Parameters
        ----------
        images : Tensor, float, N x C x H x W
        level : in the transformation's unit
        places : Tensor of int, N, or None
            The place of each image in its set, which alone decides in which direction it moves or turns
            (`DIRECTIONS` in turn; even places turn anticlockwise, odd ones clockwise), so that the result
            does not depend on how a set is cut into batches. None counts from 0.
        background : value of what comes in at the border, one for all, or N x C x 1 x 1; None takes `edge`

        Returns
        -------
        Tensor, N x C x H x W
            The same object at the identity level.

        Raises
        ------
        InputError
            If the images are not a batch of floats, or the level has no meaning.
        """
        if images.ndim != 4 or not images.is_floating_point():
            raise InputError(
                f"images to transform are {images.dtype} of shape {tuple(images.shape)}; "
                "expected float N x C x H x W"
            )
        if level == self.identity or (self.reciprocal and level >= max(images.shape[-2:])):
            return images
        if places is None:
            places = torch.arange(len(images))
        ground = edge(images) if background is None else background
        # as few large tensors as will do: making them takes as long as filling them
        lifted = torch.sub(images, ground, out=images.new_empty(images.shape))
        return self.function(lifted, level, places).add_(ground)


def edge(images: Tensor) -> Tensor:
    """The background of each image and channel (N x C x 1 x 1): the median of the outermost pixels."""
    top, bottom = images[..., 0, :], images[..., -1, :]
    left, right = images[..., 1:-1, 0], images[..., 1:-1, -1]
    return torch.cat([top, bottom, left, right], dim=-1).median(dim=-1).values[..., None, None]


def named(name: str) -> Transformation:
    """The transformation called `name`."""
    if name not in TRANSFORMATIONS:
        raise InputError(f"transformation is {name!r}; expected one of {', '.join(TRANSFORMATIONS)}")
    return TRANSFORMATIONS[name]


def position(images: Tensor, level: float, places: Tensor) -> Tensor:
    """Move images by a share of the frame, in whole pixels, so that they are moved and nothing else."""
    moved = torch.zeros_like(images)
    for turn, (down, right) in enumerate(DIRECTIONS):
        rows, columns = (
            round(step * level * size) for step, size in zip((down, right), images.shape[-2:], strict=True)
        )
        (row_to, row_from), (column_to, column_from) = _overlap(rows), _overlap(columns)
        here = torch.nonzero(places % len(DIRECTIONS) == turn)[:, 0]
        part = torch.zeros_like(images[here])
        part[..., row_to, column_to] = images[here][..., row_from, column_from]
        moved.index_copy_(0, here, part)
    return moved


def size(images: Tensor, level: float, places: Tensor) -> Tensor:
    """Scale images about their middle by a factor, with an antialiased triangular kernel.

    The scaled frame has the nearest whole number of pixels that is odd or even as the original's is, and so
    stays exactly in the middle.
    """
    if not level > 0:
        raise InputError(f"size is {level}; expected a factor above 0")

    def scale(pixels: int) -> Tensor:
        scaled = max(2 - pixels % 2, pixels + 2 * round(pixels * (level - 1) / 2))
        resized = _resample(pixels, scaled)
        if scaled > pixels:
            return resized[(scaled - pixels) // 2 :][:pixels]
        border = torch.zeros((pixels - scaled) // 2, pixels)
        return torch.cat([border, resized, border])

    return _by_axis(images, scale)


def rotation(images: Tensor, level: float, places: Tensor) -> Tensor:
    """Turn images about their middle by degrees, with bilinear interpolation."""
    angle = torch.deg2rad(torch.where(places % 2 == 0, level, -level)).to(images.dtype)
    cos, sin, zero = angle.cos(), angle.sin(), torch.zeros_like(angle)
    height, width = images.shape[-2:]
    # The grid runs from -1 to 1 along both axes, so that a turn in pixels needs their ratio.
    matrix = torch.stack([cos, -sin * height / width, zero, sin * width / height, cos, zero], dim=1).view(
        -1, 2, 3
    )
    grid = affine_grid(matrix, list(images.shape), align_corners=False)
    return grid_sample(images, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


def blur(images: Tensor, level: float, places: Tensor) -> Tensor:
    """Blur images with a Gaussian whose standard deviation is a share of the frame."""
    if level < 0:
        raise InputError(f"blur is {level}; expected a standard deviation of 0 or more")

    def smooth(pixels: int) -> Tensor:
        kernel = gaussian_filter1d(np.eye(pixels), level * pixels, axis=0, mode="constant")
        return torch.from_numpy(kernel).float()

    return _by_axis(images, smooth)


def resolution(images: Tensor, level: float, places: Tensor) -> Tensor:
    """Leave images only so many pixels along each axis, and interpolate back to the original size.

    Down with an antialiased triangular kernel, up with linear interpolation.
    """
    remaining = round(level)
    if remaining < 1:
        raise InputError(f"resolution is {level}; expected at least 1 pixel")

    def coarsen(pixels: int) -> Tensor:
        left = min(remaining, pixels)
        return _resample(left, pixels) @ _resample(pixels, left)

    return _by_axis(images, coarsen)


TRANSFORMATIONS: Mapping[str, Transformation] = MappingProxyType(
    {
        each.name: each
        for each in (
            Transformation(
                "position",
                (0.0, 1 / 16, 1 / 8, 3 / 16, 1 / 4, 5 / 16, 3 / 8),
                "shift (share of the frame)",
                position,
                unit="%",
                times=100,
                digits=2,
            ),
            Transformation(
                "size",
                (1.0, 15 / 16, 7 / 8, 3 / 4, 5 / 8, 1 / 2, 3 / 8),
                "size (factor)",
                size,
                unit="×",
                digits=2,
            ),
            Transformation(
                "rotation",
                (0.0, 5.0, 10.0, 20.0, 30.0, 45.0, 60.0),
                "rotation in the plane (degrees)",
                rotation,
                unit="°",
            ),
            Transformation(
                "blur",
                (0.0, 1 / 256, 1 / 128, 3 / 256, 1 / 64, 1 / 32, 1 / 16),
                "blur (standard deviation, share of the frame)",
                blur,
                unit="%",
                times=100,
                digits=2,
            ),
            Transformation(
                "resolution",
                (inf, 56.0, 48.0, 40.0, 32.0, 24.0, 16.0),
                "resolution (pixels that remain)",
                resolution,
                unit=" px",
                reciprocal=True,
            ),
        )
    }
)
"""Transformations by name. The levels are this project's choice: closest near the identity, where networks
that were trained on centred faces alone fail, and whole pixels at 64 and at 224."""

PUBLISHED = ("position", "size", "rotation", "blur", "resolution")
"""The transformations of Srivastava & Grill-Spector (2018), by which the claims of that study are judged."""


def _by_axis(images: Tensor, matrix: Callable[[int], Tensor]) -> Tensor:
    """Apply ``matrix(H)`` (H x H) to the columns and ``matrix(W)`` to the rows of images, in place."""
    height, width = images.shape[-2:]
    rows, columns = (matrix(pixels).to(images.dtype) for pixels in (height, width))
    down = (rows @ images).view(-1, width)
    return torch.mm(down, columns.T, out=images.view(-1, width)).view(images.shape)


def _resample(pixels: int, wanted: int) -> Tensor:
    """The matrix (wanted x pixels) of linear interpolation, antialiased where a line becomes shorter."""
    line = torch.eye(pixels)[:, None, None, :]
    return interpolate(line, (1, wanted), mode="bilinear", antialias=True, align_corners=False)[:, 0, 0].T


def _overlap(step: int) -> tuple[slice, slice]:
    """Where the pixels that stay in the frame go to, and where they come from, when moved `step` forward."""
    ahead, behind = slice(max(step, 0), min(step, 0) or None), slice(max(-step, 0), min(-step, 0) or None)
    return ahead, behind
