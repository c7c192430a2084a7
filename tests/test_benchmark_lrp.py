"""The benchmark of relevance runs, and prints what it promises."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

from faceinv.lrp.composites import COMPOSITES

SCRIPT = Path(__file__).resolve().parents[1] / "benchmarks" / "lrp.py"


def test_prints_one_json_object() -> None:
    options = ["--json", "--network", "vgg11_bn", "--images", "2", "--size", "32", "--repeats", "1"]
    done = subprocess.run([sys.executable, SCRIPT, *options], capture_output=True, text=True, check=True)
    cost = json.loads(done.stdout)["networks"]["vgg11_bn"]["cost"]
    assert list(cost) == list(COMPOSITES)
    for row in cost.values():
        assert all(math.isfinite(row[who]) and row[who] > 0 for who in ("faceinv", "zennit", "captum"))
        assert row["captum rules"]
