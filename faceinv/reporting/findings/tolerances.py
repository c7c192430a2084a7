"""What the chapters on transformations, architectures, strategies and the amount of pretraining found."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from faceinv.reporting.findings.chapter import ChapterFindings
from faceinv.reporting.findings.sources import FoundTables, at_strongest
from faceinv.reporting.findings.wording import (
    Estimate,
    NotMeasured,
    Side,
    compared_with,
    either,
    extremes,
    listed,
    number,
    numbers,
    sentence,
    sides_apart,
    strategy_words,
)

ALL_ARCHITECTURES = "all architectures"


def tolerated(tables: FoundTables) -> str:
    """Which transformation a network tolerates most and least."""
    table = tables("summaries")
    first = table["architecture"].iloc[0]
    found = numbers(table, "transformation", measure="tolerance", architecture=first)
    return extremes(f"The share of accuracy above chance that {first} keeps (tolerance)", found)


def untransformed(tables: FoundTables) -> str:
    """Accuracy before any transformation."""
    table = tables("summaries")
    first = table["architecture"].iloc[0]
    each = number(table, measure="untransformed", architecture=first)
    return f"Networks of {first} classify {each.text()} of the untransformed faces correctly."


def at_the_strongest(tables: FoundTables) -> str:
    """What is left of accuracy at the strongest level of each transformation."""
    table = tables("curves").query("curve == 'accuracy'")
    first = table["architecture"].iloc[0]
    rows = at_strongest(table[table["architecture"] == first]).to_dict("records")
    parts = [f"{row['transformation']} {row['estimate']:.2f}" for row in rows]
    if not parts:
        raise NotMeasured("curves")
    return f"Accuracy of {first} at the strongest level: {', '.join(parts)}."


def named_when_rotated(tables: FoundTables) -> str:
    """Accuracy for rotated faces."""
    table = tables("curves")
    table = table[table["curve"] == "accuracy"] if "curve" in table else table
    kind = "strategy" if "strategy" in table else "architecture"
    first = table[kind].iloc[0]
    table = table[(table["transformation"] == "rotation") & (table[kind] == first)]
    if table.empty:
        raise NotMeasured("rotation")
    whose = f"networks {strategy_words(first)}" if kind == "strategy" else first
    means = table.dropna(subset="estimate").groupby("level")["estimate"].mean()
    return (
        f"Over all test faces, the accuracy of {whose} goes from {means.iloc[0]:.2f} without rotation to "
        f"{means.iloc[-1]:.2f} at the strongest one, "
        f"{means.index[-1]:g}°."
    )


def layers_tolerate(tables: FoundTables) -> str:
    """Whether the last layer of trained networks is more tolerant than before training."""
    table = at_strongest(tables("layers"))
    deepest = table[table["depth"] == table["depth"].max()]
    groups: dict[Side, list[str]] = {"above": [], "below": [], "open": []}
    for name, rows in deepest.groupby("transformation", sort=False):
        trained = rows[rows["network"].str.endswith("trained") & ~rows["network"].str.endswith("untrained")]
        before = rows[rows["network"].str.endswith("untrained")]
        if trained["estimate"].notna().any() and before["estimate"].notna().any():
            groups[sides_apart(number(trained), number(before))].append(str(name))
    words: dict[Side, str] = {
        "above": "more tolerant",
        "below": "less tolerant",
        "open": "not reliably different",
    }
    said = [f"{words[side]} for {listed(names)}" for side, names in groups.items() if names]
    if not said:
        raise NotMeasured("layers")
    return f"Compared with the network before training, the last layer is {'; '.join(said)}."


TRANSFORMATION_FINDINGS = ChapterFindings(
    "08_transformations",
    (untransformed, tolerated, layers_tolerate),
    {
        "fig-levels": at_the_strongest,
        "fig-tolerance": at_the_strongest,
        "fig-summaries": tolerated,
        "fig-taken": named_when_rotated,
        "fig-layers": layers_tolerate,
    },
)


def means_by_strategy(tables: FoundTables) -> str:
    """Tolerance of each strategy, averaged over architectures."""
    table = tables("means").query("measure == 'tolerance'").dropna(subset="estimate")
    means = table.groupby("strategy", sort=False)["estimate"].mean()
    if means.empty:
        raise NotMeasured("tolerance")
    ordered = means.sort_values(ascending=False).items()
    shown = listed([f"{strategy_words(str(name))} {value:.2f}" for name, value in ordered])
    return f"Mean tolerance over architectures: {shown}."


def gains_at_matched_accuracy(tables: FoundTables) -> str:
    """What pretraining gains over training from scratch, at the same accuracy."""
    table = tables("gains")
    table = table[table["measure"] == "matched accuracy"]
    said = [
        f"pretraining on {str(strategy).split(',')[0]}{_gain_of_strategy(rows)}"
        for strategy, rows in table.groupby("strategy", sort=False)
    ]
    if not said:
        raise NotMeasured("matched accuracy")
    return f"At the same accuracy, {listed(said)}."


def _gain_of_strategy(rows: pd.DataFrame) -> str:
    """What follows the name of a strategy: the mean of its gains, or those of the architectures compared."""
    words = ("raises tolerance{}", "lowers tolerance{}", "does not change tolerance reliably{}")
    of_all = rows["architecture"] == ALL_ARCHITECTURES
    if rows.loc[of_all, "estimate"].notna().any():
        mean = number(rows[of_all])
        return f" {either(mean.side(), *words).format('')} ({mean.text('+.2f')})"
    known = rows[~of_all].dropna(subset="estimate")
    if known.empty:
        return " could be compared in no architecture"
    above, below, undecided = (each.format(" in {}") for each in words)
    some = compared_with(numbers(known, "architecture"), above, below, undecided)
    return f", which could be compared in {len(known)} of {(~of_all).sum()} architectures only, {some}"


def gains_by_measure(tables: FoundTables) -> str:
    """In how many architectures pretraining gains, by measure."""
    table = tables("gains")
    table = table[table["architecture"] != ALL_ARCHITECTURES]
    table = table.dropna(subset="estimate")
    said = []
    for strategy, rows in table.groupby("strategy", sort=False):
        parts = []
        for measure, known in rows.groupby("measure", sort=False):
            up, down = int((known["low"] > 0).sum()), int((known["high"] < 0).sum())
            what = "accuracy" if measure == "untransformed" else measure
            lost = f" (a reliable loss in {down})" if down else ""
            parts.append(f"{what} {up} of {len(known)}{lost}")
        said.append(f"{sentence(strategy_words(str(strategy)))}: {', '.join(parts)}.")
    if not said:
        raise NotMeasured("gains")
    none = "" if (table["high"] < 0).any() else " (none loses reliably)"
    return f"Number of architectures with a reliable gain over training from scratch{none}. {' '.join(said)}"


def in_words(found: list[Estimate]) -> list[Estimate]:
    """Numbers named by architecture and strategy, with names in the words of a sentence."""
    parts = [each.name.partition(", ") for each in found]
    names = [f"{architecture} {strategy_words(strategy)}" for architecture, _, strategy in parts]
    return [replace(each, name=name) for each, name in zip(found, names, strict=True)]


def tolerance_by_learning(tables: FoundTables) -> str:
    """Tolerance of each strategy, and what pretraining adds at the same accuracy, as far as known."""
    said = []
    for each in (means_by_strategy, gains_at_matched_accuracy):
        try:
            said.append(each(tables))
        except NotMeasured:
            continue
    if not said:
        raise NotMeasured("tolerance")
    return " ".join(said)


def variance_shares(tables: FoundTables) -> str:
    """Whether strategy or architecture explains more of the variance of tolerance."""
    table = tables("variance")
    table = table[(table["transformation"] == "mean of all")]
    said = []
    for images in dict.fromkeys(table["images"]):
        strategy, architecture = (
            number(table, images=images, component=name) for name in ("strategy", "architecture")
        )
        word = either(
            sides_apart(strategy, architecture), "more than", "less than", "not reliably more or less than"
        )
        said.append(
            f"on {images}, the strategy explains {strategy.text('.0%')}, {word} the architecture "
            f"({architecture.text('.0%')})"
        )
    if not said:
        raise NotMeasured("variance")
    return f"Of the variance of tolerance, {'; '.join(said)}."


def tolerant_architectures(tables: FoundTables) -> str:
    """Which architecture is most and least tolerant when trained from scratch."""
    return _of_scratch(tables("means").query("measure == 'tolerance'"), "Trained from scratch, tolerance")


def _of_scratch(table: pd.DataFrame, what: str) -> str:
    return extremes(what, numbers(table, "architecture", strategy="scratch"))


def accurate_kinds(tables: FoundTables) -> str:
    """Which kind of network is most accurate on untransformed faces."""
    return extremes(
        "Accuracy on untransformed faces",
        in_words(numbers(tables("untransformed"), "architecture", ("strategy"))),
    )


def strongest_of_all(tables: FoundTables) -> str:
    """Mean accuracy over architectures at the strongest level, from scratch."""
    table = tables("curves")
    means = at_strongest(table).groupby("strategy", sort=False)["estimate"].mean()
    shown = listed([f"{strategy_words(str(name))} {value:.2f}" for name, value in means.items()])
    return f"Mean accuracy at the strongest levels of networks: {shown}."


def paths_end(tables: FoundTables) -> str:
    """Tolerance at the end of training."""
    table = (
        tables("paths")
        .query("share == 1")
        .rename(columns={"estimate_y": "estimate", "low_y": "low", "high_y": "high"})
    )
    return extremes("At the end of training, tolerance", in_words(numbers(table, "architecture", "strategy")))


def probes_tolerate(tables: FoundTables) -> str:
    """Which frozen features are most tolerant."""
    table = tables("frozen").query("measure == 'tolerance'").dropna(subset="estimate")
    means = table.groupby("pretraining", sort=False)["estimate"].mean()
    if means.empty:
        raise NotMeasured("frozen")
    *others, last = [f"{name} {value:.2f}" for name, value in means.items()]
    shown = f"{', '.join(others)} and {last}" if others else last
    return f"Mean tolerance of frozen features, by pretraining: {shown}."


def inside_by_strategy(tables: FoundTables) -> str:
    """Which strategy has the most tolerant last layer."""
    table = tables("layers")
    deepest = table[table["depth"] == table.groupby("architecture")["depth"].transform("max")]
    means = deepest.groupby("strategy", sort=False)["estimate"].mean().dropna()
    if means.empty:
        raise NotMeasured("layers")
    shown = listed([f"{strategy_words(str(name))} {value:.2f}" for name, value in means.items()])
    return f"Similarity of the last layer before and after a transformation: {shown}."


def augmentation_or_images(tables: FoundTables) -> str:
    """Whether wide augmentation alone makes networks from scratch as tolerant as pretraining does."""
    table = tables("controls").query("measure == 'tolerance'")
    first = table["architecture"].iloc[0] if len(table) else ""
    found = numbers(table, "strategy", "augmentation", architecture=first)
    return extremes(f"Tolerance of {first}", found)


def alexnets_compared(tables: FoundTables) -> str:
    """Whether batch normalisation changes AlexNet's tolerance."""
    table = tables("alexnets").query("measure == 'tolerance'")
    with_norm, without = (number(table, name, architecture=name) for name in ("alexnet_bn", "alexnet"))
    word = either(sides_apart(with_norm, without), "more", "less", "not reliably more or less")
    return (
        f"AlexNet with batch normalisation is {word} tolerant ({with_norm.text()}) than without "
        f"({without.text()})."
    )


STRATEGIES_FOUND = ChapterFindings(
    "09_architecture_and_strategy",
    (means_by_strategy, gains_at_matched_accuracy, variance_shares),
    {
        "fig-untransformed": accurate_kinds,
        "fig-absolute": strongest_of_all,
        "fig-named-by-strategy": named_when_rotated,
        "fig-paths": paths_end,
        "fig-gains": gains_by_measure,
        "fig-summaries-by-strategy": tolerant_architectures,
        "fig-probes": probes_tolerate,
        "fig-variance": variance_shares,
        "fig-inside": inside_by_strategy,
        "fig-controls": augmentation_or_images,
        "fig-plain-alexnet": alexnets_compared,
    },
)
