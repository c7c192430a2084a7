from __future__ import annotations

import numpy as np
import pandas as pd

from faceinv.figures.difference_matrix import matrix_of_differences

PAIRS = pd.DataFrame(
    [
        ("faces", "none", 0.2, 0.1, 0.3),
        ("none", "objects", -0.05, -0.2, 0.1),
        ("objects", "faces", 0.0, -0.1, 0.1),
    ],
    columns=["a", "b", "estimate", "low", "high"],
)


def test_pairs_are_above_the_diagonal_in_the_common_order() -> None:
    figure = matrix_of_differences(PAIRS, "there minus back")
    heatmap = figure.data[0]
    assert list(heatmap.y) == ["none", "objects"] and list(heatmap.x) == ["objects", "faces"]
    # faces minus none is 0.2, so none minus faces is -0.2, with the limits exchanged
    assert np.allclose(heatmap.z, [[-0.05, -0.2], [np.nan, 0]], equal_nan=True)
    assert heatmap.customdata[0][1][:2] == [-0.3, -0.1] and heatmap.meta["columns"] == ["low", "high"]
    assert heatmap.zmax == -heatmap.zmin == 0.2
    words = {word for trace in figure.data[1:] for word in trace.text}
    assert words == {"−0.05<br>[−0.20, 0.10]", "<b>−0.20</b><br>[−0.30, −0.10]", "+0.00<br>[−0.10, 0.10]"}


def test_only_what_is_compared_has_a_row_and_a_column() -> None:
    heatmap = matrix_of_differences(PAIRS, "there minus back", ["alone", "none", "objects", "faces"]).data[0]
    assert list(heatmap.y) == ["none", "objects"] and list(heatmap.x) == ["objects", "faces"]


def test_a_run_over_the_evidence_is_named_on_hover() -> None:
    quick = PAIRS.assign(run="this run: quick", estimate=0.1)
    both = pd.concat([PAIRS.assign(run="evidence: full run"), quick])
    heatmap = matrix_of_differences(both, "there minus back").data[0]
    assert heatmap.customdata[0][0][2].count("<br>") == 6 and "this run: quick" in heatmap.customdata[0][0][2]
    assert heatmap.z[0][0] == -0.05


def test_unknown_differences_have_no_cell() -> None:
    heatmap = matrix_of_differences(PAIRS.assign(estimate=np.nan), "there minus back").data[0]
    assert np.isnan(heatmap.z).all() and heatmap.zmax == 0.1
