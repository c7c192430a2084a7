"""Each method against its definition written out, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from faceinv.attribution.attribute import attribute
from faceinv.attribution.methods import ATTRIBUTION_METHODS
from faceinv.errors import InputError
from faceinv.models.classifiers import Classifier

NOISELESS: dict[str, Any] = {"samples": 4, "noise": 0.0}


def small(seed: int = 0, pool: bool = False) -> nn.Sequential:
    torch.manual_seed(seed)
    size = 3 if pool else 6
    pooling = [nn.MaxPool2d(3, 2, 1)] if pool else []
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.ReLU(), *pooling, nn.Flatten(), nn.Linear(4 * size * size, 3)
    ).eval()


def images(n: int = 3, seed: int = 1) -> Tensor:
    return torch.randn(n, 3, 8, 8, generator=torch.Generator().manual_seed(seed))


def gradient(module: nn.Module, inputs: Tensor, targets: list[int]) -> Tensor:
    inputs = inputs.clone().requires_grad_()
    logits = module(inputs)[torch.arange(len(inputs)), torch.tensor(targets)]
    return torch.autograd.grad(logits.sum(), inputs)[0]


TARGETS = [0, 2, 1]


def test_gradients_are_those_of_the_logit() -> None:
    module, inputs = small(), images()
    slope = gradient(module, inputs, TARGETS)
    cases: tuple[tuple[str, Tensor, dict[str, Any]], ...] = (
        ("saliency", slope.abs(), {}),
        ("input-x-gradient", slope * inputs, {}),
        ("smoothgrad", slope.abs(), NOISELESS),
    )
    for method, expected, options in cases:
        found = attribute(module, inputs, TARGETS, method, **options)
        np.testing.assert_allclose(found, expected.sum(1).numpy(), atol=1e-6)


def test_integrated_gradients_add_up_to_the_difference_from_the_baseline() -> None:
    module, inputs = small(), images()
    found = attribute(module, inputs, TARGETS, "integrated-gradients", steps=400, baseline=0.5)
    with torch.no_grad():
        difference = module(inputs) - module(torch.full_like(inputs, 0.5))
    np.testing.assert_allclose(found.sum((1, 2)), difference[range(3), TARGETS].numpy(), atol=0.02, rtol=0.02)


def test_gradient_shap_of_a_linear_network_is_input_times_weight() -> None:
    module = nn.Sequential(nn.Flatten(), nn.Linear(192, 3))
    inputs = images()
    expected = attribute(module, inputs, TARGETS, "input-x-gradient")
    two: dict[str, Any] = {"steps": 2}
    for method, options in (("gradient-shap", NOISELESS), ("integrated-gradients", two)):
        np.testing.assert_allclose(attribute(module, inputs, TARGETS, method, **options), expected, atol=1e-5)


@pytest.mark.parametrize("pool", [False, True])
def test_deep_lift_adds_up_to_the_difference_from_the_baseline(pool: bool) -> None:
    """With overlapping windows of the maximum too, where a rule that overwrites would lose some."""
    module, inputs = small(pool=pool), images()
    found = attribute(module, inputs, TARGETS, "deep-lift", baseline=0.25)
    with torch.no_grad():
        difference = module(inputs) - module(torch.full_like(inputs, 0.25))
    np.testing.assert_allclose(found.sum((1, 2)), difference[range(3), TARGETS].numpy(), atol=1e-5)


def test_deep_lift_divides_differences_of_outputs_by_those_of_inputs() -> None:
    module = nn.Sequential(nn.Flatten(), nn.Linear(4, 1, bias=False), nn.ReLU(), nn.Linear(1, 2, bias=False))
    module[1].weight.data = torch.tensor([[1.0, 2.0, -1.0, 0.0]])
    module[3].weight.data = torch.tensor([[3.0], [0.0]])
    image = torch.tensor([[[[1.0, 1.0], [1.0, 5.0]]]])
    # From the baseline -1 the unit goes from 0 (its input is -2) to 2: half of the input's difference.
    found = attribute(module, image, 0, "deep-lift", baseline=-1.0)
    np.testing.assert_allclose(found[0], [[3.0, 6.0], [-3.0, 0.0]], atol=1e-6)


def test_guided_backpropagation_passes_positive_signals_only() -> None:
    module = nn.Sequential(nn.Flatten(), nn.Linear(4, 2, bias=False), nn.ReLU(), nn.Linear(2, 1, bias=False))
    module[1].weight.data = torch.tensor([[1.0, 2.0, 0.0, 0.0], [0.0, 1.0, 1.0, 0.0]])
    module[3].weight.data = torch.tensor([[1.0, -1.0]])
    found = attribute(module, torch.ones(1, 1, 2, 2), 0, "guided-backpropagation")
    assert found.tolist() == [[[1.0, 2.0], [0.0, 0.0]]]


def test_grad_cam_weighs_the_last_feature_maps() -> None:
    module, inputs = small(), images()
    maps = module[:2](inputs).detach().requires_grad_()
    logits = module[2:](maps)[range(3), TARGETS]
    weights = torch.autograd.grad(logits.sum(), maps)[0].mean((2, 3), keepdim=True)
    coarse = F.relu((weights * maps).sum(1, keepdim=True))
    expected = F.interpolate(coarse, (8, 8), mode="bilinear", align_corners=False)[:, 0]
    np.testing.assert_allclose(
        attribute(module, inputs, TARGETS, "grad-cam"), expected.detach().numpy(), atol=1e-6
    )
    before = attribute(module, inputs, TARGETS, "grad-cam", layer="0")
    assert not np.allclose(before, expected.detach().numpy())


def test_occlusion_is_the_mean_fall_over_the_windows() -> None:
    module, inputs = small(), images()
    falls, times = np.zeros((3, 8, 8)), np.zeros((8, 8))
    with torch.no_grad():
        whole = module(inputs)[range(3), TARGETS]
        for y in range(0, 7, 2):
            for x in range(0, 7, 2):
                covered = inputs.clone()
                covered[:, :, y : y + 3, x : x + 3] = 0.0
                fall = whole - module(covered)[range(3), TARGETS]
                falls[:, y : y + 3, x : x + 3] += fall[:, None, None].numpy()
                times[y : y + 3, x : x + 3] += 1
    found = attribute(module, inputs, TARGETS, "occlusion", window=3, stride=2)
    np.testing.assert_allclose(found, falls / times, atol=1e-5)


@pytest.mark.parametrize("method", ATTRIBUTION_METHODS)
def test_maps_do_not_depend_on_batches_or_on_the_images_beside_them(method: str) -> None:
    module, inputs = small(), images()
    state = torch.random.get_rng_state()
    drawn: Any = np.random.get_state()  # noqa: NPY002
    options: dict[str, Any] = (
        {"low": -4.0, "high": 4.0} if "low" in ATTRIBUTION_METHODS[method].options else {}
    )
    found = attribute(module, inputs, TARGETS, method, **options)
    again = attribute(module, inputs, TARGETS, method, batch=2, **options)
    alone = attribute(module, inputs[:2], TARGETS[:2], method, **options)
    np.testing.assert_allclose(again, found, atol=1e-5)
    np.testing.assert_allclose(alone, found[:2], atol=1e-5)
    assert found.dtype == np.float32 and found.shape == (3, 8, 8) and np.isfinite(found).all()
    assert ATTRIBUTION_METHODS[method].signed or found.min() >= 0
    assert torch.equal(torch.random.get_rng_state(), state)
    now: Any = np.random.get_state()  # noqa: NPY002
    assert (now[1] == drawn[1]).all() and now[2] == drawn[2]
    assert all(parameter.requires_grad for parameter in module.parameters())


def test_noise_follows_the_seed() -> None:
    module, inputs = small(), images()
    for method in ("smoothgrad", "gradient-shap", "random", "untrained"):
        first, second = (attribute(module, inputs, TARGETS, method, seed=seed) for seed in (0, 1))
        assert not np.allclose(first, second)


def test_predicted_classes_and_names_are_taken() -> None:
    classifier = Classifier(small(), ("a", "b", "c"))
    inputs = images()
    answers = classifier.logits(inputs).argmax(1)
    np.testing.assert_array_equal(
        attribute(classifier, inputs, method="saliency"), attribute(classifier, inputs, answers, "saliency")
    )
    np.testing.assert_array_equal(
        attribute(classifier, inputs, "b", "saliency"), attribute(classifier, inputs, 1, "saliency")
    )
    assert attribute(classifier, inputs[:0], method="saliency").shape == (0, 8, 8)


@pytest.mark.parametrize(
    ("method", "options", "message"),
    [
        ("shap", {}, "no attribution method 'shap'; expected one of epsilon, "),
        ("saliency", {"steps": 3}, "saliency has no option 'steps'; expected none"),
        ("integrated-gradients", {"step": 3}, "has no option 'step'; expected steps, baseline"),
        ("integrated-gradients", {"steps": 0}, "steps of the attribution method is 0; expected at least 1"),
        ("occlusion", {"window": 9}, "window of occlusion is 9 pixels"),
        ("occlusion", {"window": 2, "stride": 3}, "the stride of occlusion is 3"),
        ("grad-cam", {"layer": "head"}, "the network has no layer 'head'"),
        ("grad-cam", {"layer": "2"}, "layer '2' has no feature maps"),
        ("epsilon", {"gamma": 1.0}, "epsilon has no option 'gamma'; expected against, start, epsilon"),
    ],
)
def test_what_does_not_apply_is_one_sentence(method: str, options: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        attribute(small(), images(), TARGETS, method, **options)
