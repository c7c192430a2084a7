"""The benchmark of reading masks runs, and prints what it promises."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from conftest import REPOSITORY

SCRIPT = REPOSITORY / "benchmarks" / "generalization.py"


@pytest.mark.slow
def test_prints_one_json_object() -> None:
    options = ["--json", "--network", "resnet18", "--images", "40", "--size", "32"]
    options += ["--masks", "2", "--repeats", "1"]
    done = subprocess.run([sys.executable, SCRIPT, *options], capture_output=True, text=True, check=True)
    result = json.loads(done.stdout)
    assert 0 < result["share_of_inference"] < 2
    assert result["network"] == "resnet18" and result["images"] == 40
