"""What the chapters on stimuli and networks found."""

from __future__ import annotations

import pandas as pd

from faceinv.reporting.findings.chapter import ChapterFindings
from faceinv.reporting.findings.sources import FoundTables
from faceinv.reporting.findings.wording import (
    NotMeasured,
    each_listed,
    either,
    extremes,
    listed,
    number,
    numbers,
    sides_apart,
    span,
)

SIMPLE_CUES = ("mean brightness", "mean colour", "position and size")
RENDERED = ("age", "light", "haircut")


def simple_cues(tables: FoundTables) -> str:
    """Whether a cue simpler than the face gives the answer away."""
    cues, chance = tables("cues"), _chance(tables("splits"))
    return " ".join(_above_chance(cues, SIMPLE_CUES, task, chance[task]) for task in _tasks(cues))


def _above_chance(table: pd.DataFrame, cues: tuple[str, ...], task: str, chance: float) -> str:
    found = [each for each in numbers(table, "cue", task=task) if each.name in cues]
    if not found:
        raise NotMeasured(task)
    above = [each for each in found if each.low > chance]
    if above:
        return (
            f"{listed([each.name for each in above])} predict{'s' if len(above) == 1 else ''} {task} "
            "better " + (f"than chance ({chance:.2f}): {each_listed(above)}.")
        )
    best = max(found, key=lambda each: each.estimate)
    return (
        f"No simple cue predicts {task} reliably better than chance ({chance:.2f}); the best one, "
        f"{best.name}, "
        f"reaches {best.text()}."
    )


def baselines(tables: FoundTables) -> str:
    """How much the outline of the head and the reduced pixels give away."""
    cues = tables("cues")
    parts = [
        f"the outline of the head reaches {number(cues, task=task, cue='outline').text()} for {task}, and "
        "the "
        f"reduced pixels {number(cues, task=task, cue='pixels').text()}"
        for task in _tasks(cues)
    ]
    return f"A network has to exceed these baselines: {'; '.join(parts)}."


def colour_cues(tables: FoundTables) -> str:
    """What would give the answer away without control."""
    table, said = tables("colour"), []
    for task in _tasks(table):
        kept = number(table, task=task, cue="mean colour, controlled")
        free = number(table, task=task, cue="mean colour, in colour")
        word = either(sides_apart(free, kept), "rises", "falls", "does not change reliably")
        said.append(f"{word} for {task} ({kept.text()} to {free.text()})")
    return f"Without control of colour and brightness, accuracy by mean colour {listed(said)}."


def hair_cues(tables: FoundTables) -> str:
    """Whether age, light or haircut predict gender in bald people and in people with hair."""
    table = tables("hair_cues")
    found = [each for each in numbers(table, "cue", "heads") if each.name.split(", ")[0] in RENDERED]
    above = [each for each in found if each.low > 0.5]
    if above:
        return f"Besides the person, gender is predicted better than by chance by {each_listed(above)}."
    best = max(found, key=lambda each: each.estimate)
    cue, heads = best.name.split(", ")
    return (
        "None of age, light and haircut predicts gender reliably better than chance (0.50); "
        f"the best is {cue} ({heads}), at {best.text()}."
    )


def hair_pixels(tables: FoundTables) -> str:
    """How much the reduced pixels say about gender in bald people and in people with hair."""
    table = tables("hair_cues")
    people = {"bald": "in bald people", "with hair": "in people with hair"}
    found = [f"{each.text()} {people[each.name]}" for each in numbers(table, "heads", cue="pixels")]
    return f"From reduced pixels, gender is predicted with an accuracy of {listed(found)}; chance is 0.50."


def split_sizes(tables: FoundTables, place: int) -> str:
    """How many images and people a set has, and how many are kept for the test."""
    table = tables("splits")
    task = _tasks(table)[place]
    own = table[table["task"] == task]
    test = own[own["part"] == "test"].iloc[0]
    held_out = test["unseen in test"]
    count = f"{test['identities']} people" if held_out == "people" else "views of the same people"
    return (
        f"The set for {task} has {own['images'].sum()} images; networks are tested on {test['images']} of "
        "them, "
        f"which show {count} that are in no other part."
    )


def region_sizes(tables: FoundTables) -> str:
    """Which region of the face is largest."""
    table = tables("shares", chapter="06_regions")
    table = table[(table["maps"] == "area") & (table["pretraining"] == table["pretraining"].iloc[0])]
    parts = numbers(table, "region", task=_tasks(table)[-1])
    return extremes("The share of the image", [each for each in parts if each.name != "background"], ".0%")


def whole_bases(table: pd.DataFrame) -> pd.DataFrame:
    """The bases that learned all images and classes of their set, as long as any of their kind."""
    table = table[table["amount"].astype(str) == "1"]
    table = table[table["classes"] == table.groupby("set")["classes"].transform("max")]
    longest = table.groupby(["set", "architecture", "seed"])["exposures"].transform("max")
    return table[table["exposures"] == longest]


def mean_of_bases(table: pd.DataFrame) -> pd.DataFrame:
    """Accuracy of whole bases by set and architecture, as a mean over seeds (estimate), and chance."""
    table = whole_bases(table).rename(columns={"accuracy": "estimate"})
    keys = ["set", "architecture"]
    return table.groupby(keys, as_index=False, sort=False)[["estimate", "chance"]].mean()


def kinds_learned(tables: FoundTables) -> str:
    """How well networks classify the images of the pretraining sets."""
    means = mean_of_bases(tables("bases", chapter="02_networks"))
    ranges = [
        f"{name}, {span(rows['estimate'].tolist())} (chance {rows['chance'].iloc[0]:.3f})"
        for name, rows in means.groupby("set", sort=False)
    ]
    return (
        "Networks learn these sets; accuracy on held-out images, over architectures (mean over seeds): "
        f"{'; '.join(ranges)}."
    )


def causes_differ(tables: FoundTables) -> str:
    """How much of the image a cause changes."""
    return extremes("The share of pixels that a change alters", numbers(tables("causes"), "cause"), ".1%")


STIMULI = ChapterFindings(
    "01_stimuli",
    (simple_cues, baselines, colour_cues, hair_cues),
    {
        "fig-people": lambda tables: split_sizes(tables, 0),
        "fig-views": lambda tables: split_sizes(tables, -1),
        "fig-regions": region_sizes,
        "fig-cues": simple_cues,
        "fig-colour": colour_cues,
        "fig-haired": hair_pixels,
        "fig-hair-cues": hair_cues,
        "fig-kinds": kinds_learned,
        "fig-causes": causes_differ,
    },
    reads=("02_networks", "06_regions"),
)


def accuracies_found(tables: FoundTables) -> str:
    """Accuracy on the test images of each task, and whether it exceeds chance."""
    table, said = tables("accuracy"), []
    for row in table.to_dict("records"):
        each = number(table, task=row["task"])
        word = "better than chance" if each.low > row["chance"] else "not reliably better than chance"
        said.append(f"{row['task']} {each.text()}, {word} ({row['chance']:.2f})")
    return f"Share of the test images that are classified correctly: {'; '.join(said)}."


def errors_found(tables: FoundTables) -> str:
    """The share of errors."""
    found = numbers(tables("accuracy"), "task")
    return (
        "Networks are wrong about "
        f"{listed([f'{100 * (1 - e.estimate):.0f} % of the images for {e.name}' for e in found])}."
    )


def turn_of_the_head(tables: FoundTables) -> str:
    """Whether accuracy falls as the head turns away."""
    table, said = tables("by_view"), []
    for task in _tasks(table):
        own = table[table["task"] == task].dropna(subset="estimate").sort_values("turn")
        if len(own) < 2:
            continue
        near, far = (
            number(own, task=task, turn=turn) for turn in (own["turn"].iloc[0], own["turn"].iloc[-1])
        )
        word = either(sides_apart(far, near), "rises", "falls", "does not change reliably")
        said.append(
            f"for {task}, accuracy {word} from {near.text()} at {own['turn'].iloc[0]:g}° to {far.text()} at "
            f"{own['turn'].iloc[-1]:g}°"
        )
    if not said:
        raise NotMeasured("turn")
    return f"As the head turns, {'; '.join(said)}."


def worth_of_a_base(tables: FoundTables) -> str:
    """What pretraining adds where there are few images."""
    table = tables("few_shots")
    said = []
    for name, rows in table.groupby("contrast", sort=False):
        found = numbers(rows, "architecture")
        up = [each for each in found if each.low > 0]
        down = [each for each in found if each.high < 0]
        start = str(name).split(" − ", maxsplit=1)[0]
        lost = f" and lowers it in {len(down)}" if down else ""
        mean = sum(each.estimate for each in found) / len(found)
        said.append(
            f"{start} raises accuracy reliably in {len(up)} of {len(found)} architectures{lost} (mean "
            f"change {f'{mean:+.2f}'.replace('-', '−')})"
        )
    return f"With few images of each person, pretraining on {'; on '.join(said)}."


def learning_found(tables: FoundTables) -> str:
    """Where validation accuracy ends."""
    table = tables("learning")
    last = table[table["chosen"]].sort_values("epoch").groupby(["task", "seed"])["validation"].last()
    means = [f"{task} {values.mean():.2f}" for task, values in last.groupby(level="task", sort=False)]
    return f"Mean validation accuracy at the end of training: {listed(means)}."


def bases_learned(tables: FoundTables) -> str:
    """Which architecture learned a pretraining set best and least."""
    return " ".join(
        extremes(f"In the set {name}, mean accuracy on held-out images", numbers(rows, "architecture"))
        for name, rows in mean_of_bases(tables("bases")).groupby("set")
    )


NETWORKS_FOUND = ChapterFindings(
    "02_networks",
    (accuracies_found, turn_of_the_head, worth_of_a_base),
    {
        "fig-learning": learning_found,
        "fig-accuracy": accuracies_found,
        "fig-yaw": turn_of_the_head,
        "fig-errors": errors_found,
        "fig-bases": bases_learned,
        "fig-worth": worth_of_a_base,
    },
)


def _tasks(table: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(table["task"]))


def _chance(splits: pd.DataFrame) -> dict[str, float]:
    """Chance level of each task."""
    return {task: 1 / int(rows["classes"].iloc[0]) for task, rows in splits.groupby("task")}
