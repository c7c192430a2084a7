"""The evidence: tables of the full run that ship with the book, as they were shipped.

A list of SHA-256 checksums lies beside the tables and is checked whenever one is read, so that a table that
was damaged or changed later is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from faceinv.errors import InputError
from faceinv.experiments.profiles import OF_CHAPTERS, PROFILES, SIZES_STUDIED
from faceinv.runtime.atomic import write_atomically
from faceinv.runtime.json_files import read_object
from faceinv.runtime.locations import book_root

SHIPPED = "book/results/full"
"""Folder of the run whose tables ship with the book."""

CHECKSUMS = "SHA256SUMS"
"""File of the checksums in that folder, as ``sha256sum`` writes and checks it."""

TABLE_SUFFIXES = (".csv", ".json")
"""Kinds of the files that ship: tables, and provenance, judgements and stamps."""

ANALYSIS = 3
"""Edition of the analysis, raised by any change that gives a number of a table another meaning: tables of
other editions are not compared with those of this one."""

FREE_PARAMETERS = ("profile", "seeds")
"""Parameters of a chapter that set how many networks and images are measured, and not what is measured."""

BY_ROW = {"architectures": "architecture", "methods": "method", "entries": "method", "cues": "cue"}
"""Parameters of which a profile may have fewer values, and the column by which rows are then compared."""

ROWS_ALONE = ("methods", "entries")
"""Parameters that say which rows a table has, and that change no number of another row."""

NOT_POOLED = {"cues": ("methods", "randomised", "relabelled")}
"""Tables of a chapter with a parameter of `BY_ROW` that do not rest on it, though no column names it."""

FIXED_FACES = {"layers": "transformed"}
"""Tables whose intervals are over networks alone, and the size that says how many faces they are for: runs
with other faces differ by more than such an interval tells."""

ADDED_PARAMETERS = {"recipe": "usual", "pretrainings": ["none", "faces", "objects"]}
"""Parameters that chapters got after the evidence was made, each with the value at which it was made."""


@dataclass(frozen=True)
class ShippedFile:
    """A file of the evidence: its content, and the provenance that lies beside it or in it."""

    content: bytes
    provenance: Mapping[str, Any]


def shipped_folder() -> Path | None:
    """The folder of the evidence of the book at or above the working folder; None without one."""
    root = book_root()
    folder = root / SHIPPED if root else None
    return folder if folder and folder.is_dir() else None


def write_manifest(folder: Path) -> Path:
    """Write the checksums of all tables, judgements and stamps in a folder and its subfolders."""
    files = [path for path in sorted(folder.rglob("*")) if path.suffix in TABLE_SUFFIXES]
    lines = [f"{_digest(path.read_bytes())}  {path.relative_to(folder).as_posix()}\n" for path in files]
    write_atomically(folder / CHECKSUMS, "".join(lines))
    return folder / CHECKSUMS


def read_manifest(folder: Path) -> dict[str, str]:
    """SHA-256 by path relative to `folder`; empty without a file of checksums.

    Raises
    ------
    InputError
        If a line of the file is not a checksum and a path.
    """
    path = folder / CHECKSUMS
    if not path.is_file():
        return {}
    found = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        digest, _, name = line.partition("  ")
        if len(digest) != 64 or not name:
            raise InputError(
                f"line {number} of {path} is {line!r}; expected a SHA-256, two spaces and a path"
            )
        found[name] = digest
    return found


def read_shipped(folder: Path, name: str) -> bytes | None:
    """Read a file of the evidence; None if it does not ship.

    Parameters
    ----------
    folder : see `shipped_folder`
    name : path of the file in it, such as ``05_generalization/matrix.csv``

    Raises
    ------
    InputError
        If the file is not the one that was shipped.
    """
    path, known = folder / name, read_manifest(folder).get(name)
    if known is None and not path.is_file():
        return None
    advice = "restore it from the repository, or ship a full run: faceinv book --profile full --ship"
    if known is None:
        raise InputError(f"{path} is not in {CHECKSUMS}, so it is not known whether it was shipped; {advice}")
    if not path.is_file():
        raise InputError(f"{path} is missing, although {CHECKSUMS} names it; {advice}")
    content = path.read_bytes()
    if _digest(content) != known:
        raise InputError(f"{path} is not as it was shipped: its SHA-256 is not that in {CHECKSUMS}; {advice}")
    return content


def check_shipped(folder: Path) -> None:
    """Check all files of the evidence against their checksums.

    Raises
    ------
    InputError
        If one of them is not as it was shipped, is missing, or was added.
    """
    files = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.suffix in TABLE_SUFFIXES
    }
    for name in sorted(files | set(read_manifest(folder))):
        read_shipped(folder, name)


def read_shipped_table(folder: Path, chapter: str, name: str) -> ShippedFile | None:
    """Read a table of the evidence with its provenance; None if it does not ship. See `read_shipped`."""
    content = read_shipped(folder, f"{chapter}/{name}.csv")
    provenance = read_shipped(folder, f"{chapter}/{name}.json")
    if content is None or provenance is None:
        return None
    return ShippedFile(content, json.loads(provenance))


def studied(profile: str, chapter: str = "") -> dict[str, Any] | None:
    """What a chapter studies with a profile: sizes that change networks or tasks.

    Sizes that only set how many networks and images are measured are left out, and so are those that matter
    to other chapters alone. None if there is no such profile.
    """
    if profile not in PROFILES:
        return None
    names = [
        *SIZES_STUDIED,
        *(name for name, parts in OF_CHAPTERS.items() if any(part in chapter for part in parts)),
    ]
    return {name: getattr(PROFILES[profile], name) for name in names}


def measured(parameters: Mapping[str, Any]) -> dict[str, int] | None:
    """How many networks and images a chapter with these parameters measures; None without a known profile."""
    sizes = PROFILES.get(str(parameters.get("profile")))
    if sizes is None:
        return None
    images = {"explained": sizes.explained, "read": sizes.read, "transformed": sizes.transformed}
    return {"seeds": parameters.get("seeds") or sizes.seeds, **images}


def difference(
    run: Mapping[str, Any], evidence: Mapping[str, Any], columns: Collection[str] = (), table: str = ""
) -> str | None:
    """Why a run's numbers are not those that the evidence estimates, as part of a sentence; None if they are.

    Tables and judgements that shipped before a change of their analysis say in `superseded` what they are,
    such as *computed before people were left out*. They are shown, with this, until the next full run.

    Parameters
    ----------
    run, evidence : provenance of a table (see `faceinv.reporting.tables.Record.provenance`)
    columns : columns of the table: a parameter of `BY_ROW` may differ if its column is among them
    table : its name: a parameter may differ if the table does not rest on it (`NOT_POOLED`)
    """
    run, evidence = (json.loads(json.dumps(dict(each), default=str)) for each in (run, evidence))
    if evidence.get("analysis") != run["analysis"]:
        return f"the evidence is of an older edition of the analysis (commit {evidence.get('commit')})"
    if change := evidence.get("superseded"):
        return f"its analysis has changed since the full run: {change}"
    here = run["parameters"]
    there = with_added(evidence["parameters"], here)
    for name in dict.fromkeys([*here, *there]):
        if name in (*FREE_PARAMETERS, *ROWS_ALONE) or table in NOT_POOLED.get(name, ()):
            continue
        if name not in here or name not in there:
            return f"only {'this run' if name in here else 'the evidence'} has the parameter {name}"
        if here[name] != there[name] and BY_ROW.get(name) not in columns:
            ours, theirs = _words(here[name]), _words(there[name])
            if isinstance(here[name], list):
                return f"this run has other {name.replace('_', ' ')} ({ours}) than the full run ({theirs})"
            return f"this run has the {name.replace('_', ' ')} {ours}, and the full run {theirs}"
    own, other = run.get("studied") or {}, evidence.get("studied") or {}
    for name in dict.fromkeys([*own, *other]):
        if own.get(name) != other.get(name):
            return (
                f"the profile {here.get('profile')} is another study: its {name.replace('_', ' ')} is "
                f"{_words(own.get(name))}, and that of the full run {_words(other.get(name))}"
            )
    return None


def earlier_analyses(chapter: Path) -> dict[str, str]:
    """Tables and claims of a shipped chapter whose analysis has changed since, by name, and what they are."""
    found: dict[str, str] = {}
    for path in sorted(chapter.glob("*.json")):
        record = read_object(path)
        entries = [(path.stem, record), *((each["claim"], each) for each in record.get("judgements", []))]
        found |= {name: entry["superseded"] for name, entry in entries if entry.get("superseded")}
    return found


def covers(evidence: Mapping[str, Any], run: Mapping[str, Any]) -> bool:
    """Whether the evidence answers what a run asks: the same study, with parameters that include its own.

    A profile whose images or networks are of another size is another study.

    Parameters
    ----------
    evidence, run : provenance of a table of each; empty for a run that has not taken place
    """
    if evidence.get("analysis") != ANALYSIS:
        return False
    if run and (evidence.get("studied") or {}) != (run.get("studied") or {}):
        return False
    here = run.get("parameters", {})
    there = with_added(evidence.get("parameters", {}), here)
    for name in set(here) - set(FREE_PARAMETERS):
        if name not in there:
            return False
        lists = isinstance(here[name], list) and isinstance(there[name], list)
        if not (set(here[name]) <= set(there[name]) if lists else here[name] == there[name]):
            return False
    return True


def is_shown(evidence: Mapping[str, Any], run: Mapping[str, Any]) -> bool:
    """Whether figures show the evidence below a run: both are the same study with the same parameters.

    The run may have fewer architectures, methods and cues (`BY_ROW`). Numbers that pool over these are then
    not compared (see `difference`), but what the evidence found is what a reader wants to see.
    """
    evidence, run = (json.loads(json.dumps(dict(each), default=str)) for each in (evidence, run))
    if not covers(evidence, run):
        return False
    here = run["parameters"]
    there = with_added(evidence["parameters"], here)
    return all(here[name] == there[name] for name in set(here) - {*FREE_PARAMETERS, *BY_ROW})


def with_added(evidence: Mapping[str, Any], run: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of the evidence, with those that the chapter of a run got later (`ADDED_PARAMETERS`)."""
    return {**{name: value for name, value in ADDED_PARAMETERS.items() if name in run}, **evidence}


def parse_table(content: bytes | str) -> pd.DataFrame:
    """Read a table of a `Record`: an empty field is nan among numbers, and an empty text among texts."""
    data = content.encode() if isinstance(content, str) else content
    if data and not data.strip():  # a table without a column, which pandas writes as an empty line
        return pd.DataFrame()
    table = pd.read_csv(BytesIO(data), keep_default_na=False, na_values=[""])
    texts = table.select_dtypes(exclude=["number", "bool"]).columns
    return table.assign(**{name: table[name].fillna("") for name in texts})


def _words(value: object) -> str:
    if value is None:
        return "not recorded"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
