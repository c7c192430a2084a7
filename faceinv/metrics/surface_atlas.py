"""Surface atlases: relevance gathered on the surface that images show, over views and people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from faceinv.errors import InputError
from faceinv.metrics.map_similarity import rank_correlation

LEAST_SEEN = 0.5
"""Pixels, over all images, that must show a vertex before it has a value."""


@dataclass(frozen=True, eq=False)
class SurfaceAtlas:
    """Values on the V vertices of a surface, before they are averaged.

    Attributes
    ----------
    sums : V, sum over all pixels that show a vertex of the density there, times the share that shows it
    seen : V, the pixels that show it, over all images; each pixel is shared among the vertices that it shows
    """

    sums: np.ndarray
    seen: np.ndarray

    @property
    def density(self) -> np.ndarray:
        """Mean density at each vertex, relative to an even map; nan where no value was measured."""
        out = np.full(len(self.seen), np.nan)
        return np.divide(self.sums, self.seen, out=out, where=self.seen >= LEAST_SEEN)


def gather(maps: np.ndarray, weights: Sequence[sparse.csr_matrix]) -> SurfaceAtlas:
    """Gather maps on the surface that the images show.

    Only positive relevance counts. Each image is divided by its mean on the surface, and each pixel then
    gives its value to the vertices that it shows. A vertex has the mean over the pixels that show it,
    whatever their number: in more images, from nearer or more from the front it is only better known. An
    even map therefore gives an even atlas.

    Parameters
    ----------
    maps : ndarray, N x H x W
    weights : for each image, how much of each pixel shows which vertex (pixels x V, see
        `faceinv.data.faces.surface_points.SurfacePoints.vertex_weights`)

    Returns
    -------
    SurfaceAtlas
        Images without positive relevance on the surface are left out.

    Raises
    ------
    InputError
        If the numbers of images or of pixels differ.

    Examples
    --------
    >>> shows = sparse.csr_matrix([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])  # two pixels show two of three vertices
    >>> gather(np.full((1, 1, 2), 7.0), [shows]).density.tolist()
    [1.0, 1.0, nan]
    """
    maps = np.asarray(maps, dtype=float)
    pixels = maps[0].size if len(maps) else 0
    if maps.ndim != 3 or len(weights) != len(maps) or any(each.shape[0] != pixels for each in weights):
        raise InputError(
            f"maps are of shape {maps.shape}, and places on the surface are of {len(weights)} images of "
            f"{', '.join(sorted({str(each.shape[0]) for each in weights})) or 'no'} pixels; expected as many"
        )
    vertices = weights[0].shape[1] if len(weights) else 0
    sums, seen = np.zeros(vertices), np.zeros(vertices)
    for relevance, shows in zip(np.maximum(maps.reshape(len(maps), -1), 0), weights, strict=True):
        on_surface = np.asarray(shows.sum(1)).ravel()
        total = relevance @ on_surface
        if total > 0:
            sums += shows.T @ (relevance * on_surface.sum() / total)
            seen += np.asarray(shows.sum(0)).ravel()
    return SurfaceAtlas(sums, seen)


def mean_density(densities: Sequence[np.ndarray]) -> np.ndarray:
    """Mean of the densities (V) of several networks, vertex by vertex; nan where none has a value."""
    values = np.stack(densities)
    known = ~np.isnan(values)
    out = np.full(values.shape[1], np.nan)
    return np.divide(np.where(known, values, 0).sum(0), known.sum(0), out=out, where=known.any(0))


def share_on_most_read(atlas: SurfaceAtlas, part: float = 0.1) -> float:
    """Share of the relevance on the part of the visible surface where it is densest.

    Parameters
    ----------
    atlas : SurfaceAtlas
    part : of the surface as images show it, 0 to 1

    Returns
    -------
    float
        From `part`, for an even atlas, to 1; nan for an atlas without values.
    """
    known = ~np.isnan(atlas.density)
    if not known.any() or atlas.sums[known].sum() <= 0:
        return float("nan")
    densest = np.argsort(-atlas.density[known], kind="stable")
    area = np.concatenate([[0], np.cumsum(atlas.seen[known][densest])])
    share = np.concatenate([[0], np.cumsum(atlas.sums[known][densest])])
    return float(np.interp(part * area[-1], area, share) / share[-1])


def atlas_correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Rank correlation of two densities (V) over the vertices where both have a value; nan if one is even."""
    known = ~(np.isnan(one) | np.isnan(other))
    if not known.any():
        return float("nan")
    return float(rank_correlation(one[known][None, None], other[known][None, None])[0])


def area_shares(inside: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Share of each of R regions in their visible area, R; the shares sum to one.

    Parameters
    ----------
    inside : R x V, weight of each vertex in each region, 0 to 1
    seen : V, how many pixels of the images show each vertex
    """
    area = inside @ seen
    return area / area.sum()


def spread_by_region(values: np.ndarray, inside: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Values by region on the vertices of a surface (V): where regions overlap, their weighted mean.

    Nan where no region is (less than half of the weight in any), or no image shows the vertex.

    Parameters
    ----------
    values : R, one for each region
    inside : R x V, weight of each vertex in each region, 0 to 1
    seen : V, how many pixels of the images show each vertex
    """
    total = inside.sum(0)
    where = (total >= 0.5) & (seen >= LEAST_SEEN)
    return np.divide(values @ inside, total, out=np.full(len(seen), np.nan), where=where)
