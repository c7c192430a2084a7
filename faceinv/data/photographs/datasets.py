"""Photographs by name: a folder with a table, or one of the public sets in torchvision's layout.

Images are cropped to their central square and resized (see `faceinv.data.photographs.decoding`). Labeled
Faces in the Wild shows much of the background: a `crop` of 0.6 leaves the face, as does 0.75 for CelebA's
aligned images. Or they are aligned by their eyes, which are put where those of rendered faces are.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import pandas as pd

from faceinv.data.photographs.decoding import Colour
from faceinv.data.photographs.folder import (
    USUAL,
    ReadOptions,
    choose,
    decode_table,
    people_table,
    read_folder,
)
from faceinv.data.stimuli import Stimuli
from faceinv.errors import InputError
from faceinv.runtime.torchvision_import import without_dynamo

with without_dynamo():
    from torchvision.datasets import CelebA, LFWPeople

LFW_SETS = {name: folder for name, (folder, _, _) in LFWPeople.file_dict.items()}
"""Folder of each alignment of Labeled Faces in the Wild: original, funneled, deepfunneled."""

# Both readers take torchvision's layout but not its classes. LFWPeople insists on the archive from which the
# images were unpacked and on a split; its source is gone, and the mirrors have the images alone. CelebA reads
# five files as lists of Python integers: 12 s and 1 GB, against 0.5 s for the two that are needed.


def photographs(
    source: str | Path,
    size: int = 64,
    crop: float = 1.0,
    colour: Colour = "colour",
    min_images: int = 1,
    identities: int | None = None,
    progress: bool = False,
    align: bool = False,
) -> Stimuli:
    """Photographs from ``"lfw"``, ``"celeba"`` (under the folder that FACEINV_DATA names) or a folder.

    See `faceinv.data.photographs.folder.ReadOptions` for the parameters, `read_lfw` and `read_celeba` for the
    two sets.

    Raises
    ------
    InputError
        If the set is not there, or something in it is wrong; the message says what to put where.
    """
    options = ReadOptions(size, crop, colour, min_images, identities, progress, align)
    if source not in ("lfw", "celeba"):
        return read_folder(source, options)
    root = os.environ.get("FACEINV_DATA")
    if not root:
        raise InputError(
            f"the environment variable FACEINV_DATA is not set; it names the folder where {source!r} is kept"
        )
    return read_lfw(root, options=options) if source == "lfw" else read_celeba(root, options)


def read_lfw(
    root: str | Path,
    image_set: Literal["original", "funneled", "deepfunneled"] | None = None,
    table: str | Path | None = None,
    options: ReadOptions = USUAL,
) -> Stimuli:
    """Labeled Faces in the Wild (Huang et al. 2007), laid out as torchvision's `LFWPeople` has it.

    Parameters
    ----------
    root : folder that holds ``lfw-py/<set>/<identity>/<identity>_<nnnn>.jpg``, and may hold
        ``lfw-py/lfw-names.txt``, against which the images are then checked
    image_set : which alignment (None: the one that is there)
    table : a CSV file of `identity` and `gender`, which the set itself does not tell; only identities that it
        lists are read (None: ``lfw-py/people.csv`` where it exists, or else gender is unknown)
    options : which photographs are read, and how

    Raises
    ------
    InputError
        If the set is missing, incomplete or damaged.
    """
    base = Path(root) / LFWPeople.base_folder
    folder = base / _lfw_set(base, image_set)
    found = {place.name: sorted(place.glob("*.jpg")) for place in sorted(folder.iterdir()) if place.is_dir()}
    files = [file for images in found.values() for file in images]
    if not files:
        raise InputError(f"{folder} holds no images; expected <identity>/<identity>_<nnnn>.jpg")
    _check_names(base / LFWPeople.names, found)
    images = pd.DataFrame({"file": [str(file) for file in files], "identity": [f.parent.name for f in files]})
    images["view"] = [file.stem for file in files]
    source = Path(table) if table else base / "people.csv"
    if table or source.is_file():
        people = people_table(source)
        absent = sorted(set(people["identity"]) - set(found))
        if absent:
            raise InputError(f"{source} names identity {absent[0]!r}, of which {folder} holds no images")
        others = people.columns.drop(["file", "view"], errors="ignore")
        images = images.merge(people[others], on="identity", validate="m:1")
    else:
        images["gender"] = ""
    return _decoded(images, options, "lfw", str(folder))


def read_celeba(
    root: str | Path,
    options: ReadOptions = USUAL,
) -> Stimuli:
    """CelebA (Liu et al. 2015), its aligned images laid out as torchvision's `CelebA` has them.

    Gender is the attribute ``Male``. It was annotated image by image: an identity has that of most of its
    images, and is left out where they are even.

    Parameters
    ----------
    root : folder that holds ``celeba/`` with ``img_align_celeba/``, ``identity_CelebA.txt`` and
        ``list_attr_celeba.txt``
    options : which photographs are read, and how

    Raises
    ------
    InputError
        If the set is missing, incomplete or damaged.
    """
    base = Path(root) / CelebA.base_folder
    images = _celeba_table(base)
    return _decoded(images, options, "celeba", str(base))


def _celeba_table(base: Path) -> pd.DataFrame:
    """One row an image: file, identity, gender and view, from CelebA's own lists."""
    folder, named, described = (
        base / name for name in ("img_align_celeba", "identity_CelebA.txt", "list_attr_celeba.txt")
    )
    for needed in (named, described, folder):
        if not needed.exists():
            raise InputError(
                f"there is no {needed}; fetch identity_CelebA.txt, list_attr_celeba.txt and "
                f"img_align_celeba.zip from mmlab.ie.cuhk.edu.hk/projects/CelebA.html, and unpack in {base}"
            )
    try:
        images = pd.read_csv(named, sep=r"\s+", names=["file", "identity"], dtype=str)
        # The first line counts the images, the second names the attributes.
        male = pd.read_csv(described, sep=r"\s+", skiprows=1)["Male"].astype(int)
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{named} or {described} is damaged ({error!r}); fetch it again") from error
    images["male"] = images["file"].map(male)
    present = {entry.name for entry in os.scandir(folder)}
    wrong = images[images["male"].isna() | images["identity"].isna() | ~images["file"].isin(present)]
    if len(wrong):
        raise InputError(f"{named} lists {wrong['file'].iloc[0]}, which {folder} or {described} lacks")
    votes = images.groupby("identity")["male"].transform("sum")
    images["gender"] = votes.gt(0).map({True: "male", False: "female"})
    images["view"] = images["file"].str.removesuffix(".jpg")
    images["file"] = str(folder) + os.sep + images["file"]
    return images[votes != 0].drop(columns="male")


def _lfw_set(base: Path, image_set: str | None) -> str:
    """Name of the folder of images in `base`."""
    if image_set is not None and image_set not in LFW_SETS:
        raise InputError(f"image_set is {image_set!r}; expected one of {', '.join(LFW_SETS)}")
    wanted = LFW_SETS if image_set is None else {image_set: LFW_SETS[image_set]}
    found = [folder for folder in wanted.values() if (base / folder).is_dir()]
    if not found:
        raise InputError(
            f"there is no {' or '.join(str(base / folder) for folder in wanted.values())}; fetch Labeled "
            "Faces in the Wild (for example from kaggle.com/datasets/jessicali9530/lfw-dataset) and put its "
            f"folders of people there"
        )
    if len(found) > 1:
        raise InputError(f"{base} holds {' and '.join(found)}; say which by image_set")
    return found[0]


def _check_names(source: Path, found: dict[str, list[Path]]) -> None:
    """Compare the images found with LFW's own list of names and counts, where there is one."""
    if not source.is_file():
        return
    try:
        lines = source.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"{source} is not UTF-8 text; download it again") from error
    for line in lines:
        name, _, count = line.strip().partition("\t")
        if str(len(found.get(name, []))) != count.strip():
            raise InputError(
                f"{source} has the line {line!r}, but there are {len(found.get(name, []))} images of {name!r}"
            )


def _decoded(images: pd.DataFrame, options: ReadOptions, name: str, where: str) -> Stimuli:
    table = choose(images, options, where)
    files = [Path(file) for file in table.pop("file")]
    pixels, table = decode_table(files, table, options)
    return Stimuli(pixels, table, name=name)
