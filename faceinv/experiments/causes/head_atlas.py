"""Where networks read the head: relevance and causal weights on the surface that all faces share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from scipy import sparse

from faceinv.data.faces.causes import CAUSES
from faceinv.data.faces.face_regions import region_weight
from faceinv.data.faces.face_set import FaceSet
from faceinv.data.faces.surface_points import head_mesh, surface_points
from faceinv.data.source_splits import split_source
from faceinv.data.stimuli import REGIONS, Stimuli
from faceinv.errors import InputError
from faceinv.experiments.causes.map_makers import UNTRAINED, map_maker
from faceinv.metrics.bootstrap import bootstrap
from faceinv.metrics.surface_atlas import (
    SurfaceAtlas,
    area_shares,
    atlas_correlation,
    gather,
    mean_density,
    share_on_most_read,
    spread_by_region,
)
from faceinv.models.training import single_thread
from faceinv.models.training_runs import TrainingRun, splits, train
from faceinv.runtime import parallel
from faceinv.runtime.cache import disk_cached

CAUSAL = "causes"
"""Name of what is shown of a network whose causal weights are on the head in place of relevance."""
READING_MEASURES = ("share on most-read tenth", "correlation with untrained")
"""Measures of an atlas (see `reading_of_networks`)."""
LEAST_VALUE = {READING_MEASURES[0]: 0.0, READING_MEASURES[1]: -1.0}
"""Smallest value that each can have; the largest is one."""
NO_SKIN = ("background", "hair")
"""Regions of an image that hide the head or are beside it."""


@dataclass(frozen=True)
class OnHead:
    """The images of a task on the head.

    Attributes
    ----------
    weights : for each image, how much of each pixel shows which vertex of `head_mesh` (pixels x V)
    seen : V, how many pixels of all images show each vertex
    labels : V, index of the region that most of these pixels belong to; that of the background where none do
    """

    weights: tuple[sparse.csr_matrix, ...]
    seen: np.ndarray
    labels: np.ndarray


def on_head(source: FaceSet, stimuli: Stimuli) -> OnHead:
    """Find the head in images of a set.

    Raises
    ------
    InputError
        If the images have no region maps.
    """
    if stimuli.regions is None:
        raise InputError(f"no region maps of {stimuli.name!r} are known; expected rendered faces")
    person = stimuli.table["identity"].str.rpartition("-")[2].astype(int)
    view = stimuli.table["view"].str[:3].astype(int)
    points = surface_points(source, list(zip(person.tolist(), view.tolist(), strict=True)))
    regions = stimuli.regions.reshape(len(stimuli), -1)
    hidden = np.isin(regions, [REGIONS.index(name) for name in NO_SKIN])
    weights = tuple(
        (sparse.diags_array(1.0 * ~beside) @ each.vertex_weights()).tocsr()
        for each, beside in zip(points, hidden, strict=True)
    )
    by_region = np.stack(
        [
            sum(shows.T @ (1.0 * (own == region)) for shows, own in zip(weights, regions, strict=True))
            for region in range(len(REGIONS))
        ]
    )
    return OnHead(weights, by_region.sum(0), by_region.argmax(0))


@disk_cached
def _test_images_on_head(source: FaceSet, task: str, images: int) -> OnHead:
    """The same for all networks of a task."""
    return on_head(source, split_source(source, task).test.evenly(images))


def test_images_on_head(run: TrainingRun, images: int) -> OnHead:
    """At most `images` of a network's test images, evenly spaced in the test set, on the head."""
    assert isinstance(run.source, FaceSet)
    return _test_images_on_head(run.source, run.task, images)


@disk_cached
def gathered(run: TrainingRun, images: int, method: str) -> SurfaceAtlas:
    """The maps of a network's test images, gathered on the head; the class that is explained is its answer.

    Parameters
    ----------
    run : of the network
    images : maximum number of test images
    method : see `faceinv.experiments.causes.map_makers.map_maker`
    """
    with single_thread():
        network, shown = train(run).network, splits(run).test.evenly(images)
        inputs = network.prepare(shown.images)
        maps = map_maker(method)(network, inputs, network.logits(inputs).argmax(1).numpy())
    return gather(maps, test_images_on_head(run, images).weights)


def gather_networks(
    runs: Sequence[TrainingRun], images: int, methods: Sequence[str]
) -> list[dict[str, SurfaceAtlas]]:
    """The atlases of networks by each of some methods (see `gathered`), on all cores."""
    for run in {run.task: run for run in runs}.values():
        test_images_on_head(run, images)  # before the workers, which all need it
    made = parallel.parallel_map(partial(_gather_all, images=images, methods=methods), runs, "gathering")
    return [dict(zip(methods, each, strict=True)) for each in made]


def _gather_all(run: TrainingRun, images: int, methods: Sequence[str]) -> list[SurfaceAtlas]:
    return [gathered(run, images, method) for method in methods]


def density_by_cause(weights: pd.DataFrame, seen: np.ndarray) -> pd.Series:
    """Causal weight by cause over the visible area of its region, relative to weights in proportion to area.

    Parameters
    ----------
    weights : of one network, one row per cause and image (see
        `faceinv.experiments.causes.causal_weights.causal_weights`)
    seen : V, how many pixels of the images show each vertex of `head_mesh`

    Returns
    -------
    Series
        By cause; nan for a network whose answers nothing moves.
    """
    means = weights.groupby("cause", sort=False)["weight"].mean()
    total = means.sum()
    shares = means / (total if total > 0 else np.nan)
    return shares / area_shares(_inside(means.index), seen)


def causal_density(weights: pd.DataFrame, seen: np.ndarray) -> np.ndarray:
    """The causal weights of a network on the head (see `density_by_cause`): density by vertex (V).

    It is nan where nothing is exchanged, or no image shows the vertex.
    """
    by_cause = density_by_cause(weights, seen)
    return spread_by_region(by_cause.to_numpy(), _inside(by_cause.index), seen)


def _inside(causes: Iterable[object]) -> np.ndarray:
    """Weight of each vertex of the head in the region of each cause."""
    points = head_mesh().vertices
    return np.stack([region_weight(CAUSES[str(name)].region, points) for name in causes])


def densest_regions(density: np.ndarray, place: OnHead, part: float = 0.1) -> list[str]:
    """The regions that make up the most densely read part of the visible head, by their share of it.

    Regions with less than a tenth of that part are left out. A large region may come before a small one that
    is read more densely.

    Parameters
    ----------
    density : V, nan where no value was measured
    place : of the images
    part : of the visible surface, 0 to 1
    """
    known = np.flatnonzero(~np.isnan(density))
    order = known[np.argsort(-density[known], kind="stable")]
    area = place.seen[order]
    most = np.cumsum(area) <= part * area.sum()
    shares = np.bincount(place.labels[order][most], area[most], len(REGIONS))
    total = shares.sum()
    found = np.argsort(-shares, kind="stable")
    return [REGIONS[region] for region in found if total > 0 and shares[region] >= 0.1 * total]


def reading_of_networks(
    runs: Sequence[TrainingRun], atlases: Sequence[Mapping[str, SurfaceAtlas]]
) -> pd.DataFrame:
    """What atlases of networks say in two numbers.

    Parameters
    ----------
    runs : of the networks
    atlases : of each network, by method; that of the network before training among them

    Returns
    -------
    DataFrame
        One row per network, method and measure: task, pretraining, seed, base, method, measure, value. The
        measures are the share of the positive relevance on the tenth of the visible head where it is densest,
        and the rank correlation over the head with the atlas of the network before training.
    """
    rows = []
    for run, by_method in zip(runs, atlases, strict=True):
        own = {"task": run.task, "pretraining": run.pretraining, "seed": run.seed, "base": run.base}
        for method, atlas in by_method.items():
            row = own | {"method": method}
            rows.append(row | {"measure": READING_MEASURES[0], "value": share_on_most_read(atlas)})
            if method != UNTRAINED:
                alike = atlas_correlation(atlas.density, by_method[UNTRAINED].density)
                rows.append(row | {"measure": READING_MEASURES[1], "value": alike})
    return pd.DataFrame(rows)


def reading_intervals(reading: pd.DataFrame, draws: int) -> pd.DataFrame:
    """Means of the measures of `reading_of_networks` over seeds, with 95 % intervals.

    Parameters
    ----------
    reading : see `reading_of_networks`
    draws : bootstrap samples

    Returns
    -------
    DataFrame
        One row per task, pretraining, method and measure, in the order of `reading`; intervals end where
        values do.
    """
    keys = ["task", "pretraining", "method", "measure"]
    table = bootstrap(reading, "value", keys, draws=draws, units=("seed",)).interval()
    order = {
        key: place
        for place, key in enumerate(dict.fromkeys(reading[keys].itertuples(index=False, name=None)))
    }
    places = [order[key] for key in table[keys].itertuples(index=False, name=None)]
    least = table["measure"].map(LEAST_VALUE)
    bounded = table.assign(low=np.maximum(table["low"], least), high=np.minimum(table["high"], 1.0))
    return bounded.iloc[np.argsort(places)].reset_index(drop=True)


def densities_by_kind(
    runs: Sequence[TrainingRun],
    atlases: Sequence[Mapping[str, SurfaceAtlas]],
    weights: Sequence[pd.DataFrame],
    images: int,
) -> dict[tuple[str, str, str], np.ndarray]:
    """Mean density over the seeds of each kind of network, by task, pretraining and what is shown.

    Parameters
    ----------
    runs : of the networks
    atlases : of each network, by method
    weights : causal weights of each network (see `density_by_cause`)
    images : maximum number of test images
    """
    groups: dict[tuple[str, str, str], list[np.ndarray]] = {}
    for run, by_method, moved in zip(runs, atlases, weights, strict=True):
        own = {method: atlas.density for method, atlas in by_method.items()}
        own[CAUSAL] = causal_density(moved, test_images_on_head(run, images).seen)
        for name, density in own.items():
            groups.setdefault((run.task, run.pretraining, name), []).append(density)
    return {kind: mean_density(each) for kind, each in groups.items()}


def densities_by_cause(
    runs: Sequence[TrainingRun], weights: Sequence[pd.DataFrame], images: int
) -> pd.DataFrame:
    """Mean over the seeds of `density_by_cause`, with task, pretraining, cause and density."""
    parts = [
        density_by_cause(moved, test_images_on_head(run, images).seen)
        .rename("density")
        .reset_index()
        .assign(task=run.task, pretraining=run.pretraining)
        for run, moved in zip(runs, weights, strict=True)
    ]
    keys = ["task", "pretraining", "cause"]
    return pd.concat(parts).groupby(keys, sort=False)["density"].mean().reset_index()
