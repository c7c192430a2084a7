"""The code of the page on one's own network, and that of the README, does what they say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from conftest import REPOSITORY

from faceinv.models.architectures import Specification, build


def blocks(page: str) -> list[str]:
    """The Python code of a page, block by block."""
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def execute(code: str, names: dict[str, Any]) -> dict[str, Any]:
    exec(compile(code, "page", "exec"), names)
    return names


@pytest.mark.slow
@pytest.mark.parametrize(("block", "maps"), [(0, (4, 64, 64)), (1, (12, 28, 28))])
def test_the_page_does_it_for_two_networks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int, maps: tuple[int, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    code = blocks("book/your_own_network.md")
    assert len(code) == 2
    found = execute(code[block], {"__name__": "page"})
    assert found["maps"].shape == maps and np.abs(found["maps"]).max() > 0
    assert found["kept"]["accuracy"].between(0, 1).all() and "relevance" in set(found["kept"]["mask"])
    assert found["tolerance"]["level"].iloc[0] == 0
    assert found["explorer"].heatmap.shape == maps[1:]
    (graph,) = tmp_path.glob("*.onnx")
    assert [output.name for output in onnx.load(graph).graph.output] == ["logits", "heatmap"]


def test_the_page_keeps_to_ten_lines() -> None:
    for code in blocks("book/your_own_network.md"):
        used = [line for line in code.splitlines() if "faceinv" in line]
        assert 5 <= len(used) <= 10


@pytest.mark.slow
def test_the_readme_does_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    network = build(Specification("vgg16_bn", ("female", "male"), 0.0625, 64))
    network.save("book/chapters/02_networks/gender-vgg16_bn-0.safetensors")
    names: dict[str, Any] = {"__name__": "page"}
    for code in blocks("README.md"):
        execute(code, names)
    assert names["maps"].shape == (12, 64, 64)
    assert names["explorer"].image == 2 and names["explorer"].composite == "epsilon"
