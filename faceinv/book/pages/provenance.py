"""Provenance: how each chapter was executed, and which files it wrote, as text for a page."""

from __future__ import annotations

from collections.abc import Sequence

from faceinv.book.pages.runs import Run
from faceinv.experiments.profiles import profile

PER_CHAPTER = ("chapter", "parameters", "studied", "measured", "command", "started", "written")
"""Fields that differ between chapters; the others describe the installation."""


def provenance_table(runs: Sequence[Run], place: str | None = None) -> str:
    """Provenance of some runs in MyST Markdown: first what they have in common, then each chapter.

    For a chapter that was executed with another installation than the first, the differences are listed.

    Parameters
    ----------
    runs : see `faceinv.book.pages.runs.read_runs`
    place : folder of the runs relative to the page, to make their files downloads; None for no links
    """
    if not runs:
        return "No chapter of this book has been executed.\n"
    installations = [_installation(run) for run in runs]
    parts = [_table([("what", "value"), *installations[0].items()])]
    for run, installation in zip(runs, installations, strict=True):
        own = {
            "chapter": f"{{doc}}`chapters/{run.chapter.name}`",
            "begun": run.provenance["started"],
            **{key: value for key, value in installation.items() if installations[0].get(key) != value},
            **{name: _code(value) for name, value in run.provenance["parameters"].items()},
            "seeds": _seeds(run),
        }
        link = f"{{{{download}}}}`{{0}} <{place}/{run.chapter.name}/{{0}}>`" if place else "{0}"
        hashes = [(link.format(name), _code(digest)) for name, digest in run.files.items()]
        parts += [
            f"## {run.chapter.title}",
            _table([("what", "value"), *own.items()]),
            f"```shell\n{run.provenance['command']}\n```",
            ":::{div} faceinv-hashes\n" + _table([("file", "SHA-256"), *hashes]) + "\n:::",
        ]
    return "\n\n".join(parts) + "\n"


def _installation(run: Run) -> dict[str, str]:
    """The installation that executed a chapter: versions, machine, source."""
    said = {key: value for key, value in run.provenance.items() if key not in PER_CHAPTER}
    versions = said.pop("versions")
    names = {"source": "fingerprint of the source"}
    return {**{names.get(key, key): _code(value) for key, value in said.items()}} | {
        name: _code(number) for name, number in versions.items()
    }


def _seeds(run: Run) -> str:
    """The seeds of the networks, as many as the parameters or else the profile say."""
    parameters = run.provenance["parameters"]
    if "seeds" not in parameters:
        return "no network is trained"
    count = parameters["seeds"] or profile(parameters["profile"]).seeds
    return ", ".join(map(str, range(count)))


def _code(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else "none" if value is None else str(value)
    return f"`{text}`" if text else ""


def _table(rows: Sequence[tuple[str, str]]) -> str:
    head, *body = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join([head, "|---|---|", *body])
