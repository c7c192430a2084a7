"""Designs: which networks a chapter trains, on which stimuli, at the sizes of a profile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from faceinv.data.faces.face_set import COLUMNS, FaceSet
from faceinv.data.objects.object_set import ObjectSet
from faceinv.data.sources import Rendered, Source, load, photograph_source
from faceinv.data.tasks import TASKS, split
from faceinv.errors import InputError
from faceinv.experiments.profiles import LONGER, Profile
from faceinv.models import weights, zoo
from faceinv.models.architectures import Specification, build
from faceinv.models.pretraining import HELD_OUT, SETS, Pretraining
from faceinv.models.training import TrainingConfig, fastest
from faceinv.models.training_runs import Strategy, Trained, TrainingRun, train
from faceinv.models.training_runs import answers as answered
from faceinv.models.transfer import resolution_blocks
from faceinv.models.weights import pretrained, shares
from faceinv.runtime import parallel

FACES = "faces"
PHOTOGRAPH_EXPOSURES = 1.5  # photographs vary in more ways than rendered faces: they are shown more often
GENDER_PEOPLE = 10_000  # first person of the gender set: nobody is in two sets
COMPARED_PEOPLE = 20_000  # first of the people whose similarity is compared
OTHER_PEOPLE = 30_000  # first person of the set for all other tasks
OTHER_VIEWS = 24
"""Views of each person in the set for all other tasks: a new expression comes with every fourth."""
LEAST_PEOPLE = 12
"""People of that set at least, so that each expression is in training, validation and test."""
SCRATCH = "scratch"
FROZEN = (
    5  # times the exposures from scratch that a head on a frozen base gets: its input is computed only once
)
FINETUNING = 1 / 4
"""Share of the exposures from scratch that a network gets which need not begin at nothing."""


def source(task: str, profile: Profile, data: str = FACES) -> Source:
    """The stimuli for a task: the rendered set of the profile, or photographs (a folder, lfw, celeba).

    Rendered sets differ by task, as its test does: gender is asked of many people seen in few views, identity
    of few people seen in many. Any other label of a rendered face, such as expression or view, is asked of as
    many images as gender is, in `OTHER_VIEWS` views of each person.

    Raises
    ------
    InputError
        If rendered faces have no such label, or there are no such photographs.
    """
    if data != FACES:
        return photograph_source(data, profile.size)
    if task not in COLUMNS:
        raise InputError(
            f"task is {task!r}, which is no label of rendered faces; expected one of {', '.join(COLUMNS)}"
        )
    if task == "gender":
        return FaceSet(
            identities=profile.people,
            views=profile.people_views,
            first=GENDER_PEOPLE,
            size=profile.size,
            samples=profile.samples,
        )
    if task != "identity":
        return FaceSet(
            identities=max(LEAST_PEOPLE, profile.people * profile.people_views // OTHER_VIEWS),
            views=OTHER_VIEWS,
            first=OTHER_PEOPLE,
            size=profile.size,
            samples=profile.samples,
        )
    return FaceSet(
        identities=profile.identities,
        views=profile.identity_views,
        size=profile.size,
        samples=profile.samples,
    )


def in_colour(task: str, profile: Profile) -> FaceSet:
    """People of a rendered set with their colours, as many and as many views as a linear classifier needs."""
    faces = source(task, profile)
    assert isinstance(faces, FaceSet)
    if task == "gender":
        return replace(faces, colour="colour", identities=-(-faces.identities // 2), views=1)
    return replace(faces, colour="colour", views=min(faces.views, 8))


def training_runs(
    profile: Profile,
    data: str = FACES,
    tasks: Sequence[str] = TASKS,
    seeds: int | None = None,
    architecture: str = "vgg16_bn",
    pretraining: str = "none",
    strategy: Strategy = "scratch",
) -> list[TrainingRun]:
    """The networks of a design: each task with each seed (`seeds` of them; by default the profile's).

    `pretraining` and `strategy` are what every network begins with, and what of it goes on learning.
    """
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
        for seed in range(seeds or profile.seeds)
    ]


def available(pretrainings: Sequence[str], profile: Profile, architecture: str = "vgg16_bn") -> list[str]:
    """Those of some pretrainings whose weights fit the networks of a profile and can be read.

    The sets of this project (`SETS`) are left out where no base of the architecture and width has been made.

    Raises
    ------
    InputError
        If any other pretraining cannot be had, or nothing is left.
    """
    specification = Specification(architecture, ("a", "b"), profile.width, profile.size)
    found = []
    for name in pretrainings:
        try:
            pretrained(name, specification)
        except InputError:
            if name not in SETS:
                raise
        else:
            found.append(name)
    if not found:
        raise InputError(
            f"pretrainings are {', '.join(pretrainings) or 'an empty list'}; expected none, or one whose "
            f"weights are at hand for {architecture} at width {profile.width:g}"
        )
    return found


def factorial(
    profile: Profile,
    data: str = FACES,
    tasks: Sequence[str] = TASKS,
    seeds: int | None = None,
    architecture: str = "vgg16_bn",
    pretrainings: Sequence[str] = ("none",),
) -> list[TrainingRun]:
    """The networks of `training_runs` for each pretraining in turn; all weights go on learning."""
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
    """Networks that identify many rendered people, from half the views of those of `training_runs`."""
    larger = replace(profile, identities=profile.crowd, identity_views=max(4, profile.identity_views // 2))
    strategy: Strategy = "scratch" if pretraining == "none" else "finetuned"
    return training_runs(larger, FACES, ["identity"], seeds, architecture, pretraining, strategy)


def compared_pretrainings(asked: Sequence[str], found: Sequence[str], architecture: str) -> str:
    """A sentence for a chapter: which pretrainings are compared, and which could not be."""
    absent = [name for name in asked if name not in found]
    said = f"Networks begin with the pretraining **{'**, **'.join(found)}**."
    if absent:
        said += f" For {' and '.join(absent)} no weights of {architecture} at this width are at hand."
    if len(found) < 2:
        said += " With one pretraining only, nothing can be said here of what another one changes."
    return said


def pretrainings(profile: Profile, architecture: str) -> list[str]:
    """What an architecture's networks can begin with: none, and sets with a base of the profile's width."""
    fitting = [name for name in SETS if Pretraining(architecture, name).width == profile.width]
    return ["none", *(name for name in fitting if weights.is_available(name, architecture))]


def strategies(
    profile: Profile, architecture: str, data: str = FACES, seeds: int | None = None
) -> list[TrainingRun]:
    """The networks of an architecture that tell identities, under every learning strategy that is at hand.

    From scratch; and, for each pretraining whose base is at hand and of the profile's width, finetuned, and
    for the architectures that the profile probes frozen as well.
    """
    found = training_runs(profile, data, ["identity"], seeds, architecture)
    kinds: tuple[Strategy, ...] = (
        ("finetuned", "frozen") if architecture in profile.probed else ("finetuned",)
    )
    for strategy in kinds:
        for pretraining in pretrainings(profile, architecture)[1:]:
            found += training_runs(profile, data, ["identity"], seeds, architecture, pretraining, strategy)
    return found


def amounts(
    profile: Profile, architecture: str, set_: str, data: str = FACES, seeds: int | None = None
) -> list[tuple[int, TrainingRun]]:
    """Networks that tell identities after ever more pretraining on a set, and the images of it that they saw.

    From scratch, which is none, and then finetuned from each base of the series that is at hand (see
    `faceinv.models.weights.shares`), if any is at hand and of the profile's width.

    Raises
    ------
    InputError
        If there is no such set.
    """
    series: list[tuple[str, int, Strategy]] = [("none", 0, "scratch")]
    fitting = Pretraining(architecture, set_).width == profile.width
    whole = SETS[set_]
    assert isinstance(whole, Rendered)
    classes, images = (
        (whole.classes, whole.images) if isinstance(whole, ObjectSet) else (whole.identities, whole.views)
    )
    if fitting:
        for share in shares(set_, architecture):
            name = set_ if share == 1 else f"{set_}-0-{share}"
            # as `pretraining.thin` takes them: as many of each class, at least one
            series.append((name, classes * max(1, round(HELD_OUT[0] * images / share)), "finetuned"))
    return [
        (count, run)
        for name, count, strategy in series
        for run in training_runs(profile, data, ["identity"], seeds, architecture, name, strategy)
    ]


def transferred(
    profile: Profile, architecture: str, set_: str, data: str = FACES, seeds: int | None = None
) -> list[TrainingRun]:
    """Networks that tell identities, finetuned from ever more stages of one base; none without that base."""
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
    data: str = FACES,
    tasks: Sequence[str] = ("identity",),
    seeds: int | None = None,
) -> list[TrainingRun]:
    """The networks of `factorial` for every pretraining at hand, from `shots` images an identity.

    All are shown them equally often, as often as one from scratch needs.
    """
    usual = training_runs(profile, data, tasks, seeds or profile.few_seeds, architecture)
    return [
        replace(run, pretraining=name, strategy="scratch" if name == "none" else "finetuned", shots=shots)
        for name in pretrainings(profile, architecture)
        for run in usual
    ]


def strategy_of(run: TrainingRun) -> str:
    """A learning strategy in words: scratch, or a pretraining and what became of it."""
    return SCRATCH if run.strategy == "scratch" else f"{run.pretraining}, {run.strategy}"


def with_wide_augmentation(run: TrainingRun) -> TrainingRun:
    """The same network, trained with the wider augmentation that pretraining has, and `LONGER`."""
    wide = Pretraining(run.architecture, next(iter(SETS))).recipe
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
    """The networks of some training runs, in their order: trained on all cores, or from what was kept.

    Raises
    ------
    InputError
        If a task is no column of the stimuli, or a class is too small, before any network is trained.
    """
    for stimuli, task in dict.fromkeys((run.source, run.task) for run in runs):
        split(load(stimuli), task)  # rendered on all cores once, before the workers ask for it one by one
    return parallel.parallel_map(train, runs, "training")


def answers(runs: Sequence[TrainingRun]) -> list[pd.DataFrame]:
    """Answers of the networks to all their test images (see `evaluate`), in the order of `runs`."""
    return parallel.parallel_map(answered, runs, "testing")


def compared(profile: Profile, data: str = FACES) -> tuple[Source, str | None]:
    """The faces whose similarity is compared, for `Explanation.on`.

    Rendered ones look into the camera and are of people whom no network was trained on; of photographs, those
    of people who are held out for gender are taken, or all where gender is unknown.
    """
    if data != FACES:
        photographs = source("gender", profile, data)
        table = load(photographs).table
        return photographs, "gender" if "gender" in table and table["gender"].ne("").all() else None
    faces = FaceSet(
        identities=max(8, profile.people // 9),
        views=1,
        first=COMPARED_PEOPLE,
        size=profile.size,
        samples=profile.samples,
        yaws=(0.0,),
        expression=False,
        light=False,
        jitter=0.0,
    )
    return faces, None
