"""What the chapters on relevance maps and masks found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from faceinv.reporting.findings.chapter import ChapterFindings
from faceinv.reporting.findings.sources import FoundTables
from faceinv.reporting.findings.wording import (
    Estimate,
    Side,
    by_side,
    compared_with,
    each_listed,
    either,
    extremes,
    listed,
    number,
    numbers,
    sides_apart,
)

OTHER_SEED, OTHER_FACE, UNTRAINED, CONTRAST = (
    "another seed",
    "another seed, another face",
    "untrained network",
    "local contrast",
)
MOST = "most relevant"
DEGREES = ("more", "less", "not reliably more")
PROFILE_OF_UNTRAINED = "untrained, most relevant"


def seeds_agree(tables: FoundTables) -> str:
    """Whether maps of two seeds agree more than maps of two faces."""
    table, said = tables("agreement"), []
    for task in _tasks(table):
        seed, face = (number(table, task=task, compared=name) for name in (OTHER_SEED, OTHER_FACE))
        word = either(sides_apart(seed, face), "more than", "less than", "not reliably more than")
        said.append(f"at {seed.text()} for {task}, {word} maps of two faces ({face.text()})")
    return f"Maps of one face by two networks that differ in their seed correlate {'; '.join(said)}."


def seeds_and_controls(tables: FoundTables) -> str:
    """Whether this agreement exceeds that with an untrained network and with local contrast."""
    table = tables("margins")
    found = {
        task: [number(table, _with(name), task=task, than=name) for name in (UNTRAINED, CONTRAST)]
        for task in _tasks(table)
    }
    sides: set[Side] = {each.side() for own in found.values() for each in own}
    degrees = tuple(f"{word} with each other than with" for word in DEGREES)
    if len(sides) == 1:
        lists = "; ".join(f"for {task}, {each_listed(own, '+.2f')}" for task, own in found.items())
        degree = either(sides.pop(), *degrees)
        return f"Maps of two seeds agree {degree} controls in which nothing was learned: {lists}."
    more, less, neither = (f"{degree} {{}}" for degree in degrees)
    said = [f"for {task}, {compared_with(own, more, less, neither)}" for task, own in found.items()]
    return f"Maps of two seeds, beside controls in which nothing was learned, agree, {'; '.join(said)}."


def trained_and_untrained(tables: FoundTables) -> str:
    """How similar maps are before and after training."""
    table = tables("agreement")
    found = numbers(table, "task", compared=UNTRAINED)
    return (
        "Rank correlation of the maps of one image by a trained and an untrained network, averaged over "
        f"images: {each_listed(found)}."
    )


def classes_share_maps(tables: FoundTables) -> str:
    """How similar the maps of two classes are under the usual composite and under the most specific one."""
    table, composite, said = tables("classes"), tables.composite, []
    for task in _tasks(table):
        found = numbers(table, "composite", task=task, compared="another class")
        own = next((each for each in found if each.name == composite), found[0])
        least = min(found, key=lambda each: each.estimate)
        said.append(
            f"for {task} at {own.text()} under {own.name}"
            + ("" if least == own else f", and least under {least.name} ({least.text()})")
        )
    return f"Maps of the answer and of the strongest other class correlate {'; '.join(said)}."


def composites_apart(tables: FoundTables) -> str:
    """Under which composite maps of two classes are most and least alike."""
    table = tables("classes")
    found = numbers(table, "composite", task=_tasks(table)[-1], compared="another class")
    return extremes(f"For {_tasks(table)[-1]}, the correlation of the maps of two classes", found)


def conserved_share(tables: FoundTables) -> str:
    """How much relevance reaches the pixels."""
    table = tables("conserved").query("measure == 'sum'")
    means = table.groupby("composite", as_index=False, sort=False)["estimate"].median()
    return extremes(
        "The share of relevance that reaches the pixels (median over architectures)",
        numbers(means, "composite"),
    )


def background_by_pretraining(tables: FoundTables) -> str:
    """How much relevance of networks with different pretraining lies on the background."""
    table = tables("shares", chapter="06_regions").query("maps == 'trained' and region == 'background'")
    return " ".join(
        extremes(
            f"For {task}, the share of relevance on the background",
            numbers(table, "pretraining", task=task),
            ".1%",
        )
        for task in _tasks(table)
    )


RELEVANCE = ChapterFindings(
    "03_relevance",
    (seeds_agree, seeds_and_controls, classes_share_maps),
    {
        "fig-maps": seeds_agree,
        "fig-mean": trained_and_untrained,
        "fig-cells": background_by_pretraining,
        "fig-composites": composites_apart,
        "fig-conserved": conserved_share,
        "fig-classes": classes_share_maps,
        "fig-agreement": seeds_and_controls,
    },
    reads=("06_regions",),
)


SMALL_SHARE = "If 10 to 30 % of the pixels are kept, the most relevant ones keep"


def gain_over(tables: FoundTables, controls: Sequence[str], lead: str = SMALL_SHARE) -> str:
    """Whether the most relevant pixels keep more accuracy than those of controls."""
    table, said = tables("differences"), []
    for task in _tasks(table):
        found = [number(table, _mask(control), task=task, against=control) for control in controls]
        words = ("more accuracy than {}", "less accuracy than {}", "not reliably more accuracy than {}")
        said.append(f"for {task}, {compared_with(found, *words)}")
    return f"{lead}, {'; '.join(said)}."


def over_random(tables: FoundTables) -> str:
    """Whether relevance says anything at all."""
    return gain_over(tables, ("random", "least relevant"))


def beside_hard_controls(tables: FoundTables) -> str:
    """Whether relevance says more than an untrained network and local contrast."""
    return gain_over(
        tables, (PROFILE_OF_UNTRAINED, CONTRAST), ("Beside controls in which nothing was learned, they keep")
    )


def pixels_that_matter(tables: FoundTables) -> str:
    """Whether relevant pixels are better than random ones, and than local contrast, in one sentence."""
    table = tables("differences")
    said = []
    for control, name in (("random", "random ones"), (CONTRAST, "those of highest local contrast")):
        found = [number(table, task, task=task, against=control) for task in _tasks(table)]
        more, less, neither = (f"{word} accurate than with {name} for {{}}" for word in DEGREES)
        said.append(compared_with(found, more, less, neither))
    return (
        f"With the 10 to 30 % most relevant pixels, networks are {said[0]}; they are {said[1]}, which "
        "take no "
        "network to find."
    )


def over_all_controls(tables: FoundTables) -> str:
    """Which controls the most relevant pixels exceed."""
    table = tables("differences")
    return " ".join(
        by_side(
            [replace(each, name=_mask(each.name)) for each in numbers(table, "against", task=task)],
            f"For {task}, the most relevant pixels keep more accuracy than {{}}.",
            f"For {task}, they keep less than {{}}.",
            f"For {task}, there is no reliable difference from {{}}.",
        )
        for task in _tasks(table)
    )


def accuracy_left(tables: FoundTables, fraction: float) -> str:
    """Accuracy with a small share of the pixels, and with all of them."""
    table, said = tables("curves"), []
    nearest = min(set(table["fraction"]), key=lambda each: abs(each - fraction))
    for task in _tasks(table):
        most, random = (number(table, task=task, mask=name, fraction=nearest) for name in (MOST, "random"))
        whole = number(table, task=task, mask=MOST, fraction=table["fraction"].max())
        said.append(
            f"for {task}, {most.estimate:.2f} (random pixels {random.estimate:.2f}, whole images "
            f"{whole.estimate:.2f})"
        )
    return f"Accuracy with the {100 * nearest:.0f} % most relevant pixels: {'; '.join(said)}."


def by_start(tables: FoundTables) -> str:
    """Whether pretraining changes by how much the most relevant pixels exceed local contrast."""
    table = tables("by_pretraining")
    return " ".join(
        extremes(
            f"For {task}, the advantage over local contrast",
            numbers(table, "pretraining", task=task, against=CONTRAST),
            "+.2f",
        )
        for task in _tasks(table)
    )


def choices_learned(tables: FoundTables) -> str:
    """Under which choices maps of trained networks are better than those before training."""
    table, said = tables("choices"), []
    for task in _tasks(table):
        trained = {each.name: each for each in numbers(table, "choice", task=task, maps="trained")}
        before = {each.name: each for each in numbers(table, "choice", task=task, maps="untrained")}
        better = [
            name
            for name, each in trained.items()
            if name in before and sides_apart(each, before[name]) == "above"
        ]
        best = max(trained.values(), key=lambda each: each.estimate)
        said.append(
            f"for {task}, the gain is highest under {best.name} ({best.text()}), and reliably higher than "
            "before training "
            f"for {len(better)} of {len(trained)} choices"
        )
    return f"Symmetric relevance gain: {'; '.join(said)}."


def fills_matter(tables: FoundTables) -> str:
    """With which fills the most relevant pixels exceed random ones."""
    table = tables("fills")
    return " ".join(
        by_side(
            numbers(table, "fill", task=task, over="random"),
            f"For {task}, relevance keeps more accuracy than random pixels with {{}}.",
            f"For {task}, it keeps less with {{}}.",
            f"For {task}, the difference is undecided with {{}}.",
        )
        for task in _tasks(table)
    )


def after_retraining(tables: FoundTables) -> str:
    """What remains once networks are used to masks."""
    table, said = tables("retrained"), []
    own = next(name for name in dict.fromkeys(table["network"]) if name.startswith("retrained"))
    for task in _tasks(table):
        found = numbers(table, "against", task=task, network=own)
        exceeded = [each for each in found if each.side() == "above"]
        rest = [each for each in found if each.side() != "above"]
        said.append(
            f"for {task}, the most relevant pixels "
            + (
                f"still keep more accuracy than {_masks(exceeded)}"
                if exceeded
                else "do not keep reliably more accuracy than any control"
            )
            + (f", and not reliably more than {_masks(rest, 'or')}" if exceeded and rest else "")
        )
    return f"In networks that are used to masks, {'; '.join(said)}."


def methods_compared(tables: FoundTables) -> str:
    """Which attribution method makes the best and the worst masks."""
    table = tables("methods")
    return " ".join(
        extremes(f"For {task}, the symmetric relevance gain", numbers(table, "method", task=task))
        for task in _tasks(table)
    )


MASKING = ChapterFindings(
    "04_masking",
    (over_random, beside_hard_controls, after_retraining),
    {
        "fig-left": lambda tables: accuracy_left(tables, 0.2),
        "fig-curves": lambda tables: accuracy_left(tables, 0.1),
        "fig-differences": over_all_controls,
        "fig-pretrainings": by_start,
        "fig-choices": choices_learned,
        "fig-fills": fills_matter,
        "fig-retrained": after_retraining,
        "fig-methods-masked": methods_compared,
    },
)


def _tasks(table: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(table["task"]))


def _with(control: str) -> str:
    return f"the {control}" if control == UNTRAINED else f"the {control} of the image"


def _mask(name: str) -> str:
    """A mask in the words of a sentence."""
    words = {
        "random": "random pixels",
        "least relevant": "the least relevant ones",
        PROFILE_OF_UNTRAINED: "those of the untrained network",
        "untrained, least relevant": "the least relevant ones of the untrained network",
        CONTRAST: "those of highest local contrast",
        "central contrast": "those of high contrast near the centre",
        "centre": "those at the centre",
        "edges": "those at edges",
        "mean face": "those in which the mean face has contrast",
    }
    return words.get(name, name)


def _masks(found: Sequence[Estimate], word: str = "and") -> str:
    return listed([f"{_mask(each.name)} ({each.text('+.2f')})" for each in found], word)
