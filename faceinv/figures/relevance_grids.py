"""Grids of faces and of relevance maps overlaid on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from faceinv.data.stimuli import REGIONS, Stimuli, evenly_spaced
from faceinv.experiments.explanations import Explanation, held_out, targets
from faceinv.figures import image_grid
from faceinv.figures.palette import REGION_COLOURS
from faceinv.lrp.composites import COMPOSITES
from faceinv.lrp.contrasts import CONTRASTS
from faceinv.lrp.relevance import relevance
from faceinv.models.training_runs import train

Maps = Mapping[Explanation, np.ndarray]


def people(stimuli: Stimuli, each: int, columns: int) -> go.Figure:
    """Images of up to `each` women and `each` men, women first; of any people if gender is unknown."""
    table = stimuli.table
    gender = table["gender"] if "gender" in table else pd.Series("", table.index)
    index = [
        evenly_spaced(table[gender == one].drop_duplicates("identity").index, each)
        for one in sorted(gender.unique())
    ]
    rows = np.concatenate(index)
    shown = stimuli.select(rows)
    hover = [
        f"{row.identity}<br>{one}{', ' if one else ''}view {row.view}"
        for row, one in zip(shown.table.itertuples(), gender[rows], strict=True)
    ]
    return image_grid.sheet(shown.images, hover, columns)


def views(stimuli: Stimuli, identities: int, columns: int, regions: bool = False) -> go.Figure:
    """The first views of some identities, one row each; with `regions`, their region maps."""
    groups = stimuli.table.groupby("identity", sort=False).indices
    columns = min(columns, *(len(rows) for rows in groups.values()))
    names = list(groups)[:identities]
    shown = stimuli.select(np.concatenate([groups[name][:columns] for name in names]))
    images = shown.images
    hover = [f"{row.identity}<br>view {row.view}" for row in shown.table.itertuples()]
    if regions and shown.regions is not None:
        images = REGION_COLOURS[shown.regions]
        hover = [_shares(region_map) for region_map in shown.regions]
    figure = image_grid.sheet(images, hover, columns, rows=names, smooth=not regions)
    if regions and shown.regions is not None:
        return image_grid.with_key(figure, region_colours(shown.regions))
    return figure


def region_grid(stimuli: Stimuli, where: np.ndarray, columns: int = 6) -> go.Figure:
    """Some faces and, below them, the same faces with their facial regions in colour.

    Parameters
    ----------
    stimuli : the faces
    where : region maps of the faces (uint8), or one atlas for all of them (regions x H x W)
    """
    index = evenly_spaced(np.arange(len(stimuli)), columns)
    shown = stimuli.select(index)
    if where.dtype == np.uint8:
        labels = where[index]
    else:
        labels = np.broadcast_to(where.argmax(axis=0), shown.images.shape[:3])
    ink = REGION_COLOURS[labels]
    opacity = 0.6 * ink[..., 3:] / 255
    painted = shown.images * (1 - opacity) + ink[..., :3] * opacity
    hover = [*shown.table["identity"], *(_shares(region_map) for region_map in labels)]
    images = np.concatenate([shown.images, painted.astype(np.uint8)])
    figure = image_grid.sheet(images, hover, len(index), rows=["face", "regions"])
    return image_grid.with_key(figure, region_colours(labels))


def region_colours(shown: np.ndarray) -> dict[str, str]:
    """Colour of each region that occurs in region maps, by its name, but for the transparent background."""
    return {
        name: f"rgb({red},{green},{blue})"
        for label, (name, (red, green, blue, opaque)) in enumerate(
            zip(REGIONS, REGION_COLOURS.tolist(), strict=True)
        )
        if opaque and (shown == label).any()
    }


def maps(explanations: Sequence[Explanation], computed: Maps, count: int = 5) -> go.Figure:
    """Some test faces of each task, with the map of each seed and of the untrained network.

    One block of columns per task; tasks have different test images.
    """
    blocks, hover, heads = [], [], []
    for task, own in by_task(explanations).items():
        stimuli = held_out(own[0])
        index = evenly_spaced(np.arange(len(stimuli)), count)
        faces, names = stimuli.images[index], stimuli.table["identity"].iloc[index]
        columns = [*own[: 3 if len(by_task(explanations)) > 1 else 6], replace(own[0], trained=False)]
        titles = ["face", *(f"seed {each.run.seed}" for each in columns[:-1]), "untrained"]
        blocks += [faces, *(image_grid.overlay(faces, computed[each][index]) for each in columns)]
        hover += [[f"{task}: {name}, {title}" for name in names] for title in titles]
        heads += [f"{task} {titles[0]}", *titles[1:]]
    figure = image_grid.sheet(_side_by_side(blocks), _across(hover), len(heads), heads=heads)
    return image_grid.with_relevance_bar(figure)


def mean_maps(explanations: Sequence[Explanation], computed: Maps) -> go.Figure:
    """Mean map over faces and seeds on the mean face, trained and untrained, for each task."""
    tiles, hover, heads = [], [], []
    for task, own in by_task(explanations).items():
        images = held_out(own[0]).images
        face = images.mean(axis=0, keepdims=True).astype(np.uint8)
        averages = [
            np.mean([computed[each].mean(0) for each in group], axis=0, keepdims=True)
            for group in (own, [replace(each, trained=False) for each in own])
        ]
        tiles += [face, *(image_grid.overlay(face, average) for average in averages)]
        hover += [f"{task}: mean face", f"{task}: trained", f"{task}: untrained"]
        heads += [f"{task} mean", "trained", "untrained"]
    figure = image_grid.sheet(np.concatenate(tiles), hover, len(heads), heads=heads)
    return image_grid.with_relevance_bar(figure)


def mean_maps_by_pretraining(explanations: Sequence[Explanation], computed: Maps) -> go.Figure:
    """Mean map over faces and seeds on the mean face: one row per pretraining, one column per task."""
    tasks = by_task(explanations)
    starts = list(dict.fromkeys(each.run.pretraining for each in explanations))
    tiles, hover = [], []
    for start in starts:
        for task, every in tasks.items():
            own = [each for each in every if each.run.pretraining == start]
            face = held_out(own[0]).images.mean(axis=0, keepdims=True).astype(np.uint8)
            average = np.mean([computed[each].mean(0) for each in own], axis=0, keepdims=True)
            tiles.append(image_grid.overlay(face, average))
            hover.append(f"{task}, pretraining {start}: mean of {len(own)} seeds")
    figure = image_grid.sheet(np.concatenate(tiles), hover, len(tasks), rows=starts, heads=list(tasks))
    return image_grid.with_relevance_bar(figure)


def composite_grid(explanations: Sequence[Explanation]) -> go.Figure:
    """A face of each task, explained for the first network with every composite and contrast."""
    tiles, hover, rows = [], [], []
    for task, own in by_task(explanations).items():
        network = train(own[0].run).network
        shown = held_out(own[0])
        shown = shown.select(evenly_spaced(np.arange(len(shown)), 3)[1:2])
        inputs, explained = network.prepare(shown.images), targets(own[0], network, shown)
        # The only other of two classes is the runner-up.
        several = len(network.specification.classes) > 2
        for against in [name for name in CONTRASTS if several or name != "softmax"]:
            kind = "the class alone" if against == "none" else f"against {against}"
            drawn = [
                image_grid.overlay(shown.images, relevance(network, inputs, explained, name, against))
                for name in COMPOSITES
            ]
            tiles += [shown.images, *drawn]
            hover += [f"{task}: {name}, {kind}" for name in ("face", *COMPOSITES)]
            rows.append(f"{task}, {kind}")
    heads = ["face", *(name.replace("-", " ") for name in COMPOSITES)]
    figure = image_grid.sheet(np.concatenate(tiles), hover, len(heads), rows=rows, heads=heads)
    return image_grid.with_relevance_bar(figure)


def masked_grid(stimuli: Stimuli, masks: Mapping[str, np.ndarray], index: np.ndarray) -> go.Figure:
    """Some faces under different masks: one column per mask, removed pixels in mid-grey."""
    faces, names = stimuli.images[index], stimuli.table["identity"].iloc[index]
    kept = [
        np.where(mask[index, ..., None], faces, np.uint8(128)).astype(np.uint8) for mask in masks.values()
    ]
    heads = ["face", *masks]
    hover = [[f"{name}, {head}" for name in names] for head in heads]
    return image_grid.sheet(_side_by_side([faces, *kept]), _across(hover), len(heads), heads=heads)


def by_task(explanations: Sequence[Explanation]) -> dict[str, list[Explanation]]:
    """Explanations grouped by the task of their network, in their order."""
    groups: dict[str, list[Explanation]] = {}
    for each in explanations:
        groups.setdefault(each.run.task, []).append(each)
    return groups


def _side_by_side(columns: Sequence[np.ndarray]) -> np.ndarray:
    """Columns of images (each n x H x W x 3) in row-major order."""
    least = min(len(column) for column in columns)
    stacked = np.stack([column[:least] for column in columns], axis=1)
    return stacked.reshape(-1, *stacked.shape[2:])


def _across(columns: Sequence[Sequence[str]]) -> list[str]:
    """Columns of words in row-major order."""
    return [word for row in zip(*columns, strict=False) for word in row]


def _shares(region_map: np.ndarray) -> str:
    share = np.bincount(region_map.ravel(), minlength=len(REGIONS)) / region_map.size
    return "<br>".join(f"{name} {part:.1%}" for name, part in zip(REGIONS, share, strict=True) if part)
