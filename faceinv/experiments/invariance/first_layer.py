"""Kernels: the filters of a network's first layer, measured and pictured.

A filter is described by its amplitude spectrum: the Fourier transform of its weights, zero-padded so that it
is finely sampled, with the power of the three colours added. A filter of 3 pixels says little: its spectrum
is smooth whatever the weights are. Every measure is to be read beside that of the untrained network, whose
filters are noise.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from faceinv.errors import InputError
from faceinv.metrics.bootstrap import Bootstrap, bootstrap
from faceinv.metrics.filters import (
    MEASURES,
    filters,
    measure,
    shared,
)
from faceinv.models.architectures import untrained
from faceinv.models.training_runs import TrainingRun, train


def kernels(run: TrainingRun, common: bool = False) -> pd.DataFrame:
    """The first-layer filters of a trained network, and of the same network before it learned anything.

    Parameters
    ----------
    run : the trained network
    common : measure what the three colours of a filter have in common, which is all that a grey image meets

    Returns
    -------
    DataFrame
        One row a filter: task, architecture, seed, state (``"trained"`` or ``"untrained"``), and the columns
        of `measure`.
    """
    network = train(run).network
    part = shared if common else np.asarray
    tables = [
        measure(part(filters(each)), network.specification.size).assign(state=state)
        for state, each in (("trained", network), ("untrained", untrained(network)))
    ]
    table = pd.concat(tables, ignore_index=True)
    return table.assign(task=run.task, architecture=run.architecture, seed=run.seed)


def compare(
    table: pd.DataFrame, value: str, by: Sequence[str] = ("architecture",), draws: int = 2000, seed: int = 0
) -> Bootstrap:
    """Mean of a measure over the filters of a network, by state, with draws over seeds.

    The difference that training makes is its ``contrast("state", "trained", "untrained")``.

    Parameters
    ----------
    table : as `kernels` makes it; several joined, with any columns that tell them apart
    value : one of `MEASURES`; networks none of whose filters has it are left out
    by : columns that tell networks apart, besides the seed
    """
    if value not in MEASURES:
        raise InputError(f"the measure of filters is {value!r}; expected one of {', '.join(MEASURES)}")
    # networks of one seed count once, however many filters have the measure
    means = table.groupby([*by, "state", "seed"], observed=True)[value].mean().dropna().reset_index()
    if means.empty:
        raise InputError(f"no filter of these networks has a {value}")
    return bootstrap(means.assign(identity="all"), value, [*by, "state"], draws, seed)
