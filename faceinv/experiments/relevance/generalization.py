"""Generalization: the masks that every network makes, read by every other network.

A *maker* explains its own answer on the test images of a *reader*, whatever task either was trained for, and
the reader answers its own question on what the maker's mask leaves. One forward pass is run an image,
fraction and mask. Masks that know nothing of what was learned are read beside them: those of each maker
before training, local contrast, the centre, random pixels, and the reader's own least relevant ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from faceinv.data.stimuli import Stimuli
from faceinv.errors import InputError
from faceinv.experiments.conditions import NO_SEED, OWN, condition, label, relation
from faceinv.experiments.explanations import Explanation, explain, held_out
from faceinv.metrics.bootstrap import Bootstrap, bootstrap
from faceinv.models.architectures import Network
from faceinv.models.training import single_thread
from faceinv.models.training_runs import TrainingRun, splits, train
from faceinv.perturbations.control_masks import CONTROL_MASKS, control_names
from faceinv.perturbations.fills import check_fill
from faceinv.perturbations.masks import answers_by_fraction, check_fractions, ranks
from faceinv.runtime.cache import disk_cached

UNITS = ("reader_seed", "maker_seed", "identity")
"""What is sampled: networks as readers, networks as makers, and people."""

CONSENSUS = ("consensus", "consensus, untrained")
"""Masks that all trained makers agree on, and that all untrained ones do."""

COMMON_CONTROLS = tuple(reversed(control_names("image")))
"""Control masks that are the same for all readers of an image, the closest to relevance first."""

READ_CONTROLS = tuple(reversed(control_names("image", "relevance")))
"""Control masks that are read beside those of the makers; untrained networks are makers of their own here."""

# What the weights of an untrained network depend on: makers that share these share one untrained twin.
TWIN = ("source", "task", "seed", "architecture", "width")

Reference = Literal["own", "untrained"]


@dataclass(frozen=True)
class CrossEvaluation:
    """One reader of the masks of many makers, on its own test images.

    Attributes
    ----------
    reader, makers : trained networks; the reader is usually one of the makers
    conditions : fields of a training run by which networks are grouped, such as ``("pretraining", "task")``;
        together with the seed they must tell all makers apart
    fractions : shares of the pixels kept, most relevant first
    composite, contrastive, images : see `Explanation`; makers always explain their own answer
    fill : what stands where pixels are taken away, one of `faceinv.perturbations.fills.FILLS`
    """

    evaluated: TrainingRun
    mask_sources: tuple[TrainingRun, ...]
    conditions: tuple[str, ...] = ("task",)
    fractions: tuple[float, ...] = (0.1, 0.2, 0.3)
    composite: str = "epsilon-plus-flat"
    contrastive: bool = False
    images: int = 300
    fill: str = "mean"

    def __post_init__(self) -> None:
        check_fractions(self.fractions)
        check_fill(self.fill)
        names = [(*condition(each, self.conditions).values(), each.seed) for each in self.mask_sources]
        if len(set(names)) < len(names):
            raise InputError(f"makers share {' and '.join(self.conditions)} and seed; expected each once")
        for each in (self.evaluated, *self.mask_sources):
            explanation(self, each)  # what has no rules is refused before anything is trained


def cross_evaluations(
    runs: Sequence[TrainingRun], conditions: tuple[str, ...], **options: Any
) -> list[CrossEvaluation]:
    """Each network as the reader of all; `options` are the other fields of `CrossEvaluation`."""
    return [CrossEvaluation(run, tuple(runs), conditions, **options) for run in runs]


def untrained_counterparts(mask_sources: Iterable[TrainingRun]) -> list[TrainingRun]:
    """One maker for each untrained network there is: the first of those that share it."""
    first: dict[tuple, TrainingRun] = {}
    for mask_source in mask_sources:
        first.setdefault(_twin(mask_source), mask_source)
    return list(first.values())


def explanation(evaluation: CrossEvaluation, mask_source: TrainingRun, trained: bool = True) -> Explanation:
    """The maker's explanation of its answers on the reader's test images."""
    # A maker whose own test set this is needs no other: its maps may have been made before.
    here = (evaluation.evaluated.source, evaluation.evaluated.task)
    return Explanation(
        mask_source,
        evaluation.composite,
        evaluation.contrastive,
        images=evaluation.images,
        trained=trained,
        on=None if here == (mask_source.source, mask_source.task) else here,
    )


def explanations(plan: Sequence[CrossEvaluation]) -> list[Explanation]:
    """All explanations that readings need, each once: to be made on all cores before the reading."""
    wanted = [
        explanation(evaluation, mask_source, trained)
        for evaluation in plan
        for trained, mask_sources in (
            (True, evaluation.mask_sources),
            (False, untrained_counterparts(evaluation.mask_sources)),
        )
        for mask_source in mask_sources
    ]
    mask_sources = list(dict.fromkeys(each.run for each in wanted))
    # One maker after the other: a worker that explains several sets in a row loads its network once.
    return sorted(dict.fromkeys(wanted), key=lambda each: mask_sources.index(each.run))


@disk_cached
def evaluate_masks(evaluation: CrossEvaluation) -> pd.DataFrame:
    """Answers of the reader to what each maker's masks leave of its test images.

    Returns
    -------
    DataFrame
        One row a mask, fraction and identity: `maker` (its condition, or the kind of a mask that no trained
        network made), `maker_seed` (-1 where there is none), `maker_<condition>`, `twin` (number of the
        untrained network that the maker grew from, -1 without one), `reader`, `reader_seed`,
        `reader_<condition>`, `relation`, `fraction`, `identity`, `correct` (share of the identity's images
        that is answered rightly), `weight` (so that the weighted mean is balanced accuracy), `chance`, and
        `seen` (share of the images that the maker was trained on: nought within a task; across tasks it can
        be more only where both tasks have the same stimuli).
    """
    run = evaluation.evaluated
    with single_thread():
        network, stimuli = train(run).network, images_of(evaluation)
        masks = masks_for(evaluation)
        table = answers(network, stimuli, run.task, masks, evaluation.fractions, evaluation.fill, run.seed)
    evaluated = {f"reader_{name}": value for name, value in condition(run, evaluation.conditions).items()}
    return table.assign(reader=label(run, evaluation.conditions), reader_seed=run.seed, **evaluated)


def images_of(evaluation: CrossEvaluation) -> Stimuli:
    """The test images that the reader is asked about."""
    return held_out(explanation(evaluation, evaluation.evaluated))


def masks_for(evaluation: CrossEvaluation) -> Iterator[tuple[dict[str, object], np.ndarray]]:
    """Table fields and scores (N x H x W) of every mask that is read, one at a time to spare memory."""
    stimuli = images_of(evaluation)
    inputs = train(evaluation.evaluated).network.prepare(stimuli.images)
    agreed = []
    for trained, mask_sources in (
        (True, evaluation.mask_sources),
        (False, untrained_counterparts(evaluation.mask_sources)),
    ):
        # The mean rank orders pixels as the sum of ranks does; the reader and its twin have no part in it.
        summed = np.zeros((len(inputs), *inputs.shape[2:]), np.float32)
        for mask_source in mask_sources:
            scores = explain(explanation(evaluation, mask_source, trained))
            if (
                mask_source != evaluation.evaluated
                if trained
                else _twin(mask_source) != _twin(evaluation.evaluated)
            ):
                summed -= ranks(scores)
            yield _fields(evaluation, mask_source, trained, stimuli), scores
        agreed.append(summed)
    made_from = {"image": inputs, "relevance": explain(explanation(evaluation, evaluation.evaluated))}
    controls = {
        name: CONTROL_MASKS[name].scores(made_from[CONTROL_MASKS[name].made_from], evaluation.evaluated.seed)
        for name in READ_CONTROLS
    }
    controls |= zip(CONSENSUS, agreed, strict=True)
    fields = {f"maker_{name}": "" for name in evaluation.conditions}
    for name, scores in controls.items():
        nobody = {"maker": name, "relation": name, "maker_seed": NO_SEED, "twin": NO_SEED, "seen": 0.0}
        yield fields | nobody, scores


def answers(
    network: Network,
    stimuli: Stimuli,
    task: str,
    masks: Iterable[tuple[Mapping[str, object], np.ndarray]],
    fractions: Sequence[float],
    fill: str = "mean",
    seed: int = 0,
) -> pd.DataFrame:
    """Answers of a network to what each mask leaves of some images: one pass an image, fraction and mask.

    Parameters
    ----------
    network, stimuli, task : the reader, and the images that it is asked about
    masks : what the table says of each mask, and its scores, N x H x W
    fractions, fill, seed : see `answers_by_fraction`

    Returns
    -------
    DataFrame
        One row a mask, fraction and identity: the fields of the mask, fraction, identity, correct, weight and
        chance (see `evaluate_masks`).
    """
    inputs, classes = network.prepare(stimuli.images), network.specification.classes
    labels = stimuli.labels(task, classes)
    people = _people(stimuli, labels)
    tables = []
    for names, scores in masks:
        table = answers_by_fraction(
            network, inputs, labels, {"": scores}, fractions, orders=("most",), fill=fill, seed=seed
        )
        table["identity"] = stimuli.table["identity"].to_numpy()[table["image"]]
        share = table.groupby(["fraction", "identity"], sort=False)["correct"].mean().reset_index()
        tables.append(share.merge(people, on="identity").assign(**names))
    return pd.concat(tables, ignore_index=True).assign(chance=1 / len(classes))


def generalization(
    table: pd.DataFrame,
    by: Sequence[str],
    reference: Reference = "own",
    draws: int = 2000,
    seed: int = 0,
) -> Bootstrap:
    """Chance-corrected accuracy with other masks, as a share of that with a reference mask, by condition.

    The share is that of sums: numerator and denominator are each taken over all readers, makers and fractions
    of a condition, so that one reader that answers hardly better than chance does not blow it up. Where all
    of them do so a share means nothing: it is nan unless the reference is `RELIABLY` above chance.

    Parameters
    ----------
    table : joined results of `evaluate_masks`, of readers that are makers too
    by : columns of the table that tell conditions apart, such as ``["reader", "relation"]`` or
        ``["maker", "reader"]``; a network's reading of its own mask, which is the unit, counts only where
        `relation` is among them
    reference : ``"own"``, the reader's own mask; ``"untrained"``, the mask of the maker before training: then
        only masks of trained networks are there, and above one they are better for having been trained
    draws, seed : see `bootstrap`; intervals are over readers, makers and people, drawn crosswise

    Returns
    -------
    Bootstrap
        Its `contrast` of two relations is a paired difference.
    """
    table = _paired(table, reference)
    if "relation" not in by:
        table = table[table["relation"] != OWN]
    gain, base = (bootstrap(table, part, by, draws, seed, UNITS, "weight") for part in ("gain", "base"))
    # A draw without a pair of this relation (nan) says nothing of the reference.
    return gain.ratio(base).only(~(base.draws <= 0))


def differences(
    table: pd.DataFrame,
    by: Sequence[str],
    reference: Reference = "own",
    draws: int = 2000,
    seed: int = 0,
) -> Bootstrap:
    """Accuracy with other masks minus that with a reference mask: what `generalization` compares as a share.

    A share is large or small also because the reference is; differences cannot be misread in that way.
    """
    table = _paired(table, reference)
    if "relation" not in by:
        table = table[table["relation"] != OWN]
    table = table.assign(difference=table["gain"] - table["base"])
    return bootstrap(table, "difference", by, draws, seed, UNITS, "weight")


def pairs(table: pd.DataFrame) -> pd.DataFrame:
    """Generalization of each maker to each reader, over all fractions.

    Returns
    -------
    DataFrame
        One row a mask and reader: maker, maker_seed, reader, reader_seed, relation, accuracy (balanced), own
        (accuracy with the reader's own mask), generalization; the last is nan where the reader's own mask
        leaves it at chance or below.
    """
    keys = ["maker", "maker_seed", "reader", "reader_seed", "relation", "chance"]
    table = _with_reference(table, "own")
    weighed = table[["correct", "reference"]].mul(table["weight"], axis=0).assign(weight=table["weight"])
    sums = weighed.groupby([table[key] for key in keys], sort=False).sum().reset_index()
    accuracy, own = sums["correct"] / sums["weight"], sums["reference"] / sums["weight"]
    share = (accuracy - sums["chance"]) / (own - sums["chance"]).where(own > sums["chance"])
    return sums[keys[:-1]].assign(accuracy=accuracy, own=own, generalization=share)


def _paired(table: pd.DataFrame, reference: Reference) -> pd.DataFrame:
    """What each observation, and its reference, is above chance; masks of no maker weigh with all seeds."""
    table = _with_reference(table, reference)
    table = table.assign(gain=table["correct"] - table["chance"], base=table["reference"] - table["chance"])
    nobody = table["maker_seed"] == NO_SEED
    seeds = table.loc[~nobody, ["maker_seed"]].drop_duplicates()
    spread = table[nobody].drop(columns="maker_seed").merge(seeds, how="cross")
    return pd.concat([table[~nobody], spread], ignore_index=True)


def _with_reference(table: pd.DataFrame, reference: Reference) -> pd.DataFrame:
    """The table with `reference`: the same reader's answers to the same images under the reference mask."""
    if reference not in get_args(Reference):
        raise InputError(f"reference is {reference!r}; expected one of {', '.join(get_args(Reference))}")
    keys = ["reader", "reader_seed", "fraction", "identity"]
    if reference == "untrained":
        keys.append("twin")
    rows = table[table["relation"] == (OWN if reference == "own" else "untrained")]
    missing = sorted(set(table["reader"]) - set(rows["reader"]))
    if missing:
        raise InputError(f"the {reference} masks of the reader {missing[0]!r} were not read")
    return table.merge(rows[[*keys, "correct"]].rename(columns={"correct": "reference"}), on=keys)


def _people(stimuli: Stimuli, labels: np.ndarray) -> pd.DataFrame:
    """Identities with their weight in the balanced accuracy: their share of their class's images."""
    shares = 1 / np.bincount(labels)[labels]
    identity = stimuli.table["identity"].to_numpy()
    return pd.Series(shares).groupby(identity).sum().rename("weight").rename_axis("identity").reset_index()


def _fields(
    evaluation: CrossEvaluation, mask_source: TrainingRun, trained: bool, stimuli: Stimuli
) -> dict[str, object]:
    """What the table says of a maker."""
    chosen = condition(mask_source, evaluation.conditions)
    same = {
        "maker_seed": mask_source.seed,
        "twin": [_twin(each) for each in untrained_counterparts(evaluation.mask_sources)].index(
            _twin(mask_source)
        ),
    }
    if trained:
        return same | {
            "maker": label(mask_source, evaluation.conditions),
            "relation": relation(mask_source, evaluation.evaluated, evaluation.conditions),
            "seen": _seen(evaluation, mask_source, stimuli),
            **{f"maker_{name}": value for name, value in chosen.items()},
        }
    return same | {
        "maker": "untrained",
        "relation": "untrained",
        "seen": 0.0,
        **{f"maker_{name}": value if name in TWIN else "" for name, value in chosen.items()},
    }


def _seen(evaluation: CrossEvaluation, mask_source: TrainingRun, stimuli: Stimuli) -> float:
    """Share of the reader's test images that the maker was trained on."""
    evaluated = evaluation.evaluated
    if mask_source.source != evaluated.source or mask_source.task == evaluated.task:
        return 0.0
    key = ["identity", "view"]
    trained = pd.MultiIndex.from_frame(splits(mask_source).train.table[key])
    return float(pd.MultiIndex.from_frame(stimuli.table[key]).isin(trained).mean())


def _twin(run: TrainingRun) -> tuple:
    return tuple(condition(run, TWIN).values())
