"""Probes: what a base that learns nothing more allows, read out by logistic regression.

A probe classifies the input of a network's head, whose convolutions stay as a pretraining, or their random
start, left them. Features are computed once, and logistic regression has a single solution: there are no
exposures, learning rates or random numbers by which strategies could differ. So networks with the same base
are one and the same, and there are as many probes of a pretraining as there are bases.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from faceinv.data.stimuli import Stimuli
from faceinv.experiments import design
from faceinv.experiments.image_sets import FACES, Data
from faceinv.experiments.invariance.tolerance import Tolerance, answer_table, images_to_transform, summaries
from faceinv.experiments.sizes import Profile
from faceinv.metrics.bootstrap import bootstrap
from faceinv.models.architectures import Specification
from faceinv.models.heads import head_path
from faceinv.models.hooks import recorded
from faceinv.models.pretraining import PRETRAINING_SETS
from faceinv.models.training import single_thread
from faceinv.models.training_runs import TrainingRun, splits
from faceinv.models.weights import base_seeds, pretrained
from faceinv.perturbations.transformations import PUBLISHED, named
from faceinv.runtime import parallel
from faceinv.runtime.cache import disk_cached
from faceinv.runtime.devices import device_of

PENALTIES = (1e-3, 1e-2, 1e-1, 1.0, 10.0)
"""Inverse strengths of the L2 penalty, of which validation chooses one."""
BATCH_OF_FEATURES = 256


@dataclass(frozen=True)
class Probe:
    """A probe of the base with which the networks of a training run begin.

    Attributes
    ----------
    run : names base, seed and stimuli; it is not trained
    images : maximum number of test images
    """

    run: TrainingRun
    images: int = 300


def probes_of(
    profile: Profile,
    architecture: str,
    data: Data = FACES,
    seeds: int | None = None,
    published: Sequence[str] = (),
) -> list[Probe]:
    """Probes of an architecture: of random starts, one a seed, and of every base of each pretraining.

    Pretrainings are the sets of this project and those `published` elsewhere that are available, of which
    each has one base.
    """
    found = []
    sets = [*PRETRAINING_SETS, *(name for name in published if name not in PRETRAINING_SETS)]
    for name in design.pretrainings(profile, architecture, sets):
        runs = design.tolerance_runs(profile, data, seeds, architecture, name)
        if name != "none":
            runs = runs[: len(base_seeds(name, architecture, profile.width)) or 1]
        found += [Probe(run, profile.transformed) for run in runs]
    return found


@disk_cached
def measure_probe(probe: Probe, transformations: Sequence[str] = PUBLISHED) -> pd.DataFrame:
    """Classification of test images by a probe at every level of every transformation.

    Returns
    -------
    DataFrame
        The columns of `faceinv.experiments.invariance.tolerance.measure`, and accuracy (on all untransformed
        test images).
    """
    run = probe.run
    with single_thread():
        parts = splits(run)
        classes = parts.train.classes(run.task)
        specification = Specification(
            run.architecture, classes, run.width, run.source.size, task=run.task, seed=run.seed
        )
        network, _ = pretrained(run.pretraining, specification)
        head = head_path(network.module)

        def features(stimuli: Stimuli) -> np.ndarray:
            starts = range(0, len(stimuli), BATCH_OF_FEATURES)
            batches = (stimuli.images[start : start + BATCH_OF_FEATURES] for start in starts)
            return pooled_inputs(network.module, head, map(network.prepare, batches))

        train, validation, test = (
            (features(part), part.labels(run.task, classes))
            for part in (parts.train, parts.validation, parts.test)
        )
        reader = fit_probe(*train, *validation)
        accuracy = float((reader.predict(test[0]) == test[1]).mean())
        tables = []
        for name in transformations:
            plan = Tolerance(run, name, images=probe.images)
            stimuli = images_to_transform(plan)
            shown, truth = network.prepare(stimuli.images), stimuli.labels(run.task, classes)
            correct = []
            for level in plan.levels:
                moved = named(name)(shown, level).split(BATCH_OF_FEATURES)
                correct.append(reader.predict(pooled_inputs(network.module, head, moved)) == truth)
            tables.append(answer_table(plan, stimuli, correct))
    return pd.concat(tables, ignore_index=True).assign(accuracy=accuracy)


def measured_probes(probes: Sequence[Probe]) -> pd.DataFrame:
    """Results of `measure_probe` for several probes, on all cores, as one table."""
    return pd.concat(parallel.parallel_map(measure_probe, probes, "probing"), ignore_index=True)


def probe_summaries(table: pd.DataFrame, chance: float, draws: int = 2000) -> pd.DataFrame:
    """Untransformed accuracy, area and tolerance of probes, with intervals over identities.

    Parameters
    ----------
    table : see `measured_probes`

    Returns
    -------
    DataFrame
        One row per architecture, pretraining and measure: estimate, low, high, and bases (over which the mean
        is taken; random starts count as such).
    """
    by = ["architecture", "pretraining"]
    curves = bootstrap(table, "correct", [*by, "transformation", "level"], draws, units=("identity",))
    found = summaries(curves, chance)
    means = pd.concat(
        [
            found[name].average("transformation").interval().assign(measure=name)
            for name in ("untransformed", "area", "tolerance")
        ],
        ignore_index=True,
    )
    counts = table.groupby(by)["seed"].nunique().rename("seeds")
    return means.drop(columns="seeds").merge(counts, left_on=by, right_index=True)


def fit_probe(
    features: np.ndarray, labels: np.ndarray, held_out: np.ndarray, held_out_labels: np.ndarray
) -> Pipeline:
    """Logistic regression on standardised features, with the penalty that validation chooses.

    Of penalties that are equally good the strongest is taken.
    """
    best: tuple[float, Pipeline] | None = None
    for penalty in PENALTIES:
        reader = make_pipeline(StandardScaler(), LogisticRegression(C=penalty, max_iter=1000))
        accuracy = float((reader.fit(features, labels).predict(held_out) == held_out_labels).mean())
        if best is None or accuracy > best[0]:
            best = accuracy, reader
    assert best is not None
    return best[1]


@torch.no_grad()
def pooled_inputs(module: torch.nn.Module, head: str, batches: Iterable[torch.Tensor]) -> np.ndarray:
    """Input of the head for batches of prepared images (N x features), averaged over places if it has any."""
    found: list[torch.Tensor] = []

    def record(_: str, tensor: torch.Tensor, __: torch.Tensor) -> None:
        found.append(tensor.flatten(2).mean(2) if tensor.ndim == 4 else tensor)

    with recorded(module, [head], record):
        for batch in batches:
            module(batch.to(device_of(module)))
    return torch.cat(found).float().cpu().numpy()
