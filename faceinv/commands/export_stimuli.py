"""Write rendered faces as a data set: images, region maps, table, data card, licence and contact sheet."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from faceinv.data.faces.causes import CAUSES
from faceinv.data.faces.face_set import FaceSet
from faceinv.data.photographs.folder_export import CC0, REGION_PALETTE, write_folder
from faceinv.data.sources import load_stimuli
from faceinv.data.stimuli import Stimuli, evenly_spaced
from faceinv.errors import InputError

ROWS, COLUMNS = 24, 15  # of a contact sheet, at most
MARGIN, GAP, TEXT = 72, 2, 12  # pixels


def write_set(faces: FaceSet, path: Path | str) -> Stimuli:
    """Render `faces` and write them to the new folder `path`; returns them.

    The folder can be read with `faceinv.data.photographs.folder.read_folder`, and used wherever a folder of
    photographs can.
    """
    if Path(path).exists() and (not Path(path).is_dir() or any(Path(path).iterdir())):
        raise InputError(f"{path} exists and is not an empty folder; expected a new one")
    stimuli = load_stimuli(faces)
    write_folder(stimuli, path, CC0, data_card(faces), progress=True)
    contact_sheet(stimuli).save(Path(path) / "contact_sheet.png")
    return stimuli


def data_card(faces: FaceSet) -> dict[str, str]:
    """Headings and paragraphs of the data card: what the set is, how it was made, and what it is not."""
    controls = {
        "controlled": "The images are grey. The pixels of all faces have the same mean, that of the "
        "background, and the same contrast, so that neither colour nor brightness identifies faces.",
        "grey": "The images are grey, with the brightness of the rendering.",
        "colour": "The images are in colour. Skin tone differs between people, independently of gender.",
    }
    what = "Rendered faces of people who do not exist. " + controls[faces.colour]
    if faces.cause is not None:
        what += (
            f" In some or all of them one cause is changed ({CAUSES[faces.cause.cause].about}), and nothing "
            "else; the table says in which. These have the scale of grey levels of the unchanged image, and "
            "so may be brighter or darker, or have more or less contrast."
        )
    return {
        "What it is": what,
        "How it was made": "A parametric head (MakeHuman's, CC0) with a painted skin texture, rendered by "
        "ray tracing with Embree. The same definition gives the same pixels on every run:\n\n```json\n"
        + json.dumps(asdict(faces), indent=1)
        + "\n```",
        "Gender": "Each person has a degree of masculinity, drawn from one of two overlapping distributions; "
        "the column `gender` names the distribution. It describes how these heads were made, not people.",
        "Regions": "The region maps are rendered from the same geometry as the images.",
        "What it is not": "A sample of any population: the variation of shape and skin was chosen by the "
        "author. Results on these faces must be repeated on photographs before they support claims about "
        "people.",
    }


def contact_sheet(stimuli: Stimuli) -> Image.Image:
    """A contact sheet: one row per identity, with its name and its views side by side.

    It shows at most `ROWS` identities, evenly spaced through the set, and `COLUMNS` views of each; below the
    faces of the first two identities are their region maps, if there are any.
    """
    names = stimuli.table["identity"].unique()
    names = names[evenly_spaced(range(len(names)), ROWS)]
    rows: list[tuple[str, list[np.ndarray]]] = []
    for i, name in enumerate(names):
        index = np.flatnonzero(stimuli.table["identity"] == name)[:COLUMNS]
        gender = stimuli.table["gender"].iloc[index[0]]
        rows.append((f"{name}\n{gender}", list(stimuli.images[index])))
        if i < 2 and stimuli.regions is not None:
            painted = np.array(REGION_PALETTE, np.uint8)[stimuli.regions[index]]
            rows.append(("regions", list(painted)))
    step = stimuli.size + GAP
    width = MARGIN + step * max(len(images) for _, images in rows)
    sheet = Image.new("RGB", (width, step * len(rows)), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(TEXT)
    for row, (text, images) in enumerate(rows):
        draw.text((4, row * step + stimuli.size // 2), text, "black", font, anchor="lm")
        for column, image in enumerate(images):
            sheet.paste(Image.fromarray(image), (MARGIN + column * step, row * step))
    return sheet
