"""Archives of tables: many small tables in one file, exact to the last digit, that runs nothing when read.

A table is JSON in a zip file. The name of an archive is the beginning of its own SHA-256, so that one that
was damaged or changed is refused, and archives of several machines never overwrite each other.
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

SUFFIX = ".zip"
PROVENANCE = "provenance.json"
"""Member of an archive that says where its tables come from."""
NAME_LENGTH = 16
"""Hexadecimal digits of the SHA-256 in the name of an archive."""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time of all members, so that the same tables give the same archive."""


def encode_table(table: pd.DataFrame) -> bytes:
    """A table as JSON; a column that is the same in all rows is written once.

    Raises
    ------
    ValueError
        If `decode_table` would not give the same table, as with an index of its own.
    """
    columns = {}
    for name in table:
        values = table[name].tolist()
        same = len(values) > 1 and all(each == values[0] for each in values)
        columns[name] = {"type": str(table[name].dtype), "values": values[:1] if same else values}
    text = json.dumps({"rows": len(table), "columns": columns}, separators=(",", ":")).encode()
    if not decode_table(text).equals(table):
        raise ValueError("the table cannot be written as JSON and read again")
    return text


def decode_table(text: bytes) -> pd.DataFrame:
    """The table that `encode_table` wrote."""
    said = json.loads(text)
    rows = said["rows"]
    columns = {}
    for name, column in said["columns"].items():
        values = column["values"]
        columns[name] = pd.Series(values * rows if len(values) == 1 < rows else values, dtype=column["type"])
    return pd.DataFrame(columns)


def write_archive(folder: Path, tables: Mapping[str, bytes], provenance: Mapping[str, Any]) -> Path:
    """Write tables (see `encode_table`) by name, with their provenance, as one archive into a folder."""
    written = io.BytesIO()
    members = {PROVENANCE: json.dumps(dict(provenance), indent=1).encode(), **tables}
    with zipfile.ZipFile(written, "w", zipfile.ZIP_LZMA) as archive:
        for name in sorted(members):
            member = zipfile.ZipInfo(name, EPOCH)
            member.compress_type = zipfile.ZIP_LZMA
            archive.writestr(member, members[name])
    content = written.getvalue()
    path = folder / f"{_digest(content)}{SUFFIX}"
    with atomic_path(path) as partial:
        partial.write_bytes(content)
    return path


def archives(folder: Path) -> list[Path]:
    """The archives of a folder; none if there is no such folder."""
    return sorted(folder.glob(f"*{SUFFIX}"))


def read_provenance(path: Path) -> dict[str, Any]:
    """The provenance of an archive; see `open_archive`."""
    with open_archive(path) as archive:
        found: dict[str, Any] = json.loads(archive.read(PROVENANCE))
        return found


def table_names(path: Path) -> list[str]:
    """Names of the tables of an archive; see `open_archive`."""
    with open_archive(path) as archive:
        return [name for name in archive.namelist() if name != PROVENANCE]


def read_tables(path: Path, names: list[str]) -> Iterator[tuple[str, pd.DataFrame]]:
    """Some tables of an archive by name; see `open_archive`."""
    with open_archive(path) as archive:
        for name in names:
            yield name, decode_table(archive.read(name))


def open_archive(path: Path) -> zipfile.ZipFile:
    """Open an archive for reading.

    Raises
    ------
    InputError
        If its content is not the one that its name is of.
    """
    content = path.read_bytes()
    if _digest(content) != path.stem:
        raise InputError(
            f"{path} is not as it was shipped: its SHA-256 does not begin with its name; restore it from "
            "the repository, or remove it, and its networks are trained again"
        )
    return zipfile.ZipFile(io.BytesIO(content))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:NAME_LENGTH]
