"""Class sensitivity and conserved relevance, on constructed maps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from faceinv.experiments.conditions import NO_SEED
from faceinv.experiments.relevance.class_sensitivity import CLASS_COMPARISONS, compare_classes
from faceinv.experiments.relevance.conserved_relevance import range_over_images


def maps(*kinds: int) -> np.ndarray:
    """For each kind, maps of two images (2 x 2 x 3): rising (1), falling (-1), or one of each (0)."""
    rising = np.arange(6.0).reshape(2, 3)
    signs = {1: (1, 1), -1: (-1, -1), 0: (1, -1)}
    return np.array([[sign * rising for sign in signs[kind]] for kind in kinds])


def test_comparisons_by_hand() -> None:
    own = maps(-1, 1, 1, 0)  # another class, then the class alone, against softmax and the runner-up
    people = np.array(["anna", "bert"])
    table = compare_classes(own, {4: maps(1, 1, -1, 0), 7: maps(1, 1, 1, 0)}, people)
    assert set(table["compared"]) == set(CLASS_COMPARISONS)
    of_another = table["compared"].str.startswith("another seed, another face")
    assert (of_another == (table["identity"] != table["other_identity"])).all()
    found = {key: part["value"].tolist() for key, part in table.groupby(["compared", "other_seed"])}
    assert found["another class", NO_SEED] == pytest.approx([-1, -1])
    for seed, sign in ((4, -1), (7, 1)):
        assert found["another seed", seed] == pytest.approx([1, 1])
        assert found["another seed, against softmax", seed] == pytest.approx([sign, sign])
        assert found["another seed, against runner-up", seed] == pytest.approx([1, 1])
        assert found["another seed, another face, against runner-up", seed] == pytest.approx([-1, -1])


def test_range_over_images_is_median_and_extremes() -> None:
    table = pd.DataFrame({"value": [3.0, 1.0, 9.0], "measure": "sum", "composite": "c", "architecture": "a"})
    (row,) = range_over_images(table).to_dict("records")
    assert (row["estimate"], row["low"], row["high"]) == (3, 1, 9)
