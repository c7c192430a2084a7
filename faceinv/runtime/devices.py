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
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import torch
from torch import nn

from faceinv.errors import InputError
from faceinv.runtime.environment import DEVICE_VARIABLE, SCHEDULER_VARIABLE

AUTO = "auto"
DEVICE_NAME = re.compile(r"cpu|mps|cuda(:\d+)?")
"""What a device can be called, besides `AUTO`."""

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
    if not DEVICE_NAME.fullmatch(name):
        raise InputError(f"device is {name!r}; expected auto, cpu, cuda, cuda:1 (any number) or mps")
    if name == "cpu":
        return ["cpu"]
    found = [each for each in there if name in (each, each.partition(":")[0])]
    if not found:
        raise InputError(f"device is {name!r}; this machine has {', '.join(['cpu', *there])}")
    return found


def check_device(name: str) -> None:
    """Raise `InputError` unless this machine has a device of the name."""
    devices(name)


def current_device() -> str:
    """The device on which this thread computes: the one that it holds, or the first that is asked for.

    With a scheduler, the device that is asked for is that of its workers; this process has what is here.
    """
    held: str | None = getattr(_own, "device", None)
    return held or devices(AUTO if os.environ.get(SCHEDULER_VARIABLE) else requested_device())[0]


def learning_device() -> str:
    """The device on which networks learn: here, or as it is asked for on the workers of a scheduler."""
    return current_device() if requested_device() == AUTO else requested_device()


def device_name() -> str:
    """The device of this process as a record names it, such as ``cuda:0, NVIDIA A100``."""
    name = current_device()
    return f"{name}, {torch.cuda.get_device_name(name)}" if name.startswith("cuda") else name


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


def in_batches(function: Callable[[slice], Result], total: int, size: int) -> list[Result]:
    """Results of a function for batches of images, in order; batches are halved where memory runs out.

    A batch that does not fit is computed again as halves, and so are all that follow.

    Parameters
    ----------
    function : of the slice of a batch; it is called once where there are no images
    total : number of images
    size : images of a batch

    Raises
    ------
    InputError
        If the memory of the device does not suffice for a single image.
    """
    results: list[Result] = []
    begin = 0
    while begin < total or not results:
        try:
            results.append(function(slice(begin, begin + size)))
        except torch.OutOfMemoryError as error:
            size = min(size, total - begin) // 2
            if size < 1:
                raise InputError(
                    f"the memory of {current_device()} does not suffice for one image; expected a smaller "
                    "network or image, or another device"
                ) from error
            continue
        begin += size
    return results
