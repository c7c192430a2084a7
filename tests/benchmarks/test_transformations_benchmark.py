"""The benchmark of transformations runs, prints what it promises, and compares like with like."""

from __future__ import annotations

import importlib.util
import json
import math
import subprocess
import sys

import numpy as np
import pytest
import torch
from conftest import REPOSITORY

from faceinv.perturbations.transformations import PUBLISHED, TRANSFORMATIONS

SCRIPT = REPOSITORY / "benchmarks" / "transformations.py"


@pytest.mark.slow
def test_prints_one_json_object() -> None:
    options = ["--json", "--width", "0.1", "--images", "2", "--size", "32", "--repeats", "1"]
    done = subprocess.run([sys.executable, SCRIPT, *options], capture_output=True, text=True, check=True)
    result = json.loads(done.stdout)
    rows = result["widths"]["0.1"]["transformations"]
    assert list(rows) == list(PUBLISHED)
    shares = [row["share_of_forward"] for row in rows.values()]
    assert all(math.isfinite(share) and share > 0 for share in shares)
    assert result["worst_share_of_forward"] == max(shares)


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_loop_does_what_the_batch_does(name: str) -> None:
    spec = importlib.util.spec_from_file_location("benchmark", SCRIPT)
    assert spec is not None and spec.loader is not None
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    pixels = np.full((4, 64, 64, 3), 128, np.uint8)
    pixels[:, 20:44, 20:44] = np.random.default_rng(0).integers(0, 256, (4, 24, 24, 3))
    transformation = TRANSFORMATIONS[name]
    level = transformation.levels[2]
    images = torch.from_numpy(pixels).permute(0, 3, 1, 2) / 255
    # Pillow rounds to 8 bits at each step, and blurs with boxes
    difference = (benchmark.loop(pixels, name, level) - transformation(images, level)).abs()
    assert difference.mean() < 0.003 and difference.max() < 0.06
