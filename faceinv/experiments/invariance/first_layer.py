"""First layer: measures of the filters of trained networks, compared with those of untrained ones.

See `faceinv.metrics.filters` for the measures.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from faceinv.errors import InputError
from faceinv.metrics.bootstrap import Bootstrap, bootstrap
from faceinv.metrics.filters import FILTER_MEASURES, first_filters, measure_filters, shared
from faceinv.models.architectures import untrained
from faceinv.models.training_runs import TrainingRun, train


def kernels(run: TrainingRun, common: bool = False) -> pd.DataFrame:
    """Measures of the first-layer filters of a trained network and its untrained counterpart.

    Parameters
    ----------
    run : the trained network
    common : measure the mean of each filter over the colour channels, the only part that acts on grey images

    Returns
    -------
    DataFrame
        One row per filter: task, architecture, seed, state (``"trained"`` or ``"untrained"``), and the
        columns of `measure_filters`.
    """
    network = train(run).network
    part = shared if common else np.asarray
    tables = [
        measure_filters(part(first_filters(each)), network.specification.size).assign(state=state)
        for state, each in (("trained", network), ("untrained", untrained(network)))
    ]
    table = pd.concat(tables, ignore_index=True)
    return table.assign(task=run.task, architecture=run.architecture, seed=run.seed)


def compare_filters(
    table: pd.DataFrame, value: str, by: Sequence[str] = ("architecture",), draws: int = 2000, seed: int = 0
) -> Bootstrap:
    """Mean of a measure over the filters of a network, by state, with bootstrap draws over seeds.

    The effect of training is its ``contrast("state", "trained", "untrained")``.

    Parameters
    ----------
    table : concatenated results of `kernels`, with the columns `by`
    value : one of `FILTER_MEASURES`; networks without a filter that has it are left out
    by : columns that distinguish networks, besides the seed
    """
    if value not in FILTER_MEASURES:
        raise InputError(f"the measure of filters is {value!r}; expected one of {', '.join(FILTER_MEASURES)}")
    # each network counts once, however many of its filters have the measure
    means = table.groupby([*by, "state", "seed"], observed=True)[value].mean().dropna().reset_index()
    if means.empty:
        raise InputError(f"no filter of these networks has a {value}")
    return bootstrap(means.assign(identity="all"), value, [*by, "state"], draws, seed)
