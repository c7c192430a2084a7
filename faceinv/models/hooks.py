"""Hooks: record the inputs and outputs of layers during a forward pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from torch import Tensor, nn

LayerRecorder = Callable[[str, Tensor, Tensor], None]
"""``record(path of a layer, its input, its output)``."""


@contextmanager
def recorded(module: nn.Module, paths: Iterable[str], record: LayerRecorder) -> Iterator[None]:
    """In this context, call `record` after each forward pass of the named layers.

    Parameters
    ----------
    module : nn.Module
    paths : paths of the layers, as in ``module.named_modules()``
    record : function that is called with a layer's path, first input and output; its result is ignored
    """

    def note(path: str, _: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        record(path, inputs[0], output)

    with ExitStack() as stack:
        for path in paths:
            hook = module.get_submodule(path).register_forward_hook(partial(note, path))
            stack.callback(hook.remove)
        yield
