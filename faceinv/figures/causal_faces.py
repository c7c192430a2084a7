"""Faces whose regions are painted by numbers, such as causal weights or shares of relevance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from faceinv.data.faces.causes import CAUSES
from faceinv.data.stimuli import REGIONS
from faceinv.figures import image_grid, palette

INK_OF_SHARE = np.array(palette.rgb(palette.POSITIVE))
"""Colour of the largest share; no share leaves the face grey."""


def paint_regions(image: np.ndarray, regions: np.ndarray, shares: pd.Series, most: float) -> np.ndarray:
    """A face (uint8, H x W x 3) whose exchanged regions are painted by their shares.

    Parameters
    ----------
    image, regions : the face and its region map (uint8, H x W)
    shares : by cause, a key of `faceinv.data.faces.causes.CAUSES`; nan leaves the region grey
    most : share at which the colour is opaque
    """
    opacity = np.zeros((*regions.shape, 1))
    for cause, share in shares.fillna(0).items():
        labels = [REGIONS.index(label) for label in CAUSES[str(cause)].labels]
        opacity[np.isin(regions, labels)] = min(1.0, share / most)
    grey = image.mean(axis=2, keepdims=True) * 0.55 + 90
    texture = grey / 190  # so that the parts of the face can be recognised under the colour
    painted = grey * (1 - opacity) + np.clip(INK_OF_SHARE * texture, 0, 255) * opacity
    return np.clip(painted, 0, 255).astype(np.uint8)


def side_by_side(
    table: pd.DataFrame,
    image: np.ndarray,
    regions: np.ndarray,
    columns: Sequence[str],
    seeds: int,
) -> go.Figure:
    """One row a network, one column for the causes and for each kind of map; regions painted by their share.

    Parameters
    ----------
    table : DataFrame with network, column, cause and share, one row for each of their combinations
    image, regions : the face that is painted (uint8, H x W x 3), and its region map
    columns : values of `column`, in order
    seeds : number of seeds over which shares are means
    """
    rows = list(dict.fromkeys(table["network"]))
    most = float(table["share"].max())
    tiles, hover = [], []
    for row in rows:
        for column in columns:
            here = (table["network"] == row) & (table["column"] == column)
            shares = table[here].set_index("cause")["share"]
            tiles.append(paint_regions(image, regions, shares, most))
            numbers = "<br>".join(f"{cause} {share:.0%}" for cause, share in shares.items())
            hover.append(f"{row}: {column}<br>{numbers}<br>mean of {seeds} seeds")
    figure = image_grid.sheet(
        np.stack(tiles),
        hover,
        len(columns),
        rows=rows,
        heads=list(map(image_grid.heading, columns)),
        wide=True,
    )
    scale = ((0.0, "rgb(170,170,170)"), (1.0, palette.POSITIVE))
    return image_grid.with_colour_bar(figure, scale, {0.0: "0%", most: f"{most:.0%}"}, "share of the region")
