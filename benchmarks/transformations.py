"""Time to transform a batch of faces, as a share of one forward pass of VGG-16 on the same images.

Every published transformation is applied, at each level but the identity, by faceinv to the whole batch, and
by the usual loop over images with Pillow. In each round, a forward pass is timed directly before each of
them, and the median of the ratios is shown, so that other load on the machine affects all equally. Networks
are torchvision's plain vgg16 with random weights, at full width, for which `worst_share_of_forward` is
reported, and at a quarter of the width, as in the default profile. The loop starts from 8-bit images, which
Pillow needs, and returns a batch of tensors.
"""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import click
import numpy as np
import pandas as pd
import torch
from PIL import Image, ImageFilter
from torchvision.transforms.functional import to_tensor

from faceinv.models.architectures import Specification, build
from faceinv.perturbations.transformations import DIRECTIONS, PUBLISHED, TRANSFORMATIONS

GROUND = (128, 128, 128)


def by_pillow(image: Image.Image, name: str, level: float, place: int) -> Image.Image:
    """Transform one image with Pillow."""
    side = image.width
    if name == "position":
        down, right = (round(step * level * side) for step in DIRECTIONS[place % 4])
        return image.transform(
            image.size, Image.Transform.AFFINE, (1, 0, -right, 0, 1, -down), fillcolor=GROUND
        )
    if name == "rotation":
        angle = level if place % 2 == 0 else -level
        return image.rotate(angle, Image.Resampling.BILINEAR, fillcolor=GROUND)
    if name == "blur":
        return image.filter(ImageFilter.GaussianBlur(level * side))
    pixels = round(level * side if name == "size" else level)
    smaller = image.resize((pixels, pixels), Image.Resampling.BILINEAR)
    if name == "resolution":
        return smaller.resize(image.size, Image.Resampling.BILINEAR)
    framed = Image.new("RGB", image.size, GROUND)
    framed.paste(smaller, ((side - pixels) // 2,) * 2)
    return framed


def loop(images: np.ndarray, name: str, level: float) -> torch.Tensor:
    """Transform images with Pillow, one after the other."""
    return torch.stack(
        [
            to_tensor(by_pillow(Image.fromarray(image), name, level, place))
            for place, image in enumerate(images)
        ]
    )


def measure(width: float, images: int, size: int, repeats: int) -> tuple[float, pd.DataFrame]:
    """Seconds of a forward pass, and a table of shares of it, one row per transformation and level."""
    network = build(Specification("vgg16", ("a", "b"), width=width, size=size))
    pixels = np.random.default_rng(0).integers(0, 256, (images, size, size, 3), np.uint8)
    inputs = network.prepare(pixels)
    calls: dict[tuple[str, float], tuple[Callable[[], Any], Callable[[], Any]]] = {
        (name, level): (partial(TRANSFORMATIONS[name], inputs, level), partial(loop, pixels, name, level))
        for name in PUBLISHED
        for level in TRANSFORMATIONS[name].levels[1:]
    }
    forward: list[float] = []
    shares: dict[tuple[str, float], list[tuple[float, float]]] = {key: [] for key in calls}
    for turn in range(repeats + 1):
        for key, (own, usual) in calls.items():
            plain, batch, single = (
                seconds(lambda: network.logits(inputs, images)),
                seconds(own),
                seconds(usual),
            )
            if turn:  # the first round warms up
                forward.append(plain)
                shares[key].append((batch / plain, single / plain))
    rows = [(*key, *np.median(found, axis=0)) for key, found in shares.items()]
    return float(np.median(forward)), pd.DataFrame(
        rows, columns=["transformation", "level", "share_of_forward", "loop_share_of_forward"]
    )


def seconds(call: Callable[[], Any]) -> float:
    """Duration of a call in seconds."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


@click.command(help=__doc__)
@click.option(
    "--width", "widths", multiple=True, default=(1.0, 0.25), help="Width of vgg16; can be repeated."
)
@click.option("--images", default=32, show_default=True, help="Number of images in the batch.")
@click.option("--size", default=64, show_default=True, help="Height and width of the images in pixels.")
@click.option("--repeats", default=5, show_default=True, help="Number of rounds, after one to warm up.")
@click.option("--threads", default=1, show_default=True, help="Number of threads of PyTorch.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
def main(
    widths: tuple[float, ...], images: int, size: int, repeats: int, threads: int, as_json: bool
) -> None:
    torch.set_num_threads(threads)
    result: dict[str, Any] = {
        "network": "vgg16",
        "images": images,
        "size": size,
        "threads": threads,
        "machine": platform.machine(),
        "torch": torch.__version__,
        "widths": {},
    }
    for width in widths:
        forward, table = measure(width, images, size, repeats)
        worst = table.groupby("transformation", sort=False).max()
        worst["loop_times_slower"] = worst["loop_share_of_forward"] / worst["share_of_forward"]
        found = {
            "forward_seconds": forward,
            "worst_share_of_forward": float(worst["share_of_forward"].max()),
            "transformations": worst.drop(columns="level").to_dict(orient="index"),
        }
        result["widths"][str(width)] = found
        if not as_json:
            click.echo(
                f"\nvgg16 at width {width}: {images} images of {size} pixels in {1000 * forward:.0f} ms\n"
            )
            click.echo(table.to_string(index=False, float_format="%.4f"))
    # reported for the first width, by default full width
    result["worst_share_of_forward"] = result["widths"][str(widths[0])]["worst_share_of_forward"]
    if as_json:
        click.echo(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
