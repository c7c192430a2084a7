"""A made-up full run, shipped with a book in a folder of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from faceinv.reporting.evidence import ANALYSIS, SHIPPED, measured, studied, write_manifest

CHAPTER = "04_masking"


def curves(shift: float = 0.0, seeds: int = 10) -> pd.DataFrame:
    """Estimates 0, 1, 2 ... by mask and fraction, with intervals of 1.96 to either side."""
    rows = [(mask, fraction) for mask in ("most", "random") for fraction in (0.1, 0.3)]
    table = pd.DataFrame(rows, columns=["mask", "fraction"])
    estimate = pd.Series(range(len(rows)), dtype=float) + shift
    return table.assign(estimate=estimate, low=estimate - 1.96, high=estimate + 1.96, seeds=seeds)


def provenance(**more: Any) -> dict[str, Any]:
    """Provenance of a full run."""
    parameters = {"profile": "full", "data": "faces", "seeds": None}
    known = {"parameters": parameters, "commit": "abc", "measured": measured(parameters)}
    return known | {"analysis": ANALYSIS, "studied": studied("full")} | more


def ship(root: Path, tables: dict[str, pd.DataFrame], chapter: str = CHAPTER, **more: Any) -> Path:
    """Make a book in `root` that ships these tables of a chapter; `more` replaces parts of provenance."""
    (root / "notebooks").mkdir(parents=True, exist_ok=True)
    (root / "_toc.yml").touch()
    folder = root / SHIPPED
    (folder / chapter).mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        table.to_csv(folder / chapter / f"{name}.csv", index=False)
        (folder / chapter / f"{name}.json").write_text(json.dumps(provenance(**more)))
    write_manifest(folder)
    return folder
