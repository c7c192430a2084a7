"""Training paths whose tolerance is known at every accuracy."""

import numpy as np
import pandas as pd
import pytest

from faceinv.errors import InputError
from faceinv.experiments.invariance.training_paths import (
    ALL,
    NOT_COMMON,
    at_matched_accuracy,
    interpolated,
    over_all,
    path_curves,
    path_points,
    path_table,
    uncompared,
)
from faceinv.perturbations.transformations import TRANSFORMATIONS

CHANCE = 0.2
SHARES = (0.125, 0.25, 0.5, 1.0)
LEVELS = TRANSFORMATIONS["rotation"].levels


def paths(known: dict[str, tuple[float, ...]], tolerance: dict[str, float], seeds: int = 3) -> pd.DataFrame:
    """Answers of strategies that know so much at each checkpoint, and tolerate so much of what they know.

    Accuracy beyond the identity is the same at all levels, so that the area relative to what is known is
    known by hand; accuracies are shares of 100 images of an identity.
    """
    strength = np.array([TRANSFORMATIONS["rotation"].strength(level) for level in LEVELS])
    first = strength[1] / strength[-1] / 2  # the part of the area that the identity weighs (trapezoid)
    rows = []
    for strategy, accuracies in known.items():
        kept = (tolerance[strategy] - first) / (1 - first)
        for share, accuracy in zip(SHARES, accuracies, strict=True):
            for level in LEVELS:
                right = CHANCE + (accuracy - CHANCE) * (1 if level == LEVELS[0] else kept)
                for seed in range(seeds):
                    for identity in ("a", "b", "c"):
                        rows.append((strategy, share, level, seed, identity, right))
    names = ["strategy", "share", "level", "seed", "identity", "correct"]
    return pd.DataFrame(rows, columns=names).assign(architecture="resnet18", transformation="rotation")


def test_knowing_more_is_not_tolerating_more() -> None:
    # one path: the strategy comes further on it, and has a larger area for that reason alone
    table = paths(
        {"scratch": (0.3, 0.4, 0.5, 0.6), "objects": (0.4, 0.6, 0.8, 0.9)}, {"scratch": 0.5, "objects": 0.5}
    )
    curves = path_curves(table, draws=50)
    points = path_points(curves, CHANCE)
    area = points["area"].estimate.xs(1.0, level="share")
    assert area[("resnet18", "objects")] > 1.5 * area[("resnet18", "scratch")]
    found = at_matched_accuracy(curves, CHANCE, "objects", "scratch").set_index("architecture")
    assert found.loc["resnet18", "estimate"] == pytest.approx(0, abs=1e-9)
    assert found.loc["resnet18", "accuracy"] == pytest.approx(0.6)
    assert over_all(found.reset_index())[0] == pytest.approx(0, abs=1e-9)


def test_a_path_above_tolerates_more_of_what_it_knows() -> None:
    table = paths(
        {"scratch": (0.3, 0.4, 0.5, 0.6), "faces": (0.5, 0.7, 0.8, 0.9)}, {"scratch": 0.5, "faces": 0.7}
    )
    found = at_matched_accuracy(path_curves(table, draws=50), CHANCE, "faces", "scratch")
    assert list(found["architecture"]) == ["resnet18", ALL]
    assert np.allclose(found["estimate"], 0.2)  # at 0.6, between two checkpoints of one of them
    assert np.allclose(found[["low", "high"]], 0.2) and set(found["seeds"]) == {3}


def test_paths_without_a_common_accuracy_are_not_compared() -> None:
    table = paths(
        {"scratch": (0.2, 0.3, 0.3, 0.4), "faces": (0.5, 0.7, 0.8, 0.9)}, {"scratch": 0.5, "faces": 0.7}
    )
    found = at_matched_accuracy(path_curves(table, draws=50), CHANCE, "faces", "scratch")
    assert list(found["architecture"]) == ["resnet18", ALL] and found["estimate"].isna().all()
    assert np.isnan(over_all(found)).all()
    assert uncompared({"faces": found}).startswith("faces is not compared at the same accuracy in resnet18: ")
    with pytest.raises(InputError, match="both by 'objects' and by 'scratch'"):
        at_matched_accuracy(path_curves(table, draws=50), CHANCE, "objects", "scratch")


def test_a_network_that_knows_everything_at_each_level_has_tolerance_one() -> None:
    table = paths({"scratch": (1.0, 1.0, 1.0, 1.0)}, {"scratch": 1.0})
    table = path_table(path_points(path_curves(table, draws=50), CHANCE))
    assert np.allclose(table[["estimate_x", "estimate_y", "low_y", "high_y"]], 1)
    assert list(table["share"]) == list(SHARES)


def test_a_path_is_read_where_it_first_reaches_an_accuracy() -> None:
    accuracy = np.array([[0.2, 0.4, 0.3, 0.8], [0.5, 0.6, 0.7, 0.8], [0.1, 0.2, 0.2, 0.3]])
    values = np.array([[1.0, 2.0, 9.0, 4.0], [1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0]])
    found = interpolated(accuracy, values, np.array([0.3, 0.5, 0.3]))
    assert np.allclose(found, [1.5, 1.0, 4.0])
    assert np.isnan(interpolated(accuracy, values, np.array([0.1, 0.4, 0.4]))).all()


def test_a_path_that_falls_at_first_is_read_where_it_rises_again() -> None:
    """From .7 it falls to .2, and half of the way from there to .8 is .5: half of the way from 2 to 4."""
    accuracy, values = np.array([[0.7, 0.2, 0.8, 0.9]]), np.array([[1.0, 2.0, 4.0, 5.0]])
    assert interpolated(accuracy, values, np.array([0.5])) == pytest.approx(3.0)
    table = paths(
        {"scratch": (0.2, 0.3, 0.4, 0.5), "faces": (0.7, 0.3, 0.8, 0.9)}, {"scratch": 0.5, "faces": 0.7}
    )
    gains = at_matched_accuracy(path_curves(table, draws=50), CHANCE, "faces", "scratch")
    assert np.allclose(gains["estimate"], 0.2) and uncompared({"faces": gains}) == ""


def test_a_mean_over_some_architectures_is_not_that_over_all() -> None:
    known = {"scratch": 0.5, "faces": 0.7}
    both = [
        paths({"scratch": (0.2, 0.3, 0.4, 0.5), "faces": faces}, known).assign(architecture=name)
        for name, faces in (("resnet18", (0.3, 0.5, 0.8, 0.9)), ("vgg16_bn", (0.6, 0.7, 0.8, 0.9)))
    ]
    gains = at_matched_accuracy(path_curves(pd.concat(both), draws=50), CHANCE, "faces", "scratch")
    assert list(gains["architecture"]) == ["resnet18", "vgg16_bn", ALL]
    assert gains["estimate"].tolist() == pytest.approx([0.2, np.nan, np.nan], nan_ok=True)
    assert gains["note"].tolist() == ["", NOT_COMMON, f"{NOT_COMMON} but in 1 of 2 (resnet18)"]
    assert np.isnan(over_all(gains)).all()
    assert "in vgg16_bn: " in uncompared({"objects": gains[:1], "faces": gains})


def test_gains_at_matched_accuracy_have_the_columns_of_an_interval() -> None:
    """Tolerances of two seeds that differ by .2 and .4: one degree of freedom, a standard error of .1."""
    rows = paths(
        {"scratch": (0.2, 0.3, 0.4, 0.5), "faces": (0.3, 0.5, 0.8, 0.9)}, {"scratch": 0.5, "faces": 0.7}
    )
    more = paths({"faces": (0.3, 0.5, 0.8, 0.9)}, {"faces": 0.9})
    table = pd.concat([rows[(rows["seed"] == 0) | (rows["strategy"] == "scratch")], more[more["seed"] == 1]])
    gains = at_matched_accuracy(path_curves(table[table["seed"] < 2], draws=50), CHANCE, "faces", "scratch")
    assert gains[["estimate", "se", "df"]].to_numpy() == pytest.approx(
        np.array([[0.3, 0.1, 1.0]] * 2), rel=1e-3
    )
    assert over_all(gains)[3] == pytest.approx(1, rel=1e-3)
