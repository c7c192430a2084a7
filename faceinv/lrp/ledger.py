"""The ledger: a record, made by the rules on request, of what each layer did with its relevance.

Rules distribute all relevance that arrives, except for what biases and the stabiliser of the denominator
absorb. So arrived = passed on + absorbed, up to rounding, in every layer whose rule is correct.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor, nn

from faceinv.lrp.modules import Average


@dataclass
class LedgerEntry:
    """The relevance of one layer in one backward pass, summed over the first image of a batch.

    It is summed over all images if the layer may move them to another dimension (`whole`).

    Attributes
    ----------
    layer : the module, or a description of an operation between modules
    arrived : relevance of the layer's outputs
    passed : relevance of the layer's inputs
    absorbed : relevance absorbed by biases and the stabiliser
    amount : sum of absolute relevance of inputs and outputs, to which rounding errors are relative
    whole : whether the sum is over all images
    """

    layer: Any
    arrived: float = 0.0
    passed: float = 0.0
    absorbed: float = 0.0
    amount: float = 0.0
    whole: bool = False

    def part(self, tensor: Tensor) -> Tensor:
        """The part of a tensor that is summed, in double precision."""
        return (tensor if self.whole else tensor[:1]).detach().double()

    def add(self, arrived: Sequence[Tensor], passed: Sequence[Tensor]) -> None:
        """Add the relevance of outputs and of inputs."""
        above, below = ([self.part(tensor) for tensor in side] for side in (arrived, passed))
        self.arrived += sum(float(tensor.sum()) for tensor in above)
        self.passed += sum(float(tensor.sum()) for tensor in below)
        self.amount += sum(float(tensor.abs().sum()) for tensor in (*above, *below))


@dataclass
class Ledger:
    """What became of relevance on its way from the output to the image.

    Attributes
    ----------
    entries : layers with a rule, in the order of propagation, from the output down
    begun : relevance from which the map of the first image was propagated; None where several propagations
        were combined to one map
    empty : whether that map is zero everywhere
    """

    entries: list[LedgerEntry] = field(default_factory=list)
    begun: float | None = None
    empty: bool = False


LEDGER: ContextVar[Ledger | None] = ContextVar("ledger", default=None)
"""The ledger of the current context, if any: backward passes of forward passes made in it are recorded."""

_ENTRY: ContextVar[LedgerEntry | None] = ContextVar("entry", default=None)


def is_kept() -> bool:
    """Whether the rule that is running should record what it absorbs."""
    return _ENTRY.get() is not None


def absorb(
    relevance: Tensor, sent: Tensor, total: Tensor, bias: Tensor | None = None, factor: float = 1
) -> None:
    """Record what a rule absorbs, if there is a ledger.

    Parameters
    ----------
    relevance, sent, total : tensors of the same shape
        Relevance that arrived, relevance divided by the stabilised denominator, and the denominator.
    bias : Tensor, optional
        The part of the denominator that comes from no input: one value per channel, or of the same shape.
    factor : weight of this part of the rule
    """
    entry = _ENTRY.get()
    if entry is None:
        return
    relevance, sent, total = (entry.part(tensor) for tensor in (relevance, sent, total))
    entry.absorbed += factor * float((relevance - sent * total).sum())
    if bias is not None:
        placed = entry.part(bias if bias.ndim == sent.ndim else bias.view(1, -1, *(1,) * (sent.ndim - 2)))
        entry.absorbed += factor * float((sent * placed).sum())


def booked(
    ledger: Ledger,
    propagation: Callable[..., Any],
    layer: nn.Module,
    input: Any,
    output: Tensor,
    relevance: Tensor,
) -> Any:
    """Relevance of the input by a rule, recorded in the ledger."""
    entry = LedgerEntry(layer, whole=isinstance(layer, Average))
    # Set here and not around the pass, because on a GPU the backward pass runs in another thread.
    token = _ENTRY.set(entry)
    try:
        found = propagation(layer, input, output, relevance)
    finally:
        _ENTRY.reset(token)
    entry.add([relevance], found if isinstance(found, tuple) else (found,))
    ledger.entries.append(entry)
    return found
