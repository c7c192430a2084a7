"""Time to evaluate masked images, relative to plain inference on the same number of images.

The generalization matrix needs one forward pass per image, fraction and mask. The other work (ranking pixels,
making and applying masks, writing the table) should take little time in comparison: `share_of_inference` is
the throughput of evaluating masked images divided by the throughput of plain inference in batches of the same
size. In each round, both are measured one after the other, and the median ratio is shown, so that other load
on the machine affects both equally. The network is a quarter as wide as torchvision's, with random weights,
and the scores are random: neither changes the amount of work.
"""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable
from typing import Any

import click
import numpy as np
import pandas as pd
import torch

from faceinv.data.stimuli import Stimuli
from faceinv.experiments.relevance.masked_answers import masked_answers
from faceinv.models.architectures import Network, Specification, build

PEOPLE = 20


def random_stimuli(images: int, size: int) -> Stimuli:
    """Random noise instead of faces."""
    rng = np.random.default_rng(0)
    view = np.arange(images)
    table = pd.DataFrame(
        {"identity": [f"{i % PEOPLE:02d}" for i in view], "gender": "", "view": view.astype(str)}
    )
    return Stimuli(rng.integers(0, 256, (images, size, size, 3), dtype=np.uint8), table)


def measure(
    network: Network, stimuli: Stimuli, fractions: tuple[float, ...], masks: int, repeats: int
) -> pd.DataFrame:
    """Seconds of plain inference and of evaluating masked images, one row per round."""
    inputs = network.prepare(stimuli.images)
    shape = (masks, len(stimuli), *inputs.shape[2:])
    random = np.random.default_rng(1).standard_normal(shape, dtype=np.float32)
    scores = [({"maker": str(i)}, each) for i, each in enumerate(random)]
    rows = []
    for turn in range(repeats + 1):
        plain = seconds(lambda: [network.logits(inputs, batch=64) for _ in range(masks * len(fractions))])
        read = seconds(lambda: masked_answers(network, stimuli, "identity", scores, fractions))
        if turn:  # the first round warms up
            rows.append((plain, read))
    return pd.DataFrame(rows, columns=["inference", "reading"])


def seconds(call: Callable[[], Any]) -> float:
    """Duration of a call in seconds."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


@click.command(help=__doc__)
@click.option("--network", "architecture", default="vgg16_bn", show_default=True, help="Architecture.")
@click.option("--images", default=128, show_default=True, help="Number of images.")
@click.option("--size", default=64, show_default=True, help="Height and width of the images in pixels.")
@click.option("--fractions", default=3, show_default=True, help="Number of fractions of pixels kept.")
@click.option("--masks", default=3, show_default=True, help="Number of masks.")
@click.option("--repeats", default=11, show_default=True, help="Number of rounds, after one to warm up.")
@click.option("--threads", default=1, show_default=True, help="Number of threads of PyTorch.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def main(
    architecture: str,
    images: int,
    size: int,
    fractions: int,
    masks: int,
    repeats: int,
    threads: int,
    as_json: bool,
) -> None:
    torch.set_num_threads(threads)
    stimuli = random_stimuli(images, size)
    network = build(Specification(architecture, stimuli.classes("identity"), size=size))
    kept = tuple(np.linspace(0.1, 0.5, fractions).tolist())
    table = measure(network, stimuli, kept, masks, repeats)
    passes = images * fractions * masks
    result = {
        "share_of_inference": float((table["inference"] / table["reading"]).median()),
        "inference_images_per_second": passes / float(table["inference"].median()),
        "reading_images_per_second": passes / float(table["reading"].median()),
        "network": architecture,
        "images": images,
        "fractions": fractions,
        "masks": masks,
        "size": size,
        "threads": threads,
        "machine": platform.machine(),
        "torch": torch.__version__,
    }
    if as_json:
        click.echo(json.dumps(result, indent=2))
    else:
        click.echo(pd.Series(result).to_string())


if __name__ == "__main__":
    main()
