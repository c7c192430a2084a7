"""Designs: which networks a chapter trains, on which stimuli, at the sizes of a profile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from faceinv import grid
from faceinv.data import TASKS
from faceinv.data.faces import FaceSet
from faceinv.data.objects import ObjectSet
from faceinv.data.sources import Rendered, Source, load, photograph_source
from faceinv.data.stimuli import Task
from faceinv.errors import InputError
from faceinv.models import weights
from faceinv.models.architectures import Specification, build
from faceinv.models.cells import Cell, Strategy, Trained, train
from faceinv.models.cells import answers as answered
from faceinv.models.pretraining import HELD_OUT, SETS, Pretraining
from faceinv.models.stages import stages
from faceinv.models.training import Recipe, fastest
from faceinv.models.weights import pretrained, shares
from faceinv.profiles import Profile
from faceinv.tolerance import LONGER

FACES = "faces"
PHOTOGRAPH_EXPOSURES = 1.5  # photographs vary in more ways than rendered faces: they are shown more often
GENDER_PEOPLE = 10_000  # first person of the gender set: nobody is in both sets
COMPARED_PEOPLE = 20_000  # first of the people whose similarity is compared
SCRATCH = "scratch"
FROZEN = (
    5  # times the exposures from scratch that a head on a frozen base gets: its input is computed only once
)
FINETUNING = 1 / 4
"""Share of the exposures from scratch that a network gets which need not begin at nothing."""


@dataclass(frozen=True)
class Pace:
    """How an architecture learns, beside vgg16_bn, of which a profile's rates and exposures are.

    Attributes
    ----------
    rate, exposures : factors on those of the profile
    batch : images a step
    head : factor on the rate where only the head learns
    """

    rate: float = 1.0
    exposures: float = 1.0
    batch: int = Recipe.batch
    head: float = 1.0


PACES = {
    "alexnet_bn": Pace(rate=2.0, exposures=0.86, batch=32),
    "squeezenet1_1_bn": Pace(rate=2.5, exposures=1.75),
    "googlenet": Pace(rate=2.5, exposures=0.76),
    "resnet18": Pace(exposures=0.57, head=10.0),
    "resnet50": Pace(exposures=1.43, batch=32),
    "densenet121": Pace(rate=4.0, exposures=0.8, batch=32),
}
"""Paces by architecture, found on rendered identities at the size of the profile `quick`; others take that of
vgg16_bn."""


def source(task: Task, profile: Profile, data: str = FACES) -> Source:
    """The stimuli for a task: the rendered set of the profile, or photographs (a folder, lfw, celeba).

    Rendered sets differ by task, as its test does: gender is asked of many people seen in few views, identity
    of few people seen in many.
    """
    if data != FACES:
        return photograph_source(data, profile.size)
    if task == "gender":
        return FaceSet(
            identities=profile.people,
            views=profile.people_views,
            first=GENDER_PEOPLE,
            size=profile.size,
            samples=profile.samples,
        )
    return FaceSet(
        identities=profile.identities,
        views=profile.identity_views,
        size=profile.size,
        samples=profile.samples,
    )


def in_colour(task: Task, profile: Profile) -> FaceSet:
    """People of a rendered set with their colours, as many and as many views as a linear classifier needs."""
    faces = source(task, profile)
    assert isinstance(faces, FaceSet)
    if task == "gender":
        return replace(faces, colour="colour", identities=-(-faces.identities // 2), views=1)
    return replace(faces, colour="colour", views=min(faces.views, 8))


def cells(
    profile: Profile,
    data: str = FACES,
    tasks: Sequence[Task] = TASKS,  # type: ignore[assignment]
    seeds: int | None = None,
    architecture: str = "vgg16_bn",
    pretraining: str = "none",
    strategy: Strategy = "scratch",
) -> list[Cell]:
    """The networks of a design: each task with each seed (`seeds` of them; by default the profile's).

    `pretraining` and `strategy` are what every network begins with, and what of it goes on learning.
    """
    pace = PACES.get(architecture, Pace())
    shown = profile.exposures * pace.exposures * (1 if data == FACES else PHOTOGRAPH_EXPOSURES)
    speed = pace.rate * (pace.head if strategy == "frozen" else 1)

    longer = {"finetuned": FINETUNING, "frozen": FROZEN}.get(strategy, 1)
    usual = Recipe(exposures=round(longer * shown), batch=pace.batch, precision=fastest())
    recipes = tuple(replace(usual, rate=rate * speed) for rate in profile.rates)

    return [
        Cell(
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


def at_hand(pretrainings: Sequence[str], profile: Profile, architecture: str = "vgg16_bn") -> list[str]:
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
    tasks: Sequence[Task] = TASKS,  # type: ignore[assignment]
    seeds: int | None = None,
    architecture: str = "vgg16_bn",
    pretrainings: Sequence[str] = ("none",),
) -> list[Cell]:
    """The networks of `cells` for each pretraining in turn; all weights go on learning."""
    return [
        cell
        for name in pretrainings
        for cell in cells(
            profile,
            data,
            tasks,
            seeds,
            architecture,
            name,
            "scratch" if name == "none" else "finetuned",
        )
    ]


def crowd(
    profile: Profile, seeds: int | None = None, architecture: str = "vgg16_bn", pretraining: str = "none"
) -> list[Cell]:
    """Networks that tell a crowd of rendered people apart, from half the views of those of `cells`."""
    larger = replace(profile, identities=profile.crowd, identity_views=max(4, profile.identity_views // 2))
    strategy: Strategy = "scratch" if pretraining == "none" else "finetuned"
    return cells(larger, FACES, ["identity"], seeds, architecture, pretraining, strategy)


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
    return ["none", *(name for name in fitting if weights.at_hand(name, architecture))]


def strategies(
    profile: Profile, architecture: str, data: str = FACES, seeds: int | None = None
) -> list[Cell]:
    """The networks of an architecture that tell identities, under every learning strategy that is at hand.

    From scratch; and, for each pretraining whose base is at hand and of the profile's width, finetuned, and
    for the architectures that the profile probes frozen as well.
    """
    found = cells(profile, data, ["identity"], seeds, architecture)
    kinds: tuple[Strategy, ...] = (
        ("finetuned", "frozen") if architecture in profile.probed else ("finetuned",)
    )
    for strategy in kinds:
        for pretraining in pretrainings(profile, architecture)[1:]:
            found += cells(profile, data, ["identity"], seeds, architecture, pretraining, strategy)
    return found


def amounts(
    profile: Profile, architecture: str, set_: str, data: str = FACES, seeds: int | None = None
) -> list[tuple[int, Cell]]:
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
        (count, cell)
        for name, count, strategy in series
        for cell in cells(profile, data, ["identity"], seeds, architecture, name, strategy)
    ]


def transferred(
    profile: Profile, architecture: str, set_: str, data: str = FACES, seeds: int | None = None
) -> list[Cell]:
    """Networks that tell identities, finetuned from ever more stages of one base; none without that base."""
    if set_ not in pretrainings(profile, architecture):
        return []
    usual = Specification(architecture, ("a", "b"), profile.width, profile.size)
    counts = range(len(stages(build(usual))) + 1)
    whole = cells(profile, data, ["identity"], seeds, architecture, set_, "finetuned")
    return [replace(cell, stages=count) for count in counts for cell in whole]


def few_shots(
    profile: Profile,
    architecture: str,
    shots: int,
    data: str = FACES,
    tasks: Sequence[Task] = ("identity",),
    seeds: int | None = None,
) -> list[Cell]:
    """The networks of `factorial` for every pretraining at hand, from `shots` images an identity.

    All are shown them equally often, as often as one from scratch needs.
    """
    usual = cells(profile, data, tasks, seeds or profile.few_seeds, architecture)
    return [
        replace(cell, pretraining=name, strategy="scratch" if name == "none" else "finetuned", shots=shots)
        for name in pretrainings(profile, architecture)
        for cell in usual
    ]


def strategy_of(cell: Cell) -> str:
    """A learning strategy in words: scratch, or a pretraining and what became of it."""
    return SCRATCH if cell.strategy == "scratch" else f"{cell.pretraining}, {cell.strategy}"


def widely(cell: Cell) -> Cell:
    """The same network, trained with the wider augmentation that pretraining has, and `LONGER`."""
    wide = Pretraining(cell.architecture, next(iter(SETS))).recipe
    recipes = (
        replace(
            recipe,
            exposures=LONGER * recipe.exposures,
            shift=wide.shift,
            rotation=wide.rotation,
            scale=wide.scale,
            contrast=wide.contrast,
        )
        for recipe in cell.recipes
    )
    return replace(cell, recipes=tuple(recipes))


def networks(cells: Sequence[Cell]) -> list[Trained]:
    """The networks of some cells, in their order: trained on all cores, or from what was kept."""
    for stimuli in dict.fromkeys(cell.source for cell in cells):
        load(stimuli)  # rendered on all cores once, before the workers ask for it one by one
    return grid.run(train, cells, "training")


def answers(cells: Sequence[Cell]) -> list[pd.DataFrame]:
    """What the networks of some cells answer to all their test images (see `evaluate`), in their order."""
    return grid.run(answered, cells, "testing")


def compared(profile: Profile, data: str = FACES) -> tuple[Source, Task | None]:
    """The faces whose similarity is compared, for `Explanation.on`.

    Rendered ones look into the camera and are of people whom no network was trained on; of photographs, those
    of people who are held out for gender are taken.
    """
    if data != FACES:
        return source("gender", profile, data), "gender"
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
