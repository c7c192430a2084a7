"""Faces are painted by the shares of their regions."""

import numpy as np
import pandas as pd

from faceinv.data.stimuli import REGIONS
from faceinv.figures.causal_faces import paint_regions, side_by_side

IMAGE = np.full((4, 4, 3), 180, np.uint8)
WHERE = np.full((4, 4), REGIONS.index("skin"), np.uint8)
WHERE[0], WHERE[1] = REGIONS.index("eye"), REGIONS.index("nose")


def test_a_region_is_the_redder_the_larger_its_share():
    painted = paint_regions(IMAGE, WHERE, pd.Series({"eye": 0.8, "nose": 0.2, "mouth": np.nan}), most=0.8)
    redness = painted[..., 0].astype(int) - painted[..., 2]
    assert (redness[0] > redness[1]).all() and (redness[1] > 0).all() and (redness[2:] == 0).all()


def test_each_network_has_a_row_and_each_kind_of_map_a_column():
    rows = [
        (network, column, cause, 0.5)
        for network in ("a", "b")
        for column in ("causes", "map")
        for cause in ("eye", "nose")
    ]
    table = pd.DataFrame(rows, columns=["network", "column", "cause", "share"])
    figure = side_by_side(table, IMAGE, WHERE, ["causes", "map"], seeds=3)
    assert list(figure.layout.yaxis.ticktext) == ["a", "b"]
    assert len(figure.data[0].text) == 4 and "eye 50%" in figure.data[0].text[0]
