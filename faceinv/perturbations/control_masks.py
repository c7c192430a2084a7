"""Control masks, with which the masks of a trained network are compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from scipy.ndimage import gaussian_filter, sobel
from torch import Tensor

from faceinv.errors import InputError

MadeFrom = Literal["image", "training images", "relevance", "untrained relevance"]

NEIGHBOURHOOD = 1 / 32
"""Standard deviation of the Gaussian window of local contrast, as a share of the image's height."""

CENTRE = 1 / 4
"""Standard deviation of the Gaussian that weights contrast by its place, as a share of height and width."""


@dataclass(frozen=True)
class ControlMask:
    """A mask that a network's most relevant pixels are compared with.

    Attributes
    ----------
    name : name in tables and figures
    description : description in one line
    scores : function of the input that `made_from` names and of a seed; returns scores (float32, N x H x W)
    made_from : input of `scores`: ``"image"``, prepared images (Tensor, N x channels x H x W);
        ``"training images"``, images that the network was trained on, prepared likewise, whose scores
        (1 x H x W) serve all test images; ``"relevance"``, the network's own relevance maps (ndarray,
        N x H x W); ``"untrained relevance"``, the relevance maps of the same network before training
    is_map : whether the scores depend on the content of the image, as relevance does, so that they are also
        compared with relevance maps directly: by rank correlation and by facial region
    """

    name: str
    description: str
    scores: Callable[[Any, int], np.ndarray]
    made_from: MadeFrom = "image"
    is_map: bool = False


def highest(maps: np.ndarray, seed: int = 0) -> np.ndarray:
    """Keep the most relevant pixels of a map first."""
    return maps


def lowest(maps: np.ndarray, seed: int = 0) -> np.ndarray:
    """Keep the least relevant pixels of a map first."""
    return -maps


def random_scores(inputs: Tensor, seed: int = 0) -> np.ndarray:
    """Random scores, drawn independently for each image."""
    shape = (len(inputs), *inputs.shape[2:])
    return np.random.default_rng([seed, 2]).random(shape, dtype=np.float32)


def closeness_to_centre(inputs: Tensor, seed: int = 0) -> np.ndarray:
    """Negative distance from the centre of the image, in pixels."""
    images, height, columns = len(inputs), *inputs.shape[2:]
    y, x = (np.arange(n, dtype=np.float32) - (n - 1) / 2 for n in (height, columns))
    distance = np.hypot(y[:, None], x)
    return np.broadcast_to(-distance, (images, height, columns)).copy()


def local_contrast(inputs: Tensor, seed: int = 0) -> np.ndarray:
    """Local root-mean-square contrast of the mean over channels, in a Gaussian window (`NEIGHBOURHOOD`)."""
    grey = inputs.mean(1).double().numpy()
    grey = grey - grey.mean((1, 2), keepdims=True)
    mean, square = (
        gaussian_filter(part, NEIGHBOURHOOD * inputs.shape[2], axes=(1, 2), mode="reflect")
        for part in (grey, grey**2)
    )
    return np.sqrt(np.maximum(square - mean**2, 0)).astype(np.float32)


def centred_contrast(inputs: Tensor, seed: int = 0) -> np.ndarray:
    """Local contrast (see `local_contrast`), weighted with a Gaussian around the centre (`CENTRE`)."""
    y, x = (
        np.exp(-0.5 * ((np.arange(n, dtype=np.float32) - (n - 1) / 2) / (CENTRE * n)) ** 2)
        for n in inputs.shape[2:]
    )
    return local_contrast(inputs) * (y[:, None] * x)


def edge_strength(inputs: Tensor, seed: int = 0) -> np.ndarray:
    """Magnitude of the gradient (Sobel) of the mean over channels."""
    grey = inputs.mean(1).numpy()  # one image at a time: the filter smooths along all other axes
    return np.stack([np.hypot(sobel(image, axis=0), sobel(image, axis=1)) for image in grey])


def mean_contrast(inputs: Tensor, seed: int = 0) -> np.ndarray:
    """Mean over images of the local contrast at each pixel (1 x H x W): where faces have contrast at all."""
    return local_contrast(inputs).mean(0, keepdims=True)


CONTROL_MASKS: Mapping[str, ControlMask] = MappingProxyType(
    {
        control.name: control
        for control in (
            ControlMask(
                "least relevant",
                "the network's own map, lowest relevance first",
                lowest,
                made_from="relevance",
            ),
            ControlMask(
                "random",
                "pixels drawn at random, independently for each image",
                random_scores,
            ),
            ControlMask(
                "centre",
                "pixels closest to the centre of the image",
                closeness_to_centre,
            ),
            ControlMask(
                "mean face",
                "pixels where training images have the highest local contrast on average, for all images",
                mean_contrast,
                made_from="training images",
            ),
            ControlMask(
                "edges",
                "pixels where grey level changes most (gradient magnitude)",
                edge_strength,
            ),
            ControlMask(
                "central contrast",
                "pixels around which local contrast is highest, those near the centre first",
                centred_contrast,
            ),
            ControlMask(
                "local contrast",
                "pixels around which local contrast is highest",
                local_contrast,
                is_map=True,
            ),
            ControlMask(
                "untrained, most relevant",
                "the map of the same network before training",
                highest,
                made_from="untrained relevance",
            ),
            ControlMask(
                "untrained, least relevant",
                "the map of the same network before training, lowest relevance first",
                lowest,
                made_from="untrained relevance",
            ),
        )
    }
)
"""Control masks by name, in the order of tables; those made from the image are ordered from least to most
similar to relevance. All but the first are independent of what the network learned."""

CONTROL_MAPS = tuple(name for name, control in CONTROL_MASKS.items() if control.is_map)
"""Names of the control masks whose scores are also compared directly with relevance maps."""


def control_scores(inputs: Tensor, name: str, seed: int = 0) -> np.ndarray:
    """Scores of a control mask that is computed from images alone.

    Parameters
    ----------
    inputs : Tensor, N x channels x H x W
        Images as `Network.prepare` makes them.
    name : one of `CONTROL_MASKS` that is made from the image
    seed : seed of random scores

    Returns
    -------
    ndarray of float32, N x H x W

    Raises
    ------
    InputError
        If there is no such control mask, or it is made from relevance maps.
    """
    names = control_names("image")
    if name not in names:
        raise InputError(
            f"there is no control mask {name!r} of images alone; expected one of {', '.join(names)}"
        )
    return CONTROL_MASKS[name].scores(inputs, seed)


def control_names(*made_from: MadeFrom) -> tuple[str, ...]:
    """Names of the control masks made from any of the given inputs, in the order of `CONTROL_MASKS`."""
    return tuple(name for name, control in CONTROL_MASKS.items() if control.made_from in made_from)
