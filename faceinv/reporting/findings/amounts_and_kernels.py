"""What the chapters on the amount of pretraining and on first layers found."""

from __future__ import annotations

from dataclasses import replace
from math import isnan

import pandas as pd

from faceinv.reporting.findings.chapter import ChapterFindings
from faceinv.reporting.findings.sources import FoundTables
from faceinv.reporting.findings.tolerances import in_words
from faceinv.reporting.findings.wording import (
    Estimate,
    NotMeasured,
    compared_with,
    either,
    extremes,
    listed,
    number,
    numbers,
    sides_apart,
    strategy_words,
)


def by_condition(tables: FoundTables) -> str:
    """Which pretraining gives the most tolerant networks."""
    table = tables("amounts").query("measure == 'tolerance'").dropna(subset="estimate")
    if table.empty:
        raise NotMeasured("amounts")
    return " ".join(
        extremes(f"Tolerance of {name} by pretraining", numbers(table, "condition", architecture=name))
        for name in dict.fromkeys(table["architecture"])
    )


def questions_answered(tables: FoundTables) -> str:
    """Which property of pretraining changes tolerance on matched images."""
    table = tables("questions")
    measure = "matched" if (table["measure"] == "matched").any() else "tolerance"
    found = [
        replace(each, name=f"{_of_set(condition)} in {architecture}")
        for each in numbers(table, "architecture", "condition", measure=measure)
        for architecture, _, condition in [each.name.partition(", ")]
    ]
    images = "On matched images, compared" if measure == "matched" else "Compared"
    words = ("more tolerant", "less tolerant", "not reliably more or less tolerant")
    above, below, undecided = (f"are {word} after pretraining on {{}}" for word in words)
    ordered = sorted(dict.fromkeys(found), key=lambda each: -each.estimate)  # a base may answer two questions
    said = compared_with(ordered, above, below, undecided)
    return f"{images} with pretraining on the whole set, networks {said}."


def _of_set(condition: str) -> str:
    """A condition as part of a sentence: a set, or a part such as ``1/4 of the images of objects``."""
    name, _, part = condition.partition(", ")
    return f"{part} of {name}" if part else name


def amount_matters(tables: FoundTables) -> str:
    """Whether more pretraining makes networks more tolerant, by the verdict of the claim."""
    for claim, judgement in tables.verdicts():
        if claim.id == "more-pretraining" and judgement.margins:
            parts = [
                f"{name} {Estimate('', *row[:3]).text('+.2f')}"
                for name, row in judgement.margins.items()
                if not isnan(row[0])
            ]
            return (
                f"The whole pretraining set compared with its smallest part: {', '.join(parts)}; that "
                "more pretraining makes "
                f"networks more tolerant is {judgement.verdict}."
            )
    raise NotMeasured("more-pretraining")


def stages_needed(tables: FoundTables) -> str:
    """Tolerance by how many stages are taken over."""
    table, said = tables("stages"), []
    for measure in ("untransformed", "tolerance"):
        for name in dict.fromkeys(table["architecture"]):
            rows = (
                table[(table["measure"] == measure) & (table["architecture"] == name)]
                .dropna(subset="estimate")
                .sort_values("stages")
            )
            if len(rows) > 1:
                none, every = number(rows.iloc[:1]), number(rows.iloc[-1:])
                word = either(sides_apart(every, none), "rises", "falls", "does not change reliably")
                what = "accuracy" if measure == "untransformed" else measure
                said.append(f"{what} of {name} {word}, from {none.text()} to {every.text()}")
    if not said:
        raise NotMeasured("stages")
    return f"From no stage to all stages of the base, {'; '.join(said)}."


def familiar_people(tables: FoundTables) -> str:
    """Whether familiar people are recognised under stronger transformations."""
    for claim, judgement in tables.verdicts():
        if claim.id == "familiar-novel" and not isnan(judgement.estimate):
            each = Estimate("", judgement.estimate, judgement.low, judgement.high)
            word = either(each.side(), "more", "less", "not reliably more or less")
            return (
                f"Networks pretrained on faces are {word} tolerant for people of the pretraining set "
                f"({each.text('+.2f')})."
            )
    raise NotMeasured("familiar-novel")


def familiar_accuracy(tables: FoundTables) -> str:
    """Accuracy for familiar and novel people."""
    table = tables("familiar").query("measure == 'untransformed'")
    first = table["architecture"].iloc[0]
    said = []
    for strategy, rows in table[table["architecture"] == first].groupby("strategy", sort=False):
        each = [f"{row.text()} for {row.name}" for row in numbers(rows, "people")]
        said.append(f"{strategy_words(str(strategy))}, {listed(each)} people")
    return f"Accuracy of {first} on untransformed faces: {'; '.join(said)}."


AMOUNTS = ChapterFindings(
    "10_how_much_pretraining",
    (by_condition, amount_matters, familiar_people),
    {
        "fig-amount": by_condition,
        "fig-questions": questions_answered,
        "fig-amount-curves": by_condition,
        "fig-stages": stages_needed,
        "fig-familiar": familiar_accuracy,
    },
)


SELECTIVITY = "selectivity"
FREQUENCY = "cycles per image"


def training_selects(tables: FoundTables) -> str:
    """In which architectures training makes the first filters selective for orientation."""
    table = tables("changes")
    return " ".join(_changed(table, strategy, SELECTIVITY) for strategy in dict.fromkeys(table["network"]))


def _changed(table: pd.DataFrame, strategy: str, measure: str) -> str:
    found = numbers(table, "architecture", network=strategy, measure=measure)
    sides = [(word, [each.name for each in found if each.side() == side]) for side, word in SIDES_OF_CHANGE]
    said = [f"{word} in {listed(names)}" for word, names in sides if names]
    what = "the preferred frequency" if measure == FREQUENCY else measure
    return f"After {_trained(strategy)}, {what} of the first filters is {'; '.join(said)}."


SIDES_OF_CHANGE = (("above", "higher"), ("below", "lower"), ("open", "not reliably changed"))


def _trained(strategy: str) -> str:
    return "training from scratch" if strategy == "scratch" else f"pretraining on {strategy.split(',')[0]}"


def all_changes(tables: FoundTables) -> str:
    """What training from scratch changes in the first filters."""
    table = tables("changes")
    first = table["network"].iloc[0]
    return " ".join(_changed(table, first, measure) for measure in dict.fromkeys(table["measure"]))


def selective_networks(tables: FoundTables) -> str:
    """Which first filters are most selective for orientation."""
    return extremes(
        "Selectivity for orientation",
        in_words(numbers(tables("measures"), "architecture", "network", measure=SELECTIVITY)),
    )


def spatial_frequency(tables: FoundTables) -> str:
    """Which first filters prefer the finest patterns."""
    return extremes(
        "The preferred frequency, in cycles per image,",
        in_words(numbers(tables("measures"), "architecture", "network", measure=FREQUENCY)),
        ".1f",
    )


def preferred_orientations(tables: FoundTables) -> str:
    """Which orientation filters prefer, beside untrained ones."""
    table, said = tables("orientations"), []
    for name in dict.fromkeys(table["network"]):
        best = max(numbers(table, "bin", network=name), key=lambda each: each.estimate)
        said.append(f"{strategy_words(name)} {best.name}° ({best.text('.0%')})")
    return f"The most frequent orientation of filters of networks: {'; '.join(said)}."


def selectivity_and_tolerance(tables: FoundTables) -> str:
    """Whether networks with more selective first filters tolerate more."""
    found = [
        replace(each, name=each.name if each.name.startswith("within") else f"among {each.name}")
        for each in numbers(tables("associations"), "networks compared")
    ]
    words = ("are more tolerant {}", "are less tolerant {}", "are not reliably more or less tolerant {}")
    return (
        f"Networks with more selective first filters {compared_with(found, *words)}; numbers are rank "
        "correlations."
    )


KERNELS = ChapterFindings(
    "11_kernels",
    (training_selects, selectivity_and_tolerance),
    {
        "fig-filters": all_changes,
        "fig-common": selective_networks,
        "fig-measures": spatial_frequency,
        "fig-changes": training_selects,
        "fig-orientations": preferred_orientations,
        "fig-kernels-and-tolerance": selectivity_and_tolerance,
    },
)
