"""A widget that shows which pixels contribute to a network's prediction."""

from __future__ import annotations

from typing import cast

import numpy as np
import traitlets

from faceinv.perturbations import masks
from faceinv.widgets.explorer import Explorer


class HeatmapExplorer(Explorer):
    """Faces with their heatmaps, and the network's prediction when it sees only a fraction of the pixels.

    Parameters
    ----------
    networks : nn.Module, Classifier or Network
        One, several, or a mapping of labels to networks; all take images of the same size.
    images : ndarray, N x H x W x channels, or Tensor, N x channels x H x W
        uint8, or floats with a `value_range`; they are rounded to 256 grey levels.
    labels : labels of the images, one each
    composite, against, start : see `faceinv.lrp.relevance.relevance`
    target : the class to explain, by name or index; None explains the predicted class
    classes : names of the classes, for networks without such names; by default the classes are numbered
    value_range : values of black and white in float images, such as ``(0, 1)``, and in the input of a module
        that is not a Classifier with `mean` and `std`
    **chosen : other traits by name, such as `fraction`

    Attributes
    ----------
    fraction, order : fraction of the pixels that the mask keeps, and in which order
        (`faceinv.perturbations.masks.keep`)

    Raises
    ------
    InputError
        If the images do not suit the networks, the networks take different sizes, or there is no such class
        or trait.

    Examples
    --------
    >>> model = nn.Sequential(nn.Flatten(), nn.Linear(64, 2))
    >>> explorer = faceinv.HeatmapExplorer(model, torch.rand(5, 1, 8, 8), value_range=(0, 1))
    >>> explorer.image, explorer.target = 3, 1  # the same as clicking in the notebook
    >>> explorer.heatmap.shape, int(explorer.mask.sum())
    ((8, 8), 19)
    """

    _parts = traitlets.List(traitlets.Unicode(), ["contrast", "keep"]).tag(sync=True)
    fraction = traitlets.Float(0.3, min=0, max=1).tag(sync=True, choice=True)
    order = traitlets.Enum(("most", "least"), "most").tag(sync=True, choice=True)

    @property
    def mask(self) -> np.ndarray:
        """Pixels that the mask keeps (bool, H x W)."""
        return self._mask(self.heatmap)

    def _mask(self, heatmap: np.ndarray) -> np.ndarray:
        return masks.keep(heatmap[None], self.fraction, cast(masks.Order, self.order))[0]
