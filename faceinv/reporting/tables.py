"""Records: write every table that a chapter shows as a CSV file with its provenance, and compare it."""

from __future__ import annotations

import json
import os
import platform
import shlex
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from IPython.display import HTML

from faceinv import __version__
from faceinv.errors import InputError
from faceinv.experiments.profiles import PROFILES
from faceinv.reporting.comparison import NUMBERS, Comparison, compare_with
from faceinv.reporting.evidence import (
    ANALYSIS,
    ShippedFile,
    is_shown,
    measured,
    parse_table,
    read_shipped_table,
    shipped_folder,
    studied,
)
from faceinv.reporting.table_html import folded_table
from faceinv.runtime.atomic import write_atomically
from faceinv.runtime.fingerprints import fingerprint, versions

if TYPE_CHECKING:
    from faceinv.models.architectures import Network

RUN = "run"
"""Column that tells the rows of a run from those of the evidence (see `Record.compare`)."""

LEAST_SEEDS = 2
"""Fewest networks of a kind of which a chapter can give intervals."""

EVIDENCE, THIS_RUN = "evidence", "this run"
"""How the values of that column begin; the profile follows."""


@dataclass(frozen=True)
class Record:
    """Writes the tables and networks of one run of a chapter, with their provenance.

    Attributes
    ----------
    chapter : name of the chapter, such as ``"04_masking"``
    parameters : parameters of the run
    started : time at which the run started
    """

    chapter: str
    parameters: Mapping[str, object]
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        seeds = self.parameters.get("seeds")
        if isinstance(seeds, int) and seeds < LEAST_SEEDS:  # before any network is trained
            raise InputError(
                f"seeds are {seeds}; expected at least {LEAST_SEEDS}: an interval over seeds needs as many"
            )

    @property
    def folder(self) -> Path:
        """Folder of the tables, ``<FACEINV_OUT or runs>/<chapter>``, created with the first table."""
        return Path(os.environ.get("FACEINV_OUT", "runs")) / self.chapter

    def table(self, table: pd.DataFrame, name: str, digits: int = 3) -> HTML:
        """Write `table` to ``<name>.csv``, its provenance to ``<name>.json``, and show it folded.

        A link below contains the whole table, so that it works in the book, a notebook and a single page.
        Where the evidence estimates the same numbers, a sentence says how many of them agree; where figures
        show it although its numbers are not compared, why.
        """
        text = table.to_csv(index=False)
        write_atomically(self.folder / f"{name}.csv", text)
        write_atomically(self.folder / f"{name}.json", json.dumps(self.provenance(), indent=1, default=str))
        told = self._agreement(table, name)
        agreement = f'<p class="faceinv-agreement">{escape(told)}</p>' if told else ""
        return HTML(
            folded_table(table, name.replace("_", " "), f"{self.chapter}-{name}.csv", digits) + agreement
        )

    def compare(self, table: pd.DataFrame, name: str) -> pd.DataFrame:
        """The rows of the shipped table above those of `table`, for figures that show both.

        The column `RUN` says which is which, such as ``"evidence: full run"`` and ``"this run: quick"``; rows
        whose analysis has changed since they shipped are called ``"evidence: full run, earlier analysis"``.
        Where no evidence ships, or it is of another study or of other parameters (see
        `faceinv.reporting.evidence.is_shown`), the table is returned as it is.

        Parameters
        ----------
        table : estimates of this run, with the columns of the table called `name`
        name : of the shipped table
        """
        rows = self.evidence(name)
        if rows is None:
            return table
        rows = rows[[column for column in (*table, RUN) if column in rows]]
        mine = table.assign(**{RUN: f"{THIS_RUN}: {self.parameters.get('profile')}"})
        return pd.concat([rows, mine], ignore_index=True)

    def evidence(self, name: str) -> pd.DataFrame | None:
        """The rows of the shipped table with the column `RUN`; None where `compare` does not show them."""
        shipped = self._shipped(name)
        if shipped is None or not is_shown(shipped.provenance, self.provenance()):
            return None
        called = f"{EVIDENCE}: {shipped.provenance['parameters'].get('profile')} run"
        if shipped.provenance.get("superseded"):
            called += ", earlier analysis"
        return parse_table(shipped.content).assign(**{RUN: called})

    def left_out(self, name: str) -> HTML:
        """Say that this run leaves out a comparison on which no claim rests, and show the shipped table.

        See `faceinv.experiments.supplements`.
        """
        profile, rows = self.parameters.get("profile"), self.evidence(name)
        said = f"This run, of the profile {profile}, leaves out this comparison, on which no claim rests"
        if rows is None:
            return HTML(f'<p class="faceinv-agreement">{said}; the profile full makes it.</p>')
        shown = folded_table(
            rows.drop(columns=RUN), f"{name.replace('_', ' ')}, evidence", f"{self.chapter}-{name}.csv"
        )
        return HTML(f'{shown}<p class="faceinv-agreement">{said}; the numbers are those of the evidence.</p>')

    def comparison(self, table: pd.DataFrame, name: str) -> Comparison | None:
        """Compare a table of this run with that of the evidence; None where no such table ships.

        Raises
        ------
        InputError
            If the shipped table is damaged.
        """
        shipped = self._shipped(name)
        return None if shipped is None else self._compared(table, shipped, name)

    def _shipped(self, name: str) -> ShippedFile | None:
        folder = shipped_folder()
        return read_shipped_table(folder, self.chapter, name) if folder else None

    def _compared(self, table: pd.DataFrame, shipped: ShippedFile, name: str) -> Comparison:
        return compare_with(shipped, parse_table(table.to_csv(index=False)), self.provenance(), name)

    def _agreement(self, table: pd.DataFrame, name: str) -> str:
        """How many numbers agree with the evidence, or why those that a figure shows are not compared."""
        shipped = self._shipped(name)
        if shipped is None:
            return ""
        compared = self._compared(table, shipped, name)
        drawn = set(NUMBERS) <= set(table) and is_shown(shipped.provenance, self.provenance())
        return compared.sentence() if drawn or not compared.reason else ""

    def network(self, network: Network, name: str) -> Path:
        """Write a network to ``<name>.safetensors``, for example for `faceinv explain`."""
        path = self.folder / f"{name}.safetensors"
        network.save(path)
        return path

    def provenance(self) -> dict[str, object]:
        """Parameters, versions, machine and time: what is needed to reproduce a table."""
        from faceinv.runtime.cluster import where

        return {
            "chapter": self.chapter,
            "parameters": dict(self.parameters),
            "analysis": ANALYSIS,
            "studied": studied(str(self.parameters.get("profile")), self.chapter),
            "measured": measured(self.parameters),
            "command": shlex.join(["faceinv", "run", self.chapter, *self._options()]),
            "versions": {"faceinv": __version__, **versions("faceinv.experiments")},
            "source": fingerprint("faceinv.experiments"),
            "commit": commit(),
            "python": platform.python_version(),
            "machine": machine(),
            "device": where(),
            "training precision": training_precision(str(self.parameters.get("profile"))),
            "started": self.started.isoformat(timespec="seconds"),
            "written": datetime.now(UTC).isoformat(timespec="seconds"),
        }

    def _options(self) -> list[str]:
        """The parameters as options of the command line."""
        options = []
        for name, value in self.parameters.items():
            if value is not None:
                items = value if isinstance(value, list | tuple) else [value]
                options += ["-p", name, ",".join(str(item) for item in items)]
        return options


def by_run(table: pd.DataFrame, estimate: Callable[[pd.DataFrame], pd.DataFrame]) -> pd.DataFrame:
    """The `estimate` of the rows of each run in a table that `Record.compare` made, as one table again."""
    if RUN not in table:
        return estimate(table)
    parts = table.groupby(RUN, sort=False)
    found = [estimate(rows.drop(columns=RUN)).assign(**{RUN: name}) for name, rows in parts]
    return pd.concat(found, ignore_index=True)


def training_precision(profile: str) -> str:
    """The precision in which networks of a profile learn on this machine."""
    from faceinv.models.training_config import fastest  # PyTorch takes seconds to import

    sizes = PROFILES.get(profile)
    return (sizes.precision if sizes else None) or fastest()


def machine() -> str:
    """The kind of this machine, without its name."""
    return f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}"


PACKAGE = Path(__file__).parents[1]


@cache
def commit() -> str | None:
    """The commit of the package's checkout, marked if files were changed; None without a checkout."""
    git = [
        "git",
        "-C",
        str(PACKAGE),
        "describe",
        "--always",
        "--abbrev=12",
        "--dirty= with changes",
    ]
    try:
        done = subprocess.run(git, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout.strip() or None
