"""Planned tables: what is measured of each network of the chapters that train most, by chapter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from faceinv.attribution.methods import ATTRIBUTION_METHODS
from faceinv.errors import InputError
from faceinv.experiments import design
from faceinv.experiments.benchmark import leaderboard
from faceinv.experiments.benchmark.parts import (
    BenchmarkPart,
    Judged,
    Masked,
    Randomised,
    cascade_by_name,
    score_by_name,
)
from faceinv.experiments.benchmark.random_labels import Relabelled, label_similarity
from faceinv.experiments.causes.causal_weights import causal_weights
from faceinv.experiments.causes.exchanges import Exchange
from faceinv.experiments.causes.map_makers import CONTROL_METHODS
from faceinv.experiments.causes.map_shares import map_shares
from faceinv.experiments.causes.planted_cues import Planting, answers_with_cue, cue_scores, plantings
from faceinv.experiments.image_sets import FACES
from faceinv.experiments.invariance import diversity, familiarity, tolerance, tuning
from faceinv.experiments.invariance.first_layer import kernels
from faceinv.experiments.invariance.layer_similarity import (
    Invariance,
    layer_similarities,
    moderate_levels,
)
from faceinv.experiments.invariance.probes import measure_probe, probes_of
from faceinv.experiments.invariance.tolerance import Tolerance
from faceinv.experiments.invariance.training_paths import measure_path
from faceinv.experiments.reading.moving_maps import Reading, read_moving
from faceinv.experiments.sizes import Profile
from faceinv.models.training_runs import SCRATCH, TrainingRun, answers_of
from faceinv.perturbations.transformations import TRANSFORMATIONS
from faceinv.runtime.cache import is_cached

SHIPPED_FUNCTIONS: tuple[Callable[..., Any], ...] = (
    answers_of,
    tolerance.measure,
    measure_path,
    measure_probe,
    layer_similarities,
    kernels,
    read_moving,
    causal_weights,
    map_shares,
    answers_with_cue,
    cue_scores,
    score_by_name,
    cascade_by_name,
    label_similarity,
)
"""The cached functions whose tables ship."""

USUAL_RULES = "epsilon-plus-flat"
"""The composite by which chapters explain networks."""
COMPARED_PRETRAININGS = ("none", "faces", "objects")
"""What the networks of chapters 3 to 7 and 12 start from, where it is available."""
MASK_CONTROLS = ("local contrast", "centre", "random", "untrained")
"""Methods with which those of chapter 4 are compared."""
CASCADE_SHARES = (0.0, 0.5, 1.0)
"""Shares of the layers that are random in chapter 14."""

Call = tuple[Callable[..., Any], tuple[Any, ...]]
"""A cached function that returns a table, and its arguments."""


@dataclass(frozen=True)
class NetworkTables:
    """The tables of one network.

    Attributes
    ----------
    chapter : the chapter that needs them first
    run : the network
    calls : cached functions with their arguments, each of which gives a table
    """

    chapter: str
    run: TrainingRun
    calls: tuple[Call, ...]

    def missing(self) -> list[Call]:
        """The calls whose tables are not in the cache."""
        return [(function, given) for function, given in self.calls if not is_cached(function, *given)]


def planned_tables(sizes: Profile) -> list[NetworkTables]:
    """The tables of all networks whose tables ship, in the order in which they are computed.

    Chapters 9, 11 and 15, whose networks are the same, come first, then chapters 10, 12, 13, 14 and 4, each
    seed by seed. Learning rates of the second study are those that are recorded for these sizes (see
    `faceinv.experiments.invariance.tuning.tuned`).
    """
    stages = (
        (_architecture_and_strategy, _reading),
        (_controls,),
        (_how_much_pretraining,),
        (_causes,),
        (_planted_cues,),
        (_leaderboard,),
        (_masking,),
    )
    found: list[NetworkTables] = []
    for parts in stages:
        of_stage = [each for part in parts for each in part(sizes)]
        found += sorted(of_stage, key=lambda each: each.run.seed)
    return found


def _architecture_and_strategy(sizes: Profile) -> Iterator[NetworkTables]:
    """Chapters 9 and 11: each architecture after each strategy."""
    chapter = "09_architecture_and_strategy"
    for run in _tuned(_strategies(sizes), sizes):
        calls: list[Call] = [
            *_answered(run, sizes),
            (measure_path, (run, sizes.transformed)),
            (kernels, (run,)),
        ]
        if run.architecture in sizes.probed:
            for trained in (True, False) if run.strategy == SCRATCH else (True,):
                calls += [
                    (layer_similarities, (Invariance(run, name, levels, sizes.transformed, trained=trained),))
                    for name, levels in moderate_levels(sizes.size).items()
                ]
        yield NetworkTables(chapter, run, tuple(calls))
    for name in sizes.architectures:
        for probe in probes_of(sizes, name):
            yield NetworkTables(chapter, probe.run, ((measure_probe, (probe,)),))


def _controls(sizes: Profile) -> Iterator[NetworkTables]:
    """Chapter 9: wide augmentation, training on transformed images, and plain AlexNet."""
    chapter = "09_architecture_and_strategy"
    for run in _tuned(_strategies(sizes), sizes):
        if run.architecture in sizes.augmented:
            wide = design.with_wide_augmentation(run)
            calls = _answered(wide, sizes)
            if run.strategy == SCRATCH:
                calls.append((measure_path, (wide, sizes.transformed)))
                calls += _measured(run, sizes, augmented=True)
            yield NetworkTables(chapter, wide, tuple(calls))
    for run in _tuned(_bare(sizes), sizes):
        yield NetworkTables(chapter, run, tuple(_answered(run, sizes)))


def _reading(sizes: Profile) -> Iterator[NetworkTables]:
    """Chapter 15: the same networks."""
    for run in _strategies(sizes, sizes.moved):
        plans = [Reading(run, name, sizes.transformed) for name in TRANSFORMATIONS]
        calls: list[Call] = [(answers_of, (run,)), *((read_moving, (plan,)) for plan in plans)]
        yield NetworkTables("15_reading_under_transformation", run, tuple(calls))


def _how_much_pretraining(sizes: Profile) -> Iterator[NetworkTables]:
    """Chapter 10: parts of a pretraining set, stages of a base, and people that a base has met."""
    for run in _tuned(_amounts(sizes), sizes):
        yield NetworkTables("10_how_much_pretraining", run, tuple(_answered(run, sizes)))


def _planted_cues(sizes: Profile) -> Iterator[NetworkTables]:
    """Chapter 13: networks that learned with a planted cue, and the maps of every method."""
    for planting in plantings(sizes, sizes.cues, architectures=sizes.planted):
        calls: list[Call] = [(answers_of, (planting.run,)), (answers_with_cue, (planting,))]
        calls += [(cue_scores, (planting, name)) for name in _compared(sizes)]
        yield NetworkTables("13_planted_cues", planting.run, tuple(calls))


def _causes(sizes: Profile) -> Iterator[NetworkTables]:
    """Chapter 12: causal weights, and the maps of every method, of all pretrainings and architectures."""
    usual = _by_pretraining(sizes)
    others = [
        run
        for name in sizes.architectures
        if name != usual[0].architecture
        for run in design.training_runs(sizes, tasks=["identity"], architecture=name)
    ]
    for run in (*usual, *others):
        # The usual networks are trained in any case: other chapters need more of them than tables.
        calls: list[Call] = [] if run in usual else [(answers_of, (run,))]
        calls.append((causal_weights, (Exchange(run, sizes.exchanged),)))
        calls += [(map_shares, (run, sizes.exchanged, name)) for name in _compared(sizes)]
        yield NetworkTables("12_causes", run, tuple(calls))


def _leaderboard(sizes: Profile) -> Iterator[NetworkTables]:
    """Chapter 14: the scores of every method, and what becomes of its maps without what was learned."""
    names = sizes.entries or tuple(ATTRIBUTION_METHODS)
    for part in leaderboard.parts(sizes, shares=CASCADE_SHARES):
        calls: list[Call] = []
        if isinstance(part, Exchange):
            calls.append((causal_weights, (part,)))
        if isinstance(part, Planting):
            calls.append((answers_with_cue, (part,)))
        if isinstance(part, Randomised):
            relabelled = Relabelled(part.run, sizes.memorised, images=sizes.judged)
            calls += [(cascade_by_name, (Judged(part, name),)) for name in names]
            calls += [(label_similarity, (relabelled, name)) for name in names]
        yield NetworkTables("14_leaderboard", part.run, (*calls, *_scored(part, names)))


def _masking(sizes: Profile) -> Iterator[NetworkTables]:
    """Chapter 4: the maps of every method as masks."""
    for run in design.factorial(sizes):
        methods = (USUAL_RULES, *(sizes.methods or ATTRIBUTION_METHODS), *MASK_CONTROLS)
        calls = _scored(Masked(run, sizes.judged), tuple(dict.fromkeys(methods)))
        yield NetworkTables("04_masking", run, tuple(calls))


def _scored(part: BenchmarkPart, names: Sequence[str]) -> list[Call]:
    return [(score_by_name, (Judged(part, name),)) for name in names]


def _compared(sizes: Profile) -> list[str]:
    """The methods that are compared in chapters 12 and 13: those of the profile, and controls."""
    chosen = [name for name in sizes.methods or ATTRIBUTION_METHODS if name not in CONTROL_METHODS]
    return list(dict.fromkeys([USUAL_RULES, *chosen, *CONTROL_METHODS]))


def _by_pretraining(sizes: Profile) -> list[TrainingRun]:
    """The networks of chapters 3 to 7, which chapter 12 explains too: both tasks, each pretraining."""
    return design.factorial(sizes, pretrainings=design.available(COMPARED_PRETRAININGS, sizes))


def _strategies(sizes: Profile, names: Sequence[str] = ()) -> list[TrainingRun]:
    return [run for name in names or sizes.architectures for run in design.strategies(sizes, name)]


def _bare(sizes: Profile) -> list[TrainingRun]:
    """AlexNet with and without batch normalisation; none where images are too small for it."""
    pair = ("alexnet_bn", "alexnet")
    try:
        return [run for name in pair for run in design.tolerance_runs(sizes, FACES, None, name)]
    except InputError:
        return []


def _amounts(sizes: Profile, set_: str = "objects") -> list[TrainingRun]:
    runs = []
    for name in sizes.probed:
        chosen, _ = diversity.conditions(sizes, name, set_)
        runs += [run for _, run in diversity.condition_runs(sizes, name, chosen)]
        runs += [run for _, run in design.transferred(sizes, name, set_)]
    return runs + [run for name in sizes.augmented for run in familiarity.familiar_runs(sizes, name)]


def _tuned(runs: Sequence[TrainingRun], sizes: Profile) -> list[TrainingRun]:
    return tuning.tuned(runs, sizes)[0]


def _answered(run: TrainingRun, sizes: Profile) -> list[Call]:
    """Answers to the test images, as they are and transformed."""
    return [(answers_of, (run,)), *_measured(run, sizes)]


def _measured(run: TrainingRun, sizes: Profile, augmented: bool = False) -> list[Call]:
    return [
        (tolerance.measure, (Tolerance(run, name, images=sizes.transformed, augmented=augmented),))
        for name in TRANSFORMATIONS
    ]
