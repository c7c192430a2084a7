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

from faceinv.experiments.invariance.tolerance import Tolerance, test_images
from faceinv.metrics.cka import cka, cosine
from faceinv.models.architectures import Network, untrained
from faceinv.models.training import single_thread
from faceinv.models.training_runs import TrainingRun, train
from faceinv.perturbations.transformations import named
from faceinv.runtime.cache import disk_cached

LOGITS = "logits"
BATCH = 64


@dataclass(frozen=True)
class Invariance:
    """Where in a network one transformation is compared.

    Attributes
    ----------
    run, transformation, levels, images : as in `Tolerance`
    layers : how many, evenly spread from the image to the logits; architectures then compare by depth
    units : units recorded in each layer, at most
    trained : the trained network, or the same network before it learned anything
    """

    run: TrainingRun
    transformation: str
    levels: tuple[float, ...] = ()
    images: int = 200
    layers: int = 8
    units: int = 2048
    trained: bool = True


@disk_cached
def similarities(plan: Invariance) -> pd.DataFrame:
    """Similarity of each layer's responses to test images and to the same images transformed.

    Returns
    -------
    DataFrame
        One row a level and layer: task, architecture, seed, trained, transformation, level, layer (name),
        depth (0 for the image to 1 for the logits), cka (`cka`, debiased), cosine (mean over images of
        `cosine`).
    """
    asked = Tolerance(plan.run, plan.transformation, plan.levels, plan.images)
    with single_thread():
        network = train(plan.run).network
        inputs = network.prepare(test_images(asked).images)
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
        task=plan.run.task,
        architecture=plan.run.architecture,
        seed=plan.run.seed,
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
