import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from safetensors.torch import save_file
from torch import nn

from faceinv.errors import InputError
from faceinv.models.architectures import Specification, build, load, untrained
from faceinv.models.heads import output_layer
from faceinv.models.zoo import ARCHITECTURES, STUDIED, Architecture, architecture

NORMALISED = ("alexnet_bn", "squeezenet1_1_bn")


@pytest.mark.parametrize("architecture", [*ARCHITECTURES, "vgg16", "alexnet", "squeezenet1_1"])
def test_every_architecture_answers_at_a_quarter_of_the_width(architecture: str) -> None:
    size = 80 if architecture == "inception_v3" else 64  # the least that it takes
    network = build(Specification(architecture, ("a", "b", "c"), size=size))
    logits = network.logits(torch.randn(2, 3, size, size))
    assert logits.shape == (2, 3) and torch.isfinite(logits).all()


@pytest.mark.parametrize("architecture", [*STUDIED, "vgg16", "squeezenet1_1"])
def test_a_hidden_layer_takes_the_place_of_the_head_and_of_nothing_else(architecture: str, tmp_path) -> None:
    specification = Specification(architecture, ("a", "b", "c"), size=64, hidden=40)
    network, usual = build(specification), build(replace(specification, hidden=None))
    path = output_layer(network.module)
    head = path.partition(".")[0]
    layers = [
        layer
        for layer in network.module.get_submodule(head).modules()
        if isinstance(layer, nn.Linear | nn.Conv2d)
    ]
    assert [layer.weight.shape[0] for layer in layers] == [40, 3]
    assert network.logits(torch.randn(2, 3, 64, 64)).shape == (2, 3)
    before, after = (
        [name for name in each.module.state_dict() if name.partition(".")[0] != head]
        for each in (usual, network)
    )
    assert before == after
    network.save(tmp_path / "net.safetensors")
    assert load(tmp_path / "net.safetensors").specification == specification


@pytest.mark.parametrize("hidden", [0, -1, 2.5, True, 10**9])
def test_a_hidden_layer_of_no_units_is_refused(hidden: object) -> None:
    with pytest.raises(InputError, match=r"hidden of a network is .* whole number from 1 to 65536"):
        Specification("resnet18", ("a", "b"), hidden=hidden)  # type: ignore[arg-type]


@pytest.mark.parametrize("architecture", NORMALISED)
def test_normalised_variants_have_a_normalisation_behind_each_hidden_convolution(architecture: str) -> None:
    module = build(Specification(architecture, ("a", "b"))).module
    layers = [layer for layer in module.modules() if isinstance(layer, nn.Conv2d | nn.BatchNorm2d)]
    hidden = layers[:-1] if isinstance(layers[-1], nn.Conv2d) else layers
    assert len(hidden) > 8 and len(hidden) % 2 == 0
    for convolution, normalisation in zip(hidden[::2], hidden[1::2], strict=True):
        assert isinstance(convolution, nn.Conv2d) and isinstance(normalisation, nn.BatchNorm2d)
        assert normalisation.num_features == convolution.out_channels
    plain = build(Specification(architecture.removesuffix("_bn"), ("a", "b"))).module
    assert output_layer(plain) == output_layer(module)
    count = [sum(isinstance(layer, nn.Conv2d) for layer in m.modules()) for m in (plain, module)]
    assert count[0] == count[1]


def test_the_seven_of_the_study_are_known_in_their_order() -> None:
    assert STUDIED == (
        "alexnet_bn",
        "squeezenet1_1_bn",
        "vgg16_bn",
        "googlenet",
        "resnet18",
        "resnet50",
        "densenet121",
    )
    assert architecture("resnet50").pace.batch == 32


def test_a_classifier_of_torchvision_without_an_entry_is_taken_as_it_is() -> None:
    assert architecture("vgg11") == Architecture("vgg11")
    assert architecture("vgg11").torchvision == "vgg11" and architecture("vgg11").pretraining_rate == 0.12
    with pytest.raises(
        InputError, match="architecture is 'vgg99'; expected a torchvision classifier such as"
    ):
        architecture("vgg99")


def test_full_width_is_torchvisions_own_network() -> None:
    network = build(Specification("resnet18", tuple(map(str, range(1000))), width=1.0, size=224))
    own = torchvision.models.resnet18(weights=None).state_dict()
    assert {k: v.shape for k, v in network.module.state_dict().items()} == {
        k: v.shape for k, v in own.items()
    }


def test_the_seed_draws_the_weights() -> None:
    spec = Specification("vgg16_bn", ("a", "b"))
    one, same, other = build(spec), build(spec), build(replace(spec, seed=1))
    x = torch.randn(1, 3, 64, 64)
    assert torch.equal(one.logits(x), same.logits(x))
    assert not torch.equal(one.logits(x), other.logits(x))


def test_building_leaves_the_global_random_state_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    build(Specification("alexnet", ("a", "b")))
    assert torch.equal(torch.rand(1), expected)


def test_prepare_scales_and_resizes() -> None:
    network = build(Specification("alexnet", ("a", "b"), mean=(0.5, 0.4, 0.3), std=(0.2, 0.2, 0.1)))
    images = np.full((1, 32, 32, 3), 255, np.uint8)
    inputs = network.prepare(images)
    assert inputs.shape == (1, 3, 64, 64)
    assert torch.allclose(inputs[0, :, 0, 0], torch.tensor([2.5, 3.0, 7.0]))


def test_saved_and_loaded_networks_are_the_same(tmp_path: Path) -> None:
    network = build(Specification("vgg16_bn", ("a", "b"), task="identity", seed=4))
    network.save(tmp_path / "n.safetensors")
    again = load(tmp_path / "n.safetensors")
    assert again.specification == network.specification
    x = torch.randn(2, 3, 64, 64)
    assert torch.equal(again.logits(x), network.logits(x))
    assert [file.name for file in tmp_path.iterdir()] == ["n.safetensors"]


def test_the_untrained_network_is_the_random_initialisation() -> None:
    network = build(Specification("vgg16_bn", ("a", "b"), seed=2))
    weights = {name: value.clone() for name, value in network.module.state_dict().items()}
    with torch.no_grad():
        for parameter in network.module.parameters():
            parameter.add_(1)
    fresh = untrained(network).module.state_dict()
    assert all(torch.equal(fresh[name], value) for name, value in weights.items())


def test_a_truncated_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "n.safetensors"
    build(Specification("alexnet", ("a", "b"))).save(path)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(InputError, match=r"n\.safetensors is truncated"):
        load(path)


def test_weights_of_another_architecture_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "n.safetensors"
    spec = Specification("alexnet", ("a", "b"))
    other = build(replace(spec, architecture="resnet18")).module.state_dict()
    tensors = {name: value.contiguous() for name, value in other.items()}
    save_file(tensors, path, metadata={"faceinv": json.dumps(asdict(spec))})
    with pytest.raises(InputError, match="is specified as alexnet"):
        load(path)


def test_files_that_are_no_networks(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no network file"):
        load(tmp_path / "none.safetensors")
    save_file({"x": torch.zeros(1)}, tmp_path / "x.safetensors")
    with pytest.raises(InputError, match="contains no specification"):
        load(tmp_path / "x.safetensors")


def test_an_image_too_small_for_the_architecture_is_told() -> None:
    with pytest.raises(InputError, match="alexnet cannot take images of 32"):
        build(Specification("alexnet", ("a", "b"), size=32))


@pytest.mark.parametrize("change", [{"architecture": "vgg17"}, {"width": 0}, {"classes": ("a",)}])
def test_impossible_specifications_are_refused(change: dict) -> None:
    with pytest.raises(InputError):
        replace(Specification("alexnet", ("a", "b")), **change)
