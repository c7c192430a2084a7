"""The book's numbers against Captum's, Zennit's and Quantus' own implementations, which a page names."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import captum.attr
import numpy as np
import pytest
import torch
from captum.attr._utils.lrp_rules import Alpha1_Beta0_Rule, EpsilonRule
from conftest import REPOSITORY
from torch import Tensor, nn
from zennit.attribution import IntegratedGradients, SmoothGrad

from faceinv.attribution.attribute import attribute
from faceinv.lrp.composites import composite
from faceinv.lrp.relevance import relevance
from faceinv.metrics.localization import mass_over_area, pixel_roc, pointing_game

PAGE = REPOSITORY / "book" / "agreement.md"
TARGETS = [0, 2, 1]


def network(bias: bool = True) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, bias=bias),
        nn.ReLU(),
        nn.Conv2d(4, 4, 3, bias=bias),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(256, 3, bias=bias),
    ).eval()


@pytest.fixture
def images() -> Tensor:
    return torch.randn(3, 3, 12, 12, generator=torch.Generator().manual_seed(1))


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """The other libraries warn of how they work."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def given(images: Tensor) -> Tensor:
    return images.clone().requires_grad_()


CAPTUM: dict[str, Callable[[nn.Sequential, Tensor, Tensor], Tensor]] = {
    "saliency": lambda net, x, t: captum.attr.Saliency(net).attribute(x, t),
    "input-x-gradient": lambda net, x, t: captum.attr.InputXGradient(net).attribute(x, t),
    "integrated-gradients": lambda net, x, t: captum.attr.IntegratedGradients(net).attribute(
        x, 0.0, t, n_steps=20
    ),
    "guided-backpropagation": lambda net, x, t: captum.attr.GuidedBackprop(net).attribute(x, t),
    "deep-lift": lambda net, x, t: captum.attr.DeepLift(net).attribute(x, target=t),
    "grad-cam": lambda net, x, t: captum.attr.LayerAttribution.interpolate(
        captum.attr.LayerGradCam(net, net[3]).attribute(x, t, relu_attributions=True), (12, 12), "bilinear"
    ),
    "occlusion": lambda net, x, t: captum.attr.Occlusion(net).attribute(x, (3, 2, 2), (3, 1, 1), 0.0, t) / 3,
}


@pytest.mark.parametrize("method", CAPTUM)
def test_maps_are_those_of_captum(method: str, images: Tensor) -> None:
    net = network()
    theirs = CAPTUM[method](net, given(images), torch.tensor(TARGETS)).detach().sum(1).numpy()
    np.testing.assert_allclose(attribute(net, images, TARGETS, method), theirs, atol=1e-5)


@pytest.mark.parametrize(("rule", "ours"), [(EpsilonRule, "epsilon"), (Alpha1_Beta0_Rule, "z-plus")])
def test_lrp_rules_are_those_of_captum(rule: Any, ours: str, images: Tensor) -> None:
    """Without biases, of which the two make something else, and from the logit, where Captum starts."""
    net = network(bias=False)
    inputs = images.abs()  # its rule of positive weights takes inputs to be positive
    chosen = composite("epsilon", layers={nn.Conv2d: ours, "0": ours, nn.Linear: "epsilon"})
    found = relevance(net, inputs, TARGETS, chosen, start="logit")
    for layer in net:
        if isinstance(layer, nn.Conv2d | nn.Linear):
            layer.rule = rule() if isinstance(layer, nn.Conv2d) else EpsilonRule()
        if isinstance(layer, nn.Flatten):
            layer.rule = EpsilonRule()
    theirs = captum.attr.LRP(net).attribute(given(inputs), torch.tensor(TARGETS)).detach().sum(1).numpy()
    np.testing.assert_allclose(found, theirs, atol=1e-3 * np.abs(theirs).max())


def chosen_logits(targets: list[int]) -> Callable[[Tensor], Tensor]:
    return lambda output: torch.eye(output.shape[1])[
        torch.tensor(targets).repeat(len(output) // len(targets))
    ]


def test_integrated_gradients_are_those_of_zennit(images: Tensor) -> None:
    net = network()
    with IntegratedGradients(net, n_iter=400) as attributor:
        _, theirs = attributor(images.clone(), chosen_logits(TARGETS))
    found = attribute(net, images, TARGETS, "integrated-gradients", steps=200)
    theirs = theirs.sum(1).numpy()
    np.testing.assert_allclose(found, theirs, atol=0.02 * np.abs(theirs).max())


def test_smoothgrad_is_that_of_zennit(images: Tensor) -> None:
    """Of the same noise in law: both means come close to each other with many samples."""
    net = network()
    torch.manual_seed(0)
    with SmoothGrad(net, noise_level=0.1, n_iter=300) as attributor:
        _, theirs = attributor(images[:1].clone(), chosen_logits(TARGETS[:1]))
    found = attribute(net, images[:1], TARGETS[:1], "smoothgrad", samples=300, noise=0.1)
    absolute = theirs.abs().sum(1).numpy()
    np.testing.assert_allclose(found, absolute, atol=0.1 * absolute.max())


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("PointingGame", lambda maps, masks: pointing_game(maps, masks)),
        ("RelevanceMassAccuracy", lambda maps, masks: mass_over_area(maps, masks) * masks.mean((1, 2))),
        ("AUC", lambda maps, masks: pixel_roc(maps, masks)),
    ],
)
def test_localization_is_that_of_quantus(
    name: str, ours: Callable[[np.ndarray, np.ndarray], np.ndarray], images: Tensor
) -> None:
    quantus = pytest.importorskip("quantus", exc_type=ImportError)
    maps = np.random.default_rng(0).normal(size=(3, 12, 12))
    masks = np.zeros((3, 12, 12), dtype=bool)
    masks[:, 2:8, 3:9] = True
    metric = getattr(quantus, name)(abs=True, normalise=False, disable_warnings=True)
    theirs = metric(
        model=network(),
        x_batch=images.numpy(),
        y_batch=np.array(TARGETS),
        a_batch=maps[:, None],
        s_batch=masks[:, None],
        device="cpu",
    )
    np.testing.assert_allclose(ours(maps, masks), np.asarray(theirs, float), atol=1e-9)


def test_the_page_names_tests_that_exist() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE.read_text(encoding="utf-8"))
    assert len(named) >= 12
    for file, test in named:
        assert f"def {test}(" in (REPOSITORY / file).read_text(encoding="utf-8"), f"{file} has no {test}"
