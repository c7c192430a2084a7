"""Control masks: the scores of each, and where each is shown."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from faceinv.errors import InputError
from faceinv.experiments.relevance import consensus, facial_regions, faithfulness, map_agreement
from faceinv.figures import generalization_matrix
from faceinv.perturbations import masks
from faceinv.perturbations.control_masks import CONTROL_MASKS, control_names, control_scores


@pytest.fixture(scope="module")
def inputs() -> torch.Tensor:
    grey = torch.rand(6, 1, 20, 16, generator=torch.Generator().manual_seed(0))
    return grey.expand(6, 3, 20, 16).contiguous()


def test_controls(inputs: torch.Tensor) -> None:
    random = control_scores(inputs, "random")
    assert np.array_equal(random, control_scores(inputs, "random"))
    assert not np.array_equal(random, control_scores(inputs, "random", seed=1))
    assert not np.array_equal(random[0], random[1])
    centre = masks.keep(control_scores(inputs, "centre"), 0.1)
    rows, columns = np.nonzero(centre[0])
    assert np.hypot(rows - 9.5, columns - 7.5).max() < 4
    for scores in (random, control_scores(inputs, "local contrast")):
        assert scores.shape == (6, 20, 16) and scores.dtype == np.float32


def test_contrast_is_high_at_an_edge_only() -> None:
    image = torch.zeros(1, 3, 64, 64)
    image[..., 32:] = 1
    contrast = control_scores(image + 100, "local contrast")[0]
    assert contrast[:, 31:33] == pytest.approx(0.5, abs=0.03)
    assert contrast[:, :20] == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize("name", control_names("relevance", "untrained relevance"))
def test_masks_of_maps_keep_one_end_of_them(name: str) -> None:
    maps = np.array([[[3.0, -1.0, 2.0]]], np.float32)
    (place,) = np.nonzero(masks.keep(CONTROL_MASKS[name].scores(maps, 0), 1 / 3)[0, 0])[0]
    assert place == (1 if "least" in name else 0)


@pytest.mark.parametrize("name", control_names("image"))
def test_scores_of_an_image_are_numbers_of_its_shape_and_repeatable(name: str, inputs: torch.Tensor) -> None:
    found = control_scores(inputs, name, seed=3)
    assert found.dtype == np.float32 and found.shape == (6, 20, 16) and np.isfinite(found).all()
    assert np.array_equal(found, control_scores(inputs, name, seed=3))


PUBLISHED = {
    faithfulness.MASKS: (
        "most relevant",
        "least relevant",
        "random",
        "centre",
        "local contrast",
        "untrained, most relevant",
        "untrained, least relevant",
    ),
    generalization_matrix.CONTROLS: (
        "consensus, untrained",
        "untrained",
        "local contrast",
        "centre",
        "random",
        "least relevant",
    ),
    consensus.CANDIDATES: (
        "consensus",
        "best single maker",
        "consensus, untrained",
        "untrained",
        "local contrast",
        "centre",
        "random",
    ),
    map_agreement.COMPARED_MAPS: (
        "another seed",
        "untrained network",
        "local contrast",
        "another seed, another face",
    ),
    facial_regions.MAPS: ("trained", "untrained", "local contrast"),
}
"""Rows of the tables of chapters 3 to 6 as they were published; others may stand between them."""


@pytest.mark.parametrize(("found", "published"), PUBLISHED.items())
def test_the_published_rows_stand_in_their_tables_in_their_order(
    found: tuple[str, ...], published: tuple[str, ...]
) -> None:
    assert tuple(name for name in found if name in published) == published


@pytest.mark.parametrize("name", control_names("image"))
def test_a_control_mask_of_images_stands_in_every_table_of_masks(name: str) -> None:
    for found in (faithfulness.MASKS, generalization_matrix.CONTROLS, consensus.CANDIDATES):
        assert found.count(name) == 1
    for found in (map_agreement.COMPARED_MAPS, facial_regions.MAPS):
        assert found.count(name) == CONTROL_MASKS[name].is_map


def test_an_unknown_control_mask_is_refused_by_name(inputs: torch.Tensor) -> None:
    with pytest.raises(InputError, match="control mask 'no such' of images alone; expected one of random, "):
        control_scores(inputs, "no such")
    with pytest.raises(InputError, match="control mask 'least relevant' of images alone"):
        control_scores(inputs, "least relevant")


def test_edges_are_where_the_image_steps() -> None:
    step = torch.zeros(1, 3, 8, 8)
    step[..., 4:] = 1
    found = control_scores(step, "edges")[0]
    assert (found[:, 3:5] == 4).all() and (found[:, [0, 1, 2, 5, 6, 7]] == 0).all()


def test_of_two_equal_patches_the_one_at_the_centre_comes_first() -> None:
    image = torch.zeros(1, 3, 64, 64)
    image[..., 30:34, 30:34] = image[..., 2:6, 2:6] = 1
    plain, weighted = (control_scores(image, name)[0] for name in ("local contrast", "central contrast"))
    assert plain[4, 4] == pytest.approx(plain[32, 32], rel=0.05)
    assert weighted[32, 32] == pytest.approx(plain[32, 32], rel=0.01)
    assert weighted[4, 4] == pytest.approx(plain[4, 4] * np.exp(-((27.5 / 16) ** 2)), rel=0.01)


def test_the_mean_face_of_training_images_is_one_map() -> None:
    images = torch.zeros(2, 3, 16, 16)
    images[0, :, :, 8:] = 1
    (one,) = CONTROL_MASKS["mean face"].scores(images, 0)
    assert one.shape == (16, 16) and one.argmax() % 16 in (7, 8)
    assert np.allclose(one, control_scores(images[:1], "local contrast")[0] / 2)
