"""Transformations of whole batches: position, size, rotation, blur and resolution.

A level says how strongly images are transformed, in a unit that does not depend on their size in pixels, so
that results at different image sizes are comparable. One level is the identity, which returns the images
unchanged. Pixels that enter the frame from outside are background.

Size, blur and resolution are separable: each is one matrix per axis, which transforms all rows (or columns)
of a batch in one matrix product. The background is subtracted before and added after, so that pixels that the
matrix leaves at zero become background.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf, isinf, isnan
from types import MappingProxyType

import numpy as np
import torch
from scipy.ndimage import gaussian_filter1d
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample, interpolate

from faceinv.errors import InputError

Transform = Callable[[Tensor, float, Tensor], Tensor]
"""A function of images minus background (float, N x C x H x W), a level, and each image's index (int, N).

It may modify the images in place."""

DIRECTIONS = ((0, 1), (1, 0), (0, -1), (-1, 0))
"""Directions in which `position` moves images, as (rows down, columns right): right, down, left, up."""

TURNS = (1, -1)
"""Signs of the angles by which `rotation` turns images: anticlockwise, clockwise."""


@dataclass(frozen=True)
class Transformation:
    """A transformation of face images that preserves gender and identity.

    Attributes
    ----------
    name : name in tables and figures
    levels : levels from the identity, which comes first, to the strongest; at least two
    label : label of the axis of levels
    function : the transformation of images whose background is zero
    unit : unit, written after a level
    times : factor by which a level is multiplied before it is written, such as 100 for per cent
    digits : significant digits of a written level
    reciprocal : whether strength is proportional to 1 / level, as for the number of pixels
    directions : in how many directions it moves or turns images, one after the other
    """

    name: str
    levels: tuple[float, ...]
    label: str
    function: Transform = field(repr=False)
    unit: str = ""
    times: float = 1.0
    digits: int = 3
    reciprocal: bool = False
    directions: int = 1

    def __post_init__(self) -> None:
        strengths = [self.strength(level) for level in self.levels]
        if len(strengths) < 2 or any(after <= before for before, after in pairwise(strengths)):
            raise InputError(
                f"levels of {self.name!r} are {self.levels}; expected the identity, followed by "
                "one or more levels of increasing strength"
            )

    @property
    def identity(self) -> float:
        """The level that changes nothing."""
        return self.levels[0]

    def direction(self, places: np.ndarray) -> np.ndarray:
        """The number of the direction in which each image moves or turns, by its index; 0 if there is one.

        Images that move in different directions differ in how much of the face leaves the frame, for example,
        and cannot be compared as if nothing but the face told them apart.
        """
        return places % self.directions

    def levels_at(self, size: int) -> tuple[float, ...]:
        """The levels for images of `size` pixels, the identity first, without resolutions above `size`."""
        if self.reciprocal:
            return (float(size), *(level for level in self.levels if level < size))
        return self.levels

    def moderate(self, size: int) -> float:
        """A level of moderate strength for images of `size` pixels: the third after the identity, if any."""
        own = self.levels_at(size)
        return own[min(3, len(own) - 1)]

    def strength(self, level: float) -> float:
        """Distance of a level from the identity, on the axis along which tolerance is measured.

        It is the difference of the levels; for resolution, the difference of their reciprocals, which is the
        width of a pixel as a fraction of the frame.
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
        """A level as text, for example for the ticks of an axis."""
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
        level : level, in the transformation's unit
        places : Tensor of int, N, or None
            The index of each image in its set, which determines the direction in which it moves or rotates
            (`DIRECTIONS` or `TURNS` in turn, see `direction`), so that the result does not depend on how a
            set is split into batches. None counts from 0.
        background : value of pixels that enter the frame, a number or N x C x 1 x 1; by default `edge`

        Returns
        -------
        Tensor, N x C x H x W
            At the identity level, the same object.

        Raises
        ------
        InputError
            If the images are not a batch of floats, or the level is out of range.
        """
        if images.ndim != 4 or not images.is_floating_point():
            raise InputError(
                f"images to transform are {images.dtype} of shape {tuple(images.shape)}; "
                "expected float N x C x H x W"
            )
        if isnan(level):
            raise InputError(
                f"the level of {self.name} is nan; expected a number, such as {self.levels[-1]:g}"
            )
        if level == self.identity or (self.reciprocal and level >= max(images.shape[-2:])):
            return images
        if places is None:
            places = torch.arange(len(images))
        ground = edge(images) if background is None else background
        # few large tensors: allocating them takes as long as computing them
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
    """Shift images by a fraction of the frame, rounded to whole pixels so that nothing is interpolated."""
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
    """Scale images about their centre by a factor, with an antialiased triangular kernel.

    The scaled frame has the nearest number of pixels of the same parity as the original, so that it stays
    exactly centred.
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
    """Rotate images about their centre by an angle in degrees, with bilinear interpolation."""
    angle = torch.deg2rad(level * torch.tensor(TURNS)[places % len(TURNS)]).to(images.dtype)
    cos, sin, zero = angle.cos(), angle.sin(), torch.zeros_like(angle)
    height, width = images.shape[-2:]
    # The grid runs from -1 to 1 along both axes, so that a rotation in pixels needs their ratio.
    matrix = torch.stack([cos, -sin * height / width, zero, sin * width / height, cos, zero], dim=1).view(
        -1, 2, 3
    )
    grid = affine_grid(matrix, list(images.shape), align_corners=False)
    return grid_sample(images, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


def blur(images: Tensor, level: float, places: Tensor) -> Tensor:
    """Blur images with a Gaussian whose standard deviation is a fraction of the frame."""
    if level < 0:
        raise InputError(f"blur is {level}; expected a standard deviation of 0 or more")

    def smooth(pixels: int) -> Tensor:
        kernel = gaussian_filter1d(np.eye(pixels), level * pixels, axis=0, mode="constant")
        return torch.from_numpy(kernel).float()

    return _by_axis(images, smooth)


def resolution(images: Tensor, level: float, places: Tensor) -> Tensor:
    """Resample images to so many pixels along each axis, and back to the original size.

    Downsampling uses an antialiased triangular kernel, upsampling linear interpolation.
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
                directions=len(DIRECTIONS),
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
                directions=len(TURNS),
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
"""Transformations by name. The levels are this project's choice: densest near the identity, where networks
trained only on centred faces fail, and whole numbers of pixels in images of 64 and of 224 pixels."""

PUBLISHED = ("position", "size", "rotation", "blur", "resolution")
"""The transformations of Srivastava & Grill-Spector (2018), on which the claims of that study are judged."""


def _by_axis(images: Tensor, matrix: Callable[[int], Tensor]) -> Tensor:
    """Apply ``matrix(H)`` (H x H) to the columns and ``matrix(W)`` to the rows of images, in place."""
    height, width = images.shape[-2:]
    rows, columns = (matrix(pixels).to(images.dtype) for pixels in (height, width))
    down = (rows @ images).view(-1, width)
    return torch.mm(down, columns.T, out=images.view(-1, width)).view(images.shape)


def _resample(pixels: int, wanted: int) -> Tensor:
    """The matrix (wanted x pixels) of linear interpolation, antialiased when downsampling."""
    line = torch.eye(pixels)[:, None, None, :]
    return interpolate(line, (1, wanted), mode="bilinear", antialias=True, align_corners=False)[:, 0, 0].T


def _overlap(step: int) -> tuple[slice, slice]:
    """Target and source slices of the pixels that stay in the frame after a shift by `step`."""
    ahead, behind = slice(max(step, 0), min(step, 0) or None), slice(max(-step, 0), min(-step, 0) or None)
    return ahead, behind
