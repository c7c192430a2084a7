"""Stages of a network, and taking them over from a base."""

from __future__ import annotations

import pytest
import torch

from faceinv.errors import InputError
from faceinv.models.architectures import Network, Specification, build
from faceinv.models.transfer import resolution_blocks, transfer
from faceinv.models.zoo import STUDIED


@pytest.mark.parametrize("architecture", STUDIED)
def test_every_layer_of_the_base_is_in_one_stage(architecture: str) -> None:
    network = build(Specification(architecture, ("a", "b"), 0.25, 64))
    found = [name for stage in resolution_blocks(network) for name in stage]
    weighted = {name.rpartition(".")[0] for name, _ in network.module.named_parameters()}
    assert len(found) == len(set(found))
    assert {name for name in weighted if not name.startswith(("classifier", "fc"))} == set(found)


def test_stages_of_vgg_end_where_it_pools() -> None:
    convolutions = torch.nn.Conv2d
    network = build(Specification("vgg16_bn", ("a", "b"), 0.25, 64))
    layers = dict(network.module.named_modules())
    counts = [
        sum(isinstance(layers[name], convolutions) for name in stage) for stage in resolution_blocks(network)
    ]
    assert counts == [2, 2, 3, 3, 3]


def test_what_is_transferred_is_kept_and_the_rest_is_new() -> None:
    specification = Specification("resnet18", ("a", "b"), 0.125, 32, seed=1)
    base = Network(specification, build(Specification("resnet18", ("a", "b"), 0.125, 32, seed=7)).module)
    base.module.get_buffer("bn1.running_mean").add_(1)  # statistics are taken over as weights are
    fresh, half = build(specification).module.state_dict(), transfer(base, 2)
    learned = base.module.state_dict()
    for name, value in half.module.state_dict().items():
        early = name.startswith(("conv1", "bn1", "layer1"))
        assert torch.equal(value, (learned if early else fresh)[name]), name
    none = transfer(base, 0).module.state_dict()
    assert all(torch.equal(value, none[name]) for name, value in fresh.items())


def test_no_more_stages_than_there_are() -> None:
    with pytest.raises(InputError, match="stages to transfer are 6; resnet18 has 5"):
        transfer(build(Specification("resnet18", ("a", "b"), 0.125, 32)), 6)
