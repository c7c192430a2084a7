"""Sets of stimuli as folders: images by identity, a table, and region maps where they are known.

A folder that is read holds ``images/<identity>/<view>.<jpg, png ...>`` and a table, either

- ``people.csv``, one row an identity, with the columns `identity` and `gender` and any others; or
- ``table.csv``, one row an image, with the columns `file` (relative to the folder), `identity` and `gender`,
  any others, and optionally `view` (else the name of the file without its ending). Only the images that it
  lists belong to the set. It is preferred where both tables are present.

Optional are ``regions/<identity>/<view>.png`` (one label a pixel) with the legend ``regions.csv``, and
``columns.csv``, which keeps the types of the table's columns. `write_folder` writes all of it, and
`read_folder` reads back exactly what was written.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from faceinv.data.photographs.decoding import Colour, Frame, decode_all, decode_labels, in_threads, is_image
from faceinv.data.stimuli import REGIONS, Stimuli
from faceinv.errors import InputError

GENDERS = ("female", "male")

CC0 = """\
To the extent possible under law, the makers of this data set have waived all copyright and related or
neighbouring rights to it: it is dedicated to the public domain under CC0 1.0 Universal.
SPDX-License-Identifier: CC0-1.0
The legal code is at https://creativecommons.org/publicdomain/zero/1.0/legalcode
"""
"""Licence text of sets that are rendered, and show nobody."""

PALETTE = (
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

# Python's float is exact to the last bit, which not every version of pandas is.
_READERS: dict[str, Callable[[str], object]] = {
    "text": str,
    "integer": int,
    "number": lambda word: float(word or "nan"),
    "boolean": lambda word: word == "True",
}


def read_folder(
    path: Path | str,
    size: int = 64,
    crop: float = 1.0,
    colour: Colour = "colour",
    min_images: int = 1,
    identities: int | None = None,
    progress: bool = False,
) -> Stimuli:
    """Read a folder of images with a table (see the head of this module) as stimuli.

    Parameters
    ----------
    path : the folder, which also names the set
    size, crop, colour : how a file becomes pixels (see `faceinv.data.photographs.decoding.Frame`)
    min_images : identities with fewer images are left out
    identities : keep at most so many, those with the most images (None: all)
    progress : show a progress bar

    Returns
    -------
    Stimuli
        In the order of identities and file names, or of a table of images; `regions` is None where the
        folder has no region maps.

    Raises
    ------
    InputError
        If the folder, its table or an image is missing, empty or damaged, if table and files disagree, or if
        gender is known of some and not of others.
    """
    path, frame = Path(path), Frame(size, crop, colour)
    if not path.is_dir():
        raise InputError(f"there is no folder {path}; expected one with images/<identity>/ and a table")
    table, legend = _image_table(path), _legend(path)
    twice = table[table.duplicated(["identity", "view"])]
    if len(twice):
        raise InputError(
            f"{path} has two images called {twice['view'].iloc[0]!r} of one identity; expected one"
        )
    table = choose(table, min_images, identities, str(path))
    files = [path / file for file in table.pop("file")]
    images = decode_all(files, frame, progress)
    regions = None
    if legend is not None:
        maps = [path / "regions" / file.parent.name / f"{file.stem}.png" for file in files]
        regions = _decode_regions(maps, legend, frame, progress)
    return Stimuli(images, table, regions, name=path.resolve().name)


def choose(table: pd.DataFrame, min_images: int, identities: int | None, where: str) -> pd.DataFrame:
    """The rows of identities with at least `min_images` images, and of them the `identities` with most."""
    counts = table["identity"].value_counts().sort_index()
    counts = counts[counts >= min_images].sort_values(ascending=False, kind="stable")
    if counts.empty:
        raise InputError(f"no identity in {where} has {min_images} or more images")
    return table[table["identity"].isin(counts.index[:identities])].reset_index(drop=True)


def people_table(path: Path) -> pd.DataFrame:
    """Read a table of one row an identity: the columns `identity` (unique), `gender` and any others."""
    people = _read_csv(path, {}, ("identity", "gender"))
    twice = people["identity"][people["identity"].duplicated()]
    if len(twice):
        raise InputError(f"{path} lists identity {twice.iloc[0]!r} twice; expected one row an identity")
    _check_gender(people, str(path))
    return people


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
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.mkdir(parents=True)
        _write_images(stimuli, files, partial, progress)
        table = stimuli.table.drop(columns="file", errors="ignore")
        types = [(name, _TYPES.get(table[name].dtype.kind, "text")) for name in table]
        table.insert(0, "file", [f"images/{file}" for file in files])
        table.to_csv(partial / "table.csv", index=False)
        pd.DataFrame(types, columns=["column", "type"]).to_csv(partial / "columns.csv", index=False)
        (partial / "LICENCE").write_text(licence, encoding="utf-8")
        (partial / "README.md").write_text(_card(stimuli, licence, card), encoding="utf-8")
        if path.exists():
            path.rmdir()
        partial.rename(path)
    except OSError as error:
        raise InputError(f"the set cannot be written to {path} ({error.strerror or error})") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _image_table(path: Path) -> pd.DataFrame:
    """One row an image: file, identity, gender, view and other columns, checked against the files."""
    if (path / "table.csv").is_file():
        types = {}
        if (path / "columns.csv").is_file():
            columns = _read_csv(path / "columns.csv", {"type": "text"}, ("column", "type"))
            types = dict(zip(columns["column"], columns["type"], strict=True))
        source = path / "table.csv"
        table = _read_csv(source, types, ("identity", "gender"))
        if "file" in table:
            return _checked_images(table, path, source)
        return _spread(people_table(source), path, source)
    if (path / "people.csv").is_file():
        return _spread(people_table(path / "people.csv"), path, path / "people.csv")
    raise InputError(
        f"{path} has no people.csv and no table.csv; expected a table with the columns identity and gender"
    )


def _checked_images(table: pd.DataFrame, path: Path, source: Path) -> pd.DataFrame:
    if table.empty:
        raise InputError(f"{source} lists no images")
    for file, identity in zip(table["file"], table["identity"], strict=True):
        if not file or not (path / file).is_file():
            raise InputError(f"{source} names the image {file!r}, which is not in {path}")
        if not identity:
            raise InputError(f"{source} gives no identity for {file}")
    _check_gender(table, str(source))
    if "view" not in table:
        table["view"] = [Path(file).stem for file in table["file"]]
    return table


def _spread(people: pd.DataFrame, path: Path, source: Path) -> pd.DataFrame:
    """A table of identities spread over the images that each has in the folder `images`."""
    folder = path / "images"
    if not folder.is_dir():
        raise InputError(f"{path} has no folder images; expected images/<identity>/<file>")
    found = {
        place.name: sorted(file.name for file in place.iterdir() if is_image(file))
        for place in sorted(folder.iterdir())
        if place.is_dir() and not place.name.startswith(".")
    }
    found = {identity: names for identity, names in found.items() if names}
    if not found:
        raise InputError(f"{folder} holds no images; expected images/<identity>/<file> as .jpg, .png or such")
    listed = set(people["identity"])
    for identity in sorted(found.keys() ^ listed):
        if identity in found:
            raise InputError(f"{folder / identity} holds images of an identity that {source} does not list")
        raise InputError(f"{source} names identity {identity!r}, of which {folder} holds no images")
    rows = [
        {"file": f"images/{identity}/{name}", "identity": identity, "view": Path(name).stem}
        for identity, names in found.items()
        for name in names
    ]
    others = [column for column in people if column not in ("file", "view")]
    return pd.DataFrame(rows).merge(people[others], on="identity", how="left", validate="m:1")


def _check_gender(table: pd.DataFrame, where: str) -> None:
    """Gender must be known of all or, as in sets of objects, of none; otherwise some would become a class."""
    known = table["gender"] != ""
    for identity, gender in zip(table["identity"], table["gender"], strict=True):
        if gender not in (*GENDERS, "") or (not gender and known.any()):
            raise InputError(
                f"{where} gives the gender {gender!r} for {identity!r}; expected female or male, "
                "or an empty column where it is unknown of all"
            )
    genders = table[["identity", "gender"]].drop_duplicates()["identity"]
    if genders.duplicated().any():
        raise InputError(f"{where} gives {genders[genders.duplicated()].iloc[0]!r} two genders; expected one")


def _read_csv(source: Path, types: Mapping[str, str], needed: Sequence[str]) -> pd.DataFrame:
    """A table whose text columns are empty, never NaN, where nothing is known; `types` as in columns.csv."""
    try:
        table = pd.read_csv(source, dtype=str, keep_default_na=False)
        for name in table.columns.difference(("file", "identity", "gender", "view")):
            table[name] = _typed(table[name], types.get(name))
    except InputError:
        raise
    except (OSError, ValueError) as error:
        raise InputError(f"the table {source} cannot be read ({error})") from error
    missing = [name for name in needed if name not in table]
    if missing:
        raise InputError(f"{source} lacks the column(s) {', '.join(missing)}; it has {', '.join(table)}")
    return table


def _typed(column: pd.Series, kind: str | None) -> pd.Series:
    """Text as `kind` says; without it as numbers where all that is known is a number."""
    if kind is None:
        known = column != ""
        try:
            return pd.to_numeric(column.where(known)) if known.any() else column
        except ValueError:
            return column
    if kind not in _READERS:
        raise InputError(
            f"columns.csv gives {column.name!r} the type {kind!r}; expected {', '.join(_READERS)}"
        )
    values = [_READERS[kind](word) for word in column]
    return column if kind == "text" else pd.Series(values, index=column.index)


def _legend(path: Path) -> np.ndarray | None:
    """For each label in the files of region maps, its place in `REGIONS`; None where there are no maps."""
    if not (path / "regions").is_dir():
        return None
    source = path / "regions.csv"
    legend = _read_csv(source, {"region": "text"}, ("label", "region"))
    places = np.full(256, 255, dtype=np.uint8)
    for label, region in zip(legend["label"], legend["region"], strict=True):
        if region not in REGIONS or label not in range(256):
            raise InputError(f"{source} names {label} {region!r}; expected a label and {', '.join(REGIONS)}")
        places[label] = REGIONS.index(region)
    return places


def _decode_regions(files: list[Path], legend: np.ndarray, frame: Frame, progress: bool) -> np.ndarray:
    regions = np.empty((len(files), frame.size, frame.size), dtype=np.uint8)

    def fill(i: int) -> None:
        regions[i] = legend[decode_labels(files[i], frame)]
        if regions[i].max() == 255:
            raise InputError(f"region map {files[i]} has a label that regions.csv does not explain")

    in_threads(fill, len(files), "decoding region maps", progress)
    return regions


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
    _check_gender(stimuli.table, repr(stimuli.name))
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
            labels.putpalette([value for colour in PALETTE for value in colour])
            labels.save(folder / "regions" / files[i])

    in_threads(write, len(stimuli), "writing images", progress)
    if stimuli.regions is not None:
        legend = pd.DataFrame({"label": range(len(REGIONS)), "region": REGIONS})
        legend["colour"] = ["#{:02x}{:02x}{:02x}".format(*colour) for colour in PALETTE]
        legend.to_csv(folder / "regions.csv", index=False)


def _card(stimuli: Stimuli, licence: str, card: Mapping[str, str]) -> str:
    """The data card: what the caller says, and what can be counted."""
    table = stimuli.table
    people = table.drop_duplicates("identity")
    genders = people["gender"].replace("", "unknown").value_counts().sort_index()
    lines = [f"# {stimuli.name}", ""]
    for heading, text in card.items():
        lines += [f"## {heading}", "", text.strip(), ""]
    lines += [
        "## What it holds",
        "",
        f"{len(table)} images of {stimuli.size} x {stimuli.size} pixels (sRGB, 8 bits), "
        f"{len(people)} identities (gender: "
        + ", ".join(f"{n} {name}" for name, n in genders.items())
        + ").",
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
