"""Randomisation: networks in which some or all layers have random weights again."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from faceinv.errors import InputError
from faceinv.models.architectures import Network, build, untrained
from faceinv.models.classifiers import Classifier, Model
from faceinv.models.hooks import recorded


def fresh(model: Model, seed: int = 0) -> Model:
    """A copy of a model in which all weights are random, as before training.

    Parameters
    ----------
    model : nn.Module, Classifier or Network
        A Network gets its own initialisation, from which it was trained; the layers of other modules are
        initialised as PyTorch does it.
    seed : of the random weights of other modules

    Raises
    ------
    InputError
        If a module has parameters that it cannot initialise.
    """
    if isinstance(model, Network):
        return untrained(model)
    module = model.module if isinstance(model, Classifier) else model
    return randomised(model, [path for path, _ in _owners(module)], seed)


def randomised(model: Model, layers: Sequence[str], seed: int = 0) -> Model:
    """A copy of a model in which some layers have new random weights.

    Parameters
    ----------
    model : nn.Module, Classifier or Network
    layers : paths of the layers, such as those of `layers_from_output`
    seed : of the random weights

    Returns
    -------
    Model
        Of the same type; statistics of batch normalisations are reset with their weights.

    Raises
    ------
    InputError
        If there is no such layer, or it cannot be initialised.
    """
    if isinstance(model, Network):
        module = copy.deepcopy(model.module)
        # Other weights than the initial ones, from which the trained ones are not far.
        source = build(replace(model.specification, seed=1_000_000 + seed)).module
        for path in layers:
            _submodule(module, path).load_state_dict(source.get_submodule(path).state_dict())
        return Network(model.specification, module)
    if isinstance(model, Classifier):
        return replace(model, module=_reset(model.module, layers, seed))
    return _reset(model, layers, seed)


def layers_from_output(model: Model, images: Tensor) -> list[tuple[str, ...]]:
    """Layers with weights, from the output to the input, each with the normalisation that follows it.

    Parameters
    ----------
    model : nn.Module, Classifier or Network
    images : Tensor, N x C x H x W
        One image or more, which show in which order the layers are computed.

    Returns
    -------
    list of tuple of str
        Paths of layers; a normalisation belongs to the layer before it.
    """
    module = model.module if isinstance(model, Classifier | Network) else model
    order: list[str] = []

    def note(path: str, _: Tensor, output: object) -> None:
        if path not in order:
            order.append(path)

    device = next((value.device for value in module.parameters()), images.device)
    with recorded(module, [path for path, _ in _owners(module)], note), torch.no_grad():
        module(images[:1].detach().to(device).clone())
    groups: list[tuple[str, ...]] = []
    for path in order:
        normalises = isinstance(module.get_submodule(path), nn.modules.batchnorm._BatchNorm)
        if groups and normalises:
            groups[-1] = (*groups[-1], path)
        else:
            groups.append((path,))
    return groups[::-1]


def _owners(module: nn.Module) -> list[tuple[str, nn.Module]]:
    """Modules with parameters of their own, by path."""
    return [
        (path, layer)
        for path, layer in module.named_modules()
        if next(layer.parameters(recurse=False), None) is not None
    ]


def _submodule(module: nn.Module, path: str) -> nn.Module:
    try:
        return module.get_submodule(path)
    except AttributeError as error:
        raise InputError(f"the network has no layer {path!r}; expected a path of named_modules()") from error


def _reset(module: nn.Module, layers: Sequence[str], seed: int) -> nn.Module:
    copied = copy.deepcopy(module)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for path in layers:
            layer = _submodule(copied, path)
            reset = getattr(layer, "reset_parameters", None)
            if reset is None:
                raise InputError(
                    f"layer {path!r} ({type(layer).__name__}) has no reset_parameters(); expected layers "
                    "that can draw their weights again"
                )
            reset()
    return copied
