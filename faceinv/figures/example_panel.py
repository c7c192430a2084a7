"""Example panels: images shown below a figure for the point that a reader selects."""

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

SHEET_COLUMNS = 24
"""Images per row of the sheet with the images of all points."""

QUALITY = 70
"""WebP quality of the sheet, 0-100."""

THOROUGH = 6
"""Time that WebP takes to make the sheet small, 0-6."""


@dataclass(frozen=True, eq=False)
class Examples:
    """Example images for one point of a figure.

    Attributes
    ----------
    caption : description of the images
    images : uint8, N x H x W x 3
    words : label of each image
    wrong : bool, N; whether it is classified incorrectly
    """

    caption: str
    images: np.ndarray
    words: Sequence[str]
    wrong: np.ndarray


ExamplesByPoint = Mapping[str, Examples]
"""Examples by name of their point (see `faceinv.figures.style.point`)."""


def show_with_examples(figure: go.Figure, behind: ExamplesByPoint, what: str = "faces") -> None:
    """Display a figure and, below it, the example images (of `what`) of the point that is selected."""
    style.show_figure(figure, panel(behind, what))


def panel(behind: ExamplesByPoint, what: str = "faces") -> str:
    """The examples of a figure as HTML: a sheet with each image once, and as JSON each list of labels once.

    They are hidden until the script ``book/pages/figures.js`` shows them.
    """
    if not behind:
        return ""
    tiles: dict[bytes, int] = {}
    images: list[np.ndarray] = []
    labels: dict[tuple[str, ...], int] = {}
    points = {}
    for name, example in behind.items():
        indices = []
        for image in example.images:
            index = tiles.setdefault(image.tobytes(), len(tiles))
            if index == len(images):
                images.append(image)
            indices.append(index)
        points[name] = {
            "caption": example.caption,
            "tiles": indices,
            "words": labels.setdefault(tuple(example.words), len(labels)),
            "wrong": np.flatnonzero(example.wrong).tolist(),
        }
    size = images[0].shape[0]
    # The content of a script element must not contain its end tag.
    described = {"what": what, "size": size, "labels": list(labels), "points": points}
    content = json.dumps(described, separators=(",", ":")).replace("</", "<\\/")
    return (
        f'<div class="faceinv-examples" hidden><img alt="" hidden src="{_sheet(np.stack(images))}">'
        f'<script type="application/json">{content}</script></div>'
    )


def _sheet(images: np.ndarray) -> str:
    """Images in rows of `SHEET_COLUMNS`, as a data URI."""
    n, height, width, _ = images.shape
    columns = min(SHEET_COLUMNS, n)
    lines = -(-n // columns)
    padded = np.concatenate([images, np.zeros((lines * columns - n, height, width, 3), np.uint8)])
    tiled = padded.reshape(lines, columns, height, width, 3).swapaxes(1, 2)
    buffer = io.BytesIO()
    Image.fromarray(tiled.reshape(lines * height, columns * width, 3)).save(
        buffer, "WEBP", quality=QUALITY, method=THOROUGH
    )
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()
