"""Matching: which images are kept, and what accuracy alone can no longer make."""

import numpy as np
import pandas as pd
import pytest

from faceinv.errors import InputError
from faceinv.experiments.invariance.matching import matched, share_of_images
from faceinv.experiments.invariance.tolerance import by_level, summaries

UNITS = ["task", "architecture", "seed", "transformation", "image", "identity"]


def answers(right: dict[str, dict[float, list[int]]], images: int = 10, seeds: int = 2) -> pd.DataFrame:
    """Answers to a rotation: by strategy and level, the images that are classified correctly."""
    rows = [
        (
            "identity",
            "resnet18",
            seed,
            "rotation",
            image,
            f"person {image % 2}",
            strategy,
            level,
            image in known,
        )
        for strategy, levels in right.items()
        for level, known in levels.items()
        for seed in range(seeds)
        for image in range(images)
    ]
    return pd.DataFrame(rows, columns=[*UNITS, "strategy", "level", "correct"])


ALL = list(range(10))


def test_matched_images_are_those_that_all_know_untransformed() -> None:
    table = answers({"scratch": {0.0: [0, 1, 2, 3], 60.0: [0]}, "objects": {0.0: ALL[2:], 60.0: [2, 9]}})
    same = matched(table, ["strategy"])
    assert set(same["image"]) == {2, 3} and len(same) == 2 * 2 * 2 * 2
    assert same.loc[same["level"] == 0, "correct"].all()
    assert share_of_images(same, table) == 0.2
    # each seed has its own images
    table.loc[(table["seed"] == 1) & (table["strategy"] == "scratch") & (table["image"] == 2), "correct"] = (
        False
    )
    same = matched(table, ["strategy"])
    assert set(zip(same["seed"], same["image"], strict=True)) == {(0, 2), (0, 3), (1, 3)}


def test_a_network_of_easy_images_alone_loses_its_lead_on_matched_ones() -> None:
    # both networks keep the first half when images are turned; one of them knows nothing else to begin with
    images = list(range(40))
    half = images[:20]
    known = {"weak": {0.0: half, 60.0: half}, "strong": {0.0: images, 60.0: half}}
    table = answers(known, 40, seeds=3).assign(identity=lambda each: each["image"] % 10)

    def tolerance(each: pd.DataFrame) -> pd.Series:
        return summaries(by_level(each, ["strategy"], draws=20), 0.0)["tolerance"].estimate.droplevel(1)

    assert tolerance(table)["weak"] == 1 and tolerance(table)["strong"] == 0.75
    assert np.allclose(tolerance(matched(table, ["strategy"])), 1)


def test_matching_needs_common_images_and_columns() -> None:
    table = answers({"scratch": {0.0: [0]}, "objects": {0.0: [1]}})
    with pytest.raises(InputError, match="no column amount"):
        matched(table, ["amount"])
    with pytest.raises(InputError, match="classified correctly by all"):
        matched(table, ["strategy"])


def test_across_architectures_all_strategies_are_compared_too() -> None:
    """Networks from scratch know one image, and those pretrained on faces all of them."""
    table = answers({"scratch": {0.0: [0], 60.0: []}, "faces": {0.0: ALL, 60.0: [1]}})
    table = pd.concat([table, table.assign(architecture="vgg16_bn")], ignore_index=True)
    same = matched(table, ["architecture"])
    assert set(same["image"]) == {0} and set(same["strategy"]) == {"scratch", "faces"}
    assert share_of_images(same, table) == 0.1
