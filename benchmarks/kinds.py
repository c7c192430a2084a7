"""Images of objects, textures and everything that one core draws in a second, and which classes take longest.

Time is that of the processor, so that other programs on the same machine change it little.
"""

from __future__ import annotations

import json
import platform
import time

import click
import numpy as np
import pandas as pd

from faceinv.data.faces.face_set import FaceSet
from faceinv.data.mixed_set import MixedSet, render_mixed_classes
from faceinv.data.objects.object_set import ObjectSet, render_classes
from faceinv.data.stimuli import evenly_spaced
from faceinv.data.textures.texture_set import TextureSet, render_texture_classes


def rendered_sets(size: int, samples: int, images: int) -> dict[str, tuple[object, object]]:
    """The sets that are measured, by name, each with the function that draws some of its classes."""
    objects = ObjectSet(images=images, size=size, samples=samples)
    textures = TextureSet(images=images, size=size, samples=samples)
    faces = FaceSet(identities=192, views=images, size=size, samples=9)
    return {
        "objects": (objects, render_classes),
        "textures": (textures, render_texture_classes),
        "everything": (MixedSet(objects, textures, faces), render_mixed_classes),
    }


def measure(size: int, samples: int, images: int, classes: int) -> pd.DataFrame:
    """Seconds that the images of each of some classes of each set take: a row a class."""
    rows = []
    for name, (drawn, draw) in rendered_sets(size, samples, images).items():
        places = evenly_spaced(range(drawn.classes), classes)  # type: ignore[attr-defined]
        draw(drawn, int(places[-1]), 1)  # type: ignore[operator]  # prepares what is prepared once a process
        for place in places:
            start = time.process_time()
            stimuli = draw(drawn, int(place), 1)  # type: ignore[operator]
            seconds = time.process_time() - start
            rows.append(
                {"set": name, "class": stimuli.table["identity"].iloc[0], "seconds": seconds / images}
            )
    return pd.DataFrame(rows)


@click.command(help=__doc__)
@click.option("--size", default=64, show_default=True, help="Height and width of the images in pixels.")
@click.option("--samples", default=4, show_default=True, help="Samples a pixel, a square number; 9 of faces.")
@click.option("--images", default=8, show_default=True, help="Images of each class.")
@click.option("--classes", default=96, show_default=True, help="Classes of each set, evenly spaced.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
def main(size: int, samples: int, images: int, classes: int, as_json: bool) -> None:
    table = measure(size, samples, images, classes)
    rates = {
        str(name): float(1 / np.mean(part["seconds"])) for name, part in table.groupby("set", sort=False)
    }
    if as_json:
        result = {
            "images_per_second": rates, "size": size, "samples": samples, "machine": platform.machine(),
            "milliseconds": {
                str(name): dict(zip(part["class"], 1000 * part["seconds"], strict=True))
                for name, part in table.groupby("set")
            },
        }  # fmt: skip
        click.echo(json.dumps(result, indent=2))
        return
    for name, part in table.groupby("set", sort=False):
        slowest = part.nlargest(5, "seconds")
        named = ", ".join(f"{r['class']} ({1000 * r['seconds']:.0f} ms)" for _, r in slowest.iterrows())
        click.echo(f"{rates[str(name)]:5.0f} images a second: {name}; slowest: {named}")


if __name__ == "__main__":
    main()
