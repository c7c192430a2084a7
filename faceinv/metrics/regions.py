"""Facial regions: the share of the relevance on the brows, the eyes, the nose and other parts of the face."""

from __future__ import annotations

import numpy as np
import pandas as pd

from faceinv.data.faces.face_set import FaceSet
from faceinv.data.sources import load_stimuli
from faceinv.data.stimuli import REGIONS, Stimuli
from faceinv.errors import InputError

ATLAS_PEOPLE = 24
ATLAS_FIRST = 60_000  # index of the first person of the atlas, who are in no other set


def region_shares(maps: np.ndarray, regions: np.ndarray) -> pd.DataFrame:
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
        One row per image and region, sorted by image: image (its index), region, share (of the absolute
        relevance of the image, 0-1), area (share of its pixels), density (share / area: mean absolute
        relevance per pixel relative to the mean of the whole image). The share is nan in an image without
        relevance, and the density also in a region without pixels.

    Raises
    ------
    InputError
        If the shapes do not match.

    Examples
    --------
    >>> regions = np.array([[[3, 3], [4, 4]]], np.uint8)  # an eye above a nose
    >>> shares = faceinv.region_shares(np.array([[[1.0, 2.0], [-1.0, 0.0]]]), regions).set_index("region")
    >>> shares.loc[["eye", "nose"], "share"].tolist()
    [0.75, 0.25]
    """
    maps, regions = np.asarray(maps), np.asarray(regions)
    per_image = regions.dtype == np.uint8 and regions.shape == maps.shape
    if maps.ndim != 3 or not (per_image or regions.shape == (len(REGIONS), *maps.shape[1:])):
        raise InputError(
            f"maps are of shape {maps.shape} and regions {regions.dtype} of shape {regions.shape}; expected "
            f"uint8 maps of that shape, or an atlas of {len(REGIONS)} regions of the same height and width"
        )
    absolute = np.abs(maps.astype(np.float64))
    total = absolute.sum(axis=(1, 2))
    sums = np.empty((len(maps), len(REGIONS)))
    area = np.empty_like(sums)
    for region in range(len(REGIONS)):
        inside = regions == region if per_image else np.broadcast_to(regions[region], maps.shape)
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
    """The region map of each image, or the atlas if the images have none."""
    return atlas(stimuli.size) if stimuli.regions is None else stimuli.regions


def atlas(size: int, samples: int = 9) -> np.ndarray:
    """The mean region map of rendered frontal faces: probability of each region at each pixel.

    It replaces exact region maps where there are none, as with photographs. It is valid only for photographs
    of frontal faces with the same framing as the rendered ones.

    Parameters
    ----------
    size : height and width in pixels
    samples : samples per pixel of the rendering

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
    regions = load_stimuli(faces).regions
    assert regions is not None
    return np.stack([(regions == region).mean(axis=0, dtype=np.float32) for region in range(len(REGIONS))])
