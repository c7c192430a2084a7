"""Module graphs: any classifier, rewritten into a form to which the rules of LRP apply.

A network is traced by ``torch.fx``. Functions that it calls (additions, means, poolings, activations) become
modules to which a rule can be attached, in-place operations become out-of-place, batch normalisations are
merged into the adjacent convolution or fully connected layer, and dropout is removed. The graph shares the
network's weights where they are not merged, and never changes the network.
"""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn.utils import parametrize

from faceinv.errors import InputError
from faceinv.lrp import operations
from faceinv.lrp.lowering import Lowering

AGREEMENT = 1e-3
"""Largest difference between the logits of a network and of its graph, relative to the largest logit."""


@dataclass(frozen=True)
class ModuleGraph:
    """A network rewritten for propagation.

    Attributes
    ----------
    module : the graph; layers keep their paths in the network, and functions get the path of the module that
        calls them, followed by their name
    first : paths of the first layers with weights, which take the image
    before : paths of the modules between the image and these layers
    last : path of the last layer with weights, which computes the logits
    classes : number of logits
    example : images with which the graph was checked, N x C x H x W
    """

    module: fx.GraphModule
    first: frozenset[str]
    before: frozenset[str]
    last: str | None
    classes: int
    example: Tensor


def module_graph(network: nn.Module, images: Tensor, complete: bool = True) -> ModuleGraph:
    """Rewrite a network for propagation.

    Parameters
    ----------
    network : nn.Module
        It is not changed.
    images : Tensor, N x C x H x W
        One or two images, with which the graph is checked.
    complete : bool
        If true, every operation must have a rule, and batch normalisations are merged. If false, only
        additions and functions become modules, and additions are of Zennit's type ``Sum``.

    Raises
    ------
    InputError
        If the network cannot be traced, has a layer or function without a rule, does not accept the images,
        or does not return logits, N x classes.
    """
    expected = _answer(network, images)
    root = _Root(_copied(network))
    in_place = [path for path, layer in root.named_modules() if getattr(layer, "inplace", False)]
    try:
        graph = _Tracer().trace(root)
    except Exception as error:  # the network's own code may raise anything on a tensor without values
        raise InputError(
            f"{_called(network)} cannot be traced by torch.fx ({_first_line(error)}); expected a network "
            "whose computation does not depend on the values of its input"
        ) from error
    _out_of_place(graph, dict(root.named_modules()))
    for path in in_place:
        root.get_submodule(path).inplace = False  # type: ignore[assignment]
    values = _Values(root, graph)
    with torch.no_grad():
        values.run(images)
    lowering = Lowering(graph, root, values.found, complete)
    module = lowering.run()
    with torch.no_grad():
        found = module(images)
    if not float((found - expected).abs().max()) <= AGREEMENT * float(expected.abs().max().clamp(min=1e-6)):
        raise InputError(
            f"{_called(network)} computes something that torch.fx does not trace, such as a hook that "
            "changes a tensor or a function that changes a part of one in place; expected a network of "
            "standard layers"
        )
    return ModuleGraph(
        module,
        frozenset(lowering.first),
        frozenset(lowering.before),
        lowering.last,
        expected.shape[1],
        images,
    )


def _answer(network: nn.Module, images: Tensor) -> Tensor:
    """The network's own logits, computed in evaluation mode."""
    with evaluating(network), torch.no_grad():
        try:
            logits = network(images)
        except Exception as error:
            raise InputError(
                f"{_called(network)} does not take images of shape {tuple(images.shape[1:])} "
                f"({_first_line(error)}); expected the network's own channels x height x width"
            ) from error
    if not isinstance(logits, Tensor) or logits.ndim != 2 or len(logits) != len(images):
        shape = (
            f"a tensor of shape {tuple(logits.shape)}"
            if isinstance(logits, Tensor)
            else type(logits).__name__
        )
        raise InputError(
            f"{_called(network)} returns {shape} for {len(images)} images; expected logits, images x classes"
        )
    return logits


@contextmanager
def evaluating(network: nn.Module) -> Iterator[None]:
    """Set evaluation mode in this context."""
    modes = [(child, child.training) for child in network.modules()]
    network.eval()
    try:
        yield
    finally:
        for child, mode in modes:
            child.training = mode


class _Root(nn.Module):
    """Wraps a network, so that a single layer can be traced too, and other arguments keep their defaults."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        return self.network(images)


class _Tracer(fx.Tracer):
    """Traces a network down to PyTorch's own layers, which are leaves."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        for kind in operations.LAYERS:
            if isinstance(m, kind) and type(m).forward is kind.forward:
                return True
        return super().is_leaf_module(m, module_qualified_name)


class _Values(fx.Interpreter):
    """Runs a graph and keeps the value of each node."""

    def __init__(self, root: nn.Module, graph: fx.Graph) -> None:
        super().__init__(root, graph=graph, garbage_collect_values=False)
        self.found: dict[fx.Node, Any] = {}

    def run_node(self, n: fx.Node) -> Any:
        self.found[n] = super().run_node(n)
        return self.found[n]


def _copied(network: nn.Module) -> nn.Module:
    """A copy of the network in evaluation mode, without hooks, that shares the memory of its weights."""
    memo: dict[int, Any] = {}
    for child in network.modules():
        for name, value in vars(child).items():
            if name.endswith("_hooks") or name.endswith("_hooks_with_kwargs"):
                memo[id(value)] = OrderedDict()
            elif isinstance(value, Tensor):
                memo[id(value)] = value.detach()
        for parameter in child.parameters(recurse=False):
            memo[id(parameter)] = nn.Parameter(parameter.detach(), requires_grad=False)
        for buffer in child.buffers(recurse=False):
            memo[id(buffer)] = buffer.detach()
    try:
        copied = copy.deepcopy(network, memo).eval()
    except Exception as error:  # a module may hold anything
        raise InputError(
            f"{_called(network)} cannot be copied ({_first_line(error)}); expected a network of standard "
            "layers"
        ) from error
    for child in list(copied.modules()):
        if parametrize.is_parametrized(child):
            _settle(child)
    return copied


def _settle(layer: Any) -> None:
    """Replace parametrized weights of a layer, such as those of ``weight_norm``, by their current values."""
    names = list(layer.parametrizations)
    values = [getattr(layer, name).detach() for name in names]
    # PyTorch's own removal would delete the properties of a class that the original layer shares.
    layer.__class__ = parametrize.type_before_parametrizations(layer)
    del layer.parametrizations
    for name, value in zip(names, values, strict=True):
        layer.register_parameter(name, nn.Parameter(value, requires_grad=False))


def _out_of_place(graph: fx.Graph, modules: dict[str, nn.Module]) -> None:
    """Let every node that uses a tensor after it was overwritten use the node that overwrote it."""
    order = {node: i for i, node in enumerate(graph.nodes)}
    for node in graph.nodes:
        if node.op.startswith("call") and operations.in_place(node, modules) and node.args:
            old = node.args[0]
            if isinstance(old, fx.Node):
                later = {user for user in old.users if order[user] > order[node]}
                old.replace_all_uses_with(node, delete_user_cb=later.__contains__)


def _called(network: nn.Module) -> str:
    return f"the network ({type(network).__name__})"


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
