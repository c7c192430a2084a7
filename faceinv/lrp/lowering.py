"""Lowering: replace each operation of a traced network by a module that has a rule, or refuse it."""

from __future__ import annotations

import operator
from functools import partial
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn import functional as F

from faceinv.errors import InputError
from faceinv.lrp import layers, operations
from faceinv.lrp.modules import (
    Add,
    Average,
    Normalisation,
    NormalisedConvolution,
    NormalisedPooling,
    Offset,
    Scale,
    StackedSum,
)

_OUTPUTS = ("Softmax", "LogSoftmax", "Sigmoid", "LogSigmoid", "softmax", "log_softmax", "sigmoid")


class Lowering:
    """Rewrites a traced graph as a graph of modules, in place.

    Parameters
    ----------
    graph, root : the graph and the network that it was traced from, a copy that may be modified
    values : value of each node for an example
    complete : see `faceinv.lrp.module_graph.module_graph`

    Attributes
    ----------
    first, before, last : see `faceinv.lrp.module_graph.ModuleGraph`
    """

    def __init__(self, graph: fx.Graph, root: nn.Module, values: dict[fx.Node, Any], complete: bool) -> None:
        self.graph, self.root, self.values, self.complete = graph, root, values, complete
        self.modules: dict[str, nn.Module] = {}
        self.first: set[str] = set()
        self.before: set[str] = set()
        self.last: str | None = None

    def run(self) -> fx.GraphModule:
        """Rewrite the graph; returns the graph of modules."""
        followed = self._dependent()
        for node in list(self.graph.nodes):
            if node.op == "call_module":
                self._layer(node)
            elif node.op.startswith("call") and node in followed:
                self._function(node, followed)
        if self.complete:
            for node in list(self.graph.nodes):
                if isinstance(self._module(node), nn.modules.batchnorm._BatchNorm):
                    self._unmerged(node)
        for node in reversed(list(self.graph.nodes)):
            if not node.users and node.op not in ("placeholder", "output"):
                self.graph.erase_node(node)
        self._order()
        return self._assembled()

    def _dependent(self) -> set[fx.Node]:
        """Nodes whose values depend on the image; all others are constants or shapes."""
        found: set[fx.Node] = set()
        for node in self.graph.nodes:
            given = node.op == "placeholder" or any(each in found for each in node.all_input_nodes)
            if given and _is_tensor(self.values[node]):
                found.add(node)
        return found

    def _module(self, node: fx.Node) -> nn.Module | None:
        return self.modules.get(str(node.target)) if node.op == "call_module" else None

    def _layer(self, node: fx.Node) -> None:
        layer = self.root.get_submodule(str(node.target))
        path = str(node.target).removeprefix("network.")
        if not self.complete:
            self._place(node, path, layers.twin(layer))
            return
        if isinstance(layer, operations.WITHOUT_EFFECT):
            self._skip(node)
            return
        if not isinstance(layer, operations.LAYERS) or getattr(layer, "return_indices", False):
            raise _refused(f"{path!r} is a {type(layer).__name__}", type(layer).__name__)
        self._place(node, path, layers.twin(layer))
        if isinstance(layer, nn.Linear) and self.values[node].ndim != 2:
            raise _refused(f"{path!r} is a Linear on a tensor of {self.values[node].ndim} dimensions")
        if isinstance(layer, nn.Conv2d):
            self._pad(node)
        if isinstance(layer, operations.NORMALISATIONS):
            self._normalise(node, self._statistics(layer, path))

    def _function(self, node: fx.Node, followed: set[fx.Node]) -> None:
        name = operations.called(node)
        arguments, options = node.args[1:], dict(node.kwargs)
        first = node.args[0] if node.args else node.kwargs.get("input")
        if name in ("add", "sub", "mul", "div", "neg"):
            self._arithmetic(node, name, followed)
            return
        if operations.moves(node):
            return
        own = followed.intersection(node.all_input_nodes) == {first}
        if own and isinstance(first, fx.Node):
            options.pop("input", None)
            given = fx.node.map_arg(arguments, lambda each: self.values[each])
            chosen = fx.node.map_arg(options, lambda each: self.values[each])
            made: nn.Module | None = operations.averaged(name, given, chosen, self.values[first].ndim)
            made = made or operations.activation(name, given, chosen)
            if made is not None:
                self._call(node, name, made, first)
                return
            if self.complete and name == "dropout":
                usual = node.target not in (F.alpha_dropout, F.feature_alpha_dropout)
                training = given[1] if len(given) > 1 else usual
                if chosen.get("training", chosen.get("train", training)):
                    raise _refused(f"{self._place_of(node)} applies dropout in evaluation mode too")
                self._skip(node)
                return
            if self.complete and name in ("linear", "conv2d", "batch_norm"):
                self._weighted(node, name, first, given, chosen)
                return
        if self.complete:
            raise _refused(f"{self._place_of(node)} calls {name}", name)

    def _arithmetic(self, node: fx.Node, name: str, followed: set[fx.Node]) -> None:
        given: list[Any] = [node.kwargs.get("input"), *node.args, node.kwargs.get("other")]
        operands = [each for each in given if each is not None]
        images = [each for each in operands if isinstance(each, fx.Node) and each in followed]
        if node.kwargs.get("alpha", 1) != 1 or "rounding_mode" in node.kwargs:
            images = []
        if name == "add" and len(images) == 2:
            self._addition(node, images)
            return
        if not self.complete:
            return
        image = images[0] if len(images) == 1 else None
        other = next((each for each in operands if each is not image), 1.0)
        constant = self.values[other] if isinstance(other, fx.Node) else other
        if image is None or not isinstance(constant, int | float | Tensor):
            raise _refused(f"{self._place_of(node)} calls {name} on several activations", name)
        if operands[0] is not image and name in ("sub", "div"):
            raise _refused(f"{self._place_of(node)} calls {name} on a constant and an activation", name)
        value = torch.as_tensor(constant, dtype=self.values[image].dtype, device=self.values[image].device)
        if torch.broadcast_shapes(value.shape, self.values[image].shape) != self.values[image].shape:
            raise _refused(f"{self._place_of(node)} calls {name} with a constant of a larger shape", name)
        if name in ("add", "sub"):
            made: nn.Module = Offset(value if name == "add" else -value)
        else:
            made = Scale({"mul": value, "div": 1 / value, "neg": -torch.ones_like(value)}[name])
        self._call(node, name, made, image)

    def _addition(self, node: fx.Node, images: list[fx.Node]) -> None:
        if self.complete:
            self._call(node, "add", Add(), *images)
            return
        self._call(node, "add", StackedSum(), self._before(node, _stacked, *images))

    def _weighted(
        self, node: fx.Node, name: str, first: fx.Node, given: tuple[Any, ...], options: dict[str, Any]
    ) -> None:
        """Replace a convolution, fully connected layer or normalisation that is called as a function."""
        names = {
            "linear": ("weight", "bias"),
            "conv2d": ("weight", "bias", "stride", "padding", "dilation", "groups"),
            "batch_norm": ("running_mean", "running_var", "weight", "bias", "training", "momentum", "eps"),
        }[name]
        known = dict(zip(names, given, strict=False)) | options
        if name == "batch_norm":
            if known.get("training", False):
                raise _refused(f"{self._place_of(node)} normalises by statistics of the batch")
            mean, variance, weight, bias = (known.get(each) for each in names[:4])
            if mean is None or variance is None:
                raise _refused(f"{self._place_of(node)} normalises by statistics of the batch")
            layer = layers.batch_norm(mean, variance, weight, bias, known.get("eps", 1e-5))
            self._call(node, name, layer, first)
            self._normalise(node, layer)
            return
        self._call(node, name, (layers.linear if name == "linear" else layers.convolution)(**known), first)
        if name == "conv2d":
            self._pad(node)

    def _pad(self, node: fx.Node) -> None:
        """Make padding a separate operation unless it is by zeros and symmetric, which the rules assume."""
        layer: Any = self._module(node)
        mode, both = layer.padding_mode, layer._reversed_padding_repeated_twice
        even = all(both[i] == both[i + 1] for i in range(0, len(both), 2))
        if layer.padding == "valid":
            layer.padding = (0, 0)
        elif mode == "zeros" and even:
            layer.padding = layer.padding if layer.padding != "same" else (both[2], both[0])
        elif any(both):
            image = node.all_input_nodes[0]
            kind = "constant" if mode == "zeros" else mode
            node.args = (self._before(node, F.pad, image, list(both), mode=kind),)
            layer.padding, layer.padding_mode = (0, 0), "zeros"

    def _statistics(self, layer: Any, path: str) -> nn.BatchNorm2d:
        if layer.running_mean is None:
            raise _refused(f"{path!r} normalises by statistics of the batch")
        return layers.batch_norm(layer.running_mean, layer.running_var, layer.weight, layer.bias, layer.eps)

    def _normalise(self, node: fx.Node, layer: nn.BatchNorm2d) -> None:
        """Merge a normalisation into the layer before it, if that has weights."""
        self.modules[str(node.target)] = layer
        previous = node.all_input_nodes[0]
        linear = self._module(previous)
        if isinstance(linear, nn.Conv2d | nn.Linear):
            path = str(previous.target)
            self.modules.pop(str(node.target))
            node.args = previous.args
            if not previous.users:
                self.graph.erase_node(previous)
                self.modules.pop(path)
            self._place(node, path, layers.merged(linear, layer))

    def _unmerged(self, node: fx.Node) -> None:
        """Combine a normalisation with the ReLU and the convolutions or average after it, if it has such."""
        layer: Any = self._module(node)
        image = node.all_input_nodes[0]
        units = list(node.users)
        users = [user for unit in units for user in unit.users]
        if (
            users
            and self.values[image].ndim == 4
            and all(isinstance(self._module(unit), nn.ReLU) for unit in units)
            and all(isinstance(self._module(user), nn.Conv2d) or self._is_mean(user) for user in users)
        ):
            for user in users:
                following: Any = self._module(user)
                if isinstance(following, nn.Conv2d):
                    self.modules[str(user.target)] = NormalisedConvolution(layer, following, own=True)
                else:
                    self.modules[str(user.target)] = NormalisedPooling(layer, own=True)
                    if self.values[user].ndim == 4:
                        with self.graph.inserting_after(user):
                            wide = self.graph.call_function(_widened, (user,))
                        user.replace_all_uses_with(wide, delete_user_cb=partial(operator.is_not, wide))
                user.args, user.kwargs = (image,), {}
        else:
            self.modules[str(node.target)] = Normalisation(layer)

    def _is_mean(self, node: fx.Node) -> bool:
        module = self._module(node)
        if isinstance(module, Average):
            size = (*module.arguments, module.options.get("output_size"))[0]
            return module.places or (module.function is F.adaptive_avg_pool2d and size in (1, (1, 1), [1, 1]))
        return type(module) is nn.AdaptiveAvgPool2d and module.output_size in (1, (1, 1))

    def _skip(self, node: fx.Node) -> None:
        node.replace_all_uses_with(node.all_input_nodes[0])
        self.graph.erase_node(node)

    def _place(self, node: fx.Node, path: str, layer: nn.Module) -> None:
        """Let a node call a module, under a path that is still free."""
        free, count = path, 1
        while free in self.modules:
            count += 1
            free = f"{path}_{count}"
        self.modules[free] = layer
        node.target = free

    def _call(self, node: fx.Node, name: str, layer: nn.Module, *arguments: Any) -> None:
        """Let a node call a module, under the path of the module whose code made the call and a name."""
        node.op, node.args, node.kwargs = "call_module", arguments, {}
        self._place(node, ".".join(part for part in (self._owner(node), name) if part), layer)

    def _before(self, node: fx.Node, function: Any, image: Any, *arguments: Any, **options: Any) -> fx.Node:
        with self.graph.inserting_before(node):
            return self.graph.call_function(function, (image, *arguments), options)

    def _owner(self, node: fx.Node) -> str:
        """Path of the module whose code made the call of a node."""
        stack = node.meta.get("nn_module_stack") or {"": None}
        return str(list(stack)[-1]).removeprefix("network").removeprefix(".")

    def _place_of(self, node: fx.Node) -> str:
        owner = self._owner(node)
        return repr(owner) if owner else "the network"

    def _order(self) -> None:
        """Find the first layers with weights, the modules before them, and the last layer with weights."""
        below: set[fx.Node] = set()
        for node in self.graph.nodes:
            inner = any(each in below for each in node.all_input_nodes)
            weighted = isinstance(self._module(node), nn.Conv2d | nn.Linear | NormalisedConvolution)
            if node.op == "call_module" and not inner:
                (self.first if weighted else self.before).add(str(node.target))
            if weighted:
                self.last = str(node.target)
            if weighted or inner:
                below.add(node)

    def _assembled(self) -> fx.GraphModule:
        root = nn.Module()
        for node in self.graph.nodes:
            if node.op == "call_module":
                _set(root, str(node.target), self.modules[str(node.target)])
            elif node.op == "get_attr":
                path, found = f"constant_{node.name}", self.values[node]
                root.register_buffer(path, found.detach())
                node.target = path
        self.graph.lint()
        module = fx.GraphModule(root, self.graph)
        return module.eval()


def _refused(what: str, name: str = "") -> InputError:
    hint = "; pass the network without it, up to its logits" if name in _OUTPUTS else ""
    return InputError(
        f"{what}, for which there is no LRP rule{hint}; expected convolutions, fully connected "
        "layers, batch normalisations, poolings, additions and activations such as ReLU"
    )


def _is_tensor(value: Any) -> bool:
    if isinstance(value, tuple | list):
        return any(_is_tensor(each) for each in value)
    return isinstance(value, Tensor) and value.is_floating_point()


def _stacked(first: Tensor, second: Tensor) -> Tensor:
    return torch.stack(torch.broadcast_tensors(first, second), -1)


def _widened(input: Tensor) -> Tensor:
    return input[:, :, None, None]


def _set(root: nn.Module, path: str, layer: nn.Module) -> None:
    """Register a module at a path, with empty parent modules where they are missing."""
    *above, name = path.split(".")
    for part in above:
        if part not in dict(root.named_children()):
            root.add_module(part, nn.Module())
        root = root.get_submodule(part)
    root.add_module(name, layer)
