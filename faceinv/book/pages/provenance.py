"""Provenance: with what each chapter was executed, and what it wrote, as text for a page."""

from __future__ import annotations

from collections.abc import Sequence

from faceinv.book.pages.runs import Run
from faceinv.experiments.profiles import profile

PER_CHAPTER = ("chapter", "parameters", "command", "started", "written")
"""What differs from chapter to chapter; all else is of the installation."""


def provenance_table(runs: Sequence[Run], place: str | None = None) -> str:
    """Where the results of some runs come from, in MyST Markdown: what the runs share, then each chapter.

    Chapters that were executed with another installation than the first say so.

    Parameters
    ----------
    runs : see `faceinv.book.pages.runs.read_runs`
    place : folder of the runs, as seen from the page, if their files are to be had from it
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
    """What a chapter was executed with, apart from its parameters."""
    said = {key: value for key, value in run.provenance.items() if key not in PER_CHAPTER}
    versions = said.pop("versions")
    names = {"source": "fingerprint of the source"}
    return {**{names.get(key, key): _code(value) for key, value in said.items()}} | {
        name: _code(number) for name, number in versions.items()
    }


def _seeds(run: Run) -> str:
    """The seeds of the networks: as many as were asked for, or as the profile has."""
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
