"""Control masks: what the masks of a trained network are compared with, and what each is made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from scipy.ndimage import gaussian_filter
from torch import Tensor

from faceinv.errors import InputError

MadeFrom = Literal["image", "relevance", "untrained relevance"]

NEIGHBOURHOOD = 1 / 32
"""Standard deviation of the Gaussian window of local contrast, as a share of the image's height."""


@dataclass(frozen=True)
class ControlMask:
    """A mask that a network's most relevant pixels are compared with.

    Attributes
    ----------
    name : what it is called in tables and figures
    description : what it is, in one line
    scores : function of what the mask is made from, and of a seed, that gives scores (float32, N x H x W)
    made_from : what `scores` takes: ``"image"``, prepared images (Tensor, N x channels x H x W);
        ``"relevance"``, the network's own relevance maps (ndarray, N x H x W); ``"untrained relevance"``,
        those of the same network before training
    is_map : whether its scores are a map of the image that relevance maps could be mistaken for, so that they
        are compared with relevance maps too: by rank correlation, and region by region
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
    """Random scores, each image its own."""
    shape = (len(inputs), *inputs.shape[2:])
    return np.random.default_rng([seed, 2]).random(shape, dtype=np.float32)


def closeness_to_centre(inputs: Tensor, seed: int = 0) -> np.ndarray:
    """The nearer to the middle of the image, the higher."""
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


CONTROL_MASKS: Mapping[str, ControlMask] = MappingProxyType(
    {
        control.name: control
        for control in (
            ControlMask(
                "least relevant",
                "the network's own map, upside down",
                lowest,
                made_from="relevance",
            ),
            ControlMask(
                "random",
                "pixels drawn by chance, for each image anew",
                random_scores,
            ),
            ControlMask(
                "centre",
                "pixels nearest to the middle of the image",
                closeness_to_centre,
            ),
            ControlMask(
                "local contrast",
                "pixels in whose neighbourhood the image varies most",
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
                "the map of the same network before training, upside down",
                lowest,
                made_from="untrained relevance",
            ),
        )
    }
)
"""Control masks by name, in the order of the tables; of those made from the image, the ones that come closest
to relevance stand last. All but the first know nothing of what the network learned."""

CONTROL_MAPS = tuple(name for name, control in CONTROL_MASKS.items() if control.is_map)
"""Names of the control masks whose scores are compared with relevance maps, as maps."""


def control_scores(inputs: Tensor, name: str, seed: int = 0) -> np.ndarray:
    """Scores of a control mask that is made from images alone.

    Parameters
    ----------
    inputs : Tensor, N x channels x H x W
        Images as `Network.prepare` makes them.
    name : one of `CONTROL_MASKS` that is made from the image
    seed : of random scores

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
    """Names of the control masks that are made from one of these, in the order of `CONTROL_MASKS`."""
    return tuple(name for name, control in CONTROL_MASKS.items() if control.made_from in made_from)
