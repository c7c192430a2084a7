"""Time to compute relevance maps, as a multiple of the plain forward pass of the same images.

In each round, for each composite and network, the same batch is explained by faceinv, by Zennit's composite
of the same rules, and by Captum's LRP. A forward pass is timed directly before each of them, and the median
of the ratios is shown, so that other load on the machine affects both equally. From the number of passes, the
epsilon rule should take 2 (forward, backward), rules of positive contributions and gamma 3 (one more,
modified forward pass), and alpha-beta 5 (two modified forward and two backward passes).

Captum has neither flat nor box rules, nor alpha 2 beta 1, nor canonizers; the column `captum rules` lists the
rules that are measured instead. Networks are a quarter as wide as torchvision's, with random weights.
"""

from __future__ import annotations

import copy
import inspect
import json
import platform
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import click
import numpy as np
import pandas as pd
import torch
from captum.attr import LRP
from captum.attr._utils.lrp_rules import Alpha1_Beta0_Rule, EpsilonRule, GammaRule
from torch import nn
from zennit import composites as zennit_composites
from zennit.attribution import Gradient
from zennit.core import Composite
from zennit.rules import AlphaBeta, Epsilon, Flat, Gamma, ZBox, ZPlus
from zennit.torchvision import VGGCanonizer
from zennit.types import Convolution, Linear

from faceinv.lrp import rules
from faceinv.lrp.composites import COMPOSITES, CompositeSpec
from faceinv.lrp.input_bounds import bounds
from faceinv.lrp.relevance import relevance
from faceinv.models.architectures import Network, Specification, build
from faceinv.runtime.kept_memory import kept_memory

CLASSES = tuple("abcdefghij")

CAPTUM: Mapping[Callable[..., Any], tuple[str, Callable[[], Any]]] = {
    rules.epsilon: ("epsilon", EpsilonRule),
    rules.z_plus: ("alpha 1 beta 0", Alpha1_Beta0_Rule),
    rules.z_plus_without_bias: (
        "alpha 1 beta 0 without bias",
        partial(Alpha1_Beta0_Rule, set_bias_to_zero=True),
    ),
    rules.alpha_beta: ("alpha 1 beta 0 (no beta)", Alpha1_Beta0_Rule),
    rules.gamma: ("gamma", GammaRule),
}
"""Captum's most similar rule for convolutions and fully connected layers; it has none for first layers."""

ZENNIT: Mapping[Callable[..., Any], Callable[..., Any]] = {
    rules.epsilon: Epsilon,
    rules.z_plus: ZPlus,
    rules.z_plus_without_bias: partial(ZPlus, zero_params="bias"),
    rules.alpha_beta: AlphaBeta,
    rules.gamma: Gamma,
    rules.flat: Flat,
    rules.z_box: ZBox,
}
"""Zennit's rules."""


def zennit_composite(recipe: CompositeSpec, network: Network) -> Composite:
    """Zennit's own rules of a composite, with its parameters, and Zennit's canonizer."""
    low, high = bounds(network)

    def hook(rule: Callable[..., Any]) -> Any:
        known = inspect.signature(rule).parameters
        own = {key: value for key, value in recipe.parameters.items() if key in known}
        if "stabiliser" in own:
            own["stabilizer"] = own.pop("stabiliser")  # Zennit's spelling
        if rule is rules.z_box:
            for key, usual in (("low", low), ("high", high)):
                value = torch.as_tensor(own.get(key, usual), dtype=usual.dtype)
                own[key] = value.reshape(1, -1, 1, 1).expand_as(usual)
        return ZENNIT[rule](**own)

    return zennit_composites.SpecialFirstLayerMapComposite(
        [
            *zennit_composites.layer_map_base(),
            (Convolution, hook(recipe.convolution)),
            (Linear, hook(recipe.linear)),
        ],
        [(Convolution, hook(recipe.first or recipe.convolution))],
        canonizers=[VGGCanonizer()],
    )


def by_zennit(network: Network, name: str, inputs: torch.Tensor, targets: torch.Tensor) -> Callable[[], None]:
    """A function that explains the images by Zennit."""
    module = copy.deepcopy(network.module).requires_grad_(False)
    chosen = zennit_composite(COMPOSITES[name], network)
    starts = nn.functional.one_hot(targets, len(CLASSES))

    def run() -> None:
        with Gradient(module, chosen) as attribute:
            attribute(inputs.clone(), lambda logits: logits * starts)

    return run


def by_captum(network: Network, name: str, inputs: torch.Tensor, targets: torch.Tensor) -> Callable[[], None]:
    """A function that explains the images by Captum."""
    module = copy.deepcopy(network.module).requires_grad_(False)
    recipe = COMPOSITES[name]
    convolution, linear = CAPTUM[recipe.convolution][1], CAPTUM[recipe.linear][1]

    def run() -> None:
        for layer in module.modules():
            if isinstance(layer, nn.Conv2d):
                layer.rule = convolution()
            elif isinstance(layer, nn.Linear):
                layer.rule = linear()
            elif isinstance(layer, nn.Identity):  # for which Captum has no default rule
                layer.rule = EpsilonRule()
        LRP(module).attribute(inputs.clone().requires_grad_(), target=targets)

    return run


def measure(architecture: str, images: int, size: int, repeats: int) -> tuple[float, pd.DataFrame]:
    """Seconds of a forward pass, and a table of multiples of it, one row per composite."""
    network = build(Specification(architecture, CLASSES, width=0.25, size=size))
    random = torch.Generator().manual_seed(0)
    inputs = torch.randn(images, 3, size, size, generator=random).clamp(-2, 2)
    inputs = inputs.contiguous(memory_format=torch.channels_last)
    targets = torch.arange(images) % len(CLASSES)
    calls: dict[tuple[str, str], Callable[[], Any]] = {}
    for name in COMPOSITES:
        calls[name, "faceinv"] = partial(relevance, network, inputs, targets.numpy(), name, batch=images)
        calls[name, "zennit"] = by_zennit(network, name, inputs, targets)
        calls[name, "captum"] = by_captum(network, name, inputs, targets)
    forward: list[float] = []
    ratios: dict[tuple[str, str], list[float]] = {key: [] for key in calls}
    for turn in range(repeats + 1):
        for key, call in calls.items():
            plain, explained = seconds(lambda: network.logits(inputs, images)), seconds(call)
            if turn:  # the first round warms up
                forward.append(plain)
                ratios[key].append(explained / plain)
    rows = [
        {"composite": name}
        | {who: float(np.median(ratios[name, who])) for who in ("faceinv", "zennit", "captum")}
        | {"captum rules": f"{CAPTUM[recipe.convolution][0]}, {CAPTUM[recipe.linear][0]}"}
        for name, recipe in COMPOSITES.items()
    ]
    return float(np.median(forward)), pd.DataFrame(rows)


def seconds(call: Callable[[], Any]) -> float:
    """Duration of a call in seconds."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


@click.command(help=__doc__)
@click.option(
    "--network",
    "networks",
    multiple=True,
    default=("vgg16", "vgg16_bn"),
    help="VGG to explain; can be repeated.",
)
@click.option("--images", default=64, show_default=True, help="Number of images in the batch.")
@click.option("--size", default=64, show_default=True, help="Height and width of the images in pixels.")
@click.option("--repeats", default=5, show_default=True, help="Number of rounds, after one to warm up.")
@click.option("--threads", default=1, show_default=True, help="Number of threads of PyTorch.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
def main(
    networks: tuple[str, ...], images: int, size: int, repeats: int, threads: int, as_json: bool
) -> None:
    torch.set_num_threads(threads)
    result: dict[str, Any] = {
        "images": images,
        "size": size,
        "threads": threads,
        "machine": platform.machine(),
        "torch": torch.__version__,
        "networks": {},
    }
    for architecture in networks:
        with kept_memory():  # as computations of the book do; all three libraries are faster with it
            forward, table = measure(architecture, images, size, repeats)
        if as_json:
            rows = table.set_index("composite").to_dict(orient="index")
            result["networks"][architecture] = {"forward_seconds": forward, "cost": rows}
        else:
            click.echo(
                f"\n{architecture}: multiples of a forward pass ({images} images, {1000 * forward:.0f} ms)\n"
            )
            click.echo(table.to_string(index=False, float_format="%.2f"))
    if as_json:
        click.echo(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
