"""A widget that shows predictions and heatmaps for a transformed face."""

from __future__ import annotations

import numpy as np
import torch
import traitlets

from faceinv.perturbations.transformations import TRANSFORMATIONS, edge
from faceinv.widgets.explorer import Explorer


class TransformationExplorer(Explorer):
    """A face under transformations, with the network's prediction and its heatmap.

    See `HeatmapExplorer` for the parameters.

    Attributes
    ----------
    rotation : angle in degrees, clockwise
    size : scaling factor
    right, down : shifts, as fractions of the frame
    blur : standard deviation of a Gaussian, as a fraction of the frame

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
        # The index determines the direction: 0 is right, 1 is down and clockwise.
        for name, level, place in (
            ("size", self.size, 0),
            ("rotation", self.rotation, 1),
            ("position", self.right, 0),
            ("position", self.down, 1),
            ("blur", self.blur, 0),
        ):
            image = TRANSFORMATIONS[name](image, level, torch.tensor([place]), ground)
        return image[0].permute(1, 2, 0).numpy()
