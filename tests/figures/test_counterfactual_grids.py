"""Counterfactuals stand beside their originals and beside the pixels that differ."""

import numpy as np

from faceinv.data.faces.counterfactuals import render_pairs
from faceinv.data.faces.face_set import FaceSet
from faceinv.figures.counterfactual_grids import counterfactuals

FACES = FaceSet(identities=2, views=1, size=16, samples=1)


def test_each_cause_has_a_row_of_three_images_a_person():
    pairs = [render_pairs(FACES.with_cause(name)) for name in ("mark", "nose shape")]
    figure = counterfactuals(pairs, people=2)
    grid = figure.data[0]
    assert len(grid.x) == 2 * 2 * 3 and len(np.unique(grid.y)) == 2
    assert list(figure.layout.yaxis.ticktext) == ["mark", "nose shape"]
    assert list(figure.layout.xaxis.ticktext) == 2 * ["original", "changed", "difference"]
    assert grid.text[1] == "0-00000<br>mark" and grid.text[7] == "0-00000<br>nose shape<br>from 0-00001"
    assert grid.text[2] == f"{pairs[0].differs[0].mean():.1%} of the pixels differ"
