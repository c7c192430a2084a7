"""Two networks on the same face, in a notebook."""

from __future__ import annotations

from typing import Any

import numpy as np
import traitlets

from faceinv.widgets.heatmap import HeatmapExplorer

OVERLAP_OF = [
    *("image", "network", "other", "target", "composite", "contrastive", "fraction", "order"),
    "_index",
]
"""Traits that the overlap follows from; the index is another whenever networks or images are."""


class NetworkComparison(HeatmapExplorer):
    """What the answers of two networks on the same face rest on, how that differs, and what both keep.

    See `HeatmapExplorer` for the parameters. The second network explains the same class as the first,
    or where it has none of that name, its own answer.

    Attributes
    ----------
    other : place of the second network in `networks`
    overlap : share of the pixels of either mask that both keep, 0-1; it follows from the other traits

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
    overlap = traitlets.Float(1, read_only=True).tag(sync=True)

    def __init__(self, *arguments: Any, **chosen: Any) -> None:
        super().__init__(*arguments, **chosen)
        if "other" not in chosen:
            self.other = min(1, len(self.networks) - 1)
        self._measure()
        self.observe(self._measure, OVERLAP_OF)

    @property
    def other_explained(self) -> int:
        """The class that the second heatmap is of, as an index of the second network's."""
        first, second = (self._copies[i].classes for i in (self.network, self.other))
        name = first[self.explained]
        if name in second:
            return second.index(name)
        return int(self._logits(self.other, self.shown).argmax())

    @property
    def other_heatmap(self) -> np.ndarray:
        """Relevance (float32, H x W) of what the second network sees."""
        rules = self.composite, self.contrastive
        return self._heatmap(self.other, self.shown, self.other_explained, *rules)

    @property
    def other_mask(self) -> np.ndarray:
        """The pixels that are kept by the second heatmap: bool, H x W."""
        return self._mask(self.other_heatmap)

    def _measure(self, change: Any = None) -> None:
        one, other = self.mask, self.other_mask
        either = (one | other).sum()
        self.set_trait("overlap", float((one & other).sum() / either) if either else 1.0)

    @traitlets.validate("other")
    def _other_place(self, proposal: Any) -> int:
        return self._place(proposal)
