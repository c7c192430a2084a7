"""Planned networks: what each chapter trains, by the same designs that the chapters call, without training.

A chapter that is not listed in `CHAPTER_NETWORKS` trains nothing that is known here. A test compares the list
with the networks that a book in the smallest profile has trained.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from faceinv.book.planned_tables import CASCADE_SHARES
from faceinv.errors import InputError
from faceinv.experiments import design, image_sets
from faceinv.experiments.benchmark import leaderboard as benchmark
from faceinv.experiments.benchmark.parts import Randomised
from faceinv.experiments.benchmark.random_labels import REPEATS, Relabelled, learned_by_heart
from faceinv.experiments.causes import planted_cues
from faceinv.experiments.image_sets import Data
from faceinv.experiments.invariance import diversity, familiarity, tolerance, tuning
from faceinv.experiments.recipes import USUAL_RECIPE
from faceinv.experiments.relevance import retraining
from faceinv.experiments.relevance.retraining import Retraining
from faceinv.experiments.sizes import LONGER, Profile
from faceinv.experiments.supplements import compared_conditions, compares
from faceinv.models import training_runs
from faceinv.models.training_runs import TrainingRun
from faceinv.runtime.cache import is_cached

CachedCall = tuple[Callable[..., object], object]
"""A cached function and its argument."""


@dataclass(frozen=True)
class PlannedNetwork:
    """A network that a chapter needs.

    Attributes
    ----------
    run : its stimuli, architecture and recipes
    keys : cached functions with their arguments: the network need not be trained if any of them is cached.
        They train it, or measure all that is asked of it; and there are more where the learning rate has yet
        to be chosen
    exposures : images that are shown in training, over all candidate recipes
    """

    run: TrainingRun
    keys: tuple[CachedCall, ...]
    exposures: int

    def is_kept(self) -> bool:
        """Whether the network, or what it answered, is in the cache."""
        return any(is_cached(function, item) for function, item in self.keys)


@dataclass(frozen=True)
class SizedChapter:
    """A chapter at the sizes of a profile.

    Attributes
    ----------
    sizes : sizes of the run
    parameters : the parameters of the notebook, by name
    """

    sizes: Profile
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def data(self) -> Data:
        """The images that networks learn from."""
        given = self.parameters
        return image_sets.image_set(given["data"], given.get("crop", 1.0), given.get("align", False))

    @property
    def seeds(self) -> int | None:
        """Networks of a kind, if not the profile's number."""
        return self.parameters["seeds"]

    @property
    def pretrainings(self) -> Sequence[str]:
        """What networks start from."""
        return self.parameters.get("pretrainings", design.USUAL_PRETRAININGS)

    @property
    def architecture(self) -> str:
        """The architecture of the first study."""
        return self.parameters["architecture"]

    def architectures(self, usual: Sequence[str]) -> list[str]:
        """The architectures that are compared: those given, or the usual ones."""
        return list(self.parameters["architectures"] or usual)

    def first_runs(self) -> list[TrainingRun]:
        """Networks from scratch for each task."""
        return self._factorial(["none"])

    def factorial(self, names: Sequence[str]) -> list[TrainingRun]:
        """Networks for each task and each available one of some pretrainings."""
        return self._factorial(design.available(names, self.sizes, self.architecture))

    def _factorial(self, names: Sequence[str]) -> list[TrainingRun]:
        given = self.parameters
        recipe = given.get("recipe", USUAL_RECIPE)
        return design.factorial(
            self.sizes, self.data, given["tasks"], self.seeds, self.architecture, names, recipe
        )

    def strategies(self, names: Sequence[str]) -> list[TrainingRun]:
        """Networks of several architectures with every available learning strategy."""
        return [
            run
            for name in names
            for run in design.strategies(self.sizes, name, self.data, self.seeds, self.pretrainings)
        ]


def run_networks(runs: Sequence[TrainingRun]) -> list[PlannedNetwork]:
    """The networks of training runs whose learning rates are known."""
    return [PlannedNetwork(run, calls_of(run), exposures_of(run)) for run in runs]


def calls_of(run: TrainingRun) -> tuple[CachedCall, ...]:
    """What trains a network, and its answers, with which it is not trained (see `design.train_all`)."""
    return (training_runs._train, run), (training_runs.answers_of, run)


def tuned_networks(runs: Sequence[TrainingRun], chapter: SizedChapter) -> list[PlannedNetwork]:
    """The networks of runs whose rates may be chosen first, and those by which they are chosen."""
    sizes = chapter.sizes
    if not tuning.is_tuned(runs, sizes, chapter.data):
        return run_networks(runs)
    tried = tuning.candidate_runs(tuning.tuned_pairs(runs), sizes, chapter.data)
    return [
        *run_networks([run for *_, run in tried]),
        *(
            PlannedNetwork(
                run,
                tuple(call for each in at_all_rates(run, sizes, chapter.data) for call in calls_of(each)),
                exposures_of(run),
            )
            for run in runs
        ),
    ]


def at_all_rates(run: TrainingRun, sizes: Profile, data: Data) -> list[TrainingRun]:
    """A run at each of the learning rates among which a profile chooses."""
    if run.strategy == "frozen" or not tuning.is_tuned([run], sizes, data):
        return [run]
    return [tuning.at_factor(run, factor) for factor in sizes.tuned]


def exposures_of(run: TrainingRun) -> int:
    """Images shown in training; a frozen network sees each image of its set once."""
    return 0 if run.strategy == "frozen" else sum(recipe.exposures for recipe in run.recipes)


def _networks(chapter: SizedChapter) -> Iterator[PlannedNetwork]:
    """Chapter 2: from scratch, from few images, and begun with bases."""
    sizes, rendered = chapter.sizes, chapter.data == image_sets.FACES
    yield from run_networks(chapter.first_runs())
    tasks = ["identity"] if rendered else chapter.parameters["tasks"]
    for name in sizes.few:
        shots = chapter.parameters["shots"]
        few = design.few_shots(sizes, name, shots, chapter.data, tasks, chapter.seeds, chapter.pretrainings)
        yield from run_networks(few)
    names = chapter.pretrainings
    yield from run_networks([run for run in chapter.factorial(names) if run.pretraining != "none"])
    is_known = "faces" in design.available(["none", *names], sizes, chapter.architecture)
    if rendered and is_known and compares(sizes.name, "many identities"):
        yield from run_networks(design.many_identities(sizes, chapter.seeds, chapter.architecture, "faces"))


def _by_pretraining(chapter: SizedChapter) -> Iterator[PlannedNetwork]:
    """Chapters 5 to 7: tasks crossed with pretrainings."""
    yield from run_networks(chapter.factorial(chapter.parameters["pretrainings"]))


def _relevance(chapter: SizedChapter) -> Iterator[PlannedNetwork]:
    """Chapter 3: from scratch, and tasks crossed with pretrainings."""
    yield from run_networks(chapter.first_runs())
    yield from _by_pretraining(chapter)


def _masking(chapter: SizedChapter) -> Iterator[PlannedNetwork]:
    """Chapter 4: those of chapter 3, and networks that go on learning from masked images."""
    yield from _relevance(chapter)
    tasks, fill = chapter.parameters["tasks"], chapter.parameters["fill"]
    if not compares(chapter.sizes.name, "retraining"):
        return
    for run in chapter.first_runs():
        if run.task in tasks[-chapter.sizes.retrained :]:
            again = Retraining(run, fill)
            exposures = round(again.share * run.recipes[0].exposures)
            yield PlannedNetwork(run, ((retraining._weights, again),), exposures)


def _transformations(chapter: SizedChapter) -> Iterator[PlannedNetwork]:
    """Chapter 8: from scratch, on the set on which tolerance is tested."""
    names = chapter.architectures(chapter.sizes.probed[:1])
    runs = [
        run
        for name in names
        for run in design.tolerance_runs(chapter.sizes, chapter.data, chapter.seeds, name)
    ]
    yield from tuned_networks(runs, chapter)


def _architecture_and_strategy(chapter: SizedChapter) -> Iterator[PlannedNetwork]:
    """Chapter 9: every strategy, controls of augmentation, and AlexNet without batch normalisation."""
    sizes = chapter.sizes
    names = chapter.architectures(sizes.architectures)
    runs = chapter.strategies(names)
    yield from tuned_networks(runs, chapter)
    controlled = [name for name in sizes.augmented if name in names] or names[:1]
    is_crossed = compares(sizes.name, "crossed augmentation")
    for run in runs:
        if run.architecture in controlled and (is_crossed or run.strategy == "scratch"):
            some = at_all_rates(run, sizes, chapter.data)
            wide = [call for each in some for call in calls_of(design.with_wide_augmentation(each))]
            yield PlannedNetwork(run, tuple(wide), exposures_of(run))
            if is_crossed and run.strategy == "scratch":
                bounds = tuple((tolerance._versatile, each) for each in some)
                yield PlannedNetwork(run, bounds, LONGER * run.recipes[0].exposures)
    if not compares(sizes.name, "plain AlexNet"):
        return
    try:
        bare = [
            run
            for name in ("alexnet_bn", "alexnet")
            for run in design.tolerance_runs(sizes, chapter.data, chapter.seeds, name)
        ]
    except InputError:  # the chapter says so too: the images are too small for AlexNet
        return
    yield from tuned_networks(bare, chapter)


def _how_much_pretraining(chapter: SizedChapter) -> Iterator[PlannedNetwork]:
    """Chapter 10: parts of a pretraining set, stages of a base, and people that a base has met."""
    sizes, set_ = chapter.sizes, chapter.parameters["pretrained"]
    names = chapter.architectures(sizes.probed)
    pairs = [
        pair
        for name in names
        for pair in diversity.condition_runs(
            sizes,
            name,
            compared_conditions(sizes.name, diversity.conditions(sizes, name, set_)[0]),
            chapter.data,
            chapter.seeds,
        )
    ]
    yield from tuned_networks([run for _, run in pairs], chapter)
    parts = [
        run for name in names for _, run in design.transferred(sizes, name, set_, chapter.data, chapter.seeds)
    ]
    yield from tuned_networks(parts, chapter)
    if chapter.data == image_sets.FACES:
        met = [
            run for name in sizes.augmented for run in familiarity.familiar_runs(sizes, name, chapter.seeds)
        ]
        yield from tuned_networks(met, chapter)


def _kernels(chapter: SizedChapter) -> Iterator[PlannedNetwork]:
    """Chapter 11: every strategy."""
    yield from tuned_networks(chapter.strategies(chapter.architectures(chapter.sizes.architectures)), chapter)


def _causes(chapter: SizedChapter) -> Iterator[PlannedNetwork]:
    """Chapter 12: those of chapter 3 and further architectures, on faces whose causes can be changed."""
    sizes, tasks = chapter.sizes, chapter.parameters["tasks"]
    runs = chapter.factorial(chapter.parameters["pretrainings"])
    if "identity" in tasks:
        for name in chapter.architectures(sizes.architectures):
            if name != chapter.architecture:
                runs += design.training_runs(sizes, chapter.data, ["identity"], chapter.seeds, name)
    yield from run_networks(runs)


def _cues(chapter: SizedChapter) -> Iterator[PlannedNetwork]:
    """Chapter 13: networks that learn with a planted cue."""
    sizes, given = chapter.sizes, chapter.parameters
    if given["data"] == image_sets.FACES:
        chosen, names = given["cues"] or sizes.cues, chapter.architectures(sizes.planted)
        plans = planted_cues.plantings(sizes, chosen, given["agreements"], chapter.seeds, names)
        yield from run_networks([plan.run for plan in plans])


def _leaderboard(chapter: SizedChapter) -> Iterator[PlannedNetwork]:
    """Chapter 14: the networks of the benchmark, and networks that learn labels by heart."""
    sizes = chapter.sizes
    parts = benchmark.parts(sizes, chapter.data, chapter.seeds, shares=CASCADE_SHARES)
    yield from run_networks([part.run for part in parts])
    for part in parts:
        if isinstance(part, Randomised):
            for shuffled in (True, False):
                learned = Relabelled(part.run, sizes.memorised, shuffled, sizes.judged)
                exposures = REPEATS * sizes.memorised
                yield PlannedNetwork(part.run, ((learned_by_heart, learned),), exposures)


def _reading(chapter: SizedChapter) -> Iterator[PlannedNetwork]:
    """Chapter 15: every strategy, at the recorded learning rates."""
    yield from run_networks(chapter.strategies(chapter.architectures(chapter.sizes.moved)))


CHAPTER_NETWORKS: Mapping[str, Callable[[SizedChapter], Iterator[PlannedNetwork]]] = MappingProxyType(
    {
        "02_networks": _networks,
        "03_relevance": _relevance,
        "04_masking": _masking,
        "05_generalization": _by_pretraining,
        "06_regions": _by_pretraining,
        "07_humans": _by_pretraining,
        "08_transformations": _transformations,
        "09_architecture_and_strategy": _architecture_and_strategy,
        "10_how_much_pretraining": _how_much_pretraining,
        "11_kernels": _kernels,
        "12_causes": _causes,
        "13_planted_cues": _cues,
        "14_leaderboard": _leaderboard,
        "15_reading_under_transformation": _reading,
    }
)
"""The networks of a chapter by its name."""


def planned_networks(
    name: str, sizes: Profile, parameters: Mapping[str, Any]
) -> dict[tuple[CachedCall, ...], PlannedNetwork]:
    """The networks that a chapter needs, each once, by their keys.

    Parameters
    ----------
    name : of the chapter
    sizes : of the profile
    parameters : all parameters of the notebook, by name
    """
    found = CHAPTER_NETWORKS[name](SizedChapter(sizes, parameters)) if name in CHAPTER_NETWORKS else iter(())
    return {network.keys: network for network in found}
