"""Images a second that one core trains, and the share of its measured matrix throughput that this reaches.

The throughput is that of a large matrix product in the precision of training, on one thread. PyTorch counts
the operations of a training step: those of convolutions and matrix products, forward and backward. A step
also normalises, pools, augments and updates weights, which counts as time and not as operations, so that no
network can reach all of the throughput. Each round times both directly after one another, and the median of
the ratios is shown, so that other load on the machine affects both equally. Training is timed with memory
kept, as computations of the book do (see `faceinv.runtime.kept_memory`), and with memory returned.

``--out book/results/scaling/training.csv`` writes the table of the page of execution times.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import click
import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from tqdm import tqdm

from faceinv.book.pages.training_speed import SPEED_COLUMNS
from faceinv.data.stimuli import Stimuli
from faceinv.data.tasks import Split
from faceinv.models.architectures import Network, Specification, build
from faceinv.models.training import fit
from faceinv.models.training_config import TrainingConfig, fastest
from faceinv.models.zoo import STUDIED
from faceinv.runtime.atomic import write_atomically
from faceinv.runtime.kept_memory import kept_memory

Row = tuple[str, float, int, float, float, float, float]
"""A row of the table, see `SPEED_COLUMNS`."""

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
    with kept_memory():
        one @ one  # the memory of the second product is that of the first
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


def measure(architecture: str, width: float, size: int, round_seconds: float, repeats: int) -> Row:
    """One row: images a second, operations an image, and the share of the throughput."""
    classes = tuple("abcdefghij")
    network = build(Specification(architecture, classes, width, size, task="identity"))
    usual = TrainingConfig(precision=fastest("cpu"))
    each = operations(network, usual.batch) / usual.batch

    def trainer(steps: int) -> Callable[[], object]:
        return learn(network, replace(usual, exposures=steps * usual.batch), classes)

    two = trainer(2)
    two()  # warms up
    steps = max(2, round(2 * round_seconds / seconds(two)))
    images, train = steps * usual.batch, trainer(steps)
    kept, returned, rates = [], [], []
    for _ in range(repeats):
        peak = throughput(getattr(torch, usual.precision))
        returned.append(images * each / seconds(train) / peak)
        with kept_memory():
            train()  # fills the memory that is kept
            peak, taken = throughput(getattr(torch, usual.precision)), seconds(train)
        kept.append(images * each / taken / peak)
        rates.append(images / taken)
    rate, share, otherwise = (float(np.median(each)) for each in (rates, kept, returned))
    return architecture, width, size, rate, each / 1e6, share, otherwise


@click.command(help=__doc__)
@click.argument("architectures", nargs=-1)
@click.option(
    "--at",
    "places",
    type=(float, click.IntRange(16)),
    multiple=True,
    default=((0.25, 64), (1.0, 224)),
    show_default=True,
    help="Factor on channel counts, and height and width of the images in pixels; can be repeated.",
)
@click.option("--seconds", "round_seconds", default=2.0, show_default=True, help="Duration of each round.")
@click.option("--repeats", default=5, show_default=True, help="Number of rounds.")
@click.option("--out", type=click.Path(path_type=Path), help="Table to write.")
def main(
    architectures: tuple[str, ...],
    places: tuple[tuple[float, int], ...],
    round_seconds: float,
    repeats: int,
    out: Path | None,
) -> None:
    torch.set_num_threads(1)
    calls = [(name, *place) for place in places for name in architectures or STUDIED]
    rows = [
        measure(name, width, size, round_seconds, repeats)
        for name, width, size in tqdm(calls, desc="training")
    ]
    table = pd.DataFrame(rows, columns=SPEED_COLUMNS)
    click.echo(table.to_string(index=False, float_format="%.3g"))
    if out is not None:
        write_atomically(out, table.to_csv(index=False, float_format="%.4g"))


if __name__ == "__main__":
    main()
