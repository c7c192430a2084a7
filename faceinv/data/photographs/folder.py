"""Sets of stimuli as folders: images by identity, a table, and region maps where they are known.

A folder that is read holds ``images/<identity>/<view>.<jpg, png ...>`` and a table, either

- ``people.csv``, one row an identity, with the column `identity` and any others; or
- ``table.csv``, one row an image, with the columns `file` (relative to the folder) and `identity`, any
  others, and optionally `view` (else the name of the file without its ending). Only the images that it lists
  belong to the set. It is preferred where both tables are present.

Each of the other columns is a label that networks can be asked for: `gender` (female or male), an age group,
whether a person smiles.

Optional are ``regions/<identity>/<view>.png`` (one label a pixel) with the legend ``regions.csv``, and
``columns.csv``, one row a column of the table: `column`, its `type` (text, integer, number or boolean) and,
if need be, `held_out`, which is what the test of that label holds out (identity or view, see
`faceinv.data.tasks.split`). `faceinv.data.photographs.folder_export` writes all of it, and `read_folder`
reads back exactly what was written.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from faceinv.data.photographs.decoding import (
    Colour,
    Frame,
    decode_all,
    decode_labels,
    find_all_eyes,
    in_threads,
    is_image,
)
from faceinv.data.stimuli import REGIONS, Stimuli
from faceinv.errors import InputError
from faceinv.runtime.large_arrays import large_empty

GENDERS = ("female", "male")

# Python's float is exact to the last bit, which not every version of pandas is.
_READERS: dict[str, Callable[[str], object]] = {
    "text": str,
    "integer": int,
    "number": lambda word: float(word or "nan"),
    "boolean": lambda word: word == "True",
}


@dataclass(frozen=True)
class ReadOptions:
    """Which photographs of a set are read, and how they become pixels.

    Attributes
    ----------
    size, crop, colour : how a file becomes pixels (see `faceinv.data.photographs.decoding.Frame`)
    min_images : identities with fewer images are left out
    identities : keep at most so many, those with the most images (None: all)
    progress : show a progress bar
    align : put the eyes where those of rendered faces are, and give grey levels their mean and contrast;
        photographs in which no face is found are left out
    """

    size: int = 64
    crop: float = 1.0
    colour: Colour = "colour"
    min_images: int = 1
    identities: int | None = None
    progress: bool = False
    align: bool = False

    @property
    def frame(self) -> Frame:
        """How a photograph becomes pixels: an aligned one is also standardised, if it is grey."""
        return Frame(self.size, self.crop, self.colour, self.align, self.align and self.colour == "grey")


USUAL = ReadOptions()
"""All photographs, in colour, their central square at 64 pixels."""


def read_folder(path: Path | str, options: ReadOptions = USUAL) -> Stimuli:
    """Read a folder of images with a table (see the head of this module) as stimuli.

    Parameters
    ----------
    path : the folder, which also names the set
    options : which photographs are read, and how

    Returns
    -------
    Stimuli
        In the order of identities and file names, or of a table of images; `regions` is None where the
        folder has no region maps, or images are aligned.

    Raises
    ------
    InputError
        If the folder, its table or an image is missing, empty or damaged, if table and files disagree, or if
        gender is known of some and not of others.
    """
    path, frame = Path(path), options.frame
    if not path.is_dir():
        raise InputError(f"there is no folder {path}; expected one with images/<identity>/ and a table")
    table, legend = _image_table(path), _legend(path)
    twice = table[table.duplicated(["identity", "view"])]
    if len(twice):
        raise InputError(
            f"{path} has two images called {twice['view'].iloc[0]!r} of one identity; expected one"
        )
    table = choose(table, options, str(path))
    files = [path / file for file in table.pop("file")]
    images, table = decode_table(files, table, options)
    regions = None
    if legend is not None and not options.align:
        maps = [path / "regions" / file.parent.name / f"{file.stem}.png" for file in files]
        regions = _decode_regions(maps, legend, frame, options.progress)
    return Stimuli(images, table, regions, name=path.resolve().name, held_out=_held_out(path))


def decode_table(
    files: Sequence[Path], table: pd.DataFrame, options: ReadOptions
) -> tuple[np.ndarray, pd.DataFrame]:
    """The photographs, and the rows of their table: of aligned ones, only those in which a face is found.

    How many are left out is written to standard error.

    Raises
    ------
    InputError
        If a photograph cannot be read, or no face is found in any.
    """
    frame, progress = options.frame, options.progress
    if not frame.align:
        return decode_all(files, frame, progress), table
    eyes = find_all_eyes(files, progress)
    found = [i for i, pair in enumerate(eyes) if pair is not None]
    if not found:
        raise InputError(
            f"no face with two eyes was found in any of {len(files)} photographs, such as {files[0]}"
        )
    if len(found) < len(files):
        first = files[next(i for i, pair in enumerate(eyes) if pair is None)]
        text = f"no face with two eyes was found in {len(files) - len(found)} of {len(files)} photographs, "
        tqdm.write(f"{text}such as {first.name}; they are left out", file=sys.stderr)
    images = decode_all([files[i] for i in found], frame, progress, [eyes[i] for i in found])
    return images, table.iloc[found].reset_index(drop=True)


def choose(table: pd.DataFrame, options: ReadOptions, where: str) -> pd.DataFrame:
    """The rows of identities with at least `min_images` images, and of them the `identities` with most."""
    min_images, identities = options.min_images, options.identities
    counts = table["identity"].value_counts().sort_index()
    counts = counts[counts >= min_images].sort_values(ascending=False, kind="stable")
    if counts.empty:
        raise InputError(f"no identity in {where} has {min_images} or more images")
    return table[table["identity"].isin(counts.index[:identities])].reset_index(drop=True)


def people_table(path: Path) -> pd.DataFrame:
    """Read a table of one row an identity: the column `identity` (unique) and any others."""
    people = _read_csv(path, {}, ("identity",))
    twice = people["identity"][people["identity"].duplicated()]
    if len(twice):
        raise InputError(f"{path} lists identity {twice.iloc[0]!r} twice; expected one row an identity")
    check_gender(people, str(path))
    return people


def _image_table(path: Path) -> pd.DataFrame:
    """One row an image: file, identity, gender, view and other columns, checked against the files."""
    if (path / "table.csv").is_file():
        types = {}
        if (path / "columns.csv").is_file():
            columns = _columns(path)
            if "type" in columns:
                types = {
                    name: kind for name, kind in zip(columns["column"], columns["type"], strict=True) if kind
                }
        source = path / "table.csv"
        table = _read_csv(source, types, ("identity",))
        if "file" in table:
            return _checked_images(table, path, source)
        return _spread(people_table(source), path, source)
    if (path / "people.csv").is_file():
        return _spread(people_table(path / "people.csv"), path, path / "people.csv")
    raise InputError(
        f"{path} has no people.csv and no table.csv; expected a table with a column identity and labels"
    )


def _checked_images(table: pd.DataFrame, path: Path, source: Path) -> pd.DataFrame:
    if table.empty:
        raise InputError(f"{source} lists no images")
    for file, identity in zip(table["file"], table["identity"], strict=True):
        if not file or not _is_below(file, path):
            raise InputError(f"{source} names the image {file!r}, which is not in {path}")
        if not identity:
            raise InputError(f"{source} gives no identity for {file}")
    check_gender(table, str(source))
    if "view" not in table:
        table["view"] = [Path(file).stem for file in table["file"]]
    return table


def _is_below(name: str, folder: Path) -> bool:
    """Whether a name that a table gives is that of a file in a folder (which may be a link to another)."""
    try:
        inside = not Path(name).is_absolute() and ".." not in Path(name).parts
        return inside and (folder / name).is_file()
    except (OSError, ValueError):  # a name that is too long, or has a null in it
        return False


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


def check_gender(table: pd.DataFrame, where: str) -> None:
    """Where there is a gender, it must be known of all or, as in sets of objects, of none."""
    if "gender" not in table:
        return
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


def _columns(path: Path) -> pd.DataFrame:
    """What columns.csv says of the table's columns."""
    return _read_csv(path / "columns.csv", {"type": "text", "held_out": "text"}, ("column",))


def _held_out(path: Path) -> dict[str, str]:
    """What the split of each task holds out, as far as columns.csv says so."""
    if not (path / "columns.csv").is_file() or "held_out" not in (columns := _columns(path)):
        return {}
    found = {name: kind for name, kind in zip(columns["column"], columns["held_out"], strict=True) if kind}
    for name, kind in found.items():
        if kind not in ("identity", "view"):
            raise InputError(
                f"{path / 'columns.csv'} says that {name!r} holds out {kind!r}; expected identity or view"
            )
    return found


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
    regions = large_empty((len(files), frame.size, frame.size))

    def fill(i: int) -> None:
        regions[i] = legend[decode_labels(files[i], frame)]
        if regions[i].max() == 255:
            raise InputError(f"region map {files[i]} has a label that regions.csv does not explain")

    in_threads(fill, len(files), "decoding region maps", progress)
    return regions
