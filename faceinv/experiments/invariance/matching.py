"""Matching: tolerance on the images that all compared networks know untransformed."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from faceinv.errors import InputError
from faceinv.perturbations.transformations import named


def matched(table: pd.DataFrame, across: Sequence[str]) -> pd.DataFrame:
    """Results for the images that all compared networks classify correctly when untransformed.

    Tolerance relative to untransformed accuracy increases as that accuracy decreases, because a network that
    classifies few images correctly does so for the easy ones. Here only images are used that every network of
    the comparison classifies correctly when untransformed: the same images, and an untransformed accuracy of
    1, for all. Nothing is extrapolated, unlike a regression on accuracy between networks without overlap. The
    cost is that these images are easier than average, which favours all networks, and that a weak network
    leaves few of them: report how many. Lucky guesses are lost first, so any bias is against weak networks.

    Parameters
    ----------
    table : concatenated results of `measure`
    across : columns whose values are compared, such as ``["strategy"]``; images are matched within each
        combination of task, architecture, seed and transformation, without those that are compared. All other
        columns, such as strategy or condition, are always compared: across architectures, an image is
        matched only if the networks of all architectures and strategies of a seed know it

    Returns
    -------
    DataFrame
        Rows of `table`.
    """
    missing = set(across) - set(table.columns)
    if missing:
        raise InputError(f"the answers have no column {', '.join(sorted(missing))} to be matched across")
    units = ["task", "architecture", "seed", "transformation", "image"]
    within = [name for name in units if name not in across]
    identity = {
        name: min(part["level"], key=named(name).strength) for name, part in table.groupby("transformation")
    }
    untransformed = table[table["level"] == table["transformation"].map(identity)]
    correct = untransformed.groupby(within, observed=True)["correct"].agg(["all", "size"])
    compared = correct.groupby(within[:-1], observed=True)["size"].transform("max")
    images = correct.index[correct["all"] & (correct["size"] == compared)]
    if images.empty:
        raise InputError(
            f"no untransformed image is classified correctly by all networks across {', '.join(across)}"
        )
    return table[pd.MultiIndex.from_frame(table[within]).isin(images)].reset_index(drop=True)


def share_of_images(kept: pd.DataFrame, table: pd.DataFrame) -> float:
    """Share of the images of all networks that are left in a result of `matched`."""
    units = [
        name for name in ("architecture", "strategy", "amount", "seed", "transformation") if name in table
    ]
    counts = [len(each.drop_duplicates([*units, "image"])) for each in (kept, table)]
    return counts[0] / counts[1]
