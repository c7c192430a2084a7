"""Networks compute where they are: on a pretended GPU (see `pretended_gpu`) with the CPU's results."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest
import torch
from pretended_gpu import NAME, PretendedGpu

from faceinv.attribution.attribute import attribute
from faceinv.attribution.methods import ATTRIBUTION_METHODS
from faceinv.data.stimuli import Stimuli
from faceinv.data.tasks import Split, split
from faceinv.errors import InputError
from faceinv.experiments.invariance import layer_similarity
from faceinv.experiments.invariance.probes import pooled_inputs
from faceinv.experiments.relevance.face_similarity import features
from faceinv.lrp.composites import COMPOSITES
from faceinv.lrp.relevance import relevance
from faceinv.metrics.filters import first_filters
from faceinv.metrics.sanity import randomisation_curve
from faceinv.metrics.tolerance_curve import transformed_answers
from faceinv.models import training
from faceinv.models.architectures import Network, Specification, build
from faceinv.models.classifiers import Classifier
from faceinv.models.heads import head_path
from faceinv.models.training import evaluate, fit, fit_head
from faceinv.models.training_config import TrainingConfig
from faceinv.models.training_runs import _weights_of
from faceinv.models.transfer import resolution_blocks
from faceinv.perturbations.masks import answers_by_fraction
from faceinv.runtime import devices
from faceinv.runtime.devices import device_of

SPEC = Specification("alexnet", ("i0", "i1", "i2", "i3"), width=0.125, size=64, task="identity")
RECIPE = TrainingConfig(exposures=24, batch=8, rotation=5.0)

pytestmark = pytest.mark.filterwarnings("ignore:for .*copying from a non-meta parameter")


@contextmanager
def pretended() -> Iterator[None]:
    """Let this process have a GPU."""
    with pytest.MonkeyPatch.context() as patch, PretendedGpu():
        patch.setattr(devices, "gpus", lambda: [NAME])
        yield


def on_both(compute: Callable[[], dict[str, np.ndarray]]) -> None:
    """Check that a function has the same results on both devices."""
    here = compute()
    with pretended():
        there = compute()
    assert here.keys() == there.keys()
    for name, values in here.items():
        np.testing.assert_array_equal(values, there[name], name)


@pytest.fixture(scope="module")
def parts() -> Split:
    rng = np.random.default_rng(0)
    names = [name for name in SPEC.classes for _ in range(6)]
    table = pd.DataFrame({"identity": names, "view": np.arange(len(names)).astype(str)})
    return split(Stimuli(rng.integers(0, 256, (len(names), 64, 64, 3), np.uint8), table), "identity")


def test_a_network_learns_and_answers_the_same(parts: Split, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "FUSED", ())  # a GPU has that update, and this one has not

    def learned() -> dict[str, np.ndarray]:
        network, curve = fit(build(SPEC), parts, RECIPE)
        assert device_of(network.module).type == torch.device(devices.current_device()).type
        answers = evaluate(network, parts.test)["answer"].to_numpy(dtype=str)
        return {**_weights_of(network.module), "curve": curve.to_numpy(), "answers": answers}

    on_both(learned)


def test_a_head_learns_the_same(parts: Split, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "FUSED", ())
    on_both(lambda: dict(_weights_of(fit_head(build(SPEC), parts, RECIPE)[0].module)))


def test_relevance_is_the_same_by_every_composite(parts: Split) -> None:
    def maps() -> dict[str, np.ndarray]:
        network = build(SPEC)
        return {name: relevance(network, parts.test.images[:2], 0, name) for name in COMPOSITES}

    on_both(maps)


def test_what_layers_respond_is_the_same(parts: Split) -> None:
    def responses() -> dict[str, np.ndarray]:
        network = build(SPEC)
        inputs = network.prepare(parts.test.images)
        layers = layer_similarity._weighted(network)
        return {
            **layer_similarity.responses(network, inputs, layers),
            "features": features(network, inputs),
            "filters": first_filters(network),
            "logits": network.logits(inputs).numpy(),
        }

    on_both(responses)


RANDOM_ON_DEVICE = ("smoothgrad", "gradient-shap")
"""Methods that draw noise on the device, which the pretended GPU cannot do."""


def test_maps_by_every_method_are_the_same(parts: Split) -> None:
    def maps() -> dict[str, np.ndarray]:
        network = build(SPEC)
        inputs, classes = network.prepare(parts.test.images[:2]), np.array([0, 1])
        names = [name for name in ATTRIBUTION_METHODS if name not in RANDOM_ON_DEVICE]
        return {name: attribute(network, inputs, classes, name) for name in names}

    on_both(maps)


def test_controls_and_transformations_are_the_same(parts: Split) -> None:
    def controls() -> dict[str, np.ndarray]:
        network = build(SPEC)
        inputs, labels = network.prepare(parts.test.images[:3]), np.array([0, 1, 2])
        curve = randomisation_curve(network, inputs, labels, "saliency", shares=(0.0, 1.0), seed=0)
        grey = {"grey": inputs.mean(1).numpy()}
        masked = answers_by_fraction(network, inputs, labels, grey, (0.0, 0.5, 1.0))
        return {
            "randomised": curve.to_numpy(),
            "masked": masked["answer"].to_numpy(),
            "transformed": transformed_answers(network, inputs, "rotation", 20.0),
            "pooled": pooled_inputs(network.module, head_path(network.module), [inputs]),
            "blocks": np.array([len(layers) for layers in resolution_blocks(network)]),
        }

    on_both(controls)


def test_what_a_gpu_computed_can_be_read_without_one() -> None:
    with pretended():
        network = build(SPEC)
        assert device_of(network.module).type == NAME
        written = pickle.dumps(network)
    again: Network = pickle.loads(written)
    assert device_of(again.module).type == "cpu"
    for name, values in _weights_of(build(SPEC).module).items():
        np.testing.assert_array_equal(values, _weights_of(again.module)[name])


def test_batches_are_halved_where_memory_runs_out() -> None:
    seen: list[int] = []

    def three_at_most(part: slice) -> torch.Tensor:
        images = torch.arange(10)[part]
        seen.append(len(images))
        if len(images) > 3:
            raise torch.OutOfMemoryError("no more")
        return images

    assert torch.cat(devices.in_batches(three_at_most, 10, 8)).tolist() == list(range(10))
    assert seen == [8, 4, 2, 2, 2, 2, 2]

    def never(part: slice) -> torch.Tensor:
        raise torch.OutOfMemoryError("no more")

    with pytest.raises(InputError, match="does not suffice for one image"):
        devices.in_batches(never, 10, 8)


class Cramped(torch.nn.Module):
    """Logits of at most two images at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(12, 3)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        if len(images) > 2:
            raise torch.OutOfMemoryError("no more")
        return self.layer(images.flatten(1))


def test_networks_classifiers_and_relevance_make_do_with_little_memory() -> None:
    module, images = Cramped().eval(), torch.rand(5, 3, 2, 2)
    expected = module.layer(images.flatten(1)).detach()
    for model in (Network(SPEC, module), Classifier(module)):
        torch.testing.assert_close(model.logits(images), expected)


def test_a_training_batch_that_does_not_fit_is_one_sentence(parts: Split) -> None:
    network = Network(SPEC, torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(2), Cramped()))
    with pytest.raises(InputError, match="a training batch of 8 images does not fit into the memory of cpu"):
        fit(network, parts, RECIPE)
