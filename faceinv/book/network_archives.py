"""Archives of the tables of single networks: many small tables in one file, exact to the last digit.

A table is JSON in a zip file, so that nothing in it can run when it is read. The name of an archive is the
beginning of its own SHA-256, so that one that was damaged or changed is refused, and archives of several
machines never overwrite each other.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from faceinv.errors import InputError
from faceinv.runtime.atomic import atomic_path

SHIPPED_TABLES = "book/results/networks"
"""Folder of the archives that ship, relative to that of the book."""

ARCHIVE_SUFFIX = ".zip"
PROVENANCE = "provenance.json"
"""Member of an archive that says where its tables come from."""
NAME_LENGTH = 16
"""Hexadecimal digits of the SHA-256 in the name of an archive."""
ADVICE = "restore it from the repository, or remove it, and its networks are trained again"
"""What to do about an archive that cannot be used."""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time of all members, so that the same tables give the same archive."""


def table_to_json(table: pd.DataFrame) -> bytes:
    """A table as JSON; a column that is the same in all rows is written once.

    Raises
    ------
    ValueError
        If `table_from_json` would not give the same table, as with an index of its own.
    """
    columns = {}
    for name in table:
        values = table[name].tolist()
        same = len(values) > 1 and all(each == values[0] for each in values)
        columns[name] = {"type": str(table[name].dtype), "values": values[:1] if same else values}
    text = json.dumps({"rows": len(table), "columns": columns}, separators=(",", ":")).encode()
    if not table_from_json(text).equals(table):
        raise ValueError("the table cannot be written as JSON and read again")
    return text


def table_from_json(text: bytes) -> pd.DataFrame:
    """The table that `table_to_json` wrote."""
    said = json.loads(text)
    rows = said["rows"]
    columns = {}
    for name, column in said["columns"].items():
        values = column["values"]
        columns[name] = pd.Series(values * rows if len(values) == 1 < rows else values, dtype=column["type"])
    return pd.DataFrame(columns)


def write_archive(folder: Path, tables: Mapping[str, bytes], provenance: Mapping[str, Any]) -> Path:
    """Write tables (see `table_to_json`) by name, with their provenance, as one archive into a folder."""
    written = io.BytesIO()
    members = {PROVENANCE: json.dumps(dict(provenance), indent=1).encode(), **tables}
    with zipfile.ZipFile(written, "w", zipfile.ZIP_LZMA) as archive:
        for name in sorted(members):
            member = zipfile.ZipInfo(name, EPOCH)
            member.compress_type = zipfile.ZIP_LZMA
            archive.writestr(member, members[name])
    content = written.getvalue()
    path = folder / f"{_digest(content)}{ARCHIVE_SUFFIX}"
    with atomic_path(path) as partial:
        partial.write_bytes(content)
    return path


def archives(folder: Path) -> list[Path]:
    """The archives of a folder; none if there is no such folder."""
    return sorted(folder.glob(f"*{ARCHIVE_SUFFIX}"))


def archive_provenance(path: Path) -> dict[str, Any]:
    """The provenance of an archive; see `open_archive`.

    Raises
    ------
    InputError
        If it has none.
    """
    with open_archive(path) as archive:
        try:
            found: dict[str, Any] = json.loads(archive.read(PROVENANCE))
            return {"profile": found["profile"], "tables": found["tables"], **found}
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"{path} does not say where its tables come from; {ADVICE}") from error


def provenance_of_profile(folder: Path, profile: str) -> dict[Path, dict[str, Any]]:
    """The archives of a profile in a folder, with their provenance; see `open_archive`."""
    found = {path: archive_provenance(path) for path in archives(folder)}
    return {path: said for path, said in found.items() if said["profile"] == profile}


def table_names(path: Path) -> list[str]:
    """Names of the tables of an archive; see `open_archive`."""
    with open_archive(path) as archive:
        return [name for name in archive.namelist() if name != PROVENANCE]


def read_tables(path: Path, names: list[str]) -> Iterator[tuple[str, pd.DataFrame]]:
    """Some tables of an archive by name; see `open_archive`.

    Raises
    ------
    InputError
        If one of them is no table.
    """
    with open_archive(path) as archive:
        for name in names:
            try:
                table = table_from_json(archive.read(name))
            except (KeyError, TypeError, ValueError) as error:
                raise InputError(f"{name} in {path} is no table; {ADVICE}") from error
            yield name, table


def open_archive(path: Path) -> zipfile.ZipFile:
    """Open an archive for reading.

    Raises
    ------
    InputError
        If its content is not the one that its name is of, or no archive.
    """
    content = path.read_bytes()
    if _digest(content) != path.stem:
        raise InputError(
            f"{path} is not as it was shipped: its SHA-256 does not begin with its name; {ADVICE}"
        )
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile as error:
        raise InputError(f"{path} is no zip file; {ADVICE}") from error


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:NAME_LENGTH]
