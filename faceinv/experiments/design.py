"""Designs: the networks that a chapter trains and their stimuli, at the sizes of a profile."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from faceinv.data.sources import class_counts, load_stimuli
from faceinv.data.tasks import TASKS, split
from faceinv.errors import InputError
from faceinv.experiments.image_sets import FACES, Data, source
from faceinv.experiments.profiles import LONGER, Profile
from faceinv.metrics.resampling import NO_BASE, SEPARATOR
from faceinv.models import weights, zoo
from faceinv.models.architectures import Specification, build, check_size
from faceinv.models.pretraining import HELD_OUT, PRETRAINING_SETS, Pretraining
from faceinv.models.training import TrainingConfig, fastest
from faceinv.models.training_runs import SCRATCH, Strategy, Trained, TrainingRun, train
from faceinv.models.training_runs import answers_of as answered
from faceinv.models.transfer import resolution_blocks
from faceinv.models.weights import pretrained, shares
from faceinv.runtime import parallel

PHOTOGRAPH_EXPOSURES = 1.5  # relative to rendered faces: photographs vary more, so training takes longer
FROZEN = (
    5  # exposures of a head on a frozen base, relative to scratch: cheap, because its input is computed once
)
FINETUNING = 1 / 4
"""Exposures of a finetuned network, relative to one trained from scratch."""


def training_runs(
    profile: Profile,
    data: Data = FACES,
    tasks: Sequence[str] = TASKS,
    seeds: int | None = None,
    architecture: str = "vgg16_bn",
    pretraining: str = "none",
    strategy: Strategy = "scratch",
) -> list[TrainingRun]:
    """The training runs of a design: each task with each seed (`seeds` of them, or those of the profile).

    All networks have the same `pretraining` and learning `strategy`.

    Raises
    ------
    InputError
        If the architecture cannot take images of the profile's size, or a task cannot be asked of the data.
    """
    check_size(architecture, profile.width, profile.size)
    pace = zoo.architecture(architecture).pace
    shown = profile.exposures * pace.exposures * (1 if data == FACES else PHOTOGRAPH_EXPOSURES)
    speed = pace.rate * (pace.head if strategy == "frozen" else 1)

    longer = {"finetuned": FINETUNING, "frozen": FROZEN}.get(strategy, 1)
    usual = TrainingConfig(exposures=round(longer * shown), batch=pace.batch, precision=fastest())
    recipes = tuple(replace(usual, rate=rate * speed) for rate in profile.rates)

    return [
        TrainingRun(
            source(task, profile, data),
            task,
            seed,
            recipes,
            architecture,
            profile.width,
            pretraining,
            strategy,
        )
        for task in tasks
        for seed in range(number_of_seeds(seeds, profile.seeds))
    ]


def number_of_seeds(given: int | None, usual: int) -> int:
    """How many seeds a chapter uses: those given, or the profile's number; raises `InputError` below one."""
    if given is not None and given < 1:
        raise InputError(f"seeds are {given}; expected at least 1")
    return usual if given is None else given


def available(pretrainings: Sequence[str], profile: Profile, architecture: str = "vgg16_bn") -> list[str]:
    """Those of `pretrainings` whose weights are available for the networks of a profile.

    Sets of this project (`PRETRAINING_SETS`) are left out if there is no base of the architecture and width.

    Raises
    ------
    InputError
        If any other pretraining is not available, or none is left.
    """
    specification = Specification(architecture, ("a", "b"), profile.width, profile.size)
    usable = []
    for name in pretrainings:
        try:
            pretrained(name, specification)
        except InputError:
            if name not in PRETRAINING_SETS:
                raise
        else:
            usable.append(name)
    if not usable:
        raise InputError(
            f"pretrainings are {', '.join(pretrainings) or 'an empty list'}; expected none, or one whose "
            f"weights are available for {architecture} at width {profile.width:g}"
        )
    return usable


def factorial(
    profile: Profile,
    data: Data = FACES,
    tasks: Sequence[str] = TASKS,
    seeds: int | None = None,
    architecture: str = "vgg16_bn",
    pretrainings: Sequence[str] = ("none",),
) -> list[TrainingRun]:
    """The runs of `training_runs` for each pretraining, from scratch or with all weights finetuned."""
    return [
        run
        for name in pretrainings
        for run in training_runs(
            profile,
            data,
            tasks,
            seeds,
            architecture,
            name,
            "scratch" if name == "none" else "finetuned",
        )
    ]


def many_identities(
    profile: Profile, seeds: int | None = None, architecture: str = "vgg16_bn", pretraining: str = "none"
) -> list[TrainingRun]:
    """Runs of networks that identify many rendered people, with half as many views as in `training_runs`."""
    larger = replace(profile, identities=profile.crowd, identity_views=max(4, profile.identity_views // 2))
    strategy: Strategy = "scratch" if pretraining == "none" else "finetuned"
    return training_runs(larger, FACES, ["identity"], seeds, architecture, pretraining, strategy)


def compared_pretrainings(requested: Sequence[str], compared: Sequence[str], architecture: str) -> str:
    """A sentence for a chapter: the pretrainings that are compared, and those that are not available."""
    absent = [name for name in requested if name not in compared]
    sentence = f"Networks have the pretraining **{'**, **'.join(compared)}**."
    if absent:
        sentence += f" For {' and '.join(absent)} no weights of {architecture} at this width are available."
    if len(compared) < 2:
        sentence += " With one pretraining only, the effect of pretraining cannot be measured here."
    return sentence


def pretrainings(profile: Profile, architecture: str) -> list[str]:
    """Pretrainings available for an architecture: none, and sets with a base of the width of the profile."""
    fitting = [name for name in PRETRAINING_SETS if Pretraining(architecture, name).width == profile.width]
    return ["none", *(name for name in fitting if weights.is_available(name, architecture))]


def strategies(
    profile: Profile, architecture: str, data: Data = FACES, seeds: int | None = None
) -> list[TrainingRun]:
    """Runs of an architecture on the task identity, with every available learning strategy.

    From scratch; finetuned from each pretraining whose base is available at the width of the profile; and,
    for the architectures in ``profile.probed``, frozen as well.
    """
    runs = training_runs(profile, data, ["identity"], seeds, architecture)
    kinds: tuple[Strategy, ...] = (
        ("finetuned", "frozen") if architecture in profile.probed else ("finetuned",)
    )
    for strategy in kinds:
        for pretraining in pretrainings(profile, architecture)[1:]:
            runs += training_runs(profile, data, ["identity"], seeds, architecture, pretraining, strategy)
    return runs


def amounts(
    profile: Profile, architecture: str, set_: str, data: Data = FACES, seeds: int | None = None
) -> list[tuple[int, TrainingRun]]:
    """Runs on the task identity by amount of pretraining on a set, and number of pretraining images.

    From scratch (0 images), and then finetuned from each available base of the series (see
    `faceinv.models.weights.shares`), if its width is that of the profile.

    Raises
    ------
    InputError
        If the set does not exist.
    """
    series: list[tuple[str, int, Strategy]] = [("none", 0, "scratch")]
    fitting = Pretraining(architecture, set_).width == profile.width
    classes, images = class_counts(PRETRAINING_SETS[set_].source)
    if fitting:
        for share in shares(set_, architecture):
            name = set_ if share == 1 else f"{set_}-0-{share}"
            # as in `pretraining.thin`: the same number of each class, at least one
            series.append((name, classes * max(1, round(HELD_OUT[0] * images / share)), "finetuned"))
    return [
        (count, run)
        for name, count, strategy in series
        for run in training_runs(profile, data, ["identity"], seeds, architecture, name, strategy)
    ]


def transferred(
    profile: Profile, architecture: str, set_: str, data: Data = FACES, seeds: int | None = None
) -> list[TrainingRun]:
    """Runs on the task identity, finetuned from 0 to all stages of one base; empty without that base."""
    if set_ not in pretrainings(profile, architecture):
        return []
    usual = Specification(architecture, ("a", "b"), profile.width, profile.size)
    counts = range(len(resolution_blocks(build(usual))) + 1)
    whole = training_runs(profile, data, ["identity"], seeds, architecture, set_, "finetuned")
    return [replace(run, stages=count) for count in counts for run in whole]


def few_shots(
    profile: Profile,
    architecture: str,
    shots: int,
    data: Data = FACES,
    tasks: Sequence[str] = ("identity",),
    seeds: int | None = None,
) -> list[TrainingRun]:
    """The runs of `factorial` for every available pretraining, with `shots` images per identity.

    All have the same exposures: those of a network trained from scratch.
    """
    usual = training_runs(profile, data, tasks, number_of_seeds(seeds, profile.few_seeds), architecture)
    return [
        replace(run, pretraining=name, strategy="scratch" if name == "none" else "finetuned", shots=shots)
        for name in pretrainings(profile, architecture)
        for run in usual
    ]


def strategy_of(run: TrainingRun) -> str:
    """Name of a learning strategy: ``scratch``, or ``<pretraining>, <strategy>``."""
    return SCRATCH if run.strategy == SCRATCH else f"{run.pretraining}, {run.strategy}"


def base_of(run: TrainingRun) -> str:
    """Name of the weights that a run starts from, for a column `base` of a table of results.

    It is ``none`` for random weights. For bases of this project, what they have in common with those of other
    seeds stands before `faceinv.metrics.resampling.SEPARATOR`, and their seed behind it: networks that share
    a base are not independent.
    """
    published = weights.find_pretraining(run.pretraining)
    if run.pretraining == NO_BASE or published is None:
        return run.pretraining
    specification = Specification(run.architecture, ("a", "b"), run.width, run.source.size, seed=run.seed)
    made = re.fullmatch(r"(.+?)-(\d+)(-\d+)?\.safetensors", published(specification).file)
    return (
        f"{made[1]}{made[3] or ''}{SEPARATOR}{made[2]}" if made else f"{run.pretraining}-{run.architecture}"
    )


def with_wide_augmentation(run: TrainingRun) -> TrainingRun:
    """The same run with the wider augmentation of pretraining, and `LONGER` training."""
    wide = Pretraining(run.architecture, next(iter(PRETRAINING_SETS))).recipe
    recipes = (
        replace(
            recipe,
            exposures=LONGER * recipe.exposures,
            shift=wide.shift,
            rotation=wide.rotation,
            scale=wide.scale,
            contrast=wide.contrast,
        )
        for recipe in run.recipes
    )
    return replace(run, recipes=tuple(recipes))


def networks(runs: Sequence[TrainingRun]) -> list[Trained]:
    """The networks of training runs, in order: from the cache, or trained on all cores.

    Raises
    ------
    InputError
        Before any network is trained, if a task is no column of the stimuli or a class is too small.
    """
    for stimuli, task in dict.fromkeys((run.source, run.task) for run in runs):
        split(load_stimuli(stimuli), task)  # rendered once on all cores, before each worker loads it
    return parallel.parallel_map(train, runs, "training")


def all_answers(runs: Sequence[TrainingRun]) -> list[pd.DataFrame]:
    """Classification of all test images by each network (see `evaluate`), in the order of `runs`."""
    return parallel.parallel_map(answered, runs, "testing")
