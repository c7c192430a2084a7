"""Sets of stimuli written as open data: a folder as `faceinv.data.photographs.folder` reads it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from PIL import Image

from faceinv.data.photographs.decoding import in_threads
from faceinv.data.photographs.folder import check_gender
from faceinv.data.stimuli import REGIONS, Stimuli
from faceinv.errors import InputError
from faceinv.runtime.atomic import atomic_path

CC0 = """\
To the extent possible under law, the makers of this data set have waived all copyright and related or
neighbouring rights to it: it is dedicated to the public domain under CC0 1.0 Universal.
SPDX-License-Identifier: CC0-1.0
The legal code is at https://creativecommons.org/publicdomain/zero/1.0/legalcode
"""
"""Licence text of sets that are rendered, and show nobody."""

REGION_PALETTE = (
    (0, 0, 0),
    (232, 190, 160),
    (120, 72, 24),
    (40, 120, 220),
    (240, 140, 40),
    (210, 40, 70),
    (150, 90, 190),
    (245, 150, 150),
    (110, 180, 90),
    (250, 220, 100),
    (150, 160, 170),
    (70, 60, 60),
)
"""Colour of each of `REGIONS` in the files of region maps; only for the eye, the value is the label."""

_TYPES = {"i": "integer", "u": "integer", "f": "number", "b": "boolean"}


def write_folder(
    stimuli: Stimuli,
    path: Path | str,
    licence: str,
    card: Mapping[str, str],
    progress: bool = False,
) -> None:
    """Write stimuli as an open data set, all of it or, if something fails, nothing.

    Parameters
    ----------
    stimuli : the set, of square images
    path : folder to make; it may exist if it is empty
    licence : text of the file LICENCE, such as `CC0`
    card : headings and paragraphs of the data card README.md, which also describes what the table holds
    progress : show a progress bar

    Raises
    ------
    InputError
        If the folder is not empty or cannot be written, an identity or view cannot be a file name, a view
        occurs twice, gender is known of some and not of others, or a region map has an unknown label.
    """
    path = Path(path).absolute()
    files = _file_names(stimuli)
    _check_writable(stimuli, path)
    try:
        with atomic_path(path) as partial:
            partial.mkdir()
            _write_images(stimuli, files, partial, progress)
            table = stimuli.table.drop(columns="file", errors="ignore")
            types = [(name, _TYPES.get(table[name].dtype.kind, "text")) for name in table]
            table.insert(0, "file", [f"images/{file}" for file in files])
            table.to_csv(partial / "table.csv", index=False)
            columns = pd.DataFrame(types, columns=["column", "type"])
            if stimuli.held_out:
                columns["held_out"] = columns["column"].map(stimuli.held_out)
            columns.to_csv(partial / "columns.csv", index=False)
            (partial / "LICENCE").write_text(licence, encoding="utf-8")
            (partial / "README.md").write_text(_card(stimuli, licence, card), encoding="utf-8")
            if path.exists():
                path.rmdir()
    except OSError as error:
        raise InputError(f"the set cannot be written to {path} ({error.strerror or error})") from error


def _file_names(stimuli: Stimuli) -> list[str]:
    """``<identity>/<view>.png`` of each image."""
    names = []
    for identity, view in stimuli.table[["identity", "view"]].itertuples(index=False):
        for word in (identity, view):
            if not word or word.startswith(".") or set(word) & set('/\\:*?"<>|\0'):
                raise InputError(f"{word!r} in {stimuli.name!r} cannot be the name of a file")
        names.append(f"{identity}/{view}.png")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"{stimuli.name!r} has more than one image {twice}; expected views that differ")
    return names


def _check_writable(stimuli: Stimuli, path: Path) -> None:
    if not len(stimuli) or stimuli.images.shape[1] != stimuli.images.shape[2]:
        raise InputError(f"{stimuli.name!r} has images {stimuli.images.shape}; expected one or more, square")
    check_gender(stimuli.table, repr(stimuli.name))
    if stimuli.regions is not None and stimuli.regions.max() >= len(REGIONS):
        raise InputError(f"region maps of {stimuli.name!r} have a label above {len(REGIONS) - 1}")
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise InputError(f"{path} exists and is not an empty folder; expected a new one")


def _write_images(stimuli: Stimuli, files: list[str], folder: Path, progress: bool) -> None:
    for identity in stimuli.table["identity"].unique():
        (folder / "images" / identity).mkdir(parents=True)
        if stimuli.regions is not None:
            (folder / "regions" / identity).mkdir(parents=True)

    def write(i: int) -> None:
        Image.fromarray(stimuli.images[i]).save(folder / "images" / files[i])
        if stimuli.regions is not None:
            labels = Image.fromarray(stimuli.regions[i])
            labels.putpalette([value for colour in REGION_PALETTE for value in colour])
            labels.save(folder / "regions" / files[i])

    in_threads(write, len(stimuli), "writing images", progress)
    if stimuli.regions is not None:
        legend = pd.DataFrame({"label": range(len(REGIONS)), "region": REGIONS})
        legend["colour"] = ["#{:02x}{:02x}{:02x}".format(*colour) for colour in REGION_PALETTE]
        legend.to_csv(folder / "regions.csv", index=False)


def _card(stimuli: Stimuli, licence: str, card: Mapping[str, str]) -> str:
    """The data card: what the caller says, and what can be counted."""
    table = stimuli.table
    people = table.drop_duplicates("identity")
    genders = (
        people["gender"].replace("", "unknown").value_counts().sort_index() if "gender" in people else {}
    )
    lines = [f"# {stimuli.name}", ""]
    for heading, text in card.items():
        lines += [f"## {heading}", "", text.strip(), ""]
    lines += [
        "## What it holds",
        "",
        f"{len(table)} images of {stimuli.size} x {stimuli.size} pixels (sRGB, 8 bits), "
        f"{len(people)} identities"
        + (f" (gender: {', '.join(f'{n} {name}' for name, n in genders.items())})" if len(genders) else "")
        + ".",
        "",
        "- `images/<identity>/<view>.png`: the images",
        "- `table.csv`: one row an image; `file` is its place, the other columns are below",
        "- `columns.csv`: the type of each column",
    ]
    if stimuli.regions is not None:
        lines += [
            "- `regions/<identity>/<view>.png`: palette images whose pixel values are labels of regions",
            "- `regions.csv`: the label, name and colour of each region",
        ]
    lines += ["", "| column | distinct | values |", "|---|---|---|"]
    for name in table.columns.drop("file", errors="ignore"):
        lines.append(f"| {name} | {table[name].nunique()} | {_told(table[name])} |")
    return "\n".join([*lines, "", "## Licence", "", licence.strip(), ""])


def _told(column: pd.Series) -> str:
    """The range of a column of numbers, or the first few values of any other."""
    if column.dtype.kind in "iuf":
        return f"{column.min():g} to {column.max():g}"
    values = sorted(column.astype(str).replace("", "(empty)").unique())
    return ", ".join(values[:5] + ["..."] * (len(values) > 5))
