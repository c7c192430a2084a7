"""Step times: seconds an image that learning, answering and explaining take, measured or assumed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import torch
from torch import nn

from faceinv.lrp.relevance import relevance
from faceinv.models.architectures import Specification, build
from faceinv.models.footprints import footprint
from faceinv.models.training import UncompiledSGD, single_thread
from faceinv.models.training_config import fastest
from faceinv.models.zoo import architecture as named
from faceinv.runtime.kept_memory import kept_memory

RATES = {"cpu": 100e9, "gpu": 30e12}
"""Operations a second that a device is assumed to sustain (a multiply-add counts two), where none was timed:
a core of a present processor with bfloat16, as measured on a few architectures (70e9 to 280e9); and a GPU of
a data centre in training with mixed precision, a tenth of the 312e12 that the data sheet of an NVIDIA A100
gives for bfloat16. The latter is an assumption, not a measurement."""
CALL_SECONDS = {"cpu": 5e-6, "gpu": 25e-6}
"""Assumed time of a call, which small networks do not get below: one a layer and pass."""
TRAINING_PASSES = 3
"""A training step in forward passes: one forward, and one backward of twice the cost."""
RELEVANCE_PASSES = 4
"""A relevance map in forward passes, as measured on the CPU (`benchmarks/lrp.py`)."""


@dataclass(frozen=True)
class StepTimes:
    """Seconds an image for one network on one device.

    Attributes
    ----------
    training : of a training step
    forward : of a forward pass
    relevance : of a relevance map
    """

    training: float
    forward: float
    relevance: float


def assumed_steps(
    architecture: str, width: float, size: int, kind: str = "cpu", operations: float | None = None
) -> StepTimes:
    """Times on a device that sustains a number of operations a second.

    Parameters
    ----------
    architecture, width, size : of the network, and of its images in pixels
    kind : ``cpu`` (one core) or ``gpu``
    operations : by default those of `RATES`
    """
    cost, rate = footprint(architecture, width, size), operations or RATES[kind]
    batch = named(architecture).pace.batch

    def seconds(passes: float, images: int) -> float:
        computing = 2 * cost.multiplications / rate
        return passes * max(computing, cost.layers * CALL_SECONDS[kind] / images)

    return StepTimes(seconds(TRAINING_PASSES, batch), seconds(1, 64), seconds(RELEVANCE_PASSES, 64))


def operations_from(images_per_second: float, architecture: str, width: float, size: int) -> float:
    """Operations a second of a device that trains `images_per_second` of an architecture."""
    return images_per_second * TRAINING_PASSES * 2 * footprint(architecture, width, size).multiplications


def measured_steps(
    architecture: str,
    width: float,
    size: int,
    seconds: float = 4.0,
    device: str = "cpu",
    precision: str | None = None,
) -> StepTimes:
    """Times on a device of this machine, from a few steps in about so many seconds, in one thread.

    Batches are as large as in training, or as fit the time. Training is timed in `precision` (see
    `faceinv.models.training_config.TrainingConfig`), by default the fastest of the device.
    """
    specification = Specification(architecture, tuple("abcdefghij"), width, size)
    network = build(specification)
    module = network.module.to(device)
    optimiser = UncompiledSGD(module.parameters(), 1e-3, momentum=0.9, nesterov=True)
    precision = precision or fastest(device)
    images = torch.randn(named(architecture).pace.batch, 3, size, size)
    images = images.contiguous(memory_format=torch.channels_last).to(device)

    def learn(count: int) -> None:
        module.train()
        kind = torch.device(device).type
        with torch.autocast(kind, torch.bfloat16, enabled=precision == "bfloat16"):
            logits = module(images[:count]).flatten(1)
        loss = nn.functional.cross_entropy(logits.float(), torch.zeros(count, dtype=torch.long).to(device))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        loss.item()  # which waits for the device

    # other work on the machine does not count; a GPU works while this process waits
    clock = time.process_time if device == "cpu" else time.perf_counter

    def explain(count: int) -> None:
        relevance(network, images[:count].cpu(), 0)

    with single_thread(), kept_memory():
        training = _seconds_per_image(learn, len(images), seconds / 2, clock)
        module.eval()
        forward = _seconds_per_image(
            lambda count: network.logits(images[:count].cpu()), len(images), seconds / 4, clock
        )
        maps = _seconds_per_image(explain, len(images), seconds / 4, clock)
    return StepTimes(training, forward, maps)


def _seconds_per_image(
    step: Callable[[int], object], most: int, seconds: float, clock: Callable[[], float]
) -> float:
    """The median time an image of a step of as many images as fit; the first call, of two, warms up."""

    def timed(count: int) -> float:
        start = clock()
        step(count)
        return clock() - start

    begun = time.perf_counter()
    first = timed(2) / 2
    count = int(min(most, max(2, seconds / 3 / first)))
    found: list[float] = []
    while not found or time.perf_counter() - begun < seconds:
        found.append(timed(count) / count)
    return median(found)
