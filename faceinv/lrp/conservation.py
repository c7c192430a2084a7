"""Conservation: whether each layer passes on all relevance that it receives, checked during propagation.

Rules record the relevance of the output, the relevance of the input, and what biases and stabilisers absorb
(`faceinv.lrp.ledger`). Operations between layers have no rule, and must pass relevance on unchanged. An
addition without a rule does not: its gradient passes all of the relevance to each of its inputs.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from torch import nn
from zennit.core import Hook

from faceinv.errors import InputError
from faceinv.lrp.ledger import LEDGER, Ledger, LedgerEntry
from faceinv.lrp.rules import Rule

EXACT = 1e-5
"""Largest deviation of an operation without a rule, relative to the sum of absolute relevance."""

ROUNDED = 1e-2
"""Largest deviation of a layer with a rule, in which large contributions of both signs may cancel."""


LARGEST = 1e4
"""Largest sum of absolute relevance in a map, relative to the largest absolute logit of the image.

Rules that divide by small sums of large contributions can multiply relevance at every layer. Maps of the
composites of this package are between 0.01 and 30 on trained networks; an explosion is at 1e8 or more. The
largest logit rather than the explained one, because maps of a logit near zero may rightly be large beside it.
"""


class ConservationWarning(UserWarning):
    """A layer lost or added relevance although no rule does, so the map does not explain the logit."""


@contextmanager
def conserving(module: nn.Module) -> Iterator[None]:
    """Check the forward and backward passes made in this context, and warn of the first layer that fails.

    Parameters
    ----------
    module : nn.Module
        A module on which a composite is registered.
    """
    names = {layer: path for path, layer in module.named_modules()}
    ledger = Ledger()
    reached: dict[Any, str] = {}  # the autograd node of each module's output, with the module's path
    carried: set[Any] = set()  # the nodes among them whose module has one of Zennit's hooks

    def note(layer: nn.Module, _: Any, output: Any) -> None:
        step = getattr(output, "grad_fn", None)
        if step is not None:
            reached.setdefault(step, names[layer])
            if _is_hooked(layer):
                carried.add(step)

    def watch(_: nn.Module, __: Any, output: Any) -> None:
        step = getattr(output, "grad_fn", None)
        if step is not None:
            _watch(step, reached, carried, ledger)

    handles = [layer.register_forward_hook(note) for layer in names if layer is not module]
    handles.append(module.register_forward_hook(watch))
    token = LEDGER.set(ledger)
    try:
        yield
    finally:
        LEDGER.reset(token)
        for handle in handles:
            handle.remove()
    failed = first_failure(ledger)
    if failed is not None:
        place = names.get(failed.layer, failed.layer)
        warnings.warn(
            f"relevance is not conserved {place if place == failed.layer else f'in layer {place!r}'}: "
            f"{failed.arrived:.3g} arrives, {failed.passed:.3g} is passed on and biases absorb "
            f"{failed.absorbed:.3g}, so the maps may not explain the network",
            ConservationWarning,
            stacklevel=4,
        )
    elif not carried and is_lost(ledger):
        warnings.warn(
            f"relevance is lost between layers: {ledger.begun:.3g} was propagated, of which biases absorb "
            f"{_absorbed(ledger):.3g} and none reaches the first image, so the maps may not explain the "
            "network",
            ConservationWarning,
            stacklevel=4,
        )


def check_amounts(maps: np.ndarray, start: np.ndarray, contributed: np.ndarray, largest: np.ndarray) -> None:
    """Refuse maps that are out of all proportion to what propagation started from.

    Parameters
    ----------
    maps : ndarray, N x H x W
    start : relevance from which each map was propagated, N
    contributed : what the image contributes to the explained logit, N
    largest : the largest absolute contribution to a logit of the same image, N

    Raises
    ------
    InputError
        If half of the maps or more exceed `LARGEST`, or one is not finite: the rules do not suit the network.

    Warns
    -----
    ConservationWarning
        If other maps exceed it: they are returned, as one odd image must not spoil all others.
    """
    if not len(maps):
        return
    totals = np.abs(maps).sum((1, 2), dtype=np.float64)
    if not np.isfinite(totals).all():
        odd = int(np.argmin(np.isfinite(totals)))
        raise InputError(
            f"relevance of image {odd} is not finite; expected a network with finite logits, and rules that "
            "suit it, such as the composite epsilon-plus-flat"
        )
    # In units of the explained logit whatever the start, and zero where nothing was propagated.
    with np.errstate(divide="ignore", invalid="ignore"):
        amounts = np.nan_to_num(totals * np.abs(contributed) / (np.abs(start) * largest), posinf=np.inf)
    far = amounts > LARGEST
    if 2 * far.sum() >= len(far) > 0:
        raise InputError(
            f"the absolute relevance of an image is {np.median(amounts):.1e} times its largest logit (median "
            f"over images), so the maps do not explain the network; expected at most {LARGEST:.0e}: another "
            "composite, or a larger epsilon, gamma or stabiliser"
        )
    if far.any():
        warnings.warn(
            f"the absolute relevance of {far.sum()} of {len(far)} images, the first of which is image "
            f"{int(np.argmax(far))}, is more than {LARGEST:.0e} times the largest logit, so these maps may "
            "not explain the network",
            ConservationWarning,
            stacklevel=3,
        )


def first_failure(ledger: Ledger) -> LedgerEntry | None:
    """The first entry, from the output down, whose deviation is not explained by biases or rounding."""
    return next((entry for entry in ledger.entries if not is_conserved(entry)), None)


def is_conserved(entry: LedgerEntry) -> bool:
    """Whether all relevance that arrived was passed on or absorbed, up to rounding."""
    bound = EXACT if isinstance(entry.layer, str) else ROUNDED
    return abs(entry.arrived - entry.passed - entry.absorbed) <= bound * entry.amount


def is_lost(ledger: Ledger) -> bool:
    """Whether a map is empty although biases do not absorb what was propagated, beyond rounding.

    Each layer may pass on all that arrives, and yet nothing may arrive at the layer below it. It is not known
    after several propagations, and where a layer records the sum of all images.
    """
    if ledger.begun is None or not ledger.empty or any(entry.whole for entry in ledger.entries):
        return False
    most = max((entry.amount for entry in ledger.entries), default=0.0)
    return abs(ledger.begun - _absorbed(ledger)) > ROUNDED * abs(ledger.begun) + EXACT * most


def _absorbed(ledger: Ledger) -> float:
    return sum(entry.absorbed for entry in ledger.entries)


def _watch(last: Any, reached: dict[Any, str], carried: set[Any], ledger: Ledger) -> None:
    """Record each autograd node between layers with rules in the ledger, from the last node down."""
    seen = {last}
    # Each node with whether it lies in a layer whose hook replaces the gradient, and with the layer above it.
    waiting: list[tuple[Any, bool, str]] = [(last, False, "")]
    while waiting:
        step, inside, above = waiting.pop(0)
        inside = inside or step in carried
        rule = type(step).__name__.startswith("_Step")
        if not inside and not rule and type(step).__name__ != "AccumulateGrad":
            own = reached.get(step)
            place = f"in layer {own!r}" if own is not None else _between(step, above)
            step.register_hook(_writer(ledger, f"{place} ({_operation(step)})"))
        if inside and type(step).__name__ == "IdentityBackward":
            inside = False
        for following, _ in step.next_functions:
            if following is not None and following not in seen:
                seen.add(following)
                waiting.append((following, inside, reached.get(step, above)))


def _between(step: Any, above: str) -> str:
    return f"before layer {above!r}" if above else "before the output"


def _writer(ledger: Ledger, place: str) -> Any:
    def write(inputs: tuple[Any, ...], outputs: tuple[Any, ...]) -> None:
        passed, arrived = ([each for each in side if each is not None] for side in (inputs, outputs))
        if not passed:
            return
        entry = LedgerEntry(place)
        entry.add(arrived, passed)
        if not is_conserved(entry):  # images may lie along another dimension here
            entry = LedgerEntry(place, whole=True)
            entry.add(arrived, passed)
        ledger.entries.append(entry)

    return write


def _is_hooked(layer: nn.Module) -> bool:
    """Whether a layer has one of Zennit's own hooks, which replace the gradient of the whole layer."""
    owners = (getattr(hook, "__self__", None) for hook in layer._forward_pre_hooks.values())
    return any(isinstance(owner, Hook) and not isinstance(owner, Rule) for owner in owners)


def _operation(step: Any) -> str:
    """Name of the operation of an autograd node, such as ``add`` for ``AddBackward0``."""
    return type(step).__name__.partition("Backward")[0].lower()
