"""What the chapter on generalization found."""

from __future__ import annotations

from dataclasses import replace
from math import isnan

import pandas as pd

from faceinv.reporting.findings.chapter import ChapterFindings
from faceinv.reporting.findings.sources import FoundTables
from faceinv.reporting.findings.wording import (
    Estimate,
    NotMeasured,
    by_side,
    compared_with,
    either,
    extremes,
    kind_words,
    listed,
    number,
    numbers,
    sentence,
    sides_apart,
)

RELATIONS = {
    "other seed": "another seed",
    "other task": "the other task",
    "other pretraining": "another pretraining",
}
CONTROL_RELATIONS = ("local contrast", "untrained", "random")


def masks_exchanged(tables: FoundTables) -> str:
    """How well a mask of one network works for another, by what differs between them."""
    table = tables("relations")
    groups = [name for name in dict.fromkeys(table["group"]) if "none" not in name] or list(
        table["group"].unique()
    )
    said = []
    for relation, words in RELATIONS.items():
        found = [_optional(table, name, group=name, relation=relation) for name in groups]
        known = [each for each in found if each]
        if known:
            said.append(f"{words} {listed([f'{each.estimate:.2f} ({each.name})' for each in known])}")
    if not said:
        raise NotMeasured("relations")
    return (
        "With the mask of another network, pretrained networks reach this share of the accuracy above "
        "chance that they "
        f"reach with their own: {'; '.join(said)}."
    )


def margins_over_controls(tables: FoundTables) -> str:
    """Whether masks of another seed exceed masks in which nothing was learned."""
    table = tables("margins")
    names = {"untrained network": "an untrained network", "local contrast": "local contrast"}
    found = [number(table, words, mask="other seed", over=name) for name, words in names.items()]
    words = ("exceed those of {}", "fall short of those of {}", "do not reliably exceed those of {}")
    return f"Masks of another seed {compared_with(found, *words)}."


def best_makers(tables: FoundTables) -> str:
    """Which networks make the best and the worst masks for others."""
    table = tables("makers")
    means = sorted(numbers(table, "a", of="maker", b=""), key=lambda each: -each.estimate)
    if len(means) < 2:
        raise NotMeasured("makers")
    best, worst = means[0], means[-1]
    apart = number(table, of="maker", a=best.name, b=worst.name)
    sure = either(apart.side(), "a difference of", "a difference of", "a difference that is not reliable,")
    text = sentence(
        f"{kind_words(best.name)} make the best masks for others ({best.text()}), and "
        f"{kind_words(worst.name)} the worst ({worst.text()}): {sure} {apart.text('+.2f')}."
    )
    differences = table[(table["of"] == "pretraining") & (table["b"] != "") & table["estimate"].notna()]
    for row in differences.to_dict("records"):
        each = Estimate("", row["estimate"], row["low"], row["high"])
        word = either(each.side(), "better", "worse", "not reliably better")
        text += (
            f" Masks by networks pretrained on {row['a']} are {word} for others than masks by those "
            "pretrained on "
            f"{row['b']} ({each.text('+.2f')})."
        )
    return text


def accuracy_whole(tables: FoundTables) -> str:
    """Which kind of network is most accurate on whole images."""
    return extremes(
        "Accuracy above chance on whole images",
        _kinds(numbers(tables("whole_images"), "pretraining", ("task"))),
    )


def matrix_extremes(tables: FoundTables) -> str:
    """The best and the worst pair of maker and reader."""
    table = tables("matrix")
    trained = table[table["maker"].isin(table["reader"])]
    pairs = zip(trained["maker"], trained["reader"], strict=True)
    named = [f"masks of {kind_words(maker)} shown to {kind_words(reader)}" for maker, reader in pairs]
    return extremes("Generalization between networks", numbers(trained.assign(pair=named), "pair"))


def accuracy_costs(tables: FoundTables) -> str:
    """Which masks cost accuracy, compared with the own one."""
    table = tables("accuracy_differences")
    table = table[table["relation"] != "same network"]
    return " ".join(
        extremes(
            f"For {task}, accuracy relative to that with the own mask",
            numbers(table, "relation", reader_task=task),
            "+.2f",
        )
        for task in dict.fromkeys(table["reader_task"])
    )


def margins_by_mask(tables: FoundTables) -> str:
    """Which masks of trained networks exceed each control."""
    table = tables("margins")
    return " ".join(
        by_side(
            numbers(table, "mask", over=control),
            f"Masks that exceed {control}: {{}}.",
            f"Masks that fall short of {control}: {{}}.",
            f"Undecided against {control}: {{}}.",
        )
        for control in dict.fromkeys(table["over"])
    )


def maps_agree(tables: FoundTables) -> str:
    """Whether maps of the same face agree more than maps of two faces, and across what they differ most."""
    table = tables("agreement").query("measure == 'rank correlation'")
    same = {each.name: each for each in numbers(table, "relation", face="same face")}
    other = {each.name: each for each in numbers(table, "relation", face="another face")}
    parts = []
    for relation, words in RELATIONS.items():
        if relation in same and relation in other:
            word = either(
                sides_apart(same[relation], other[relation]),
                "more than",
                "less than",
                "not reliably more than",
            )
            parts.append(
                f"{words} {same[relation].text()}, {word} maps of two faces ({other[relation].text()})"
            )
    if not parts:
        raise NotMeasured("agreement")
    return f"Rank correlation of a reader's maps with those of networks that differ: {'; '.join(parts)}."


def asymmetric_pairs(tables: FoundTables) -> str:
    """Between which kinds of network generalization is asymmetric."""
    table = tables("asymmetry").dropna(subset="estimate")
    if table.empty:
        raise NotMeasured("asymmetry")
    sure = table[(table["low_all"] > 0) | (table["high_all"] < 0)]
    if sure.empty:
        widest = table.loc[table["estimate"].abs().idxmax()]
        return (
            f"No pair is asymmetric by an interval that holds for all {len(table)} pairs; the largest "
            "difference is "
            f"{_pair(widest)}."
        )
    return (
        f"Of {len(table)} pairs, these are asymmetric: {listed([_pair(row) for _, row in sure.iterrows()])}."
    )


def readers_served(tables: FoundTables) -> str:
    """For how many networks one mask is enough."""
    table = tables("served").dropna(subset="served")
    if table.empty:
        raise NotMeasured("served")
    counts = table.groupby("mask", sort=False)["served"].agg(["sum", "size"])
    wanted = [
        name
        for name in ("consensus", "best single maker", "local contrast", "untrained")
        if name in counts.index
    ]
    said = [f"{name} {int(counts.loc[name, 'sum'])} of {int(counts.loc[name, 'size'])}" for name in wanted]
    return (
        "Networks that keep nine tenths of their accuracy above chance with one common mask: "
        f"{'; '.join(said)}."
    )


GENERALIZATION = ChapterFindings(
    "05_generalization",
    (masks_exchanged, margins_over_controls, best_makers),
    {
        "fig-whole": accuracy_whole,
        "fig-matrix": matrix_extremes,
        "fig-relations": masks_exchanged,
        "fig-losses": accuracy_costs,
        "fig-margins": margins_by_mask,
        "fig-alike": maps_agree,
        "fig-asymmetry": asymmetric_pairs,
        "fig-roles": best_makers,
        "fig-consensus": readers_served,
    },
)


def _kinds(found: list[Estimate]) -> list[Estimate]:
    return [replace(each, name=kind_words(each.name)) for each in found]


def _optional(table: pd.DataFrame, name: str, **where: object) -> Estimate | None:
    try:
        return number(table, name, **where)
    except NotMeasured:
        return None


def _pair(row: pd.Series) -> str:
    each = Estimate("", row["estimate"], row["low_all"], row["high_all"])
    way = f"from {kind_words(row['a'])} to {kind_words(row['b'])}"
    return f"{way} minus back ({each.text('+.2f')})" if not isnan(each.low) else way
