"""Images rendered per second by one process, with their region maps, and the time of each step.

As in the sets of the book, each identity has one texture and a few expressions, and each geometry is rendered
in several views.
"""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from unittest import mock

import click
import numpy as np
import pandas as pd

from faceinv.data.faces import face_images, face_renderer, studio
from faceinv.data.faces.face_images import render_identities
from faceinv.data.faces.face_set import FaceSet

PARTS: dict[str, tuple[object, str]] = {
    "texture of an identity": (studio, "paint_person"),
    "shape of an identity or expression": (face_renderer.Renderer, "set_geometry"),
    "view: image and region map": (face_renderer.Renderer, "view"),
    "finish: grey, controlled, 8 bits": (face_images, "finish_image"),
}


@contextmanager
def watched(times: dict[str, list[float]]) -> Iterator[None]:
    """In this context, append the duration of each call of one of `PARTS` to `times`, in seconds."""

    def watch(name: str, function: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            start = time.perf_counter()
            result = function(*args, **kwargs)
            times.setdefault(name, []).append(time.perf_counter() - start)
            return result

        return call

    with ExitStack() as stack:
        for name, (owner, attribute) in PARTS.items():
            changed = watch(name, getattr(owner, attribute))
            stack.enter_context(mock.patch.object(owner, attribute, changed))
        yield


def measure(size: int, samples: int, views: int, repeats: int) -> tuple[float, pd.DataFrame]:
    """Images per second, the median over `repeats` identities, and a table with a row per step."""
    asked = FaceSet(identities=repeats + 1, views=views, size=size, samples=samples)
    render_identities(asked, 0, 1)  # loads the head and prepares the scene, once per process
    times: dict[str, list[float]] = {}
    whole = []
    with watched(times):
        for identity in range(1, repeats + 1):
            start = time.perf_counter()
            render_identities(asked, identity, 1)
            whole.append(time.perf_counter() - start)
    table = pd.DataFrame(
        {
            "part": list(times),
            "calls": [len(seconds) // repeats for seconds in times.values()],
            "ms a call": [1000 * float(np.median(seconds)) for seconds in times.values()],
            "share": [sum(seconds) / sum(whole) for seconds in times.values()],
        }
    )
    return views / float(np.median(whole)), table


@click.command(help=__doc__)
@click.option("--size", default=64, show_default=True, help="Height and width of the images in pixels.")
@click.option("--samples", default=9, show_default=True, help="Samples per pixel, a square number.")
@click.option("--views", default=16, show_default=True, help="Number of views per identity.")
@click.option("--repeats", default=12, show_default=True, help="Number of identities, after one to warm up.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def main(size: int, samples: int, views: int, repeats: int, as_json: bool) -> None:
    rate, table = measure(size, samples, views, repeats)
    if as_json:
        result = {
            "images_per_second": rate,
            "size": size,
            "samples": samples,
            "views": views,
            "machine": platform.machine(),
            "embreex": version("embreex"),
            "parts": table.set_index("part").to_dict(orient="index"),
        }
        click.echo(json.dumps(result, indent=2))
    else:
        click.echo(f"\n{rate:.0f} images per second in one process ({size} px, {samples} samples)\n")
        click.echo(table.to_string(index=False, float_format="%.2f"))


if __name__ == "__main__":
    main()
