"""Importing torchvision without PyTorch's compiler: ``with uncompiled(): import torchvision``.

One function of torchvision's detectors asks the compiler a question, so that whoever imports torchvision
waits for the compiler and for the algebra that it is written in: as long as for PyTorch itself. Every chapter
and each of its workers would. Here the question is answered when it is put.
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
ASKED = "torch._dynamo.utils"
"""The module of it that torchvision imports from."""


@contextmanager
def without_dynamo() -> Iterator[None]:
    """Within it, what imports the compiler gets something that becomes the compiler when it is used."""
    if COMPILER in sys.modules:
        yield
        return
    names = {COMPILER: _StandIn(COMPILER), ASKED: _StandIn(ASKED)}
    names[ASKED].is_compile_supported = _is_compile_supported  # type: ignore[attr-defined]
    sys.modules.update(names)
    try:
        yield
    finally:
        _leave()


class _StandIn(ModuleType):
    """A module that gives way to the real one as soon as it is asked for anything that it has not."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        folder = Path(torch.__file__).parents[1].joinpath(*name.split("."))
        self.__path__ = [str(folder)] if folder.is_dir() else []  # its modules are the real ones

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # the import system's own questions
            raise AttributeError(name)
        _leave()
        return getattr(import_module(self.__name__), name)


def _leave() -> None:
    """Remove the stand-ins that are still there."""
    for name in (COMPILER, ASKED):
        if isinstance(sys.modules.get(name), _StandIn):
            del sys.modules[name]


def _is_compile_supported(device: Any) -> Any:
    return import_module(ASKED).is_compile_supported(device)
