"""torchvision without PyTorch's compiler: it is whole, and the compiler is there for who asks."""

from __future__ import annotations

import subprocess
import sys

import pytest

BUILD = """
import sys, torch
from faceinv.models.architectures import Specification, build
from faceinv.models.training import UncompiledSGD
for name in ("vgg16_bn", "googlenet", "densenet121", "squeezenet1_1_bn"):
    network = build(Specification(name, ("a", "b")))
    network.logits(torch.zeros(1, 3, 64, 64))
weight = torch.ones(2, requires_grad=True)
optimiser = UncompiledSGD([weight], 0.5, momentum=0.9, nesterov=True, fused=True)
schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1.0)
for _ in range(2):
    optimiser.zero_grad()
    weight.sum().backward()
    optimiser.step()
    schedule.step()
assert torch.allclose(weight, torch.full((2,), 1 - 0.5 * 1.9 - 0.5 * 2.71)), weight
assert "torch._dynamo" not in sys.modules
"""

ASKED = """
import torchvision
boxes = torch.tensor([[0.0, 0, 0, 4, 4]])
assert torchvision.ops.roi_align(torch.rand(1, 3, 8, 8), boxes, 2).shape == (1, 3, 2, 2)
assert torch.compile(lambda x: x + 1, backend="eager")(torch.ones(1)) == 2
"""

GIVES_WAY = """
from faceinv.runtime.torchvision_import import without_dynamo
import sys
with without_dynamo():
    from torch._dynamo.utils import counters
    assert type(sys.modules["torch._dynamo.utils"]).__name__ == "module"
assert isinstance(counters, dict)
"""

MODULE_OF_IT = """
from faceinv.runtime.torchvision_import import without_dynamo
with without_dynamo():
    import torch._dynamo.config
assert torch._dynamo.config.verbose is False
assert torch.compile(lambda x: x + 1, backend="eager")(torch.ones(1)) == 2
"""


def run(code: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_networks_are_built_run_and_updated_without_the_compiler() -> None:
    run(BUILD)


@pytest.mark.slow
def test_the_compiler_is_there_for_who_asks() -> None:
    run(BUILD + ASKED)


@pytest.mark.slow
def test_a_stand_in_gives_way_to_the_compiler() -> None:
    run(GIVES_WAY)
    run(MODULE_OF_IT)
