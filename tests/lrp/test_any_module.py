"""Any classifier: constructed networks of known relevance, and ways of writing one network."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
import torchvision
from any_networks import (
    Layers,
    Pieces,
    PreActivation,
    Written,
    images,
    linear,
    owned,
    randomised,
    small,
)
from torch import Tensor, nn

from faceinv.errors import InputError
from faceinv.lrp.composites import COMPOSITES, CompositeSpec, composite
from faceinv.lrp.conservation import ConservationWarning
from faceinv.lrp.module_graph import module_graph
from faceinv.lrp.relevance import relevance

BOUNDS: dict[str, Any] = {"low": -2.0, "high": 2.0}


@pytest.fixture(autouse=True)
def _no_warnings() -> Iterator[None]:
    """No test sees a warning that it does not expect."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConservationWarning)
        yield


def with_bounds(name: str) -> str | CompositeSpec:
    """A composite, with the bounds of a Network of mean 0.5 and deviation 0.25 where it asks for any."""
    try:
        return composite(name, **BOUNDS)
    except InputError:
        return name


def _plus(first: Tensor, second: Tensor) -> Tensor:
    return first + second


def _in_place(first: Tensor, second: Tensor) -> Tensor:
    first += second
    return first


def correlation(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


@pytest.mark.parametrize("name", COMPOSITES)
def test_ways_of_writing_a_residual_network_give_one_map(name: str) -> None:
    network, x, targets = small("resnet18"), images(), np.array([0, 3, 1])
    chosen = with_bounds(name)
    expected = relevance(network, x, targets, chosen)
    for add in (_plus, _in_place, torch.add):
        found = relevance(Written(network, add), x, targets, chosen)
        assert correlation(found, expected) > 0.9999
    assert correlation(relevance(owned("resnet18"), x, targets, name), expected) > 0.9999


@pytest.mark.slow
@pytest.mark.parametrize(
    "architecture", ["alexnet", "vgg11_bn", "squeezenet1_1", "googlenet", "densenet121", "resnet50"]
)
def test_torchvision_networks_are_explained_as_the_packages_own_are(architecture: str) -> None:
    x, targets = images(2, size=64), np.array([0, 3])
    found = relevance(small(architecture), x, targets)
    assert correlation(found, relevance(owned(architecture), x, targets)) > 0.9999


@pytest.mark.slow
@pytest.mark.parametrize(
    "architecture", ["mobilenet_v2", "mnasnet0_5", "shufflenet_v2_x0_5", "resnext50_32x4d"]
)
def test_torchvision_networks_without_a_canonizer_are_explained(architecture: str) -> None:
    torch.manual_seed(0)
    module = torchvision.models.get_model(architecture, num_classes=4).eval()
    found = relevance(module, images(1, size=64), 2)
    assert np.isfinite(found).all() and np.abs(found).sum() > 0


def layer_of(module: nn.Sequential, place: int) -> nn.Linear:
    layer = module[place]
    assert isinstance(layer, nn.Linear)
    return layer


def test_relevance_of_a_linear_network_is_gradient_times_input() -> None:
    module, x = linear().double(), images(size=8).double()
    given = x.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(module(given)[:, 1].sum(), given)
    found = relevance(module, x, 1, composite("epsilon", epsilon=0, stabiliser=1e-12), start="logit")
    np.testing.assert_allclose(found, (gradient * x).sum(1).numpy(), rtol=1e-5, atol=1e-7)


def test_numpy_and_tensors_of_either_precision_are_the_same() -> None:
    module, x = linear(), images(size=8)
    expected = relevance(module, x, [0, 1, 2])
    for given in (x.numpy(), x.double().numpy(), x.double()):
        assert np.array_equal(relevance(module, given, torch.tensor([0, 1, 2])), expected)
    precise = relevance(module.double(), x.double(), np.array([0, 1, 2]))
    assert precise.dtype == np.float32
    np.testing.assert_allclose(precise, expected, rtol=1e-3, atol=1e-5 * np.abs(expected).max())


def test_default_target_is_the_models_own_answer() -> None:
    module, x = linear(), images(7, size=8)
    answers = module(x).argmax(1).numpy()
    assert len(set(answers)) > 1
    assert np.array_equal(relevance(module, x, batch=3), relevance(module, x, answers, batch=3))


def test_class_that_the_network_does_not_look_at_has_no_relevance() -> None:
    module = linear(bias=False)
    layer_of(module, 3).weight.data[2] = 0
    assert not relevance(module, images(size=8), 2).any()
    assert relevance(module, images(size=8), 1).any()


@pytest.mark.parametrize("size", [(8, 8), (8, 12)])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_any_number_of_channels_and_any_size(channels: int, size: tuple[int, int]) -> None:
    module = randomised(
        nn.Sequential(
            nn.Conv2d(channels, 6, 3),
            nn.ReLU(inplace=True),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(6, 3),
        )
    )
    x = torch.rand(2, channels, *size, generator=torch.Generator().manual_seed(0))
    for name in COMPOSITES:
        found = relevance(module, x, 0, name)
        assert found.shape == (2, *size) and np.isfinite(found).all() and found.any()


@pytest.mark.parametrize("name", COMPOSITES)
def test_functions_in_all_spellings_are_layers(name: str) -> None:
    layers = randomised(Layers()).eval()
    x = images(size=16).add(2).div(4)
    expected = relevance(layers, x, 1, name)
    found = relevance(Pieces(layers), x, 1, name)  # type: ignore[arg-type]
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5 * np.abs(expected).max())


def test_bounds_are_of_the_first_layers_input() -> None:
    """A network that normalises its images itself has the map of one that is given normalised images."""
    layers = randomised(Layers()).eval()
    plain = randomised(Layers(normalised=True)).eval()
    x = images(size=16).add(2).div(4)
    expected = relevance(plain, (x - 0.5) / 0.25, 1, composite("epsilon-gamma-box", low=-2, high=2))
    found = relevance(layers, x, 1, composite("epsilon-gamma-box", low=0, high=[1, 1, 1]))
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5 * np.abs(expected).max())


def test_image_that_an_activation_overwrites_is_read_overwritten() -> None:
    class Early(nn.Module):
        def __init__(self, inplace: bool) -> None:
            super().__init__()
            self.a, self.b, self.relu = nn.Conv2d(3, 4, 1), nn.Conv2d(4, 4, 1), nn.ReLU(inplace)
            self.inplace = inplace

        def forward(self, images: Tensor) -> Tensor:
            x = self.a(images)
            y = self.relu(x)
            return (self.b(y) + (x if self.inplace else y)).mean((2, 3))

    one, other = randomised(Early(True)), randomised(Early(False))
    np.testing.assert_allclose(relevance(one, images(), 1), relevance(other, images(), 1), rtol=1e-5)


@pytest.mark.parametrize("name", COMPOSITES)
def test_normalisation_before_activation_conserves(name: str) -> None:
    module = randomised(PreActivation()).double()
    found = relevance(module, images(size=16).double(), 1, name)
    assert np.isfinite(found).all() and found.any()


ACTIVATIONS = [nn.LeakyReLU(0.1), nn.ReLU6(), nn.ELU(), nn.Tanh(), nn.Hardtanh(), nn.PReLU(), nn.SELU()]


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda layer: type(layer).__name__)
def test_activations_that_keep_the_sign_hand_relevance_on(activation: nn.Module) -> None:
    """Without biases all of the logit reaches the image, through saturated units too."""
    module = nn.Sequential(
        nn.Conv2d(3, 8, 3, bias=False), activation, nn.Flatten(), nn.Linear(8 * 36, 3, bias=False)
    )
    module = randomised(module).double()
    x = images(size=8).double()
    logits = module(x)[:, 1].detach().numpy()
    found = relevance(module, x, 1, "epsilon-plus", start="logit").astype(np.float64).sum((1, 2))
    np.testing.assert_allclose(found, logits, rtol=1e-4)


def test_padding_that_is_not_of_zeros_is_a_step_of_its_own() -> None:
    conv = nn.Conv2d(3, 4, 3, padding=1, padding_mode="reflect")
    one = randomised(nn.Sequential(conv, nn.ReLU(), nn.Flatten(), nn.Linear(4 * 64, 3)))
    same = nn.Conv2d(3, 4, 3)
    same.weight, same.bias = conv.weight, conv.bias
    other = nn.Sequential(nn.ReflectionPad2d(1), same, *one[1:])
    for name in COMPOSITES:
        assert np.array_equal(
            relevance(one, images(size=8), 1, name), relevance(other, images(size=8), 1, name)
        )


def test_parametrised_weights_are_read() -> None:
    plain = linear()
    expected = relevance(plain, images(size=8), 1)
    torch.nn.utils.parametrizations.weight_norm(plain[0])
    logits = plain(images(size=8))
    found = relevance(plain, images(size=8), 1)
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5 * np.abs(expected).max())
    assert torch.nn.utils.parametrize.is_parametrized(plain[0])
    assert torch.equal(plain(images(size=8)), logits)


def state(module: nn.Module) -> list[object]:
    found: list[object] = []
    for path, layer in module.named_modules():
        found.append((path, layer.training, getattr(layer, "inplace", None), len(layer._forward_hooks)))
        found.append(sorted(vars(layer)))
        found += [
            (name, id(value), value.requires_grad) for name, value in layer.named_parameters(recurse=False)
        ]
        found += [(name, id(value)) for name, value in layer.named_buffers(recurse=False)]
    return [*found, *(value.tolist() for value in module.state_dict().values())]


def test_network_is_as_it_was_whatever_happens() -> None:
    module: Any = small("resnet18").train()
    module.fc.requires_grad_(False)
    calls: list[int] = []
    handle = module.layer1.register_forward_hook(lambda *_: calls.append(1))
    before = state(module)
    relevance(module, images(1), 0)
    assert state(module) == before
    with pytest.raises(InputError):
        relevance(module, images(1), 9)
    with pytest.raises(InputError):
        relevance(module, images(1, channels=1), 0)
    module.avgpool = nn.Sequential(module.avgpool, nn.GELU())
    before = state(module)
    with pytest.raises(InputError):
        relevance(module, images(1), 0)
    assert state(module) == before
    handle.remove()


def test_gradients_may_be_off_and_weights_are_shared() -> None:
    module = linear(bias=True)
    graph = module_graph(module, images(2, size=8))
    assert graph.module.get_parameter("3.weight").data_ptr() == layer_of(module, 3).weight.data_ptr()
    with torch.no_grad():
        assert relevance(module, images(size=8)).any()


def test_no_images_give_no_maps() -> None:
    assert relevance(linear(), images(size=8)[:0]).shape == (0, 8, 8)
