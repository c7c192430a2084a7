"""Sign analysis: remove parts of a traced rule that are zero because an input is never negative.

A rule that is traced for any input has a part for negative inputs after each ReLU, and a part for negative
outputs before it. Both are exactly zero, and cost as much as the rest. ONNX's own optimisers do not find
them: without this analysis a heatmap of vgg16_bn (quarter width, 64 pixels, onnxruntime in one thread) takes
1.4 times as long by epsilon-plus-flat, 2.2 times by epsilon-gamma-box and 1.8 times by alpha2-beta1-flat, and
one of resnet18 takes 1.3, 1.5 and 2.1 times as long; the output is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.fx import GraphModule, Node

aten = torch.ops.aten

SAME_VALUES = {
    aten.alias.default,
    aten.clone.default,
    aten.detach.default,
    aten.view.default,
    aten._unsafe_view.default,
    aten._to_copy.default,
    aten.lift_fresh_copy.default,
}
"""Operations whose output has the values of their input."""

LINEAR = {aten.convolution.default, aten.mm.default, aten.t.default, aten.expand.default}
"""Operations whose output is zero if their first argument is; a convolution must have no bias."""

POOLED = {
    aten.mean.dim,
    aten.avg_pool2d.default,
    aten._adaptive_avg_pool2d.default,
    aten.max_pool2d_with_indices.default,
    aten.expand.default,
    aten.permute.default,
}
"""Operations whose output is nowhere negative if their first argument is not."""


class Signs:
    """Signs of the nodes of a functional graph, as far as they are known.

    Attributes
    ----------
    positive : nodes that are nowhere negative
    zero : nodes that are zero everywhere
    silent : for each node, the nodes such that it is zero wherever they are zero or negative
    """

    def __init__(self) -> None:
        self.positive: set[Node] = set()
        self.zero: set[Node] = set()
        self.silent: dict[Node, set[Node]] = {}

    def learn(self, node: Node) -> Node | None:
        """Infer the sign of a node from its arguments; return a node that it equals, or None."""
        if node.op != "call_function":
            return None
        rule = _RULES.get(node.target)  # type: ignore[arg-type]
        first = node.args[0] if node.args else None
        if node.target in SAME_VALUES and isinstance(first, Node):
            self._inherit(node, first)
        if node.target in LINEAR and first in self.zero and not _has_bias(node):
            self.zero.add(node)
        if node.target in POOLED and first in self.positive:
            self.positive.add(node)
        return rule(self, node) if rule else None

    def _inherit(self, node: Node, first: Node) -> None:
        for known in (self.positive, self.zero):
            if first in known:
                known.add(node)
        if _shape(node) == _shape(first):
            self.silent[node] = self.silent.get(first, set())

    def _rectified(self, node: Node) -> None:
        self.positive.add(node)

    def _picked(self, node: Node) -> None:
        first, index = node.args
        if index == 0 and first in self.positive:
            self.positive.add(node)

    def _joined(self, node: Node) -> None:
        parts: Any = node.args[0]
        if all(part in self.positive for part in parts):
            self.positive.add(node)

    def _clamped(self, node: Node) -> Node | None:
        first, low, high = (*node.args, None, None)[:3]
        if first not in self.positive:
            return None
        if low == 0 and high is None:
            return first  # type: ignore[return-value]
        if high == 0 and low is None:
            self.zero.add(node)
        return None

    def _multiplied(self, node: Node) -> None:
        factors = [factor for factor in node.args if isinstance(factor, Node)]
        if any(factor in self.zero for factor in factors):
            self.zero.add(node)
        if all(factor in self.positive for factor in factors) and len(factors) == 2:
            self.positive.add(node)
        self.silent[node] = set().union(
            *(self.silent.get(f, set()) for f in factors if _shape(f) == _shape(node))
        )

    def _divided(self, node: Node) -> None:
        first = node.args[0]
        if first in self.zero:
            self.zero.add(node)
        if isinstance(first, Node) and _shape(first) == _shape(node):
            self.silent[node] = self.silent.get(first, set())

    def _added(self, node: Node) -> Node | None:
        one, other = node.args[:2]
        if one in self.positive and other in self.positive:
            self.positive.add(node)
        for nothing, rest in ((other, one), (one, other)):
            if nothing in self.zero and isinstance(rest, Node) and _shape(rest) == _shape(node):
                if node.target is aten.sub.Tensor and nothing is one:
                    continue
                return rest
        return None

    def _gated(self, node: Node) -> Node | None:
        """The gradient of ReLU: relevance where the gate is above the threshold, and zero elsewhere."""
        relevance, gate, threshold = node.args
        assert isinstance(relevance, Node)
        assert isinstance(gate, Node)
        if threshold != 0:
            return None
        known, gates = self.silent.get(relevance, set()), _origins(gate)
        if known & gates:
            return relevance
        if gate.target is aten.neg.default and known & _origins(gate.args[0]):
            self.zero.add(node)
        if relevance in self.zero:
            self.zero.add(node)
        self.silent[node] = known | gates
        return None


_RULES: dict[Any, Callable[[Signs, Node], Node | None]] = {
    aten.relu.default: Signs._rectified,
    aten.gt.Scalar: Signs._rectified,
    aten.cat.default: Signs._joined,
    aten.clamp.default: Signs._clamped,
    aten.mul.Tensor: Signs._multiplied,
    aten.div.Tensor: Signs._divided,
    aten.add.Tensor: Signs._added,
    aten.sub.Tensor: Signs._added,
    aten.threshold_backward.default: Signs._gated,
}


def prune(graph: GraphModule) -> GraphModule:
    """Remove from a functional graph, in place, what is zero for every input, as inferred from its ReLUs.

    Parameters
    ----------
    graph : GraphModule
        A graph of ``make_fx`` with mutations removed, whose nodes have their shapes as metadata.
    """
    signs = Signs()
    for node in list(graph.graph.nodes):
        if str(node.target) == "<built-in function getitem>":
            signs._picked(node)
        same = signs.learn(node)
        if same is not None:
            node.replace_all_uses_with(same)
    graph.graph.eliminate_dead_code()
    graph.recompile()
    return graph


def _has_bias(node: Node) -> bool:
    return node.target is aten.convolution.default and node.args[2] is not None


def _origins(node: Any) -> set[Node]:
    """A node and the nodes that it copies, or rectifies: all are positive at the same positions."""
    found: set[Node] = set()
    while isinstance(node, Node) and node not in found:
        found.add(node)
        if node.target is aten.relu.default or (
            node.target in SAME_VALUES and _shape(node) == _shape(node.args[0])
        ):
            node = node.args[0]
    return found


def _shape(node: Any) -> Any:
    return tuple(node.meta["val"].shape) if isinstance(node, Node) and "val" in node.meta else None
