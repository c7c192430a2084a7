"""Verdicts of the evidence, and whether a run agrees with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from IPython.display import HTML

from faceinv.metrics.prediction import prediction_intervals
from faceinv.reporting.claims import (
    FILE,
    Claim,
    Judgement,
    corrections,
    of_chapter,
    read_judgements,
    rejudge,
    verdict_jointly,
)
from faceinv.reporting.evidence import covers, difference, shipped_folder
from faceinv.reporting.findings.wording import Estimate
from faceinv.reporting.tables import Record
from faceinv.reporting.verdict_cards import card_board, claim_card
from faceinv.runtime.json_files import read_object

OTHER_STATISTIC = "this run alone: the full run judged another statistic"


@dataclass(frozen=True)
class Agreement:
    """What the evidence and a run say of a claim, both by its present terms.

    Attributes
    ----------
    evidence : the evidence's judgement; None if it has none, or none that covers what the run measured
    run : the run's judgement; None if it has none
    inside : whether the run's estimate lies inside the prediction interval of the evidence; None if unknown
        or if the evidence is of more networks or methods, over which its estimate is a mean
    note : the same in words, or why there is no verdict of the evidence; empty if unknown
    """

    evidence: Judgement | None
    run: Judgement | None
    inside: bool | None
    note: str


def agreements_of(claims: Mapping[str, Claim], run: Path, shipped: Path | None) -> dict[str, Agreement]:
    """The agreement of a run with the evidence, by claim.

    Parameters
    ----------
    claims : see `faceinv.reporting.claims.read_claims`
    run : folder of the run, with a folder for each chapter
    shipped : folder of the evidence (see `faceinv.reporting.evidence.shipped_folder`); None if none ships
    """
    ours, theirs = read_judgements(run), read_judgements(shipped) if shipped else {}
    found = {}
    for name, claim in claims.items():
        here = rejudge(claim, ours[name]) if name in ours else None
        there = rejudge(claim, theirs[name]) if name in theirs else None
        is_other = name in theirs and there is None
        origin = _provenance(shipped, claim.chapter) if shipped and there else {}
        own = _provenance(run, claim.chapter) if here else {}
        if not covers(origin, own):
            there = None
        inside, note = _compared(here, own, there, origin) if here and there else (None, "")
        if here and is_other:
            note = OTHER_STATISTIC
        found[name] = Agreement(there, here, inside, note)
    return found


def verdict_board(
    claims: Mapping[str, Claim],
    run: Path,
    shipped: Path | None = None,
    corrected: bool = False,
    pages: str | None = None,
    reasons: Mapping[str, str] | None = None,
) -> HTML:
    """Claims as cards: the verdict of the evidence, and what a run found and whether it agrees.

    Without a judgement of the evidence the verdict is that of the run.

    Parameters
    ----------
    claims, run, shipped : see `agreements_of`
    corrected : whether to add verdicts by intervals that are corrected for the number of claims (see
        `faceinv.reporting.multiplicity.holm`); the claims must then be all that a run has judged
    pages : see `faceinv.reporting.verdict_cards.claim_card`
    reasons : why claims cannot be judged, by claim
    """
    found = agreements_of(claims, run, shipped)
    judged = {name: each.evidence or each.run for name, each in found.items()}
    joint = corrections(claims, {name: each for name, each in judged.items() if each}) if corrected else {}
    recorded = read_judgements(run)
    cards = {
        name: claim_card(
            claims[name],
            each.evidence,
            each.run,
            each.note,
            verdict_jointly(claims[name], joint[name]) if name in joint else "",
            "another statistic" if name in recorded else "not run",
            pages,
            (reasons or {}).get(name, ""),
        )
        for name, each in found.items()
    }
    return HTML(card_board(claims, cards))


def chapter_verdicts(
    claims: Mapping[str, Claim], record: Record, reasons: Mapping[str, str] | None = None
) -> HTML:
    """The verdicts of the claims that a chapter judges; see `verdict_board`."""
    own = of_chapter(claims, record.chapter)
    return verdict_board(own, record.folder.parent, shipped_folder(), reasons=reasons)


def _compared(
    run: Judgement, own: Mapping[str, Any], evidence: Judgement, origin: Mapping[str, Any]
) -> tuple[bool | None, str]:
    """`_inside`, or why the numbers cannot be compared: the evidence may be of more networks or methods."""
    if why := difference(own, origin):
        return None, f"not compared: {why}"
    if evidence.superseded:  # which the card says beside its number
        return None, "not compared"
    return _inside(run, own, evidence, origin)


def _inside(
    run: Judgement, own: Mapping[str, Any], evidence: Judgement, origin: Mapping[str, Any]
) -> tuple[bool | None, str]:
    """Whether the estimate of a run lies inside its prediction interval, and the same in words."""
    tables = []
    for judgement, provenance in ((evidence, origin), (run, own)):
        measured = provenance.get("measured") or {}
        units = {"seeds": measured.get("seeds"), "identities": measured.get("explained")}
        row = {"estimate": judgement.estimate, "low": judgement.low, "high": judgement.high, **units}
        if evidence.df is not None and run.df is not None:
            row["df"] = judgement.df
        tables.append(pd.DataFrame([row], dtype=float))
    predicted = prediction_intervals(*tables).iloc[0]
    if pd.isna(predicted["inside"]):
        return None, ""
    limits = (predicted["predicted_low"], predicted["predicted_high"])
    between = " to ".join(Estimate("", limit).text() for limit in limits)
    if predicted["inside"]:
        return True, f"agrees: predicted {between}"
    return False, f"differs: predicted {between}"


def _provenance(run: Path, chapter: str) -> dict[str, Any]:
    """The provenance of a chapter's judgements; empty if it has none."""
    path = run / chapter / FILE
    return read_object(path) if path.is_file() else {}
