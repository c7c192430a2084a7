"""What the chapters on attribution methods and on maps of moving faces found."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan

from faceinv.reporting.findings.chapter import ChapterFindings
from faceinv.reporting.findings.sources import FoundTables, at_strongest
from faceinv.reporting.findings.wording import (
    Estimate,
    NotMeasured,
    Side,
    alike,
    either,
    extremes,
    grouped_by_side,
    listed,
    numbers,
    span,
)

UNINFORMATIVE = {"cause": 0.0, "cue found": 0.5, "cue not invented": 0.5, "masking": 0.0, "sanity": 0.0}
"""Value of a map without information, by the criterion of the leaderboard."""

BASELINE = "baseline"
"""Family of the maps that contain nothing of what a network learned."""


def best_methods(tables: FoundTables) -> str:
    """The best method of each criterion."""
    table, said = tables("leaderboard"), []
    methods = table[table["family"] != BASELINE]
    for name in dict.fromkeys(methods.dropna(subset="estimate")["criterion"]):
        best = max(numbers(methods, "method", criterion=name), key=lambda each: each.estimate)
        sure = "" if best.low > UNINFORMATIVE.get(name, 0.0) else ", not reliably better than no information"
        said.append(f"*{name}*, {best.name} ({best.text()}{sure})")
    if not said:
        raise NotMeasured("leaderboard")
    return f"The best method of each criterion is, for {'; '.join(said)}."


def best_baselines(tables: FoundTables) -> str:
    """How far maps come that contain nothing of what the network learned."""
    table, said = tables("leaderboard"), []
    baselines = table[table["family"] == BASELINE]
    for name in dict.fromkeys(baselines.dropna(subset="estimate")["criterion"]):
        found = numbers(baselines, "method", criterion=name)
        best = max(found, key=lambda each: each.estimate)
        first = [each.name for each in found if alike(each, best)]
        names = listed(first) if len(first) < len(found) or len(found) == 1 else "none, as all are alike"
        said.append(f"*{name}*, {names} ({best.text()})")
    if not said:
        raise NotMeasured("leaderboard")
    return (
        f"Of the maps that contain nothing of what the network learned, the best is, for {'; '.join(said)}."
    )


def methods_that_pass(tables: FoundTables) -> str:
    """Which methods are better than an uninformative map by all criteria."""
    table = tables("leaderboard").dropna(subset="estimate")
    table = table[table["family"] != BASELINE]
    criteria = list(dict.fromkeys(table["criterion"]))
    passed: dict[str, int] = dict.fromkeys(table["method"], 0)
    for row in table.to_dict("records"):
        passed[row["method"]] += row["low"] > UNINFORMATIVE.get(row["criterion"], 0.0)
    if not passed:
        raise NotMeasured("leaderboard")
    whole = [name for name, count in passed.items() if count == len(criteria)]
    most = max(passed.values())
    if whole:
        return f"Better than a map without information by all {len(criteria)} criteria: {listed(whole)}."
    first = [name for name, count in passed.items() if count == most]
    return (
        f"No method is better than a map without information by all {len(criteria)} criteria; the most, "
        f"{most}, are met by "
        f"{listed(first)}."
    )


def random_weights(tables: FoundTables) -> str:
    """Which map stays most similar when all weights are random."""
    table = tables("randomised")
    last = list(dict.fromkeys(table["random"]))[-1]
    return extremes(
        f"With {last}, the correlation with the map before", numbers(table, "method", random=last)
    )


def random_labels(tables: FoundTables) -> str:
    """Which map differs most between true and random labels."""
    return extremes(
        "The correlation between maps for true and for random labels", numbers(tables("relabelled"), "method")
    )


def saliency_and_relevance(tables: FoundTables) -> str:
    """Which method needs the most computation."""
    table = tables("leaderboard").drop_duplicates("method").dropna(subset="cost")
    if table.empty:
        raise NotMeasured("cost")
    least, most = table.loc[table["cost"].idxmin()], table.loc[table["cost"].idxmax()]
    return (
        f"{len(tables('methods'))} methods explain the same answer; {least['method']} takes "
        f"{least['cost']:.0f} forward passes, "
        f"{most['method']} {most['cost']:.0f}."
    )


METHODS_FOUND = ChapterFindings(
    "14_leaderboard",
    (methods_that_pass, best_methods, best_baselines),
    {
        "fig-board": best_methods,
        "fig-methods": saliency_and_relevance,
        "fig-cascade": random_weights,
        "fig-labels": random_labels,
    },
)


def maps_move(tables: FoundTables) -> str:
    """In how many kinds of networks, and under which transformations, maps move with the face."""
    found = numbers(tables("gained"), "architecture", "strategy", "transformation")
    advantages = [each.estimate for each in found]
    said = [
        f"{WORDS_OF_MOTION[side]} in {len(group)} of {len(found)} combinations of a kind of network and a "
        f"transformation{_exceptions(group)}"
        for side, group in grouped_by_side(found).items()
        if group
    ]
    return f"{'; '.join(said)}. The advantage over the map of another face is {span(advantages, '+.2f')}."


WORDS_OF_MOTION: Mapping[Side, str] = {
    "above": "Maps move along with the face, better than with another face,",
    "below": "they agree better with the map of another face",
    "open": "it is undecided",
}


def _exceptions(group: list[Estimate]) -> str:
    """The names of at most two combinations in brackets; nothing for more."""
    return f" ({'; '.join(each.name for each in group)})" if len(group) <= 2 else ""


def by_learning(tables: FoundTables) -> str:
    """Which strategy has the maps that move along best."""
    table = tables("gained").dropna(subset="estimate")
    means = table.groupby("strategy", as_index=False, sort=False)["estimate"].mean()
    return extremes(
        "Over transformations and architectures, the advantage of the face's own map",
        numbers(means, "strategy"),
    )


def answers_and_maps(tables: FoundTables) -> str:
    """Whether answers survive where maps move along, and whether maps warn of errors, over all networks."""
    judged = {claim.id: judgement for claim, judgement in tables.verdicts()}
    said = []
    for question, words in QUESTIONS.items():
        found = judged.get(CLAIM_OF[question])
        if found is not None and not isnan(found.estimate):
            each = Estimate(question, found.estimate, found.low, found.high)
            word = either(each.side(0.5), "better than guessing", "worse than guessing", GUESSING)
            said.append(f"{words} {word} ({each.text()})")
    if not said:
        raise NotMeasured("areas")
    return (
        f"Over all networks, how well a map moves along with the face predicts {listed(said)}; one half is "
        "guessing."
    )


def answers_and_maps_by_kind(tables: FoundTables) -> str:
    """The same, for each kind of network."""
    table, said = tables("areas"), []
    for question, words in QUESTIONS.items():
        rows = table[table["question"] == question]
        if rows["estimate"].notna().any():
            found = numbers(rows, "architecture", "strategy")
            above = grouped_by_side(found, 0.5)["above"]
            areas = span([each.estimate for each in found])
            said.append(f"{words} in {len(above)} of {len(found)} kinds of networks (area {areas})")
    if not said:
        raise NotMeasured("areas")
    return f"How well a map moves along predicts, better than guessing, {listed(said)}; one half is guessing."


QUESTIONS = {"survival": "which answers survive", "early warning": "which faces are lost at the next level"}
CLAIM_OF = {"survival": "lost-where-not-read", "early warning": "reading-goes-first"}
"""The claim that judges a question over all networks."""
GUESSING = "not reliably better than guessing"


def moves_most(tables: FoundTables) -> str:
    """Under which transformation maps move along best."""
    table = tables("gained").dropna(subset="estimate")
    means = table.groupby("transformation", as_index=False, sort=False)["estimate"].mean()
    return extremes(
        "Over all kinds of networks, the advantage of the face's own moved map",
        numbers(means, "transformation"),
    )


def agreement_under_change(tables: FoundTables) -> str:
    """How the agreement of maps falls with the level."""
    table = tables("curves")
    rows = table[(table["measure"] == "map moves along") & (table["strategy"] == "scratch")]
    means = at_strongest(rows).groupby("transformation", sort=False)["estimate"].mean()
    if means.empty:
        raise NotMeasured("curves")
    said = ", ".join(f"{name} {value:.2f}" for name, value in means.items())
    return (
        "At the strongest level, maps of networks trained from scratch correlate with the moved map of their "
        f"face, over architectures: {said}."
    )


MOVING_MAPS_FOUND = ChapterFindings(
    "15_reading_under_transformation",
    (maps_move, answers_and_maps),
    {
        "fig-moving-maps": moves_most,
        "fig-along": agreement_under_change,
        "fig-by-strategy": by_learning,
        "fig-survival": answers_and_maps_by_kind,
    },
)
