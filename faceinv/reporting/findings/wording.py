"""Words for numbers: which of them are largest, which exceed a value, and which are undecided."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan, nan
from typing import Literal

import pandas as pd

Side = Literal["above", "below", "open"]

LONGEST_LIST = 4
"""Largest number of names that a sentence lists; of more, it tells the number and the first ones."""


class NotMeasured(Exception):
    """A table or a number that a sentence is about does not exist."""


@dataclass(frozen=True)
class Estimate:
    """A number with its 95 % interval, and the name of what it is about; nan where there is no interval."""

    name: str
    estimate: float
    low: float = nan
    high: float = nan

    def text(self, form: str = ".2f") -> str:
        """The number with its interval in brackets; a form with ``%`` gives percent."""
        values = [self.estimate, self.low, self.high]
        if form.endswith("%"):
            shown = [f"{100 * value:{form[:-1]}f}" for value in values]
            unit = " %"
        else:
            shown, unit = [f"{value:{form}}" for value in values], ""
        # adding zero would not help a text: a number that is rounded to zero has no sign
        shown = [text.replace("-", "−") if float(text) else text.lstrip("+-") for text in shown]
        if isnan(self.low) or isnan(self.high):
            return f"{shown[0]}{unit}"
        return f"{shown[0]}{unit} [{shown[1]}, {shown[2]}]"

    def side(self, of: float = 0.0) -> Side:
        """The side of a value on which the whole interval lies; ``"open"`` if it does not, or is unknown."""
        if self.low > of:
            return "above"
        return "below" if self.high < of else "open"


def numbers(table: pd.DataFrame, *columns: str, **where: object) -> list[Estimate]:
    """The rows of a table that have an estimate.

    Parameters
    ----------
    table : with the columns estimate, low and high
    columns : columns whose values name a row
    where : values of columns by which rows are selected

    Raises
    ------
    NotMeasured
        If there is no such row.
    """
    for name, value in where.items():
        if name not in table:
            raise NotMeasured(name)
        table = table[table[name] == value]
    if missing := {*columns, "estimate"} - set(table):
        raise NotMeasured(", ".join(sorted(missing)))
    found = [
        Estimate(
            ", ".join(str(row[name]) for name in columns), *(float(row.get(n, nan)) for n in NUMBER_FIELDS)
        )
        for row in table.to_dict("records")
        if not isnan(row["estimate"])
    ]
    if not found:
        raise NotMeasured(", ".join(f"{name} {value}" for name, value in where.items()))
    return found


NUMBER_FIELDS = ("estimate", "low", "high")


def number(table: pd.DataFrame, name: str = "", **where: object) -> Estimate:
    """The first row of a table that has an estimate, with a name of its own; see `numbers`."""
    found = numbers(table, **where)[0]
    return Estimate(name, found.estimate, found.low, found.high)


def sides_apart(a: Estimate, b: Estimate) -> Side:
    """Whether the whole interval of one number lies above or below that of another, estimated apart."""
    if a.low > b.high:
        return "above"
    return "below" if a.high < b.low else "open"


def listed(names: Sequence[str], word: str = "and") -> str:
    """Names as part of a sentence: ``a, b and c``; of many, the first ones and how many there are."""
    if len(names) > LONGEST_LIST:
        return f"{', '.join(names[: LONGEST_LIST - 1])} {word} {len(names) - LONGEST_LIST + 1} others"
    return f" {word} ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else "none"


def each_listed(found: Sequence[Estimate], form: str = ".2f", word: str = "and") -> str:
    """Names, each with its number in brackets after it."""
    return listed([f"{each.name} ({each.text(form)})" for each in found], word)


def alike(a: Estimate, b: Estimate) -> bool:
    """Whether two numbers are the same, but for the rounding of a computation."""
    return abs(a.estimate - b.estimate) < ROUNDING


ROUNDING = 1e-9
"""Differences below it are no results: what is zero in theory may be 1e-17 in a table."""


def extremes(what: str, found: Iterable[Estimate], form: str = ".2f") -> str:
    """Where a number is highest and where it is lowest, and whether the two intervals are apart."""
    ordered = sorted(found, key=lambda each: -each.estimate)
    first, last = ordered[0], ordered[-1]
    if len(ordered) == 1:
        return f"{what} is {first.text(form)} for {first.name}."
    if alike(first, last):
        return f"{what} is {first.text(form)} for all {len(ordered)}."
    most, least = (listed([each.name for each in ordered if alike(each, end)]) for end in (first, last))
    text = (
        f"{what} is highest for {most}, at {first.text(form)}, and lowest for {least}, at {last.text(form)}"
    )
    if isnan(first.low) or isnan(last.low) or sides_apart(first, last) == "above":
        return f"{text}."
    return f"{text}; their intervals overlap."


def by_side(
    found: Sequence[Estimate], above: str, below: str, undecided: str, of: float = 0.0, form: str = "+.2f"
) -> str:
    """One sentence for each side of a value on which intervals lie, with the names and numbers there.

    The three texts are what is said of those above, below and on neither side; ``{}`` stands for them.
    """
    ordered = sorted(found, key=lambda each: -each.estimate)
    return " ".join(_on_sides(ordered, {"above": above, "below": below, "open": undecided}, of, form))


def compared_with(found: Sequence[Estimate], above: str, below: str, undecided: str, of: float = 0.0) -> str:
    """Differences from several controls as part of a sentence; the texts are as for `by_side`."""
    return listed(_on_sides(found, {"above": above, "below": below, "open": undecided}, of, "+.2f"))


def grouped_by_side(found: Sequence[Estimate], of: float = 0.0) -> dict[Side, list[Estimate]]:
    """Numbers whose intervals lie above a value, below it, and on both of its sides."""
    sides: tuple[Side, ...] = ("above", "below", "open")
    return {side: [each for each in found if each.side(of) == side] for side in sides}


def span(values: Sequence[float], form: str = ".2f") -> str:
    """The smallest and the largest of several numbers: ``.10 to .30``; of equal ones, one of them."""
    ends = [Estimate("", end).text(form) for end in (min(values), max(values))]
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)


def _on_sides(found: Sequence[Estimate], said: Mapping[Side, str], of: float, form: str) -> list[str]:
    groups = grouped_by_side(found, of)
    return [
        said[side].format(each_listed(group, form, _joining(said[side])))
        for side, group in groups.items()
        if group
    ]


def _joining(text: str) -> str:
    """The word before the last name where a text says something of each: "or" if it denies it."""
    denied = re.search(r"\b(not|no)\b", text)
    return "or" if denied and ": {}" not in text else "and"


def either(side: Side, above: str, below: str, undecided: str) -> str:
    """The words for a side."""
    return {"above": above, "below": below, "open": undecided}[side]


def without_intervals(text: str) -> str:
    """A text without the intervals that follow its numbers in brackets."""
    return INTERVAL_TEXT.sub("", text)


INTERVAL_TEXT = re.compile(r" \[[−+\d., ]+\]")


def strategy_words(strategy: str) -> str:
    """A learning strategy as part of a sentence, such as ``pretrained on objects``."""
    start, _, how = strategy.partition(", ")
    if start == "untrained":
        return start
    return (
        "trained from scratch"
        if start in ("scratch", "none")
        else f"pretrained on {start}" + (f" and {how}" if how not in ("", "finetuned") else "")
    )


def kind_words(kind: str) -> str:
    """A kind of network, such as ``faces, identity``, as part of a sentence."""
    pretraining, _, task = kind.partition(", ")
    if not task:
        return kind
    return f"{task} networks " + (
        "without pretraining" if pretraining == "none" else (f"pretrained on {pretraining}")
    )


def sentence(text: str) -> str:
    """A text with a capital letter at its beginning, which may stand in emphasis."""
    start = next((place for place, letter in enumerate(text) if letter.isalnum()), 0)
    return text[:start] + text[start : start + 1].upper() + text[start + 1 :]
