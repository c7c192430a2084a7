"""What bases learned: accuracy on held-out images of their own set, and whether it was still rising."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from faceinv.models.pretraining import WHOLE, Portion
from faceinv.models.weights import base_records

ENOUGH = 0.75
"""Accuracy on held-out images from which a base counts as having learned its set."""

LAST = 0.25
"""Share of the training, at its end, over which `last_gain` looks."""


def last_gain(curve: Sequence[dict[str, Any]]) -> float:
    """Gain of the best validation accuracy over the last quarter of the epochs.

    Parameters
    ----------
    curve : sequence of dict
        The epochs of a training in their order, each with its ``validation`` accuracy.
    """
    values = [epoch["validation"] for epoch in curve]
    earlier = values[: max(1, round(len(values) * (1 - LAST)))]
    return float(max(values) - max(earlier))


def learned_bases(architectures: Sequence[str]) -> pd.DataFrame:
    """The available bases of architectures that learned a whole set.

    Returns
    -------
    DataFrame
        Columns architecture, pretraining (the set), seed, exposures, accuracy and chance (of held-out images
        of the set) and last gain (see `last_gain`), a row for each base.
    """
    rows = [
        {
            "architecture": made["architecture"],
            "pretraining": made["set"],
            "seed": made["seed"],
            "exposures": made["exposures"],
            "accuracy": record["accuracy"],
            "chance": record["chance"],
            "last gain": last_gain(record["curve"]),
        }
        for name in architectures
        for record in base_records(name)
        for made in [record["pretraining"]]
        if Portion(**{part: made.get(part, 1) for part in ("share", "classes", "shorter")}) == WHOLE
    ]
    columns = ["architecture", "pretraining", "seed", "exposures", "accuracy", "chance", "last gain"]
    return pd.DataFrame(rows, columns=columns)


def what_they_learned(table: pd.DataFrame) -> str:
    """A sentence about `learned_bases`: how many learned their set, and which did not."""
    if table.empty:
        return "No base is available."
    weak = table[table["accuracy"] < ENOUGH]
    known = (
        f"{len(table) - len(weak)} of {len(table)} bases classify at least {ENOUGH:.0%} of the held-out "
        "images of their set correctly."
    )
    if weak.empty:
        return known
    named = "; ".join(
        f"{row['architecture']} on {row['pretraining']} {row['accuracy']:.2f} (chance {row['chance']:.3f}), "
        f"with a gain of {row['last gain']:.3f} over the last quarter of {row['exposures']:,} images"
        for row in weak.to_dict("records")
    )
    return f"{known} Below that are {named}."
