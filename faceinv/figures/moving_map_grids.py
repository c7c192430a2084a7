"""Grids of a face under transformation, of its map, and of the moved map of the untransformed face."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import torch

from faceinv.attribution.attribute import attribute
from faceinv.experiments.reading.moving_maps import Reading
from faceinv.figures import image_grid
from faceinv.models.training_runs import splits, train
from faceinv.perturbations.transformations import named


def moving_maps(plans: Sequence[Reading], image: int = 0) -> go.Figure:
    """One column a transformation, at a moderate level: the face, its map, and the moved map of the face.

    Parameters
    ----------
    plans : of one network, one for each transformation
    image : which of the test images
    """
    network = train(plans[0].run).network
    shown = splits(plans[0].run).test.evenly(plans[0].images).select([image])
    inputs = network.prepare(shown.images)
    answer = network.logits(inputs).argmax(1).numpy()
    still = attribute(network, inputs, answer, plans[0].method)
    pixels = torch.from_numpy(shown.images).permute(0, 3, 1, 2).float()
    columns, heads = [[shown.images, *[image_grid.overlay(shown.images, still)] * 2]], ["untransformed"]
    for plan in plans:
        transformation, places = named(plan.transformation), torch.tensor([image])
        level = transformation.moderate(plan.run.source.size)
        moved = transformation(pixels, level, places).round().clamp(0, 255).byte()
        faces = moved.permute(0, 2, 3, 1).numpy()
        now = attribute(network, transformation(inputs, level, places), answer, plan.method)
        along = transformation(torch.from_numpy(still)[:, None], level, places, background=0.0)[:, 0].numpy()
        columns.append([faces, image_grid.overlay(faces, now), image_grid.overlay(faces, along)])
        strength = transformation.text(level).replace(" ", "\u00a0")  # a heading breaks at blanks
        heads.append(f"{plan.transformation} {strength}")
    rows = ["face", "its map", "moved map"]
    tiles = [column[row] for row in range(len(rows)) for column in columns]
    hover = [f"{head}: {row}" for row in rows for head in heads]
    figure = image_grid.sheet(np.concatenate(tiles), hover, len(heads), rows=rows, heads=heads)
    return image_grid.with_relevance_bar(figure)
