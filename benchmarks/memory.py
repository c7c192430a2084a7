"""Memory that a set of images takes: joined from slices, split, learned from and classified.

Images are noise. What a process holds for itself is its anonymous memory; pages of files, which the operating
system drops when it needs them, and which workers share, are given apart. Linux only.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
import pandas as pd

from faceinv.data.stimuli import Stimuli, join
from faceinv.data.tasks import Split, split
from faceinv.models.architectures import Specification, build
from faceinv.models.training import evaluate, fit
from faceinv.models.training_config import TrainingConfig

IDENTITIES = 100
"""People in the set, in equal numbers of images."""
BATCH = 16
"""Images of a training step."""
SECONDS = 0.02
"""Seconds between two looks at the memory."""


class Peak:
    """The largest memory of this process while the block runs, in bytes: its own, and of files."""

    own = mapped = 0

    def __enter__(self) -> Peak:
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._look)
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._watch.join()

    def _look(self) -> None:
        while True:
            text = Path("/proc/self/status").read_text()
            own, mapped = (
                1024 * int(found[1]) if (found := re.search(rf"{name}:\s+(\d+)", text)) else 0
                for name in ("RssAnon", "RssFile")
            )
            self.own, self.mapped = max(self.own, own), max(self.mapped, mapped)
            if self._ended.wait(SECONDS):
                return


def slices(images: int, size: int) -> Iterator[Stimuli]:
    """Noise, in slices of one person each."""
    rng = np.random.default_rng(0)
    each = images // IDENTITIES
    for person in range(IDENTITIES):
        table = pd.DataFrame({"identity": f"p-{person}", "view": [f"{view}" for view in range(each)]})
        pixels = rng.integers(0, 256, (each, size, size, 3), dtype=np.uint8)
        yield Stimuli(pixels, table, np.zeros(pixels.shape[:3], np.uint8))


def measure(images: int, size: int, architecture: str, width: float) -> dict[str, object]:
    """Peaks of each step, and bytes of the set."""
    images -= images % IDENTITIES
    peaks, seconds = {}, {}
    began = time.perf_counter()

    def done(name: str, peak: Peak) -> None:
        nonlocal began
        peaks[name] = {"own": peak.own, "files": peak.mapped}
        seconds[name] = time.perf_counter() - began
        began = time.perf_counter()

    with Peak() as peak:
        network = build(
            Specification(
                architecture, tuple(f"p-{i}" for i in range(IDENTITIES)), width, size, task="identity"
            )
        )
    done("before", peak)
    with Peak() as peak:
        stimuli = join(slices(images, size), images)
    done("join", peak)
    with Peak() as peak:
        parts = split(stimuli, "identity")
    done("split", peak)
    with Peak() as peak:
        few = Split(parts.train, parts.validation.evenly(64), parts.test.evenly(256))
        fit(network, few, TrainingConfig(exposures=1, batch=BATCH))
    done("one pass of training", peak)
    with Peak() as peak:
        evaluate(network, few.test)
    done("test", peak)
    return {
        "images": images,
        "size": size,
        "architecture": architecture,
        "bytes": stimuli.images.nbytes + stimuli.regions.nbytes,  # type: ignore[union-attr]
        "peaks": peaks,
        "seconds": seconds,
    }


@click.command(help=__doc__)
@click.option("--images", default=20_000, show_default=True, help="Number of images.")
@click.option("--size", default=224, show_default=True, help="Width and height in pixels.")
@click.option("--architecture", default="alexnet_bn", show_default=True, help="The network that learns.")
@click.option("--width", default=0.25, show_default=True, help="Factor on its channel counts.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def main(images: int, size: int, architecture: str, width: float, as_json: bool) -> None:
    """Measure and print."""
    result = measure(images, size, architecture, width)
    if as_json:
        print(json.dumps(result))
        return
    print(f"{result['images']:,} images of {size} pixels: {result['bytes'] / 1e9:.1f} GB")  # type: ignore[operator]
    for name, peak in result["peaks"].items():  # type: ignore[attr-defined]
        print(
            f"{name:22} own {peak['own'] / 1e9:5.2f} GB   files {peak['files'] / 1e9:5.2f} GB   "
            f"{result['seconds'][name]:.0f} s"  # type: ignore[index]
        )


if __name__ == "__main__":
    main()
