"""What a network's answer rests on, in a notebook."""

from __future__ import annotations

from typing import cast

import numpy as np
import traitlets

from faceinv.perturbations import masks
from faceinv.widgets.explorer import Explorer


class HeatmapExplorer(Explorer):
    """Faces with their heatmaps, and what a network still knows when it sees a share of the pixels.

    Parameters
    ----------
    networks : one Network, several, or several by label; they see images of one size
    images : uint8, N x H x W x 3
    labels : of the images, one each
    composite, contrastive : see `faceinv.lrp.relevance.relevance`
    target : the class to explain, by name or as an index; None explains what the network answers
    **chosen : other traits by name, such as `fraction`

    Attributes
    ----------
    fraction, order : what the mask keeps, see `faceinv.perturbations.masks.keep`

    Raises
    ------
    InputError
        If the images are none, the networks see different sizes, or there is no such class or trait.

    Examples
    --------
    >>> explorer = HeatmapExplorer(network, faces.images)  # doctest: +SKIP
    >>> explorer.image = 3                                 # doctest: +SKIP
    >>> explorer.heatmap, explorer.mask                    # doctest: +SKIP
    """

    _parts = traitlets.List(traitlets.Unicode(), ["contrast", "keep"]).tag(sync=True)
    fraction = traitlets.Float(0.3, min=0, max=1).tag(sync=True, choice=True)
    order = traitlets.Enum(("most", "least"), "most").tag(sync=True, choice=True)

    @property
    def mask(self) -> np.ndarray:
        """The pixels that are kept: bool, H x W."""
        return self._mask(self.heatmap)

    def _mask(self, heatmap: np.ndarray) -> np.ndarray:
        return masks.keep(heatmap[None], self.fraction, cast(masks.Order, self.order))[0]
