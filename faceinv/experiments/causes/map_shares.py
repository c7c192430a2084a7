"""Map shares: how the relevance that lies on the exchanged regions is shared among them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from faceinv.data.faces.causes import CAUSES, EXCHANGED
from faceinv.data.stimuli import Stimuli
from faceinv.experiments.causes.map_makers import MapMaker, map_maker
from faceinv.metrics.regions import region_maps_or_atlas, region_shares
from faceinv.models.training import single_thread
from faceinv.models.training_runs import TrainingRun, splits, train
from faceinv.runtime.cache import disk_cached


def exchanged_shares(maps: np.ndarray, regions: np.ndarray, causes: Sequence[str]) -> pd.DataFrame:
    """Share of the absolute relevance by exchanged region, of what lies on any of these regions.

    Parameters
    ----------
    maps : ndarray, N x H x W
    regions : region map of each image, uint8, N x H x W, or an atlas (see `region_shares`)
    causes : keys of `faceinv.data.faces.causes.CAUSES`, whose labels are counted

    Returns
    -------
    DataFrame
        One row per cause and image: cause, image, share. The shares of an image sum to one; they are nan
        where no relevance lies on any of the regions.
    """
    by_label = region_shares(maps, regions).pivot(index="image", columns="region", values="share")
    of_causes = pd.DataFrame({name: by_label[list(CAUSES[name].labels)].sum(axis=1) for name in causes})
    total = of_causes.sum(axis=1)
    shares = of_causes.div(total.where(total > 0), axis=0)
    long = shares.rename_axis(columns="cause").T.stack(future_stack=True).rename("share")
    return long.reset_index()[["cause", "image", "share"]]


def shares_by(
    make: MapMaker, run: TrainingRun, images: int, causes: tuple[str, ...] = EXCHANGED
) -> pd.DataFrame:
    """The shares (see `exchanged_shares`) of the maps that a map maker makes of a network's test images.

    The class that is explained is the network's answer.

    Parameters
    ----------
    make : see `faceinv.experiments.causes.map_makers.MapMaker`
    run : of the network
    images : maximum number of test images, evenly spaced in the test set: those of an exchange of that number
    causes : keys of `faceinv.data.faces.causes.CAUSES`, whose labels are counted
    """
    with single_thread():
        network, stimuli = train(run).network, splits(run).test.evenly(images)
        inputs = network.prepare(stimuli.images)
        maps = make(network, inputs, network.logits(inputs).argmax(1).numpy())
    return exchanged_shares(maps, region_maps_or_atlas(stimuli), causes)


@disk_cached
def map_shares(
    run: TrainingRun, images: int, method: str, causes: tuple[str, ...] = EXCHANGED
) -> pd.DataFrame:
    """The shares of the maps of a method (see `faceinv.experiments.causes.map_makers.map_maker`)."""
    return shares_by(map_maker(method), run, images, causes).assign(method=method)


def shares_of_methods(run: TrainingRun, images: int, methods: Sequence[str]) -> pd.DataFrame:
    """The shares of the maps of a network by each of some methods (see `map_shares`)."""
    return pd.concat([map_shares(run, images, method) for method in methods], ignore_index=True)


def region_map(stimuli: Stimuli, index: int) -> np.ndarray:
    """The region map of one image (uint8, H x W): its own, or the most probable regions of the atlas."""
    regions = region_maps_or_atlas(stimuli)
    return regions[index] if regions.dtype == np.uint8 else regions.argmax(0).astype(np.uint8)
