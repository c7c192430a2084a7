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
    networks : nn.Module, Classifier or Network; or several, or several by label; they see images of one size
    images : uint8, N x H x W x channels, or floats with their range; or a tensor, N x channels x H x W
        Networks see them in 256 grey levels.
    labels : of the images, one each
    composite, contrastive : see `faceinv.lrp.relevance.relevance`
    target : the class to explain, by name or as an index; None explains what the network answers
    classes : names of the classes, for networks that do not name them; without names they are numbered
    value_range : values of black and white in float images, such as ``(0, 1)``, and in the input of a module
        that is no Classifier with `mean` and `std`
    **chosen : other traits by name, such as `fraction`

    Attributes
    ----------
    fraction, order : what the mask keeps, see `faceinv.perturbations.masks.keep`

    Raises
    ------
    InputError
        If the images are none or do not suit the networks, the networks see different sizes, or there is no
        such class or trait.

    Examples
    --------
    >>> model = nn.Sequential(nn.Flatten(), nn.Linear(64, 2))
    >>> explorer = faceinv.HeatmapExplorer(model, torch.rand(5, 1, 8, 8), value_range=(0, 1))
    >>> explorer.image, explorer.target = 3, 1  # as a click in the notebook does
    >>> explorer.heatmap.shape, int(explorer.mask.sum())
    ((8, 8), 19)
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
