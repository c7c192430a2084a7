"""Where sentences get their numbers: the tables of the evidence, or else those of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from faceinv.reporting.claims import Claim, Judgement, read_judgements, rejudge
from faceinv.reporting.evidence import covers, earlier_analyses, parse_table, read_shipped
from faceinv.reporting.findings.wording import NotMeasured
from faceinv.runtime.json_files import read_object

USUAL_COMPOSITE = "epsilon-plus-flat"
"""The composite of chapters that do not name theirs."""


@dataclass(frozen=True)
class FoundTables:
    """The tables of a chapter: those of the evidence if it covers what a run did, or else those of the run.

    Attributes
    ----------
    chapter : name of the chapter
    run : folder of a run, with a folder for each chapter
    shipped : folder of the evidence (see `faceinv.reporting.evidence.shipped_folder`); None if none ships
    claims : claims of the book, whose verdicts are reported
    """

    chapter: str
    run: Path
    shipped: Path | None = None
    claims: Mapping[str, Claim] | None = None

    def __call__(self, name: str, chapter: str = "") -> pd.DataFrame:
        """The table called `name`, of this chapter or another.

        Raises
        ------
        NotMeasured
            If there is no such table.
        """
        if chapter:
            return replace(self, chapter=chapter)(name)
        if self.from_evidence:
            assert self.shipped is not None
            content = read_shipped(self.shipped, f"{self.chapter}/{name}.csv")
        else:
            path = self.run / self.chapter / f"{name}.csv"
            content = path.read_bytes() if path.is_file() else None
        if content is None:
            raise NotMeasured(name)
        return parse_table(content)

    @cached_property
    def from_evidence(self) -> bool:
        """Whether numbers are those of the evidence."""
        own = _provenance(self.run / self.chapter)
        return self.shipped is not None and covers(_provenance(self.shipped / self.chapter), own)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Parameters of the run that the numbers are from."""
        folder = self.shipped if self.from_evidence and self.shipped else self.run
        found: Mapping[str, Any] = _provenance(folder / self.chapter).get("parameters", {})
        return found

    @property
    def composite(self) -> str:
        """The propagation rules of that run."""
        return str(self.parameters.get("composite", USUAL_COMPOSITE))

    def verdicts(self) -> list[tuple[Claim, Judgement]]:
        """The claims of the chapter that were judged, by their present terms."""
        folder = self.shipped if self.from_evidence and self.shipped else self.run
        judged = read_judgements(folder)
        own = [each for each in (self.claims or {}).values() if each.chapter == self.chapter]
        now = [(claim, rejudge(claim, judged[claim.id])) for claim in own if claim.id in judged]
        return [(claim, judgement) for claim, judgement in now if judgement is not None]

    @property
    def seeds(self) -> int:
        """Largest number of networks of one kind that a table of this chapter rests on; 0 if none tells."""
        folder = self.shipped if self.from_evidence and self.shipped else self.run
        most = 0
        for path in (folder / self.chapter).glob("*.csv"):
            table = parse_table(path.read_bytes())
            if "seeds" in table and table["seeds"].notna().any():
                most = max(most, int(table["seeds"].max()))
        return most

    def _has(self, name: str) -> bool:
        return self.shipped is not None and (self.shipped / self.chapter / f"{name}.csv").is_file()

    def origin(self) -> str:
        """Whose numbers these are, as a sentence."""
        profile = self.parameters.get("profile")
        many = f", {self.seeds} networks of each kind" if self.seeds and self.chapter[:2] != "01" else ""
        if self.from_evidence and self.shipped:
            earlier = earlier_analyses(self.shipped / self.chapter)
            listed = [f" Table {name}: {what}." for name, what in earlier.items() if self._has(name)]
            since = " The analysis of some tables has changed since." + "".join(listed) if listed else ""
            return f"From the full run that ships with this book{many}.{since}"
        if not profile:
            return "This chapter was not run."
        missing = "" if self.shipped is None else "; no full run ships that measures the same"
        return f"From this run only (profile *{profile}*{many}){missing}."


def at_strongest(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of a table at the strongest level of each transformation, which may be the smallest number."""
    from faceinv.perturbations.transformations import named  # PyTorch takes seconds to import

    known = table.dropna(subset="estimate")
    pairs = zip(known["transformation"], known["level"], strict=True)
    strength = pd.Series(
        [named(str(name)).strength(level) for name, level in pairs], known.index, dtype=float
    )
    return known[strength == strength.groupby(known["transformation"]).transform("max")]


def _provenance(folder: Path) -> dict[str, Any]:
    """The provenance of the first table of a chapter; empty if it has none."""
    found = (path for path in sorted(folder.glob("*.json")) if path.with_suffix(".csv").is_file())
    first = next(found, None)
    return read_object(first) if first else {}
