"""What the chapters on causes and planted cues found."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from faceinv.reporting.findings.chapter import ChapterFindings
from faceinv.reporting.findings.sources import FoundTables
from faceinv.reporting.findings.wording import (
    Estimate,
    NotMeasured,
    compared_with,
    either,
    extremes,
    number,
    numbers,
    strategy_words,
)


def regions_needed(tables: FoundTables) -> str:
    """Which region the answers depend on most and least."""
    table = _first_kind(tables("weights"))
    return " ".join(
        extremes(
            f"For {task}, the share of the effect on the answer", numbers(table, "cause", task=task), ".0%"
        )
        for task in dict.fromkeys(table["task"])
    )


def accuracy_lost(tables: FoundTables) -> str:
    """Which exchange costs most accuracy."""
    table = _first_kind(tables("lost"))
    return " ".join(
        extremes(f"For {task}, the accuracy lost by an exchange", numbers(table, "cause", task=task))
        for task in dict.fromkeys(table["task"])
    )


def maps_rank_regions(tables: FoundTables) -> str:
    """Whether relevance ranks the regions as their causal weights do."""
    table, composite = tables("agreement").query("over == 'regions'"), tables.composite
    said = []
    for task in dict.fromkeys(table["task"]):
        each = number(table, task=task, method=composite)
        word = either(each.side(), "above zero", "below zero", "not reliably different from zero")
        said.append(f"{each.text()} for {task}, {word}")
    return (
        "Over the regions of a face, the rank correlation between relevance and what the answer depends on "
        f"is {'; '.join(said)} (one is the same order)."
    )


def beyond_controls(tables: FoundTables) -> str:
    """Whether relevance shows causes better than maps that contain nothing of what was learned."""
    for claim, judgement in tables.verdicts():
        if claim.id == "causes-ordered" and judgement.margins:
            rows = judgement.margins.items()
            found = [Estimate(CONTROL_WORDS.get(name, name), *row[:3]) for name, row in rows]
            words = ("higher than for {}", "lower than for {}", "not reliably different from that for {}")
            return f"That correlation is {compared_with(found, *words)}."
    raise NotMeasured("causes-ordered")


CONTROL_WORDS = {"even": "the area of the regions", "untrained": "an untrained network"}


def best_for_causes(tables: FoundTables) -> str:
    """Which method ranks regions best."""
    table = tables("agreement").query("over == 'regions'")
    return " ".join(
        extremes(f"For {task}, the rank correlation over regions", numbers(table, "method", task=task))
        for task in dict.fromkeys(table["task"])
    )


def largest_side_by_side(tables: FoundTables) -> str:
    """The region of the largest share, by causes and by relevance."""
    table, composite = tables("side_by_side"), tables.composite
    said: list[str] = []
    if table.empty:
        raise NotMeasured("side_by_side")
    first = table.iloc[0]
    for column, of in (("causes", "the causal weight"), (composite, "relevance")):
        rows = table[(table["network"] == first["network"]) & (table["column"] == column)]
        if len(rows):
            top = rows.loc[rows["share"].idxmax()]
            said.append(
                f"the {top['cause']} has the largest share of {of} ({100 * top['share']:.0f} %)"
                if not said
                else f"the {top['cause']} the largest share of {of} ({100 * top['share']:.0f} %)"
            )
    if not said:
        raise NotMeasured("side_by_side")
    networks = f"{first['task']} networks {strategy_words(str(first['pretraining']))}"
    return f"In {networks}, {', and '.join(said)}."


def concentrated_on_head(tables: FoundTables) -> str:
    """Which networks read the smallest part of the head, relative to the same networks before training."""
    table, said = tables("head"), []
    for task in dict.fromkeys(table["task"]):
        rows = {"task": task, "measure": table["measure"].iloc[0]}
        found = numbers(table, "pretraining", method=tables.composite, **rows)
        found = [replace(each, name=_start_words(each.name)) for each in found]
        before = number(table, "networks before training", method="untrained", **rows)
        said.append(
            extremes(
                f"For {task}, the share of the relevance on the most densely read tenth of the visible head",
                [*found, before],
                ".0%",
            )
        )
    return f"{' '.join(said)} An even map has 10 % there."


def _start_words(pretraining: str) -> str:
    return "networks without pretraining" if pretraining == "none" else f"pretraining on {pretraining}"


CAUSES_FOUND = ChapterFindings(
    "12_causes",
    (regions_needed, maps_rank_regions, beyond_controls),
    {
        "fig-exchanged": accuracy_lost,
        "fig-weights": regions_needed,
        "fig-lost": accuracy_lost,
        "fig-side-by-side": largest_side_by_side,
        "fig-head": concentrated_on_head,
        "fig-agreement-with-causes": best_for_causes,
    },
)


def cue_relied_on(tables: FoundTables) -> str:
    """How much networks rely on a cue that agreed most with gender, and on one that agreed least."""
    table, said = tables("reliance"), []
    architecture = table["architecture"].iloc[0]
    least, most = (100 * table["agreement"].agg(which) for which in ("min", "max"))
    for cue in dict.fromkeys(table["cue"]):
        kept = (table["cue"] == cue) & (table["architecture"] == architecture)
        rows = table[kept].sort_values("agreement")
        low, high = number(rows.iloc[:1]), number(rows.iloc[-1:])
        word = either(high.side(), "", ", below zero", ", not reliably above zero")
        said.append(f"{high.text()} for the {cue} ({low.text()}){word}")
    return (
        f"The reliance of {architecture} on a cue that agreed with gender in {most:.0f} % of the people (in "
        f"{least:.0f} %) is {'; '.join(said)}."
    )


def reliance_detected(tables: FoundTables) -> str:
    """Whether maps tell networks that rely on a cue from others."""
    table = tables("detection")
    each = number(table, method=tables.composite, measure=table["measure"].iloc[0])
    word = either(
        each.side(0.5),
        "better than by guessing",
        "worse than by guessing",
        "not reliably better than by guessing",
    )
    return (
        f"Relevance maps tell the networks that rely on a cue from the others {word}: area under "
        f"the ROC {each.text()}."
    )


def cue_invented(tables: FoundTables) -> str:
    """How often maps point to a cue, in networks that rely on it and in others."""
    table = tables("scores").query("measure == 'hit'")
    composite, said = tables.composite, []
    for kind in dict.fromkeys(table["networks"]):
        found = [each for each in numbers(table, "method", networks=kind) if each.name == composite]
        said += [f"in {each.text('.0%')} of the images for networks that {kind}" for each in found]
    if not said:
        raise NotMeasured("hit")
    return f"The most relevant pixel is on the cue {'; '.join(said)}."


def best_detectors(tables: FoundTables) -> str:
    """Which method detects reliance best."""
    table = tables("detection")
    return extremes("The area under the ROC", numbers(table, "method", measure=table["measure"].iloc[0]))


def networks_planted(tables: FoundTables) -> str:
    """How many networks rely on their cue."""
    table = tables("networks")
    each = table[table["method"] == table["method"].iloc[0]]
    relies = each["relies"].astype(str).eq("True")
    return f"Of {len(each)} networks that learned with a cue, {int(relies.sum())} rely on it."


CUES_FOUND = ChapterFindings(
    "13_planted_cues",
    (cue_relied_on, reliance_detected, cue_invented),
    {
        "fig-cues-planted": networks_planted,
        "fig-reliance": cue_relied_on,
        "fig-cue-maps": cue_invented,
        "fig-found-and-invented": cue_invented,
        "fig-detection": best_detectors,
    },
)


def _first_kind(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the first architecture and pretraining, which all tasks have."""
    counts = table.groupby(["architecture", "pretraining"], sort=False)["task"].nunique()
    architecture, pretraining = counts.idxmax()
    return table[(table["architecture"] == architecture) & (table["pretraining"] == pretraining)]
