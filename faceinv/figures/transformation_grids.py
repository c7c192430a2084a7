"""Grids of transformed faces, the identities that networks predict for them, and first-layer filters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
import torch
from PIL import Image

from faceinv.data.stimuli import Stimuli
from faceinv.figures import image_grid, palette
from faceinv.figures.palette import in_order
from faceinv.metrics import filters as filter_metrics
from faceinv.metrics.tolerance_curve import transformed_answers
from faceinv.models.architectures import Network, untrained
from faceinv.models.training import evaluate
from faceinv.perturbations.transformations import TRANSFORMATIONS, named

CAPTION = 14  # height of the caption below an image, in pixels
FILTER = 44  # width of a filter on the page, in pixels
LEAST = 46  # minimum width of an image on the page, in pixels; narrower grids scroll
WRONG = palette.rgb(palette.MARKED)  # frame around an incorrectly predicted identity


def at_every_level(image: np.ndarray, transformation: str, levels: Sequence[float] = ()) -> np.ndarray:
    """One image (uint8, H x W x 3) at every level of a transformation (uint8, levels x H x W x 3)."""
    transform = named(transformation)
    pixels = torch.from_numpy(image).permute(2, 0, 1)[None].float()
    changed = [transform(pixels, level) for level in levels or transform.levels_at(len(image))]
    return torch.cat(changed).round().clamp(0, 255).byte().permute(0, 2, 3, 1).numpy()


def levels(image: np.ndarray) -> go.Figure:
    """A face under every transformation, one per row, from the identity (left) to the strongest level."""
    tiles = [at_every_level(image, name) for name in TRANSFORMATIONS]
    columns = max(map(len, tiles))
    captions = [
        [each.text(level) for level in each.levels_at(len(image))] for each in TRANSFORMATIONS.values()
    ]
    # for small images, some transformations have fewer levels
    whole = np.concatenate([_padded(_with_caption_strip(part, scale=2), columns) for part in tiles])
    below = [text for row in captions for text in (*row, *[""] * (columns - len(row)))]
    labels = [each.label for each in TRANSFORMATIONS.values() for _ in range(columns)]
    words = [text and f"{label}: {text}" for label, text in zip(labels, below, strict=True)]
    figure = image_grid.sheet(whole, words, columns, rows=list(TRANSFORMATIONS), scale=1)
    return _captioned(figure, below, columns)


def taken_for(
    networks: Mapping[str, Network], stimuli: Stimuli, which: int, known: Stimuli, names: Sequence[str]
) -> go.Figure:
    """Identity predicted by each network for one face at every level of some transformations.

    One block of rows per transformation: the transformed face and, below it, one row per network with a face
    of the predicted identity; incorrect predictions are framed.

    Parameters
    ----------
    networks : networks of the task identity, by name of their row
    stimuli, which : test images, and the index of the one to show
    known : images to show for the predicted identities, of each the first with the smallest yaw
    names : transformations
    """
    faces = {name: known.images[place] for name, place in _typical(known).items()}
    person = str(stimuli.table["identity"].iloc[which])
    image = stimuli.images[which]
    columns = max(len(named(name).levels_at(len(image))) for name in names)
    tiles, words, rows, captions = [], [], [], []
    for name in names:
        own = named(name).levels_at(len(image))
        texts = [named(name).text(level) for level in own]
        rest = [""] * (columns - len(own))
        tiles.append(_padded(_with_caption_strip(at_every_level(image, name), scale=1), columns))
        rows.append(name)
        captions += [*texts, *rest]
        words += [*(f"{person}, {name} {text}" for text in texts), *rest]
        for label, network in networks.items():
            inputs = network.prepare(image[None])
            predicted = [
                network.specification.classes[transformed_answers(network, inputs, name, level)[0]]
                for level in own
            ]
            shown = np.stack([_framed(faces[each], each != person) for each in predicted])
            tiles.append(_padded(_with_caption_strip(shown, scale=1), columns))
            rows.append(label)
            captions += [""] * columns
            words += [
                *(f"{label}: {each}, at {text}" for each, text in zip(predicted, texts, strict=True)),
                *rest,
            ]
    figure = image_grid.sheet(np.concatenate(tiles), words, columns, rows=rows, scale=1)
    return _captioned(figure, captions, columns)


def best_known(networks: Iterable[Network], stimuli: Stimuli) -> int:
    """Index of the first image that most networks of the task identity classify correctly."""
    correct = sum(evaluate(network, stimuli)["correct"].to_numpy().astype(int) for network in networks)
    return int(np.argmax(correct))


def filter_grid(networks: Mapping[str, Mapping[str, Network]], each: int, common: bool = False) -> go.Figure:
    """The first filters of networks: one row an architecture, a block of columns untrained and by strategy.

    Parameters
    ----------
    networks : trained networks by architecture and learning strategy
    each : filters in a block
    common : show the mean of each filter over the colour channels, the only part that acts on grey images
    """
    strategies = in_order(name for by_strategy in networks.values() for name in by_strategy)
    states = ["untrained", *strategies]
    empty = np.zeros((1, FILTER, FILTER, 4), np.uint8)
    tiles, words = [], []
    for architecture, by_strategy in networks.items():
        found = {"untrained": untrained(next(iter(by_strategy.values()))), **by_strategy}
        for state in states:
            count = 0
            if state in found:
                weights = filter_metrics.first_filters(found[state])[:each]
                drawn = filter_metrics.pictures(filter_metrics.shared(weights) if common else weights)
                large = image_grid.enlarged(drawn, FILTER)
                tiles.append(np.pad(large, ((0, 0),) * 3 + ((0, 1),), constant_values=255))
                count = len(drawn)
            rest = each - count + (state != states[-1])  # an empty column separates the blocks
            tiles.append(np.repeat(empty, rest, axis=0))
            words += [f"{architecture}, {state}: filter {i}" for i in range(count)] + [""] * rest
    columns = len(states) * (each + 1) - 1
    heads = [""] * columns
    heads[each // 2 :: each + 1] = [state.replace(", ", ",\u00a0") for state in states]
    return image_grid.sheet(
        np.concatenate(tiles),
        words,
        columns,
        rows=list(networks),
        heads=heads,
        scale=1,
        smooth=False,
        wide=True,
    )


def _typical(known: Stimuli) -> dict[str, int]:
    """Index of one image per identity: that with the smallest absolute yaw, if yaw is known."""
    table = known.table.reset_index(drop=True)
    has_yaw = "yaw" in table and table["yaw"].notna().all()
    yaw = table["yaw"].abs() if has_yaw else table.index.to_series()
    return {str(name): int(part.idxmin()) for name, part in yaw.groupby(table["identity"])}


def _framed(image: np.ndarray, wrong: bool) -> np.ndarray:
    """The image, with a coloured frame if it is `wrong`."""
    if not wrong:
        return image
    edge = max(1, len(image) // 20)
    framed = np.empty_like(image)
    framed[:] = WRONG
    framed[edge:-edge, edge:-edge] = image[edge:-edge, edge:-edge]
    return framed


def _with_caption_strip(images: np.ndarray, scale: int) -> np.ndarray:
    """Images enlarged, as RGBA (uint8, N x H x W x 4), with an empty strip below for a caption."""
    size = (images.shape[2] * scale, images.shape[1] * scale)
    large = [np.asarray(Image.fromarray(each).resize(size, Image.Resampling.BICUBIC)) for each in images]
    opaque = np.pad(np.stack(large), ((0, 0),) * 3 + ((0, 1),), constant_values=255)
    return np.pad(opaque, ((0, 0), (0, CAPTION * scale), (0, 0), (0, 0)))


def _padded(images: np.ndarray, columns: int) -> np.ndarray:
    """Images, padded with empty ones to the number of columns."""
    return np.pad(images, ((0, columns - len(images)), (0, 0), (0, 0), (0, 0)))


def _captioned(figure: go.Figure, captions: Sequence[str], columns: int) -> go.Figure:
    """Add captions in the strips below the images of a grid, and set its minimum width."""
    points = figure.data[0]
    step = points.y[columns] - points.y[0] if len(points.y) > columns else figure.layout.yaxis.range[0]
    figure.add_scatter(
        x=points.x,
        y=[y + step / 2 for y in points.y],
        mode="text",
        text=captions,
        textposition="top center",
        textfont={"size": 10, "color": palette.INK},
        hoverinfo="skip",
    )
    shape = {**figure.layout.meta, "least": figure.layout.margin.l + LEAST * columns}
    return figure.update_layout(meta=shape)
