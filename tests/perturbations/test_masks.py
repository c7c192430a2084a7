"""Masks: exact counts, nesting, ties, and the tables made of them."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import rankdata

from faceinv.errors import InputError
from faceinv.models.architectures import Network, Specification, build
from faceinv.perturbations import masks
from faceinv.perturbations.control_masks import control_scores
from faceinv.perturbations.fills import filled

FRACTIONS = (0, 0.003, 0.1, 0.25, 0.5, 0.77, 1)


@pytest.fixture(scope="module")
def scores() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((6, 20, 16), dtype=np.float32)


@pytest.fixture(scope="module")
def inputs() -> torch.Tensor:
    grey = torch.rand(6, 1, 20, 16, generator=torch.Generator().manual_seed(0))
    return grey.expand(6, 3, 20, 16).contiguous()


@pytest.mark.parametrize("order", ["most", "least"])
def test_counts_are_exact_and_masks_nested(scores: np.ndarray, order: masks.Order) -> None:
    kept = [masks.keep(scores, fraction, order) for fraction in FRACTIONS]
    for fraction, mask in zip(FRACTIONS, kept, strict=True):
        assert mask.dtype == bool
        assert (mask.sum((1, 2)) == round(fraction * 320)).all()
    for small, large in itertools.pairwise(kept):
        assert not (small & ~large).any()


def test_most_keeps_the_highest_and_least_the_rest(scores: np.ndarray) -> None:
    most, least = masks.keep(scores, 0.25), masks.keep(scores, 0.75, "least")
    assert (most ^ least).all()
    for image, mask in zip(scores, most, strict=True):
        assert image[mask].min() > image[~mask].max()


def test_ties_favour_no_place() -> None:
    flat = np.zeros((400, 16, 16), dtype=np.float32)
    mask = masks.keep(flat, 0.25)
    assert (mask.sum((1, 2)) == 64).all()
    often = mask.mean(0)
    # Five standard deviations of a share of 400 draws.
    assert np.abs(often - 0.25).max() < 5 * (0.25 * 0.75 / 400) ** 0.5
    assert np.array_equal(mask, masks.keep(flat, 0.25))
    assert not np.array_equal(mask, masks.keep(flat, 0.25, seed=1))


def test_ties_do_not_disturb_what_is_not_tied() -> None:
    scores = np.zeros((1, 8, 8), dtype=np.float32)
    scores[0, 3, 4] = 1
    scores[0, 5, 6] = -1
    assert masks.ranks(scores)[0, 3, 4] == 0 and masks.ranks(scores)[0, 5, 6] == 63


def test_ranks_are_those_of_scipy_whatever_the_sign() -> None:
    scores = (
        np.random.default_rng(3).standard_normal((2, 9, 7)).astype(np.float32) * 10 ** np.arange(7.0) / 1e3
    )
    scores[0, 0, :3] = np.inf, -np.inf, 1e-45
    expected = rankdata(-scores.astype(np.float32).reshape(2, -1), axis=1) - 1
    assert np.array_equal(masks.ranks(scores).reshape(2, -1), expected)


def test_minus_zero_and_zero_are_equal_scores() -> None:
    signs = np.where(np.arange(64) < 32, np.float32(-0.0), np.float32(0)).reshape(1, 8, 8).repeat(200, 0)
    assert 0.4 < masks.keep(signs, 0.5)[:, :4].mean() < 0.6


def test_equal_scores_have_no_order_of_their_own() -> None:
    """Over 400 images the rank of a pixel goes with its index no more than chance has it, five times."""
    flat = np.zeros((400, 16, 16), dtype=np.float32)
    found = masks.ranks(flat).reshape(400, 256)
    index = np.arange(256)
    correlations = [np.corrcoef(index, each)[0, 1] for each in found]
    assert abs(np.mean(correlations)) < 5 / (255 * 400) ** 0.5


def test_the_smallest_differences_count() -> None:
    order = np.random.default_rng(0).permutation(64)
    scores = (1e-12 * order).astype(np.float32).reshape(1, 8, 8)
    assert np.array_equal(masks.ranks(scores).ravel(), 63 - order)


def test_ranks_are_small_numbers_and_of_no_image_none() -> None:
    assert masks.ranks(np.zeros((2, 3, 3))).dtype == np.int32
    assert masks.ranks(np.zeros((0, 3, 5))).shape == (0, 3, 5)
    assert masks.ranks(np.zeros((2, 1, 1))).ravel().tolist() == [0, 0]


def test_the_usual_seed_is_zero(scores: np.ndarray, inputs: torch.Tensor) -> None:
    flat, half = np.zeros_like(scores), masks.keep(scores, 0.5)
    assert np.array_equal(masks.ranks(flat), masks.ranks(flat, seed=0))
    noisy = masks.apply(inputs, half, "noise")
    assert torch.equal(noisy, masks.apply(inputs, half, "noise", seed=0))
    assert not torch.equal(noisy, masks.apply(inputs, half, "noise", seed=1))


class _Reader(torch.nn.Module):
    """Says class 1 where the middle of the image is bright."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        bright = images[:, :, 12:20, 12:20].mean((1, 2, 3))
        return torch.stack([0.5 - bright, bright - 0.5], 1)


@pytest.fixture(scope="module")
def reader() -> Network:
    return Network(Specification("vgg11", ("dark", "bright"), size=32), _Reader())


def bright_and_dark() -> tuple[torch.Tensor, np.ndarray]:
    labels = np.array([0, 1, 1, 1, 1, 0])
    random = torch.Generator().manual_seed(0)
    pixels = torch.rand(6, 1, 32, 32, generator=random).expand(6, 3, 32, 32).clone()
    pixels[:, :, 12:20, 12:20] = torch.from_numpy(0.3 + 0.4 * labels).float()[:, None, None, None]
    return pixels, labels


def test_table_is_tidy_and_right(reader: Network) -> None:
    images, labels = bright_and_dark()
    scores = {kind: control_scores(images, kind) for kind in ("centre", "random")}
    answers = masks.answers_by_fraction(reader, images, labels, scores, (0, 0.1, 1), batch=4)
    assert len(answers) == 2 * 2 * 3 * 6
    assert not answers.duplicated(["mask", "order", "fraction", "image"]).any()
    table = masks.accuracy_by_fraction(answers)
    assert list(table) == ["mask", "order", "fraction", "fill", "accuracy", "balanced_accuracy", "n"]
    assert len(table) == 2 * 2 * 3 and (table["n"] == 6).all() and (table["fill"] == "mean").all()
    assert not table.duplicated(["mask", "order", "fraction"]).any()
    centre = table[(table["mask"] == "centre") & (table["fraction"] == 0.1)].set_index("order")["accuracy"]
    assert centre["most"] == 1
    assert (table.loc[table["fraction"] == 1, "accuracy"] == 1).all()
    for row in table.itertuples():
        mask = masks.keep(scores[row.mask], row.fraction, row.order)
        said = reader.logits(masks.apply(images, mask)).argmax(1).numpy()
        assert row.accuracy == pytest.approx((said == labels).mean())
        assert row.balanced_accuracy == pytest.approx(
            np.mean([(said == labels)[labels == each].mean() for each in (0, 1)])
        )


class _Counter(torch.nn.Module):
    """Answers by the sign of a sum with random weights, and counts the images that it saw."""

    def __init__(self) -> None:
        super().__init__()
        self.weights = torch.randn(3 * 32 * 32, generator=torch.Generator().manual_seed(0))
        self.seen: list[int] = []

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        self.seen.append(len(images))
        found = images.flatten(1) @ self.weights
        return torch.stack([-found, found], 1)


def test_the_same_images_are_classified_once() -> None:
    images, labels = bright_and_dark()
    counter = _Counter()
    network = Network(Specification("vgg11", ("a", "b"), size=32), counter)
    scores = {kind: control_scores(images, kind) for kind in ("centre", "random")}
    answers = masks.answers_by_fraction(network, images, labels, scores, (0, 0.5, 1), batch=6)
    # all and none of the pixels once, and a half of them by two masks in two orders
    assert counter.seen == [6] * (2 + 4)
    columns = ["mask", "order", "fraction", "fill", "image", "label", "answer", "correct"]
    assert list(answers) == columns and answers.index.equals(pd.RangeIndex(2 * 2 * 3 * 6))
    for (name, order, fraction), rows in answers.groupby(["mask", "order", "fraction"]):
        shown = masks.apply(images, masks.keep(scores[name], fraction, order))
        assert rows["answer"].tolist() == network.logits(shown).argmax(1).tolist()
    counter.seen.clear()
    masks.answers_by_fraction(network, images, labels, scores, (0.5,), ("most",), batch=4)
    assert counter.seen == [4, 2] * 2


def test_a_seed_is_of_ties_and_of_noise() -> None:
    images, labels = bright_and_dark()
    network = Network(Specification("vgg11", ("a", "b"), size=32), _Counter())
    flat = np.zeros((6, 32, 32), dtype=np.float32)
    found = {}
    for seed in (0, 1, 2, 3):
        table = masks.answers_by_fraction(
            network, images, labels, {"flat": flat}, (0.3, 0.6), fill="noise", seed=seed
        )
        found[seed] = table["answer"].tolist()
        expected = [
            network.logits(masks.apply(images, masks.keep(flat, fraction, order, seed), "noise", seed))
            for order in ("most", "least")
            for fraction in (0.3, 0.6)
        ]
        assert found[seed] == torch.cat(expected).argmax(1).tolist()
    usual = masks.answers_by_fraction(network, images, labels, {"flat": flat}, (0.3, 0.6), fill="noise")
    assert usual["answer"].tolist() == found[0] and len(set(map(tuple, found.values()))) > 1


def test_rows_are_in_the_order_that_was_asked_for(reader: Network) -> None:
    images, labels = bright_and_dark()
    scores = {kind: control_scores(images, kind) for kind in ("random", "centre")}
    answers = masks.answers_by_fraction(reader, images, labels, scores, (0.5, 0.1), ("most", "least"))
    table = masks.accuracy_by_fraction(answers)
    assert list(table["mask"].unique()) == ["random", "centre"]
    assert list(table["order"].unique()) == ["most", "least"] and table["fraction"].tolist()[:2] == [0.5, 0.1]


def test_one_image_is_enough_and_none_is_not(reader: Network) -> None:
    images, labels = bright_and_dark()
    one = masks.answers_by_fraction(
        reader, images[:1], labels[:1], {"own": np.zeros((1, 32, 32))}, (0.5,), ("most",)
    )
    assert len(one) == 1
    with pytest.raises(InputError, match="one for each of 0 images"):
        masks.answers_by_fraction(reader, images[:0], labels[:0], {}, (0.5,))


def test_a_real_network_reads_masked_images() -> None:
    network = build(Specification("alexnet", ("a", "b"), size=64))
    images = torch.randn(4, 3, 64, 64)
    scores = {"random": control_scores(images, "random")}
    labels = np.array([0, 1, 0, 1])
    answers = masks.answers_by_fraction(network, images, labels, scores, (0.2, 0.4), ("most",))
    assert answers["correct"].dtype == bool and answers["label"].tolist() == [0, 1, 0, 1] * 2


def test_wrong_input_is_named(scores: np.ndarray, inputs: torch.Tensor, reader: Network) -> None:
    with pytest.raises(InputError, match="a number from 0 to 1"):
        masks.keep(scores, 1.2)
    with pytest.raises(InputError, match="order is 'random'"):
        masks.keep(scores, 0.5, "random")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="none of them nan"):
        masks.keep(np.full((1, 2, 2), np.nan), 0.5)
    with pytest.raises(InputError, match="fill is 'grey'"):
        filled(inputs, "grey")
    with pytest.raises(InputError, match="the fraction to keep is missing; expected a number"):
        masks.check_fractions([])
    with pytest.raises(InputError, match=r"the mask is float32 .*; expected bool of shape \(6, 20, 16\)"):
        masks.apply(inputs, scores)
    with pytest.raises(InputError, match=r"scores 'own' are of shape .*; expected \(6, 20, 16\)"):
        masks.answers_by_fraction(reader, inputs, np.zeros(6, int), {"own": scores[:, :4]}, (0.5,))
    with pytest.raises(InputError, match="labels are of shape"):
        masks.answers_by_fraction(reader, inputs, np.zeros(5, int), {"own": scores}, (0.5,))


@pytest.mark.slow
@pytest.mark.parametrize("order", ["most", "least"])
def test_answers_fall_as_quantus_has_them_fall(scores: np.ndarray, order: masks.Order) -> None:
    """Pixel flipping (Bach et al. 2015) of another library, step by step."""
    quantus = pytest.importorskip("quantus", exc_type=ImportError)
    scores = scores[:, :16]
    torch.manual_seed(0)
    inputs = torch.rand(6, 1, 16, 16)
    inputs -= inputs.mean((2, 3), keepdim=True)
    module = torch.nn.Sequential(
        torch.nn.Conv2d(1, 8, 5), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(8 * 144, 4)
    ).eval()
    labels = np.array([0, 1, 2, 3, 0, 1])
    flipping = quantus.PixelFlipping(
        features_in_step=32,
        perturb_baseline=0.0,
        normalise=False,
        disable_warnings=True,
    )
    theirs = flipping(
        model=module,
        x_batch=inputs.numpy(),
        y_batch=labels,
        a_batch=(scores if order == "most" else -scores)[:, None],
        device="cpu",
        softmax=False,
    )
    remaining: masks.Order = "least" if order == "most" else "most"
    with torch.no_grad():
        logits = [
            module(masks.apply(inputs, masks.keep(scores, 1 - (step + 1) / 8, remaining)))
            for step in range(8)
        ]
    ours = torch.stack(logits, 1)[np.arange(6), :, labels].numpy()
    assert np.allclose(ours, np.asarray(theirs), atol=1e-5)
    assert np.ptp(ours, 1).min() > 0.01
