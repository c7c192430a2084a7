"""Records: write every table that a chapter shows as a CSV file with its provenance."""

from __future__ import annotations

import base64
import json
import os
import platform
import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from html import escape
from pathlib import Path

import pandas as pd
from IPython.display import HTML

from faceinv import __version__
from faceinv.models.architectures import Network
from faceinv.models.training import fastest
from faceinv.runtime.atomic import write_atomically
from faceinv.runtime.fingerprints import fingerprint, versions

ROWS_SHOWN = 12


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

    @property
    def folder(self) -> Path:
        """Folder of the tables, ``<FACEINV_OUT or runs>/<chapter>``, created with the first table."""
        return Path(os.environ.get("FACEINV_OUT", "runs")) / self.chapter

    def table(self, table: pd.DataFrame, name: str, digits: int = 3) -> HTML:
        """Write `table` to ``<name>.csv``, its provenance to ``<name>.json``, and show its first rows.

        A link below contains the whole table, so that it works in the book, a notebook and a single page.
        """
        text = table.to_csv(index=False)
        write_atomically(self.folder / f"{name}.csv", text)
        write_atomically(self.folder / f"{name}.json", json.dumps(self.provenance(), indent=1, default=str))
        shown = table.head(ROWS_SHOWN).to_html(
            index=False, border=0, float_format=lambda v: f"{v:.{digits}f}", classes="faceinv-table"
        )
        link = (
            f'<a download="{escape(self.chapter)}-{escape(name)}.csv" '
            f'href="data:text/csv;base64,{base64.b64encode(text.encode()).decode()}">{escape(name)}.csv</a>'
        )
        rows = f"{len(table)} rows" if len(table) > ROWS_SHOWN else "all rows shown"
        return HTML(
            f'<div class="faceinv-table-box">{shown}<p class="faceinv-download">{link} ({rows})</p></div>'
        )

    def network(self, network: Network, name: str) -> Path:
        """Write a network to ``<name>.safetensors``, for example for `faceinv explain`."""
        path = self.folder / f"{name}.safetensors"
        network.save(path)
        return path

    def provenance(self) -> dict[str, object]:
        """Parameters, versions, machine and time: what is needed to reproduce a table."""
        return {
            "chapter": self.chapter,
            "parameters": dict(self.parameters),
            "command": shlex.join(["faceinv", "run", self.chapter, *self._options()]),
            "versions": {"faceinv": __version__, **versions("faceinv.experiments")},
            "source": fingerprint("faceinv.experiments"),
            "commit": commit(),
            "python": platform.python_version(),
            "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
            "training precision": fastest(),
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
