"""Grids of images: how narrow they may become, and their keys."""

from __future__ import annotations

import numpy as np
import pytest

from faceinv.figures import image_grid

IMAGES = np.zeros((4, 64, 64, 3), np.uint8)


@pytest.mark.parametrize(
    ("heads", "tile"),
    [((), image_grid.LEAST_BARE), (("a", "b"), image_grid.LEAST_TILE), (("a", "long word, transformed"), 66)],
)
def test_tiles_are_at_least_as_wide_as_the_words_above_them(heads: tuple[str, ...], tile: float) -> None:
    figure = image_grid.sheet(IMAGES, ["face"] * 4, 2, heads=heads)
    assert figure.layout.meta["least"] == 10 + 2 * tile


def test_a_key_has_room_for_its_lines_where_the_grid_is_narrowest() -> None:
    names = dict.fromkeys(("brow", "eye", "nose", "mouth", "forehead"), "#000")
    bare = image_grid.sheet(np.repeat(IMAGES, 2, axis=0), ["face"] * 8, 8)
    height = bare.layout.height
    # 8 tiles of 36 pixels hold two entries of 44 + 7 x 8 pixels beside each other: three lines
    assert image_grid.with_key(bare, names).layout.height == height + 10 + 3 * 22


def test_a_colour_bar_is_no_higher_than_its_grid_and_its_title_neither() -> None:
    low, high = (
        image_grid.with_relevance_bar(image_grid.sheet(tiles, ["face"] * len(tiles), columns=6))
        for tiles in (np.zeros((n, 48, 48, 3), np.uint8) for n in (6, 36))
    )
    bars = [figure.data[-1].marker.colorbar for figure in (low, high)]
    assert bars[0].len == 1 and bars[0].lenmode is None  # the share of the height, on a narrow page too
    assert bars[0].title.text == "relevance for<br>the class"
    assert (bars[1].len, bars[1].lenmode) == (image_grid.LONGEST_BAR, "pixels")
    assert bars[1].title.text == "relevance for the class"
    assert low.layout.margin.r - high.layout.margin.r == image_grid.TITLE_LINE
