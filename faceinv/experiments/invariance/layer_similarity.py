"""Invariance of layers: similarity of their responses to faces before and after a transformation.

A layer is the input of a convolution or a fully connected layer, that is, after the preceding nonlinearity,
normalisation and pooling; the first layer is the image itself, and the last the logits. Each layer is
recorded from a fixed random sample of its units, as neurons are, so that memory does not grow with the width
of a network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from faceinv.data.stimuli import evenly_spaced
from faceinv.experiments.invariance.tolerance import Tolerance, images_to_transform
from faceinv.metrics.bootstrap import bootstrap
from faceinv.metrics.cka import cka, cosine
from faceinv.metrics.tolerance_curve import BATCH
from faceinv.models.architectures import Network, untrained
from faceinv.models.hooks import recorded
from faceinv.models.training import single_thread
from faceinv.models.training_runs import TrainingRun, train
from faceinv.perturbations.transformations import TRANSFORMATIONS, named
from faceinv.runtime import parallel
from faceinv.runtime.cache import disk_cached

LOGITS = "logits"


@dataclass(frozen=True)
class Invariance:
    """A network, a transformation, and the layers to compare.

    Attributes
    ----------
    run, transformation, levels, images : as in `Tolerance`
    layers : number of layers, evenly spaced from the image to the logits, so that architectures compare by
        depth
    units : maximum number of units recorded per layer
    trained : the trained network, or its untrained counterpart
    """

    run: TrainingRun
    transformation: str
    levels: tuple[float, ...] = ()
    images: int = 200
    layers: int = 8
    units: int = 2048
    trained: bool = True


@disk_cached
def layer_similarities(plan: Invariance) -> pd.DataFrame:
    """Similarity of the responses of each layer to test images and to their transformed versions.

    Returns
    -------
    DataFrame
        One row per level and layer: task, architecture, seed, trained, transformation, level, layer (name),
        depth (0 for the image to 1 for the logits), cka (`cka`, debiased), cosine (mean over images of
        `cosine`).
    """
    tolerance = Tolerance(plan.run, plan.transformation, plan.levels, plan.images)
    with single_thread():
        network = train(plan.run).network
        inputs = network.prepare(images_to_transform(tolerance).images)
        if not plan.trained:
            network = untrained(network)
        names = layers(network)
        chosen = [names[i] for i in evenly_spaced(range(len(names)), plan.layers)]
        before = responses(network, inputs, chosen, plan.units)
        rows = []
        for level in tolerance.levels:
            transformed = named(plan.transformation)(inputs, level)
            after = responses(network, transformed, chosen, plan.units)
            rows += [
                (level, name, names.index(name) / (len(names) - 1), cka(x, y), cosine(x, y).mean())
                for name, x, y in zip(chosen, before.values(), after.values(), strict=True)
            ]
    return pd.DataFrame(rows, columns=["level", "layer", "depth", "cka", "cosine"]).assign(
        task=plan.run.task,
        architecture=plan.run.architecture,
        base=plan.run.base,
        seed=plan.run.seed,
        trained=plan.trained,
        transformation=plan.transformation,
    )


def by_depth(plans: Sequence[tuple[str, Invariance]], draws: int = 2000) -> pd.DataFrame:
    """Similarity at levels other than the identity by depth, mean over transformations.

    Parameters
    ----------
    plans : each with the name of its strategy

    Returns
    -------
    DataFrame
        One row per architecture, strategy and depth, with the interval of `cka`.
    """
    found = parallel.parallel_map(layer_similarities, [plan for _, plan in plans], "comparing layers")
    tables = [
        table[table["level"] != plan_levels(plan)[0]].assign(strategy=name, identity="all")
        for table, (name, plan) in zip(found, plans, strict=True)
    ]
    by = ["architecture", "strategy", "depth", "transformation"]
    table = pd.concat(tables, ignore_index=True)
    return bootstrap(table, "cka", by, draws).average("transformation").interval()


def plan_levels(plan: Invariance) -> tuple[float, ...]:
    """The levels of a plan, by default those of its transformation, the identity first."""
    return Tolerance(plan.run, plan.transformation, plan.levels, plan.images).levels


def moderate_levels(size: int) -> dict[str, tuple[float, float]]:
    """The identity and a moderate level of each transformation of images of a size, for `Invariance`."""
    return {name: (each.levels_at(size)[0], each.moderate(size)) for name, each in TRANSFORMATIONS.items()}


def layers(network: Network) -> list[str]:
    """Names of the layers of a network in the order of computation, from the image to the logits.

    A layer is named after the module whose input it is. An input shared by several modules, as in branches,
    is one layer.
    """
    size = network.specification.size
    inputs: dict[str, Tensor] = {}  # holding tensors keeps their memory from being reused

    def add(name: str, tensor: Tensor, _: Tensor) -> None:
        if not any(tensor is other for other in inputs.values()):
            inputs[name] = tensor

    with recorded(network.module, _weighted(network), add):
        network.logits(torch.zeros(1, 3, size, size))
    return [*inputs, LOGITS]


def responses(network: Network, inputs: Tensor, names: list[str], units: int = 2048) -> dict[str, np.ndarray]:
    """Responses (float32, N x units) of a sample of units of each named layer to prepared images.

    The sample is random with a seed from the name of the layer, so that each call records the same units.
    """
    parts: dict[str, list[Tensor]] = {name: [] for name in names}
    samples: dict[str, Tensor] = {}

    def record(name: str, tensor: Tensor, _: Tensor) -> None:
        if name not in parts:
            return
        flat = tensor.flatten(1).cpu()
        if name not in samples:
            rng = np.random.default_rng(crc32(name.encode()))
            drawn = rng.permutation(flat.shape[1])[:units]
            samples[name] = torch.from_numpy(np.sort(drawn))
        parts[name].append(flat[:, samples[name]])

    with recorded(network.module, _weighted(network), record):
        for batch in inputs.split(BATCH):
            logits = network.logits(batch)
            record(LOGITS, logits, logits)
    return {name: torch.cat(batches).numpy() for name, batches in parts.items()}


def _weighted(network: Network) -> list[str]:
    """Paths of the convolutions and fully connected layers."""
    return [
        path for path, layer in network.module.named_modules() if isinstance(layer, nn.Conv2d | nn.Linear)
    ]
