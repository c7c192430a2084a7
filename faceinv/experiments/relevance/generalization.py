"""Generalization: every network evaluated on images masked by the relevance of every other network.

A mask source (*maker*) explains its own prediction on the test images of the evaluated network (*reader*),
whatever the tasks of the two, and the reader classifies the pixels that the mask keeps. There is one forward
pass per image, fraction and mask. Control masks are evaluated in the same way: relevance of the untrained
makers, local contrast, the centre, random pixels, and the least relevant pixels of the reader itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from faceinv.data.stimuli import Stimuli
from faceinv.errors import InputError
from faceinv.experiments.conditions import NO_SEED, OWN, condition, condition_label, relation
from faceinv.experiments.explanations import Explanation, explain, held_out
from faceinv.experiments.relevance.controls import controls
from faceinv.experiments.relevance.masked_answers import masked_answers
from faceinv.metrics.bootstrap import Bootstrap, bootstrap
from faceinv.metrics.resampling import NO_BASE
from faceinv.models.training import single_thread
from faceinv.models.training_runs import TrainingRun, splits, train
from faceinv.perturbations.control_masks import MadeFrom, control_names
from faceinv.perturbations.fills import check_fill
from faceinv.perturbations.masks import check_fractions, ranks
from faceinv.runtime.cache import disk_cached

NETWORKS = ("reader_seed", "maker_seed")
"""The units that are networks, as readers and as makers: the same ones, left out in both roles at once."""

CROSSED_UNITS = (*NETWORKS, "identity")
"""Units of sampling: networks in both roles, and identities."""

CONSENSUS = ("consensus", "consensus, untrained")
"""Masks by the mean rank over all trained makers, and over all untrained ones."""

COMMON_CONTROLS = tuple(reversed(control_names("image", "training images")))
"""Control masks that are the same for all readers of an image, the most similar to relevance first."""

READ_CONTROLS = tuple(reversed(control_names("image", "training images", "relevance")))
"""Control masks that are evaluated besides those of the makers, which include the untrained networks."""

# Fields that determine the weights of an untrained network: runs that share them share a counterpart.
TWIN = ("source", "task", "seed", "architecture", "width")

AT_CHANCE = "reference near chance"
"""Note where generalization is not known: its denominator is not safely above chance."""

Reference = Literal["own", "untrained"]


@dataclass(frozen=True)
class CrossEvaluation:
    """One network (reader) evaluated with the masks of many networks (makers) on its own test images.

    Attributes
    ----------
    evaluated, mask_sources : trained networks, reader and makers; the reader is usually one of the makers
    conditions : fields of a training run by which networks are grouped, such as ``("pretraining", "task")``;
        together with the seed they must identify each maker
    fractions : shares of the pixels kept, most relevant first
    composite, against, images : see `Explanation`; makers always explain their own prediction
    fill : what replaces the removed pixels, one of `faceinv.perturbations.fills.FILLS`
    voters : makers whose mean rank is the consensus, such as those with pretraining; all by default
    """

    evaluated: TrainingRun
    mask_sources: tuple[TrainingRun, ...]
    conditions: tuple[str, ...] = ("task",)
    fractions: tuple[float, ...] = (0.1, 0.2, 0.3)
    composite: str = "epsilon-plus-flat"
    against: str = "none"
    images: int = 300
    fill: str = "mean"
    voters: tuple[TrainingRun, ...] | None = None

    def __post_init__(self) -> None:
        check_fractions(self.fractions)
        check_fill(self.fill)
        names = [(*condition(each, self.conditions).values(), each.seed) for each in self.mask_sources]
        if len(set(names)) < len(names):
            raise InputError(f"makers share {' and '.join(self.conditions)} and seed; expected each once")
        for each in (self.evaluated, *self.mask_sources):
            explanation(self, each)  # raises before any training if there are no rules
        if self.voters is not None and not set(self.voters) <= set(self.mask_sources):
            raise InputError("voters of the consensus are no makers; expected some of the mask sources")


def cross_evaluations(
    runs: Sequence[TrainingRun], conditions: tuple[str, ...], **options: Any
) -> list[CrossEvaluation]:
    """Each network evaluated with the masks of all; `options` are other fields of `CrossEvaluation`."""
    return [CrossEvaluation(run, tuple(runs), conditions, **options) for run in runs]


def untrained_counterparts(mask_sources: Iterable[TrainingRun]) -> list[TrainingRun]:
    """One training run for each untrained network: the first of those that share it."""
    first: dict[tuple, TrainingRun] = {}
    for mask_source in mask_sources:
        first.setdefault(_twin(mask_source), mask_source)
    return list(first.values())


def explanation(evaluation: CrossEvaluation, mask_source: TrainingRun, trained: bool = True) -> Explanation:
    """The explanation of the predictions of a maker on the test images of the reader."""
    # None for the own test set of the maker: its maps may be cached from other chapters.
    here = (evaluation.evaluated.source, evaluation.evaluated.task)
    return Explanation(
        mask_source,
        evaluation.composite,
        evaluation.against,
        images=evaluation.images,
        trained=trained,
        on=None if here == (mask_source.source, mask_source.task) else here,
    )


def explanations(plan: Sequence[CrossEvaluation]) -> list[Explanation]:
    """All explanations that the evaluations need, each once: to be computed on all cores beforehand."""
    needed = [
        explanation(evaluation, mask_source, trained)
        for evaluation in plan
        for trained, mask_sources in (
            (True, evaluation.mask_sources),
            (False, untrained_counterparts(evaluation.mask_sources)),
        )
        for mask_source in mask_sources
    ]
    mask_sources = list(dict.fromkeys(each.run for each in needed))
    # Sorted by maker: a worker that explains several sets in a row loads the network once.
    return sorted(dict.fromkeys(needed), key=lambda each: mask_sources.index(each.run))


@disk_cached
def evaluate_masks(evaluation: CrossEvaluation) -> pd.DataFrame:
    """Accuracy of the reader on its test images under the masks of each maker.

    Returns
    -------
    DataFrame
        One row per mask, fraction and identity: `maker` (its condition, or the kind of mask if it does not
        come from a trained network), `maker_seed` (-1 if there is none), `maker_<condition>`, `twin` (index
        of the untrained counterpart of the maker, -1 without one), `reader`, `reader_seed`,
        `reader_<condition>`, `maker_base` and `reader_base` (see `TrainingRun.base`),
        `relation`, `fraction`, `identity`, `correct` (share of the images of the identity that are classified
        correctly), `weight` (so that the weighted mean is balanced accuracy), `chance`, and `seen` (share of
        the images that the maker was trained on: zero within a task, and across tasks unless both have the
        same stimuli).
    """
    run = evaluation.evaluated
    with single_thread():
        network, stimuli = train(run).network, images_of(evaluation)
        masks = masks_for(evaluation)
        table = masked_answers(
            network, stimuli, run.task, masks, evaluation.fractions, evaluation.fill, run.seed
        )
    evaluated = {f"reader_{name}": value for name, value in condition(run, evaluation.conditions).items()}
    return table.assign(
        reader=condition_label(run, evaluation.conditions),
        reader_seed=run.seed,
        reader_base=run.base,
        **evaluated,
    )


def images_of(evaluation: CrossEvaluation) -> Stimuli:
    """The test images of the reader."""
    return held_out(explanation(evaluation, evaluation.evaluated))


def masks_for(evaluation: CrossEvaluation) -> Iterator[tuple[dict[str, object], np.ndarray]]:
    """Table fields and scores (N x H x W) of every mask, one at a time to save memory."""
    stimuli, run = images_of(evaluation), evaluation.evaluated
    inputs = train(run).network.prepare(stimuli.images)
    voters = evaluation.mask_sources if evaluation.voters is None else evaluation.voters
    consensus = []
    for trained, mask_sources, voting in (
        (True, evaluation.mask_sources, [each for each in voters if each != run]),
        (
            False,
            untrained_counterparts(evaluation.mask_sources),
            [each for each in untrained_counterparts(voters) if _twin(each) != _twin(run)],
        ),
    ):
        # The sum of ranks orders pixels as the mean does; the reader and its counterpart are left out.
        summed = np.zeros((len(inputs), *inputs.shape[2:]), np.float32)
        twins = {_twin(each) for each in voting}
        for mask_source in mask_sources:
            scores = explain(explanation(evaluation, mask_source, trained))
            if mask_source in voting if trained else _twin(mask_source) in twins:
                summed -= ranks(scores)
            yield _fields(evaluation, mask_source, trained, stimuli), scores
        consensus.append(summed)
    maps: dict[MadeFrom, np.ndarray] = {"relevance": explain(explanation(evaluation, run))}
    others = controls(run, inputs, maps, READ_CONTROLS)
    others |= zip(CONSENSUS, consensus, strict=True)
    fields = {f"maker_{name}": "" for name in evaluation.conditions}
    for name, scores in others.items():
        without_maker = {"maker": name, "relation": name, "maker_seed": NO_SEED, "twin": NO_SEED, "seen": 0.0}
        yield fields | without_maker | {"maker_base": NO_BASE}, scores


def generalization(
    table: pd.DataFrame,
    by: Sequence[str],
    reference: Reference = "own",
    draws: int = 2000,
    seed: int = 0,
) -> Bootstrap:
    """Chance-corrected accuracy with other masks relative to that with a reference mask, by condition.

    It is a ratio of sums: numerator and denominator are each summed over all readers, makers and fractions of
    a condition, so that a single reader close to chance does not inflate it. Each network counts as much as
    any other, whatever the number of its classes. It is nan, with the note `AT_CHANCE`, unless the whole
    interval of the reference is above chance.

    Parameters
    ----------
    table : concatenated results of `evaluate_masks` for readers that are also makers
    by : columns of the table that define conditions, such as ``["reader", "relation"]`` or
        ``["maker", "reader"]``; networks with their own mask, which have the value 1, are included only if
        `relation` is among them
    reference : ``"own"``, the mask of the reader itself; ``"untrained"``, the mask of the untrained
        counterpart of the maker: then only masks of trained networks are included, and values above 1 are an
        effect of training
    draws, seed : see `bootstrap`; intervals are over networks, each as reader and maker at once, and
        identities

    Returns
    -------
    Bootstrap
        The `contrast` of two relations is a paired difference.
    """
    table = _paired(table, reference)
    if "relation" not in by:
        table = table[table["relation"] != OWN]
    gain, base = (
        over_networks(table, part, by, draws, seed, "weight") for part in ("gain", "reference_gain")
    )
    return gain.ratio(base, near_zero=AT_CHANCE)


def among(table: pd.DataFrame, pretrainings: Sequence[str]) -> pd.DataFrame:
    """Rows of readers and makers of some pretrainings, and of masks that no trained network made."""
    makers = table["maker_pretraining"].isin(["", *pretrainings])
    return table[table["reader_pretraining"].isin(pretrainings) & makers]


def differences(
    table: pd.DataFrame,
    by: Sequence[str],
    reference: Reference = "own",
    draws: int = 2000,
    seed: int = 0,
) -> Bootstrap:
    """Accuracy with other masks minus that with a reference mask: the difference instead of the ratio.

    Unlike the ratio of `generalization`, it does not depend on the size of the reference.
    """
    table = _paired(table, reference)
    if "relation" not in by:
        table = table[table["relation"] != OWN]
    table = table.assign(difference=table["correct"] - table["reference"])
    return over_networks(table, "difference", by, draws, seed, "weight")


def over_networks(
    table: pd.DataFrame,
    value: str,
    by: Sequence[str],
    draws: int = 2000,
    seed: int = 0,
    weight: str | None = None,
) -> Bootstrap:
    """Mean of a measure of makers and readers by condition, with networks and identities as random samples.

    A network that makes masks and reads those of others is left out in both roles at once. Seeds are shared
    among conditions, as in all chapters.
    """
    return bootstrap(table, value, by, draws, seed, CROSSED_UNITS, weight)


def pairs(table: pd.DataFrame) -> pd.DataFrame:
    """Generalization of each maker to each reader, over all fractions.

    Returns
    -------
    DataFrame
        One row per mask and reader: maker, maker_seed, reader, reader_seed, relation, maker_base and
        reader_base (if the table has them), accuracy (balanced), own (accuracy with the own mask of the
        reader), generalization, which is nan if the reader is not above chance with its own mask.
    """
    keys = ["maker", "maker_seed", "reader", "reader_seed", "relation", "chance"]
    keys += [name for name in ("maker_base", "reader_base") if name in table]
    table = _with_reference(table, "own")
    weighted = table[["correct", "reference"]].mul(table["weight"], axis=0).assign(weight=table["weight"])
    sums = weighted.groupby([table[key] for key in keys], sort=False).sum().reset_index()
    accuracy, own = sums["correct"] / sums["weight"], sums["reference"] / sums["weight"]
    share = (accuracy - sums["chance"]) / (own - sums["chance"]).where(own > sums["chance"])
    names = [key for key in keys if key != "chance"]
    return sums[names].assign(accuracy=accuracy, own=own, generalization=share)


def _paired(table: pd.DataFrame, reference: Reference) -> pd.DataFrame:
    """Chance-corrected accuracy of each row and its reference, and weights that add up to one in a network.

    Balanced accuracy is the mean over classes, so weights by class add up to the number of classes: a network
    of 16 identities would count eight times as much as one of two genders.
    """
    table = _with_reference(table, reference)
    chance = table["chance"]
    return table.assign(
        gain=(table["correct"] - chance) / (1 - chance),
        reference_gain=(table["reference"] - chance) / (1 - chance),
        weight=table["weight"] * chance,
    )


def _with_reference(table: pd.DataFrame, reference: Reference) -> pd.DataFrame:
    """The table with `reference`: accuracy of the same reader on the same images under the reference mask."""
    if reference not in get_args(Reference):
        raise InputError(f"reference is {reference!r}; expected one of {', '.join(get_args(Reference))}")
    keys = ["reader", "reader_seed", "fraction", "identity"]
    if reference == "untrained":
        keys.append("twin")
    rows = table[table["relation"] == (OWN if reference == "own" else "untrained")]
    missing = sorted(set(table["reader"]) - set(rows["reader"]))
    if missing:
        raise InputError(f"the {reference} masks of the reader {missing[0]!r} were not evaluated")
    return table.merge(rows[[*keys, "correct"]].rename(columns={"correct": "reference"}), on=keys)


def _fields(
    evaluation: CrossEvaluation, mask_source: TrainingRun, trained: bool, stimuli: Stimuli
) -> dict[str, object]:
    """Table fields of a maker."""
    chosen = condition(mask_source, evaluation.conditions)
    shared = {
        "maker_seed": mask_source.seed,
        "twin": [_twin(each) for each in untrained_counterparts(evaluation.mask_sources)].index(
            _twin(mask_source)
        ),
    }
    if trained:
        return shared | {
            "maker": condition_label(mask_source, evaluation.conditions),
            "relation": relation(mask_source, evaluation.evaluated, evaluation.conditions),
            "seen": _seen(evaluation, mask_source, stimuli),
            "maker_base": mask_source.base,
            **{f"maker_{name}": value for name, value in chosen.items()},
        }
    return shared | {
        "maker": "untrained",
        "relation": "untrained",
        "seen": 0.0,
        "maker_base": NO_BASE,
        **{f"maker_{name}": value if name in TWIN else "" for name, value in chosen.items()},
    }


def _seen(evaluation: CrossEvaluation, mask_source: TrainingRun, stimuli: Stimuli) -> float:
    """Share of the test images of the reader that the maker was trained on."""
    evaluated = evaluation.evaluated
    if mask_source.source != evaluated.source or mask_source.task == evaluated.task:
        return 0.0
    key = ["identity", "view"]
    trained = pd.MultiIndex.from_frame(splits(mask_source).train.table[key])
    return float(pd.MultiIndex.from_frame(stimuli.table[key]).isin(trained).mean())


def _twin(run: TrainingRun) -> tuple:
    return tuple(condition(run, TWIN).values())
