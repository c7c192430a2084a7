"""Kept memory: freed blocks are reused while a computation lasts, and go back to the system after it."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import nullcontext
from typing import Any

import numpy as np
import pandas as pd
import pytest

from faceinv.data.stimuli import Stimuli
from faceinv.data.tasks import Split
from faceinv.lrp.relevance import relevance
from faceinv.models.architectures import Specification, build
from faceinv.models.training import fit
from faceinv.models.training_config import TrainingConfig
from faceinv.runtime import device_slots, kept_memory

BLOCKS = """
import json, os, resource
import torch
from faceinv.runtime.kept_memory import kept_memory

torch.set_num_threads(1)
PAGE = resource.getpagesize()
BYTES = 64 * 2**20

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(4):
        torch.zeros(BYTES, dtype=torch.uint8)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

def held():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * PAGE / BYTES

faults()
found = {"before": faults(), "held before": held()}
with kept_memory():
    with kept_memory():
        faults()
    found["kept"], found["held"] = faults(), held()
found["after"], found["held after"] = faults(), held()
print(json.dumps(found))
"""
"""Prints how often four allocations of a block take a fresh page, and how many blocks the process holds."""


@pytest.mark.skipif(kept_memory._functions() is None, reason="this C library cannot keep memory")
def test_a_block_is_cleared_once_and_returned_at_the_end() -> None:
    found = json.loads(subprocess.run([sys.executable, "-c", BLOCKS], capture_output=True, check=True).stdout)
    # four blocks, of large pages or small ones, which the system counts alike
    assert found["after"] == pytest.approx(found["before"], rel=0.1)
    assert found["kept"] < 0.1 * found["before"]  # the block that the first call cleared serves all others
    assert found["held"] > found["held before"] + 0.8
    assert found["held after"] < found["held before"] + 0.2


def test_computations_of_a_grid_keep_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_memory, "_functions", lambda: (lambda *_: 1, lambda _: 1))
    assert device_slots.on_free_device(lambda: kept_memory._users) == 1
    assert kept_memory._users == 0


def test_an_error_ends_it_and_another_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []
    monkeypatch.setattr(
        kept_memory,
        "_functions",
        lambda: (lambda *given: calls.append(given), lambda _: calls.append("trim")),
    )
    with pytest.raises(ValueError, match="inside"), kept_memory.kept_memory():
        raise ValueError("inside")
    assert calls[-1] == "trim" and dict(calls[:-1]) == kept_memory.RETURNING  # set last
    monkeypatch.setattr(kept_memory, "_functions", lambda: None)
    count = len(calls)
    with kept_memory.kept_memory():
        pass
    assert len(calls) == count


def test_networks_and_maps_are_the_same_to_the_last_bit() -> None:
    network = build(Specification("resnet18", ("a", "b"), 0.25, 32, task="identity"))
    random = np.random.default_rng(0)
    table = pd.DataFrame({"identity": ["a", "b"] * 16, "view": [str(n) for n in range(32)]})
    faces = Stimuli(random.integers(0, 256, (32, 32, 32, 3), dtype=np.uint8), table)
    inputs = network.prepare(faces.images)
    found = []
    for context in (nullcontext, kept_memory.kept_memory):
        with context():
            learned, _ = fit(network, Split(faces, faces, faces), TrainingConfig(exposures=96))
            weights = [value.numpy() for value in learned.module.state_dict().values()]
            found.append([*weights, relevance(learned, inputs, 0)])
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)
