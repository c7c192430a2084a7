"""Devices: where networks are trained, asked and explained, decided in one place.

The environment variable ``FACEINV_DEVICE`` names the device (``cpu``, ``cuda``, ``cuda:1``, ``mps``); without
it, or with ``auto``, a GPU is taken if there is one. Commands set it from ``--device``, so that the kernels
of chapters, papermill and the workers of a grid follow. With several GPUs and no number, each worker takes
one that no other worker holds (see `faceinv.runtime.core_slots`).

A module carries its device with it: networks are placed when they are built, and whatever is computed with
one moves its inputs there and its results back. The keys of cached results do not name the device, so that a
laptop can read what a GPU has computed: answers and relevance differ by rounding alone, and a network that
learned with another rounding is another network of the same kind, as with another seed. The precision in
which networks learn is in their recipe, and so in the key.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import torch
from torch import Tensor, nn

from faceinv.errors import InputError

DEVICE_VARIABLE = "FACEINV_DEVICE"
AUTO = "auto"
KINDS = ("cpu", "cuda", "mps")

Result = TypeVar("Result")

_own = threading.local()


def requested_device() -> str:
    """The device that ``FACEINV_DEVICE`` names, or ``auto``."""
    return os.environ.get(DEVICE_VARIABLE) or AUTO


def gpus() -> list[str]:
    """Names of the GPUs of this machine: ``cuda:0`` and so on, or ``mps``."""
    if torch.cuda.is_available():
        return [f"cuda:{number}" for number in range(torch.cuda.device_count())]
    return ["mps"] if torch.backends.mps.is_available() else []


def devices(name: str) -> list[str]:
    """The devices that a name stands for: several only where it is ``auto`` or ``cuda``.

    Raises
    ------
    InputError
        If the name is none of a device, or this machine has no such device.
    """
    there = gpus()
    if name == AUTO:
        return there or ["cpu"]
    kind, _, number = name.partition(":")
    if kind not in KINDS or (number and (kind != "cuda" or not number.isdecimal())):
        raise InputError(f"device is {name!r}; expected auto, cpu, cuda, cuda:1 (any number) or mps")
    if kind == "cpu":
        return ["cpu"]
    found = [each for each in there if each == name or (not number and each.partition(":")[0] == kind)]
    if not found:
        raise InputError(f"device is {name!r}; this machine has {', '.join(['cpu', *there])}")
    return found


def check_device(name: str) -> None:
    """Raise `InputError` unless this machine has a device of the name."""
    devices(name)


def current_device() -> str:
    """The device on which this thread computes: the one that it holds, or the first that is asked for."""
    return getattr(_own, "device", None) or devices(requested_device())[0]


@contextmanager
def computing_on(name: str) -> Iterator[None]:
    """While active, this thread computes on the device of a name."""
    before = getattr(_own, "device", None)
    _own.device = name
    try:
        yield
    finally:
        _own.device = before


def place(module: nn.Module) -> nn.Module:
    """A module on the device of this thread, in place; on the CPU nothing changes.

    GPUs compute in channels-last order and without TF32, whose products have ten bits, because relevance
    divides by sums that can be close to zero. Training, where rounding matters less, has bfloat16 instead.
    """
    name = current_device()
    if name == "cpu":
        return module
    torch.backends.cudnn.allow_tf32 = False
    return module.to(name, memory_format=torch.channels_last)  # type: ignore[call-overload]


def device_of(module: nn.Module) -> torch.device:
    """The device of a module's weights; the CPU if it has none."""
    return next((value.device for value in (*module.parameters(), *module.buffers())), torch.device("cpu"))


def in_batches(function: Callable[[Tensor], Result], inputs: Tensor, size: int) -> list[Result]:
    """Results of a function for batches of inputs, in order; batches are halved where memory runs out.

    A batch that does not fit is computed again as halves, and so are all that follow.

    Parameters
    ----------
    function : of a batch
    inputs : N x ...
    size : images of a batch

    Raises
    ------
    InputError
        If the memory of the device does not suffice for a single image.
    """
    results: list[Result] = []
    begin = 0
    while begin < len(inputs):
        try:
            results.append(function(inputs[begin : begin + size]))
        except torch.OutOfMemoryError as error:
            size = min(size, len(inputs) - begin) // 2
            if size < 1:
                raise InputError(
                    f"the memory of {current_device()} does not suffice for one image; expected a smaller "
                    "network or image, or another device"
                ) from error
            continue
        begin += size
    return results
