"""Graphs: relevance computed by onnxruntime is relevance, and a graph that differs is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import onnx
import pytest
import torch

from faceinv.errors import InputError
from faceinv.lrp.onnx import export
from faceinv.lrp.onnx.tracing import trace
from faceinv.lrp.relevance import relevance
from faceinv.models.architectures import Network, Specification, build, duplicate
from faceinv.models.classifiers import Classifier

SIZE = 32


def network(architecture: str, seed: int = 0) -> Network:
    made = build(Specification(architecture, ("a", "b", "c"), width=0.125, size=SIZE, seed=seed))
    random = torch.Generator().manual_seed(seed)
    for layer in made.module.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):  # as after training, where it does something
            assert layer.running_mean is not None and layer.running_var is not None
            layer.running_mean.normal_(0, 0.1, generator=random)
            layer.running_var.uniform_(0.5, 1.5, generator=random)
            layer.bias.data.normal_(0, 0.1, generator=random)
    return made


def images(seed: int = 1) -> torch.Tensor:
    return torch.randn(4, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(seed))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("architecture", "composite", "against"),
    [
        ("vgg11_bn", "epsilon-plus-flat", "none"),
        ("vgg11_bn", "epsilon-gamma-box", "softmax"),
        ("vgg11", "alpha2-beta1-flat", "none"),
        ("resnet18", "epsilon-plus-flat", "none"),
    ],
)
def test_graph_is_the_relevance_of_the_halved_network(
    architecture: str, composite: str, against: str, tmp_path: Path
) -> None:
    original = network(architecture)
    before = {name: value.clone() for name, value in original.module.state_dict().items()}
    accuracy = export.export(original, tmp_path / "graph.onnx", composite, against)
    assert accuracy.sufficient
    weights = sum(parameter.numel() for parameter in original.module.parameters())
    assert (tmp_path / "graph.onnx").stat().st_size < 2 * weights + 250_000  # stored once, in half precision
    assert all(torch.equal(value, before[name]) for name, value in original.module.state_dict().items())

    halved, targets = export.halved(original), np.array([0, 1, 2, 0])
    content = (tmp_path / "graph.onnx").read_bytes()
    logits, maps = export.run(content, images().numpy(), targets)
    expected = relevance(halved, images(), targets, composite, against)
    largest = np.abs(expected).max((1, 2))
    # The maps of two classes nearly cancel, so that their difference is less exact.
    assert np.median(np.abs(maps - expected).max((1, 2)) / largest) < (1e-5 if against == "none" else 1e-4)
    np.testing.assert_allclose(logits, halved.logits(images()).numpy(), rtol=1e-4, atol=1e-5)

    about = {entry.key: entry.value for entry in onnx.load_from_string(content).metadata_props}
    read = json.loads(about["faceinv"])
    assert (read["composite"], read["against"], read["start"], read["classes"]) == (
        composite,
        against,
        "absolute",
        ["a", "b", "c"],
    )


@pytest.mark.slow
def test_networks_that_differ_in_weights_alone_are_translated_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And their graphs are the same bytes as those that are translated alone."""
    exporter = Mock(wraps=torch.onnx.export)
    monkeypatch.setattr(torch.onnx, "export", exporter)
    alone, first = network("vgg11_bn", seed=1), network("vgg11_bn", seed=0)
    # Equal tensors are stored once, but only where they are equal.
    torch.nn.init.zeros_(alone.module.get_parameter("features.0.bias"))
    export.export(alone, tmp_path / "alone.onnx")
    translations: dict[str, onnx.ModelProto] = {}
    for name, each in (("first", first), ("second", alone)):
        export.export(each, tmp_path / f"{name}.onnx", translations=translations)
    assert exporter.call_count == 2 and len(translations) == 1
    assert (tmp_path / "second.onnx").read_bytes() == (tmp_path / "alone.onnx").read_bytes()
    other = build(Specification("vgg11_bn", ("a", "b"), width=0.125, size=SIZE))
    export.export(other, tmp_path / "other.onnx", translations=translations)
    assert exporter.call_count == 3 and len(translations) == 2


def test_halved_network_is_almost_the_same_and_holds_half_precision() -> None:
    original = network("resnet18")
    halved = export.halved(original)
    torch.testing.assert_close(halved.logits(images()), original.logits(images()), rtol=0.01, atol=0.01)
    for parameter in halved.module.parameters():
        if parameter.numel() >= export.LARGE:
            assert torch.equal(parameter, parameter.half().float())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("composite", "times"), [("epsilon-plus-flat", 3), ("epsilon-gamma-box", 3), ("alpha2-beta1-flat", 5)]
)
def test_nothing_is_computed_that_is_zero_behind_a_relu(composite: str, times: int) -> None:
    traced = trace(network("vgg11_bn"), composite)
    convolutions = sum(node.target is torch.ops.aten.convolution.default for node in traced.graph.nodes)
    assert convolutions <= times * 8 + 2  # the first layer's rule counts the field, or bounds it, too


@pytest.mark.slow
def test_trace_explains_other_images_and_classes_than_it_was_made_with() -> None:
    original = network("squeezenet1_1_bn")
    traced = trace(original, "epsilon-plus-flat")
    for i, image in enumerate(images()[:3]):
        logits, found = traced(image[None], torch.tensor([i]))
        expected = relevance(original, image[None], np.array([i]))
        assert np.abs(found.detach().numpy() - expected).max() < 1e-4 * np.abs(expected).max()
        torch.testing.assert_close(logits.detach(), original.logits(image[None]), rtol=1e-4, atol=1e-5)


@pytest.mark.slow
def test_graph_that_differs_is_refused_and_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = export._encode

    def wrong(model: Network, *arguments: Any) -> onnx.ModelProto:
        changed = duplicate(model)
        with torch.no_grad():
            next(changed.module.parameters()).mul_(1.001)
        return right(changed, *arguments)

    monkeypatch.setattr(export, "_encode", wrong)
    with pytest.raises(InputError, match="is not accurate"):
        export.export(network("vgg11"), tmp_path / "graph.onnx", "epsilon-plus-flat")
    assert not list(tmp_path.iterdir())


def test_unknown_composite_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="epsilon-plus-flat"):
        export.export(network("vgg11"), tmp_path / "graph.onnx", "lrp")


class Residual(torch.nn.Module):
    """One channel, an image that is no square, normalisation, and an addition written with a plus."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = torch.nn.Conv2d(1, 8, 3, padding=1), torch.nn.Conv2d(8, 8, 3, padding=1)
        self.normalisation, self.output = torch.nn.BatchNorm2d(8), torch.nn.Linear(8, 3)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.normalisation(self.first(image)))
        x = torch.nn.functional.max_pool2d(x + torch.relu(self.second(x)), 2)
        return self.output(x.mean((2, 3)))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("composite", "against"), [("epsilon-plus-flat", "none"), ("epsilon-gamma-box", "runner-up")]
)
def test_graph_of_any_module_is_its_relevance(tmp_path: Path, composite: str, against: str) -> None:
    torch.manual_seed(0)
    model, given = Residual().eval(), torch.rand(4, 1, 20, 28)
    assert export.export(model, tmp_path / "graph.onnx", composite, against, given).sufficient
    targets = np.array([0, 1, 2, 0])
    logits, maps = export.run((tmp_path / "graph.onnx").read_bytes(), given.numpy(), targets)
    assert maps.shape == (4, 20, 28)
    with torch.no_grad():  # all but the half precision of the weights
        np.testing.assert_allclose(logits, model(given).numpy(), rtol=0.01, atol=0.01)
    expected = relevance(model, given, targets, composite, against)
    for found, wanted in zip(maps, expected, strict=True):
        assert np.corrcoef(found.ravel(), wanted.ravel())[0, 1] > 0.999


def test_classifier_of_a_size_is_exported_without_images(tmp_path: Path) -> None:
    module = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.Flatten(), torch.nn.Linear(4 * 36, 2))
    classifier = Classifier(module, ("cat", "dog"), (0.5,) * 3, (0.25,) * 3, size=8)
    assert export.export(classifier, tmp_path / "graph.onnx", "epsilon-gamma-box").sufficient
    metadata = onnx.load(tmp_path / "graph.onnx").metadata_props
    read = json.loads(next(each.value for each in metadata if each.key == "faceinv"))
    assert (read["classes"], read["mean"], read["composite"]) == (
        ["cat", "dog"],
        [0.5] * 3,
        "epsilon-gamma-box",
    )
    with pytest.raises(InputError, match="the shape of the model's input is not known"):
        export.export(module, tmp_path / "other.onnx")
