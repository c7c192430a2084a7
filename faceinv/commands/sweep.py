"""Sweeps: run one chapter with every combination of some parameters, and join its tables."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

from faceinv.book.build import hash_files, hash_imports
from faceinv.book.chapters import Chapter, execute
from faceinv.book.found_cells import found_tables
from faceinv.book.parameters import Parameter, parse_parameters
from faceinv.book.standalone_page import write_page
from faceinv.errors import InputError
from faceinv.runtime.atomic import write_atomically
from faceinv.runtime.json_files import read_object

FINISHED = "finished.json"
"""File next to the tables of a finished run that records its inputs."""

LONGEST = 100
"""Largest number of characters in a folder's name."""


@dataclass(frozen=True)
class Sweep:
    """The values of parameters with which a chapter is run.

    Attributes
    ----------
    values : values of each given parameter, in order
    """

    values: Mapping[str, Sequence[Any]]

    @property
    def swept(self) -> list[str]:
        """Names of the parameters that have more than one value."""
        return [name for name, values in self.values.items() if len(values) > 1]

    def combinations(self) -> Iterator[dict[str, Any]]:
        """The parameters of each run; the last parameter varies fastest."""
        for chosen in product(*self.values.values()):
            yield dict(zip(self.values, chosen, strict=True))

    @property
    def folder(self) -> str:
        """Name of the folder of the joined tables."""
        return folder_name({name: "+".join(map(as_typed, values)) for name, values in self.values.items()})


def parse_sweep(known: Sequence[Parameter], given: Mapping[str, str], chapter: str) -> Sweep:
    """Parse parameters from the command line: values are separated by commas, lists by semicolons.

    Raises
    ------
    InputError
        If a parameter is unknown, a value is not of its type, or no parameter has two values.
    """
    lists = {parameter.name for parameter in known if parameter.type.startswith(("list", "tuple"))}
    values: dict[str, list[Any]] = {}
    for name, text in given.items():
        separator = ";" if ";" in text or name in lists else ","
        words = [word.strip() for word in text.split(separator) if word.strip()]
        read = [parse_parameters(known, {name: word}, chapter)[name] for word in words or [text]]
        values[name] = [value for i, value in enumerate(read) if value not in read[:i]]
    sweep = Sweep(values)
    if not sweep.swept:
        raise InputError(
            "no parameter has two values; expected values separated by commas, such as -p fill mean,blur, or "
            "lists separated by semicolons, such as -p tasks 'gender;gender,identity'"
        )
    return sweep


def folder_name(values: Mapping[str, Any]) -> str:
    """A unique name of a folder for some parameters, such as ``fill=blur,seeds=5``; empty for none.

    Characters that a file name cannot contain are replaced; then a hash keeps the name unique.
    """
    whole = ",".join(f"{name}={as_typed(value)}" for name, value in sorted(values.items()))
    name = re.sub(r"[^\w.+=,-]+", "-", whole)
    if name == whole and len(name) <= LONGEST:
        return name
    return f"{name[: LONGEST - 9]}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}"


def as_typed(value: Any) -> str:
    """A parameter's value as typed on the command line."""
    if isinstance(value, list | tuple):
        return ",".join(map(as_typed, value))
    if value is None or isinstance(value, bool):
        return str(value).lower()
    return str(value)


def run_once(chapter: Chapter, values: Mapping[str, Any], out: Path) -> Path:
    """Execute a chapter into ``out/<chapter>`` and write its stand-alone page; returns the notebook."""
    executed = out / chapter.name / f"{chapter.name}.ipynb"
    execute(chapter, values, executed, out)
    tables = found_tables(chapter.notebook.parents[1], out, chapter.name)
    write_page(executed, chapter.references, tables)
    return executed


def run_sweep(chapter: Chapter, sweep: Sweep, out: Path) -> list[Path]:
    """Run a chapter with each combination of parameters and join its tables.

    Each combination is run in its own folder in `out`. Combinations that were run before with the same
    notebook, package and libraries are not run again, so that an interrupted sweep resumes.

    Returns
    -------
    list of Path
        The joined tables, in ``out/<parameters>/<chapter>``: one for each table of the chapter, whose first
        columns are the parameters that vary.

    Raises
    ------
    InputError, RunError
        If the chapter raises it; finished runs are kept.
    """
    combinations = list(sweep.combinations())
    folders = [out / folder_name(values) for values in combinations]
    source = {"notebook": hash_files([chapter.notebook]), **hash_imports(chapter)}
    for number, (values, folder) in enumerate(zip(combinations, folders, strict=True), 1):
        finished = folder / chapter.name / FINISHED
        stamp = json.dumps(source | {"parameters": values}, indent=1, default=str)
        done = finished.is_file() and finished.read_bytes() == stamp.encode()
        tqdm.write(f"{number} of {len(folders)}: {folder.name}{' (done before)' if done else ''}")
        if not done:
            finished.unlink(missing_ok=True)
            run_once(chapter, values, folder)
            write_atomically(finished, stamp)
    return join_tables(chapter.name, sweep, combinations, folders, out / sweep.folder / chapter.name)


def join_tables(
    chapter: str,
    sweep: Sweep,
    combinations: Sequence[Mapping[str, Any]],
    folders: Sequence[Path],
    target: Path,
) -> list[Path]:
    """Join each table of a chapter over its runs, and write it with its provenance; see `run_sweep`."""
    names = sorted({path.stem for folder in folders for path in (folder / chapter).glob("*.csv")})
    target.mkdir(parents=True, exist_ok=True)
    for name in names:
        parts, runs = [], []
        for values, folder in zip(combinations, folders, strict=True):
            file = folder / chapter / f"{name}.csv"
            if file.is_file():
                varied = {key: as_typed(values[key]) for key in sweep.swept}
                parts.append(with_parameters(_read_as_text(file), varied))
                record = file.with_suffix(".json")
                runs.append(read_provenance(record))
        write_atomically(target / f"{name}.csv", pd.concat(parts, ignore_index=True).to_csv(index=False))
        provenance = {"chapter": chapter, "swept": sweep.swept, "runs": runs}
        write_atomically(target / f"{name}.json", json.dumps(provenance, indent=1))
    return [target / f"{name}.csv" for name in names]


def read_provenance(record: Path) -> dict[str, Any]:
    """The provenance of a table; empty without one, as of a table that another program wrote."""
    if not record.is_file():
        return {}
    try:
        return read_object(record)
    except ValueError as error:
        raise InputError(
            f"{record} contains no provenance; remove its folder, and the run is repeated"
        ) from error


def with_parameters(table: pd.DataFrame, values: Mapping[str, str]) -> pd.DataFrame:
    """A table of texts with parameters as first columns; columns with the same name and values are replaced.

    A column with the same name and other values is kept; the parameter is then called ``<name> (parameter)``.
    """
    front = {}
    for name, value in values.items():
        if name in table and not table[name].eq(value).all():
            front[f"{name} (parameter)"] = value
        else:
            table = table.drop(columns=name, errors="ignore")
            front[name] = value
    for place, (name, value) in enumerate(front.items()):
        table.insert(place, name, value)
    return table


def _read_as_text(file: Path) -> pd.DataFrame:
    """Read a table as text, so that numbers keep their digits."""
    return pd.read_csv(file, dtype=str, keep_default_na=False, skip_blank_lines=False)
