"""Relevance that gets lost or made is warned of, with the layer."""

from __future__ import annotations

import pytest
import torch
from any_networks import (
    Written,
    images,
    linear,
    small,
)
from torch import nn

from faceinv.lrp import operations
from faceinv.lrp.composites import COMPOSITES
from faceinv.lrp.conservation import ConservationWarning, conserving
from faceinv.lrp.relevance import explainable, explained, relevance


def test_addition_that_is_not_seen_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken canonization, which takes additions for what only moves numbers about."""
    moves, called = operations.moves, operations.called
    monkeypatch.setattr(operations, "called", lambda node: called(node).replace("add", "plus"))
    monkeypatch.setattr(operations, "moves", lambda node: moves(node) or operations.called(node) == "plus")
    module = Written(small("resnet18"), torch.add)
    for name in COMPOSITES:
        with pytest.warns(
            ConservationWarning, match=r"before layer 'relu_\d*' \(add\)|before layer"
        ) as caught:
            relevance(module, images(1), 0, name)
        assert len(caught) == 1


def test_layer_that_is_not_what_its_rule_takes_it_for_is_warned_of() -> None:
    """The rule of a convolution on a layer that computes something else."""
    x = images(size=8)
    subject = explainable(linear(bias=True), x, "epsilon")
    layer = subject.module.get_submodule("0")
    layer.forward = lambda input: 2 * nn.Conv2d.forward(layer, input)  # type: ignore[method-assign, arg-type]
    with (
        pytest.warns(ConservationWarning, match="in layer '0'"),
        subject.composite.context(subject.module),
        conserving(subject.module),
    ):
        explained(subject, x, None)
