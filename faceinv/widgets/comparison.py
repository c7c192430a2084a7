"""A widget that compares two networks on the same face."""

from __future__ import annotations

from typing import Any

import numpy as np
import traitlets

from faceinv.widgets.heatmap import HeatmapExplorer

OVERLAP_OF = [
    *(
        "image",
        "network",
        "other",
        "target",
        "explains",
        "composite",
        "against",
        "start",
        "fraction",
        "order",
    ),
    "_index",
]
"""Traits on which the overlap depends; the index changes whenever networks or images do."""


class NetworkComparison(HeatmapExplorer):
    """Heatmaps of two networks on the same face, their difference, and the overlap of their masks.

    See `HeatmapExplorer` for the parameters.

    Attributes
    ----------
    other : index of the second network in `networks`
    explains : what the second heatmap explains: the second network's ``"own"`` predicted class, or the
        ``"same"`` class as the first heatmap, if the second network has a class of that name
    overlap : number of pixels that both masks keep, divided by the number that either keeps (read-only)

    Examples
    --------
    >>> models = {name: nn.Sequential(nn.Flatten(), nn.Linear(64, 2)) for name in ("one", "other")}
    >>> comparison = faceinv.NetworkComparison(models, torch.rand(5, 1, 8, 8), value_range=(0, 1))
    >>> 0 <= comparison.overlap <= 1
    True
    """

    _parts = traitlets.List(traitlets.Unicode(), ["contrast", "keep", "compare"]).tag(sync=True)
    _places = ("network", "other")

    other = traitlets.Int(0).tag(sync=True, choice=True)
    explains = traitlets.Enum(("own", "same"), "own").tag(sync=True, choice=True)
    overlap = traitlets.Float(1, read_only=True).tag(sync=True)

    def __init__(self, *arguments: Any, **chosen: Any) -> None:
        super().__init__(*arguments, **chosen)
        if "other" not in chosen:
            self.other = min(1, len(self.networks) - 1)
        self._measure()
        self.observe(self._measure, OVERLAP_OF)

    @property
    def other_explained(self) -> int:
        """Index of the class that the second heatmap explains, among the second network's classes."""
        first, second = (self._copies[i].classes for i in (self.network, self.other))
        name = first[self.explained]
        if self.explains == "same" and name in second:
            return second.index(name)
        return int(self._logits(self.other, self.shown).argmax())

    @property
    def other_heatmap(self) -> np.ndarray:
        """Relevance map of the second network (float32, H x W)."""
        rules = self.composite, self.against, self.start
        return self._heatmap(self.other, self.shown, self.other_explained, *rules)

    @property
    def other_mask(self) -> np.ndarray:
        """Pixels that the mask of the second heatmap keeps (bool, H x W)."""
        return self._mask(self.other_heatmap)

    def _measure(self, change: Any = None) -> None:
        one, other = self.mask, self.other_mask
        either = (one | other).sum()
        self.set_trait("overlap", float((one & other).sum() / either) if either else 1.0)

    @traitlets.validate("other")
    def _other_place(self, proposal: Any) -> int:
        return self._place(proposal)
