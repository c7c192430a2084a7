"""What shipped before its analysis changed is named where its numbers are shown."""

from __future__ import annotations

import json
from pathlib import Path

from shipped_runs import CHAPTER, curves, provenance

from faceinv.reporting.evidence import earlier_analyses
from faceinv.reporting.findings.sources import FoundTables


def test_the_box_says_which_tables_are_of_an_earlier_analysis(tmp_path: Path) -> None:
    folder = tmp_path / "full" / CHAPTER
    folder.mkdir(parents=True)
    for name, more in (("curves", {"superseded": "computed before people were left out"}), ("means", {})):
        curves().to_csv(folder / f"{name}.csv", index=False)
        (folder / f"{name}.json").write_text(json.dumps(provenance() | more))
    judged = {"judgements": [{"claim": "one", "superseded": "computed before"}, {"claim": "two"}]}
    (folder / "judgements.json").write_text(json.dumps(provenance() | judged))
    assert earlier_analyses(folder) == {
        "curves": "computed before people were left out",
        "one": "computed before",
    }
    said = FoundTables(CHAPTER, tmp_path / "run", tmp_path / "full").origin()
    assert said.endswith(
        " The analysis of some tables has changed since. Table curves: computed before people were left out."
    )
