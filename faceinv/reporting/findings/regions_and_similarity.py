"""What the chapters on facial regions and on the similarity of faces found."""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt

import pandas as pd

from faceinv.reporting.findings.chapter import ChapterFindings
from faceinv.reporting.findings.sources import FoundTables
from faceinv.reporting.findings.wording import (
    Estimate,
    compared_with,
    each_listed,
    either,
    extremes,
    kind_words,
    listed,
    number,
    numbers,
    sides_apart,
    strategy_words,
)

ELSEWHERE = "background"


def training_changes(tables: FoundTables) -> str:
    """Which regions gain and lose relevance by training, over all kinds of network."""
    table, said = tables("learned"), []
    if {"low_all", "high_all"} <= set(table):  # a table of another run may have one pair of limits alone
        table = table.assign(low=table["low_all"], high=table["high_all"])
    for task in dict.fromkeys(table["task"]):
        found = numbers(table, "region", "pretraining", task=task)
        kinds = len({each.name.split(", ")[1] for each in found})
        up, down = (
            _regions([each for each in found if each.side() == side], kinds) for side in ("above", "below")
        )
        if up or down:
            said.append(
                f"for {task}, training increases the relevance of {up or 'no region'}, and decreases that "
                f"of {down or 'none'}"
            )
        else:
            said.append(f"for {task}, training changes the share of no region reliably")
    text, counted, rest = f"{'; '.join(said)}.".partition(COUNTED)
    return text + counted + rest.replace(COUNTED, "")  # which need not be said of each number


COUNTED = " kinds of network"


def _regions(found: Sequence[Estimate], kinds: int) -> str:
    """Regions, with the number of kinds of network for which they change alike if that is not all."""
    counts: dict[str, int] = {}
    for each in found:
        name = each.name.split(", ")[0]
        counts[name] = counts.get(name, 0) + 1
    shown = []
    for count in sorted(set(counts.values()), reverse=True):
        names = listed([name for name in counts if counts[name] == count])
        shown.append(names if count == kinds else f"{names} ({count} of {kinds}{COUNTED})")
    return listed(shown) if shown else ""


def background_read(tables: FoundTables) -> str:
    """Which networks put more relevance on the background."""
    table, said = tables("shares").query("maps == 'trained' and region == @ELSEWHERE"), []
    for task in dict.fromkeys(table["task"]):
        found = sorted(numbers(table, "pretraining", task=task), key=lambda each: -each.estimate)
        if len(found) == 1:
            said.append(f"for {task}, {found[0].text('.1%')}")
            continue
        most, least = found[0], found[-1]
        sure = either(sides_apart(most, least), "", "", ", with intervals that overlap")
        said.append(
            f"for {task}, {_start(most)} most ({most.text('.1%')}) and {_start(least)} least "
            f"({least.text('.1%')}){sure}"
        )
    return f"Relevance on the background, where there is no face: {'; '.join(said)}."


def first_pretraining(tables: FoundTables, table: pd.DataFrame) -> str:
    """The first of the pretrainings that the run was given, which the figures show, if the table has it."""
    given = [*tables.parameters.get("pretrainings", ()), *table["pretraining"]]
    there = set(table["pretraining"])
    return next(str(name) for name in given if name in there)


def dense_regions(tables: FoundTables) -> str:
    """Where relevance is densest, and whether it is so before training."""
    table = tables("densities")
    first = first_pretraining(tables, table)
    said = []
    for task in dict.fromkeys(table["task"]):
        own = {"pretraining": first, "task": task}
        best = max(numbers(table, "region", maps="trained", **own), key=lambda each: each.estimate)
        before = number(table, maps="untrained", region=best.name, **own)
        word = either(sides_apart(best, before), "more", "less", "not reliably more")
        said.append(
            f"for {task} on the {best.name}, {best.text()} times the mean of the image, {word} than "
            f"before training ({before.text()})"
        )
    return f"In networks {strategy_words(first)}, relevance is densest {'; '.join(said)}."


def largest_shares(tables: FoundTables) -> str:
    """Which region has the largest share of relevance, beside its share of the image."""
    table, said = tables("shares"), []
    first = first_pretraining(tables, table)
    for task in dict.fromkeys(table["task"]):
        own = {"pretraining": first, "task": task}
        best = max(numbers(table, "region", maps="trained", **own), key=lambda each: each.estimate)
        area = number(table, maps="area", region=best.name, **own)
        said.append(
            f"for {task}, the {best.name} ({best.text('.0%')}, on {100 * area.estimate:.0f} % of the image)"
        )
    return (
        f"In networks {strategy_words(first)}, the region with the largest share of relevance is, "
        f"{'; '.join(said)}."
    )


def painted_regions(tables: FoundTables) -> str:
    """Which region of the face covers most of the image."""
    table = tables("shares").query("maps == 'area' and region != @ELSEWHERE")
    table = table[table["pretraining"] == table["pretraining"].iloc[0]]
    task = table["task"].iloc[0]
    return extremes("The share of the image that a region covers", numbers(table, "region", task=task), ".1%")


REGIONS_FOUND = ChapterFindings(
    "06_regions",
    (training_changes, background_read, dense_regions),
    {
        "fig-painted": painted_regions,
        "fig-share": largest_shares,
        "fig-density": dense_regions,
        "fig-learned": training_changes,
    },
)


def _start(each: Estimate) -> str:
    return "networks without pretraining" if each.name == "none" else f"{each.name}-pretrained networks"


def weighting_changes(tables: FoundTables) -> str:
    """Whether weighting pixels by relevance brings them closer to the reference."""
    each = number(tables("weighted"), minus="pixels")
    what = "the similarity of faces"
    words = either(
        each.side(),
        f"brings {what} closer to",
        f"takes {what} further from",
        f"brings {what} not reliably closer to or further from",
    )
    return (
        f"Weighting pixels by their relevance {words} the {_reference(tables)} (rank correlation "
        f"{each.text('+.2f')})."
    )


def weights_learned(tables: FoundTables) -> str:
    """Whether the weights have to come from a trained network."""
    table = tables("weighted")
    names = {
        "untrained relevance": "weights of untrained networks",
        "local contrast": "weights by local contrast",
    }
    found = [number(table, words, minus=name) for name, words in names.items()]
    words = ("better than {}", "worse than {}", "not reliably different from {}")
    return f"Weights of trained networks are {compared_with(found, *words)}."


def closest_similarity(tables: FoundTables) -> str:
    """Which similarity is closest to the reference."""
    table = tables("closeness")
    plain = number(table, kind="pixels")
    own = table[table["network"] != "no network"].reset_index(drop=True)
    first = own.loc[own["estimate"].idxmax()]
    best = number(own, kind=first["kind"], network=first["network"])
    words = similarity_words(first["kind"], f"{first['pretraining']}, {first['task']}")
    return (
        f"Of the similarities by networks, that by {words} is closest to the {_reference(tables)}, at "
        f"{best.text()}; plain pixels reach {plain.text()}."
    )


def similarity_words(kind: str, network: str) -> str:
    """A similarity by a network as part of a sentence.

    Parameters
    ----------
    kind : see `faceinv.experiments.relevance.face_similarity.SIMILARITIES`
    network : pretraining and task, such as ``objects, gender``
    """
    of, _, untrained = kind.partition(", ")
    return f"{of} of {kind_words(network)}" + (", before any training" if untrained else "")


def pairs_compared(tables: FoundTables) -> str:
    """How many faces and pairs are compared."""
    pairs = len(tables("pairs"))
    faces = (1 + isqrt(1 + 8 * pairs)) // 2
    return f"{faces} faces of people on whom no network was trained make {pairs} pairs."


def no_people(tables: FoundTables) -> str:
    """Whether people were asked."""
    if tables.parameters.get("ratings"):
        return (
            "The reference is ratings by people; similarities by "
            f"{each_listed(numbers(tables('closeness'), 'kind', network='no network'))}."
        )
    return "The reference is a model of early vision, so nothing here is a finding about people."


SIMILARITY = ChapterFindings(
    "07_humans",
    (weighting_changes, weights_learned, closest_similarity, no_people),
    {
        "fig-compared": pairs_compared,
        "fig-closeness": closest_similarity,
        "fig-weighted": weights_learned,
    },
)


def _reference(tables: FoundTables) -> str:
    """Name of the reference: a table of ratings, or else the model."""
    return "ratings by people" if tables.parameters.get("ratings") else "Gabor-jet model"
