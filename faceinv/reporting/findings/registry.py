"""The findings of all chapters, and the sentences with which the book begins."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from faceinv.reporting.claims import Claim
from faceinv.reporting.findings.amounts_and_kernels import AMOUNTS, KERNELS
from faceinv.reporting.findings.causes_and_cues import CAUSES_FOUND, CUES_FOUND
from faceinv.reporting.findings.chapter import ChapterFindings, Sentence, said_of
from faceinv.reporting.findings.exchanged_masks import GENERALIZATION, best_makers
from faceinv.reporting.findings.images_and_networks import NETWORKS_FOUND, STIMULI
from faceinv.reporting.findings.maps_and_masks import MASKING, RELEVANCE, pixels_that_matter
from faceinv.reporting.findings.methods_and_motion import METHODS_FOUND, MOVING_MAPS_FOUND
from faceinv.reporting.findings.regions_and_similarity import REGIONS_FOUND, SIMILARITY, dense_regions
from faceinv.reporting.findings.sources import FoundTables
from faceinv.reporting.findings.tolerances import (
    STRATEGIES_FOUND,
    TRANSFORMATION_FINDINGS,
    tolerance_by_learning,
)
from faceinv.reporting.findings.wording import without_intervals

FINDINGS: dict[str, ChapterFindings] = {
    each.chapter: each
    for each in (
        STIMULI,
        NETWORKS_FOUND,
        RELEVANCE,
        MASKING,
        GENERALIZATION,
        REGIONS_FOUND,
        SIMILARITY,
        TRANSFORMATION_FINDINGS,
        STRATEGIES_FOUND,
        AMOUNTS,
        KERNELS,
        CAUSES_FOUND,
        CUES_FOUND,
        METHODS_FOUND,
        MOVING_MAPS_FOUND,
    )
}
"""The findings of the chapters by name."""

FIRST_SENTENCES: tuple[tuple[str, str, tuple[Sentence, ...]], ...] = (
    ("04_masking", "fig-differences", (pixels_that_matter,)),
    ("05_generalization", "fig-roles", (best_makers,)),
    ("09_architecture_and_strategy", "fig-gains", (tolerance_by_learning,)),
)
"""What the book begins with: chapter, figure, and sentences; the first that can be computed is said."""


def first_page(run: Path, shipped: Path | None, claims: Mapping[str, Claim]) -> str:
    """The findings at the beginning of the book, in Markdown, each with a link to its figure.

    Parameters
    ----------
    run, shipped, claims : see `FoundTables`
    """
    lines = []
    origins = []
    for chapter, figure, choices in FIRST_SENTENCES:
        tables = FoundTables(chapter, run, shipped, claims)
        lines.append(f"1. {_first_said(choices, tables)} ({{numref}}`{figure}`)")
        origins.append(tables.origin())
    whose = " ".join(dict.fromkeys(origins)) if len(set(origins)) == 1 else origins[0]
    return "\n".join(lines) + f"\n\n*{whose.replace('*', '')}*\n"


def overview_sentence(run: Path, shipped: Path | None, claims: Mapping[str, Claim]) -> str:
    """What the picture on the first page shows, over all test faces: a sentence in Markdown.

    Parameters
    ----------
    run, shipped, claims : see `FoundTables`
    """
    tables = FoundTables(REGIONS_FOUND.chapter, run, shipped, claims)
    said = without_intervals(said_of(dense_regions, tables)).replace("*", "")
    nothing = "This run is too small to say where relevance is densest."
    return f"**{said or nothing}** ({{numref}}`fig-density`)\n"


def _first_said(choices: tuple[Sentence, ...], tables: FoundTables) -> str:
    texts = (said_of(each, tables) for each in choices)
    return without_intervals(next(filter(None, texts), "This run is too small to say; a larger profile can."))
