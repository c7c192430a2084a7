"""What a chapter found: a box of sentences for its beginning, and one sentence for each of its figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from faceinv.reporting.findings.sources import FoundTables
from faceinv.reporting.findings.wording import NotMeasured, listed, sentence, without_intervals

Sentence = Callable[[FoundTables], str]
"""A sentence, or a few, computed from tables; raises `NotMeasured` where a number is missing."""

NOTHING_FOUND = "This run could not measure what this chapter asks."
NO_SENTENCE = "It could not be measured."


@dataclass(frozen=True)
class ChapterFindings:
    """The findings of a chapter.

    Attributes
    ----------
    chapter : its name
    box : sentences of the box *What we found*, in order
    figures : the sentence of each figure, by the figure's name
    reads : other chapters whose tables the sentences use
    """

    chapter: str
    box: tuple[Sentence, ...]
    figures: Mapping[str, Sentence]
    reads: tuple[str, ...] = ()

    def found(self, tables: FoundTables) -> str:
        """The text of the box, in Markdown: those sentences that could be computed, and whose they are."""
        sentences = [said for said in (said_of(each, tables) for each in self.box) if said]
        if verdicts := _verdicts(tables):
            sentences.append(verdicts)
        text = "\n".join(f"- {without_intervals(each)}" for each in sentences) or NOTHING_FOUND
        return f"{text}\n\n*{_plain(tables.origin())}*"

    def of_figure(self, name: str, tables: FoundTables) -> str:
        """The sentence of a figure."""
        return said_of(self.figures[name], tables) or NO_SENTENCE


def said_of(finding: Sentence, tables: FoundTables) -> str:
    """The sentence of a finding; empty where a number, a row or a column that it needs does not exist."""
    try:
        return sentence(finding(tables))
    except (NotMeasured, LookupError, ValueError):  # pandas raises the last two for what a table lacks
        return ""


def _plain(text: str) -> str:
    """A text without emphasis, which the whole of it has."""
    return text.replace("*", "")


def _verdicts(tables: FoundTables) -> str:
    """How many claims of the chapter came out in which way."""
    groups: dict[str, int] = {}
    for _, judgement in tables.verdicts():
        if judgement.verdict != "reported":
            groups[judgement.verdict] = groups.get(judgement.verdict, 0) + 1
    if not groups:
        return ""
    order = [name for name in ("supported", "not supported", "undecided") if name in groups]
    counts = listed([f"{groups[name]} {'is' if groups[name] == 1 else 'are'} {name}" for name in order])
    total = sum(groups.values())
    return (
        f"Of the {total} claims judged here, {counts}."
        if total > 1
        else f"The claim judged here is {order[0]}."
    )
