"""Counterfactual pairs as open data: faces, the same faces with one cause changed, and where they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw, ImageFont

from faceinv.commands.export_stimuli import GAP, MARGIN, TEXT, data_card
from faceinv.data.faces.causes import CAUSES
from faceinv.data.faces.counterfactuals import Pairs, join_pairs
from faceinv.data.faces.face_set import FaceSet
from faceinv.data.photographs.decoding import in_threads
from faceinv.data.photographs.folder_export import CC0, write_folder
from faceinv.data.sources import load_pairs
from faceinv.data.stimuli import Stimuli
from faceinv.errors import InputError
from faceinv.runtime.atomic import atomic_path

PAIRS_SHOWN = 3
"""Pairs of each cause on the contact sheet."""


def write_pairs(faces: FaceSet, path: Path | str, causes: Sequence[str] = (), strength: float = 1.0) -> Pairs:
    """Render `faces` without and with each of some causes changed, and write all to the new folder `path`.

    Parameters
    ----------
    faces : the originals
    path : holds afterwards ``originals`` and ``counterfactuals``, two data sets that can be read by
        themselves; ``differences``, images that are white where the pixels of a pair differ; ``pairs.csv``,
        which says what was changed; a contact sheet; a data card and the licence
    causes : keys of `faceinv.data.faces.causes.CAUSES`; by default all that the faces have
    strength : of each change

    Returns
    -------
    Pairs
        Of all causes; the views of the counterfactuals have the names of the causes.

    Raises
    ------
    InputError
        If a cause is unknown or has no such strength, or the folder is not empty or cannot be written.
    """
    path = Path(path).absolute()
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise InputError(f"{path} exists and is not an empty folder; expected a new one")
    changed = [faces.with_cause(name, strength) for name in causes or filter(faces.has, CAUSES)]
    pairs = [_named(load_pairs(each)) for each in changed]
    joined = join_pairs(pairs)
    try:
        with atomic_path(path) as partial:
            partial.mkdir()
            card, of_changed = data_card(faces), {"What it is": _told(joined)}
            write_folder(pairs[0].originals, partial / "originals", CC0, card, progress=True)
            write_folder(
                joined.counterfactuals, partial / "counterfactuals", CC0, card | of_changed, progress=True
            )
            _write_differences(joined, partial)
            pair_table(joined).to_csv(partial / "pairs.csv", index=False)
            (partial / "README.md").write_text(_card(joined), encoding="utf-8")
            (partial / "LICENCE").write_text(CC0, encoding="utf-8")
            pair_sheet(pairs).save(partial / "contact_sheet.png")
            if path.exists():
                path.rmdir()
    except OSError as error:
        raise InputError(f"the pairs cannot be written to {path} ({error.strerror or error})") from error
    return joined


def pair_table(pairs: Pairs) -> pd.DataFrame:
    """One row a pair: its files, what was changed, and what `Pairs.measure` finds."""
    original, other, measured = pairs.originals.table, pairs.counterfactuals.table, pairs.measure()
    files = other["identity"] + "/" + other["view"] + ".png"
    return pd.DataFrame(
        {
            "original": "originals/images/" + original["identity"] + "/" + original["view"] + ".png",
            "counterfactual": "counterfactuals/images/" + files,
            "difference": "differences/" + files,
            **{name: other[name] for name in ("identity", "cause", "region", "strength", "donor")},
            **{name: measured[name] for name in ("differing", "inside")},
        }
    )


def pair_sheet(pairs: Sequence[Pairs]) -> Image.Image:
    """A row for each cause: the first faces, without it, with it, and white where they differ."""
    size = pairs[0].originals.size
    step, group = size + GAP, 3 * (size + GAP) + 4 * GAP
    sheet = Image.new("RGB", (2 * MARGIN + group * PAIRS_SHOWN, step * len(pairs)), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(TEXT)
    for row, each in enumerate(pairs):
        name = each.counterfactuals.table["cause"].iloc[0]
        draw.text((4, row * step + size // 2), name, "black", font, anchor="lm")
        # of different people, as far as there are any
        first = each.originals.table.groupby("identity").cumcount().sort_values(kind="stable").index
        for i, k in enumerate(first[:PAIRS_SHOWN]):
            white = np.repeat(255 * each.differs[k, ..., None].astype(np.uint8), 3, -1)
            for j, image in enumerate((each.originals.images[k], each.counterfactuals.images[k], white)):
                sheet.paste(Image.fromarray(image), (2 * MARGIN + i * group + j * step, row * step))
    return sheet


def _named(pairs: Pairs) -> Pairs:
    """Pairs whose counterfactuals have views with the name of the cause, so that those of several differ."""
    table = pairs.counterfactuals.table
    table = table.assign(view=table["view"] + " " + table["cause"])
    named: Stimuli = replace(pairs.counterfactuals, table=table, name="counterfactual faces")
    return replace(pairs, counterfactuals=named)


def _write_differences(pairs: Pairs, folder: Path) -> None:
    table = pairs.counterfactuals.table
    for identity in table["identity"].unique():
        (folder / "differences" / identity).mkdir(parents=True)

    def write(i: int) -> None:
        row = table.iloc[i]
        file = folder / "differences" / row["identity"] / f"{row['view']}.png"
        Image.fromarray(pairs.differs[i]).save(file)

    in_threads(write, len(table), "writing differences", True)


def _told(pairs: Pairs) -> str:
    """What the counterfactuals are, for their data card."""
    causes = pairs.counterfactuals.table["cause"].unique()
    lines = [
        "Rendered faces of people who do not exist, each with one cause changed, and nothing else. The "
        "definition and the scale of grey levels are those of the originals: a changed face may be brighter "
        "or darker, or have more or less contrast.",
        "",
        "| cause | region | at strength 1 |",
        "|---|---|---|",
        *(f"| {name} | {CAUSES[name].region} | {CAUSES[name].about} |" for name in causes),
    ]
    return "\n".join(lines)


def _card(pairs: Pairs) -> str:
    """The data card of the pairs."""
    lines = [
        "# Counterfactual faces",
        "",
        _told(pairs),
        "",
        "Beside each stands its original, in which the cause is not changed. Out of the reach of the cause - "
        "its pixels, its shadow, its outline - the two images of a pair are equal, bit for bit.",
        "",
        "- `originals`, `counterfactuals`: two data sets, each with its own card, table and region maps",
        "- `differences/<identity>/<view>.png`: white where the pixels of a pair differ",
        "- `pairs.csv`: one row a pair: its files; `cause`, `region`, `strength` and `donor`, what was "
        "changed; `differing`, the share of pixels that differ, and `inside`, the share of these in the "
        "region",
        "",
        "## Licence",
        "",
        CC0.strip(),
        "",
    ]
    return "\n".join(lines)
