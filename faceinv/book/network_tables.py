"""Tables of single networks: what each answered, and where its maps lay, which ships with the book.

A network of the full run takes minutes to train and to measure, and all of them together take many hours on
two cores. What is measured of one is a few tables, which are far smaller than its weights. They ship, so that
the full run can be computed in instalments, on several machines, and analysed again without training.
They are read by runs of the profile that they are of, and by no other: a replication trains its own networks.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from inspect import signature
from itertools import chain
from pathlib import Path
from typing import Any

from faceinv.book import network_archives as archives
from faceinv.book.carried_tables import names_of, newer_folders, read_carried
from faceinv.book.network_archives import SHIPPED_TABLES
from faceinv.book.planned_tables import SHIPPED_FUNCTIONS, NetworkTables
from faceinv.reporting.tables import commit, machine, training_precision
from faceinv.runtime import cache
from faceinv.runtime.cache import is_cached
from faceinv.runtime.cluster import where
from faceinv.runtime.fingerprints import versions
from faceinv.runtime.locations import cache_folder


@dataclass(frozen=True)
class Measured:
    """What an instalment computed of a network: the number of tables, and seconds of the processor."""

    tables: int = 0
    seconds: float = 0.0


def measure_until(tables: NetworkTables, deadline: float) -> Measured:
    """Compute the missing tables of a network, and keep them in the cache.

    Parameters
    ----------
    tables : of the network
    deadline : time (`time.time`) after which no further table is begun
    """
    count, start = 0, time.process_time()
    for function, given in tables.missing():
        if time.time() >= deadline:
            break
        function(*given)
        count += 1
    return Measured(count, time.process_time() - start)


def ship_tables(
    root: Path, profile: str, tables: Sequence[NetworkTables], seconds: Mapping[str, float]
) -> Path | None:
    """Write those tables of networks that are in the cache and do not ship yet as one archive.

    Parameters
    ----------
    root : folder of the book
    profile : its name
    tables : of the networks
    seconds : time of processors that they took, by chapter

    Returns
    -------
    Path or None
        The archive; None if there is nothing to write.
    """
    folder = root / SHIPPED_TABLES
    newer = newer_folders(read_carried(folder))
    shipped = {
        each
        for path in archives.archives(folder)
        for name in archives.table_names(path)
        for each in names_of(name, newer)
    }
    found = {}
    for function, given in chain.from_iterable(each.calls for each in tables):
        name = _name(function, given)
        if name not in shipped and name not in found and is_cached(function, *given):
            found[name] = archives.table_to_json(function(*given))
    if not found:
        return None
    provenance = {
        "profile": profile,
        "tables": len(found),
        "seconds": {chapter: round(each) for chapter, each in seconds.items()},
        "commit": commit(),
        "machine": machine(),
        "device": where(),
        "training precision": training_precision(profile),
        "versions": versions("faceinv.experiments"),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return archives.write_archive(folder, found, provenance)


def adopt_tables(root: Path, profile: str) -> int:
    """Copy the shipped tables of a profile into the cache, from which chapters read them; their number.

    Those that other code has computed, or other versions of libraries, are left out, unless the present code
    is known to give them as well (see `faceinv.book.carried_tables`), and so are those that the cache has.

    Raises
    ------
    InputError
        If an archive is not as it was shipped.
    """
    current = {_folder(function) for function in SHIPPED_FUNCTIONS}
    newer = newer_folders(read_carried(root / SHIPPED_TABLES))
    count = 0
    for path in archives.provenance_of_profile(root / SHIPPED_TABLES, profile):
        wanted = {
            name: file
            for name in archives.table_names(path)
            for each in names_of(name, newer)
            if each.rpartition("/")[0] in current
            and not (file := (cache_folder() / each).with_suffix(".pkl")).is_file()
        }
        for name, table in archives.read_tables(path, list(wanted)):
            cache._write(wanted[name], table, name)
            count += 1
    return count


def other_precision(root: Path, profile: str) -> str | None:
    """What to say where networks would learn in another precision than those of the shipped tables.

    The precision is part of a network's recipe, so that none of these tables would be read. None if it is the
    same, which it is for a profile that names one, or if no tables ship.
    """
    shipped = archives.provenance_of_profile(root / SHIPPED_TABLES, profile).values()
    learned = {str(said["training precision"]) for said in shipped if "training precision" in said}
    own = training_precision(profile)
    if not learned or own in learned:
        return None
    return (
        f"the networks whose tables ship learned in {' and '.join(sorted(learned))}, and this machine trains "
        f"in {own}: these tables cannot be used, so that all networks have to be trained anew"
    )


def _name(function: Callable[..., Any], given: tuple[Any, ...]) -> str:
    """Name of a table in an archive: that of its file in the cache, which says all that it depends on."""
    file: Path = function.file_of(*given)  # type: ignore[attr-defined]
    return file.relative_to(cache_folder()).with_suffix(".json").as_posix()


def _folder(function: Callable[..., Any]) -> str:
    """Folder of the results of a function in the cache, relative to it."""
    needed = [each for each in signature(function).parameters.values() if each.default is each.empty]
    return _name(function, (None,) * len(needed)).rpartition("/")[0]
