"""Panels: what a reader sees below a figure of the images behind one of its points."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from PIL import Image

from faceinv.figures import style

COLUMNS = 24
"""Images in a row of the sheet that holds those of all points."""

QUALITY = 80
"""Of the sheet's compression (WebP, 0-100)."""


@dataclass(frozen=True, eq=False)
class Examples:
    """Faces behind a point of a figure.

    Attributes
    ----------
    caption : what they are
    images : uint8, N x H x W x 3
    words : what is said of each
    wrong : bool, N; those that are answered wrongly
    """

    caption: str
    images: np.ndarray
    words: Sequence[str]
    wrong: np.ndarray


ExamplesByPoint = Mapping[str, Examples]
"""Examples by the name of their point (see `faceinv.figures.style.point`)."""


def show(figure: go.Figure, behind: ExamplesByPoint, what: str = "faces") -> None:
    """Display a figure, and below it, once a point is chosen, the faces (or `what` they are) behind it."""
    style.show(figure, panel(behind, what))


def panel(behind: ExamplesByPoint, what: str = "faces") -> str:
    """The examples of a figure as HTML: all images on one sheet, each once, and what is said of them.

    The script ``book/pages/figures.js`` shows them; without it nothing is seen.
    """
    if not behind:
        return ""
    tiles: dict[bytes, int] = {}
    images: list[np.ndarray] = []
    points = {}
    for name, found in behind.items():
        places = []
        for image in found.images:
            place = tiles.setdefault(image.tobytes(), len(tiles))
            if place == len(images):
                images.append(image)
            places.append(place)
        points[name] = {
            "caption": found.caption,
            "tiles": places,
            "words": list(found.words),
            "wrong": found.wrong.tolist(),
        }
    size = images[0].shape[0]
    # What stands inside a script element must not hold its end.
    said = json.dumps({"what": what, "size": size, "points": points}).replace("</", "<\\/")
    return (
        f'<div class="faceinv-examples" hidden><img alt="" hidden src="{_sheet(np.stack(images))}">'
        f'<script type="application/json">{said}</script></div>'
    )


def _sheet(images: np.ndarray) -> str:
    """Images in rows of `COLUMNS`, as the address of a picture."""
    n, height, width, _ = images.shape
    columns = min(COLUMNS, n)
    lines = -(-n // columns)
    padded = np.concatenate([images, np.zeros((lines * columns - n, height, width, 3), np.uint8)])
    tiled = padded.reshape(lines, columns, height, width, 3).swapaxes(1, 2)
    buffer = io.BytesIO()
    Image.fromarray(tiled.reshape(lines * height, columns * width, 3)).save(buffer, "WEBP", quality=QUALITY)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()
