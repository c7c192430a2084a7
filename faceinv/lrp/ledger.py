"""The ledger: what each layer did with its relevance, written down by the rules while somebody asks for it.

Rules share out all relevance that arrives, except for what biases and the stabiliser of the denominator
absorb. With these written down, arrived = passed on + absorbed, to rounding, wherever a rule fits its layer.
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

    It is summed over all images where a layer may move them to another dimension (`whole`).

    Attributes
    ----------
    layer : the module, or a description of what stands between modules
    arrived : relevance of the layer's outputs
    passed : relevance of the layer's inputs
    absorbed : what biases and the stabiliser took
    amount : sum of the absolute values of relevance on both sides, which rounding is relative to
    whole : whether all images are summed over
    """

    layer: Any
    arrived: float = 0.0
    passed: float = 0.0
    absorbed: float = 0.0
    amount: float = 0.0
    whole: bool = False

    def part(self, tensor: Tensor) -> Tensor:
        """What is summed over, in double precision."""
        return (tensor if self.whole else tensor[:1]).detach().double()

    def add(self, arrived: Sequence[Tensor], passed: Sequence[Tensor]) -> None:
        """Note the relevance of outputs and of inputs."""
        above, below = ([self.part(tensor) for tensor in side] for side in (arrived, passed))
        self.arrived += sum(float(tensor.sum()) for tensor in above)
        self.passed += sum(float(tensor.sum()) for tensor in below)
        self.amount += sum(float(tensor.abs().sum()) for tensor in (*above, *below))


@dataclass
class Ledger:
    """Entries of the layers that carry a rule, in the order of propagation, from the output down."""

    entries: list[LedgerEntry] = field(default_factory=list)


LEDGER: ContextVar[Ledger | None] = ContextVar("ledger", default=None)
"""The ledger, if any, for forward passes that are made now; their backward passes write into it."""

_ENTRY: ContextVar[LedgerEntry | None] = ContextVar("entry", default=None)


def is_kept() -> bool:
    """Whether the rule that runs now should say what it absorbs."""
    return _ENTRY.get() is not None


def absorb(
    relevance: Tensor, sent: Tensor, total: Tensor, bias: Tensor | None = None, factor: float = 1
) -> None:
    """Note what a rule absorbs, if somebody keeps a ledger.

    Parameters
    ----------
    relevance, sent, total : of the same shape
        Relevance that arrived, the first divided by the stabilised denominator, and the denominator itself.
    bias : Tensor, optional
        The part of the denominator that is no input's: of each channel, or of the shape of the others.
    factor : of this part of the rule
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
    """Relevance of the input by a rule, with an entry in the ledger."""
    entry = LedgerEntry(layer, whole=isinstance(layer, Average))
    # Set here and not around the pass, because a GPU's backward pass runs in a thread of its own.
    token = _ENTRY.set(entry)
    try:
        found = propagation(layer, input, output, relevance)
    finally:
        _ENTRY.reset(token)
    entry.add([relevance], found if isinstance(found, tuple) else (found,))
    ledger.entries.append(entry)
    return found
