"""Images a second that one core trains, and the share of its measured matrix throughput that this reaches.

The throughput is that of a large matrix product in the precision of training, on one thread. PyTorch counts
the operations of a training step: those of convolutions and matrix products, forward and backward. A step
also normalises, pools, augments and updates weights, which counts as time and not as operations, so that no
network can reach all of the throughput. Each round times both directly after one another, and the median of
the ratios is shown, so that other load on the machine affects both equally.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from functools import partial

import click
import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from faceinv.data.stimuli import Stimuli
from faceinv.data.tasks import Split
from faceinv.models.architectures import Network, Specification, build
from faceinv.models.training import fit
from faceinv.models.training_config import TrainingConfig, fastest
from faceinv.models.zoo import STUDIED
from faceinv.runtime.kept_memory import kept_memory

SIDE = 2048
"""Side of the matrices whose product is timed."""


def operations(network: Network, batch: int) -> int:
    """Operations of a training step of a batch, forward and backward."""
    spec = network.specification
    counter = FlopCounterMode(display=False)
    with counter:
        logits = network.module.train()(torch.zeros(batch, 3, spec.size, spec.size)).flatten(1)
        nn.functional.cross_entropy(logits, torch.zeros(batch, dtype=torch.long)).backward()
    return int(counter.get_total_flops())


def throughput(precision: torch.dtype) -> float:
    """Operations a second of a matrix product on the threads of PyTorch."""
    one = torch.ones(SIDE, SIDE, dtype=precision)
    return 2 * SIDE**3 / seconds(lambda: one @ one)


def learn(network: Network, recipe: TrainingConfig, classes: tuple[str, ...]) -> Callable[[], object]:
    """A function that trains the network on noise."""
    random = np.random.default_rng(0)

    def noise(images: int) -> Stimuli:
        size = network.specification.size
        table = pd.DataFrame({"identity": [classes[n % len(classes)] for n in range(images)]})
        pixels = random.integers(0, 256, (images, size, size, 3), dtype=np.uint8)
        return Stimuli(pixels, table.assign(view=[str(n) for n in range(images)]))

    parts = Split(noise(recipe.exposures), noise(len(classes)), noise(len(classes)))
    return partial(fit, network, parts, recipe)


def seconds(call: Callable[[], object]) -> float:
    """Duration of a call in seconds."""
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def measure(architecture: str, size: int, width: float, steps: int, repeats: int) -> dict[str, object]:
    """One row: images a second, operations an image, and the share of the throughput."""
    classes = tuple("abcdefghij")
    network = build(Specification(architecture, classes, width, size, task="identity"))
    usual = TrainingConfig(precision=fastest("cpu"))
    recipe = replace(usual, exposures=steps * usual.batch)
    each = operations(network, recipe.batch) / recipe.batch
    train = learn(network, recipe, classes)
    rounds = []
    for turn in range(repeats + 1):
        peak, taken = throughput(getattr(torch, recipe.precision)), seconds(train)
        if turn:  # the first round warms up
            rounds.append((recipe.exposures / taken, recipe.exposures * each / taken / peak))
    rate, share = np.median(rounds, axis=0)
    return {
        "architecture": architecture,
        "images a second": rate,
        "megaoperations an image": each / 1e6,
        "share of the throughput": share,
    }


@click.command(help=__doc__)
@click.argument("architectures", nargs=-1)
@click.option("--size", default=64, show_default=True, help="Height and width of the images in pixels.")
@click.option("--width", default=0.25, show_default=True, help="Factor on channel counts.")
@click.option("--steps", default=20, show_default=True, help="Training steps in each round.")
@click.option("--repeats", default=5, show_default=True, help="Number of rounds, after one to warm up.")
@click.option(
    "--keep/--no-keep",
    default=True,
    show_default=True,
    help="Reuse freed memory, as computations of the book do, or return it to the system.",
)
def main(
    architectures: tuple[str, ...], size: int, width: float, steps: int, repeats: int, keep: bool
) -> None:
    torch.set_num_threads(1)
    with kept_memory() if keep else nullcontext():
        rows = [measure(name, size, width, steps, repeats) for name in architectures or STUDIED]
    click.echo(pd.DataFrame(rows).to_string(index=False, float_format="%.3g"))


if __name__ == "__main__":
    main()
