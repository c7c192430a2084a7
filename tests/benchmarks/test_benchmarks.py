"""The benchmarks run, and print what they promise."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from typing import Any

import pytest
from conftest import REPOSITORY

from faceinv.lrp.composites import COMPOSITES

BENCHMARKS = REPOSITORY / "benchmarks"


def run(name: str, *options: str) -> Any:
    command = [sys.executable, str(BENCHMARKS / f"{name}.py"), *options]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
def test_lrp_prints_one_json_object() -> None:
    options = ["--network", "vgg11_bn", "--images", "2", "--size", "32", "--repeats", "1"]
    cost = json.loads(run("lrp", "--json", *options))["networks"]["vgg11_bn"]["cost"]
    assert list(cost) == list(COMPOSITES)
    for row in cost.values():
        assert all(math.isfinite(row[who]) and row[who] > 0 for who in ("faceinv", "zennit", "captum"))
        assert row["captum rules"]


@pytest.mark.slow
def test_rendering_prints_one_json_object() -> None:
    options = ["--size", "24", "--samples", "1", "--views", "5", "--repeats", "2"]
    result = json.loads(run("rendering", "--json", *options))
    assert result["images_per_second"] > 0
    assert {name: part["calls"] for name, part in result["parts"].items()} == {
        "texture of an identity": 1,
        "shape of an identity or expression": 2,
        "view: image and region map": 5,
        "finish: grey, controlled, 8 bits": 5,
    }
    shares = [part["share"] for part in result["parts"].values()]
    assert min(shares) > 0 and sum(shares) < 1  # no step lies in another, and something else takes time too
    assert "images per second in one process" in run("rendering", *options)


@pytest.mark.slow
def test_kinds_prints_the_rate_of_each_set() -> None:
    options = ["--size", "16", "--samples", "1", "--images", "1", "--classes", "4"]
    result = json.loads(run("kinds", "--json", *options))
    assert list(result["images_per_second"]) == ["objects", "textures", "everything"]
    assert all(rate > 0 for rate in result["images_per_second"].values())
    assert {len(times) for times in result["milliseconds"].values()} == {4}
    assert "images a second: textures; slowest:" in run("kinds", *options)


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads memory from /proc")
def test_memory_prints_the_peak_of_each_step() -> None:
    result = json.loads(run("memory", "--json", "--images", "1000", "--size", "64"))
    assert result["images"] == 1000 and result["bytes"] == 1000 * 64 * 64 * 4
    assert list(result["peaks"]) == ["before", "join", "split", "one pass of training", "test"]
    assert all(peak["own"] > result["bytes"] for peak in result["peaks"].values())
