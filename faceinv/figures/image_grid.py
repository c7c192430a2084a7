"""Image grids: many images as one figure, and relevance maps overlaid on faces."""

from __future__ import annotations

import base64
import io
import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from PIL import Image

from faceinv.figures import palette
from faceinv.figures.style import TEMPLATE

POSITIVE = np.array(palette.rgb(palette.POSITIVE))  # evidence for the class
NEGATIVE = np.array(palette.rgb(palette.NEGATIVE))  # evidence against it
PAGE = 980  # the same for a grid that takes the width of the page
WIDEST = 760  # maximum width of a grid on the page, in pixels
LEAST_TILE = 56  # minimum width of an image with column headings, in pixels; narrower grids scroll
HEAD_LETTER = 6  # mean width of a letter of a column heading, in pixels
BAR = 84  # width of a colour bar with its texts, in pixels
LONGEST_BAR = 180  # its maximum length; a lower grid, also on a narrower page, has one of its own height
TITLE_LETTER, TITLE_LINE = 6, 14  # width of a letter and height of a line of its title
LEAST_BARE = 36  # the same without a heading
GRID_QUALITY = 80  # of the images in the page, 0-100, where they are compressed with loss


def sheet(
    images: np.ndarray,
    hover: Sequence[str],
    columns: int,
    rows: Sequence[str] = (),
    heads: Sequence[str] = (),
    scale: int = 2,
    smooth: bool = True,
    wide: bool = False,
) -> go.Figure:
    """Images (uint8, N x H x W x 3 or 4) as one grid of `columns` columns; `hover` is the text of each image.

    `rows` and `heads` label the rows and the columns. Images are enlarged by `scale`, bicubic if
    `smooth`; a `wide` grid takes the width of the page.
    """
    n, height, width, _ = images.shape
    kernel = Image.Resampling.BICUBIC if smooth else Image.Resampling.NEAREST
    lines = -(-n // columns)
    step_x, step_y = width * scale + 4, height * scale + 4
    canvas = Image.new("RGBA", (columns * step_x, lines * step_y), (0, 0, 0, 0))
    centres = []
    for i, image in enumerate(images):
        left, top = (i % columns) * step_x + 2, (i // columns) * step_y + 2
        tile = Image.fromarray(image).resize((width * scale, height * scale), kernel)
        canvas.paste(tile, (left, top))
        centres.append((left + width * scale / 2, top + height * scale / 2))
    figure = go.Figure()
    figure.add_layout_image(
        source=_uri(canvas),
        x=0,
        y=0,
        sizex=canvas.width,
        sizey=canvas.height,
        xref="x",
        yref="y",
        layer="below",
    )
    x, y = zip(*centres, strict=True)
    figure.add_scatter(
        x=x,
        y=y,
        mode="markers",
        marker={"size": 30, "opacity": 0},
        text=list(hover),
        hovertemplate="%{text}<extra></extra>",
    )
    figure.update_xaxes(
        range=[0, canvas.width],
        showgrid=False,
        showline=False,
        constrain="domain",
        side="top",
        ticks="",
        tickangle=0,
        tickfont={"size": 11},
        tickvals=[(k + 0.5) * step_x for k in range(len(heads))],
        ticktext=[head.replace(" ", "<br>") for head in heads],
    )
    figure.update_yaxes(
        range=[canvas.height, 0],
        showgrid=False,
        showline=False,
        automargin=False,
        scaleanchor="x",
        constrain="domain",
        tickfont={"size": 11},
        tickvals=[(k + 0.5) * step_y for k in range(len(rows))],
        ticktext=list(rows),
    )
    left = 10 + 7 * max((len(name) for name in rows), default=0)
    above = 6 + 15 * max((len(head.split()) for head in heads), default=0)
    shown = min(canvas.width, (PAGE if wide else WIDEST) - left)
    headed = max(
        LEAST_TILE, HEAD_LETTER * max((len(word) for head in heads for word in head.split()), default=0)
    )
    shape = {
        "width": left + shown,
        "height": above + round(shown * canvas.height / canvas.width),
        "least": min(left + (headed if any(heads) else LEAST_BARE) * columns, left + shown),
    }
    shape |= {"wide": True} if wide else {}
    return figure.update_layout(
        template=TEMPLATE,
        showlegend=False,
        margin={"l": left, "r": 0, "t": above, "b": 0},
        height=shape["height"],
        meta=shape,
    )


def with_relevance_bar(figure: go.Figure) -> go.Figure:
    """A grid of relevance maps (see `overlay`) with the bar that says what their colours mean."""
    scale = ((0.0, palette.NEGATIVE), (0.5, "rgb(170,170,170)"), (1.0, palette.POSITIVE))
    return with_colour_bar(figure, scale, {-1: "against", 0: "none", 1: "for"}, "relevance for the class")


def with_colour_bar(
    figure: go.Figure, scale: Sequence[tuple[float, str]], ticks: Mapping[float, str], title: str
) -> go.Figure:
    """A grid with a colour bar at its right.

    Parameters
    ----------
    figure : result of `sheet`
    scale : colours by share of the range of `ticks`
    ticks : text by value, the lowest first
    title : of the bar
    """
    room = figure.layout.meta["height"] - figure.layout.margin.t
    lines = [title]
    if TITLE_LETTER * len(title) > 0.8 * room:
        lines = textwrap.wrap(title, max(-(-len(title) // 2), *map(len, title.split())) + 1)
    bar = {
        "title": {"text": "<br>".join(lines), "side": "right", "font": {"size": 11}},
        "tickvals": list(ticks),
        "ticktext": list(ticks.values()),
        "tickfont": {"size": 11},
        "thickness": 10,
        **({"lenmode": "pixels", "len": LONGEST_BAR} if room > 1.3 * LONGEST_BAR else {"len": 1}),
        "y": 1,
        "yanchor": "top",
        "x": 1,
        "xpad": 6,
        "outlinewidth": 0,
    }
    limits = {"cmin": min(ticks), "cmax": max(ticks), "color": [min(ticks)]}
    marker = {"colorscale": scale, **limits, "showscale": True, "colorbar": bar}
    figure.add_scatter(x=[None], y=[None], mode="markers", marker=marker, hoverinfo="skip")
    shape = dict(figure.layout.meta)
    beside = BAR + TITLE_LINE * (len(lines) - 1)
    shape["width"] += beside
    shape["least"] = min(shape["least"] + beside, shape["width"])
    return figure.update_layout(meta=shape, margin={"r": beside})


def with_key(figure: go.Figure, colours: Mapping[str, str]) -> go.Figure:
    """A grid with a key below it: the name of each colour."""
    for name, colour in colours.items():
        marker = {"symbol": "square", "size": 12, "color": colour}
        figure.add_scatter(x=[None], y=[None], mode="markers", marker=marker, name=name, hoverinfo="skip")
    figure.data[0].showlegend = False
    shape = dict(figure.layout.meta)
    entry = 44 + 7 * max(map(len, colours))  # all are as wide as the longest
    in_line = max(1, (shape["least"] - figure.layout.margin.l) // entry)
    lines = -(-len(colours) // in_line)
    below = 10 + 22 * lines
    shape["height"] += below
    return figure.update_layout(meta=shape, height=shape["height"], margin={"b": below}, showlegend=True)


def overlay(images: np.ndarray, maps: np.ndarray, strength: float = 0.85) -> np.ndarray:
    """Relevance maps overlaid on faces.

    Parameters
    ----------
    images : uint8, N x H x W x 3
    maps : float, N x H x W, of the same height and width; each is scaled by its own 99.5th percentile of
        absolute relevance, so that maps of any composite can be compared
    strength : opacity of the strongest relevance

    Returns
    -------
    ndarray of uint8, N x H x W x 3
        Red where relevance is positive (evidence for the class), blue where it is negative.
    """
    top = np.quantile(np.abs(maps), 0.995, axis=(1, 2), keepdims=True)
    level = np.clip(maps / np.where(top > 0, top, 1), -1, 1)[..., None]
    grey = images.mean(axis=3, keepdims=True) * 0.55 + 90
    opacity = strength * np.abs(level) ** 0.7
    ink = np.where(level > 0, POSITIVE, NEGATIVE)
    return np.clip(grey * (1 - opacity) + ink * opacity, 0, 255).astype(np.uint8)


def heading(method: str) -> str:
    """Name of a method as a column heading, which is broken at its blanks."""
    return method.replace("-", " ").replace("backpropagation", "back- propagation")


def enlarged(images: np.ndarray, side: int) -> np.ndarray:
    """Small images (uint8, N x H x W x 3) enlarged to `side` x `side` pixels, by nearest neighbour."""
    size = (side, side)
    return np.stack(
        [np.asarray(Image.fromarray(each).resize(size, Image.Resampling.NEAREST)) for each in images]
    )


def _uri(image: Image.Image) -> str:
    """An image as a data URI: WebP, without loss where that is the smaller file, as for flat colours."""
    contents = []
    for options in ({"lossless": True, "quality": 60}, {"quality": GRID_QUALITY}):
        buffer = io.BytesIO()
        image.save(buffer, "WEBP", **options)
        contents.append(buffer.getvalue())
    return "data:image/webp;base64," + base64.b64encode(min(contents, key=len)).decode()
