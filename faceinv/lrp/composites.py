"""Composites: assignments of LRP rules to layers, by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import Any, TypeAlias, overload

from torch import Tensor, nn
from zennit.core import Composite, Hook
from zennit.types import AvgPool

from faceinv.errors import InputError
from faceinv.lrp import rules
from faceinv.lrp.canonizers import canonizers
from faceinv.lrp.input_bounds import Bounds, first_layer, graph_bounds, network_bounds
from faceinv.lrp.ledger import absorb, is_kept
from faceinv.lrp.module_graph import ModuleGraph
from faceinv.lrp.modules import Add, Normalisation, NormalisedConvolution, NormalisedPooling, Offset, Scale
from faceinv.lrp.operations import ACTIVATIONS
from faceinv.models.architectures import Network
from faceinv.models.heads import output_layer

Override: TypeAlias = str | rules.Propagation | Hook
"""A rule by its name in `faceinv.lrp.rules.RULES`, as a function, or a Zennit hook."""


@dataclass(frozen=True)
class CompositeSpec:
    """The rules of a composite.

    Attributes
    ----------
    description : description in one line
    source : publication that proposed it
    first : rule of the first layer, which takes the image; None for the rule of the other convolutions
    convolution : rule of convolutions
    linear : rule of fully connected layers, and of the output layer of any type
    parameters : parameters of these rules that differ from their defaults
    layers : rules of single layers, by path, and of types of layers
    output : rule of the output layer, if it is another one than `linear`
    unbiased : whether the output layer leaves its bias out (`faceinv.lrp.starts`)
    """

    description: str
    source: str
    first: rules.Propagation | Any
    convolution: rules.Propagation
    linear: rules.Propagation
    parameters: Mapping[str, Any] = field(default_factory=dict)
    layers: Mapping[str | type[nn.Module], Override] = field(default_factory=dict)
    output: rules.Propagation | None = None
    unbiased: bool = False


COMPOSITES: Mapping[str, CompositeSpec] = MappingProxyType(
    {
        "epsilon": CompositeSpec(
            "each input's signed share of the output, in every layer; equals gradient x input without biases",
            "Bach et al. 2015",
            None,
            rules.epsilon,
            rules.epsilon,
        ),
        "epsilon-plus": CompositeSpec(
            "positive contributions only in convolutions, signed shares in fully connected layers",
            "Montavon et al. 2019; Kohlbrenner et al. 2020",
            None,
            rules.z_plus,
            rules.epsilon,
        ),
        "epsilon-plus-flat": CompositeSpec(
            "epsilon-plus, and even shares over each receptive field in the first layer",
            "Lapuschkin et al. 2019; Kohlbrenner et al. 2020",
            rules.flat,
            rules.z_plus,
            rules.epsilon,
        ),
        "epsilon-gamma-box": CompositeSpec(
            "positive contributions favoured by a quarter in convolutions, pixel bounds in the first layer",
            "Montavon et al. 2019; Andéol et al. 2021",
            rules.z_box,
            rules.gamma,
            rules.epsilon,
        ),
        "alpha2-beta1-flat": CompositeSpec(
            "positive contributions twice less negative ones in convolutions, even shares in the first layer",
            "Bach et al. 2015; Kohlbrenner et al. 2020",
            rules.flat,
            rules.alpha_beta,
            rules.epsilon,
        ),
        "deep-taylor": CompositeSpec(
            "positive contributions only, in every layer and without biases, pixel bounds in the first layer",
            "Montavon et al. 2017",
            rules.z_box,
            rules.z_plus_without_bias,
            rules.z_plus_without_bias,
        ),
    }
)
"""Composites by name."""


@overload
def composite(
    name: str | CompositeSpec,
    network: None = None,
    *,
    layers: Mapping[str | type[nn.Module], Override] | None = None,
    **parameters: Any,
) -> CompositeSpec: ...


@overload
def composite(
    name: str | CompositeSpec,
    network: Network | ModuleGraph,
    *,
    layers: Mapping[str | type[nn.Module], Override] | None = None,
    images: Tensor | None = None,
    **parameters: Any,
) -> Composite: ...


def composite(
    name: str | CompositeSpec,
    network: Network | ModuleGraph | None = None,
    *,
    layers: Mapping[str | type[nn.Module], Override] | None = None,
    images: Tensor | None = None,
    **parameters: Any,
) -> CompositeSpec | Composite:
    """A composite with its own parameters or rules, or the Zennit composite that it gives for a network.

    ReLU and max pooling need no rule: their gradient passes relevance to the active unit, and no rule of the
    composites leaves relevance at an inactive one. Where `layers` sets other rules, ReLU passes all relevance
    on. Average pooling and additions distribute relevance in proportion to contributions.

    Parameters
    ----------
    name : one of `COMPOSITES`, or a composite that this function returned
    network : Network or ModuleGraph, optional
        The network to explain; it is not changed until the composite is registered.
    layers : mapping, optional
        Rules of layers, by path (``{"features.0": "flat"}``) or by type (``{nn.Linear: "z-plus"}``), as names
        of `faceinv.lrp.rules.RULES`, functions with the same arguments, or Zennit hooks. As in Zennit, a path
        takes precedence over the composite's rule of the first layer, which takes precedence over a type.
    images : Tensor, N x C x H x W, optional
        The bounds of a ModuleGraph's input are the minimum and the maximum of each channel in these images,
        unless `low` and `high` are given. The bounds of a Network's input are black and white.
    parameters
        Parameters of the composite's rules: `epsilon`, `gamma`, `alpha` and `beta`, `low` and `high` of z-box
        (numbers, or one for each channel, in the network's input), and `stabiliser`, which is added to each
        denominator.

    Returns
    -------
    CompositeSpec, or zennit.core.Composite
        A Zennit composite if a network is given.

    Raises
    ------
    InputError
        If there is no composite of that name, none of its rules has such a parameter, a layer does not exist,
        or no rules are defined for the architecture.

    Examples
    --------
    >>> composite("epsilon-gamma-box", gamma=0.5, low=-1, high=1).parameters["gamma"]
    0.5
    """
    recipe = _parametrised(_named(name), parameters, layers or {})
    if network is None:
        return recipe
    if isinstance(network, ModuleGraph):
        module: nn.Module = network.module
        first = {module.get_submodule(path) for path in network.first}
        before = {module.get_submodule(path) for path in network.before}
        limits = partial(graph_bounds, network, images)
        return _composed(recipe, module, first, before, last_layer(network), limits, [])
    module = network.module
    chosen, limits = canonizers(network.specification.architecture), partial(network_bounds, network)
    return _composed(recipe, module, {first_layer(network)}, set(), last_layer(network), limits, chosen)


def last_layer(network: Network | ModuleGraph) -> nn.Module | None:
    """The last layer with weights, which computes the logits; None if there is none."""
    path = network.last if isinstance(network, ModuleGraph) else output_layer(network.module)
    return None if path is None else network.module.get_submodule(path)


def _named(name: str | CompositeSpec) -> CompositeSpec:
    if isinstance(name, CompositeSpec):
        return name
    if name not in COMPOSITES:
        raise InputError(f"there is no composite {name!r}; expected one of {', '.join(COMPOSITES)}")
    return COMPOSITES[name]


def _parametrised(
    recipe: CompositeSpec, parameters: dict[str, Any], layers: Mapping[str | type[nn.Module], Override]
) -> CompositeSpec:
    overrides = {**recipe.layers, **layers}
    for rule in overrides.values():
        if isinstance(rule, str) and rule not in rules.RULES:
            raise InputError(f"there is no rule {rule!r}; expected one of {', '.join(rules.RULES)}")
    own = [recipe.first, recipe.convolution, recipe.linear]
    functions = [*own, *(_function(rule) for rule in overrides.values()), rules.share]
    known = sorted({each for rule in functions if rule is not None for each in _parameters(rule)})
    for key in parameters:
        if key not in known:
            raise InputError(
                f"no rule of the composite has a parameter {key!r}; expected one of {', '.join(known)}"
            )
    whole = {**recipe.parameters, **parameters}
    if whole.get("alpha", 2) - whole.get("beta", 1) != 1:
        raise InputError(
            f"alpha is {whole.get('alpha', 2)} and beta {whole.get('beta', 1)}; expected a difference of one "
            "for relevance to be conserved"
        )
    for key in {"epsilon", "gamma", "stabiliser"} & whole.keys():
        if not whole[key] >= 0:
            raise InputError(f"{key} is {whole[key]}; expected a number that is not negative")
    return replace(recipe, parameters=whole, layers=overrides)


def _composed(
    recipe: CompositeSpec,
    module: nn.Module,
    first: Collection[nn.Module],
    before: Collection[nn.Module],
    last: nn.Module | None,
    bounds: Callable[[Mapping[str, Any]], Mapping[nn.Module, Bounds]],
    canonizers: list[Any],
) -> Composite:
    """The Zennit composite of a recipe for a module whose layers are known."""
    paths = dict(module.named_modules())
    for path in recipe.layers:
        if isinstance(path, str) and path not in paths:
            raise InputError(
                f"the network has no layer {path!r}; expected a path such as {_example(paths)!r}"
            )
    types = [(kind, rule) for kind, rule in recipe.layers.items() if not isinstance(kind, str)]
    first_rule = recipe.first or recipe.convolution
    boxed = [first_rule, *(_function(rule) for rule in recipe.layers.values())]
    limits = bounds(recipe.parameters) if rules.z_box in boxed else {}

    def hook(rule: Override, layer: nn.Module) -> Hook:
        if isinstance(rule, Hook):
            return rule
        function = _function(rule)
        if function is rules.z_box:
            if layer not in first:
                raise InputError(
                    "the z-box rule is only for a layer that takes the image; expected another rule"
                )
            low, high = limits[layer]
            function = partial(function, low=low, high=high)
        propagation = _bound(function, recipe.parameters)
        if isinstance(layer, NormalisedConvolution):
            propagation = partial(_normalised, propagation)
        if recipe.unbiased and layer is last:
            propagation = rules.without_bias(propagation)
        return rules.Rule(propagation)

    def rule(context: dict[str, Any], path: str, layer: nn.Module) -> Hook | None:
        if path in recipe.layers:
            return hook(recipe.layers[path], layer)
        if layer in first:
            return hook(first_rule, layer)
        for kind, override in types:
            if isinstance(layer, kind):
                return hook(override, layer)
        if layer is last:
            return hook(recipe.output or recipe.linear, layer)
        if isinstance(layer, nn.Linear):
            return hook(recipe.linear, layer)
        if isinstance(layer, nn.Conv2d | NormalisedConvolution):
            return hook(recipe.convolution, layer)
        if isinstance(layer, NormalisedPooling):
            return rules.Rule(_normalised_pooling)
        if isinstance(layer, Add):
            return hook(rules.share, layer)
        if isinstance(layer, (*ACTIVATIONS, Scale, Normalisation)) or (
            isinstance(layer, Offset) and layer in before
        ):
            return rules.Rule(rules.identity)
        if isinstance(layer, nn.ReLU) and recipe.layers:
            return rules.Rule(rules.identity)
        if isinstance(layer, Offset):
            return hook(rules.offset, layer)
        return hook(rules.average, layer) if isinstance(layer, AvgPool | nn.Upsample) else None

    return Composite(module_map=rule, canonizers=canonizers)


def _function(rule: Override) -> Callable[..., Any] | None:
    if isinstance(rule, Hook):
        return None
    return rules.RULES[rule] if isinstance(rule, str) else rule


def _parameters(rule: Callable[..., Any]) -> list[str]:
    """Parameters of a rule, apart from the four arguments that all rules share."""
    return list(inspect.signature(rule).parameters)[4:]


def _bound(rule: Any, parameters: Mapping[str, Any]) -> Any:
    own = {key: value for key, value in parameters.items() if key in _parameters(rule)}
    own = {key: value for key, value in own.items() if key not in ("low", "high")}
    return partial(rule, **own) if own else rule


def _example(paths: Mapping[str, nn.Module]) -> str:
    return next((path for path, layer in paths.items() if isinstance(layer, nn.Conv2d | nn.Linear)), "0")


def _normalised(
    convolution: rules.Propagation,
    layer: NormalisedConvolution,
    input: Tensor,
    output: Tensor,
    relevance: Tensor,
) -> Tensor:
    rule = getattr(convolution, "func", convolution)
    seen = layer.seen(input)
    # Both rules divide by the output, or by more than it, so the shift must be in the denominator.
    if rule is rules.gamma or (rule is rules.epsilon and is_kept()):
        layer = layer.shifted(input)
    return convolution(layer, seen, output, relevance)


def _normalised_pooling(layer: NormalisedPooling, input: Tensor, output: Tensor, relevance: Tensor) -> Tensor:
    sent = relevance / (output + rules.STABILISER)
    absorb(relevance, sent, output, layer.offset(input) if is_kept() else None)
    return layer.contributions(input) * sent[:, :, None, None]
