"""A contact sheet of kinds: one image of each of some classes of every set, one block of rows a set."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from faceinv.data.stimuli import Stimuli
from faceinv.errors import InputError
from faceinv.figures import image_grid


def kinds(samples: Mapping[str, Stimuli], columns: int = 12, scale: int = 1) -> go.Figure:
    """Images of some sets as one grid.

    Parameters
    ----------
    samples : the images to show of each set, by its name (see `faceinv.data.sources.render_samples`), all of
        one size; each set begins with a row of its own
    columns : images in a row
    scale : factor on the size of the images

    Returns
    -------
    Figure
        The class of an image is shown on hover.

    Raises
    ------
    InputError
        If there is no image, or the sets differ in size.

    Examples
    --------
    >>> figure = kinds({"objects": render_samples(ObjectSet(), 24)})
    """
    sizes = sorted({stimuli.size for stimuli in samples.values()})
    if len(sizes) != 1:
        raise InputError(f"sizes of the images to show are {sizes or 'none'}; expected one")
    tiles, hover, rows = [], [], []
    for name, stimuli in samples.items():
        lines = -(-len(stimuli) // columns)
        blank = np.zeros((lines * columns - len(stimuli), sizes[0], sizes[0], 4), np.uint8)
        opaque = np.full((*stimuli.images.shape[:3], 1), 255, np.uint8)
        tiles += [np.concatenate([stimuli.images, opaque], 3), blank]
        hover += [f"{name}: {kind.replace('_', ' ')}" for kind in stimuli.table["identity"]] + [""] * len(
            blank
        )
        rows += [name] + [""] * (lines - 1)
    return image_grid.sheet(np.concatenate(tiles), hover, columns, rows=rows, scale=scale)
