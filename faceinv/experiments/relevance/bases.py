"""Bases of the networks in a table of masks: networks that share one are not independent."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from faceinv.experiments.conditions import condition_label
from faceinv.metrics.resampling import NO_BASE, base_column
from faceinv.models.training_runs import TrainingRun


def with_bases(table: pd.DataFrame, runs: Sequence[TrainingRun], conditions: Sequence[str]) -> pd.DataFrame:
    """The table with the columns `reader_base` and `maker_base`, by which `bootstrap` leaves networks out.

    Parameters
    ----------
    table : concatenated results of `faceinv.experiments.relevance.generalization.evaluate_masks`
    runs : its trained networks
    conditions : fields of a run by which the table groups networks, such as ``("pretraining", "task")``

    Returns
    -------
    DataFrame
        Masks of untrained networks, and those that come from no network, have no base.
    """
    bases = {(condition_label(run, conditions), run.seed): run.base for run in runs}
    columns = {}
    for role in ("reader", "maker"):
        keys = zip(table[role], table[f"{role}_seed"], strict=True)
        columns[base_column(f"{role}_seed")] = [bases.get(key, NO_BASE) for key in keys]
    return table.assign(**columns)
