"""Draw the picture of the README and the front page: test faces, and relevance maps of two networks.

The networks are written by the chapter on networks, which has to be run before::

    faceinv run 02_networks
    python scripts/draw_overview.py runs/02_networks book/_static/overview.png
"""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from faceinv.data.faces.face_images import render
from faceinv.data.faces.face_set import FaceSet
from faceinv.figures.image_grid import overlay
from faceinv.lrp.relevance import relevance
from faceinv.models.architectures import load

TASKS = ("gender", "identity")
COLUMNS = 10
SIDE, GAP, MARGIN = 128, 4, 96  # pixels


def rows(networks: Path, composite: str) -> dict[str, np.ndarray]:
    """The faces, and for each task the relevance of the first network's prediction against the runner-up."""
    people = render(FaceSet(identities=COLUMNS, views=2, max_yaw=20.0))
    faces = people.select(np.arange(0, len(people), 2)).images
    found = {"": faces}
    for task in TASKS:
        network = load(networks / f"{task}-vgg16_bn-0.safetensors")
        inputs = network.prepare(faces)
        answers = network.logits(inputs).argmax(1).numpy()
        found[task] = overlay(faces, relevance(network, inputs, answers, composite, against="runner-up"))
    return found


@click.command(help=__doc__)
@click.argument("networks", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--composite", default="epsilon-plus-flat", show_default=True)
def main(networks: Path, out: Path, composite: str) -> None:
    pictures = rows(networks, composite)
    step = SIDE + GAP
    canvas = Image.new("RGB", (MARGIN + COLUMNS * step, len(pictures) * step), "white")
    draw, font = ImageDraw.Draw(canvas), ImageFont.load_default(17)
    for row, (task, images) in enumerate(pictures.items()):
        draw.text((4, row * step + SIDE // 2), task, "black", font, anchor="lm")
        for column, image in enumerate(images):
            tile = Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
            canvas.paste(tile, (MARGIN + column * step, row * step))
    canvas.save(out, optimize=True)


if __name__ == "__main__":
    main()
