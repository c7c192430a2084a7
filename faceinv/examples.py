"""Examples: the faces behind a point of a figure, for a reader to look at."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import torch
from PIL import Image

from faceinv import figures
from faceinv.data import Stimuli
from faceinv.explanation import held_out
from faceinv.figures import point
from faceinv.masking import filled, keep, ranks
from faceinv.models.cells import Cell
from faceinv.plates import evenly
from faceinv.tolerance import Tolerance, seen
from faceinv.transformations import named
from faceinv.validation import Validation, scores_of

COLUMNS = 24
"""Images in a row of the sheet that holds those of all points."""

QUALITY = 80
"""Of the sheet's compression (WebP, 0-100)."""


@dataclass(frozen=True, eq=False)
class Examples:
    """Faces behind a point of a figure.

    Attributes
    ----------
    caption : what they are
    images : uint8, N x H x W x 3
    words : what is said of each
    wrong : bool, N; those that are answered wrongly
    """

    caption: str
    images: np.ndarray
    words: Sequence[str]
    wrong: np.ndarray


Behind = Mapping[str, Examples]
"""Examples by the name of their point (see `faceinv.figures.point`)."""


def show(figure: go.Figure, behind: Behind) -> None:
    """Display a figure, and below it, once a point is chosen, the faces behind that point."""
    figures.show(figure, panel(behind))


def panel(behind: Behind) -> str:
    """The examples of a figure as HTML: all images on one sheet, each once, and what is said of them.

    The script ``pages/figures.js`` shows them; without it nothing is seen.
    """
    if not behind:
        return ""
    tiles: dict[bytes, int] = {}
    images: list[np.ndarray] = []
    points = {}
    for name, found in behind.items():
        places = []
        for image in found.images:
            place = tiles.setdefault(image.tobytes(), len(tiles))
            if place == len(images):
                images.append(image)
            places.append(place)
        points[name] = {
            "caption": found.caption,
            "tiles": places,
            "words": list(found.words),
            "wrong": found.wrong.tolist(),
        }
    size = images[0].shape[0]
    # What stands inside a script element must not hold its end.
    said = json.dumps({"size": size, "points": points}).replace("</", "<\\/")
    return (
        f'<div class="faceinv-examples" hidden><img alt="" hidden src="{_sheet(np.stack(images))}">'
        f'<script type="application/json">{said}</script></div>'
    )


def answered(
    answers: pd.DataFrame, by: Sequence[str], stimuli: Mapping[str, Stimuli], most: int = 24
) -> dict[str, Examples]:
    """Test faces of each group of answers, as the first network of each task answered them.

    Parameters
    ----------
    answers : as `faceinv.models.training.evaluate` makes it, with columns task and seed
    by : columns that tell the groups apart, task among them
    stimuli : test images by task
    most : faces of a group at most, spread evenly over it
    """
    first = answers[answers["seed"] == answers.groupby("task")["seed"].transform("min")]
    found = {}
    for key, part in first.groupby(list(by), observed=True):
        task, seed = part["task"].iloc[0], part["seed"].iloc[0]
        rows = part.iloc[evenly(range(len(part)), most)]
        found[point(*key)] = Examples(
            f"{task}, seed {seed}: {len(rows)} of {len(part)} test faces; "
            f"of all of these {_wrong(part['correct'])}",
            stimuli[task].images[rows.index],
            [_taken(row.label, row.answer) for row in rows.itertuples()],
            ~rows["correct"].to_numpy(),
        )
    return found


def masked(plans: Sequence[Validation], answers: pd.DataFrame, most: int = 6) -> dict[str, Examples]:
    """What the masks of each task's first network leave of some test faces, at every fraction.

    Parameters
    ----------
    plans : networks and masks
    answers : of these networks, as `faceinv.validation.validate` makes them
    most : faces of each task
    """
    found = {}
    for task in dict.fromkeys(plan.explanation.cell.task for plan in plans):
        plan = next(plan for plan in plans if plan.explanation.cell.task == task)
        stimuli, seed = held_out(plan.explanation), plan.explanation.cell.seed
        index = evenly(range(len(stimuli)), most)
        pixels = _floats(stimuli.images)
        # ranks and fill are those of the whole set, of which some faces are shown
        background = filled(pixels, plan.fill, seed)[index]
        ranked = {name: ranks(each, seed)[index] for name, each in scores_of(plan.explanation).items()}
        own = answers[(answers["task"] == task) & (answers["seed"] == seed)]
        for (mask, fraction), part in own.groupby(["mask", "fraction"], sort=False):
            kept = torch.from_numpy(keep(-ranked[mask], fraction))[:, None]
            found[point(task, mask, fraction)] = Examples(
                f"{task}, seed {seed}: what “{mask}” leaves at {fraction:.0%} of the pixels; "
                f"of the {len(part)} test faces {_wrong(part['correct'])}",
                _bytes(torch.where(kept, pixels[index], background)),
                list(stimuli.table[task].iloc[index]),
                ~part["correct"].to_numpy()[index],
            )
    return found


def transformed(
    answers: Mapping[Tolerance, pd.DataFrame],
    lines: Callable[[Cell], Sequence[tuple[str, str]]],
    most: int = 12,
) -> dict[str, Examples]:
    """Test faces at every level, as the first network of each line of a figure answered them.

    Parameters
    ----------
    answers : by network and transformation, as `faceinv.tolerance.measure` makes them
    lines : row and colour of each line (see `faceinv.multiples.tolerance`) to which a network contributes
    most : faces of each point
    """
    found: dict[str, Examples] = {}
    taken = set()
    for plan, own in answers.items():
        places = [place for place in lines(plan.cell) if (plan.transformation, place) not in taken]
        if not places:
            continue
        taken |= {(plan.transformation, place) for place in places}
        stimuli, change = seen(plan), named(plan.transformation)
        index = torch.from_numpy(evenly(range(len(stimuli)), most))
        pixels = _floats(stimuli.images[index])
        people = list(stimuli.table["identity"].iloc[index.numpy()])
        network = f"{plan.cell.architecture}, {places[0][1]}".removesuffix(f", {plan.cell.architecture}")
        for level, part in own.groupby("level"):
            part = part.set_index("image").sort_index()
            examples = Examples(
                f"{network}, seed {plan.cell.seed}: {change.name} {change.text(level)}; "
                f"of the {len(part)} test faces {_wrong(part['correct'])}",
                _bytes(change(pixels, level, index)),
                people,
                ~part["correct"].to_numpy()[index],
            )
            found |= {point(row, change.name, colour, level): examples for row, colour in places}
    return found


def _taken(label: str, answer: str) -> str:
    return str(label) if label == answer else f"{label}, taken for {answer}"


def _wrong(correct: pd.Series) -> str:
    """How many answers are wrong, in words."""
    wrong = int((~correct).sum())
    return f"{wrong or 'none'} {'is' if wrong < 2 else 'are'} answered wrongly"


def _floats(images: np.ndarray) -> torch.Tensor:
    """Pixels (uint8, N x H x W x 3) as floats N x 3 x H x W."""
    return torch.from_numpy(images).permute(0, 3, 1, 2).float()


def _bytes(pixels: torch.Tensor) -> np.ndarray:
    """Images (uint8, N x H x W x 3) of floats N x 3 x H x W from 0 to 255."""
    return pixels.round().clamp(0, 255).byte().permute(0, 2, 3, 1).numpy()


def _sheet(images: np.ndarray) -> str:
    """Images in rows of `COLUMNS`, as the address of a picture."""
    n, height, width, _ = images.shape
    columns = min(COLUMNS, n)
    lines = -(-n // columns)
    padded = np.concatenate([images, np.zeros((lines * columns - n, height, width, 3), np.uint8)])
    tiled = padded.reshape(lines, columns, height, width, 3).swapaxes(1, 2)
    buffer = io.BytesIO()
    Image.fromarray(tiled.reshape(lines * height, columns * width, 3)).save(buffer, "WEBP", quality=QUALITY)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()
