"""Grids of the maps of one face that shows a planted cue, by networks that learned with it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from faceinv.experiments.causes.map_makers import map_maker
from faceinv.experiments.causes.planted_cues import Planting, tested_pairs
from faceinv.figures import image_grid
from faceinv.models.training_runs import train


def cue_maps(plantings: Sequence[Planting], methods: Sequence[str], image: int = 0) -> go.Figure:
    """One row a network, one column a method: maps of one test face with the cue.

    Parameters
    ----------
    plantings : networks with one cue, of which the first seed of each agreement is shown
    methods : see `faceinv.experiments.causes.map_makers.map_maker`
    image : which of the test images
    """
    tiles, hover, rows = [], [], []
    for planting in plantings:
        what = planting.faces.cause
        assert what is not None
        if planting.run.seed != plantings[0].run.seed:
            continue
        shown = tested_pairs(planting).counterfactuals.select([image])
        network = train(planting.run).network
        inputs = network.prepare(shown.images)
        answer = network.logits(inputs).argmax(1).numpy()
        maps = [map_maker(method)(network, inputs, answer) for method in methods]
        tiles += [shown.images, *(image_grid.overlay(shown.images, each) for each in maps)]
        named = network.specification.classes[answer[0]]
        hover += [
            f"{what.cause}, agreement {what.agreement:g}: {name}<br>answer: {named}"
            for name in ("face", *methods)
        ]
        rows.append(f"{what.cause}, {what.agreement:g}")
    heads = ["face", *map(image_grid.heading, methods)]
    figure = image_grid.sheet(np.concatenate(tiles), hover, len(heads), rows=rows, heads=heads, wide=True)
    return image_grid.with_relevance_bar(figure)
