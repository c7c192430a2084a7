"""Control masks: scores that do not depend on any trained network."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from scipy.ndimage import gaussian_filter
from torch import Tensor

from faceinv.errors import InputError

Control = Literal["random", "centre", "contrast"]

NEIGHBOURHOOD = 1 / 32
"""Standard deviation of the Gaussian window of local contrast, as a share of the image's height."""


def control_scores(inputs: Tensor, kind: Control, seed: int = 0) -> np.ndarray:
    """Scores that know nothing of any network.

    Parameters
    ----------
    inputs : Tensor, N x channels x H x W
    kind : ``"random"``, each image its own; ``"centre"``, the nearer to the middle of the image the higher;
        ``"contrast"``, local root-mean-square contrast of the mean over channels, in a Gaussian window
    seed : of the random scores

    Returns
    -------
    ndarray of float32, N x H x W
    """
    images, height, columns = len(inputs), *inputs.shape[2:]
    if kind == "random":
        return np.random.default_rng([seed, 2]).random((images, height, columns), dtype=np.float32)
    if kind == "centre":
        y, x = (np.arange(n, dtype=np.float32) - (n - 1) / 2 for n in (height, columns))
        distance = np.hypot(y[:, None], x)
        return np.broadcast_to(-distance, (images, height, columns)).copy()
    if kind == "contrast":
        grey = inputs.mean(1).double().numpy()
        grey = grey - grey.mean((1, 2), keepdims=True)
        mean, square = (
            gaussian_filter(part, NEIGHBOURHOOD * height, axes=(1, 2), mode="reflect")
            for part in (grey, grey**2)
        )
        return np.sqrt(np.maximum(square - mean**2, 0)).astype(np.float32)
    raise InputError(f"there are no control scores {kind!r}; expected one of {', '.join(get_args(Control))}")
