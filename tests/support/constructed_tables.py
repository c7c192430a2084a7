"""Tables that a test constructs, in place of those that a chapter wrote."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from faceinv.reporting.claims import Claim, Judgement
from faceinv.reporting.criteria import First
from faceinv.reporting.findings.sources import FoundTables
from faceinv.reporting.findings.wording import NotMeasured

INTERVALS = {"above": (0.3, 0.2, 0.4), "below": (-0.3, -0.4, -0.2), "open": (0.1, -0.1, 0.3)}
"""Estimate, low and high of a difference that lies above, below and on both sides of zero."""


class Constructed(FoundTables):
    """Tables by name; those of another chapter by ``chapter/name``."""

    def __init__(self, judgement: Judgement | None = None, /, **tables: pd.DataFrame) -> None:
        super().__init__("constructed", Path())
        self.__dict__.update(tables=tables, judgement=judgement)

    def __call__(self, name: str, chapter: str = "") -> pd.DataFrame:
        tables: Mapping[str, pd.DataFrame] = self.__dict__["tables"]
        if name not in tables:
            raise NotMeasured(name)
        return tables[name]

    @property
    def parameters(self) -> Mapping[str, object]:
        return {}

    def verdicts(self) -> list[tuple[Claim, Judgement]]:
        found: Judgement | None = self.__dict__["judgement"]
        if found is None:
            return []
        first = First("It is so.", "a number", "report")
        return [(Claim(found.claim, "faceinv", "own", "constructed", first), found)]


def rows(*entries: tuple[object, ...], columns: str) -> pd.DataFrame:
    """A table of entries that end with an interval: a tuple of estimate, low and high."""
    names = [*columns.split(), "estimate", "low", "high"]
    return pd.DataFrame([(*entry[:-1], *entry[-1]) for entry in entries], columns=names)  # type: ignore[misc]


def judged(claim: str, interval: tuple[float, float, float], *controls: str) -> Judgement:
    """The judgement of a claim by an interval, the same for each of its controls."""
    margins = dict.fromkeys(controls, (*interval, 5.0))
    return Judgement(claim, *interval, "undecided", "", margins)


def decisive_tables(interval: tuple[float, float, float]) -> Constructed:
    """A table for each sentence, whose decisive number has the interval."""
    half = tuple(value + 0.5 for value in interval)
    zero = (0.0, -0.01, 0.01)
    known = pd.DataFrame
    return Constructed(
        None,
        cues=rows(
            ("gender", "mean brightness", half),
            ("gender", "outline", (0.7, 0.6, 0.8)),
            ("gender", "pixels", (0.8, 0.7, 0.9)),
            columns="task cue",
        ),
        splits=known(
            {"task": ["gender"], "part": ["test"], "images": [8], "identities": [4], "classes": [2]}
        ),
        colour=rows(
            ("gender", "mean colour, controlled", zero),
            ("gender", "mean colour, in colour", interval),
            columns="task cue",
        ),
        hair_cues=rows(("bald", "age", half), ("bald", "pixels", half), columns="heads cue"),
        accuracy=rows(("gender", half), columns="task").assign(chance=0.5),
        by_view=rows(("gender", 2.0, zero), ("gender", 30.0, interval), columns="task turn"),
        few_shots=rows(("alexnet_bn", "objects − none", interval), columns="architecture contrast"),
        agreement=rows(
            ("gender", "another seed", interval),
            ("gender", "another seed, another face", zero),
            columns="task compared",
        ).assign(over="regions", method="epsilon-plus-flat"),
        margins=rows(
            ("gender", "untrained network", "other seed", interval),
            ("gender", "local contrast", "other seed", interval),
            columns="task than mask",
        ).assign(over=["untrained network", "local contrast"]),
        differences=rows(
            *(("gender", name, interval) for name in ("random", "least relevant", "local contrast")),
            ("gender", "untrained, most relevant", interval),
            columns="task against",
        ),
        retrained=rows(("gender", "retrained, own", "random", interval), columns="task network against"),
        makers=rows(
            ("maker", "faces, gender", "", (0.9, 0.8, 1.0)),
            ("maker", "objects, gender", "", (0.6, 0.5, 0.7)),
            ("maker", "faces, gender", "objects, gender", interval),
            ("pretraining", "faces", "objects", interval),
            columns="of a b",
        ),
        learned=rows(("none", "gender", "brow", interval), columns="pretraining task region"),
        shares=rows(
            ("objects", "gender", "trained", "background", half),
            ("faces", "gender", "trained", "background", (0.05, 0.04, 0.3)),
            columns="pretraining task maps region",
        ),
        densities=rows(
            ("none", "gender", "trained", "brow", interval),
            ("none", "gender", "untrained", "brow", zero),
            columns="pretraining task maps region",
        ),
        weighted=rows(
            *((name, interval) for name in ("pixels", "untrained relevance", "local contrast")),
            columns="minus",
        ),
        layers=rows(
            *(("trained", "blur", level, 1.0, interval) for level in (0, 1)),
            *(("untrained", "blur", level, 1.0, zero) for level in (0, 1)),
            columns="network transformation level depth",
        ),
        gains=rows(
            ("all architectures", "objects, finetuned", "matched accuracy", interval),
            columns="architecture strategy measure",
        ),
        variance=rows(
            ("mean of all", "all images", "strategy", interval),
            ("mean of all", "all images", "architecture", zero),
            columns="transformation images component",
        ),
        changes=rows(
            ("alexnet_bn", "scratch", "selectivity", interval), columns=("architecture network measure")
        ),
        associations=rows(("all networks", interval), columns="networks~compared").rename(
            columns={"networks~compared": "networks compared"}
        ),
        reliance=rows(
            ("resnet18", "mark", 0.5, zero),
            ("resnet18", "mark", 1.0, interval),
            columns="architecture cue agreement",
        ),
        detection=rows(("epsilon-plus-flat", "relevance on the cue by area", half), columns="method measure"),
        leaderboard=rows(("sanity", "saliency", interval), columns="criterion method"),
        gained=rows(
            ("resnet18", "scratch", "blur", interval), columns=("architecture strategy transformation")
        ),
        areas=rows(("survival", "resnet18", "scratch", half), columns="question architecture strategy"),
    )
