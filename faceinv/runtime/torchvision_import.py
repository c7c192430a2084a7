"""Import torchvision without importing PyTorch's compiler: ``with without_dynamo(): import torchvision``.

One function of torchvision's detection models asks the compiler whether a device is supported, so that
importing torchvision also imports the compiler and SymPy, which takes as long as importing PyTorch itself.
Every chapter and each of its workers would pay for that. Here the compiler is imported only when that
function is called.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

COMPILER = "torch._dynamo"
COMPILER_UTILS = "torch._dynamo.utils"
"""The submodule that torchvision imports from."""


@contextmanager
def without_dynamo() -> Iterator[None]:
    """While active, imports of the compiler get a stand-in, which loads the compiler when first used."""
    if COMPILER in sys.modules:
        yield
        return
    names = {COMPILER: _StandIn(COMPILER), COMPILER_UTILS: _StandIn(COMPILER_UTILS)}
    names[COMPILER_UTILS].is_compile_supported = _is_compile_supported  # type: ignore[attr-defined]
    sys.modules.update(names)
    try:
        yield
    finally:
        _remove_stand_ins()


class _StandIn(ModuleType):
    """A module that is replaced by the real one on the first access to an attribute that it lacks."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        folder = Path(torch.__file__).parents[1].joinpath(*name.split("."))
        self.__path__ = [str(folder)] if folder.is_dir() else []  # submodules are the real ones

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # looked up by the import system itself
            raise AttributeError(name)
        _remove_stand_ins()
        return getattr(import_module(self.__name__), name)


def _remove_stand_ins() -> None:
    """Remove the remaining stand-ins from `sys.modules`."""
    for name in (COMPILER, COMPILER_UTILS):
        if isinstance(sys.modules.get(name), _StandIn):
            del sys.modules[name]


def _is_compile_supported(device: Any) -> Any:
    return import_module(COMPILER_UTILS).is_compile_supported(device)
