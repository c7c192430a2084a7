"""Invariance inside a network: how alike its layers represent faces before and after a transformation.

A layer is what a convolution or a fully connected layer reads, which is where earlier nonlinearities,
normalisation and pooling have done their work; the first is the image itself, and the last the logits. Each
layer is recorded from a fixed random sample of its units, as from neurons, so that memory does not grow with
the width of a network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from faceinv.cache import kept
from faceinv.errors import InputError
from faceinv.models.architectures import Network, untrained
from faceinv.models.cells import Cell, train
from faceinv.models.training import single_thread
from faceinv.tolerance import Tolerance, seen
from faceinv.transformations import named

LOGITS = "logits"
BATCH = 64


@dataclass(frozen=True)
class Invariance:
    """Where in a network one transformation is compared.

    Attributes
    ----------
    cell, transformation, levels, images : as in `Tolerance`
    layers : how many, evenly spread from the image to the logits; architectures then compare by depth
    units : units recorded in each layer, at most
    trained : the trained network, or the same network before it learned anything
    """

    cell: Cell
    transformation: str
    levels: tuple[float, ...] = ()
    images: int = 200
    layers: int = 8
    units: int = 2048
    trained: bool = True


@kept
def similarities(plan: Invariance) -> pd.DataFrame:
    """Similarity of each layer's responses to test images and to the same images transformed.

    Returns
    -------
    DataFrame
        One row a level and layer: task, architecture, seed, trained, transformation, level, layer (name),
        depth (0 for the image to 1 for the logits), cka (`cka`, debiased), cosine (mean over images of
        `cosine`).
    """
    asked = Tolerance(plan.cell, plan.transformation, plan.levels, plan.images)
    with single_thread():
        network = train(plan.cell).network
        inputs = network.prepare(seen(asked).images)
        if not plan.trained:
            network = untrained(network)
        names = layers(network)
        count = min(plan.layers, len(names))
        chosen = [names[i] for i in np.linspace(0, len(names) - 1, count).round().astype(int)]
        before = responses(network, inputs, chosen, plan.units)
        rows = []
        for level in asked.levels:
            moved = named(plan.transformation)(inputs, level)
            after = responses(network, moved, chosen, plan.units)
            rows += [
                (level, name, names.index(name) / (len(names) - 1), cka(x, y), cosine(x, y).mean())
                for name, x, y in zip(chosen, before.values(), after.values(), strict=True)
            ]
    return pd.DataFrame(rows, columns=["level", "layer", "depth", "cka", "cosine"]).assign(
        task=plan.cell.task,
        architecture=plan.cell.architecture,
        seed=plan.cell.seed,
        trained=plan.trained,
        transformation=plan.transformation,
    )


def layers(network: Network) -> list[str]:
    """Names of a network's layers, in the order in which it computes them, from the image to the logits.

    A layer is named after the module that reads it. What several modules read, as branches do, is one layer.
    """
    size = network.specification.size
    found: dict[str, Tensor] = {}  # tensors are kept, so that none is stored where another was

    def note(name: str, read: Tensor) -> None:
        if not any(read is other for other in found.values()):
            found[name] = read

    with _listening(network, note):
        network.logits(torch.zeros(1, 3, size, size))
    return [*found, LOGITS]


def responses(network: Network, inputs: Tensor, names: list[str], units: int = 2048) -> dict[str, np.ndarray]:
    """Responses (float32, N x units) of a sample of each named layer's units to prepared images.

    The sample is random, drawn from the layer's name, so that the same units are recorded in each call.
    """
    parts: dict[str, list[Tensor]] = {name: [] for name in names}
    samples: dict[str, Tensor] = {}

    def record(name: str, read: Tensor) -> None:
        if name not in parts:
            return
        flat = read.flatten(1)
        if name not in samples:
            rng = np.random.default_rng(crc32(name.encode()))
            drawn = rng.permutation(flat.shape[1])[:units]
            samples[name] = torch.from_numpy(np.sort(drawn))
        parts[name].append(flat[:, samples[name]])

    with _listening(network, record):
        for batch in inputs.split(BATCH):
            record(LOGITS, network.logits(batch))
    return {name: torch.cat(found).numpy() for name, found in parts.items()}


def cka(x: np.ndarray, y: np.ndarray, debiased: bool = True) -> float:
    """Linear centred kernel alignment of two representations of the same images (Kornblith et al. 2019).

    Of few images in many units, the plain measure is near one even for independent representations. The
    debiased one, made of unbiased estimates of the Hilbert-Schmidt independence criterion (Song et al. 2012),
    is then near zero, at times below.

    Parameters
    ----------
    x, y : N x units, any number of units each; at least four images
    debiased : which of the two

    Returns
    -------
    float
        1 for representations that differ by a rotation of the units, their common scale and their means; NaN
        where one is constant.
    """
    if len(x) != len(y) or len(x) < 4:
        raise InputError(f"CKA of {len(x)} and {len(y)} images; expected the same ones, at least four")
    centre = _u_centred if debiased else _centred
    k, m = (centre(z.astype(np.float64)) for z in (x, y))
    norm = np.sqrt((k * k).sum() * (m * m).sum())
    return float((k * m).sum() / norm) if norm > 0 else float("nan")


def cosine(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Cosine (N) between the representations (N x units) of each image and of its transformed version.

    Both are seen from the mean of the originals, because responses that are never negative would be alike
    anyhow.
    """
    origin = x.mean(axis=0)
    a, b = x - origin, y - origin
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return np.divide((a * b).sum(axis=1), norms, out=np.full(len(x), np.nan), where=norms > 0)


def _centred(x: np.ndarray) -> np.ndarray:
    """Products of all pairs of images, seen from their mean."""
    x = x - x.mean(axis=0)
    return x @ x.T


def _u_centred(x: np.ndarray) -> np.ndarray:
    """Products of all pairs of images but those with themselves, centred without them."""
    n = len(x)
    products = _centred(x)
    np.fill_diagonal(products, 0)
    sums = products.sum(axis=1) / (n - 2)
    products += sums.sum() / (n - 1) - sums[:, None] - sums
    np.fill_diagonal(products, 0)
    return products


@contextmanager
def _listening(network: Network, listener: Callable[[str, Tensor], None]) -> Iterator[None]:
    """Call ``listener(name, tensor)`` with what each convolution and fully connected layer reads."""
    hooks = [
        module.register_forward_pre_hook(lambda _, read, name=name: listener(name, read[0]))
        for name, module in network.module.named_modules()
        if isinstance(module, nn.Conv2d | nn.Linear)
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
