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
