"""Comparison of a table with the same table of the evidence, number by number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from faceinv.metrics.prediction import SAMPLED, prediction_intervals
from faceinv.metrics.resampling import NUMBER_OF_PAIRS
from faceinv.reporting.evidence import FIXED_FACES, ShippedFile, difference, parse_table

NUMBERS = ("estimate", "low", "high", "seeds")
"""Columns of a table whose numbers can be compared."""

MATCHED = "matched"
"""Measure that is taken on images which all compared networks know: with other networks, on other images."""

ABOUT = ("se", "se_faces", "df", "note", NUMBER_OF_PAIRS, *NUMBERS, *SAMPLED)
"""Columns that are about an estimate, and tell no rows apart."""

NO_NUMBER = "there is no number to compare"
NO_PREDICTION = "it has no standard error, or an interval could not be computed"
"""Reasons why a row was not compared: an estimate is missing, or the evidence's interval is."""

DIGITS = 9
"""Significant digits by which numbers that tell rows apart, such as levels, are matched."""


@dataclass(frozen=True)
class Comparison:
    """What became of the numbers of a table.

    Attributes
    ----------
    rows : DataFrame
        One row per estimate of the run: row (the values that tell it apart, in words), estimate, low, high
        and seeds of the run; the same of the evidence, beginning with ``evidence_``; predicted_low,
        predicted_high, z and inside (see `faceinv.metrics.prediction.prediction_intervals`); and reason, why
        it was not compared, or an empty text.
    reason : str
        Why no number of the table was compared, or an empty text.
    """

    rows: pd.DataFrame
    reason: str = ""

    @property
    def compared(self) -> int:
        """How many numbers were compared."""
        return int(self.rows["inside"].notna().sum())

    @property
    def inside(self) -> int:
        """How many numbers lie inside their prediction intervals."""
        return int(self.rows["inside"].sum())

    def sentence(self) -> str:
        """The result in one sentence."""
        if self.reason:
            return f"Not compared with the evidence: {self.reason}."
        if not self.compared:
            return "No number could be compared with the evidence."
        return (
            f"{self.inside} of {self.compared} numbers lie inside the 95 % prediction intervals of "
            "the evidence."
        )


def compare_with(
    shipped: ShippedFile, run: pd.DataFrame, provenance: Mapping[str, Any], name: str = ""
) -> Comparison:
    """Compare a table of a run, as `parse_table` reads it, with the shipped one, if both estimate the same.

    Parameters
    ----------
    name : of the table. Where its intervals do not count the faces (`FIXED_FACES`), no number is compared
        with that of other faces, but figures show both
    """
    if reason := difference(provenance, shipped.provenance, list(run), name):
        return left_out(run, reason)
    found = compare_tables(run, parse_table(shipped.content))
    here, there = (
        (each.get("measured") or {}).get(FIXED_FACES.get(name)) for each in (provenance, shipped.provenance)
    )
    if here == there:
        return found
    why = f"its intervals do not count the faces, of which this run has {here} and the full run {there}"
    return Comparison(found.rows.assign(inside=_unknown(found.rows), z=float("nan"), reason=why))


def _unknown(rows: pd.DataFrame) -> Any:
    return pd.array([pd.NA] * len(rows), dtype="boolean")


def compare_tables(run: pd.DataFrame, evidence: pd.DataFrame) -> Comparison:
    """Compare each estimate of a table of a run with that of the evidence.

    Parameters
    ----------
    run, evidence : DataFrame
        The same table of both, as `faceinv.reporting.evidence.parse_table` reads it. Rows are matched by the
        columns that tell them apart in both (`matching_columns`).
    """
    if not set(NUMBERS) <= set(run):
        same = "; both are the same" if run.equals(evidence) else ""
        return left_out(run, f"it has no intervals{same}")
    if missing := [name for name in NUMBERS if name not in evidence]:
        return left_out(run, f"the shipped table has no column {missing[0]}")
    keys = matching_columns(run, evidence)
    if keys is None:
        return left_out(run, "other columns distinguish the rows of the shipped table")
    others = pd.Series(range(len(evidence)), index=_keys(evidence, keys)).reindex(_keys(run, keys))
    known = others.notna().to_numpy()
    if not known.any():
        return left_out(run, "the shipped table has none of its rows")
    kept = evidence.iloc[others.fillna(0).astype(int)].set_axis(run.index)
    units = [name for name in (*SAMPLED, NUMBER_OF_PAIRS) if name in run and name in evidence]
    errors = [name for name in ("df", "se", "se_faces") if name in run and name in evidence]
    columns = list(dict.fromkeys([*NUMBERS, *units, *errors]))
    kept = kept[columns].astype(float)
    kept.loc[~known] = float("nan")
    predicted = prediction_intervals(kept, run)
    numberless = run["estimate"].isna() | kept["estimate"].isna()
    reasons = pd.Series("", index=run.index).mask(predicted["inside"].isna(), NO_PREDICTION)
    reasons = reasons.mask(numberless, NO_NUMBER)
    rows = pd.concat(
        [_labelled(run, keys), kept.add_prefix("evidence_"), predicted, reasons.rename("reason")], axis=1
    )
    rows.loc[~known, "reason"] = "the shipped table has no such row"
    other = known & _matched_otherwise(run, evidence)
    rows["inside"], rows["z"] = rows["inside"].mask(other), rows["z"].mask(other)
    rows.loc[other, "reason"] = "its images are matched across other networks than those of the evidence"
    return Comparison(rows)


def _matched_otherwise(run: pd.DataFrame, evidence: pd.DataFrame) -> Any:
    """Whether rows of a run are on images that are matched across other networks than in the evidence.

    Conditions are matched within an architecture, and strategies across all of them.
    """
    if "measure" not in run:
        return np.zeros(len(run), dtype=bool)
    own = ["architecture"] if "condition" in run else []
    compared = [name for name in ("architecture", "strategy", "condition") if name in run and name not in own]

    def networks(table: pd.DataFrame) -> dict[str, set]:
        rows = zip(_keys(table, own), _keys(table, compared), strict=True)
        found: dict[str, set] = {}
        for key, name in rows:
            found.setdefault(key, set()).add(name)
        return found

    here, there = networks(run), networks(evidence)
    differs = [here[key] != there.get(key) for key in _keys(run, own)]
    return np.array(differs) & (run["measure"] == MATCHED).to_numpy()


def left_out(run: pd.DataFrame, reason: str) -> Comparison:
    """The comparison of a table of which no number is compared."""
    columns = list(dict.fromkeys([*run.columns, *NUMBERS]))
    numbers = run if set(NUMBERS) <= set(run) else run.iloc[:0].reindex(columns=columns)
    rows = _labelled(numbers, [name for name in numbers if name not in NUMBERS][:4])
    nothing = {f"evidence_{name}": float("nan") for name in NUMBERS}
    nothing |= {"predicted_low": float("nan"), "predicted_high": float("nan"), "z": float("nan")}
    return Comparison(rows.assign(**nothing, inside=_unknown(rows), reason=reason), reason)


def matching_columns(a: pd.DataFrame, b: pd.DataFrame) -> list[str] | None:
    """The columns by which the rows of two tables are told apart; None if those in both do not suffice.

    All columns of text belong to them, and as many columns of numbers (levels, depths, amounts) as are
    needed: those left of the estimate first, since what is right of it was computed from it.
    """
    common = [name for name in a if name in b and name not in ABOUT]
    keys = [name for name in common if not _is_number(a[name]) and not _is_number(b[name])]
    place = list(a.columns).index("estimate")
    numbers = [name for name in common if _is_number(a[name]) and _is_number(b[name])]
    numbers.sort(key=lambda name: list(a.columns).index(name) > place)
    while not all(_keys(table, keys).is_unique for table in (a, b)):
        if not numbers:
            return None
        keys.append(numbers.pop(0))
    return keys


def _keys(table: pd.DataFrame, names: Sequence[str]) -> pd.Index:
    """The values of some columns, one tuple a row."""
    columns = [table[name].map(_text) for name in names]
    return pd.Index(list(zip(*columns, strict=True)) if columns else [()] * len(table), tupleize_cols=False)


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _text(value: object) -> str:
    return f"{value:.{DIGITS}g}" if isinstance(value, float) else str(value)


def _labelled(table: pd.DataFrame, keys: Iterable[str]) -> pd.DataFrame:
    """The numbers of a table with a name for each row."""
    texts = [table[name].map(_short) for name in keys]
    names = [", ".join(filter(None, row)) for row in zip(*texts, strict=True)] if texts else ""
    return pd.DataFrame({"row": names}, index=table.index).join(table[list(NUMBERS)])


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
