"""Designs: the networks that a chapter trains and their stimuli, at the sizes of a profile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pandas as pd

from faceinv.data.source_splits import split_source
from faceinv.data.stimuli import evenly_spaced
from faceinv.data.tasks import TASKS
from faceinv.errors import InputError
from faceinv.experiments import learning_rates
from faceinv.experiments.image_sets import FACES, Data, source
from faceinv.experiments.recipes import USUAL_RECIPE, named_recipe
from faceinv.experiments.sizes import Profile
from faceinv.models import weights, zoo
from faceinv.models.architectures import Specification, build, check_size
from faceinv.models.pretraining import PRETRAINING_SETS, Pretraining
from faceinv.models.training_config import TrainingConfig, fastest
from faceinv.models.training_runs import SCRATCH, Strategy, TrainingRun, ensure_trained, is_trained
from faceinv.models.training_runs import answers_of as answered_by
from faceinv.models.transfer import resolution_blocks
from faceinv.models.weights import pretrained
from faceinv.runtime import parallel
from faceinv.runtime.cache import is_cached

PHOTOGRAPH_EXPOSURES = 1.5  # relative to rendered faces: photographs vary more, so training takes longer
STUDIED_SETS = ("objects", "faces")
"""Pretraining sets that every architecture is compared on; the others are studied for some architectures."""
USUAL_PRETRAININGS = ("none", *STUDIED_SETS)
"""What networks start from in comparisons of strategies, if a chapter names nothing else."""
TUNING_SEED = 1_000
"""First seed of the networks by which learning rates are chosen; no tested network has one as large."""


def training_runs(
    profile: Profile,
    data: Data = FACES,
    tasks: Sequence[str] = TASKS,
    seeds: int | None = None,
    architecture: str = "vgg16_bn",
    pretraining: str = "none",
    strategy: Strategy = "scratch",
    hidden: int | None = None,
) -> list[TrainingRun]:
    """The training runs of a design: each task with each seed (`seeds` of them, or those of the profile).

    All networks have the same `pretraining` and learning `strategy`. Exposures depend on neither, so that
    strategies are compared at equal training; the learning rate of each was chosen by validation (see
    `faceinv.experiments.learning_rates`). With `hidden`, a hidden layer of so many units takes the place of
    the architecture's own head.

    Raises
    ------
    InputError
        If the architecture cannot take images of the profile's size, or a task cannot be asked of the data.
    """
    check_size(architecture, profile.width, profile.size)
    pace = zoo.architecture(architecture).pace
    shown = profile.exposures * pace.exposures * (1 if data == FACES else PHOTOGRAPH_EXPOSURES)
    speed = pace.rate * (
        pace.head if strategy == "frozen" else learning_rates.rate_factor(architecture, pretraining)
    )
    usual = TrainingConfig(exposures=round(shown), batch=pace.batch, precision=profile.precision or fastest())
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
            hidden=hidden,
        )
        for task in tasks
        for seed in range(number_of_seeds(seeds, profile.seeds))
    ]


def tolerance_runs(
    profile: Profile,
    data: Data = FACES,
    seeds: int | None = None,
    architecture: str = "vgg16_bn",
    pretraining: str = "none",
) -> list[TrainingRun]:
    """Runs on the set on which tolerance is tested, from scratch or finetuned, with checkpoints."""
    strategy: Strategy = "scratch" if pretraining == "none" else "finetuned"
    count = number_of_seeds(seeds, profile.tested_seeds)
    runs = training_runs(tested(profile), data, ["identity"], count, architecture, pretraining, strategy)
    return [replace(run, checkpoints=profile.checkpoints) for run in runs]


def tested(profile: Profile) -> Profile:
    """The profile, with the set on which tolerance is tested in place of that for identity."""
    return replace(
        profile,
        identities=profile.tested_identities,
        identity_views=profile.tested_views,
        exposures=profile.tested_exposures,
    )


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
            _check_weights(name, specification)
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


@cache
def _check_weights(name: str, specification: Specification) -> None:
    """Raise `InputError` if weights are not available; found once, they are not read again."""
    pretrained(name, specification)


def factorial(
    profile: Profile,
    data: Data = FACES,
    tasks: Sequence[str] = TASKS,
    seeds: int | None = None,
    architecture: str = "vgg16_bn",
    pretrainings: Sequence[str] = ("none",),
    recipe: str = USUAL_RECIPE,
) -> list[TrainingRun]:
    """The runs of `training_runs` for each pretraining, which learn by a recipe of `RECIPES`.

    Without pretraining, all weights are trained in any recipe.

    Raises
    ------
    InputError
        If there is no such recipe, or see `training_runs`.
    """
    chosen = named_recipe(recipe)
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
            SCRATCH if name == "none" else chosen.strategy,
            chosen.hidden,
        )
    ]


def many_identities(
    profile: Profile, seeds: int | None = None, architecture: str = "vgg16_bn", pretraining: str = "none"
) -> list[TrainingRun]:
    """Runs of networks that identify many rendered people, with half as many views as in `training_runs`."""
    larger = replace(profile, identities=profile.crowd, identity_views=max(4, profile.identity_views // 2))
    strategy: Strategy = "scratch" if pretraining == "none" else "finetuned"
    return training_runs(larger, FACES, ["identity"], seeds, architecture, pretraining, strategy)


def compared_pretrainings(
    requested: Sequence[str], compared: Sequence[str], architecture: str, recipe: str = USUAL_RECIPE
) -> str:
    """Sentences for a chapter: what networks begin with, what is not available, and an unusual recipe."""
    absent = [name for name in requested if name not in compared]
    sets = [f"on **{name}**" for name in compared if name != "none"]
    started = ["**trained from scratch**"] if "none" in compared else []
    if sets:
        started.append("pretrained " + " or ".join(filter(None, [", ".join(sets[:-1]), sets[-1]])))
    sentence = f"Networks are {', or '.join(started)}."
    if absent:
        sentence += f" For {' and '.join(absent)} no weights of {architecture} at this width are available."
    if recipe != USUAL_RECIPE:
        sentence += f" They learn by the recipe *{recipe}* ({named_recipe(recipe).source})."
    if len(compared) < 2:
        sentence += " With one pretraining only, the effect of pretraining cannot be measured here."
    return sentence


def pretrainings(
    profile: Profile, architecture: str, names: Sequence[str] = tuple(PRETRAINING_SETS)
) -> list[str]:
    """None, and those of `names` whose weights are available for an architecture at the profile's width.

    The sets of this project come first, in their own order, so that tables do not depend on that of `names`.
    """
    sets = [name for name in PRETRAINING_SETS if name in names]
    others = [*sets, *(name for name in names if name not in ("none", *PRETRAINING_SETS))]
    return ["none", *(name for name in others if weights.is_available(name, architecture, profile.width))]


def check_pretrainings(names: Sequence[str], profile: Profile, architectures: Sequence[str]) -> None:
    """Refuse a pretraining that no architecture has, unless it is a set of this project.

    Raises
    ------
    InputError
        The reason why the first architecture has no such weights.
    """
    for name in names:
        if name in ("none", *PRETRAINING_SETS):
            continue
        if not any(weights.is_available(name, each, profile.width) for each in architectures):
            available([name], profile, architectures[0])


def strategies(
    profile: Profile,
    architecture: str,
    data: Data = FACES,
    seeds: int | None = None,
    names: Sequence[str] = USUAL_PRETRAININGS,
) -> list[TrainingRun]:
    """Runs of an architecture on the task identity, with every available learning strategy.

    From scratch, and finetuned from each of the pretrainings `names` whose weights are available for the
    architecture at the width of the profile.
    """
    return [
        run
        for pretraining in pretrainings(profile, architecture, names)
        for run in tolerance_runs(profile, data, seeds, architecture, pretraining)
    ]


def transferred(
    profile: Profile, architecture: str, set_: str, data: Data = FACES, seeds: int | None = None
) -> list[tuple[int, TrainingRun]]:
    """Runs on the task identity by the number of stages that are taken over from a base; see `stage_counts`.

    Without any stage of it, the network is one from scratch, and with all of them one that is finetuned.
    Empty without that base.
    """
    if set_ not in pretrainings(profile, architecture, [set_]):
        return []
    usual = Specification(architecture, ("a", "b"), profile.width, profile.size)
    scratch = tolerance_runs(profile, data, seeds, architecture)
    whole = tolerance_runs(profile, data, seeds, architecture, set_)
    last = len(resolution_blocks(build(usual)))
    return [
        (count, run)
        for count in stage_counts(last, profile.stages)
        for run in (
            scratch
            if count == 0
            else whole
            if count == last
            else [replace(run, stages=count) for run in whole]
        )
    ]


def stage_counts(last: int, between: int) -> list[int]:
    """None of the stages, all of them (`last`), and at most `between` evenly spaced numbers in between."""
    inner = range(1, last)
    return [0, *(int(n) for n in evenly_spaced(inner, between)), last] if between else [0, last]


def few_shots(
    profile: Profile,
    architecture: str,
    shots: int,
    data: Data = FACES,
    tasks: Sequence[str] = ("identity",),
    seeds: int | None = None,
    names: Sequence[str] = USUAL_PRETRAININGS,
) -> list[TrainingRun]:
    """The runs of `factorial` for every available one of the pretrainings, with `shots` images per identity.

    All have the same exposures: those of a network trained from scratch.
    """
    count = number_of_seeds(seeds, profile.few_seeds)
    runs = factorial(profile, data, tasks, count, architecture, pretrainings(profile, architecture, names))
    return [replace(run, shots=shots) for run in runs]


def strategy_of(run: TrainingRun) -> str:
    """Name of a learning strategy: ``scratch``, or ``<pretraining>, <strategy>``."""
    return SCRATCH if run.strategy == SCRATCH else f"{run.pretraining}, {run.strategy}"


def with_wide_augmentation(run: TrainingRun) -> TrainingRun:
    """The same run with the wider augmentation of pretraining."""
    wide = Pretraining(run.architecture, next(iter(PRETRAINING_SETS))).recipe
    recipes = (
        replace(recipe, shift=wide.shift, rotation=wide.rotation, scale=wide.scale, contrast=wide.contrast)
        for recipe in run.recipes
    )
    return replace(run, recipes=tuple(recipes))


def train_all(runs: Sequence[TrainingRun], answered: bool = False) -> None:
    """Train the networks of training runs that are not in the cache, on all cores.

    Nothing is returned: the networks of a chapter together can be larger than memory, and
    `faceinv.models.training_runs.train` reads each when it is needed.

    Parameters
    ----------
    runs : networks
    answered : train also those whose answers are in the cache, as they are where tables of single networks
        ship without the networks: what is measured of them is known, and what is not trains them by itself

    Raises
    ------
    InputError
        Before any network is trained, if a task is no column of the stimuli or a class is too small.
    """
    render_once(runs)
    missing = [run for run in dict.fromkeys(runs) if not is_trained(run)]
    if missing := [run for run in missing if answered or not is_cached(answered_by, run)]:
        parallel.parallel_map(ensure_trained, missing, "training")


def render_once(runs: Sequence[TrainingRun]) -> None:
    """Render the stimuli of training runs on all cores, before each worker loads them; see `train_all`."""
    for stimuli, task in dict.fromkeys((run.source, run.task) for run in runs):
        split_source(stimuli, task)


def all_answers(runs: Sequence[TrainingRun]) -> list[pd.DataFrame]:
    """Classification of all test images by each network (see `evaluate`), in the order of `runs`."""
    return parallel.parallel_map(answered_by, runs, "testing")
