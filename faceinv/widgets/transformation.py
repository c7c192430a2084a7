"""A face that is turned, made smaller, shifted and blurred before a network, in a notebook."""

from __future__ import annotations

import numpy as np
import torch
import traitlets

from faceinv.perturbations.transformations import TRANSFORMATIONS, edge
from faceinv.widgets.explorer import Explorer


class TransformationExplorer(Explorer):
    """The same face under transformations: the answer and its heatmap follow.

    See `HeatmapExplorer` for the parameters.

    Attributes
    ----------
    rotation : degrees, clockwise
    size : a factor
    right, down : shifts, as shares of the frame
    blur : standard deviation of a Gaussian, as a share of the frame

    Examples
    --------
    >>> model = nn.Sequential(nn.Flatten(), nn.Linear(64, 2))
    >>> explorer = faceinv.TransformationExplorer(model, torch.rand(5, 1, 8, 8), value_range=(0, 1))
    >>> explorer.rotation = 30
    >>> explorer.shown.shape, explorer.probabilities.shape
    ((8, 8, 3), (2,))
    """

    _parts = traitlets.List(traitlets.Unicode(), ["contrast", "change"]).tag(sync=True)
    rotation = traitlets.Float(0, min=-60, max=60).tag(sync=True, choice=True)
    size = traitlets.Float(1, min=0.375, max=1.25).tag(sync=True, choice=True)
    right = traitlets.Float(0, min=-0.375, max=0.375).tag(sync=True, choice=True)
    down = traitlets.Float(0, min=-0.375, max=0.375).tag(sync=True, choice=True)
    blur = traitlets.Float(0, min=0, max=0.0625).tag(sync=True, choice=True)

    @property
    def shown(self) -> np.ndarray:
        """The transformed image that the network sees, float32, H x W x 3, from 0 to 255."""
        image = torch.from_numpy(super().shown).permute(2, 0, 1)[None]
        ground = edge(image)
        # The place says in which direction: right is the first, down the second, and clockwise the second.
        for name, level, place in (
            ("size", self.size, 0),
            ("rotation", self.rotation, 1),
            ("position", self.right, 0),
            ("position", self.down, 1),
            ("blur", self.blur, 0),
        ):
            image = TRANSFORMATIONS[name](image, level, torch.tensor([place]), ground)
        return image[0].permute(1, 2, 0).numpy()
