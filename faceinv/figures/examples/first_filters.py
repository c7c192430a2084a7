"""Filters of the first layer of networks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from faceinv.figures.example_panel import Examples
from faceinv.figures.image_grid import enlarged
from faceinv.figures.style import point
from faceinv.figures.transformation_grids import FILTER
from faceinv.metrics import filters as filter_metrics
from faceinv.models.architectures import untrained
from faceinv.models.training_runs import TrainingRun, train


def filters_of_networks(
    runs: Sequence[TrainingRun],
    measures: Mapping[str, tuple[str, bool]],
    lines: Callable[[TrainingRun, bool], tuple[str, str]],
    most: int = 12,
) -> dict[str, Examples]:
    """The first filters of networks and of their untrained counterparts.

    Parameters
    ----------
    runs : networks; the first of each line is shown
    measures : by name of the panel: the measure (see `faceinv.metrics.filters.measure_filters`), and whether
        it is computed on the mean of each filter over the colour channels
    lines : colour and row of the point of a network, trained or untrained
    most : number of filters per point
    """
    examples_by_point: dict[str, Examples] = {}
    for run in runs:
        for trained in (True, False):
            line = lines(run, trained)
            wanted = {
                name: each for name, each in measures.items() if point(name, *line) not in examples_by_point
            }
            if not wanted:
                continue
            network = train(run).network
            weights = filter_metrics.first_filters(network if trained else untrained(network))[:most]
            for name, (measure, common) in wanted.items():
                part = filter_metrics.shared(weights) if common else weights
                values = filter_metrics.measure_filters(part, network.specification.size)[measure]
                examples_by_point[point(name, *line)] = Examples(
                    f"{', '.join(line[::-1])}, seed {run.seed}: first filters and their {name}",
                    enlarged(filter_metrics.pictures(part), FILTER),
                    ["unknown" if np.isnan(value) else f"{value:.2g}" for value in values],
                    np.zeros(len(values), bool),
                )
    return examples_by_point
