"""Randomisation curves on constructed networks, and against Quantus."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from faceinv.attribution.attribute import attribute
from faceinv.errors import InputError
from faceinv.metrics.sanity import randomisation_curve, similarities
from faceinv.models.architectures import Specification, build
from faceinv.models.randomisation import layers_from_output

SIDE = 12


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(256, 3)
    ).eval()


@pytest.fixture(scope="module")
def images() -> Tensor:
    return torch.randn(5, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1))


def test_a_method_that_reads_the_first_layer_only_changes_with_it(images: Tensor) -> None:
    def filtered(model: Any, images: Tensor, targets: Tensor) -> Tensor:
        return model[0](images).abs().sum(1).repeat_interleave(2, 1)[:, :SIDE].repeat(1, 1, 2)[..., :SIDE]

    curve = randomisation_curve(network(), images, method=filtered)
    assert curve.groupby("layers")["layer"].first().to_dict() == {1: "5", 2: "2", 3: "0"}
    by_layers = curve.groupby("layers")["rank_correlation"].agg(["min", "max"])
    assert by_layers.loc[[1, 2]].to_numpy() == pytest.approx(1) and by_layers.loc[3, "max"] < 0.95
    assert curve["share"].unique() == pytest.approx([1 / 3, 2 / 3, 1])


def test_gradients_change_with_every_layer_and_baselines_with_none(images: Tensor) -> None:
    changed = randomisation_curve(network(), images, 0, "saliency", shares=(0, 1))
    assert changed["rank_correlation"].abs().max() < 0.9 and len(changed) == 2 * 5
    for method in ("local contrast", "centre", "random"):
        same = randomisation_curve(network(), images, 0, method, shares=(1,))
        assert same["rank_correlation"].to_numpy() == pytest.approx(1)
        assert same["structural_similarity"].to_numpy() == pytest.approx(1)


def test_a_network_of_this_package_gets_its_own_initialisation() -> None:
    built = build(Specification("vgg11_bn", ("a", "b"), 0.0625, 32))
    curve = randomisation_curve(built, torch.rand(2, 3, 32, 32), method="epsilon-plus-flat", shares=(0, 0.5))
    assert curve["layers"].unique().tolist() == [1, 5] and curve["layer"].iloc[0] == "classifier.2"


def test_shares_are_checked(images: Tensor) -> None:
    with pytest.raises(InputError, match=r"shares of random layers are \[2\]; expected numbers from 0 to 1"):
        randomisation_curve(network(), images, shares=[2])


@pytest.mark.filterwarnings("ignore")
def test_quantus_finds_the_same_layers_and_correlations(images: Tensor) -> None:
    """Its Model Parameter Randomisation Test, with the networks that it randomised."""
    quantus = pytest.importorskip("quantus", exc_type=ImportError)
    seen: list[np.ndarray] = []

    def explain(model: nn.Module, inputs: np.ndarray, targets: np.ndarray, **_: Any) -> np.ndarray:
        seen.append(attribute(model, torch.as_tensor(inputs), np.asarray(targets), "input-x-gradient"))
        return seen[-1][:, None]

    labels = np.array([0, 1, 2, 0, 1])
    test = quantus.MPRT(
        disable_warnings=True, normalise=False, abs=False, return_average_correlation=False, seed=3
    )
    theirs = test(
        model=network(),
        x_batch=images.numpy(),
        y_batch=labels,
        explain_func=explain,
        channel_first=True,
        softmax=False,
        batch_size=5,
    )
    maps, *others = seen
    ours = similarities(maps, others)
    expected = np.concatenate([theirs[layer] for layer in theirs])
    np.testing.assert_allclose(ours["rank_correlation"], expected, atol=1e-6)
    assert list(theirs) == ["original", *(layer[0] for layer in layers_from_output(network(), images))]
    assert len(others) == 4 and ours["rank_correlation"][5:].abs().max() < 0.99


@pytest.mark.filterwarnings("ignore")
def test_structural_similarity_is_that_of_quantus() -> None:
    functions = pytest.importorskip("quantus.functions.similarity_func", exc_type=ImportError)
    a, b = np.random.default_rng(0).normal(size=(2, 3, 16, 16))
    b += a
    a, b = (each / np.abs(each).max((1, 2), keepdims=True) for each in (a, b))
    ours = similarities(3 * a, [b])["structural_similarity"]
    np.testing.assert_allclose(ours, [functions.ssim(*pair) for pair in zip(a, b, strict=True)], atol=1e-9)
    assert ours.between(0.2, 0.9).all()
