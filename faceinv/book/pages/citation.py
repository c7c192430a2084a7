"""Citation: BibTeX entries of this book and of the studies that it rebuilds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import yaml

from faceinv.errors import InputError


def bibtex(citation: Path, bibliography: Path, studies: Sequence[str]) -> str:
    """BibTeX entries of the book and of some studies.

    Parameters
    ----------
    citation : a ``CITATION.cff`` with title, authors, version and licence of the book
    bibliography : a ``.bib`` file with the studies, in which each entry begins on a new line
    studies : keys of their entries

    Raises
    ------
    InputError
        If a file cannot be read or a study is not in the bibliography.
    """
    try:
        book = yaml.safe_load(citation.read_text(encoding="utf-8"))
        authors = " and ".join(_name(author) for author in book["authors"])
        fields = {
            "author": authors,
            "title": f"{{{book['title']}}}",
            "version": book["version"],
            "note": f"Licence: {book['license']}",
        }
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise InputError(
            f"{citation} is not a citation file ({error}); expected title, authors, version and license"
        ) from error
    text = bibliography.read_text(encoding="utf-8")
    entries = {re.split(r"[{,]", entry)[1]: entry.strip() for entry in re.split(r"(?m)^(?=@)", text)[1:]}
    if missing := [key for key in studies if key not in entries]:
        raise InputError(f"{bibliography} has no entry {missing[0]}; expected one for each study")
    own = "@software{faceinv,\n" + ",\n".join(f"  {k} = {{{v}}}" for k, v in fields.items()) + "\n}"
    return "\n\n".join([own, *(entries[key] for key in studies)]) + "\n"


def _name(author: dict[str, str]) -> str:
    """An author in BibTeX's format; braces keep the words of a group's name together."""
    if "name" in author:
        return f"{{{author['name']}}}"
    return f"{author['family-names']}, {author['given-names']}"
