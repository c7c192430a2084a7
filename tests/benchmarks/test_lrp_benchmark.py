"""The rules of Zennit that the benchmark measures are those of the composite, parameters included."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import pytest
import torch
from conftest import REPOSITORY
from torch import nn
from zennit.attribution import Gradient

from faceinv.lrp.composites import CompositeSpec, composite
from faceinv.lrp.relevance import relevance
from faceinv.models.architectures import Network, Specification, build


@pytest.fixture(scope="module")
def benchmark() -> Any:
    pytest.importorskip("captum")
    spec = importlib.util.spec_from_file_location("lrp_benchmark", REPOSITORY / "benchmarks" / "lrp.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def by_zennit(benchmark: Any, recipe: CompositeSpec, network: Network, inputs: torch.Tensor) -> np.ndarray:
    targets = nn.functional.one_hot(torch.arange(len(inputs)) % 2, 2)
    with Gradient(network.module, benchmark.zennit_composite(recipe, network)) as attribute:
        _, found = attribute(inputs.clone(), lambda logits: logits * targets)
    return found.detach().sum(1).numpy()


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("epsilon-gamma-box", {"gamma": 0.5, "epsilon": 0.01, "low": -3.0, "high": [2.5, 3.0, 3.5]}),
        ("alpha2-beta1-flat", {"alpha": 3, "beta": 2, "stabiliser": 1e-3}),
        ("epsilon-plus", {}),
    ],
)
def test_zennit_has_the_parameters_of_the_composite(
    benchmark: Any, name: str, parameters: dict[str, Any]
) -> None:
    network = build(Specification("vgg11", ("a", "b"), 0.125, 32, seed=1))
    inputs = torch.randn(3, 3, 32, 32, generator=torch.Generator().manual_seed(0)).clamp(-2, 2)
    recipe = composite(name, **parameters)
    theirs = by_zennit(benchmark, recipe, network, inputs)
    ours = relevance(network, inputs, np.arange(3) % 2, recipe, start="logit")
    np.testing.assert_allclose(theirs, ours, rtol=1e-3, atol=1e-4 * np.abs(ours).max())
    if parameters:
        usual = relevance(network, inputs, np.arange(3) % 2, name, start="logit")
        assert np.abs(usual - ours).max() > 0.01 * np.abs(ours).max()
