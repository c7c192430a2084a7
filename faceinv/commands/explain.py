"""Heatmaps of a network's answers to image files, as pictures and as arrays."""

from __future__ import annotations

from collections.abc import Sequence
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

ENLARGED = 384  # least side of a written picture, in pixels


def write_heatmaps(
    files: Sequence[Path],
    network: Network,
    out: Path,
    composite: str = "epsilon-plus-flat",
    contrastive: bool = False,
    target: str | None = None,
    crop: float = 1.0,
    colour: bool = False,
    align: bool = False,
    eyes: Eyes | None = None,
) -> pd.DataFrame:
    """Explain a network's answer to each image file.

    Writes into `out`, for each image, ``<name>.png`` (the image as the network saw it, and beside it the
    relevance on it), and for all ``heatmaps.npz`` (images, relevance, logits) and ``answers.csv``.

    Parameters
    ----------
    files : image files, cropped to their central square or aligned, and resized to the network's size; with
        the mean and the contrast of what the network learned from, where that was standardised
    network : who answers
    out : folder, made when it is not there
    composite, contrastive : see `faceinv.lrp.relevance.relevance`
    target : name of the class to explain in every image; the network's own answer where none is given
    crop : share of the central square that is seen, see `faceinv.data.photographs.decoding.Frame`
    colour : show the network the colours; faceinv's own networks were trained on grey images
    align : put the eyes, which are found in each image, where those of rendered faces are
    eyes : where the eyes of the one image are, which is then aligned by them

    Returns
    -------
    DataFrame
        One row an image: file, answer, probability (of the answer), explained (class), relevance (its sum).

    Raises
    ------
    InputError
        If a file is no image, no face is found in one, there is no class `target`, or eyes are given for more
        than one image.
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
    maps = relevance(network, inputs, targets, composite, contrastive)
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


def _names(files: Sequence[Path]) -> list[str]:
    """Names of the pictures: the files' own, with a number where two share one."""
    names, seen = [], dict[str, int]()
    for file in files:
        count = seen[file.stem] = seen.get(file.stem, 0) + 1
        names.append(file.stem if count == 1 else f"{file.stem}-{count}")
    return names
