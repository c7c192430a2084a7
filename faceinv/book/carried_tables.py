"""Tables that older code computed, and that the present code was found to give as well.

The name of a kept table says what code it rests on. Without further knowledge, any change of that code would
therefore discard the tables of all networks, although most changes leave them as they are.
``scripts/carry_tables.py`` computes some tables by the code of an older commit and by the present code on the
same machine. Functions whose tables are equal to the last digit are recorded here: the shipped tables of the
older code count as those of the present code.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from faceinv.errors import InputError
from faceinv.runtime.atomic import write_atomically

CARRIED = "carried.json"
"""File of the records, beside the archives."""


@dataclass(frozen=True)
class Carried:
    """A function whose tables are the same by two states of the code.

    Attributes
    ----------
    older, newer : folders of its tables in the cache and in archives; they end with the code's fingerprint
    compared : number of tables that were computed by both
    commit : of the older code
    machine : on which both were computed
    written : date and time
    """

    older: str
    newer: str
    compared: int
    commit: str
    machine: str
    written: str


def read_carried(folder: Path) -> list[Carried]:
    """The records in a folder of archives; none if there is no such file.

    Raises
    ------
    InputError
        If the file is damaged.
    """
    path = folder / CARRIED
    if not path.is_file():
        return []
    try:
        return [Carried(**each) for each in json.loads(path.read_text(encoding="utf-8"))["carried"]]
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{path} is no record of carried tables; restore it from the repository, or remove it, and the "
            "tables of older code are computed again"
        ) from error


def add_carried(folder: Path, records: Sequence[Carried]) -> Path:
    """Add records to those in a folder of archives."""
    known = [*read_carried(folder), *records]
    path = folder / CARRIED
    write_atomically(path, json.dumps({"carried": [asdict(each) for each in known]}, indent=1) + "\n")
    return path


def newer_folders(records: Sequence[Carried]) -> Mapping[str, str]:
    """The newer folder of each older one."""
    return {each.older: each.newer for each in records}


def names_of(name: str, newer: Mapping[str, str]) -> list[str]:
    """The names of a table of an archive: its own, and those by newer code that gives the same table."""
    folder, _, file = name.rpartition("/")
    found = [folder]
    while (folder := newer.get(folder, "")) and folder not in found:
        found.append(folder)
    return [f"{each}/{file}" for each in found]
