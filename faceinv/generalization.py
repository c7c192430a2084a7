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

from faceinv.cache import kept
from faceinv.data import Stimuli
from faceinv.data.stimuli import Task
from faceinv.errors import InputError
from faceinv.explanation import Explanation, explain, held_out
from faceinv.masking import Fill, answers_by_fraction, check_fractions, control_scores, ranks
from faceinv.models.architectures import Network
from faceinv.models.cells import Cell, splits, train
from faceinv.models.training import single_thread
from faceinv.statistics import Bootstrap, bootstrap

UNITS = ("reader_seed", "maker_seed", "identity")
"""What is sampled: networks as readers, networks as makers, and people."""

OWN = "same network"
CONSENSUS = ("consensus", "consensus, untrained")

# What the weights of an untrained network depend on: makers that share these share one untrained twin.
TWIN = ("source", "task", "seed", "architecture", "width")
NO_SEED = -1
"""Seed in the table of a mask that no single network made."""

Reference = Literal["own", "untrained"]


@dataclass(frozen=True)
class Reading:
    """One reader of the masks of many makers, on its own test images.

    Attributes
    ----------
    reader, makers : trained networks; the reader is usually one of the makers
    conditions : fields of a cell by which networks are grouped, such as ``("pretraining", "task")``; together
        with the seed they must tell all makers apart
    fractions : shares of the pixels kept, most relevant first
    composite, contrastive, images : see `Explanation`; makers always explain their own answer
    fill : what stands where pixels are taken away
    """

    reader: Cell
    makers: tuple[Cell, ...]
    conditions: tuple[str, ...] = ("task",)
    fractions: tuple[float, ...] = (0.1, 0.2, 0.3)
    composite: str = "epsilon-plus-flat"
    contrastive: bool = False
    images: int = 300
    fill: Fill = "mean"

    def __post_init__(self) -> None:
        check_fractions(self.fractions)
        names = [(*condition(each, self.conditions).values(), each.seed) for each in self.makers]
        if len(set(names)) < len(names):
            raise InputError(f"makers share {' and '.join(self.conditions)} and seed; expected each once")


def readings(cells: Sequence[Cell], conditions: tuple[str, ...], **options: Any) -> list[Reading]:
    """Each network as the reader of all; `options` are the other fields of `Reading`."""
    return [Reading(cell, tuple(cells), conditions, **options) for cell in cells]


def condition(cell: Cell, conditions: Sequence[str]) -> dict[str, object]:
    """The fields of a cell that tell its condition.

    Raises
    ------
    InputError
        If a cell has no such field.
    """
    unknown = sorted(set(conditions) - set(vars(cell)))
    if unknown:
        raise InputError(f"a network has no {unknown[0]!r}; it has {', '.join(vars(cell))}")
    return {name: vars(cell)[name] for name in conditions}


def label(cell: Cell, conditions: Sequence[str]) -> str:
    """What the condition of a cell is called in tables and figures."""
    return ", ".join(str(value) for value in condition(cell, conditions).values())


def relation(maker: Cell, reader: Cell, conditions: Sequence[str]) -> str:
    """How a maker differs from a reader: *other seed*, *other task*, *other pretraining and task* ..."""
    if maker == reader:
        return OWN
    a, b = (condition(cell, conditions) for cell in (maker, reader))
    return "other " + (" and ".join(name for name in conditions if a[name] != b[name]) or "seed")


def twins(makers: Iterable[Cell]) -> list[Cell]:
    """One maker for each untrained network there is: the first of those that share it."""
    first: dict[tuple, Cell] = {}
    for maker in makers:
        first.setdefault(_twin(maker), maker)
    return list(first.values())


def explanation(reading: Reading, maker: Cell, trained: bool = True) -> Explanation:
    """The maker's explanation of its answers on the reader's test images."""
    # A maker whose own test set this is needs no other: its maps may have been made before.
    here = (reading.reader.source, reading.reader.task)
    return Explanation(
        maker,
        reading.composite,
        reading.contrastive,
        images=reading.images,
        trained=trained,
        on=None if here == (maker.source, maker.task) else here,
    )


def explanations(plan: Sequence[Reading]) -> list[Explanation]:
    """All explanations that readings need, each once: to be made on all cores before the reading."""
    wanted = [
        explanation(reading, maker, trained)
        for reading in plan
        for trained, makers in ((True, reading.makers), (False, twins(reading.makers)))
        for maker in makers
    ]
    makers = list(dict.fromkeys(each.cell for each in wanted))
    # One maker after the other: a worker that explains several sets in a row loads its network once.
    return sorted(dict.fromkeys(wanted), key=lambda each: makers.index(each.cell))


@kept
def read(reading: Reading) -> pd.DataFrame:
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
    cell = reading.reader
    with single_thread():
        network, stimuli = train(cell).network, images_of(reading)
        masks = masks_for(reading)
        table = answers(network, stimuli, cell.task, masks, reading.fractions, reading.fill, cell.seed)
    reader = {f"reader_{name}": value for name, value in condition(cell, reading.conditions).items()}
    return table.assign(reader=label(cell, reading.conditions), reader_seed=cell.seed, **reader)


def images_of(reading: Reading) -> Stimuli:
    """The test images that the reader is asked about."""
    return held_out(explanation(reading, reading.reader))


def masks_for(reading: Reading) -> Iterator[tuple[dict[str, object], np.ndarray]]:
    """Table fields and scores (N x H x W) of every mask that is read, one at a time to spare memory."""
    stimuli = images_of(reading)
    inputs = train(reading.reader).network.prepare(stimuli.images)
    agreed = []
    for trained, makers in ((True, reading.makers), (False, twins(reading.makers))):
        # The mean rank orders pixels as the sum of ranks does; the reader and its twin have no part in it.
        summed = np.zeros((len(inputs), *inputs.shape[2:]), np.float32)
        for maker in makers:
            scores = explain(explanation(reading, maker, trained))
            if maker != reading.reader if trained else _twin(maker) != _twin(reading.reader):
                summed -= ranks(scores)
            yield _fields(reading, maker, trained, stimuli), scores
        agreed.append(summed)
    controls = {
        "local contrast": control_scores(inputs, "contrast"),
        "centre": control_scores(inputs, "centre"),
        "random": control_scores(inputs, "random", reading.reader.seed),
        "least relevant": -explain(explanation(reading, reading.reader)),
        **dict(zip(CONSENSUS, agreed, strict=True)),
    }
    fields = {f"maker_{name}": "" for name in reading.conditions}
    for name, scores in controls.items():
        nobody = {"maker": name, "relation": name, "maker_seed": NO_SEED, "twin": NO_SEED, "seen": 0.0}
        yield fields | nobody, scores


def answers(
    network: Network,
    stimuli: Stimuli,
    task: Task,
    masks: Iterable[tuple[Mapping[str, object], np.ndarray]],
    fractions: Sequence[float],
    fill: Fill = "mean",
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
        chance (see `read`).
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
    table : joined results of `read`, of readers that are makers too
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


def _fields(reading: Reading, maker: Cell, trained: bool, stimuli: Stimuli) -> dict[str, object]:
    """What the table says of a maker."""
    chosen = condition(maker, reading.conditions)
    same = {
        "maker_seed": maker.seed,
        "twin": [_twin(each) for each in twins(reading.makers)].index(_twin(maker)),
    }
    if trained:
        return same | {
            "maker": label(maker, reading.conditions),
            "relation": relation(maker, reading.reader, reading.conditions),
            "seen": _seen(reading, maker, stimuli),
            **{f"maker_{name}": value for name, value in chosen.items()},
        }
    return same | {
        "maker": "untrained",
        "relation": "untrained",
        "seen": 0.0,
        **{f"maker_{name}": value if name in TWIN else "" for name, value in chosen.items()},
    }


def _seen(reading: Reading, maker: Cell, stimuli: Stimuli) -> float:
    """Share of the reader's test images that the maker was trained on."""
    reader = reading.reader
    if maker.source != reader.source or maker.task == reader.task:
        return 0.0
    key = ["identity", "view"]
    trained = pd.MultiIndex.from_frame(splits(maker).train.table[key])
    return float(pd.MultiIndex.from_frame(stimuli.table[key]).isin(trained).mean())


def _twin(cell: Cell) -> tuple:
    return tuple(condition(cell, TWIN).values())
