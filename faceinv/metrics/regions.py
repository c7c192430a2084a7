"""Regions: how much of the relevance falls on the brows, the eyes, the nose and the rest of a face."""

from __future__ import annotations

import numpy as np
import pandas as pd

from faceinv.data.faces.face_set import FaceSet
from faceinv.data.sources import load
from faceinv.data.stimuli import REGIONS, Stimuli
from faceinv.errors import InputError

ATLAS_PEOPLE = 24
ATLAS_FIRST = 30_000  # first person of the atlas: nobody of any other set


def by_region(maps: np.ndarray, regions: np.ndarray) -> pd.DataFrame:
    """Share and density of the absolute relevance by facial region.

    Parameters
    ----------
    maps : ndarray, N x H x W
        Relevance, or any other scores.
    regions : ndarray
        Each image's region map (uint8, N x H x W, see `REGIONS`), or one atlas for all images (float,
        regions x H x W: the probability of each region at each pixel, summing to one).

    Returns
    -------
    DataFrame
        One row an image and region, images one after the other: image (its place), region, share (of the
        image's absolute relevance, 0-1), area (share of its pixels), density (share / area: mean absolute
        relevance a pixel, in units of the whole image's mean). The share is nan in an image without
        relevance, and the density also in a region without pixels.

    Raises
    ------
    InputError
        If the shapes do not fit each other.
    """
    maps = np.asarray(maps)
    exact = regions.dtype == np.uint8 and regions.shape == maps.shape
    if maps.ndim != 3 or not (exact or regions.shape == (len(REGIONS), *maps.shape[1:])):
        raise InputError(
            f"maps are of shape {maps.shape} and regions {regions.dtype} of shape {regions.shape}; expected "
            f"uint8 maps of that shape, or an atlas of {len(REGIONS)} regions of the same height and width"
        )
    absolute = np.abs(maps.astype(np.float64))
    total = absolute.sum(axis=(1, 2))
    sums = np.empty((len(maps), len(REGIONS)))
    area = np.empty_like(sums)
    for region in range(len(REGIONS)):
        inside = regions == region if exact else np.broadcast_to(regions[region], maps.shape)
        sums[:, region] = (absolute * inside).sum(axis=(1, 2))
        area[:, region] = inside.mean(axis=(1, 2))
    share = np.divide(sums, total[:, None], out=np.full_like(sums, np.nan), where=total[:, None] > 0)
    return pd.DataFrame(
        {
            "image": np.repeat(np.arange(len(maps)), len(REGIONS)),
            "region": np.tile(REGIONS, len(maps)),
            "share": share.ravel(),
            "area": area.ravel(),
            "density": np.divide(share, area, out=np.full_like(share, np.nan), where=area > 0).ravel(),
        }
    )


def region_maps_or_atlas(stimuli: Stimuli) -> np.ndarray:
    """Where the regions are: each image's region map, or the atlas where the images have none."""
    return atlas(stimuli.size) if stimuli.regions is None else stimuli.regions


def atlas(size: int, samples: int = 9) -> np.ndarray:
    """Where the regions usually are: the mean region map of rendered faces that look into the camera.

    It stands in for exact region maps where there are none, as with photographs. It is right about a
    photograph only as far as its face is framed as rendered ones are and looks straight ahead.

    Parameters
    ----------
    size : height and width in pixels
    samples : a pixel, of the rendering

    Returns
    -------
    ndarray of float32, regions x size x size
        Share of the faces in which a pixel belongs to a region.
    """
    faces = FaceSet(
        identities=ATLAS_PEOPLE,
        views=1,
        size=size,
        samples=samples,
        first=ATLAS_FIRST,
        yaws=(0.0,),
        expression=False,
        light=False,
        jitter=0.0,
    )
    regions = load(faces).regions
    assert regions is not None
    return np.stack([(regions == region).mean(axis=0, dtype=np.float32) for region in range(len(REGIONS))])
