"""Relevance maps within each facial region."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from faceinv.data.stimuli import REGIONS, evenly_spaced
from faceinv.experiments.explanations import Explanation, held_out
from faceinv.experiments.relevance.facial_regions import maps_of
from faceinv.figures.example_panel import Examples
from faceinv.figures.image_grid import overlay
from faceinv.figures.style import point
from faceinv.metrics.regions import region_maps_or_atlas, region_shares


def faces_by_region(
    explanations: Sequence[Explanation],
    kinds: Sequence[str],
    lines: Callable[[Explanation, str], Sequence[object]],
    most: int = 6,
) -> dict[str, Examples]:
    """Maps of some test faces within each facial region, with the rest of the face dimmed.

    Parameters
    ----------
    explanations : of trained networks; the first of each line is shown
    kinds : kinds of maps (see `faceinv.experiments.relevance.facial_regions.MAPS`), and ``"area"`` for the
        region alone
    lines : values that identify the points of an explanation and a kind of map, except for the region
    most : faces of each point
    """
    examples_by_point: dict[str, Examples] = {}
    for each in explanations:
        wanted = {kind: lines(each, kind) for kind in kinds}
        wanted = {
            kind: line for kind, line in wanted.items() if point(*line, REGIONS[0]) not in examples_by_point
        }
        if not wanted:
            continue
        run, stimuli = each.run, held_out(each)
        where, index = region_maps_or_atlas(stimuli), evenly_spaced(range(len(stimuli)), most)
        faces, people = stimuli.images[index], list(stimuli.table["identity"].iloc[index])
        region_maps = where[index] if where.dtype == np.uint8 else where
        scores = maps_of(each)
        for kind, line in wanted.items():
            flat = np.zeros(faces.shape[:3], np.float32)
            shown = scores[kind][index] if kind in scores else flat
            painted = overlay(faces, shown)
            table = region_shares(shown if kind in scores else flat + 1, region_maps).set_index("region")
            for number, region in enumerate(REGIONS):
                inside = (
                    (region_maps == number) if region_maps.dtype == np.uint8 else region_maps[number][None]
                )
                light = 0.25 + 0.75 * np.broadcast_to(inside, flat.shape)[..., None]
                shares = table.loc[region, "share"].to_numpy()
                examples_by_point[point(*line, region)] = Examples(
                    f"{run.task}, pretraining {run.pretraining}, seed {run.seed}: {region}, its share of "
                    + ("the image" if kind == "area" else f"the map ({kind})"),
                    (painted * light).astype(np.uint8),
                    [f"{name}: {share:.1%}" for name, share in zip(people, shares, strict=True)],
                    np.zeros(len(people), bool),
                )
    return examples_by_point
