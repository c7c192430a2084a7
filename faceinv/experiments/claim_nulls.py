"""Nulls of the claims: how often a claim would be supported if it were just not true.

For each claim, studies are simulated in which its statistic lies exactly on the criterion, with as many
networks and identities as a profile has; the share in which the interval supports the claim all the same is
its false-support rate. It should be 2.5 % (the half of 5 % on one side), and may not exceed `LIMIT`.
Statistics of one form have one null.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from scipy.stats import norm

from faceinv.experiments.causes.detection import detection
from faceinv.experiments.coverage import (
    CHANCE,
    OF_BASE,
    OF_BOTH,
    OF_IDENTITY,
    OF_NETWORK,
    Design,
    coverage,
    simulate_answers,
    simulated_accuracy,
    true_accuracy,
)
from faceinv.experiments.invariance.first_layer import rank_association
from faceinv.experiments.reading.moving_maps import areas_by_cell
from faceinv.experiments.relevance.map_agreement import PAIRED_UNITS
from faceinv.experiments.relevance.other_faces import other_faces
from faceinv.metrics.bootstrap import Bootstrap, bootstrap
from faceinv.metrics.extremes import greatest, simultaneous, widest
from faceinv.metrics.left_out_people import mean_of_networks
from faceinv.metrics.resampling import NO_BASE, SEPARATOR
from faceinv.metrics.variance_components import WITHOUT_PERSON, component_shares

LIMIT = 0.05
"""Largest false-support rate that a claim may have."""

Simulation = Callable[[Design, int, np.random.Generator], "Rates"]


@dataclass(frozen=True)
class Rates:
    """False-support rates: with the intervals of the book, and without a correction of extremes."""

    rate: float
    uncorrected: float = np.nan


def _intervals_of_trials(boot: Bootstrap, decide: Callable[[Bootstrap], tuple[bool, bool]]) -> Rates:
    """Rates of a decision that is made trial by trial, with and without correction."""
    trials = boot.estimate.index.get_level_values("trial").to_numpy()
    names = boot.estimate.index.get_level_values("condition").to_numpy()
    found = []
    for trial in np.unique(trials):
        here = np.flatnonzero(trials == trial)
        found.append(decide(boot.take(here, pd.MultiIndex.from_arrays([names[here]], names=["condition"]))))
    return Rates(*(float(rate) for rate in np.mean(found, axis=0)))


def _against(boot: Bootstrap, pairs: list[tuple[int, int]]) -> Bootstrap:
    """Differences of pairs of conditions."""
    index = pd.MultiIndex.from_tuples([(f"{a}-{b}",) for a, b in pairs], names=["pair"])
    return boot.differences([((a,), (b,)) for a, b in pairs], index)


def simulate_mean(design: Design, trials: int, rng: np.random.Generator) -> Rates:
    """A mean (a share) that is just as large as the criterion."""
    return Rates(coverage("mean", design, trials, int(rng.integers(1 << 30)))["below"])


def simulate_difference(design: Design, trials: int, rng: np.random.Generator) -> Rates:
    """A paired difference of two means that are equal."""
    boot = simulated_accuracy(simulate_answers(design, np.array([0.8, 0.8]), trials, rng), design)
    found = boot.difference("condition", 0, 1).interval()  # type: ignore[arg-type]
    return Rates(float((found["low"] > 0).mean()))


def simulate_pairs(design: Design, trials: int, rng: np.random.Generator) -> Rates:
    """Maps of two networks that are as similar for the same face as for two faces."""
    shape = (trials, design.seeds, design.seeds, design.identities)
    trial, one, other, identity = np.indices(shape)
    pair, people = one != other, np.arange(design.identities)
    columns = {"trial": trial, "seed": one, "other_seed": other, "identity": identity}
    parts = []
    for faces, compared in ((1, [people]), (2, other_faces(people))):
        networks = OF_NETWORK * rng.normal(size=shape[:2])
        alike = networks[:, :, None, None] + networks[:, None, :, None]
        of_faces = OF_IDENTITY * rng.normal(size=(trials, 1, 1, design.identities))
        for others in compared:
            noise = OF_BOTH * rng.normal(size=shape)
            if faces == 1:  # either of the two networks may come first
                noise = (noise + noise.swapaxes(1, 2)) / np.sqrt(2)
            values = alike + (of_faces + of_faces[..., others]) / 2 + noise
            own = columns | {"other_identity": np.broadcast_to(others, shape), "value": values}
            parts.append(pd.DataFrame({name: each[pair] for name, each in own.items()}).assign(faces=faces))
    boot = bootstrap(pd.concat(parts, ignore_index=True), "value", ["trial", "faces"], units=PAIRED_UNITS)
    found = boot.difference("faces", 1, 2).interval()  # type: ignore[arg-type]
    return Rates(float((found["low"] > 0).mean()))


def simulate_controls(design: Design, trials: int, rng: np.random.Generator) -> Rates:
    """A mean that is as large as that of one of three controls, and larger than those of the others."""
    boot = simulated_accuracy(simulate_answers(design, np.array([0.8, 0.8, 0.6, 0.55]), trials, rng), design)

    def all_exceeded(own: Bootstrap) -> tuple[bool, bool]:
        low = _against(own, [(0, 1), (0, 2), (0, 3)]).interval()["low"]
        return bool((low > 0).all()), bool(low.iloc[0] > 0)

    return Rates(_intervals_of_trials(boot, all_exceeded).rate)


def simulate_largest(design: Design, trials: int, rng: np.random.Generator) -> Rates:
    """The largest of the differences between all pairs of four equal conditions."""
    boot = simulated_accuracy(simulate_answers(design, np.full(4, 0.8), trials, rng), design)
    pairs = [(a, b) for a in range(4) for b in range(a + 1, 4)]

    def found(own: Bootstrap) -> tuple[bool, bool]:
        differences = _against(own, pairs)
        plain = differences.interval()
        return bool(widest(differences)["low"] > 0), bool(((plain["low"] > 0) | (plain["high"] < 0)).any())

    return _intervals_of_trials(boot, found)


def simulate_equivalence(design: Design, trials: int, rng: np.random.Generator) -> Rates:
    """The largest difference between three conditions, one of which differs by just the bound."""
    levels = np.array([0.8, 0.8, 0.7])
    high, _, low = (true_accuracy(design, level) for level in levels)
    boot = simulated_accuracy(simulate_answers(design, levels, trials, rng), design)
    pairs = [(0, 1), (0, 2), (1, 2)]
    return Rates(
        _intervals_of_trials(
            boot, lambda own: (bool(widest(_against(own, pairs))["high"] < high - low), False)
        ).rate
    )


def simulate_lowest(design: Design, trials: int, rng: np.random.Generator) -> Rates:
    """One of seven conditions is as low as another one, and lower than the rest."""
    boot = simulated_accuracy(
        simulate_answers(design, np.array([0.7, 0.7, *[0.85] * 5]), trials, rng), design
    )
    pairs = [(0, other) for other in range(1, 7)]
    return Rates(
        _intervals_of_trials(boot, lambda own: (bool(greatest(_against(own, pairs))["high"] < 0), False)).rate
    )


def simulate_both_lead(design: Design, trials: int, rng: np.random.Generator) -> Rates:
    """Two architectures are equal under each of five transformations, and each is said to lead under one."""
    boot = simulated_accuracy(simulate_answers(design, np.full(10, 0.8), trials, rng), design)

    def each_leads(own: Bootstrap) -> tuple[bool, bool]:
        leads = _against(own, [(i, i + 5) for i in range(5)])
        joint, draws = simultaneous(leads), leads.draws.to_numpy()
        smaller = np.minimum(draws.max(axis=1), -draws.min(axis=1))
        both = (joint["low"] > 0).any() and (joint["high"] < 0).any()
        return bool(both), bool(np.quantile(smaller, 0.025) > 0)

    return _intervals_of_trials(boot, each_leads)


def masks_table(
    design: Design, others: tuple[float, ...], trials: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Accuracy above chance of each network with its own mask and with those of all others.

    `others` are levels of accuracy with masks of other networks, by relation; that with the own one is .9.
    With bases there are as many networks, and bases, of each of two sets, as where pretrainings are pooled.
    """
    sets = np.repeat((0, 1) if design.bases else (0,), design.seeds)
    n, identities = len(sets), design.identities
    shape = (trials, n, n, identities)

    def normal(*size: int) -> np.ndarray:
        return rng.normal(size=(trials, *size))

    reader, maker = OF_NETWORK * normal(n, 1, 1), OF_NETWORK * normal(1, n, 1)
    names = np.full(n, NO_BASE, object)
    if design.bases:
        own_base = np.arange(n) % design.seeds % design.bases + design.bases * sets
        names = np.array([f"set {at // design.bases}{SEPARATOR}{at}" for at in own_base], object)
        reader = reader + OF_BASE * normal(2 * design.bases, 1, 1)[:, own_base]
        maker = maker + OF_BASE * normal(1, 2 * design.bases, 1)[:, :, own_base]
    known = OF_IDENTITY * normal(1, 1, identities) + OF_BOTH * normal(n, 1, identities)
    rows = []
    own = np.broadcast_to(np.eye(n, dtype=bool)[:, :, None], shape)
    trial, read, made, identity = np.indices(shape)
    for relation, level in enumerate(others):
        logits = logit(np.where(own, 0.9, level)) + reader + np.where(own, 0, maker) + known
        right = rng.binomial(design.images, expit(logits)) / design.images
        gain = (right - CHANCE) / (1 - CHANCE)
        reference = np.broadcast_to(np.einsum("tssi->tsi", gain)[:, :, None], shape)
        keep = ~own
        columns = {"trial": trial, "reader_seed": read, "maker_seed": made, "identity": identity}
        columns |= {"gain": gain, "reference": reference}
        columns |= {"reader_base": names[read], "maker_base": names[made]}
        part = pd.DataFrame({name: values[keep] for name, values in columns.items()})
        rows.append(part.assign(relation=relation))
    return pd.concat(rows, ignore_index=True)


def _generalization(table: pd.DataFrame) -> Bootstrap:
    units = ("reader_seed", "maker_seed", "identity")
    gain, reference = (
        bootstrap(table, part, ["trial", "relation"], units=units) for part in ("gain", "reference")
    )
    return gain.ratio(reference)


def simulate_generalization(design: Design, trials: int, rng: np.random.Generator) -> Rates:
    """Generalization that is just as large as the criterion."""
    found = _generalization(masks_table(design, (0.8,), trials, rng)).interval()
    # the truth of the same process, from many networks (and as many bases) and identities
    many = masks_table(Design(20, 60, 20) if design.bases else Design(40, 60), (0.8,), 60, rng)
    truth = many["gain"].mean() / many["reference"].mean()
    return Rates(float((found["low"] > truth).mean()))


def simulate_margin(design: Design, trials: int, rng: np.random.Generator) -> Rates:
    """Generalization of two relations that is equal."""
    boot = _generalization(masks_table(design, (0.8, 0.8), trials, rng))
    found = boot.difference("relation", 0, 1).interval()  # type: ignore[arg-type]
    return Rates(float((found["low"] > 0).mean()))


def simulate_components(design: Design, trials: int, rng: np.random.Generator) -> Rates:
    """Strategies and architectures explain equally much of the variance, over networks and people."""
    found = []
    for _ in range(trials):
        table, without = components_table(design, rng)
        both = (
            component_shares(table, "value", ("strategy", "architecture"), without=each)
            for each in (without, None)
        )
        margins = [each.difference("component", "strategy", "architecture").interval() for each in both]
        found.append([margin["low"][0] > 0 for margin in margins])
    return Rates(*(float(rate) for rate in np.mean(found, axis=0)))


def components_table(design: Design, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Networks of seven architectures and three strategies that differ equally, and without each person.

    People differ in each combination, and in each network of one, by as much as in the full run.
    """
    people = design.identities
    effects = rng.normal(size=7), rng.normal(size=3)
    rows, columns = (0.1 * (each - each.mean()) / each.std() for each in effects)
    shape = (7, 3, design.seeds, people)
    values = rows[:, None, None, None] + columns[:, None, None] + rng.normal(0, 0.08, (*shape[:3], 1))
    values = values + rng.normal(0, 0.24, (7, 3, 1, people)) + rng.normal(0, 0.2, shape)
    names = ("architecture", "strategy", "seed")
    table = pd.DataFrame(
        {name: each.ravel() for name, each in zip(names, np.indices(shape[:3]), strict=True)}
    )
    rest = (values.sum(-1, keepdims=True) - values) / (people - 1)
    without = table.loc[table.index.repeat(people)].assign(value=rest.ravel())
    without[WITHOUT_PERSON] = np.tile(np.arange(people), len(table))
    return table.assign(value=values.mean(-1).ravel()), without


def simulate_roc(design: Design, trials: int, rng: np.random.Generator) -> Rates:
    """The area under the ROC over networks is just as large as the criterion, .8."""
    networks = 8  # of each seed, half of which rely on the cue
    shape = (trials, design.seeds, networks)
    trial, seed, number = (each.ravel() for each in np.indices(shape))
    relies = number < networks // 2
    scores = rng.normal(size=shape).ravel() + np.sqrt(2) * norm.ppf(0.8) * relies
    table = pd.DataFrame({"trial": trial, "seed": seed, "relies": relies, "mass": scores})
    found = detection(table.assign(architecture="a", cue="b"), by=["trial"]).interval()
    return Rates(float((found["low"] > 0.8).mean()))


def simulate_association(design: Design, trials: int, rng: np.random.Generator) -> Rates:
    """Two measures of networks differ between seven architectures and three strategies, independently."""
    shape = (7, 3, design.seeds)
    architecture, network, _ = (each.ravel() for each in np.indices(shape))
    found = []
    for _ in range(trials):
        table = pd.DataFrame({"architecture": architecture, "network": network})
        for measure in ("x", "y"):
            values = rng.normal(size=(7, 1, 1)) + 0.7 * rng.normal(size=(1, 3, 1))
            table[measure] = (
                values + 0.4 * rng.normal(size=(7, 3, 1)) + 0.5 * rng.normal(size=shape)
            ).ravel()
        # uncorrected: as if each network were an architecture of its own
        alone = table.assign(architecture=range(len(table)))
        found.append(
            [
                all(rank_association(each, "x", "y", within).low > 0 for within in ([], ["network"]))
                for each in (table, alone)
            ]
        )
    return Rates(*(float(rate) for rate in np.mean(found, axis=0)))


def simulate_survival(design: Design, trials: int, rng: np.random.Generator) -> Rates:
    """Images of one direction differ, independently, in how well maps move and in how often they are lost."""
    images, levels = 2 * design.identities, 3
    seed, level, image = (each.ravel() for each in np.indices((design.seeds, levels, images)))
    found = []
    for _ in range(trials):
        # over all directions the two are linked, as a direction adds the same to both
        direction = np.arange(images) % 4
        ease, along = rng.normal(size=(2, images)) + rng.normal(size=4)[direction]
        told = pd.DataFrame({"seed": seed, "level": level, "identity": image // 2})
        told["direction"] = direction[image]
        told["along"] = along[image] + 0.5 * rng.normal(size=len(told))
        told["kept"] = ease[image] + 0.5 * rng.normal(size=len(told)) > level / 2 - 0.5
        areas = areas_by_cell(told, ["seed", "level", "direction"], "kept").assign(trial=0)
        boots = (
            mean_of_networks(areas, ["trial"]),
            bootstrap(areas, "value", ["trial"], units=("seed",)),
        )
        found.append([boot.interval()["low"].iloc[0] > 0.5 for boot in boots])
    return Rates(*(float(rate) for rate in np.mean(found, axis=0)))


NULLS: Mapping[str, Simulation] = {
    "stable-masks": simulate_generalization,
    "stable-maps": simulate_pairs,
    "stable-learned": simulate_margin,
    "across-tasks": simulate_generalization,
    "across-tasks-learned": simulate_margin,
    "pretraining-costs-more": simulate_margin,
    "comparable-accuracy": simulate_equivalence,
    "asymmetric": simulate_largest,
    "common-pixels": simulate_generalization,
    "common-pixels-learned": simulate_controls,
    "human-similarity": simulate_difference,
    "human-similarity-learned": simulate_controls,
    "cues-detected": simulate_roc,
    "cues-not-invented": simulate_mean,
    "causes-ordered": simulate_controls,
    "pretraining-most": simulate_components,
    "alexnet-least": simulate_lowest,
    "vgg-resnet-more": simulate_difference,
    "vgg-resnet-differ": simulate_both_lead,
    "more-pretraining": simulate_difference,
    "kernels-and-tolerance": simulate_association,
    "maps-move-along": simulate_difference,
    "lost-where-not-read": simulate_survival,
    "reading-goes-first": simulate_survival,
}
"""The simulation of the form that the statistic of each claim has; of several conditions, one just fails."""

OVER_PRETRAININGS = (simulate_generalization, simulate_margin)
"""Simulations of claims over networks of several pretrainings, each with bases of its own."""


def describe_null(simulation: Simulation) -> str:
    """What a simulation has set equal, in a sentence."""
    return (simulation.__doc__ or "").strip().rstrip(".")
