"""The maps of one face by each attribution method."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from faceinv.attribution.attribute import attribute
from faceinv.experiments.benchmark.parts import answered_inputs
from faceinv.figures import image_grid
from faceinv.figures.style import set_least_width
from faceinv.models.training_runs import TrainingRun, splits, train

TILES_IN_ROW = 5
"""Tiles in a row."""
SCALE = 2
"""Pixels of the figure for each pixel of an image."""
STRIP = 10
"""Height of the free strip above each tile, which holds its name, in pixels of an image."""


def method_maps(run: TrainingRun, methods: Sequence[str]) -> go.Figure:
    """A test face that looks to the front, and its map by each method, for the answer of one network.

    Parameters
    ----------
    run : of the network
    methods : names of attribution methods
    """
    network, test = train(run).network, splits(run).test
    turned = test.table["yaw"].abs().to_numpy() if "yaw" in test.table else np.zeros(len(test))
    shown, inputs, answers = answered_inputs(network, test.select([int(turned.argmin())]), 1)
    maps = [attribute(network, inputs, answers, method) for method in methods]
    tiles = np.concatenate([shown.images, *(image_grid.overlay(shown.images, each) for each in maps)])
    names = ["face", *methods]
    answer = network.specification.classes[int(answers[0])]
    hover = [name if name == "face" else f"{name}, for the answer {answer}" for name in names]

    opaque = np.full((*tiles.shape[:3], 1), 255, np.uint8)
    framed = np.pad(np.concatenate([tiles, opaque], 3), ((0, 0), (STRIP, 0), (0, 0), (0, 0)))
    figure = image_grid.sheet(framed, hover, TILES_IN_ROW, scale=SCALE)
    half = framed.shape[1] * SCALE / 2
    for x, y, name in zip(figure.data[0].x, figure.data[0].y, names, strict=True):
        place = {"x": x, "y": y - half + STRIP * SCALE / 2, "xref": "x", "yref": "y"}
        figure.add_annotation(text=name, showarrow=False, font={"size": 11}, **place)
    with_relevance_bar = image_grid.with_relevance_bar(figure)
    # names would overlap above smaller tiles, and the whole is wider than the text
    shape = with_relevance_bar.layout.meta
    with_relevance_bar.update_layout(meta={**shape, "wide": True})
    return set_least_width(with_relevance_bar, shape["width"])
