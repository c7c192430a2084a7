"""Any classifier: constructed networks of known relevance, ways of writing one network, and refusals."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import numpy as np
import pytest
import torch
import torchvision
from torch import Tensor, nn
from torch.nn import functional as F

from faceinv.errors import InputError
from faceinv.lrp import operations
from faceinv.lrp.composites import COMPOSITES, CompositeSpec, composite
from faceinv.lrp.conservation import ConservationWarning, conserving
from faceinv.lrp.module_graph import module_graph
from faceinv.lrp.relevance import explained, relevance
from faceinv.models.architectures import Network, Specification, build

BOUNDS: dict[str, Any] = {"low": -2.0, "high": 2.0}

Module = TypeVar("Module", bound=nn.Module)


@pytest.fixture(autouse=True)
def _no_warnings() -> Iterator[None]:
    """No test sees a warning that it does not expect."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConservationWarning)
        yield


def images(n: int = 3, channels: int = 3, size: int = 32, seed: int = 1) -> Tensor:
    random = torch.Generator().manual_seed(seed)
    return torch.randn(n, channels, size, size, generator=random).clamp(-2, 2)


def randomised(module: Module, seed: int = 0) -> Module:
    """The module as if it had learned something."""
    random = torch.Generator().manual_seed(seed)
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            layer.weight.data.normal_(0, (2 / layer.weight[0].numel()) ** 0.5, generator=random)
            if layer.bias is not None:
                layer.bias.data.normal_(0, 0.1, generator=random)
        if isinstance(layer, nn.BatchNorm2d | nn.BatchNorm1d):
            assert layer.running_mean is not None
            assert layer.running_var is not None
            layer.running_mean.normal_(0, 0.1, generator=random)
            layer.running_var.uniform_(0.5, 1.5, generator=random)
            layer.weight.data.uniform_(0.5, 1.5, generator=random)
            layer.bias.data.normal_(0, 0.1, generator=random)
    return module


def with_bounds(name: str) -> str | CompositeSpec:
    """A composite, with the bounds of a Network of mean 0.5 and deviation 0.25 where it asks for any."""
    try:
        return composite(name, **BOUNDS)
    except InputError:
        return name


class Written(nn.Module):
    """A torchvision ResNet of basic blocks with everything that can be written as a function written so."""

    def __init__(self, network: nn.Module, add: Callable[[Tensor, Tensor], Tensor] = torch.add) -> None:
        super().__init__()
        self.network, self.add = network, add

    def forward(self, images: Tensor) -> Tensor:
        net: torchvision.models.ResNet = self.network  # type: ignore[assignment]
        x = F.max_pool2d(F.relu(net.bn1(net.conv1(images)), inplace=True), 3, 2, 1)
        for stage in (net.layer1, net.layer2, net.layer3, net.layer4):
            for block in stage:
                y = torch.relu_(block.bn1(block.conv1(x)))
                y = block.bn2(block.conv2(y))
                y = self.add(y, x if block.downsample is None else block.downsample(x))
                x = y.relu_()
        x = F.dropout(x.mean((2, 3)), training=self.training)
        return F.linear(x, net.fc.weight, net.fc.bias)


def _plus(first: Tensor, second: Tensor) -> Tensor:
    return first + second


def _in_place(first: Tensor, second: Tensor) -> Tensor:
    first += second
    return first


def small(architecture: str, size: int = 64) -> nn.Module:
    """A torchvision network at an eighth of its width, with activations in place as torchvision has them."""
    module = randomised(build(specification(architecture, size)).module)
    for layer in module.modules():
        if hasattr(layer, "inplace"):
            layer.inplace = True  # type: ignore[assignment]
    return module


def specification(architecture: str, size: int = 64) -> Specification:
    return Specification(architecture, ("a", "b", "c", "d"), width=0.125, size=size)


def owned(architecture: str, size: int = 64) -> Network:
    """The same network as one of this package's."""
    return Network(
        specification(architecture, size), randomised(build(specification(architecture, size)).module)
    )


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


@pytest.mark.parametrize(
    "architecture", ["alexnet", "vgg11_bn", "squeezenet1_1", "googlenet", "densenet121", "resnet50"]
)
def test_torchvision_networks_are_explained_as_the_packages_own_are(architecture: str) -> None:
    x, targets = images(2, size=64), np.array([0, 3])
    found = relevance(small(architecture), x, targets)
    assert correlation(found, relevance(owned(architecture), x, targets)) > 0.9999


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


def linear(channels: int = 3, bias: bool = False) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(channels, 4, 3, padding=1, bias=bias),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(4 * 16, 3, bias=bias),
    )


def test_relevance_of_a_linear_network_is_gradient_times_input() -> None:
    module, x = linear().double(), images(size=8).double()
    given = x.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(module(given)[:, 1].sum(), given)
    found = relevance(module, x, 1, composite("epsilon", epsilon=0, stabiliser=1e-12))
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


class Pieces(nn.Module):
    """Functions in all spellings: the same numbers as `Layers`."""

    def __init__(self, layers: Layers) -> None:
        super().__init__()
        self.first, self.norm, self.one, self.two = layers.first, layers.norm, layers.one, layers.two
        self.weight, self.bias = layers.last.weight, layers.last.bias
        self.mean = nn.Buffer(torch.full((3, 1, 1), 0.5))

    def forward(self, images: Tensor, double: bool = False) -> Tensor:
        x = (images - self.mean) / 0.25
        x = F.batch_norm(
            F.conv2d(x, self.first.weight, None, padding=1),
            self.norm.running_mean, self.norm.running_var, self.norm.weight, self.norm.bias, self.training,
        )  # fmt: skip
        x = torch.clamp(x, min=0)
        x = torch.cat([self.one(x), F.avg_pool2d(self.two(x), 3, 1, 1)], dim=1)
        x = F.relu(x)
        if double:
            x = x * 2
        x = F.adaptive_avg_pool2d(x, (2, 2)).view(x.size(0), -1)
        return F.linear(F.dropout(x, 0.5, self.training), self.weight, self.bias)


class Layers(nn.Module):
    """A network that normalises its images, unless they are `normalised`."""

    def __init__(self, normalised: bool = False) -> None:
        super().__init__()
        self.normalised = normalised
        self.first, self.norm = nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8)
        self.one, self.two = nn.Conv2d(8, 4, 1), nn.Conv2d(8, 4, 3, padding="same")
        self.average, self.pool = nn.AvgPool2d(3, 1, 1), nn.AdaptiveAvgPool2d(2)
        self.last = nn.Linear(32, 3)

    def forward(self, images: Tensor) -> Tensor:
        x = images if self.normalised else (images - 0.5) / 0.25
        x = self.norm(self.first(x)).relu()
        x = torch.cat([self.one(x), self.average(self.two(x))], 1).relu()
        return self.last(self.pool(x).flatten(1))


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


class PreActivation(nn.Module):
    """Normalisation and ReLU before each convolution, read by two of them, and before the average."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, padding=1)
        self.norm1, self.conv1, self.short = (
            nn.BatchNorm2d(6),
            nn.Conv2d(6, 8, 3, padding=1),
            nn.Conv2d(6, 8, 1),
        )
        self.norm2, self.conv2 = nn.BatchNorm2d(8), nn.Conv2d(8, 8, 3, padding=1)
        self.norm3, self.fc = nn.BatchNorm2d(8), nn.Linear(8, 3)

    def forward(self, images: Tensor) -> Tensor:
        x = self.stem(images)
        x = F.max_pool2d(x, 2)
        y = F.relu(self.norm1(x))
        x = self.conv2(F.relu(self.norm2(self.conv1(y)))) + self.short(y)
        return self.fc(F.adaptive_avg_pool2d(F.relu(self.norm3(x)), 1).squeeze(-1).squeeze(-1))


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
    found = relevance(module, x, 1, "epsilon-plus").astype(np.float64).sum((1, 2))
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


class Branching(nn.Module):
    def forward(self, images: Tensor) -> Tensor:
        return images.flatten(1)[:, :3] if images.sum() > 0 else images.flatten(1)[:, 3:6]


class Gate(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gate = torchvision.ops.SqueezeExcitation(3, 2)

    def forward(self, images: Tensor) -> Tensor:
        return self.gate(images).flatten(1)


def _hook(_: nn.Module, __: object, output: Tensor) -> Tensor:
    return output * 2


def hooked() -> nn.Module:
    module = linear()
    module[1].register_forward_hook(_hook)
    return module


REFUSED: list[tuple[Callable[[], nn.Module], str]] = [
    (lambda: nn.Sequential(nn.Conv2d(3, 4, 3), nn.GELU(), nn.Flatten()), "'1' is a GELU"),
    (lambda: nn.Sequential(nn.Flatten(), nn.LayerNorm(192), nn.Linear(192, 2)), "'1' is a LayerNorm"),
    (lambda: nn.Sequential(nn.Flatten(), nn.Linear(192, 2), nn.Softmax(1)), "is a Softmax.*up to its logits"),
    (lambda: nn.Sequential(nn.Flatten(), nn.BatchNorm1d(192, track_running_stats=False)), "of the batch"),
    (Gate, "'gate' is a Sigmoid|'gate' calls|'gate.scale_activation' is a Sigmoid"),
    (Branching, "cannot be traced"),
    (hooked, "does not see"),
    (lambda: nn.Sequential(nn.Conv2d(3, 2, 3)), "expected logits"),
    (lambda: torchvision.models.VisionTransformer(8, 4, 1, 2, 8, 8), "no rule of relevance"),
    (lambda: nn.Linear(8, 8), "expected logits"),
    (lambda: nn.Linear(7, 7), r"does not take images of shape \(3, 8, 8\)"),
    (lambda: linear().half(), "float16"),
]


@pytest.mark.parametrize(("make", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_network_without_rules_is_refused_in_a_sentence(make: Callable[[], nn.Module], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        relevance(make().eval(), images(2, size=8), 0)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "targets", "message"),
    [
        (images(size=8), 3, "targets reach from 3 to 3.*3 classes"),
        (images(size=8), [0, 1], "one integer for each of 3 images"),
        (images(size=8), [0.5, 1, 2], "one integer"),
        (images(size=8)[0], 0, "expected N x channels x H x W"),
        (np.zeros((2, 3, 8, 8), np.uint8), 0, "the model does not say how it takes them"),
        ("faces.png", 0, "the images are a str"),
    ],
)
def test_wrong_images_and_targets_are_named(given: object, targets: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        relevance(linear(), given, targets)  # type: ignore[arg-type]


def test_what_is_no_model_is_named() -> None:
    with pytest.raises(InputError, match="the model is a str"):
        relevance("resnet18", images())  # type: ignore[arg-type]


def test_one_logit_has_nothing_to_contrast_with() -> None:
    module = nn.Sequential(nn.Flatten(), nn.Linear(192, 1))
    assert relevance(module, images(size=8)).any()
    with pytest.raises(InputError, match="one logit"):
        relevance(module, images(size=8), contrastive=True)


def test_no_images_give_no_maps() -> None:
    assert relevance(linear(), images(size=8)[:0]).shape == (0, 8, 8)


def test_addition_that_is_not_seen_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken canonization, which takes additions for what only moves numbers about."""
    moves, called = operations.moves, operations.called
    monkeypatch.setattr(operations, "called", lambda node: called(node).replace("add", "plus"))
    monkeypatch.setattr(operations, "moves", lambda node: moves(node) or operations.called(node) == "plus")
    module = Written(small("resnet18"), _plus)
    for name in COMPOSITES:
        with pytest.warns(
            ConservationWarning, match=r"before layer 'relu_\d*' \(add\)|before layer"
        ) as caught:
            relevance(module, images(1), 0, name)
        assert len(caught) == 1


def test_layer_that_is_not_what_its_rule_takes_it_for_is_warned_of() -> None:
    """The rule of a convolution on a layer that computes something else."""
    x = images(size=8)
    graph = module_graph(linear(bias=True), x)
    layer = graph.module.get_submodule("0")
    layer.forward = lambda input: 2 * nn.Conv2d.forward(layer, input)  # type: ignore[method-assign, arg-type]
    with (
        pytest.warns(ConservationWarning, match="in layer '0'"),
        composite("epsilon", graph).context(graph.module),
        conserving(graph.module),
    ):
        explained(graph.module, x, None)
