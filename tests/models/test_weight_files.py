"""Weights from files: networks of faceinv, state dicts, and files that are refused; and none at all."""

import pickle
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from faceinv.errors import InputError
from faceinv.models.architectures import Network, Specification, build
from faceinv.models.weights import pretrained

CLASSES = ("female", "male")
SMALL = Specification("resnet18", CLASSES)


def test_none_is_the_random_initialisation():
    network, report = pretrained("none", replace(SMALL, pretraining="imagenet", seed=3))
    assert network.specification == replace(SMALL, seed=3)
    plain = build(replace(SMALL, seed=3)).module.state_dict()
    assert all(torch.equal(value, plain[name]) for name, value in network.module.state_dict().items())
    assert not report.loaded and report.head == ("fc.weight", "fc.bias") and "conv1.weight" in report.missing


@pytest.mark.parametrize("half", [False, True])
def test_a_network_of_faceinv(tmp_path, half):
    saved = build(replace(SMALL, seed=1, classes=("a", "b", "c"), mean=(0.1, 0.2, 0.3), std=(0.4, 0.5, 0.6)))
    saved.save(tmp_path / "base.safetensors")
    if half:
        with safe_open(tmp_path / "base.safetensors", framework="pt") as file:
            metadata = file.metadata()
        state = {
            name: v.half() if v.is_floating_point() else v for name, v in saved.module.state_dict().items()
        }
        save_file(
            {name: v.contiguous() for name, v in state.items()}, tmp_path / "base.safetensors", metadata
        )
    network, report = pretrained(tmp_path / "base.safetensors", replace(SMALL, seed=2))
    spec, own, theirs = network.specification, network.module.state_dict(), saved.module.state_dict()
    assert (spec.pretraining, spec.seed, spec.classes) == ("base", 2, CLASSES)
    assert (spec.mean, spec.std) == ((0.1, 0.2, 0.3), (0.4, 0.5, 0.6))
    assert report.head == ("fc.weight", "fc.bias") and len(report.loaded) == len(own) - 2
    for name in report.loaded:
        expected = theirs[name].half().float() if half and own[name].is_floating_point() else theirs[name]
        assert own[name].dtype == theirs[name].dtype and torch.equal(own[name], expected)
    fresh = build(replace(SMALL, seed=2)).module.state_dict()
    assert torch.equal(own["fc.weight"], fresh["fc.weight"])


def last_weights(network: Network) -> torch.Tensor:
    return network.module.get_parameter("fc.weight")


def test_the_output_layer_is_kept_only_for_the_same_classes(tmp_path):
    saved = build(replace(SMALL, seed=1))
    saved.save(tmp_path / "base.safetensors")
    same, report = pretrained(tmp_path / "base.safetensors", SMALL)
    assert not report.head and torch.equal(last_weights(same), last_weights(saved))
    other, report = pretrained(tmp_path / "base.safetensors", replace(SMALL, classes=("cup", "jug")))
    assert report.head and not torch.equal(last_weights(other), last_weights(saved))


@pytest.mark.parametrize(("field", "value"), [("architecture", "resnet34"), ("width", 0.5)])
def test_a_network_of_another_shape_is_refused(tmp_path, field, value):
    build(SMALL).save(tmp_path / "base.safetensors")
    with pytest.raises(
        InputError, match=rf"base\.safetensors is of {field} {getattr(SMALL, field)}; .* {value}"
    ):
        pretrained(tmp_path / "base.safetensors", replace(SMALL, **{field: value}))


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_state_dict_loads_in_part_and_says_so(tmp_path, wrapped):
    state = dict(build(replace(SMALL, seed=1)).module.state_dict())
    del state["layer1.0.conv1.weight"]
    state["layer2.0.bn1.bias"] = torch.zeros(7)
    state["extra.weight"] = torch.zeros(1)
    content = {"state_dict": {f"module.{name}": v for name, v in state.items()}} if wrapped else state
    torch.save(content, tmp_path / "own.pth")
    network, report = pretrained(str(tmp_path / "own.pth"), replace(SMALL, seed=2))
    assert report.missing == ("layer1.0.conv1.weight",)
    assert report.reshaped == (("layer2.0.bn1.bias", (7,), (32,)),)
    assert report.unexpected == ("extra.weight",) and not report.head
    own, fresh = network.module.state_dict(), build(replace(SMALL, seed=2)).module.state_dict()
    assert set(report.loaded) == set(own) - {"layer1.0.conv1.weight", "layer2.0.bn1.bias"}
    assert all(torch.equal(own[name], state[name]) for name in report.loaded)
    assert torch.equal(own["layer1.0.conv1.weight"], fresh["layer1.0.conv1.weight"])
    assert (network.specification.mean, network.specification.pretraining) == (SMALL.mean, "own")


def test_a_plain_safetensors_file(tmp_path):
    state = build(replace(SMALL, seed=1)).module.state_dict()
    save_file({name: v.contiguous() for name, v in state.items()}, tmp_path / "own.safetensors")
    network, report = pretrained(tmp_path / "own.safetensors", SMALL)
    assert len(report.loaded) == len(state) == len(load_file(tmp_path / "own.safetensors"))
    assert all(torch.equal(value, state[name]) for name, value in network.module.state_dict().items())


def test_unknown_names_and_files_that_fit_nothing(tmp_path):
    with pytest.raises(
        InputError, match=r"'imagnet'; expected none, objects, faces, textures, everything, imagenet"
    ):
        pretrained("imagnet", SMALL)
    torch.save({"weight": torch.zeros(1)}, tmp_path / "own.pth")
    with pytest.raises(InputError, match=r"none of the 1 tensors of .*own\.pth fits resnet18 at width 0\.25"):
        pretrained(tmp_path / "own.pth", SMALL)
    for content in ([1, 2], {"epoch": 3}, torch.zeros(2)):
        torch.save(content, tmp_path / "own.pth")
        with pytest.raises(InputError, match="contains no state dict"):
            pretrained(tmp_path / "own.pth", SMALL)


class Trap:
    """What it asks for on being unpickled would leave a file behind."""

    def __init__(self, proof: Path) -> None:
        self.proof = proof

    def __reduce__(self):
        return Path.touch, (self.proof,)


@pytest.mark.parametrize("archive", [True, False])
def test_nothing_else_is_unpickled(tmp_path, archive):
    state = {"conv1.weight": torch.zeros(16, 3, 7, 7), "trap": Trap(tmp_path / "proof")}
    torch.save(state, tmp_path / "own.pth", _use_new_zipfile_serialization=archive)
    with pytest.raises(InputError, match=r"own\.pth is damaged or contains more than tensors"):
        pretrained(tmp_path / "own.pth", SMALL)
    (tmp_path / "own.pth").write_bytes(pickle.dumps(state["trap"]))
    with pytest.raises(InputError, match=r"own\.pth"):
        pretrained(tmp_path / "own.pth", SMALL)
    assert not (tmp_path / "proof").exists()
    pickle.loads((tmp_path / "own.pth").read_bytes())
    assert (tmp_path / "proof").exists()  # the trap was a real one


@pytest.mark.parametrize("kind", ["archive", "legacy", "safetensors"])
@pytest.mark.parametrize("kept", [0, 20, 0.3, 0.9, 0.999])
def test_truncated_files_are_named(tmp_path, kind, kept):
    path = tmp_path / ("own.safetensors" if kind == "safetensors" else "own.pth")
    if kind == "safetensors":
        build(SMALL).save(path)
    else:
        torch.save(build(SMALL).module.state_dict(), path, _use_new_zipfile_serialization=kind == "archive")
    whole = path.read_bytes()
    path.write_bytes(whole[: kept if kept >= 1 else int(kept * len(whole))])
    with pytest.raises(InputError, match=rf"{path.name} is (truncated or )?damaged") as caught:
        pretrained(path, SMALL)
    assert "\n" not in str(caught.value)
