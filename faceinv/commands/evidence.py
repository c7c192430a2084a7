"""``faceinv evidence``: compute the full run network by network, in instalments."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from faceinv.book.network_archives import SHIPPED_TABLES
from faceinv.book.network_tables import adopt_tables, measure_until, other_precision, ship_tables
from faceinv.book.planned_tables import NetworkTables, planned_tables
from faceinv.errors import InputError
from faceinv.experiments import design
from faceinv.experiments.sizes import Profile
from faceinv.runtime import parallel

HOUR = 3600.0


@dataclass(frozen=True)
class Instalment:
    """What an instalment has computed, and what is still missing.

    Attributes
    ----------
    adopted : shipped tables that were read into the cache
    computed : tables that were computed now
    networks, missing : networks that are needed, and those of which a table is missing in some chapter
    archive : the file in which new tables ship; None if there are none
    """

    adopted: int
    computed: int
    networks: int
    missing: int
    archive: Path | None

    def sentences(self) -> list[str]:
        """What to tell the user."""
        found = [f"{self.adopted:,} shipped tables were read, and {self.computed:,} tables computed"]
        if self.archive:
            found.append(f"new tables ship as {self.archive}; commit this file")
        if self.missing:
            found.append(
                f"{self.missing} of {self.networks} networks are missing; the next instalment goes on there"
            )
        else:
            found.append(
                f"all {self.networks} networks are measured; now run: faceinv book --profile full --ship"
            )
        return found


def compute_instalment(root: Path, sizes: Profile, hours: float | None = None) -> Instalment:
    """Compute tables of single networks, and ship what is finished, also when it is interrupted.

    Parameters
    ----------
    root : folder of the book
    sizes : of the profile
    hours : after which no further table is begun; None for no limit

    Raises
    ------
    InputError
        If the hours are not positive, or networks would learn in another precision than those that ship.
    """
    if hours is not None and not hours > 0:
        raise InputError(f"hours are {hours}; expected a positive number, such as 2")
    if said := other_precision(root, sizes.name):
        raise InputError(
            f"{said}; go on with a machine that trains as they did, or remove what is in {SHIPPED_TABLES}"
        )
    deadline = math.inf if hours is None else time.time() + hours * HOUR
    adopted = adopt_tables(root, sizes.name)
    computed = 0
    seconds: defaultdict[str, float] = defaultdict(float)
    known = planned_tables(sizes)
    missing = _incomplete(known)
    try:
        design.render_once([each.run for each in missing])
        found = parallel.parallel_map(
            partial(measure_until, deadline=deadline), missing, "measuring networks"
        )
        for each, done in zip(missing, found, strict=True):
            computed += done.tables
            seconds[each.chapter] += done.seconds
    finally:
        archive = ship_tables(root, sizes.name, known, seconds)
    networks, left = ({each.run for each in tables} for tables in (known, _incomplete(known)))
    return Instalment(adopted, computed, len(networks), len(left), archive)


def _incomplete(known: Sequence[NetworkTables]) -> list[NetworkTables]:
    return [each for each in known if each.missing()]
