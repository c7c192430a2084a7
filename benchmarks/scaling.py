"""How cost grows: networks, exposures, identities, pixels and workers, each doubled a few times.

Everything else is held constant while one number is doubled. Networks are of resnet18 at a quarter of its
width and learn from noise, which costs as much as faces. The table has the median duration of each step, and
the page *Execution times* of the book shows it with its slopes: the exponent of the number in the duration.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import numpy as np
import pandas as pd

from faceinv.book.pages.scaling import slopes
from faceinv.data.faces.face_images import render_identities
from faceinv.data.faces.face_set import FaceSet
from faceinv.data.stimuli import Stimuli
from faceinv.data.tasks import Split
from faceinv.lrp.relevance import relevance
from faceinv.models.architectures import Specification, build
from faceinv.models.training import fit
from faceinv.models.training_config import TrainingConfig
from faceinv.runtime import parallel
from faceinv.runtime.atomic import write_atomically
from faceinv.runtime.environment import WORKERS_VARIABLE

CLASSES = ("a", "b")
IMAGES = 128
EXPLAINED = 32


def noise(size: int, images: int = IMAGES) -> Stimuli:
    """Images of noise of two classes."""
    pixels = np.random.default_rng(0).integers(0, 256, (images, size, size, 3), dtype=np.uint8)
    names = [CLASSES[number % 2] for number in range(images)]
    return Stimuli(pixels, pd.DataFrame({"identity": names, "view": [str(n) for n in range(images)]}))


def learn(asked: tuple[int, int, int]) -> float:
    """Train a network with a seed, a size of images and a number of exposures; returns its last loss."""
    seed, size, exposures = asked
    network = build(Specification("resnet18", CLASSES, 0.25, size, task="identity", seed=seed))
    few = noise(size, 8)
    _, curve = fit(network, Split(noise(size), few, few), TrainingConfig(exposures=exposures))
    return float(curve["loss"].iloc[-1])


def grid(networks: int, workers: int) -> None:
    """Train networks of equal cost by a number of workers."""
    os.environ[WORKERS_VARIABLE] = str(workers)
    parallel.parallel_map(learn, [(seed, 64, 1280) for seed in range(networks)], f"{workers} worker(s)")


def explain(size: int) -> None:
    """Explain images of a size."""
    network = build(Specification("resnet18", CLASSES, 0.25, size))
    inputs = network.prepare(noise(size, EXPLAINED).images)
    relevance(network, inputs, np.zeros(EXPLAINED, int), "epsilon-plus-flat")


def render(identities: int) -> None:
    """Render eight views of each of some identities."""
    render_identities(FaceSet(identities=identities, views=8), 0, identities)


COSTS: dict[tuple[str, str], tuple[Sequence[int], Callable[[int], object]]] = {
    ("networks, trained", "networks"): ((1, 2, 4, 8), lambda number: grid(number, 1)),
    ("eight networks, trained", "workers"): ((1, 2), lambda number: grid(8, number)),
    ("exposures, of one network", "exposures"): (
        (640, 1280, 2560, 5120),
        lambda number: learn((0, 64, number)),
    ),
    ("faces, rendered", "identities"): ((2, 4, 8, 16), render),
    ("pixels, trained", "pixels"): (
        (32**2, 64**2, 128**2),
        lambda number: learn((0, round(number**0.5), 640)),
    ),
    ("pixels, explained", "pixels"): ((32**2, 64**2, 128**2), lambda number: explain(round(number**0.5))),
}
"""What is done, and which number is doubled: its values, and the step as a function of it."""


def measure(repeats: int) -> pd.DataFrame:
    """Median seconds of each step: columns cost, doubled, value, seconds."""
    rows = []
    for (cost, doubled), (values, step) in COSTS.items():
        step(values[0])  # loads what is loaded once a process
        taken = np.zeros((repeats, len(values)))
        for turn in range(repeats):
            for place, value in enumerate(values):
                begun = time.perf_counter()
                step(value)
                taken[turn, place] = time.perf_counter() - begun
        rows += [
            (cost, doubled, value, seconds)
            for value, seconds in zip(values, np.median(taken, axis=0), strict=True)
        ]
    return pd.DataFrame(rows, columns=["cost", "doubled", "value", "seconds"])


@click.command(help=__doc__)
@click.option("--repeats", default=3, show_default=True, help="Repetitions, of which the median is taken.")
@click.option("--out", type=click.Path(path_type=Path), help="Table to write.")
def main(repeats: int, out: Path | None) -> None:
    table = measure(repeats).assign(machine=platform.machine(), cores=os.cpu_count())
    if out is not None:
        write_atomically(out, table.to_csv(index=False, float_format="%.4g"))
    click.echo(table.to_string(index=False, float_format="%.3g"))
    click.echo(slopes(table).to_string(index=False, float_format="%.2f"))


if __name__ == "__main__":
    main()
