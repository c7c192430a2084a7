"""Weights by name, on files of the published names, keys, shapes and layout."""

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from safetensors.torch import load_file

from faceinv.errors import InputError
from faceinv.models import weights
from faceinv.models.architectures import Specification, build
from faceinv.models.weights import PRETRAININGS, VGGFACE_MEAN, pretrained

SEVEN = ("alexnet", "squeezenet1_1", "vgg16_bn", "googlenet", "resnet18", "resnet50", "densenet121")
CLASSES = ("female", "male")
SMALL = Specification("resnet18", CLASSES)

# Shapes of VGG-Face (Parkhi et al. 2015, table 3), under the names of the PyTorch dump.
CHANNELS = {
    "conv1_1": (3, 64),
    "conv1_2": (64, 64),
    "conv2_1": (64, 128),
    "conv2_2": (128, 128),
    "conv3_1": (128, 256),
    "conv3_2": (256, 256),
    "conv3_3": (256, 256),
    "conv4_1": (256, 512),
    "conv4_2": (512, 512),
    "conv4_3": (512, 512),
    "conv5_1": (512, 512),
    "conv5_2": (512, 512),
    "conv5_3": (512, 512),
    "fc6": (512 * 7 * 7, 4096),
    "fc7": (4096, 4096),
    "fc8": (4096, 2622),
}


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """Where weights are looked for; nothing is found in the real places."""
    monkeypatch.setenv("FACEINV_WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    (tmp_path / "weights").mkdir()
    return tmp_path / "weights"


def compact(shape: torch.Size | tuple[int, ...], seed: int) -> torch.Tensor:
    """A tensor of the full shape in a file of a few kilobytes: overlapping windows of a random line."""
    line = torch.rand(sum(shape) + 1, generator=torch.Generator().manual_seed(seed))
    return line.as_strided(tuple(shape), (1,) * len(shape))


def published_module(architecture: str, **options) -> torch.nn.Module:
    if architecture in ("googlenet", "inception_v3"):
        options |= {"init_weights": False, "aux_logits": True}
    return torchvision.models.get_model(architecture, weights=None, **options)


def published_state(architecture: str) -> dict[str, torch.Tensor]:
    """The keys and shapes that torchvision's file of an architecture has, with values of our own."""
    with torch.device("meta"):
        shapes = {name: value.shape for name, value in published_module(architecture).state_dict().items()}
    state = {}
    for i, (name, shape) in enumerate(shapes.items()):
        if not name.endswith("num_batches_tracked"):
            state[re.sub(r"(denselayer\d+\.(?:norm|conv))([12])\.", r"\1.\2.", name)] = compact(shape, i)
    return state


def publish(monkeypatch, folder: Path, architecture: str, state: dict, **options) -> Path:
    """Save `state` as torchvision's file; its name gets the hash that this content has."""
    torch.save(state, folder / "new", **options)
    digest = hashlib.sha256((folder / "new").read_bytes()).hexdigest()[:8]
    real = PRETRAININGS["imagenet"]
    name = re.sub(r"-[0-9a-f]{8}\.pth$", f"-{digest}.pth", real(Specification(architecture, CLASSES)).file)
    monkeypatch.setitem(PRETRAININGS, "imagenet", lambda spec: replace(real(spec), file=name))
    return (folder / "new").rename(folder / name)


# ImageNet


@pytest.mark.slow
@pytest.mark.parametrize("architecture", [*SEVEN, "vgg16"])
def test_imagenet_value_by_value(monkeypatch, folder, architecture):
    state = published_state(architecture)
    publish(monkeypatch, folder, architecture, state)
    network, report = pretrained("imagenet", Specification(architecture, CLASSES, width=1.0))
    own = network.module.state_dict()
    assert network.specification.pretraining == "imagenet"
    assert not report.missing and not report.reshaped
    assert all(name.startswith(("aux1.", "aux2.")) for name in report.unexpected)
    assert bool(report.unexpected) == (architecture == "googlenet")
    assert len(report.head) == 2 and own[report.head[0]].shape[0] == 2
    assert len(report.loaded) + len(report.unexpected) + 2 == len(state)
    today = {
        re.sub(r"(denselayer\d+\.(?:norm|conv))\.([12])\.", r"\1\2.", name): v for name, v in state.items()
    }
    assert all(torch.equal(own[name], today[name]) for name in report.loaded)


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ["squeezenet1_1", "googlenet", "densenet121", "resnet18"])
def test_imagenet_network_answers_as_torchvision_does(monkeypatch, folder, architecture):
    torch.manual_seed(1)
    # As torchvision builds GoogLeNet when it loads the published weights: on their own scale.
    options = {"transform_input": True} if architecture == "googlenet" else {}
    theirs = published_module(architecture, **options).eval()
    publish(monkeypatch, folder, architecture, theirs.state_dict())
    categories = tuple(torchvision.models.get_model_weights(architecture)["IMAGENET1K_V1"].meta["categories"])
    network, report = pretrained("imagenet", Specification(architecture, categories, width=1.0))
    assert not report.head
    images = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), dtype=np.uint8)
    scale = torchvision.models.get_model_weights(architecture)["IMAGENET1K_V1"].transforms()
    pixels = torch.from_numpy(images).permute(0, 3, 1, 2) / 255
    with torch.no_grad():
        expected = theirs(torchvision.transforms.functional.normalize(pixels, scale.mean, scale.std))
    torch.testing.assert_close(network.logits(network.prepare(images)), expected, rtol=1e-3, atol=1e-4)


def test_imagenet_file_is_named_as_torchvision_names_it():
    files = {name: PRETRAININGS["imagenet"](Specification(name, CLASSES)).file for name in (*SEVEN, "vgg16")}
    assert files == {
        "alexnet": "alexnet-owt-7be5be79.pth",
        "squeezenet1_1": "squeezenet1_1-b8a52dc0.pth",
        "vgg16_bn": "vgg16_bn-6c64b313.pth",
        "googlenet": "googlenet-1378be20.pth",
        "resnet18": "resnet18-f37072fd.pth",
        "resnet50": "resnet50-0676ba61.pth",
        "densenet121": "densenet121-a639ec97.pth",
        "vgg16": "vgg16-397923af.pth",
    }


def test_the_file_of_torch_hub_is_found(monkeypatch, folder, tmp_path):
    path = publish(monkeypatch, folder, "squeezenet1_1", published_state("squeezenet1_1"))
    hub = tmp_path / "torch" / "hub" / "checkpoints"
    hub.mkdir(parents=True)
    path.rename(hub / path.name)
    spec = Specification("squeezenet1_1", CLASSES, width=1.0)
    assert pretrained("imagenet", spec)[1].loaded
    monkeypatch.delenv("FACEINV_WEIGHTS")
    assert pretrained("imagenet", spec)[1].loaded


def test_a_missing_file_is_told_with_its_places(folder, tmp_path):
    with pytest.raises(InputError) as caught:
        pretrained("imagenet", Specification("vgg16", CLASSES, width=1.0))
    message = str(caught.value)
    for part in (
        "vgg16-397923af.pth",
        torchvision.models.VGG16_Weights.IMAGENET1K_V1.url,
        str(folder),
        str(tmp_path / "torch" / "hub" / "checkpoints"),
    ):
        assert part in message
    assert "\n" not in message


def test_a_file_whose_hash_differs_is_refused(folder):
    torch.save(published_state("squeezenet1_1"), folder / "squeezenet1_1-b8a52dc0.pth")
    with pytest.raises(InputError, match=r"squeezenet1_1-b8a52dc0\.pth is damaged, its SHA-256"):
        pretrained("imagenet", Specification("squeezenet1_1", CLASSES, width=1.0))


def test_weights_of_another_network_under_the_right_name_are_refused(monkeypatch, folder):
    state = published_state("squeezenet1_1")
    state["features.0.weight"] = compact((64, 3, 7, 7), 0)
    del state["features.3.squeeze.bias"]
    publish(monkeypatch, folder, "squeezenet1_1", state)
    with pytest.raises(
        InputError, match=r"does not fit squeezenet1_1: 2 tensors, the first 'features\.3\.sq"
    ):
        pretrained("imagenet", Specification("squeezenet1_1", CLASSES, width=1.0))


@pytest.mark.parametrize("name", ["imagenet", "vggface"])
def test_published_weights_are_of_full_width(folder, name):
    with pytest.raises(InputError, match=rf"{name} weights are of width 1; the width of vgg16 is 0\.25"):
        pretrained(name, Specification("vgg16", CLASSES))


# VGG-Face


def vggface_state() -> dict[str, torch.Tensor]:
    state = {}
    for i, (layer, (inputs, outputs)) in enumerate(CHANNELS.items()):
        kernel = (3, 3) if layer.startswith("conv") else ()
        state[f"{layer}.weight"] = compact((outputs, inputs, *kernel), 2 * i)
        state[f"{layer}.bias"] = compact((outputs,), 2 * i + 1)
    return state


@pytest.mark.slow
def test_vggface_value_by_value(folder):
    state = vggface_state()
    # The real file is from 2018, before PyTorch's files were archives.
    torch.save(state, folder / "vgg_face_dag.pth", _use_new_zipfile_serialization=False)
    network, report = pretrained("vggface", Specification("vgg16", CLASSES, width=1.0, size=64))
    module = network.module
    features = module.get_submodule("features").named_children()
    convolutions = [f"features.{name}" for name, layer in features if isinstance(layer, torch.nn.Conv2d)]
    layers = dict(zip(CHANNELS, [*convolutions, "classifier.0", "classifier.3"], strict=False))
    assert len(layers) == 15
    for name, layer in layers.items():
        for kind in ("weight", "bias"):
            assert torch.equal(module.get_parameter(f"{layer}.{kind}"), state[f"{name}.{kind}"]), name
    assert len(report.loaded) == 30 and not report.missing and not report.unexpected and not report.reshaped
    assert report.head == ("classifier.6.weight", "classifier.6.bias")
    assert str(report).startswith("vggface: 30 tensors loaded, 2 of the output layer new, 0 missing")
    image = np.full((1, 64, 64, 3), (200, 100, 50), dtype=np.uint8)
    expected = torch.tensor([200.0, 100.0, 50.0]) - torch.tensor(VGGFACE_MEAN)
    torch.testing.assert_close(network.prepare(image)[0, :, 0, 0], expected, rtol=0, atol=1e-4)


def test_vggface_is_vgg16_and_its_names_are_checked(folder):
    with pytest.raises(InputError, match="vggface weights are of vgg16; the architecture is resnet18"):
        pretrained("vggface", replace(SMALL, width=1.0))
    with pytest.raises(InputError, match=r"there is no file vgg_face_dag\.pth.*robots\.ox\.ac\.uk"):
        pretrained("vggface", Specification("vgg16", CLASSES, width=1.0))
    torch.save({"conv1.weight": torch.zeros(1)}, folder / "vgg_face_dag.pth")
    with pytest.raises(InputError, match=r"vgg_face_dag\.pth has a tensor 'conv1\.weight'; expected vggface"):
        pretrained("vggface", Specification("vgg16", CLASSES, width=1.0))


# Bases


def base(folder: Path, name: str, **changes) -> dict[str, torch.Tensor]:
    """A base of another task, in half precision, as `faceinv pretrain` writes it; its weights as stored."""
    spec = replace(SMALL, classes=tuple("abc"), task="identity", seed=7, **changes)
    network = build(spec)
    network.save(folder / f"{name}.safetensors", half=True)
    return load_file(folder / f"{name}.safetensors")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("objects", "objects-resnet18-0"),
        ("faces", "faces-resnet18-0"),
        ("objects-2", "objects-resnet18-2"),
        ("faces-0-16", "faces-resnet18-0-16"),
    ],
)
def test_bases_by_name(folder, name, file):
    stored = base(folder, file)
    network, report = pretrained(name, replace(SMALL, strategy="finetuned"))
    own = network.module.state_dict()
    assert report.head == ("fc.weight", "fc.bias") and not report.missing and not report.reshaped
    assert all(torch.equal(own[key], stored[key].to(own[key].dtype)) for key in report.loaded)
    assert all(stored[key].dtype == torch.float16 for key in stored if stored[key].is_floating_point())
    assert (network.specification.pretraining, network.specification.strategy) == (name, "finetuned")


def test_a_missing_base_is_told_with_its_command(folder, monkeypatch):
    monkeypatch.setattr(weights, "BASES", folder / "none")
    with pytest.raises(
        InputError, match=r"objects-resnet18-3\.saf.*faceinv pretrain resnet18 objects --seed 3"
    ):
        pretrained("objects-3", SMALL)


def test_a_base_of_the_width_of_the_network_is_taken(folder, monkeypatch):
    monkeypatch.setattr(weights, "BASES", folder / "none")
    base(folder, "objects-resnet18-0")
    base(folder, "objects-resnet18-w0.125-0", width=0.125)
    narrow = replace(SMALL, width=0.125)
    assert pretrained("objects", narrow)[0].specification.width == 0.125
    assert weights.base_of("objects", narrow) == "objects-resnet18-w0.125 #0"
    assert weights.base_seeds("objects", "resnet18", 0.125) == [0]
    assert weights.base_seeds("objects", "resnet18") == [0] and not weights.base_seeds(
        "objects", "resnet18", 1
    )
    with pytest.raises(InputError, match=r"objects-resnet18-w1-0\.saf.*faceinv pretrain .* --width 1"):
        pretrained("objects", replace(SMALL, width=1.0))


def test_the_hidden_layer_begins_anew_for_another_size_of_image(folder):
    base(folder, "faces-vgg16_bn-0", architecture="vgg16_bn")
    network, report = pretrained("faces", replace(SMALL, architecture="vgg16_bn", size=32))
    assert [name for name, _, _ in report.reshaped] == ["classifier.0.weight"]
    assert torch.isfinite(network.logits(torch.randn(2, 3, 32, 32))).all()


def test_a_hidden_layer_in_place_of_the_head_begins_anew(folder):
    """Its first tensor has the name of one of the file, and another shape."""
    base(folder, "faces-vgg16_bn-0", architecture="vgg16_bn")
    network, report = pretrained("faces", replace(SMALL, architecture="vgg16_bn", hidden=20))
    layers = [f"classifier.{layer}.{part}" for layer in (0, 2) for part in ("weight", "bias")]
    assert list(report.head) == layers and not report.missing and not report.reshaped
    assert all(name.startswith("features.") for name in report.loaded)
    assert network.module.get_parameter("classifier.0.weight").shape[0] == 20
