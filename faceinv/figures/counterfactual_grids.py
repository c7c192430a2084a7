"""Grids of faces, of their counterfactuals, and of where the two differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from faceinv.data.faces.counterfactuals import Pairs
from faceinv.figures import image_grid, palette

DIFFERENT = np.array(palette.rgb(palette.MARKED))
"""Colour of the pixels that differ."""


def counterfactuals(pairs: Sequence[Pairs], people: int) -> go.Figure:
    """One row a cause: the first people without and with it, and the pixels that differ.

    Parameters
    ----------
    pairs : for each cause, pairs of the same people
    people : how many of them
    """
    images, hover = [], []
    for each in pairs:
        groups = each.originals.table.groupby("identity", sort=False).indices
        for name in list(groups)[:people]:
            k = groups[name][0]
            original, differs = each.originals.images[k], each.differs[k]
            faded = (original * 0.4 + 128 * 0.6).astype(np.uint8)
            faded[differs] = DIFFERENT
            images += [original, each.counterfactuals.images[k], faded]
            row = each.counterfactuals.table.iloc[k]
            donor = f"<br>from {row['donor']}" if row["donor"] else ""
            hover += [name, f"{name}<br>{row['cause']}{donor}", f"{differs.mean():.1%} of the pixels differ"]
    shown = min(people, *(each.originals.table["identity"].nunique() for each in pairs))
    return image_grid.sheet(
        np.stack(images),
        hover,
        3 * shown,
        rows=[each.counterfactuals.table["cause"].iloc[0] for each in pairs],
        heads=["original", "changed", "difference"] * shown,
    )
