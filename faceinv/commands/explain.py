"""Heatmaps of a network's predictions for image files, as pictures and as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from PIL import Image

from faceinv.data.photographs.alignment import Eyes
from faceinv.data.photographs.decoding import Frame, decode_photographs
from faceinv.data.sources import is_standardised
from faceinv.errors import InputError
from faceinv.figures.image_grid import overlay
from faceinv.lrp.relevance import relevance
from faceinv.models.architectures import Network

ENLARGED = 384  # approximate height of a written picture, in pixels


def write_heatmaps(
    files: Sequence[Path],
    network: Network,
    out: Path,
    composite: str = "epsilon-plus-flat",
    against: str = "none",
    target: str | None = None,
    crop: float = 1.0,
    colour: bool = False,
    align: bool = False,
    eyes: Eyes | None = None,
    start: str = "absolute",
) -> pd.DataFrame:
    """Explain a network's prediction for each image file.

    For each image, ``<name>.png`` is written to `out` (the network's input, and next to it the relevance map
    drawn on it), and for all images ``heatmaps.npz`` (images, relevance, logits) and ``answers.csv``.

    Parameters
    ----------
    files : image files, which are cropped to their central square or aligned, and resized to the network's
        size; they get the mean and the contrast of the network's training images if these were standardised
    network : the network to explain
    out : output folder, created if it does not exist
    composite, against, start : see `faceinv.lrp.relevance.relevance`
    target : name of the class to explain in every image; by default the predicted class
    crop : fraction of the central square that is kept, see `faceinv.data.photographs.decoding.Frame`
    colour : keep colours; faceinv's own networks were trained on grey images
    align : detect the eyes in each image, and align them with the eyes of rendered faces
    eyes : positions of the eyes, by which a single image is aligned

    Returns
    -------
    DataFrame
        One row per image: file, picture, answer (predicted class), probability (of the answer), explained
        (class), relevance (sum over pixels).

    Raises
    ------
    InputError
        If a file is not an image, no face is found in one, there is no class `target`, or eyes are given for
        more than one image.
    """
    classes = network.specification.classes
    if target is not None and target not in classes:
        raise InputError(f"there is no class {target!r} in the network; its classes are {', '.join(classes)}")
    standard = not colour and is_standardised(network.specification.stimuli)
    frame = Frame(network.specification.size, crop, "colour" if colour else "grey", align, standard)
    images = decode_photographs(files, frame, eyes)
    inputs = network.prepare(images)
    logits = network.logits(inputs)
    answers = logits.argmax(1).numpy()
    targets = answers if target is None else np.full(len(files), classes.index(target))
    maps = relevance(network, inputs, targets, composite, against, start)
    out.mkdir(parents=True, exist_ok=True)
    names = _names(files)
    for name, image, painted in zip(names, images, overlay(images, maps), strict=True):
        pair = Image.fromarray(np.concatenate([image, painted], axis=1))
        times = max(1, round(ENLARGED / image.shape[0]))
        pair.resize((pair.width * times, pair.height * times), Image.Resampling.BICUBIC).save(
            out / f"{name}.png"
        )
    np.savez_compressed(out / "heatmaps.npz", images=images, relevance=maps, logits=logits.numpy())
    table = pd.DataFrame(
        {
            "file": [str(file) for file in files],
            "picture": [f"{name}.png" for name in names],
            "answer": [classes[i] for i in answers],
            "probability": torch.softmax(logits, 1).amax(1).numpy(),
            "explained": [classes[i] for i in targets],
            "relevance": maps.sum(axis=(1, 2)),
        }
    )
    table.to_csv(out / "answers.csv", index=False)
    return table


def output_files(files: Sequence[Path], out: Path) -> list[Path]:
    """Files that `write_heatmaps` writes."""
    return [*(out / f"{name}.png" for name in _names(files)), out / "heatmaps.npz", out / "answers.csv"]


def _names(files: Sequence[Path]) -> list[str]:
    """Names of the pictures: the names of the files, numbered where they repeat."""
    names: list[str] = []
    for file in files:
        numbered = (file.stem if number == 1 else f"{file.stem}-{number}" for number in count(1))
        names.append(next(name for name in numbered if name not in names))
    return names
